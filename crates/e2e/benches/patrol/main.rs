//! How soon a recording is known when events get lost, in a company of ten thousand, and what that costs in
//! calls: a whole day on the stand-in's clock, with and without an administrator's grant. Prints a table for
//! docs/BENCHMARKS.md.
//!
//!     cargo bench -p e2e --bench patrol [-- --members 10000] [--meetings 8000] [--hours 24] [--json] [with] [without]

mod company;
mod course;
mod day;

use serde_json::{Value, json};

use crate::company::{HOUR_MS, MIDNIGHT_MS, MINUTE_MS, Setting, on_standing_time};
use crate::course::Course;
use crate::day::{Kind, Meeting};

/// Everybody authorises so long before the day, so that by then everybody has been looked at.
const BEFORE_MS: i64 = 4 * HOUR_MS;
const SHARE: f64 = 0.8;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--list") {
        return;
    }
    let number = |name: &str, usual: usize| {
        let at = arguments.iter().position(|argument| argument == name);
        at.map_or(usual, |at| arguments[at + 1].parse().expect("a number"))
    };
    let (members, meetings) = (number("--members", 10_000), number("--meetings", 8_000));
    let hours = i64::try_from(number("--hours", 24)).expect("some hours");
    let untold = members / 250;
    let kind = Kind {
        meetings,
        members,
        untold,
        lost_percent: 5,
        hours: MIDNIGHT_MS..MIDNIGHT_MS + hours * HOUR_MS,
    };
    let is_wanted = |name: &str| {
        arguments.iter().any(|it| it == name) || !arguments.iter().any(|it| it == "with" || it == "without")
    };
    let mut tables = Vec::new();
    for (name, with_record) in [("without", false), ("with", true)] {
        if is_wanted(name) {
            let setting = Setting {
                members,
                untold,
                with_record,
                share: SHARE,
                history: None,
                begins_ms: MIDNIGHT_MS - BEFORE_MS,
            };
            let course = on_standing_time(Course::run(&setting, &kind));
            tables.push(describe(name, &kind, with_record, &course));
        }
    }
    if arguments.iter().any(|argument| argument == "--json") {
        println!("{:#}", Value::from(tables));
    } else {
        tables.iter().for_each(print);
    }
}

fn describe(name: &str, kind: &Kind, with_record: bool, course: &Course) -> Value {
    let told = |it: &Meeting| !it.is_lost && !it.is_untold;
    let mut rows = vec![
        waits("events that came", &course.waits_ms(told)),
        waits("events that were lost", &course.waits_ms(|it| it.is_lost)),
        waits("members without a working subscription", &course.waits_ms(|it| it.is_untold)),
        waits("all", &course.waits_ms(|_| true)),
    ];
    let [all, untold] = course.longest_unseen_ms.map(duration);
    rows.push(json!({ "what": "longest time without a look: anybody", "figure": all }));
    rows.push(
        json!({ "what": "longest time without a look: without a working subscription", "figure": untold }),
    );
    rows.push(json!({ "what": "answers of 429", "figure": course.over_limit }));
    for (api, count) in &course.calls {
        let least = least(api, kind, with_record, course);
        rows.push(json!({ "what": format!("calls of {api}"), "figure": count, "least": least }));
    }
    json!({ "grant": name, "rows": rows })
}

/// The fewest calls that could keep the promises, where there is such a number.
fn least(api: &str, kind: &Kind, with_record: bool, course: &Course) -> Option<u64> {
    let meetings = || course.recordings.iter().map(|(meeting, _)| meeting);
    let day_ms = kind.hours.end - kind.hours.start;
    let looks = |members: usize, every_ms: i64| members as u64 * (day_ms / every_ms).unsigned_abs();
    match api {
        // Everybody every three hours, and every five minutes of whom no event tells.
        "minutes.search" => {
            Some(looks(kind.members - kind.untold, 3 * HOUR_MS) + looks(kind.untold, 5 * MINUTE_MS))
        }
        // In each ten minutes one page for each hundred meetings that ended, and one to know that none did.
        "vc.meeting_list" if with_record => {
            let slots = day_ms / (10 * MINUTE_MS);
            let ended = |slot: i64| {
                let from_ms = kind.hours.start + slot * 10 * MINUTE_MS;
                meetings().filter(|it| (from_ms..from_ms + 10 * MINUTE_MS).contains(&it.end_ms)).count()
                    as u64
            };
            Some((0..slots).map(|slot| ended(slot).div_ceil(100).max(1)).sum())
        }
        // Each of which no event told, once.
        "vc.meeting.recording" => Some(meetings().filter(|it| it.is_lost || it.is_untold).count() as u64),
        "minutes.subscription" => Some(kind.members as u64),
        _ => None,
    }
}

fn waits(what: &str, waits_ms: &[i64]) -> Value {
    let at = |part: usize| waits_ms.get((waits_ms.len() * part / 100).min(waits_ms.len().saturating_sub(1)));
    let said = |wait: Option<&i64>| wait.map_or("—".to_owned(), |wait| duration(*wait));
    let figure = format!("{} / {} / {}", said(at(50)), said(at(99)), said(waits_ms.last()));
    let what = format!("minute exists → known, p50 / p99 / max: {what} ({})", waits_ms.len());
    json!({ "what": what, "figure": figure, "p50_ms": at(50), "p99_ms": at(99), "max_ms": waits_ms.last() })
}

fn duration(ms: i64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "hours")]
    let seconds = ms as f64 / 1_000.0;
    if seconds < 120.0 { format!("{seconds:.1} s") } else { format!("{:.1} min", seconds / 60.0) }
}

fn print(table: &Value) {
    println!(
        "\n| {} the grant | figure | least |\n| --- | --- | --- |",
        table["grant"].as_str().unwrap_or_default()
    );
    for row in table["rows"].as_array().into_iter().flatten() {
        let text = |name: &str| row[name].as_str().map_or_else(|| row[name].to_string(), str::to_owned);
        let least = if row["least"].is_null() { String::new() } else { text("least") };
        println!("| {} | {} | {least} |", text("what"), text("figure"));
    }
}

//! `/storage`: what takes up the room, and how long what is kept. Administrators make and switch rules and look after
//! the trash; auditors see all of it, and place and lift legal holds as administrators do. Looking is a deed.

mod holds;
mod rows;
mod rules;
mod trash;

use std::collections::BTreeMap;

use archive::audit::Verb;
use archive::model::Role;
use archive::retention::{MonthUsage, PersonUsage, ScrubStanding, Usage};
use archive::store::{DiskRoom, Quarantined};
use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;

use self::rows::{FaultRow, HoldRow, RuleRow, TrashRow, bytes};
use super::{Rooms, not_now};
use crate::page::{Frame, show};
use crate::session::{Overseer, SignedIn};
use crate::visitor::Visitor;
use crate::words::Words;

const DAY_MS: i64 = 86_400_000;
/// People who are shown one by one.
const MOST_PEOPLE: usize = 20;
const MONTHS: u16 = 12;
/// Of the trash on one page, and of files that are not what they were.
const MOST_ROWS: i64 = 100;
/// More of it helps nobody who reads.
const MOST_QUARANTINED: usize = 100;
/// A file that was read again in this time counts as lately read.
const READ_AGAIN_DAYS: i64 = 30;

pub(super) fn router() -> Router<Rooms> {
    Router::new()
        .route("/storage", get(page))
        .route("/storage/rules/{rule}", get(rules::page))
        .route("/storage/rules", post(rules::make))
        .route("/storage/rules/on", post(rules::switch_on))
        .route("/storage/rules/off", post(rules::switch_off))
        .route("/storage/rules/forget", post(rules::forget))
        .route("/storage/holds", post(holds::place))
        .route("/storage/holds/lift", post(holds::lift))
        .route("/storage/trash", post(trash::put))
        .route("/storage/restore", post(trash::restore))
        .route("/storage/restore-all", post(trash::restore_all))
}

/// A name and a figure or two.
struct Fact {
    name: String,
    figure: String,
    note: String,
    /// `good`, `warn`, `bad`, or empty: neither.
    mood: &'static str,
}

/// A row of a table of usage.
struct Share {
    name: String,
    count: i64,
    size: String,
}

/// All that one rule has put in the trash.
struct RuleTake {
    rule: String,
    /// What that takes, as a sentence; its number, where it was deleted since.
    what: String,
    /// What the button says.
    said: String,
}

struct Aside {
    path: String,
    size: String,
    /// Why it is there; empty where its note has no word for it.
    reason: String,
    /// What exactly is wrong with it, as whoever set it aside wrote.
    detail: String,
    found: String,
}

#[derive(Template)]
#[template(path = "storage.html")]
struct StoragePage<'a> {
    title: String,
    is_administrator: bool,
    room: Vec<Fact>,
    people: Vec<Share>,
    months: Vec<Share>,
    rules: Vec<RuleRow>,
    holds: Vec<HoldRow>,
    lifted: Vec<HoldRow>,
    trash_size: String,
    trash: Vec<TrashRow>,
    /// What rules have put there.
    by_rules: Vec<RuleTake>,
    /// The query of the page with what has lain in the trash for longer.
    older: Option<String>,
    scrub: Vec<Fact>,
    /// Of what was found damaged or gone: the recording, its part, and what is wrong.
    faults: Vec<FaultRow>,
    /// None: the disk cannot be asked.
    quarantine: Option<Vec<Aside>>,
    /// Whether there may be more of these than are listed.
    faults_are_cut: bool,
    quarantine_is_cut: bool,
    frame: Frame<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wish {
    /// Of the trash only what is behind this row: `<since when, unix ms>.<minute_token>`.
    older: Option<String>,
}

async fn page(
    State(rooms): State<Rooms>,
    visitor: Visitor,
    Overseer(who): Overseer,
    uri: Uri,
) -> Result<Response, Response> {
    rooms.record(&who.deed(Verb::Viewed, "storage", None)).await?;
    let (catalog, moments, words) = (&rooms.catalog, rooms.moments(&visitor), visitor.words);
    let now_ms = moments.now_ms;
    let names = rooms.names().await?;
    let (usage, months, in_trash, scrub) = tokio::try_join!(
        catalog.usage_by_person(MOST_PEOPLE),
        catalog.usage_by_month(&moments.zone, now_ms, MONTHS),
        catalog.trash_size(),
        catalog.scrub_standing(now_ms - READ_AGAIN_DAYS * DAY_MS),
    )
    .map_err(not_now)?;
    let kept_bytes = usage.others_bytes + usage.most.iter().map(|it| it.bytes).sum::<i64>();
    let mut rules = Vec::new();
    for rule in catalog.rules().await.map_err(not_now)? {
        let would = catalog.would_take(&rule, now_ms).await.map_err(not_now)?;
        rules.push(RuleRow::new(rule, would, &names, &moments, words));
    }
    let holds = catalog.holds(true).await.map_err(not_now)?;
    let row = |hold| HoldRow::new(hold, &names, &moments, words);
    let (lifted, holds): (Vec<_>, Vec<_>) = holds.into_iter().partition(|hold| hold.lifted_at.is_some());
    let wish = Query::<Wish>::try_from_uri(&uri).map(|query| query.0).unwrap_or_default();
    let behind = wish.older.as_deref().and_then(|row| row.split_once('.'));
    let behind = behind.and_then(|(at_ms, token)| Some((at_ms.parse().ok()?, token)));
    let trash = catalog.trash(behind, MOST_ROWS).await.map_err(not_now)?;
    let is_full = i64::try_from(trash.len()).is_ok_and(|count| count >= MOST_ROWS);
    let last = trash.last().filter(|_| is_full);
    let faults = catalog.open_faults(MOST_ROWS).await.map_err(not_now)?;
    let by_rules = catalog.trashed_by_rules().await.map_err(not_now)?;
    let take = |(rule, count): (String, i64)| {
        let what = rules.iter().find(|it| it.id == rule).map_or_else(|| rule.clone(), |it| it.what.clone());
        let said = words.say_with("storage-restore-all", &[("count", count.into())]);
        RuleTake { rule, what, said }
    };
    let quarantine = rooms.office.store.list_quarantine(MOST_QUARANTINED).await.ok();
    let frame = Frame::of(&rooms.site, &visitor, &who, "/storage");
    let page = StoragePage {
        title: frame.say("storage-title"),
        faults_are_cut: i64::try_from(faults.len()).is_ok_and(|count| count >= MOST_ROWS),
        quarantine_is_cut: quarantine.as_ref().is_some_and(|list| list.len() >= MOST_QUARANTINED),
        by_rules: by_rules.into_iter().map(take).collect(),
        is_administrator: is_administrator(&who),
        room: room(rooms.office.store.room().await.ok(), kept_bytes, in_trash.bytes, words),
        people: people(usage, &names, words),
        months: months.into_iter().map(|month| in_month(month, &moments.zone, words)).collect(),
        rules,
        holds: holds.into_iter().map(row).collect(),
        lifted: lifted.into_iter().map(row).collect(),
        trash_size: words.say_with(
            "storage-trash-size",
            &[("count", in_trash.count.into()), ("size", bytes(in_trash.bytes).into())],
        ),
        older: last.map(|it| format!("older={}.{}#trash", it.trashed_at, it.minute_token)),
        trash: trash.into_iter().map(|it| TrashRow::new(it, &names, &moments, words)).collect(),
        faults: faults.iter().map(|it| FaultRow::new(it, is_administrator(&who), words)).collect(),
        scrub: scrubbed(&scrub, &moments, words),
        quarantine: quarantine.map(|list| list.into_iter().map(|it| aside(it, &moments, words)).collect()),
        frame,
    };
    Ok(show(StatusCode::OK, &page))
}

fn is_administrator(who: &SignedIn) -> bool {
    who.viewer.role == Role::Administrator
}

fn room(room: Option<DiskRoom>, kept_bytes: i64, trash_bytes: i64, words: Words) -> Vec<Fact> {
    let plain =
        |key: &str, figure: String| Fact { name: words.say(key), figure, note: String::new(), mood: "" };
    let mut facts =
        vec![plain("storage-kept", bytes(kept_bytes)), plain("storage-in-trash", bytes(trash_bytes))];
    let Some(room) = room else {
        let (name, note) = (words.say("storage-usable"), words.say("overview-room-unknown"));
        facts.push(Fact { name, figure: words.say("overview-unknown"), note, mood: "bad" });
        return facts;
    };
    let floor = words.say_with("storage-floor", &[("size", crate::amounts::size(room.floor_bytes).into())]);
    facts.push(plain("storage-free", crate::amounts::size(room.free_bytes)));
    facts.push(Fact {
        name: words.say("storage-usable"),
        figure: crate::amounts::size(room.usable_bytes),
        note: floor,
        mood: if room.usable_bytes == 0 { "bad" } else { "" },
    });
    facts
}

fn people(usage: Usage, names: &BTreeMap<String, String>, words: Words) -> Vec<Share> {
    let share = |it: PersonUsage| Share {
        name: match names.get(&it.open_id) {
            Some(name) => name.clone(),
            None if it.open_id.is_empty() => words.say("coverage-owner-unknown"),
            None => it.open_id,
        },
        count: it.count,
        size: bytes(it.bytes),
    };
    let mut shares: Vec<Share> = usage.most.into_iter().map(share).collect();
    if usage.others > 0 {
        shares.push(Share {
            name: words.say_with("storage-others", &[("count", usage.others.into())]),
            count: usage.others_count,
            size: bytes(usage.others_bytes),
        });
    }
    shares
}

fn in_month(month: MonthUsage, zone: &jiff::tz::TimeZone, words: Words) -> Share {
    let begins = month.from_ms.and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    let name = begins.map(|at| at.to_zoned_datetime(zone.clone()).strftime("%Y-%m").to_string());
    let name = name.unwrap_or_else(|| words.say("storage-earlier"));
    Share { name, count: month.count, size: bytes(month.bytes) }
}

fn scrubbed(scrub: &ScrubStanding, moments: &crate::moments::Moments, words: Words) -> Vec<Fact> {
    let fact =
        |key: &str, figure: String, mood| Fact { name: words.say(key), figure, note: String::new(), mood };
    let read = format!("{} / {}", scrub.read_again, scrub.files);
    let faults_mood = match scrub.open_faults {
        0 if scrub.read_again > 0 => "good",
        0 => "",
        _ => "bad",
    };
    vec![
        fact("storage-read-again", read, ""),
        fact("storage-last-read", moments.say_with_distance(scrub.last_at, words), ""),
        fact("storage-oldest-read", moments.say_with_distance(scrub.oldest_at, words), ""),
        fact("storage-faults", scrub.open_faults.to_string(), faults_mood),
    ]
}

fn aside(it: Quarantined, moments: &crate::moments::Moments, words: Words) -> Aside {
    Aside {
        path: it.path.display().to_string(),
        size: crate::amounts::size(it.bytes),
        reason: it.reason.map(|reason| words.reason(reason)).unwrap_or_default(),
        detail: it.why,
        found: moments.say(it.found_ms),
    }
}

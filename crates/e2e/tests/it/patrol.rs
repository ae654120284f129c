//! The patrol of a company that is as large for its share as ten thousand are for the usual one, over some hours of
//! the stand-in's clock.

#[path = "../../benches/patrol/company.rs"]
mod company;
#[path = "../../benches/patrol/course.rs"]
mod course;
#[path = "../../benches/patrol/day.rs"]
mod day;

use std::time::Duration;

use self::company::{HOUR_MS, MIDNIGHT_MS, MINUTE_MS, Setting, on_standing_time};
use self::course::Course;
use self::day::Kind;

const MEMBERS: usize = 600;
const UNTOLD: usize = 4;

#[test]
fn everybody_is_seen_in_time_within_the_share_and_what_events_lose_is_found() {
    let setting = Setting {
        members: MEMBERS,
        untold: UNTOLD,
        with_record: false,
        share: 0.06,
        // Whatever the patrol leaves of the searches, history takes.
        history: Some(Duration::from_hours(24 * 60)),
        begins_ms: MIDNIGHT_MS - 3 * HOUR_MS,
    };
    let hours = MIDNIGHT_MS..MIDNIGHT_MS + 3 * HOUR_MS;
    let kind = Kind { meetings: 200, members: MEMBERS, untold: UNTOLD, lost_percent: 10, hours };
    let course = on_standing_time(Course::run(&setting, &kind));

    assert_eq!(course.over_limit, 0, "the platform had to say 429");
    let [anybody, untold] = course.longest_unseen_ms;
    assert!(anybody <= 3 * HOUR_MS, "somebody was not seen for {} min", anybody / MINUTE_MS);
    assert!(untold <= 6 * MINUTE_MS, "of whom no event tells: not seen for {} min", untold / MINUTE_MS);
    let longest = |waits: Vec<i64>| *waits.last().expect("some recordings");
    assert!(longest(course.waits_ms(|it| !it.is_lost && !it.is_untold)) < MINUTE_MS, "events tell at once");
    assert!(longest(course.waits_ms(|it| it.is_untold)) <= 5 * MINUTE_MS + MINUTE_MS / 2);
    assert!(longest(course.waits_ms(|it| it.is_lost)) <= 3 * HOUR_MS);
}

#[test]
fn with_the_companys_record_whatever_is_recorded_is_known_within_ten_minutes() {
    let setting = Setting {
        members: 100,
        untold: 0,
        with_record: true,
        share: 0.01,
        history: None,
        begins_ms: MIDNIGHT_MS - HOUR_MS,
    };
    let hours = MIDNIGHT_MS..MIDNIGHT_MS + 4 * HOUR_MS;
    let kind = Kind { meetings: 300, members: 100, untold: 0, lost_percent: 100, hours };
    let course = on_standing_time(Course::run(&setting, &kind));
    assert_eq!(course.over_limit, 0, "the platform had to say 429");
    let (last, waits) = (10 * MINUTE_MS, course.waits_ms(|_| true));
    assert!(waits.iter().all(|wait| *wait <= last), "the longest: {} s", waits[waits.len() - 1] / 1_000);
    // Every eight minutes what goes on and what has just ended, and every hour what has settled.
    let calls = course.calls["vc.meeting_list"];
    assert!((60..90).contains(&calls), "{calls} calls for the company's record");
}

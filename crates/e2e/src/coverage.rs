//! What coverage must say, from the stand-in's own truth, and what the program says, in the same form.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::Platform;

/// The columns in which a recording can be counted.
pub const OUTCOMES: [&str; 8] =
    ["archived", "waiting", "no_media", "denied", "not_authorised", "deleted", "failed", "unknown"];

/// How many recordings there are by owner (open_id), Monday of the week (unix ms) and outcome. Zeros are left out.
pub type Lines = BTreeMap<(String, i64, &'static str), i64>;

const WEEK_MS: i64 = 7 * 86_400_000;
const BEIJING_MS: i64 = 8 * 3_600_000;
const FIRST_MONDAY_MS: i64 = 4 * 86_400_000;

/// What is to be seen of a company.
pub struct Sight<'a> {
    /// Who has authorised, by open_id.
    pub authorised: &'a BTreeSet<String>,
    /// When the program first heard of anything, unix ms.
    pub found_ms: i64,
    /// Whether the company's own record is open.
    pub has_record: bool,
}

/// The truth, in Beijing's weeks: each recording that can be known of under what must have become of it, and each
/// recorded meeting whose recording nobody can know.
pub async fn truth(platform: &Platform, sight: &Sight<'_>) -> Lines {
    let minutes = platform.minutes_quickly().await;
    let mut lines = Lines::new();
    let mut count = |owner: &Value, at: &Value, outcome| {
        let owner = owner.as_str().expect("an owner").to_owned();
        *lines.entry((owner, monday(at.as_i64().expect("a time")), outcome)).or_default() += 1;
    };
    for minute in minutes.iter().filter(|minute| can_be_known(minute, sight)) {
        let outcome = became(minute, sight);
        // When something was made that nobody may look at, only the company's record can tell, or its meeting's end.
        let has_time = sight.has_record
            || minute["announce"] == "meeting_ended"
            || !matches!(outcome, "not_authorised" | "deleted");
        let at = if has_time { minute["created_ms"].clone() } else { sight.found_ms.into() };
        count(&minute["owner"], &at, outcome);
    }
    let meetings = platform.get("_sim/meetings").await;
    for meeting in meetings["meetings"].as_array().into_iter().flatten() {
        let Some(token) = meeting["minute"].as_str() else { continue };
        if sight.has_record && minutes.iter().all(|minute| minute["token"] != token) {
            count(&meeting["owner"], &meeting["start_ms"], "unknown");
        }
    }
    lines
}

/// What the program says, from `coverage --json`.
#[must_use]
pub fn shown(coverage: &Value) -> Lines {
    let mut lines = Lines::new();
    for person in coverage["people"].as_array().into_iter().flatten() {
        let owner = person["open_id"].as_str().unwrap_or_default();
        for week in person["weeks"].as_array().into_iter().flatten() {
            for outcome in OUTCOMES {
                let count = week[outcome].as_i64().unwrap_or_default();
                if count > 0 {
                    let from_ms = week["from_ms"].as_i64().expect("a Monday");
                    lines.insert((owner.to_owned(), from_ms, outcome), count);
                }
            }
        }
    }
    lines
}

/// Asserts that the program says what is true, naming each line that differs.
pub fn assert_same(shown: &Lines, truth: &Lines) {
    let differ: Vec<String> = shown
        .keys()
        .chain(truth.keys())
        .collect::<BTreeSet<_>>()
        .into_iter()
        .filter(|key| shown.get(*key) != truth.get(*key))
        .map(|key| format!("{key:?}: shown {:?}, true {:?}", shown.get(key), truth.get(key)))
        .collect();
    assert!(differ.is_empty(), "{} lines differ:\n{}", differ.len(), differ.join("\n"));
}

/// Somebody who authorised owns it, or an event told of it, or the company's record has its meeting.
fn can_be_known(minute: &Value, sight: &Sight<'_>) -> bool {
    // A search no longer lists what is deleted.
    let is_own = minute["deleted"] != true
        && minute["owner"].as_str().is_some_and(|owner| sight.authorised.contains(owner));
    let is_told = matches!(minute["announce"].as_str(), Some("recording_ready" | "meeting_ended"));
    is_own || is_told || (sight.has_record && minute["meeting_id"].is_string())
}

fn became(minute: &Value, sight: &Sight<'_>) -> &'static str {
    let is_authorised = |person: &&Value| person.as_str().is_some_and(|id| sight.authorised.contains(id));
    let can_see = |list: &Value| list.as_array().into_iter().flatten().any(|person| is_authorised(&person));
    // Through viewers a recording is reached only once the patrol has seen it with their grant.
    if !is_authorised(&&minute["owner"]) && !can_see(&minute["viewers"]) {
        return "not_authorised";
    }
    if minute["deleted"] == true {
        return "deleted";
    }
    if minute["media"].is_null() {
        return "no_media";
    }
    if minute["is_ready"] == false {
        return "waiting";
    }
    if !can_see(&minute["may_have"]["media"]) {
        return "denied";
    }
    if minute["download_url"].is_string() { "failed" } else { "archived" }
}

/// When the week of a moment begins in Beijing.
fn monday(at_ms: i64) -> i64 {
    let local = at_ms + BEIJING_MS - FIRST_MONDAY_MS;
    local - local.rem_euclid(WEEK_MS) + FIRST_MONDAY_MS - BEIJING_MS
}

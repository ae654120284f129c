//! The company's people: most have authorised, some must do so again, some soon, and some never did. Nobody has a grant:
//! without a token the program asks the platform nothing while it is measured.

use archive::catalog::{Arg, Catalog, Tx};
use archive::members::Features;
use archive::model::{MemberState, Reason};

use crate::Size;
use crate::filled::{DAY_MS, HOUR_MS, open_id, whole};

const FAMILY_NAMES: [&str; 10] = ["王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周"];
const GIVEN_NAMES: [&str; 12] = ["芳", "伟", "娜", "敏", "静", "磊", "军", "洋", "勇", "艳", "杰", "一鸣"];
const FEATURES: Features = Features { transcripts: true, summaries: true };

/// What each active member has in the queue: looks that come due once all is measured, for a start calls for those
/// that are missing at once. Their history has been gone through.
const LOOKED_AFTER: [&str; 3] = [
    "INSERT INTO tasks (kind, subject, run_at, created_at, lane)
     SELECT 'patrol', open_id, $1 + 7200000 + rowid % 3600 * 1000, state_at, 2 FROM members WHERE state = 'active'",
    "INSERT INTO tasks (kind, subject, run_at, created_at, lane)
     SELECT 'attended', open_id, $1 + (1 + rowid % 6) * 86400000, state_at, 3 FROM members WHERE state = 'active'",
    "INSERT INTO backfills (open_id, scope, to_ms, goal_ms, reached_ms, span_ms, windows, searches, began_at, ended_at)
     SELECT open_id, 'owned', state_at, 1577836800000, 1577836800000, 2592000000, 90, 120, state_at,
        MIN(state_at + 3600000, $1)
     FROM members WHERE state = 'active'",
];

/// Those who own recordings and have never authorised.
fn strangers(size: Size) -> usize {
    size.people.div_ceil(20)
}

/// An owner whose grant nobody holds: a member who must authorise again, or somebody who never did.
pub(crate) fn owner_without_grant(number: usize, is_member: bool, size: Size) -> String {
    if is_member {
        open_id(number % (size.people / 20).max(1) * 20 + 7)
    } else {
        open_id(size.people + number % strangers(size))
    }
}

pub(crate) async fn fill(catalog: &Catalog, size: Size, now_ms: i64) {
    let mut tx = catalog.db().begin().await.expect("a transaction");
    for number in 0..size.people {
        member(&mut tx, number, now_ms).await;
    }
    for number in (0..strangers(size)).step_by(2) {
        tell(&mut tx, &open_id(size.people + number), "invitation", "", now_ms).await;
    }
    for sql in LOOKED_AFTER {
        tx.execute(sql, vec![Arg::from(now_ms)]).await.expect("looked after");
    }
    tx.commit().await.expect("committed");
}

async fn member(tx: &mut Tx, number: usize, now_ms: i64) {
    let person = open_id(number);
    let name = format!("{}{}", FAMILY_NAMES[number % 10], GIVEN_NAMES[number / 10 % 12]);
    let place = whole(number);
    // An authorisation lasts 365 days.
    let (reason, age_days) = match (number % 40, number / 20 % 3) {
        (7 | 27, 0) => (Some(Reason::GrantExpired), 365 + place % 9),
        (7 | 27, 1) => (Some(Reason::GrantUsedElsewhere), 90 + place % 200),
        (7 | 27, _) => (Some(Reason::Imported), 0),
        (13, _) => (None, 352 + place % 9),
        _ => (None, place * 7 % 340),
    };
    let clicked_ms = now_ms - age_days * DAY_MS;
    let authorised_at = (reason != Some(Reason::Imported)).then_some(clicked_ms);
    let state = if reason.is_some() { MemberState::MustAuthorise } else { MemberState::Active };
    let state_at = if reason.is_some() { now_ms - (1 + place % 9) * DAY_MS } else { clicked_ms };
    let seen_at = match reason {
        None => Some(now_ms - place % 170 * 60_000),
        Some(_) => authorised_at.map(|_| state_at),
    };
    // What the watch would tell of each, so that it finds nothing new.
    let told = match reason {
        Some(Reason::GrantExpired) => Some(("ending", format!("{clicked_ms}/0"))),
        Some(Reason::GrantUsedElsewhere) => Some(("ended", state_at.to_string())),
        Some(_) => Some(("invitation", String::new())),
        None => (number % 40 == 13).then(|| ("ending", format!("{clicked_ms}/14"))),
    };
    if let Some((matter, about)) = told {
        tell(tx, &person, matter, &about, now_ms).await;
    }
    let scopes = authorised_at.map_or_else(String::new, |_| FEATURES.user_scopes().join(" "));
    let mut values = Vec::from([person, name, state.to_string(), scopes].map(Arg::from));
    values.push(Arg::from(reason.map(Reason::as_str)));
    values.push(Arg::from(state_at));
    let heard_at = seen_at.map(|at_ms| at_ms - place % 72 * HOUR_MS);
    values.extend([authorised_at, seen_at, heard_at].map(Arg::from));
    let sql = "INSERT INTO members (open_id, name, state, scopes, reason, reason_at, state_at, authorised_at,
            subscribed_at, patrolled_to, patrolled_at, heard_at)
         VALUES ($1, $2, $3, $4, $5, CASE WHEN $5 IS NULL THEN NULL ELSE $6 END, $6, $7, $7, $8, $8, $9)";
    tx.execute(sql, values).await.expect("a member");
}

/// A card that somebody has and has not answered.
async fn tell(tx: &mut Tx, person: &str, matter: &str, about: &str, now_ms: i64) {
    let mut values = Vec::from([person, matter, about].map(Arg::from));
    values.push(Arg::from(now_ms - 2 * DAY_MS));
    let sql =
        "INSERT INTO notices (id, receiver, matter, about, member, facts, card, message_id, made_at, sent_at)
         VALUES ('told-' || $1, $1, $2, $3, $1, '{}', 'open', 'om_' || $1, $4, $4)";
    tx.execute(sql, values).await.expect("a notice");
}

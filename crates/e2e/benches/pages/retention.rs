//! Two rules, some legal holds, and a trash with some hundred recordings.

use archive::audit::{Deed, Verb};
use archive::catalog::{Arg, Catalog, Tx};
use archive::library::Kind;
use archive::model::{MinuteToken, OpenId};
use archive::retention::{HoldOn, NewRule};

use crate::Size;
use crate::filled::{ADMINISTRATOR, AUDITOR, DAY_MS, HOUR_MS, open_id, token, whole};

/// It is on, and what is archived is younger: what it took is in the trash.
const OLD: NewRule = NewRule { age_days: 1_095, owner: None, kind: None };
/// Somebody thinks about it: it is off, and would take thousands.
const OLD_AUDIO: NewRule = NewRule { age_days: 540, owner: None, kind: Some(Kind::Audio) };
/// One of so many that have no transcript is in the trash.
const ONE_OF: usize = 200;

/// `$1`: the recording.
const PUT: [&str; 2] = [
    "INSERT INTO trash_parts (minute_token, kind, state, reason, reason_detail, attempts, due_at)
     SELECT minute_token, kind, state, reason, reason_detail, attempts, due_at FROM artifacts WHERE minute_token = $1",
    "UPDATE artifacts SET state = 'absent', reason = 'trashed', reason_detail = NULL, due_at = 0
     WHERE minute_token = $1",
];

pub(crate) async fn fill(catalog: &Catalog, size: Size, now_ms: i64) {
    let by = |number: usize| OpenId::parse(&open_id(number)).expect("an open_id");
    let deed = |who: usize, subject: &str| Deed {
        actor: by(who),
        verb: Verb::Changed,
        subject: subject.to_owned(),
        detail: None,
        from: "10.0.0.7".to_owned(),
        at_ms: now_ms - 40 * DAY_MS,
    };
    let made = deed(ADMINISTRATOR, "retention");
    let rule = catalog.make_rule(&OLD, &made).await.expect("a rule");
    catalog.switch_rule_on(&rule, i64::MAX, &made).await.expect("a rule that is on");
    catalog.make_rule(&OLD_AUDIO, &made).await.expect("another");

    let mut tx = catalog.db().begin().await.expect("a transaction");
    let in_trash: Vec<usize> =
        (size.transcripts..size.recordings).filter(|number| number % ONE_OF == 99).collect();
    for number in &in_trash {
        let rule = (number / ONE_OF).is_multiple_of(2).then_some(rule.as_str());
        put(&mut tx, &token(*number), rule, now_ms - whole(number / ONE_OF % 29) * DAY_MS - HOUR_MS).await;
    }
    tx.commit().await.expect("committed");

    let kept = (0..16).map(|number| number * size.recordings / 16);
    let recordings = kept.chain(in_trash.into_iter().take(4));
    let recordings =
        recordings.map(|number| HoldOn::Recording(MinuteToken::parse(&token(number)).expect("a token")));
    let people = (0..8).map(|number| HoldOn::Person(by(number * size.people / 8)));
    for (place, on) in recordings.chain(people).enumerate() {
        let placed = deed(AUDITOR, "holds");
        let id = catalog.place_hold(&on, "仲裁 2026-114", &placed).await.expect("a hold");
        if place % 4 == 3 {
            let id = id.expect("on something that is there");
            catalog.lift_hold(&id, Some("已结案"), &placed).await.expect("a lifted one");
        }
    }
}

/// As it lies there once its files have moved.
async fn put(tx: &mut Tx, token: &str, rule: Option<&str>, at_ms: i64) {
    if rule.is_some() {
        let made_ms = at_ms - i64::from(OLD.age_days) * DAY_MS - HOUR_MS;
        let sql = "UPDATE recordings SET created_ms = $2, meeting_id = NULL WHERE minute_token = $1";
        tx.execute(sql, vec![Arg::from(token), Arg::from(made_ms)]).await.expect("an old one");
    }
    let values = vec![Arg::from(token), Arg::from(at_ms), Arg::from(open_id(ADMINISTRATOR)), Arg::from(rule)];
    let sql = "INSERT INTO trash (minute_token, phase, trashed_at, trashed_by, rule_id, state, reason, reason_detail,
            state_at)
         SELECT minute_token, 'here', $2, $3, $4, state, reason, reason_detail, state_at FROM recordings
         WHERE minute_token = $1";
    tx.execute(sql, values).await.expect("in the trash");
    for sql in PUT {
        tx.execute(sql, vec![Arg::from(token)]).await.expect("its parts");
    }
    let sql =
        "UPDATE recordings SET state = 'trashed', reason = 'trashed', reason_detail = NULL, state_at = $2
         WHERE minute_token = $1";
    tx.execute(sql, vec![Arg::from(token), Arg::from(at_ms)]).await.expect("out of sight");
}

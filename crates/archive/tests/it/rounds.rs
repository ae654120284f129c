//! Who needs what of the patrol, by what the catalogue knows; and that the plan's changes reach those who wait.

use std::sync::Arc;

use archive::discover::Survey;
use archive::model::{OpenId, Track};
use archive::queue::TaskKind;
use serde_json::json;

use crate::databases::Fresh;
use crate::installation::{DAY_MS, HOUR_MS, Installation, NOW_MS, eventually, minute, person, seen};

on_each_database!(
    members_are_told_apart_by_what_they_need,
    an_event_only_counts_while_there_is_a_way_for_it,
    whoever_comes_to_need_more_is_brought_forward,
    of_patrols_that_are_due_the_longest_unseen_goes_first,
);

async fn needs(installation: &Installation) -> [usize; 3] {
    Survey::of(installation.catalog(), installation.archive.clock.now_ms()).await.unwrap().members()
}

async fn hear_of(installation: &Installation, number: usize, member: &str) {
    let body = json!({"minute_token": minute(number).as_str(), "subscriber_ids": [{"open_id": member}]});
    let event = feishu::Event {
        id: format!("e{number}"),
        kind: "minutes.minute.generated_v1".to_owned(),
        created_ms: None,
        tenant_key: None,
        body,
    };
    installation.inbox().accept(event).await.unwrap();
    eventually("it is handled", async || installation.events_waiting().await == 0).await;
}

/// Everybody but the last has a working subscription.
async fn three_members(installation: &Installation) {
    installation.work_on(TaskKind::Subscription);
    installation.work_on_events();
    for (open_id, refusal) in [("ou_a", None), ("ou_b", None), ("ou_c", Some((403, 2_091_005)))] {
        installation.platform.refuse_subscriptions(refusal);
        installation.authorise(open_id, open_id).await;
        eventually("it is asked for", async || {
            installation.member(open_id).await.subscription_asked_at.is_some()
        })
        .await;
    }
}

async fn members_are_told_apart_by_what_they_need(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    three_members(&installation).await;
    assert_eq!(needs(&installation).await, [3, 0, 0], "no event has ever come");
    hear_of(&installation, 1, "ou_b").await;
    assert_eq!(needs(&installation).await, [1, 1, 1]);
    installation.clock.advance(5 * HOUR_MS);
    assert_eq!(needs(&installation).await, [1, 0, 2], "that was a while ago");

    let now_s = installation.archive.clock.now_ms() / 1_000;
    let meeting = json!({"meeting": {"id": "71", "start_time": (now_s - 1_800).to_string(),
        "end_time": now_s.to_string(), "owner": {"id": {"open_id": "ou_a"}}}});
    let event = feishu::Event {
        id: "ended".to_owned(),
        kind: "vc.meeting.all_meeting_ended_v1".to_owned(),
        created_ms: None,
        tenant_key: None,
        body: meeting,
    };
    installation.inbox().accept(event).await.unwrap();
    eventually("it is handled", async || installation.events_waiting().await == 0).await;
    assert_eq!(needs(&installation).await, [1, 1, 1], "a meeting of theirs has just ended");

    installation.sight(&seen(minute(9), Track::Patrol, Some("ou_b"))).await;
    let survey = Survey::of(installation.catalog(), installation.archive.clock.now_ms()).await.unwrap();
    assert_eq!((survey.never_seen(), survey.longest_unseen()), (3, None));
}

async fn an_event_only_counts_while_there_is_a_way_for_it(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    three_members(&installation).await;
    hear_of(&installation, 1, "ou_z").await;
    assert_eq!(needs(&installation).await, [1, 0, 2]);
    let link = |state: &str, state_at: i64| {
        let sql = match state {
            "connected" => "UPDATE long_connections SET state = 'connected', state_at = $1",
            _ => {
                "INSERT INTO long_connections (node, state, state_at, noted_at) VALUES ('n', 'waiting', $1, $1)"
            }
        };
        installation.catalog().db().execute(sql, vec![state_at.into()])
    };
    link("waiting", NOW_MS + 1).await.unwrap();
    assert_eq!(needs(&installation).await, [3, 0, 0], "the connection is lost, and nothing has come since");
    link("connected", NOW_MS + 2).await.unwrap();
    assert_eq!(needs(&installation).await, [1, 0, 2]);
    installation.catalog().db().execute("DELETE FROM long_connections", Vec::new()).await.unwrap();
    installation.clock.advance(DAY_MS);
    assert_eq!(needs(&installation).await, [3, 0, 0], "a day of silence");
}

async fn whoever_comes_to_need_more_is_brought_forward(fresh: &Fresh) {
    let mut installation = Installation::new(fresh).await;
    // One look every ten minutes, however fast the double may be called.
    let searches_a_minute = installation.archive.client.searches_a_minute();
    let archive = Arc::get_mut(&mut installation.archive).unwrap();
    archive.patrol_settings.share = 0.1 / 0.95 / searches_a_minute;
    three_members(&installation).await;
    hear_of(&installation, 1, "ou_z").await;
    let run_at = async |open_id: &str| {
        installation.queue().task(TaskKind::Patrol, open_id).await.unwrap().unwrap().run_at
    };
    let lie = async |open_id: &str, seen_at: i64, run_at: i64| {
        let member: OpenId = person(open_id);
        installation.catalog().set_patrolled(&member, Ok(seen_at), seen_at).await.unwrap();
        let sql = "UPDATE tasks SET run_at = $2 WHERE kind = 'patrol' AND subject = $1";
        installation.catalog().db().execute(sql, vec![(&member).into(), run_at.into()]).await.unwrap();
    };
    lie("ou_a", NOW_MS, NOW_MS).await;
    lie("ou_b", NOW_MS, NOW_MS + 5 * HOUR_MS).await;
    lie("ou_c", NOW_MS, NOW_MS + 5 * HOUR_MS).await;
    installation.work_on(TaskKind::Patrol);
    eventually("who is due has been looked at", async || run_at("ou_a").await > NOW_MS).await;
    // Of ou_c no event tells; ou_a and ou_b share what that leaves, at a little less than half of the looks.
    let minutes = |at_ms: i64| (at_ms - NOW_MS) / 60_000;
    assert_eq!([run_at("ou_a").await, run_at("ou_b").await].map(minutes), [175, 175]);
    assert_eq!(minutes(run_at("ou_c").await), 11);
}

async fn of_patrols_that_are_due_the_longest_unseen_goes_first(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    for open_id in ["ou_a", "ou_b", "ou_c"] {
        installation.authorise(open_id, open_id).await;
    }
    let db = installation.catalog().db();
    for (open_id, run_at) in [("ou_a", NOW_MS - 10), ("ou_b", NOW_MS - 30), ("ou_c", NOW_MS - 20)] {
        let sql = "UPDATE tasks SET run_at = $2 WHERE kind = 'patrol' AND subject = $1";
        db.execute(sql, vec![open_id.into(), run_at.into()]).await.unwrap();
    }
    // As versions left it that knew no lanes.
    let sql = "UPDATE tasks SET lane = 1 WHERE kind = 'patrol' AND subject = 'ou_a'";
    db.execute(sql, Vec::new()).await.unwrap();
    installation.archive.take_up().await.unwrap();
    for open_id in ["ou_b", "ou_c", "ou_a"] {
        assert_eq!(installation.queue().claim(TaskKind::Patrol).await.unwrap().unwrap().subject, open_id);
    }
}

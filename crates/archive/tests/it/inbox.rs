//! Events: durable before they are acknowledged, worked through once, whatever the clock says.

use std::sync::Arc;

use archive::discover::{Accepted, InboxError};
use archive::model::{MemberState, Reason, Track};
use archive::queue::TaskKind;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::databases::Fresh;
use crate::installation::{DAY_MS, HOUR_MS, Installation, NOW_MS, eventually, minute, person};

const READY: &str = "vc.meeting.recording_ready_v1";
const ENDED: &str = "vc.meeting.all_meeting_ended_v1";
const GENERATED: &str = "minutes.minute.generated_v1";
const REVOKED: &str = "auth.user_access_token.revoked_v4";

fn event(id: &str, kind: &str, body: Value) -> feishu::Event {
    feishu::Event {
        id: id.to_owned(),
        kind: kind.to_owned(),
        created_ms: Some(NOW_MS),
        tenant_key: None,
        body,
    }
}

fn ready(id: &str, number: usize) -> feishu::Event {
    let url = format!("https://meetings.feishu.cn/minutes/{}", minute(number));
    let meeting = json!({"id": "69", "topic": "周会", "owner": {"id": {"open_id": "ou_a"}}});
    event(id, READY, json!({"url": url, "meeting": meeting, "duration": "1000"}))
}

async fn events_handled(installation: &Installation) {
    eventually("all events are handled", async || installation.events_waiting().await == 0).await;
}

on_each_database!(
    a_burst_is_stored_each_event_once,
    a_redelivery_changes_nothing_at_once_or_a_month_later_whatever_the_clock_says,
    each_kind_becomes_what_it_means,
    a_kind_that_nobody_handles_is_counted_and_makes_no_work,
    a_garbled_event_is_noted_and_the_next_one_is_handled,
    an_event_that_breaks_down_holds_up_nobody_and_says_why,
    two_nodes_work_through_each_event_once,
    a_catalogue_that_fails_stores_nothing_and_says_so,
    too_many_at_once_are_sent_away_and_the_others_are_stored,
    a_start_takes_up_what_was_under_way_or_not_yet_begun,
    word_of_a_revocation_that_comes_after_a_new_authorisation_ends_nothing,
);

async fn a_burst_is_stored_each_event_once(fresh: &Fresh) {
    const EVENTS: usize = 600;
    let installation = Installation::new(fresh).await;
    let inbox = installation.inbox();
    let mut running = JoinSet::new();
    for number in 0..EVENTS {
        let inbox = inbox.clone();
        // Each comes twice, the second perhaps in the same batch.
        running.spawn(
            async move { inbox.accept(ready(&format!("e{}", number / 2), number / 2)).await.unwrap() },
        );
    }
    let answers = running.join_all().await;
    let count = |what| answers.iter().filter(|it| **it == what).count();
    assert_eq!((count(Accepted::New), count(Accepted::Seen)), (EVENTS / 2, EVENTS / 2));
    assert_eq!(installation.events_waiting().await, 300);
    assert_eq!(installation.catalog().tally().await.unwrap().events[READY], 300);
}

async fn a_redelivery_changes_nothing_at_once_or_a_month_later_whatever_the_clock_says(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let inbox = installation.inbox();
    assert_eq!(inbox.accept(ready("e", 1)).await.unwrap(), Accepted::New);
    assert_eq!(inbox.accept(ready("e", 1)).await.unwrap(), Accepted::Seen);
    installation.work_on_events();
    events_handled(&installation).await;
    for turn in [40 * DAY_MS, -400 * DAY_MS, 360 * DAY_MS] {
        installation.clock.advance(turn);
        assert_eq!(inbox.accept(ready("e", 2)).await.unwrap(), Accepted::Seen);
    }
    assert_eq!(installation.events_waiting().await, 0);
    assert!(installation.catalog().recording(&minute(2)).await.unwrap().is_none());
    assert_eq!(installation.catalog().overview().await.unwrap().last_event_at, Some(NOW_MS));
}

async fn each_kind_becomes_what_it_means(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    installation.authorise("ou_a", "甲").await;
    let inbox = installation.inbox();
    let subscribers = json!([{"open_id": "ou_a"}, {"open_id": "ou_b"}]);
    let generated = json!({"minute_token": minute(2).as_str(), "subscriber_ids": subscribers,
        "minute_source": {"source_type": "meeting", "source_entity_id": "70"}});
    for event in [
        ready("e1", 1),
        event("e2", GENERATED, generated),
        event(
            "e3",
            ENDED,
            json!({"meeting": {"id": "71", "topic": "x", "owner": {"id": {"open_id": "ou_a"}}}}),
        ),
        event("e4", REVOKED, json!({"open_id": "ou_a", "revoke_reason": "Revoked by user action."})),
    ] {
        assert_eq!(inbox.accept(event).await.unwrap(), Accepted::New);
    }
    installation.work_on_events();
    events_handled(&installation).await;
    let tracks = async |number| {
        let rows = installation.catalog().sightings(&minute(number)).await.unwrap();
        rows.into_iter().map(|row| (row.track, row.open_id)).collect::<Vec<_>>()
    };
    let by = |track: Track, who: &str| (track.to_string(), who.to_owned());
    assert_eq!(tracks(1).await, [by(Track::RecordingReady, "ou_a")]);
    assert_eq!(tracks(2).await, [by(Track::MinuteGenerated, "ou_a"), by(Track::MinuteGenerated, "ou_b")]);
    assert_eq!(
        installation.catalog().recording(&minute(2)).await.unwrap().unwrap().meeting_id.as_deref(),
        Some("70")
    );
    assert!(installation.queue().task(TaskKind::Meeting, "71").await.unwrap().is_some());
    assert_eq!(installation.tasks(TaskKind::Archive).await, 2);
    let member = installation.member("ou_a").await;
    assert_eq!((member.state, member.reason()), (MemberState::MustAuthorise, Some(Reason::GrantRevoked)));
}

async fn a_kind_that_nobody_handles_is_counted_and_makes_no_work(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let inbox = installation.inbox();
    let strange = |id| event(id, "contact.user.updated_v3", json!({"object": {}}));
    assert_eq!(inbox.accept(strange("e1")).await.unwrap(), Accepted::Unhandled);
    assert_eq!(inbox.accept(strange("e2")).await.unwrap(), Accepted::Unhandled);
    assert_eq!(inbox.accept(strange("e2")).await.unwrap(), Accepted::Seen);
    assert_eq!(installation.events_waiting().await, 0);
    assert_eq!(installation.catalog().tally().await.unwrap().events["contact.user.updated_v3"], 2);
}

async fn a_garbled_event_is_noted_and_the_next_one_is_handled(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let inbox = installation.inbox();
    inbox.accept(event("e1", READY, json!({"url": "https://x/"}))).await.unwrap();
    inbox.accept(ready("e2", 1)).await.unwrap();
    installation.work_on_events();
    events_handled(&installation).await;
    assert!(installation.catalog().recording(&minute(1)).await.unwrap().is_some());
    let noted: Option<(Option<String>,)> = installation
        .catalog()
        .db()
        .row("SELECT note FROM events WHERE event_id = 'e1'", Vec::new())
        .await
        .unwrap();
    assert!(noted.unwrap().0.unwrap().contains("url"));
}

async fn an_event_that_breaks_down_holds_up_nobody_and_says_why(fresh: &Fresh) {
    const EVENTS: usize = 40;
    let (break_it, mend_it) = if fresh.is_postgres() {
        (
            "ALTER TABLE recordings ADD CONSTRAINT broken CHECK (minute_token <> 'obcn00000000000000000007')",
            "ALTER TABLE recordings DROP CONSTRAINT broken",
        )
    } else {
        (
            "CREATE TRIGGER broken BEFORE INSERT ON recordings WHEN NEW.minute_token = 'obcn00000000000000000007'
             BEGIN SELECT RAISE(ABORT, 'broken'); END",
            "DROP TRIGGER broken",
        )
    };
    let installation = Installation::new(fresh).await;
    let (db, inbox) = (installation.catalog().db(), installation.inbox());
    db.execute(break_it, Vec::new()).await.unwrap();
    for number in 0..EVENTS {
        inbox.accept(ready(&format!("e{number}"), number)).await.unwrap();
    }
    installation.work_on_events();
    eventually("the others are worked through", async || installation.events_waiting().await == 1).await;
    let note = async || {
        let row = db.row("SELECT note FROM events WHERE event_id = 'e7'", Vec::new()).await.unwrap();
        row.and_then(|(note,): (Option<String>,)| note)
    };
    eventually("it says why", async || note().await.is_some_and(|note| note.contains("broken"))).await;
    let overview = installation.catalog().overview().await.unwrap();
    assert_eq!((overview.total(), overview.events_put_off), (39, 1));

    db.execute(mend_it, Vec::new()).await.unwrap();
    installation.clock.advance(HOUR_MS);
    installation.archive.events_arrived.notify_one();
    eventually("it is worked through, too", async || installation.events_waiting().await == 0).await;
    assert_eq!(note().await, None);
    assert_eq!(installation.catalog().overview().await.unwrap().total(), 40);
}

async fn two_nodes_work_through_each_event_once(fresh: &Fresh) {
    const EVENTS: usize = 400;
    let one = Installation::new(fresh).await;
    let other = one.beside(fresh).await;
    let inbox = one.inbox();
    let stored = (0..EVENTS).map(|number| inbox.accept(ready(&format!("e{number}"), number)));
    futures_util::future::try_join_all(stored).await.unwrap();
    one.work_on_events();
    other.work_on_events();
    eventually("all events are handled", async || one.events_waiting().await == 0).await;
    let seen: Option<(i64, i64)> =
        one.catalog().db().row("SELECT COUNT(*), MAX(times) FROM sightings", Vec::new()).await.unwrap();
    assert_eq!(seen, Some((400, 1)));
}

async fn a_catalogue_that_fails_stores_nothing_and_says_so(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let inbox = installation.inbox();
    installation.catalog().db().close().await;
    assert!(matches!(inbox.accept(ready("e", 1)).await, Err(InboxError::Catalog(_))));
    let reopened = fresh.again().await;
    assert!(reopened.tally().await.unwrap().events.is_empty());
}

async fn too_many_at_once_are_sent_away_and_the_others_are_stored(fresh: &Fresh) {
    const EVENTS: usize = 3_000;
    let installation = Installation::new(fresh).await;
    let inbox = installation.inbox();
    // Whoever holds the write lock holds up the writer, and the room fills.
    let mut lock = fresh.again().await.db().begin().await.unwrap();
    if fresh.is_postgres() {
        lock.execute("LOCK TABLE events IN EXCLUSIVE MODE", Vec::new()).await.unwrap();
    }
    let inbox = Arc::new(inbox);
    let mut running = JoinSet::new();
    for number in 0..EVENTS {
        let inbox = Arc::clone(&inbox);
        running.spawn(async move { inbox.accept(event(&format!("e{number}"), "any", json!({}))).await });
    }
    let sent_away = running.join_next().await.unwrap().unwrap();
    assert!(matches!(sent_away, Err(InboxError::Full)), "{sent_away:?}");
    drop(lock);
    let answers = running.join_all().await;
    let stored = answers.iter().filter(|answer| matches!(answer, Ok(Accepted::Unhandled))).count();
    let full = answers.iter().filter(|answer| matches!(answer, Err(InboxError::Full))).count();
    assert_eq!(stored + full + 1, EVENTS, "{answers:?}");
    assert_eq!(installation.catalog().tally().await.unwrap().events["any"], i64::try_from(stored).unwrap());
}

async fn a_start_takes_up_what_was_under_way_or_not_yet_begun(fresh: &Fresh) {
    let dead = Installation::new(fresh).await;
    dead.authorise("ou_a", "甲").await;
    let inbox = dead.inbox();
    inbox.accept(ready("e1", 1)).await.unwrap();
    inbox.accept(ready("e2", 2)).await.unwrap();
    // As bad as it gets: the queue is gone, the facts are there.
    dead.catalog().db().execute("DELETE FROM tasks", Vec::new()).await.unwrap();
    let reborn = dead.beside(fresh).await;
    reborn.archive.take_up().await.unwrap();
    assert_eq!(reborn.tasks(TaskKind::Patrol).await, 1);
    reborn.work_on_events();
    events_handled(&reborn).await;
    for number in [1, 2] {
        assert!(reborn.catalog().recording(&minute(number)).await.unwrap().is_some());
    }
    reborn.catalog().db().execute("DELETE FROM tasks", Vec::new()).await.unwrap();
    reborn.archive.take_up().await.unwrap();
    assert_eq!(reborn.tasks(TaskKind::Archive).await, 2, "both are found and not archived");
}

async fn word_of_a_revocation_that_comes_after_a_new_authorisation_ends_nothing(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    installation.authorise("ou_a", "甲").await;
    let inbox = installation.inbox();
    installation.work_on_events();
    let revoked = |id: &str, created_ms| {
        let body = json!({"open_id": "ou_a", "revoke_reason": "Revoked by administrator."});
        feishu::Event { created_ms: Some(created_ms), ..event(id, REVOKED, body) }
    };
    inbox.accept(revoked("late", NOW_MS - HOUR_MS)).await.unwrap();
    events_handled(&installation).await;
    assert_eq!(installation.member("ou_a").await.state, MemberState::Active);
    inbox.accept(revoked("new", NOW_MS + 1)).await.unwrap();
    events_handled(&installation).await;
    assert_eq!(installation.member("ou_a").await.state, MemberState::MustAuthorise);

    // A person who is gone for good is not called back by an older word.
    installation.grants().revoked(&person("ou_a"), "User resigned", None).await.unwrap();
    installation.grants().revoked(&person("ou_a"), "Revoked by user action.", None).await.unwrap();
    assert_eq!(installation.member("ou_a").await.state, MemberState::Departed);
}

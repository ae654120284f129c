//! What came of asking meetings for their recordings, told apart for ever.

use archive::model::{Meeting, MeetingId, MeetingOutcome, Track};
use archive::queue::TaskKind;
use serde_json::{Value, json};

use crate::databases::Fresh;
use crate::installation::{HOUR_MS, Installation, NOW_MS, eventually, minute};

on_each_database!(
    never_recorded_never_ready_and_refused_are_different_ends,
    a_meeting_is_asked_until_its_recording_is_there,
    a_later_word_of_a_recording_counts,
    a_start_asks_on_where_the_queue_was_lost,
);

async fn meeting(installation: &Installation) -> Option<Meeting> {
    installation.catalog().meeting(&MeetingId::parse("71").unwrap()).await.unwrap()
}

async fn hear(installation: &Installation, kind: &str, body: Value) {
    let event = feishu::Event {
        id: format!("{kind} {body}"),
        kind: kind.to_owned(),
        created_ms: Some(NOW_MS),
        tenant_key: None,
        body,
    };
    installation.inbox().accept(event).await.unwrap();
    eventually("events are handled", async || installation.events_waiting().await == 0).await;
}

async fn hear_the_end(installation: &Installation) {
    let body = json!({"meeting": {"id": "71", "topic": "周会", "meeting_no": "235812467",
        "start_time": "1795420000", "end_time": "1795427000", "owner": {"id": {"open_id": "ou_a"}}}});
    hear(installation, "vc.meeting.all_meeting_ended_v1", body).await;
}

/// Lets time go by, question by question, until the asking is over; how many minutes that took.
async fn ask_on(installation: &Installation) -> i64 {
    let began_ms = installation.archive.clock.now_ms();
    while let Some(task) = installation.queue().task(TaskKind::Meeting, "71").await.unwrap() {
        if task.lease_until.is_none() {
            let wait_ms = task.run_at - installation.archive.clock.now_ms();
            assert!(wait_ms <= 30 * 60_000, "half an hour is the longest wait: {wait_ms} ms");
            installation.clock.advance(wait_ms.max(0));
            installation.queue().nudge(TaskKind::Meeting);
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    (installation.archive.clock.now_ms() - began_ms) / 60_000
}

async fn never_recorded_never_ready_and_refused_are_different_ends(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    installation.work_on_events();
    installation.work_on(TaskKind::Meeting);
    for (code, status, outcome) in [
        (121_004, 404, MeetingOutcome::NeverRecorded),
        (124_002, 400, MeetingOutcome::NeverReady),
        (121_005, 403, MeetingOutcome::Refused),
    ] {
        installation.platform.meetings_answer(status, json!({"code": code, "msg": "words"}));
        let asked_before = installation.platform.meeting_questions();
        let counted_before = meeting(&installation).await.map_or(0, |meeting| meeting.times_asked);
        hear_the_end(&installation).await;
        installation.catalog().db().execute("DELETE FROM events", Vec::new()).await.unwrap();
        let minutes = ask_on(&installation).await;
        assert!((359..=361).contains(&minutes), "{minutes} minutes");
        let known = meeting(&installation).await.unwrap();
        assert_eq!(known.outcome, outcome);
        assert!(known.outcome_detail.unwrap().contains(&code.to_string()));
        assert_eq!(known.asked_at, Some(installation.archive.clock.now_ms()));
        let asked = installation.platform.meeting_questions() - asked_before;
        assert!((15..=25).contains(&asked), "20 s, 40 s, … half an hour, for six hours: {asked}");
        assert_eq!(known.times_asked - counted_before, i64::try_from(asked).unwrap());
    }
}

async fn a_meeting_is_asked_until_its_recording_is_there(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    installation.work_on_events();
    installation.work_on(TaskKind::Meeting);
    installation.platform.meetings_answer(404, json!({"code": 121_004, "msg": "none"}));
    hear_the_end(&installation).await;
    eventually("it was asked once", async || {
        meeting(&installation).await.is_some_and(|it| it.times_asked == 1)
    })
    .await;
    let known = meeting(&installation).await.unwrap();
    assert_eq!(known.outcome, MeetingOutcome::Asking);
    assert_eq!((known.topic.as_deref(), known.owner_id.as_deref()), (Some("周会"), Some("ou_a")));
    assert_eq!(known.meeting_no.as_deref(), Some("235812467"));
    assert_eq!((known.start_ms, known.end_ms), (Some(1_795_420_000_000), Some(1_795_427_000_000)));
    assert_eq!((known.track.as_str(), known.heard_at), (Track::MeetingEnded.as_str(), NOW_MS));

    let url = format!("https://meetings.feishu.cn/minutes/{}", minute(1));
    installation
        .platform
        .meetings_answer(200, json!({"code": 0, "data": {"recording": {"url": url, "duration": "30000"}}}));
    ask_on(&installation).await;
    let known = meeting(&installation).await.unwrap();
    assert_eq!(known.outcome, MeetingOutcome::Recorded);
    assert_eq!(known.minute_token.as_deref(), Some(minute(1).as_str()));
    let recording = installation.catalog().recording(&minute(1)).await.unwrap().unwrap();
    assert_eq!((recording.meeting_id.as_deref(), recording.title.as_deref()), (Some("71"), Some("周会")));
}

async fn a_later_word_of_a_recording_counts(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    installation.work_on_events();
    installation.work_on(TaskKind::Meeting);
    installation.platform.meetings_answer(400, json!({"code": 124_002, "msg": "generating"}));
    hear_the_end(&installation).await;
    ask_on(&installation).await;
    let body = json!({"minute_token": minute(1).as_str(),
        "minute_source": {"source_type": "meeting", "source_entity_id": "71"}});
    hear(&installation, "minutes.minute.generated_v1", body).await;
    let known = meeting(&installation).await.unwrap();
    assert_eq!((known.outcome, known.outcome_detail), (MeetingOutcome::Recorded, None));
    assert_eq!(known.minute_token.as_deref(), Some(minute(1).as_str()));

    // And one that is known to be recorded is not asked.
    let asked = installation.platform.meeting_questions();
    installation.clock.advance(HOUR_MS);
    installation.catalog().db().execute("DELETE FROM events", Vec::new()).await.unwrap();
    hear_the_end(&installation).await;
    ask_on(&installation).await;
    assert_eq!(installation.platform.meeting_questions(), asked);
}

async fn a_start_asks_on_where_the_queue_was_lost(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    installation.work_on_events();
    hear_the_end(&installation).await;
    installation.catalog().db().execute("DELETE FROM tasks", Vec::new()).await.unwrap();
    installation.archive.take_up().await.unwrap();
    assert_eq!(installation.tasks(TaskKind::Meeting).await, 1);
}

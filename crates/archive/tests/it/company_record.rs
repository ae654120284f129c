//! The company's own record: what it says was recorded is asked for, whoever has authorised; and what cannot be
//! read is said to be so.

use archive::catalog::{CoverageQuery, RecordStanding};
use archive::discover::ReconcileError;
use archive::members::COMPANY_RECORD_SCOPE;
use archive::model::{MeetingOutcome, RecordingState, Track};
use archive::queue::TaskKind;
use serde_json::{Value, json};

use crate::databases::Fresh;
use crate::installation::{
    ADMINISTRATOR, DAY_MS, HOUR_MS, Installation, NOW_MS, eventually, minute, person, seen,
};

/// A row as the platform gives it, and when it began and ends for the double to sort by.
fn row(number: usize, owner: &str, began_ms: i64, recording: bool) -> Value {
    let at = jiff::Timestamp::from_millisecond(began_ms).unwrap();
    json!({
        "at": began_ms / 1_000,
        "ends": began_ms / 1_000 + 1_800,
        "meeting_id": format!("{:09}", 100_000_000 + number),
        "meeting_instance_id": format!("{}", 70_000 + number),
        "meeting_topic": format!("会议 {number}"),
        "organizer": format!("姓名 {owner}"),
        "user_id": owner,
        "meeting_start_time": format!("{} (GMT+00:00)", at.strftime("%Y.%m.%d %H:%M:%S")),
        "meeting_duration": "00:30:00",
        "recording": recording,
    })
}

async fn with_administrator(fresh: &Fresh) -> Installation {
    let installation = Installation::new(fresh).await;
    installation.platform.grant(COMPANY_RECORD_SCOPE);
    installation.authorise(ADMINISTRATOR, "管理员").await;
    installation.platform.grant("");
    installation
}

fn query(since_ms: i64, now_ms: i64) -> CoverageQuery {
    CoverageQuery {
        since_ms,
        now_ms,
        zone: jiff::tz::TimeZone::UTC,
        member: None,
        administrators: vec![person(ADMINISTRATOR)],
    }
}

on_each_database!(
    a_recorded_meeting_of_somebody_who_never_authorised_becomes_a_sighting,
    whoever_grants_the_scope_sets_the_looks_going_and_they_come_again,
    what_stays_unknown_is_asked_again_by_the_daily_look_only,
    a_recording_that_is_known_by_another_track_is_not_asked_for_twice,
    without_the_record_nothing_is_called_complete,
    a_long_meeting_is_asked_as_soon_as_it_goes_on_no_more,
    where_what_goes_on_is_not_listed_more_is_read_instead,
);

async fn a_recorded_meeting_of_somebody_who_never_authorised_becomes_a_sighting(fresh: &Fresh) {
    let installation = with_administrator(fresh).await;
    let rows = vec![
        row(1, "ou_stranger", NOW_MS - 2 * DAY_MS, true),
        row(2, "ou_stranger", NOW_MS - 2 * DAY_MS, false),
        row(3, "ou_other", NOW_MS - 2 * DAY_MS, true),
        row(4, "92f879", NOW_MS - HOUR_MS, true),
    ];
    installation.platform.record_holds(rows);
    installation.platform.recorded("70001", &minute(1));
    let sum = installation.archive.reconcile(NOW_MS - 10 * DAY_MS).await.unwrap();
    assert_eq!((sum.meetings, sum.recorded, sum.asked), (4, 3, 3));
    let coverage = installation.catalog().coverage(&query(NOW_MS - 7 * DAY_MS, NOW_MS)).await.unwrap();
    assert!(coverage.is_complete && coverage.standing == RecordStanding::Available);
    assert_eq!((coverage.total.recorded, coverage.total.unknown), (3, Some(3)));

    installation.work_on(TaskKind::Meeting);
    eventually("the recording is found", async || {
        installation.catalog().recording(&minute(1)).await.unwrap().is_some()
    })
    .await;
    let recording = installation.catalog().recording(&minute(1)).await.unwrap().unwrap();
    assert_eq!(recording.meeting_id.as_deref(), Some("70001"));
    assert_eq!(recording.owner_id.as_deref(), Some("ou_stranger"));
    assert_eq!(recording.created_ms, Some(NOW_MS - 2 * DAY_MS), "it counts in the week of its meeting");
    let sightings = installation.catalog().sightings(&minute(1)).await.unwrap();
    assert_eq!(sightings[0].track, Track::CompanyRecord.as_str());

    let coverage = installation.catalog().coverage(&query(NOW_MS - 7 * DAY_MS, NOW_MS)).await.unwrap();
    assert_eq!((coverage.total.recorded, coverage.total.unknown), (3, Some(2)));
    let stranger = coverage.people.iter().find(|it| it.open_id.as_deref() == Some("ou_stranger")).unwrap();
    assert_eq!((stranger.name.as_deref(), stranger.standing), (Some("姓名 ou_stranger"), None));
    assert_eq!((stranger.counts.recorded, stranger.counts.waiting), (1, 1));
    assert!(
        coverage.people.iter().any(|it| it.open_id.is_none()),
        "an id of another kind is nobody's open_id"
    );

    let meetings = installation.catalog().recorded_meetings(NOW_MS - 7 * DAY_MS).await.unwrap();
    assert_eq!(meetings.len(), 3);
    let found = meetings.iter().find(|it| it.meeting_id == "70001").unwrap();
    assert_eq!(
        (found.state(), found.meeting_no.as_deref()),
        (Some(RecordingState::Found), Some("100000001"))
    );
    let held = installation.catalog().meetings_numbered("100000002", 5).await.unwrap();
    assert_eq!((held[0].is_recorded, held[0].outcome), (Some(0), MeetingOutcome::NeverRecorded));
}

async fn whoever_grants_the_scope_sets_the_looks_going_and_they_come_again(fresh: &Fresh) {
    let installation = with_administrator(fresh).await;
    installation.platform.record_holds(vec![row(1, "ou_a", NOW_MS - 20 * DAY_MS, true)]);
    assert_eq!(installation.tasks(TaskKind::Reconcile).await, 3);
    installation.work_on(TaskKind::Reconcile);
    eventually("the month was read", async || installation.tasks(TaskKind::Meeting).await == 1).await;
    let due = async |subject: &str| {
        let task = installation.queue().task(TaskKind::Reconcile, subject).await.unwrap().unwrap();
        task.lease_until.is_none().then_some(task.run_at)
    };
    eventually("all looks are over", async || {
        due("recent").await == Some(NOW_MS + 8 * 60_000)
            && due("settled").await == Some(NOW_MS + HOUR_MS)
            && due("month").await == Some(NOW_MS + DAY_MS)
    })
    .await;
    let record = installation.catalog().company_record().await.unwrap();
    assert_eq!((record.since_ms, record.until_ms), (Some(NOW_MS - 30 * DAY_MS), Some(NOW_MS)));
    assert_eq!(record.via, Some(person(ADMINISTRATOR)));
}

async fn what_stays_unknown_is_asked_again_by_the_daily_look_only(fresh: &Fresh) {
    let installation = with_administrator(fresh).await;
    installation.platform.record_holds(vec![row(1, "ou_a", NOW_MS - HOUR_MS, true)]);
    installation.work_on(TaskKind::Reconcile);
    eventually("it is asked for", async || installation.tasks(TaskKind::Meeting).await == 1).await;
    eventually("both looks are over", async || {
        let tasks = installation.queue().list(TaskKind::Reconcile, 10).await.unwrap();
        tasks.iter().all(|task| task.lease_until.is_none() && task.run_at > NOW_MS)
    })
    .await;
    // The asking came to an end without a recording.
    let task = installation.queue().claim(TaskKind::Meeting).await.unwrap().unwrap();
    installation.queue().finish(&task).await.unwrap();
    installation.clock.advance(10 * 60_000);
    installation.queue().nudge(TaskKind::Reconcile);
    eventually("the frequent look came again", async || {
        let task = installation.queue().task(TaskKind::Reconcile, "recent").await.unwrap().unwrap();
        task.run_at == NOW_MS + 18 * 60_000
    })
    .await;
    assert_eq!(
        installation.tasks(TaskKind::Meeting).await,
        0,
        "it was asked, and an hour has not made it new"
    );
    installation.archive.reconcile(NOW_MS - DAY_MS).await.unwrap();
    assert_eq!(installation.tasks(TaskKind::Meeting).await, 1, "who asks by hand has it asked again");
}

async fn a_recording_that_is_known_by_another_track_is_not_asked_for_twice(fresh: &Fresh) {
    let installation = with_administrator(fresh).await;
    let mut known = seen(minute(1), Track::RecordingReady, Some("ou_a"));
    known.meeting_id = Some(archive::model::MeetingId::parse("70001").unwrap());
    installation.sight(&known).await;
    installation.platform.record_holds(vec![row(1, "ou_a", NOW_MS - HOUR_MS, true)]);
    let sum = installation.archive.reconcile(NOW_MS - DAY_MS).await.unwrap();
    assert_eq!((sum.recorded, sum.asked), (1, 0));
    let coverage = installation.catalog().coverage(&query(NOW_MS - DAY_MS, NOW_MS)).await.unwrap();
    assert_eq!(coverage.total.recorded, 1, "the meeting and its recording count once");
    assert_eq!(installation.platform.asked_meeting("70001"), 0);
}

async fn without_the_record_nothing_is_called_complete(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let coverage = async || installation.catalog().coverage(&query(NOW_MS - DAY_MS, NOW_MS)).await.unwrap();
    let standing = async || {
        let coverage = coverage().await;
        assert!(!coverage.is_complete);
        assert_eq!(coverage.total.unknown, None);
        coverage.standing
    };
    assert_eq!(standing().await, RecordStanding::NotAuthorised);
    installation.authorise(ADMINISTRATOR, "管理员").await;
    assert_eq!(standing().await, RecordStanding::ScopeMissing);
    let refused = installation.archive.reconcile(NOW_MS - DAY_MS).await.unwrap_err();
    assert!(matches!(refused, ReconcileError::Closed(RecordStanding::ScopeMissing, _)), "{refused}");

    installation.platform.grant(COMPANY_RECORD_SCOPE);
    installation.authorise(ADMINISTRATOR, "管理员").await;
    let refused = installation.archive.reconcile(NOW_MS - DAY_MS).await.unwrap_err();
    assert!(matches!(refused, ReconcileError::Closed(RecordStanding::Refused, _)), "{refused}");
    assert_eq!(standing().await, RecordStanding::Refused);
    let record = installation.catalog().company_record().await.unwrap();
    assert!(record.error.unwrap().contains("121005"));

    installation.platform.record_holds(Vec::new());
    installation.archive.reconcile(NOW_MS - 20 * DAY_MS).await.unwrap();
    let known = coverage().await;
    assert_eq!((known.standing, known.total.unknown), (RecordStanding::Available, Some(0)));
    // Nobody has looked for two hours: what was recorded meanwhile, nobody can know.
    let later = query(NOW_MS - DAY_MS, NOW_MS + 2 * HOUR_MS);
    let stale = installation.catalog().coverage(&later).await.unwrap();
    assert_eq!((stale.standing, stale.total.unknown), (RecordStanding::Stale, None));
}

/// Looks once more, `minutes` later.
async fn look_after(installation: &Installation, minutes: i64) {
    installation.clock.advance(minutes * 60_000);
    installation.platform.turn(minutes * 60_000);
    let now_ms = installation.archive.clock.now_ms();
    installation.queue().nudge(TaskKind::Reconcile);
    eventually("the look is over", async || {
        let task = installation.queue().task(TaskKind::Reconcile, "recent").await.unwrap().unwrap();
        task.run_at == now_ms + 8 * 60_000 && task.lease_until.is_none()
    })
    .await;
}

async fn a_long_meeting_is_asked_as_soon_as_it_goes_on_no_more(fresh: &Fresh) {
    let installation = with_administrator(fresh).await;
    // Began two hours ago and ends in ten minutes; began ten minutes ago and ends in twenty.
    let mut long = row(1, "ou_stranger", NOW_MS - 2 * HOUR_MS, true);
    long["ends"] = json!(NOW_MS / 1_000 + 600);
    let short = row(2, "ou_stranger", NOW_MS - 10 * 60_000, true);
    installation.platform.record_holds(vec![long, short]);
    installation.platform.recorded("70001", &minute(1));
    installation.platform.recorded("70002", &minute(2));
    let outcome = async |id: &str| {
        let id = archive::model::MeetingId::parse(id).unwrap();
        installation.catalog().meeting(&id).await.unwrap().map(|meeting| meeting.outcome)
    };
    installation.work_on(TaskKind::Reconcile);
    look_after(&installation, 0).await;
    assert_eq!(outcome("70001").await, Some(MeetingOutcome::GoingOn));
    assert_eq!(outcome("70002").await, None, "it may well end before it is worth following");
    look_after(&installation, 8).await;
    assert_eq!(
        (outcome("70001").await, installation.tasks(TaskKind::Meeting).await),
        (Some(MeetingOutcome::GoingOn), 0)
    );
    look_after(&installation, 8).await;
    assert_eq!(outcome("70001").await, Some(MeetingOutcome::Asking));
    assert_eq!(outcome("70002").await, Some(MeetingOutcome::GoingOn));
    installation.work_on(TaskKind::Meeting);
    eventually("its recording is known", async || {
        installation.catalog().recording(&minute(1)).await.unwrap().is_some()
    })
    .await;
    look_after(&installation, 8).await;
    eventually("and the other's", async || {
        installation.catalog().recording(&minute(2)).await.unwrap().is_some()
    })
    .await;
    assert_eq!(installation.platform.asked_meeting("70001"), 1);
}

async fn where_what_goes_on_is_not_listed_more_is_read_instead(fresh: &Fresh) {
    let installation = with_administrator(fresh).await;
    let mut long = row(1, "ou_stranger", NOW_MS - 2 * HOUR_MS, true);
    long["ends"] = json!(NOW_MS / 1_000 + 300);
    installation.platform.record_holds(vec![long]);
    installation.platform.lists_only_what_is_over();
    installation.work_on(TaskKind::Reconcile);
    look_after(&installation, 0).await;
    assert_eq!(installation.tasks(TaskKind::Meeting).await, 0);
    look_after(&installation, 8).await;
    assert_eq!(installation.tasks(TaskKind::Meeting).await, 1);
}

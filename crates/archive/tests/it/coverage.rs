//! Coverage: every recording is counted once, in its owner's week, under what became of it. And the tries behind it.

use std::collections::BTreeMap;

use archive::catalog::{
    ArtifactUpdate, Catalog, CoverageQuery, FinishedFile, MetadataFacts, RecordingUpdate,
};
use archive::model::{ArtifactKind, ArtifactState, MinuteToken, Reason, RecordingState, Track};
use jiff::tz::TimeZone;

use crate::databases::Fresh;
use crate::installation::{DAY_MS, HOUR_MS, NOW_MS, minute, person, seen, sight_in};

on_each_database!(
    every_recording_is_counted_once_under_what_became_of_it,
    of_everybody_it_tells_when_an_event_last_named_them,
    a_week_begins_on_monday_where_the_archive_is,
    tries_that_end_alike_are_one_row_and_rows_are_bounded,
);

async fn make(catalog: &Catalog, token: &MinuteToken, owner: &str, made_ms: i64, state: RecordingState) {
    let mut sighting = seen(token.clone(), Track::RecordingReady, Some(owner));
    sighting.owner = Some(person(owner));
    sight_in(catalog, &sighting, NOW_MS).await;
    let facts = MetadataFacts { created_ms: Some(made_ms), raw: "{}".to_owned(), ..MetadataFacts::default() };
    catalog.set_metadata(token, &facts).await.unwrap();
    let update = RecordingUpdate { state, reason: None, detail: None };
    catalog.set_recording_state(token, update, NOW_MS).await.unwrap();
}

fn query(since_ms: i64, zone: &str) -> CoverageQuery {
    let zone = TimeZone::get(zone).unwrap();
    CoverageQuery { since_ms, now_ms: NOW_MS, zone, member: None, administrators: Vec::new() }
}

async fn every_recording_is_counted_once_under_what_became_of_it(fresh: &Fresh) {
    let catalog = &fresh.catalog;
    let owners = ["ou_a", "ou_b"];
    for number in 0..66 {
        let state = RecordingState::ALL[number % RecordingState::ALL.len()];
        let made_ms = NOW_MS - i64::try_from(number).unwrap() * 9 * HOUR_MS;
        make(catalog, &minute(number), owners[number / 11 % 2], made_ms, state).await;
    }
    let coverage = catalog.coverage(&query(NOW_MS - 60 * DAY_MS, "Asia/Shanghai")).await.unwrap();
    let total = coverage.total;
    assert_eq!((total.recorded, total.archived, total.waiting, total.failed), (66, 6, 12, 12));
    assert_eq!((total.no_media, total.denied, total.not_authorised), (6, 6, 6));
    assert_eq!((total.deleted, total.removed), (6, 12));
    assert_eq!(total.unknown, None);
    let names: Vec<_> = coverage.people.iter().filter_map(|it| it.open_id.as_deref()).collect();
    assert_eq!(names, owners);
    for person in &coverage.people {
        assert_eq!(person.counts.recorded, 33);
        assert_eq!(person.weeks.iter().map(|week| week.counts.recorded).sum::<i64>(), 33);
        assert!(person.weeks.is_sorted_by_key(|week| week.from_ms));
        assert_eq!(person.last_event_at, Some(NOW_MS));
    }
    let only = CoverageQuery { member: Some(person("ou_b")), ..query(NOW_MS - 60 * DAY_MS, "Asia/Shanghai") };
    let of_one = catalog.coverage(&only).await.unwrap();
    assert_eq!((of_one.people.len(), of_one.total.recorded), (1, 33));
}

async fn of_everybody_it_tells_when_an_event_last_named_them(fresh: &Fresh) {
    let catalog = &fresh.catalog;
    for owner in ["ou_a", "ou_b", "ou_c"] {
        let number = usize::from(owner.as_bytes()[3]);
        let mut sighting = seen(minute(number), Track::Patrol, Some(owner));
        sighting.owner = Some(person(owner));
        sight_in(catalog, &sighting, NOW_MS).await;
    }
    let tell = async |number, track, through, at_ms| {
        sight_in(catalog, &seen(minute(number), track, through), at_ms).await;
    };
    tell(1, Track::RecordingReady, Some("ou_a"), NOW_MS - 5).await;
    tell(2, Track::RecordingReady, Some("ou_a"), NOW_MS - 9).await;
    tell(2, Track::MinuteGenerated, Some("ou_a"), NOW_MS - 7).await;
    tell(2, Track::MeetingEnded, Some("ou_c"), NOW_MS - 3).await;
    tell(2, Track::Attended, Some("ou_c"), NOW_MS).await;
    tell(2, Track::RecordingReady, None, NOW_MS).await;
    let week = query(NOW_MS - DAY_MS, "Asia/Shanghai");
    let told = catalog.coverage(&week).await.unwrap().people;
    // Beside them there is the owner whom nobody knows.
    let told: Vec<_> =
        told.iter().filter_map(|it| Some((it.open_id.as_deref()?, it.last_event_at))).collect();
    assert_eq!(told, [("ou_a", Some(NOW_MS - 5)), ("ou_b", None), ("ou_c", Some(NOW_MS - 3))]);
    let only = CoverageQuery { member: Some(person("ou_c")), ..week };
    assert_eq!(catalog.coverage(&only).await.unwrap().people[0].last_event_at, Some(NOW_MS - 3));
}

/// Berlin went from summer to winter time on 2026-10-25, a Sunday.
async fn a_week_begins_on_monday_where_the_archive_is(fresh: &Fresh) {
    let catalog = &fresh.catalog;
    let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_millisecond();
    for (number, made) in [
        "2026-10-18T21:59:59Z", // Sunday, 23:59:59 in Berlin
        "2026-10-18T22:00:00Z", // Monday, 00:00
        "2026-10-25T22:30:00Z", // Sunday, 23:30 in winter time
        "2026-10-25T23:00:00Z", // Monday, 00:00
    ]
    .into_iter()
    .enumerate()
    {
        make(catalog, &minute(number), "ou_a", at(made), RecordingState::Archived).await;
    }
    let weeks = async |zone: &str| -> BTreeMap<i8, i64> {
        let coverage = catalog.coverage(&query(at("2026-10-14T00:00:00Z"), zone)).await.unwrap();
        coverage.people[0].weeks.iter().map(|week| (week.week, week.counts.archived)).collect()
    };
    assert_eq!(weeks("Europe/Berlin").await, BTreeMap::from([(42, 1), (43, 2), (44, 1)]));
    assert_eq!(weeks("Asia/Shanghai").await, BTreeMap::from([(43, 2), (44, 2)]));
    let first = catalog.coverage(&query(at("2026-10-14T12:00:00Z"), "Europe/Berlin")).await.unwrap();
    assert_eq!(first.since_ms, at("2026-10-11T22:00:00Z"), "the whole week in which it begins");
}

async fn tries_that_end_alike_are_one_row_and_rows_are_bounded(fresh: &Fresh) {
    let catalog = &fresh.catalog;
    sight_in(catalog, &seen(minute(1), Track::Patrol, Some("ou_a")), NOW_MS).await;
    let miss = async |state, reason, at: i64| {
        let detail = Some(format!("log id {at}"));
        let update = ArtifactUpdate { state, reason, detail, attempts: 1, due_at: 0 };
        let asked = [person("ou_a"), person("ou_b")];
        catalog.artifact_not_done(&minute(1), ArtifactKind::Media, &update, &asked, at).await.unwrap();
    };
    miss(ArtifactState::Waiting, Some(Reason::NotReady), 1).await;
    miss(ArtifactState::Waiting, Some(Reason::NotReady), 2).await;
    miss(ArtifactState::Pending, None, 3).await;
    miss(ArtifactState::Failed, Some(Reason::PlatformTrouble), 4).await;
    miss(ArtifactState::Waiting, Some(Reason::NotReady), 5).await;
    let file = FinishedFile {
        via: Some("ou_b".to_owned()),
        ..FinishedFile::new("a.mp4".to_owned(), 1, "00".to_owned())
    };
    catalog.artifact_done(&minute(1), ArtifactKind::Media, &file, 6).await.unwrap();
    let rows = catalog.attempts(&minute(1)).await.unwrap();
    let told: Vec<_> =
        rows.iter().map(|row| (row.outcome.as_str(), row.times, row.first_at, row.last_at)).collect();
    assert_eq!(told, [("waiting", 2, 1, 2), ("failed", 1, 4, 4), ("waiting", 1, 5, 5), ("done", 1, 6, 6)]);
    assert_eq!(rows[0].detail.as_deref(), Some("log id 2"));
    assert_eq!((rows[0].via.as_deref(), rows[3].via.as_deref()), (Some("ou_a ou_b"), Some("ou_b")));

    for at in 0..60 {
        let reason = if at % 2 == 0 { Reason::PlatformTrouble } else { Reason::RateLimited };
        miss(ArtifactState::Failed, Some(reason), 10 + at).await;
    }
    let rows = catalog.attempts(&minute(1)).await.unwrap();
    assert_eq!((rows.len(), rows[0].first_at, rows[49].last_at), (50, 20, 69));
}

//! Any number of sightings, by any track, through any member, in any order, at once or one by one: one
//! recording, one set of artifacts, one task.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use archive::catalog::{ArtifactUpdate, Catalog, Novelty, RecordingFilter, Sighting};
use archive::discover::sight;
use archive::model::{ArtifactKind, ArtifactState, MeetingId, Reason, Track};
use archive::queue::TaskKind;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tokio::runtime::Handle;
use tokio::task::{JoinSet, block_in_place};

use crate::databases::Fresh;
use crate::installation::{Installation, NOW_MS, minute, person, seen, sight_in};

const MINUTES: usize = 3;
const MEMBERS: [&str; 3] = ["ou_a", "ou_b", "ou_c"];

/// Which minute, by which track, through whom; whether the track knows owner, title and meeting.
type Look = (usize, Track, Option<usize>, bool);

fn looks() -> impl Strategy<Value = Vec<Look>> {
    let look = (
        0..MINUTES,
        prop::sample::select(Track::ALL.to_vec()),
        prop::option::of(0..MEMBERS.len()),
        any::<bool>(),
    );
    prop::collection::vec(look, 1..25)
}

fn sighting(base: usize, (number, track, member, knows): &Look) -> Sighting {
    Sighting {
        minute_token: minute(base + number),
        track: *track,
        member: member.map(|index| person(MEMBERS[index])),
        owner: knows.then(|| person("ou_owner")),
        meeting_id: knows.then(|| MeetingId::parse("6911188411934433028").unwrap()),
        title: knows.then(|| "周会 \u{1f4c8}\0".to_owned()),
    }
}

async fn sight_all(catalogs: [&Catalog; 2], sightings: Vec<Sighting>, at_once: bool) {
    let mut running = JoinSet::new();
    for (number, sighting) in sightings.into_iter().enumerate() {
        let catalog = catalogs[number % 2].clone();
        running.spawn(async move { sight_in(&catalog, &sighting, NOW_MS).await });
        if !at_once {
            running.join_next().await.unwrap().unwrap();
        }
    }
    while let Some(done) = running.join_next().await {
        done.unwrap();
    }
}

async fn assert_one_of_each(catalog: &Catalog, base: usize, looks: &[Look]) {
    let mut expected: BTreeMap<usize, Vec<&Look>> = BTreeMap::new();
    for look in looks {
        expected.entry(look.0).or_default().push(look);
    }
    for (number, looks) in expected {
        let token = minute(base + number);
        let recording = catalog.recording(&token).await.unwrap().expect("a recording");
        let is_known = looks.iter().any(|look| look.3);
        assert_eq!(recording.owner_id.as_deref(), is_known.then_some("ou_owner"));
        assert_eq!(recording.meeting_id.as_deref(), is_known.then_some("6911188411934433028"));
        assert_eq!(recording.title.is_some_and(|title| title.starts_with("周会 \u{1f4c8}")), is_known);
        let artifacts = catalog.artifacts(&token).await.unwrap();
        assert_eq!(artifacts.iter().map(|artifact| artifact.kind).collect::<Vec<_>>(), ArtifactKind::FETCHED);
        let rows = catalog.sightings(&token).await.unwrap();
        let ways: BTreeSet<_> = looks.iter().map(|look| (look.1, look.2)).collect();
        assert_eq!(rows.len(), ways.len());
        let times: i64 = rows.iter().map(|row| row.times).sum();
        assert_eq!(times, i64::try_from(looks.len()).unwrap());
    }
}

on_each_database!(
    any_sightings_make_one_recording_each,
    of_many_at_once_exactly_one_finds_the_recording,
    what_a_track_did_not_commit_never_was,
    somebody_new_who_sees_it_is_asked_after_a_denial,
    the_owner_is_asked_first_then_who_saw_it_last_and_only_who_authorised,
);

async fn any_sightings_make_one_recording_each(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let beside = fresh.again().await;
    let next_base = AtomicUsize::new(0);
    let cases = (looks().prop_flat_map(|looks| Just(looks).prop_shuffle()), any::<bool>());
    let mut runner = TestRunner::new(Config { cases: 24, ..Config::default() });
    let handle = Handle::current();
    let outcome = block_in_place(|| {
        runner.run(&cases, |(looks, at_once)| {
            handle.block_on(async {
                // Shrinking runs a case again: each run has minutes of its own.
                let base = next_base.fetch_add(MINUTES, Ordering::Relaxed);
                let before = installation.tasks(TaskKind::Archive).await;
                let sightings = looks.iter().map(|look| sighting(base, look)).collect();
                sight_all([installation.catalog(), &beside], sightings, at_once).await;
                assert_one_of_each(installation.catalog(), base, &looks).await;
                let minutes: BTreeSet<_> = looks.iter().map(|look| look.0).collect();
                assert_eq!(installation.tasks(TaskKind::Archive).await - before, minutes.len());
            });
            Ok(())
        })
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

async fn of_many_at_once_exactly_one_finds_the_recording(fresh: &Fresh) {
    let beside = fresh.again().await;
    let mut running = JoinSet::new();
    for number in 0..48 {
        let catalog = if number % 2 == 0 { fresh.catalog.clone() } else { beside.clone() };
        running.spawn(async move {
            let track = Track::ALL[number % Track::ALL.len()];
            let mut tx = catalog.db().begin().await.unwrap();
            let novelty = sight(&mut tx, &seen(minute(1), track, Some("ou_a")), NOW_MS).await.unwrap();
            tx.commit().await.unwrap();
            novelty
        });
    }
    let novelties = running.join_all().await;
    let count = |novelty| novelties.iter().filter(|it| **it == novelty).count();
    assert_eq!(count(Novelty::Recording), 1);
    assert_eq!(count(Novelty::Reacher), Track::ALL.len() - 1);
    let all = RecordingFilter { limit: 10, ..RecordingFilter::default() };
    assert_eq!(fresh.catalog.recordings(&all).await.unwrap().len(), 1);
}

async fn what_a_track_did_not_commit_never_was(fresh: &Fresh) {
    let mut tx = fresh.catalog.db().begin().await.unwrap();
    sight(&mut tx, &seen(minute(1), Track::Patrol, None), NOW_MS).await.unwrap();
    drop(tx);
    assert!(fresh.catalog.recording(&minute(1)).await.unwrap().is_none());
    assert!(fresh.catalog.overview().await.unwrap().tasks.is_empty());
}

async fn somebody_new_who_sees_it_is_asked_after_a_denial(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    installation.authorise("ou_a", "甲").await;
    installation.authorise("ou_b", "乙").await;
    installation.sight(&seen(minute(1), Track::Patrol, Some("ou_a"))).await;
    let task = installation.queue().claim(TaskKind::Archive).await.unwrap().unwrap();
    let denied = ArtifactUpdate {
        state: ArtifactState::Denied,
        reason: Some(Reason::ExportDenied),
        detail: None,
        attempts: 1,
        due_at: NOW_MS + 1_000_000,
    };
    installation
        .catalog()
        .artifact_not_done(&minute(1), ArtifactKind::Media, &denied, &[], NOW_MS)
        .await
        .unwrap();
    installation.queue().finish(&task).await.unwrap();

    installation.sight(&seen(minute(1), Track::Patrol, Some("ou_a"))).await;
    installation.sight(&seen(minute(1), Track::MeetingEnded, None)).await;
    assert_eq!(installation.tasks(TaskKind::Archive).await, 0, "nobody new");
    installation.sight(&seen(minute(1), Track::MinuteGenerated, Some("ou_b"))).await;
    assert_eq!(installation.tasks(TaskKind::Archive).await, 1);
    let media = &installation.catalog().artifacts(&minute(1)).await.unwrap()[0];
    assert_eq!((media.kind, media.due_at), (ArtifactKind::Media, 0));
}

async fn the_owner_is_asked_first_then_who_saw_it_last_and_only_who_authorised(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    for (open_id, name) in [("ou_owner", "主"), ("ou_a", "甲"), ("ou_b", "乙"), ("ou_c", "丙")] {
        installation.authorise(open_id, name).await;
    }
    let mut first = seen(minute(1), Track::Patrol, Some("ou_a"));
    first.owner = Some(person("ou_owner"));
    installation.sight(&first).await;
    installation.clock.advance(1_000);
    installation.sight(&seen(minute(1), Track::MinuteGenerated, Some("ou_b"))).await;
    installation.sight(&seen(minute(1), Track::MinuteGenerated, Some("ou_stranger"))).await;
    installation.clock.advance(1_000);
    installation.sight(&seen(minute(1), Track::Patrol, Some("ou_c"))).await;
    installation.grants().revoked(&person("ou_c"), "", None).await.unwrap();
    let reachers = installation.catalog().reachers(&minute(1), NOW_MS).await.unwrap();
    assert_eq!(reachers, ["ou_owner", "ou_b", "ou_a"].map(person));
}

//! A machine's clock may run ahead and be set right: what it wrote meanwhile holds nothing up.

use archive::catalog::{ArtifactUpdate, MetadataFacts};
use archive::model::{ArtifactKind, ArtifactState, Reason, Track};
use archive::queue::{Call, TaskKind};
use feishu::Priority;
use serde_json::json;

use crate::databases::Fresh;
use crate::installation::{DAY_MS, Installation, NOW_MS, eventually, minute, person, seen};

const AHEAD_MS: i64 = 365 * DAY_MS;

on_each_database!(
    a_task_put_off_to_next_year_runs_now,
    a_lease_to_next_year_is_no_lease,
    a_renewal_put_off_to_next_year_is_tried_now,
    an_artifact_put_off_to_next_year_is_asked_for_now,
    set_back_a_day_between_two_lives_it_keeps_nobody_waiting,
    the_first_patrol_goes_by_the_platforms_clock,
);

async fn a_task_put_off_to_next_year_runs_now(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let queue = installation.queue();
    queue.call(Call::new(TaskKind::Meeting, "far", Priority::Event, NOW_MS + AHEAD_MS)).await.unwrap();
    queue.call(Call::new(TaskKind::Meeting, "soon", Priority::Event, NOW_MS + 7 * DAY_MS)).await.unwrap();
    assert_eq!(queue.claim(TaskKind::Meeting).await.unwrap().unwrap().subject, "far");
    assert!(queue.claim(TaskKind::Meeting).await.unwrap().is_none(), "a week is a wait like any other");
}

async fn a_lease_to_next_year_is_no_lease(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let queue = installation.queue();
    installation.clock.advance(AHEAD_MS);
    queue.call(Call::new(TaskKind::Meeting, "m", Priority::Event, NOW_MS)).await.unwrap();
    let old = queue.claim(TaskKind::Meeting).await.unwrap().unwrap();
    installation.clock.advance(-AHEAD_MS);
    let present = queue.claim(TaskKind::Meeting).await.unwrap().expect("its holder may be long dead");
    assert!(!queue.heartbeat(&old).await.unwrap());
    assert!(queue.heartbeat(&present).await.unwrap());
}

async fn a_renewal_put_off_to_next_year_is_tried_now(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    installation.authorise("ou_a", "甲").await;
    installation.clock.advance(AHEAD_MS);
    installation.platform.answer_instead(500, &json!({"code": 20_050}));
    assert!(installation.grants().access(&person("ou_a")).await.is_err());
    installation.clock.advance(-AHEAD_MS + DAY_MS);
    assert_eq!(installation.grants().access(&person("ou_a")).await.unwrap().version, 2);
}

async fn an_artifact_put_off_to_next_year_is_asked_for_now(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    installation.authorise("ou_a", "甲").await;
    installation.sight(&seen(minute(1), Track::Patrol, Some("ou_a"))).await;
    let catalog = installation.catalog();
    let facts = MetadataFacts { raw: "{}".to_owned(), ..MetadataFacts::default() };
    catalog.set_metadata(&minute(1), &facts).await.unwrap();
    let far = ArtifactUpdate {
        state: ArtifactState::Failed,
        reason: Some(Reason::PlatformTrouble),
        detail: None,
        attempts: 1,
        due_at: NOW_MS + AHEAD_MS,
    };
    for kind in ArtifactKind::FETCHED {
        catalog.artifact_not_done(&minute(1), kind, &far, &[], NOW_MS).await.unwrap();
    }
    installation.work_on(TaskKind::Archive);
    eventually("all were asked for and wait a decent time", async || {
        let artifacts = catalog.artifacts(&minute(1)).await.unwrap();
        artifacts.iter().all(|artifact| artifact.attempts == 2 && artifact.due_at < NOW_MS + DAY_MS)
    })
    .await;
}

async fn the_first_patrol_goes_by_the_platforms_clock(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    installation.platform.search_finds("owner_ids", &[minute(1)]);
    installation.work_on(TaskKind::Patrol);
    for (open_id, turn) in [("ou_ahead", AHEAD_MS), ("ou_behind", -2 * AHEAD_MS)] {
        installation.clock.advance(turn);
        installation.authorise(open_id, "某").await;
        eventually("a patrol ends well", async || installation.member(open_id).await.patrolled_at.is_some())
            .await;
        let rows = installation.catalog().sightings(&minute(1)).await.unwrap();
        assert!(rows.iter().any(|row| row.open_id == open_id), "{open_id}: {rows:?}");
    }
}

async fn set_back_a_day_between_two_lives_it_keeps_nobody_waiting(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    installation.authorise("ou_a", "甲").await;
    installation.archive.take_up().await.unwrap();
    let queue = installation.queue();
    queue.call(Call::new(TaskKind::Meeting, "soon", Priority::Event, NOW_MS + 5_000)).await.unwrap();
    queue.call(Call::new(TaskKind::Meeting, "held", Priority::Event, NOW_MS)).await.unwrap();
    assert_eq!(queue.claim(TaskKind::Meeting).await.unwrap().unwrap().subject, "held");
    let due = async || {
        let row: Option<(i64,)> =
            fresh.catalog.db().row("SELECT refresh_due_at FROM grants", Vec::new()).await.unwrap();
        row.unwrap().0
    };
    let renewal_in_ms = due().await - NOW_MS;

    installation.clock.advance(-DAY_MS);
    let now_ms = NOW_MS - DAY_MS;
    installation.archive.take_up().await.unwrap();
    assert_eq!(due().await, now_ms + renewal_in_ms, "a grant would have run out meanwhile");
    assert_eq!(queue.claim(TaskKind::Meeting).await.unwrap().unwrap().subject, "held", "a lease is stuck");
    assert!(queue.claim(TaskKind::Meeting).await.unwrap().is_none());
    installation.clock.advance(5_000);
    assert_eq!(queue.claim(TaskKind::Meeting).await.unwrap().unwrap().subject, "soon");

    // Seconds are corrected every day, and mean nothing.
    let before = due().await;
    installation.clock.advance(-5_000);
    installation.archive.take_up().await.unwrap();
    assert_eq!(due().await, before);
}

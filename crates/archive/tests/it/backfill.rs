//! A member's history: whole, newest first, below all other work, and never twice for a kill.

use archive::BackfillSince;
use archive::catalog::MetadataFacts;
use archive::model::{Backfill, MemberState, RecordingState, Scope, Track};
use archive::queue::TaskKind;
use feishu::Priority;

use crate::databases::Fresh;
use crate::installation::{DAY_MS, HOUR_MS, Installation, NOW_MS, eventually, minute, person, seen};
use crate::platform::Searched;

on_each_database!(
    nothing_lies_between_the_patrol_and_the_history,
    a_killed_back_fill_goes_on_where_it_was,
    one_that_is_to_go_further_back_goes_on_where_it_ended,
    an_authorisation_after_a_gap_catches_up_the_gap_and_not_the_history,
    the_newest_is_fetched_first_and_all_of_it_after_everything_else,
    what_came_of_it_is_counted_and_what_is_to_come_is_estimated,
);

async fn backfill(installation: &Installation) -> Option<Backfill> {
    installation.catalog().backfill(&person("ou_a")).await.unwrap()
}

async fn gone_through(installation: &Installation) {
    eventually("the history is gone through", async || {
        backfill(installation).await.is_some_and(|it| it.ended_at.is_some())
    })
    .await;
}

async fn patrolled(installation: &Installation) {
    eventually("a patrol has ended well", async || {
        installation.member("ou_a").await.patrolled_at == Some(installation.archive.clock.now_ms())
    })
    .await;
}

/// Whether these windows leave nothing out of [`from_ms`, `to_ms`].
fn cover(searched: &[Searched], from_ms: i64, to_ms: i64) -> bool {
    let mut windows: Vec<_> = searched.iter().map(|it| (it.from_ms, it.to_ms)).collect();
    windows.sort_unstable();
    let covered_to = windows.iter().fold(from_ms, |covered_to, (from_ms, to_ms)| {
        if *from_ms <= covered_to { covered_to.max(*to_ms) } else { covered_to }
    });
    covered_to >= to_ms
}

async fn nothing_lies_between_the_patrol_and_the_history(fresh: &Fresh) {
    // Ours may be wrong by a year; and either of the two may come days late, at a full queue.
    for (number, ahead_ms) in [0, 365 * DAY_MS, -365 * DAY_MS].into_iter().enumerate() {
        for (turn, first) in [TaskKind::Patrol, TaskKind::Backfill].into_iter().enumerate() {
            let installation = Installation::new(fresh).await;
            let open_id = format!("ou_{number}{turn}");
            installation.clock.advance(ahead_ms);
            installation.authorise(&open_id, "某").await;
            let has_ended = async |kind| {
                if kind == TaskKind::Patrol {
                    return installation.member(&open_id).await.patrolled_at.is_some();
                }
                let begun = installation.catalog().backfill(&person(&open_id)).await.unwrap();
                begun.is_some_and(|it| it.ended_at.is_some())
            };
            installation.work_on(first);
            eventually("the first has ended", async || has_ended(first).await).await;
            installation.clock.advance(3 * DAY_MS);
            installation.platform.turn(3 * DAY_MS);
            let second = if first == TaskKind::Patrol { TaskKind::Backfill } else { TaskKind::Patrol };
            installation.work_on(second);
            installation.queue().nudge(TaskKind::Patrol);
            eventually("the second has ended", async || has_ended(second).await).await;
            // With a clock that is far behind, what the platform calls now is the next round's.
            eventually("all is covered", async || {
                installation.clock.advance(5 * 60_000);
                installation.queue().nudge(TaskKind::Patrol);
                cover(&installation.platform.searched(), NOW_MS - 720 * HOUR_MS, NOW_MS + 3 * DAY_MS)
            })
            .await;
            installation.stop().await;
        }
    }
}

async fn a_killed_back_fill_goes_on_where_it_was(fresh: &Fresh) {
    let installation = Installation::new(fresh).await.looking_for(Scope::Owned, BackfillSince::TheBeginning);
    installation.authorise("ou_a", "甲").await;
    installation.work_on(TaskKind::Backfill);
    eventually("some of it is done", async || backfill(&installation).await.is_some_and(|it| it.windows > 0))
        .await;
    installation.stop().await;
    let before = backfill(&installation).await.unwrap();
    assert!(before.ended_at.is_none(), "it was over before it could be stopped");
    let searched = installation.platform.searched().len();

    let reborn = installation.beside(fresh).await.looking_for(Scope::Owned, BackfillSince::TheBeginning);
    reborn.archive.take_up().await.unwrap();
    reborn.work_on(TaskKind::Backfill);
    gone_through(&reborn).await;
    let after = backfill(&reborn).await.unwrap();
    assert_eq!((after.to_ms, after.reached_ms), (before.to_ms, after.goal_ms));
    let again = reborn.platform.searched().split_off(searched);
    assert!(again.iter().all(|window| window.to_ms <= before.reached_ms + 1_000), "{again:?}");
    assert!(cover(&reborn.platform.searched(), after.goal_ms, after.to_ms));
}

async fn one_that_is_to_go_further_back_goes_on_where_it_ended(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    installation.authorise("ou_a", "甲").await;
    installation.work_on(TaskKind::Backfill);
    gone_through(&installation).await;
    installation.stop().await;
    let searched = installation.platform.searched().len();

    let same = installation.beside(fresh).await;
    same.archive.take_up().await.unwrap();
    assert!(same.queue().task(TaskKind::Backfill, "ou_a").await.unwrap().is_none(), "all is done");

    let day_ms = NOW_MS - 100 * DAY_MS;
    let further = installation.beside(fresh).await.looking_for(Scope::Owned, BackfillSince::Moment(day_ms));
    further.archive.take_up().await.unwrap();
    further.work_on(TaskKind::Backfill);
    eventually("it has come so far", async || {
        backfill(&further).await.is_some_and(|it| it.ended_at.is_some() && it.reached_ms == day_ms)
    })
    .await;
    let again = further.platform.searched().split_off(searched);
    assert!(again.iter().all(|window| window.to_ms <= NOW_MS - 720 * HOUR_MS + 1_000), "{again:?}");
}

async fn an_authorisation_after_a_gap_catches_up_the_gap_and_not_the_history(fresh: &Fresh) {
    const GAP_MS: i64 = 100 * DAY_MS;
    let installation = Installation::new(fresh).await;
    installation.authorise("ou_a", "甲").await;
    installation.work_on(TaskKind::Patrol);
    patrolled(&installation).await;
    installation.work_on(TaskKind::Backfill);
    gone_through(&installation).await;
    let history = backfill(&installation).await.unwrap();
    installation.grants().revoked(&person("ou_a"), "Revoked by user action.", None).await.unwrap();
    assert_eq!(installation.member("ou_a").await.state, MemberState::MustAuthorise);

    let made = [(minute(1), NOW_MS + 2 * DAY_MS), (minute(2), NOW_MS + 50 * DAY_MS)];
    installation.platform.has("owner_ids", "ou_a", made);
    installation.clock.advance(GAP_MS);
    installation.platform.turn(GAP_MS);
    installation.authorise("ou_a", "甲").await;
    patrolled(&installation).await;
    for number in [1, 2] {
        let rows = installation.catalog().sightings(&minute(number)).await.unwrap();
        assert_eq!(rows[0].track, Track::Patrol.as_str());
    }
    eventually("the back-fill finds that it is done", async || {
        installation.queue().task(TaskKind::Backfill, "ou_a").await.unwrap().is_none()
    })
    .await;
    let after = backfill(&installation).await.unwrap();
    assert_eq!((after.searches, after.ended_at), (history.searches, history.ended_at));
}

async fn the_newest_is_fetched_first_and_all_of_it_after_everything_else(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    // One a day: the later in the numbers, the older.
    let made = (0..25_usize)
        .map(|number| (minute(number), NOW_MS - i64::try_from(number).unwrap() * DAY_MS - HOUR_MS));
    // Many to a window, so that windows come to be narrower than the history.
    let crowd = (100..150_usize).map(|number| (minute(number), NOW_MS - 2 * HOUR_MS));
    installation.platform.has("owner_ids", "ou_a", made.chain(crowd));
    installation.authorise("ou_a", "甲").await;
    installation.work_on(TaskKind::Backfill);
    gone_through(&installation).await;
    installation.sight(&seen(minute(999), Track::Patrol, Some("ou_a"))).await;

    // A queue that has made no claims yet: every eighth turn is for whoever has waited longest.
    let fetching = installation.beside(fresh).await;
    let first = fetching.queue().claim(TaskKind::Archive).await.unwrap().unwrap();
    assert_eq!((first.subject.as_str(), first.priority()), (minute(999).as_str(), Priority::Patrol));
    let mut order = Vec::new();
    for _ in 0..5 {
        let task = fetching.queue().claim(TaskKind::Archive).await.unwrap().unwrap();
        assert_eq!(task.priority(), Priority::Backfill);
        order.push(task.subject);
    }
    let is_of_the_first_days = |subject: &String| {
        let number: usize = subject.trim_start_matches("obcn").parse().unwrap();
        !(3..100).contains(&number)
    };
    assert!(order.iter().all(is_of_the_first_days), "{order:?}");
}

async fn what_came_of_it_is_counted_and_what_is_to_come_is_estimated(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let catalog = installation.catalog();
    let made = (0..4_usize).map(|number| (minute(number), NOW_MS - 5 * DAY_MS));
    installation.platform.has("owner_ids", "ou_a", made);
    installation.authorise("ou_a", "甲").await;
    installation.work_on(TaskKind::Backfill);
    gone_through(&installation).await;
    let facts = MetadataFacts { raw: "{}".to_owned(), duration_ms: Some(60_000), ..MetadataFacts::default() };
    for number in [0, 1] {
        catalog.set_metadata(&minute(number), &facts).await.unwrap();
    }
    let came = catalog.backfill_yield(Some(&person("ou_a"))).await.unwrap();
    assert_eq!((came.found, came.archived, came.open, came.timed, came.timed_ms), (4, 0, 4, 2, 120_000));
    assert_eq!(came.open_bytes(&catalog.media_measure().await.unwrap()), None, "nothing is measured yet");

    for sql in [
        "UPDATE recordings SET state = 'archived' WHERE minute_token = 'obcn00000000000000000000'",
        "UPDATE artifacts SET state = 'done', bytes = 600000
         WHERE kind = 'media' AND minute_token = 'obcn00000000000000000000'",
    ] {
        catalog.db().execute(sql, Vec::new()).await.unwrap();
    }
    let recording = catalog.recording(&minute(0)).await.unwrap().unwrap();
    assert_eq!(recording.state, RecordingState::Archived);
    let came = catalog.backfill_yield(None).await.unwrap();
    assert_eq!((came.found, came.archived, came.open), (4, 1, 3));
    assert_eq!(came.open_bytes(&catalog.media_measure().await.unwrap()), Some(3 * 600_000));
    assert_eq!(catalog.backfill_yield(Some(&person("ou_b"))).await.unwrap().found, 0);
}

//! What somebody attended and somebody else owns: theirs to see whenever they authorise, and never a reason to fetch.

use archive::BackfillSince;
use archive::library::{Shelf, Wish};
use archive::model::{ArtifactState, Reason, Role, Scope, Track};
use archive::queue::TaskKind;

use crate::authorise::leave;
use crate::databases::Fresh;
use crate::installation::{DAY_MS, HOUR_MS, Installation, NOW_MS, deed, eventually, minute, person, seen};
use crate::library::{make, viewer};
use crate::platform::PagesEnd;

on_each_database!(
    whoever_authorises_late_sees_what_they_attended,
    what_its_owner_brings_in_later_is_seen_by_those_who_attended,
    what_nobody_could_fetch_is_asked_for_through_whoever_attended,
    history_is_gone_through_to_the_oldest_recording_and_goes_on_where_it_was,
    what_is_new_is_found_by_the_next_look_whatever_the_clock_says,
    whoever_is_removed_leaves_nothing_behind,
    where_all_of_it_is_brought_in_there_is_nothing_to_look_for,
    what_keeps_a_look_from_succeeding_is_told_until_one_succeeds,
);

async fn looked(installation: &Installation, open_id: &str) {
    eventually("it was looked for what they attended", async || {
        let looks = installation.catalog().attended_looks(&person(open_id)).await.unwrap();
        looks.is_some_and(|looks| looks.reached_ms <= looks.goal_ms)
    })
    .await;
}

async fn shared_with(installation: &Installation, open_id: &str) -> Vec<usize> {
    let wish = Wish { shelf: Shelf::Shared, limit: 100, ..Wish::default() };
    let listed = installation.catalog().listed(&viewer(open_id, Role::Member), &wish).await.unwrap();
    let mut numbers: Vec<usize> = listed
        .items
        .iter()
        .map(|it| it.minute_token.as_ref().trim_start_matches("obcn").parse().unwrap())
        .collect();
    numbers.sort_unstable();
    numbers
}

async fn noted(installation: &Installation) -> i64 {
    let row: Option<(i64,)> =
        installation.catalog().db().row("SELECT COUNT(*) FROM attended", Vec::new()).await.unwrap();
    row.unwrap().0
}

async fn whoever_authorises_late_sees_what_they_attended(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    for number in [1, 2, 3] {
        make(installation.catalog(), number, "ou_a", &[]).await;
    }
    let own = make(installation.catalog(), 4, "ou_b", &["ou_b"]).await;
    installation.catalog().db().execute("DELETE FROM tasks", Vec::new()).await.unwrap();
    let archived = "UPDATE recordings SET state = 'archived' WHERE minute_token = 'obcn00000000000000000001'";
    installation.catalog().db().execute(archived, Vec::new()).await.unwrap();
    let platform = &installation.platform;
    platform.has("participant_ids", "ou_b", [1, 3, 4].map(|number| (minute(number), NOW_MS - 20 * DAY_MS)));
    installation.authorise("ou_b", "乙").await;
    assert_eq!(shared_with(&installation, "ou_b").await, Vec::<usize>::new());

    installation.work_on(TaskKind::Attended);
    looked(&installation, "ou_b").await;
    assert_eq!(shared_with(&installation, "ou_b").await, [1, 3]);
    let member = viewer("ou_b", Role::Member);
    assert!(!installation.catalog().may_open(&member, &minute(2)).await.unwrap(), "they were not there");
    let tracks = installation.catalog().sightings(&own).await.unwrap();
    assert_eq!(tracks.len(), 1, "that they reach their own is known: {tracks:?}");
    let is_queued = async |number| {
        installation.queue().task(TaskKind::Archive, minute(number).as_ref()).await.unwrap().is_some()
    };
    assert!(is_queued(3).await && !is_queued(1).await, "what is archived is not fetched again");
    eventually("the next round is called for", async || {
        let task = installation.queue().task(TaskKind::Attended, "ou_b").await.unwrap();
        task.is_some_and(|task| task.run_at > NOW_MS)
    })
    .await;
}

async fn what_its_owner_brings_in_later_is_seen_by_those_who_attended(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let platform = &installation.platform;
    let made_ms = NOW_MS - 3 * DAY_MS;
    for open_id in ["ou_b", "ou_c"] {
        platform.has("participant_ids", open_id, [(minute(1), made_ms)]);
        installation.authorise(open_id, "某").await;
    }
    installation.work_on(TaskKind::Attended);
    for open_id in ["ou_b", "ou_c"] {
        looked(&installation, open_id).await;
    }
    assert!(
        installation.catalog().recording(&minute(1)).await.unwrap().is_none(),
        "its owner did not ask for it"
    );
    assert_eq!(noted(&installation).await, 2);

    platform.has("owner_ids", "ou_a", [(minute(1), made_ms)]);
    installation.authorise("ou_a", "甲").await;
    installation.work_on(TaskKind::Backfill);
    eventually("its owner's history brings it in", async || {
        installation.catalog().recording(&minute(1)).await.unwrap().is_some()
    })
    .await;
    for open_id in ["ou_b", "ou_c"] {
        assert_eq!(shared_with(&installation, open_id).await, [1]);
    }
    assert_eq!(noted(&installation).await, 0);
    let recording = installation.catalog().recording(&minute(1)).await.unwrap().unwrap();
    assert_eq!(recording.owner_id.as_deref(), Some("ou_a"));
}

async fn what_nobody_could_fetch_is_asked_for_through_whoever_attended(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    installation.sight(&seen(minute(7), Track::MeetingEnded, None)).await;
    leave(&installation, &minute(7), ArtifactState::Denied, Reason::NoGrant).await;
    installation.platform.search_finds("participant_ids", &[minute(7), minute(8)]);
    installation.authorise("ou_a", "甲").await;
    installation.work_on(TaskKind::Attended);
    looked(&installation, "ou_a").await;
    assert_eq!(installation.catalog().reachers(&minute(7), NOW_MS).await.unwrap(), [person("ou_a")]);
    let artifacts = installation.catalog().artifacts(&minute(7)).await.unwrap();
    assert!(artifacts.iter().all(|artifact| artifact.state == ArtifactState::Pending), "{artifacts:?}");
    assert!(installation.queue().task(TaskKind::Archive, minute(7).as_ref()).await.unwrap().is_some());
    assert!(installation.catalog().recording(&minute(8)).await.unwrap().is_none());
}

async fn history_is_gone_through_to_the_oldest_recording_and_goes_on_where_it_was(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    // Two of the owner's: within back-fill's reach, and long before.
    make(installation.catalog(), 1, "ou_a", &[]).await;
    make(installation.catalog(), 2_400, "ou_a", &[]).await;
    let old_ms = NOW_MS - 800 * HOUR_MS;
    let attended = [(minute(1), NOW_MS - HOUR_MS), (minute(2_400), old_ms)];
    installation.platform.has("participant_ids", "ou_b", attended.clone());
    installation.authorise("ou_b", "乙").await;
    installation.work_on(TaskKind::Attended);
    looked(&installation, "ou_b").await;
    assert_eq!(shared_with(&installation, "ou_b").await, [1, 2_400]);
    installation.stop().await;
    let searched = installation.platform.searched().len();

    // Something older comes in: the next life goes on from where this one ended.
    make(installation.catalog(), 12_000, "ou_a", &[]).await;
    let older = [(minute(12_000), NOW_MS - 4_000 * HOUR_MS)];
    installation.platform.has("participant_ids", "ou_b", attended.into_iter().chain(older));
    let reborn = installation.beside(fresh).await;
    reborn.archive.take_up().await.unwrap();
    reborn.catalog().db().execute("UPDATE tasks SET run_at = 0", Vec::new()).await.unwrap();
    reborn.work_on(TaskKind::Attended);
    eventually("the oldest is seen", async || shared_with(&reborn, "ou_b").await == [1, 2_400, 12_000]).await;
    let again = reborn.platform.searched().split_off(searched);
    let is_new = |from_ms: i64, to_ms: i64| {
        to_ms <= NOW_MS - 800 * HOUR_MS + 1_000 || from_ms >= NOW_MS - DAY_MS - HOUR_MS
    };
    assert!(again.iter().all(|window| is_new(window.from_ms, window.to_ms)), "{again:?}");
}

async fn what_is_new_is_found_by_the_next_look_whatever_the_clock_says(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    installation.authorise("ou_b", "乙").await;
    installation.work_on(TaskKind::Attended);
    looked(&installation, "ou_b").await;
    // Ours stays a year behind while the platform's goes on for ten days.
    installation.clock.advance(-365 * DAY_MS);
    installation.platform.turn(10 * DAY_MS);
    make(installation.catalog(), 3, "ou_a", &[]).await;
    installation.platform.has("participant_ids", "ou_b", [(minute(3), NOW_MS + 5 * DAY_MS)]);
    let has_ended = async || {
        let task = installation.queue().task(TaskKind::Attended, "ou_b").await.unwrap();
        task.is_some_and(|task| task.run_at > 0 && task.lease_until.is_none())
    };
    eventually("the first look has ended", &has_ended).await;
    for _ in 0..2 {
        installation.catalog().db().execute("UPDATE tasks SET run_at = 0", Vec::new()).await.unwrap();
        installation.queue().nudge(TaskKind::Attended);
        eventually("a look has ended", &has_ended).await;
    }
    assert_eq!(shared_with(&installation, "ou_b").await, [3]);
}

async fn whoever_is_removed_leaves_nothing_behind(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    installation.platform.search_finds("participant_ids", &[minute(1), minute(2)]);
    installation.authorise("ou_b", "乙").await;
    installation.work_on(TaskKind::Attended);
    looked(&installation, "ou_b").await;
    assert_eq!(noted(&installation).await, 2);
    let deed = deed(archive::audit::Verb::Deleted, "ou_b");
    installation.catalog().remove_member(&person("ou_b"), Some(&deed)).await.unwrap();
    assert_eq!(noted(&installation).await, 0);
    assert_eq!(installation.catalog().attended_looks(&person("ou_b")).await.unwrap(), None);
    assert!(installation.queue().task(TaskKind::Attended, "ou_b").await.unwrap().is_none());
}

async fn where_all_of_it_is_brought_in_there_is_nothing_to_look_for(fresh: &Fresh) {
    let before = BackfillSince::Moment(NOW_MS);
    let installation = Installation::new(fresh).await.looking_for(Scope::OwnedAndAttended, before);
    installation.authorise("ou_b", "乙").await;
    installation.work_on(TaskKind::Attended);
    eventually("there is nothing to do", async || installation.tasks(TaskKind::Attended).await == 0).await;
    assert_eq!(installation.platform.searched(), []);
}

async fn what_keeps_a_look_from_succeeding_is_told_until_one_succeeds(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    installation.platform.search_finds("participant_ids", &(1..60).map(minute).collect::<Vec<_>>());
    installation.platform.pages_end(PagesEnd::With(190_004));
    installation.authorise("ou_b", "乙").await;
    installation.work_on(TaskKind::Attended);
    let error = async || {
        let task = installation.queue().task(TaskKind::Attended, "ou_b").await.unwrap();
        task.and_then(|task| task.last_error)
    };
    eventually("the refusal is told", async || error().await.is_some_and(|it| it.contains("190004"))).await;

    installation.platform.pages_end(PagesEnd::Silently);
    installation.catalog().db().execute("UPDATE tasks SET run_at = 0", Vec::new()).await.unwrap();
    installation.queue().nudge(TaskKind::Attended);
    looked(&installation, "ou_b").await;
    assert_eq!(error().await, None);
}

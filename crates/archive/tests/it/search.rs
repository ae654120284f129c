//! A search that stops short without a word, or in the middle of its pages, hides nothing.

use archive::BackfillSince;
use archive::model::{MinuteToken, Scope, Track};
use archive::queue::TaskKind;

use crate::databases::Fresh;
use crate::installation::{DAY_MS, HOUR_MS, Installation, NOW_MS, eventually, minute};
use crate::platform::PagesEnd;

on_each_database!(
    five_thousand_recordings_of_one_member_are_all_found_at_little_more_than_the_least_cost,
    pages_that_cannot_be_read_to_their_end_hide_nothing,
    of_meetings_attended_there_is_one_copy_and_only_where_it_is_wanted,
);

/// Recordings in the office hours of so many days, the newest `last_ms` ago, at moments that `seed` decides.
pub(crate) fn office_life(count: usize, days: i64, last_ms: i64, seed: u64) -> Vec<(MinuteToken, i64)> {
    let mut state = seed | 1;
    let mut below = |bound: i64| {
        // Xorshift: the same for the same seed on every machine.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        i64::try_from(state % bound.unsigned_abs()).unwrap()
    };
    let made = |number| {
        let midnight_ms = (NOW_MS - last_ms) / DAY_MS * DAY_MS - below(days) * DAY_MS;
        (minute(number), midnight_ms + below(9 * HOUR_MS))
    };
    (0..count).map(made).collect()
}

async fn gone_through(installation: &Installation, open_id: &str) -> archive::model::Backfill {
    let member = crate::installation::person(open_id);
    eventually("the history is gone through", async || {
        installation.catalog().backfill(&member).await.unwrap().is_some_and(|it| it.ended_at.is_some())
    })
    .await;
    installation.catalog().backfill(&member).await.unwrap().unwrap()
}

async fn five_thousand_recordings_of_one_member_are_all_found_at_little_more_than_the_least_cost(
    fresh: &Fresh,
) {
    const COUNT: usize = 5_000;
    let seed = rand::random();
    println!("seed {seed}");
    // Some five a day, over three of the years for which the platform has had minutes.
    let installation = Installation::new(fresh).await.looking_for(Scope::Owned, BackfillSince::TheBeginning);
    installation.platform.has("owner_ids", "ou_a", office_life(COUNT, 1_000, HOUR_MS, seed));
    installation.authorise("ou_a", "甲").await;
    installation.work_on(TaskKind::Backfill);
    let backfill = gone_through(&installation, "ou_a").await;

    let yielded = installation.catalog().backfill_yield(None).await.unwrap();
    assert_eq!(yielded.found, 5_000);
    // A call brings 30 at most, and a window without any takes one, too; windows span a month at most.
    let empty_months = (backfill.to_ms - 1_000 * DAY_MS - backfill.goal_ms) / (31 * DAY_MS);
    let least = i64::try_from(COUNT.div_ceil(30)).unwrap() + empty_months;
    println!("{} searches, at least {least} are needed", backfill.searches);
    assert_eq!(installation.platform.searched().len(), usize::try_from(backfill.searches).unwrap());
    assert!(backfill.searches <= least * 8 / 5, "{} searches; {least} would do", backfill.searches);
}

async fn pages_that_cannot_be_read_to_their_end_hide_nothing(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    installation.work_on(TaskKind::Backfill);
    let ends = [PagesEnd::WithoutToken, PagesEnd::With(2_094_005), PagesEnd::With(2_094_007)];
    for (turn, end) in ends.into_iter().enumerate() {
        let open_id = format!("ou_{turn}");
        let all = office_life(200, 10, HOUR_MS, 7).into_iter();
        let all = all.enumerate().map(|(number, (_, made_ms))| (minute(turn * 1_000 + number), made_ms));
        installation.platform.pages_end(end);
        installation.platform.has("owner_ids", &open_id, all);
        installation.authorise(&open_id, "某").await;
        gone_through(&installation, &open_id).await;
        let member = crate::installation::person(&open_id);
        let yielded = installation.catalog().backfill_yield(Some(&member)).await.unwrap();
        assert_eq!(yielded.found, 200, "{end:?}");
    }
}

async fn of_meetings_attended_there_is_one_copy_and_only_where_it_is_wanted(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let platform = &installation.platform;
    let made_ms = NOW_MS - 3 * DAY_MS;
    platform.has("owner_ids", "ou_a", [(minute(1), made_ms)]);
    for open_id in ["ou_a", "ou_b"] {
        platform.has("participant_ids", open_id, [(minute(1), made_ms), (minute(2), made_ms)]);
    }
    installation.work_on(TaskKind::Backfill);
    for open_id in ["ou_a", "ou_b"] {
        installation.authorise(open_id, "某").await;
        gone_through(&installation, open_id).await;
    }
    let known = async |number| installation.catalog().recording(&minute(number)).await.unwrap();
    assert!(known(1).await.is_some());
    assert!(known(2).await.is_none(), "its owner has not asked for it to be kept");

    installation.stop().await;
    let wider = installation
        .beside(fresh)
        .await
        .looking_for(Scope::OwnedAndAttended, installation.archive.backfill_since);
    wider.archive.take_up().await.unwrap();
    wider.work_on(TaskKind::Backfill);
    eventually("both have looked again", async || {
        let backfills = wider.catalog().backfills().await.unwrap();
        backfills.iter().all(|it| it.scope == Scope::OwnedAndAttended && it.ended_at.is_some())
    })
    .await;
    assert_eq!(wider.catalog().overview().await.unwrap().total(), 2);
    assert_eq!(known(1).await.unwrap().owner_id.as_deref(), Some("ou_a"));
    assert_eq!(known(2).await.unwrap().owner_id, None);
    let rows = wider.catalog().sightings(&minute(2)).await.unwrap();
    let by: Vec<_> = rows.iter().map(|row| (row.track.as_str(), row.open_id.as_str())).collect();
    assert_eq!(by, [(Track::Backfill.as_str(), "ou_a"), (Track::Backfill.as_str(), "ou_b")]);
    assert_eq!(wider.tasks(TaskKind::Archive).await, 2);
}

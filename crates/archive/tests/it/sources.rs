//! Whether the platform still has what is here: asked seldom, believed only when it says so.

use std::sync::Arc;
use std::time::Duration;

use archive::catalog::Source;
use archive::fetch::keep_sources_known;
use archive::library::{Shelf, Wish};
use archive::model::Role;

use crate::databases::Fresh;
use crate::installation::{DAY_MS, Installation, NOW_MS, eventually, minute};
use crate::library::{make, viewer};

const EVERY: Duration = Duration::from_hours(720);

on_each_database!(
    what_is_deleted_at_its_source_is_known_until_it_comes_back,
    trouble_says_nothing_of_a_source,
    one_that_is_always_refused_keeps_nobody_waiting,
);

/// Five recordings of one owner, archived now.
async fn archived(fresh: &Fresh) -> Installation {
    let installation = Installation::new(fresh).await;
    installation.authorise("ou_a", "甲").await;
    for number in 1..=5 {
        make(installation.catalog(), number, "ou_a", &[]).await;
    }
    // One of somebody whom nobody can ask for it.
    make(installation.catalog(), 6, "ou_b", &[]).await;
    let sql = "UPDATE recordings SET state = 'archived', archived_at = $1";
    installation.catalog().db().execute(sql, vec![NOW_MS.into()]).await.unwrap();
    installation
}

fn begin(installation: &Installation) {
    let archive = Arc::clone(&installation.archive);
    installation.tracker.spawn(async move { keep_sources_known(&archive, Some(EVERY)).await });
}

async fn source(installation: &Installation, number: usize) -> Option<Source> {
    installation.catalog().source(&minute(number)).await.unwrap()
}

async fn asked(installation: &Installation, at_ms: i64) {
    eventually("all have been asked for", async || {
        for number in 1..=6 {
            if source(installation, number).await.is_none_or(|source| source.asked_at < at_ms) {
                return false;
            }
        }
        true
    })
    .await;
}

async fn what_is_deleted_at_its_source_is_known_until_it_comes_back(fresh: &Fresh) {
    let installation = archived(fresh).await;
    let platform = &installation.platform;
    installation.clock.advance(29 * DAY_MS);
    begin(&installation);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(platform.asked_minutes(), 0, "they have just been fetched");
    installation.stop().await;

    let later = installation.beside(fresh).await;
    later.clock.advance(2 * DAY_MS);
    let first_ms = NOW_MS + 31 * DAY_MS;
    platform.minute_answers(&minute(2), 400, 2_091_004);
    platform.minute_answers(&minute(3), 404, 2_091_002);
    begin(&later);
    asked(&later, first_ms).await;
    let there = Source { asked_at: first_ms, there_at: Some(first_ms), gone_at: None };
    let unknown = Source { there_at: None, ..there };
    assert_eq!(source(&later, 1).await, Some(there));
    assert_eq!(source(&later, 2).await, Some(Source { gone_at: Some(first_ms), ..unknown }));
    assert_eq!(source(&later, 3).await, Some(unknown), "not found is also said to those who may not know");
    assert_eq!(source(&later, 6).await, Some(unknown), "nobody can ask");
    let wish = Wish { shelf: Shelf::Mine, ..Wish::default() };
    let listed = later.catalog().listed(&viewer("ou_a", Role::Member), &wish).await.unwrap();
    let only_here: Vec<_> = listed.items.iter().filter(|it| it.is_only_here == 1).collect();
    assert_eq!(only_here.len(), 1);
    assert_eq!(only_here[0].minute_token, minute(2));
    later.stop().await;

    let last = later.beside(fresh).await;
    last.clock.advance(31 * DAY_MS);
    let second_ms = first_ms + 31 * DAY_MS;
    platform.minute_answers(&minute(3), 400, 2_091_004);
    platform.minute_answers(&minute(2), 200, 0);
    begin(&last);
    asked(&last, second_ms).await;
    assert_eq!(source(&last, 2).await.unwrap().gone_at, None, "taken out of the platform's own trash");
    assert_eq!(source(&last, 3).await.unwrap().gone_at, Some(second_ms));
    assert_eq!(source(&last, 1).await.unwrap().there_at, Some(second_ms));
}

async fn trouble_says_nothing_of_a_source(fresh: &Fresh) {
    let installation = archived(fresh).await;
    installation.clock.advance(31 * DAY_MS);
    for number in 1..=5 {
        installation.platform.minute_answers(&minute(number), 500, 2_091_006);
    }
    begin(&installation);
    eventually("the first was asked for", async || source(&installation, 1).await.is_some()).await;
    let first = source(&installation, 1).await.unwrap();
    assert_eq!((first.there_at, first.gone_at), (None, None));
    tokio::time::sleep(Duration::from_millis(300)).await;
    for number in 2..=5 {
        assert_eq!(source(&installation, number).await, None, "asked for when the platform is well again");
    }
}

async fn one_that_is_always_refused_keeps_nobody_waiting(fresh: &Fresh) {
    let installation = archived(fresh).await;
    installation.clock.advance(31 * DAY_MS);
    installation.platform.minute_answers(&minute(1), 400, 2_091_001);
    begin(&installation);
    asked(&installation, NOW_MS + 31 * DAY_MS).await;
    assert_eq!(source(&installation, 1).await.unwrap().there_at, None);
    assert!(source(&installation, 2).await.unwrap().there_at.is_some());
}

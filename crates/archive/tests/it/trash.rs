//! The trash: what goes in is seen by nobody and comes back as it was, or goes for good with a record, whatever comes in between.

use archive::audit::{AuditFilter, Verb};
use archive::catalog::{CoverageQuery, FinishedFile, MetadataFacts, RecordingUpdate};
use archive::fetch::{Again, try_again};
use archive::library::{Indexer, SearchQuery, Shelf, Wish};
use archive::model::{ArtifactKind, Clock as _, Reason, RecordingState, Role, Track};
use archive::queue::TaskKind;
use archive::retention::{RoundSum, TrashError, look};
use tokio_util::sync::CancellationToken;

use crate::databases::Fresh;
use crate::installation::{DAY_MS, Installation, NOW_MS, eventually, minute, seen};
use crate::library::viewer;
use crate::retention::{
    contents, deed, facts, keep, on, put, rule, state, trash_of, trash_without_disk, verified,
};

on_each_database!(
    what_is_put_back_is_as_it_was_and_no_rule_takes_it_again,
    all_that_a_rule_took_is_put_back_at_once,
    nobody_sees_what_is_in_the_trash,
    whoever_still_worked_on_it_changes_nothing_any_more,
    what_is_being_fetched_is_left_alone,
    the_trash_is_emptied_after_thirty_days_with_a_record_and_nothing_comes_back,
    a_kill_on_the_way_into_the_trash_is_taken_up,
    a_kill_on_the_way_back_is_taken_up,
);

async fn what_is_put_back_is_as_it_was_and_no_rule_takes_it_again(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let catalog = installation.catalog();
    let (token, other) = (keep(&installation, 1, "ou_a", 40).await, keep(&installation, 2, "ou_a", 1).await);
    let (files, recording) =
        (contents(installation.downloads()), catalog.recording(&token).await.unwrap().unwrap());
    let artifacts = facts(catalog.artifacts(&token).await.unwrap());
    let rule = rule(catalog, 30, None, None).await;
    on(&installation, &rule).await;
    look(&installation.archive).await.unwrap();
    let sums = std::fs::read_to_string(installation.downloads().join("王芳/2026-11/SHA256SUMS")).unwrap();
    assert!(!sums.contains("1.mp4") && sums.contains("2.mp4"), "{sums}");
    assert!(!installation.downloads().join("王芳/2026-11/1.mp4").exists());
    assert_eq!(verified(&installation).await, (3, 0, 0));

    trash_of(&installation).restore(&token, &deed(Verb::Changed)).await.unwrap();
    assert_eq!(contents(installation.downloads()), files, "bit for bit, the sums included");
    let back = catalog.recording(&token).await.unwrap().unwrap();
    assert_eq!(format!("{back:?}"), format!("{recording:?}"));
    assert_eq!(facts(catalog.artifacts(&token).await.unwrap()), artifacts);
    assert_eq!(verified(&installation).await, (6, 0, 0));
    assert_eq!(installation.queue().task(TaskKind::Archive, token.as_str()).await.unwrap().map(|_| ()), None);
    let again = trash_of(&installation).restore(&token, &deed(Verb::Changed)).await;
    assert!(matches!(again, Err(TrashError::Unknown)), "{again:?}");

    assert_eq!(look(&installation.archive).await.unwrap(), RoundSum::default(), "somebody wanted it back");
    assert_eq!(catalog.would_take(&rule, NOW_MS).await.unwrap().count, 0);
    // By hand it can go once more, and the last of a folder takes the folder along.
    for token in [&token, &other] {
        put(&installation, token).await;
    }
    assert!(!installation.downloads().join("王芳").exists());
    for token in [&token, &other] {
        trash_of(&installation).restore(token, &deed(Verb::Changed)).await.unwrap();
    }
    assert_eq!(contents(installation.downloads()), files);
}

async fn all_that_a_rule_took_is_put_back_at_once(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let catalog = installation.catalog();
    for number in 1..6 {
        keep(&installation, number, "ou_a", 40).await;
    }
    let files = contents(installation.downloads());
    put(&installation, &minute(5)).await;
    let rule = rule(catalog, 30, None, None).await;
    on(&installation, &rule).await;
    assert_eq!(look(&installation.archive).await.unwrap().trashed, 4);
    assert_eq!(catalog.trashed_by_rules().await.unwrap(), [(rule.id.clone(), 4)]);
    let trash = trash_of(&installation);
    assert_eq!(trash.restore_all_of(&rule.id, &deed(Verb::Changed)).await.unwrap(), 4);
    let again = trash.restore_all_of(&rule.id, &deed(Verb::Changed)).await;
    assert!(matches!(again, Err(TrashError::Unknown)), "{again:?}");
    assert_eq!(
        look(&installation.archive).await.unwrap(),
        RoundSum::default(),
        "it takes none of them again"
    );
    for number in 1..5 {
        assert_eq!(state(catalog, &minute(number)).await, RecordingState::Archived, "{number}");
    }
    assert_eq!(catalog.trash(None, 9).await.unwrap().len(), 1, "what a person put there stays");
    trash.restore(&minute(5), &deed(Verb::Changed)).await.unwrap();
    assert_eq!(contents(installation.downloads()), files);
}

async fn nobody_sees_what_is_in_the_trash(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let (catalog, store) = (installation.catalog(), &installation.archive.store);
    let mut indexer = Indexer::new(catalog.clone(), store.clone(), CancellationToken::new());
    let token = keep(&installation, 1, "ou_a", 1).await;
    while indexer.index_some().await.unwrap() > 0 {}
    let query = SearchQuery::parse("数据").unwrap();
    let sees = async |open_id: &str, role: Role| {
        let viewer = viewer(open_id, role);
        let (wish, mut sees) = (Wish { shelf: Shelf::All, ..Wish::default() }, Vec::new());
        sees.push(catalog.listed(&viewer, &wish).await.unwrap().items.len());
        sees.push(catalog.count_listed(&viewer, &wish).await.unwrap().try_into().unwrap());
        sees.push(usize::from(catalog.listed_one(&viewer, &token).await.unwrap().is_some()));
        sees.push(usize::from(catalog.opened(&viewer, &token).await.unwrap().is_some()));
        let page = catalog.search(store, &viewer, &query, None, 9).await.unwrap();
        sees.extend([page.found.len(), page.count]);
        sees.push(usize::from(catalog.document_number(&viewer, &token).await.unwrap().is_some()));
        sees
    };
    let everybody = [
        ("ou_a", Role::Member, [1, 1, 1, 1, 1, 1, 1]),
        ("ou_x", Role::Administrator, [1, 1, 1, 0, 0, 0, 0]),
        ("ou_x", Role::Auditor, [1; 7]),
    ];
    for (open_id, role, expected) in everybody {
        assert_eq!(sees(open_id, role).await, expected, "{role}");
    }
    put(&installation, &token).await;
    for turn in ["at once", "when it is indexed again"] {
        for (open_id, role, _) in everybody {
            assert_eq!(sees(open_id, role).await, [0; 7], "{role} {turn}");
        }
        // A track sees it again, with another title.
        let mut again = seen(token.clone(), Track::Backfill, Some("ou_b"));
        again.title = Some("数据".to_owned());
        installation.sight(&again).await;
        while indexer.index_some().await.unwrap() > 0 {}
    }
    let query = CoverageQuery {
        since_ms: NOW_MS - 30 * DAY_MS,
        now_ms: NOW_MS,
        zone: jiff::tz::TimeZone::UTC,
        member: None,
        administrators: Vec::new(),
    };
    let total = catalog.coverage(&query).await.unwrap().total;
    assert_eq!((total.recorded, total.removed, total.archived), (1, 1, 0));
    assert!(catalog.open_reasons().await.unwrap().is_empty(), "it lacks nothing");
    trash_of(&installation).restore(&token, &deed(Verb::Changed)).await.unwrap();
    while indexer.index_some().await.unwrap() > 0 {}
    for (open_id, role, expected) in everybody {
        assert_eq!(sees(open_id, role).await, expected, "{role}, back");
    }
}

async fn whoever_still_worked_on_it_changes_nothing_any_more(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let (catalog, token) = (installation.catalog(), keep(&installation, 1, "ou_a", 1).await);
    put(&installation, &token).await;
    let artifacts = facts(catalog.artifacts(&token).await.unwrap());
    // A worker whose lease had run out, and who does not know it yet.
    let archived = RecordingUpdate { state: RecordingState::Archived, reason: None, detail: None };
    catalog.set_recording_state(&token, archived, NOW_MS).await.unwrap();
    let title = Some("neu".to_owned());
    let metadata = MetadataFacts { title, raw: "{}".to_owned(), ..MetadataFacts::default() };
    catalog.set_metadata(&token, &metadata).await.unwrap();
    let file = FinishedFile::new("1.mp4".to_owned(), 1, "00".to_owned());
    catalog.artifact_done(&token, ArtifactKind::Media, &file, NOW_MS).await.unwrap();
    let recording = catalog.recording(&token).await.unwrap().unwrap();
    assert_eq!((recording.state, recording.title.as_deref()), (RecordingState::Trashed, Some("周会 1")));
    assert_eq!(facts(catalog.artifacts(&token).await.unwrap()), artifacts);
}

async fn what_is_being_fetched_is_left_alone(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let catalog = installation.catalog();
    let token = keep(&installation, 1, "ou_a", 40).await;
    let before = contents(installation.downloads());
    let task =
        installation.queue().claim(TaskKind::Archive).await.unwrap().expect("the sighting called for it");
    assert_eq!(task.subject, token.as_str());
    let refused = trash_of(&installation).put(&token, &deed(Verb::Deleted)).await;
    assert!(matches!(refused, Err(TrashError::Busy)), "{refused:?}");
    on(&installation, &rule(catalog, 30, None, None).await).await;
    assert_eq!(look(&installation.archive).await.unwrap(), RoundSum::default());
    assert_eq!(state(catalog, &token).await, RecordingState::Archived);
    assert_eq!(contents(installation.downloads()), before);
    let filter = AuditFilter { verb: Some("deleted".to_owned()), limit: 9, ..AuditFilter::default() };
    assert!(catalog.audit_rows(&filter).await.unwrap().is_empty(), "what was not done is not written down");
    // Nobody is at work any more, and what is still called for does not bring it back.
    installation.queue().release_own_leases().await.unwrap();
    assert_eq!(look(&installation.archive).await.unwrap().trashed, 1);
    assert_eq!(installation.tasks(TaskKind::Archive).await, 0);
}

async fn the_trash_is_emptied_after_thirty_days_with_a_record_and_nothing_comes_back(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let catalog = installation.catalog();
    installation.authorise("ou_a", "王芳").await;
    let (token, other) = (keep(&installation, 1, "ou_a", 40).await, keep(&installation, 2, "ou_a", 40).await);
    let before = catalog.artifacts(&token).await.unwrap();
    put(&installation, &token).await;
    for _ in 0..29 {
        installation.clock.advance(DAY_MS);
        assert_eq!(look(&installation.archive).await.unwrap(), RoundSum::default());
    }
    assert_eq!(catalog.trash(None, 9).await.unwrap().len(), 1);
    installation.clock.advance(DAY_MS);
    assert_eq!(look(&installation.archive).await.unwrap(), RoundSum { trashed: 0, emptied: 1 });
    assert!(catalog.trash(None, 9).await.unwrap().is_empty());
    let left = contents(installation.downloads());
    assert_eq!(left.len(), 4, "{:?}", left.keys());
    assert!(left.keys().all(|name| !name.contains(".trash") && !name.contains("/1.")), "{:?}", left.keys());

    let removal = &catalog.removals().await.unwrap()[0];
    assert_eq!((removal.open_id.as_str(), removal.name.as_str()), ("ou_a", "王芳"));
    assert_eq!((removal.removed_by.as_str(), removal.removed_at), ("ou_admin", installation.clock.now_ms()));
    let files = catalog.removed_files(&removal.id).await.unwrap();
    let mut hashes: Vec<_> = files.into_iter().map(|file| (file.path, file.sha256)).collect();
    let mut known: Vec<_> = before
        .into_iter()
        .filter_map(|it| Some((format!("王芳/2026-11/{}", it.file_name?), it.sha256)))
        .collect();
    hashes.sort();
    known.sort();
    assert_eq!(hashes, known);
    let gone = catalog.recording(&token).await.unwrap().unwrap();
    assert_eq!((gone.state, gone.title, gone.metadata, gone.dir), (RecordingState::Purged, None, None, None));

    // Whatever sees it, and whoever asks: it is not fetched again.
    for track in [Track::Patrol, Track::Backfill, Track::RecordingReady] {
        installation.sight(&seen(token.clone(), track, Some("ou_b"))).await;
    }
    installation.archive.take_up().await.unwrap();
    try_again(catalog, installation.queue(), Again::Recording(&token), &deed(Verb::Changed)).await.unwrap();
    try_again(catalog, installation.queue(), Again::Cause(Reason::Purged), &deed(Verb::Changed))
        .await
        .unwrap();
    catalog.reopen_artifacts(&token, true).await.unwrap();
    installation.work_on(TaskKind::Archive);
    eventually("all that was called for is over", async || installation.tasks(TaskKind::Archive).await == 0)
        .await;
    assert_eq!(state(catalog, &token).await, RecordingState::Purged);
    let artifacts = catalog.artifacts(&token).await.unwrap();
    assert!(artifacts.iter().all(|it| it.reason() == Some(Reason::Purged) && it.file_name.is_none()));
    assert_eq!(state(catalog, &other).await, RecordingState::Archived);
    assert_eq!(contents(installation.downloads()).len(), 4);
    assert_eq!(verified(&installation).await.1, 0);
    let restored = trash_of(&installation).restore(&token, &deed(Verb::Changed)).await;
    assert!(matches!(restored, Err(TrashError::Unknown)), "{restored:?}");
}

async fn a_kill_on_the_way_into_the_trash_is_taken_up(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let catalog = installation.catalog();
    let root = installation.downloads();
    let (token, other) = (keep(&installation, 1, "ou_a", 40).await, keep(&installation, 2, "ou_a", 40).await);
    let before = contents(root);
    let (lost, half) = (trash_without_disk(&installation).await, root.join(".trash").join(token.as_str()));
    lost.put(&token, &deed(Verb::Deleted)).await.unwrap();
    assert_eq!(state(catalog, &token).await, RecordingState::Trashed, "the catalogue goes first");
    assert_eq!(contents(root), before, "and no file has followed");
    let refused = lost.restore(&token, &deed(Verb::Changed)).await;
    assert!(matches!(refused, Err(TrashError::Busy)), "its files are under way: {refused:?}");
    // One file had been renamed when the end came.
    std::fs::create_dir_all(&half).unwrap();
    std::fs::rename(root.join("王芳/2026-11/1.mp4"), half.join("1.mp4")).unwrap();
    installation.archive.take_up().await.unwrap();
    let after = contents(root);
    let in_trash: Vec<_> = after.keys().filter(|name| name.starts_with(".trash")).collect();
    assert_eq!(in_trash.len(), 3, "{in_trash:?}");
    let sums = String::from_utf8(after["王芳/2026-11/SHA256SUMS"].clone()).unwrap();
    assert!(!sums.contains("1.") && sums.contains("2.mp4"), "{sums}");
    assert_eq!(verified(&installation).await, (3, 0, 0));
    trash_of(&installation).restore(&token, &deed(Verb::Changed)).await.unwrap();
    assert_eq!(contents(root), before);
    assert_eq!(state(catalog, &other).await, RecordingState::Archived);
}

async fn a_kill_on_the_way_back_is_taken_up(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let catalog = installation.catalog();
    let root = installation.downloads();
    let token = keep(&installation, 1, "ou_a", 40).await;
    let before = contents(root);
    for kill in ["before any file", "after the first", "before the sums"] {
        put(&installation, &token).await;
        trash_without_disk(&installation).await.restore(&token, &deed(Verb::Changed)).await.unwrap();
        let here = root.join(".trash").join(token.as_str());
        let files = if kill == "before any file" { vec![] } else { vec!["1.mp4", "1.srt", "1.json"] };
        std::fs::create_dir_all(root.join("王芳/2026-11")).unwrap();
        for file in files.iter().take(if kill == "after the first" { 1 } else { 3 }) {
            std::fs::rename(here.join(file), root.join("王芳/2026-11").join(file)).unwrap();
        }
        assert_eq!(state(catalog, &token).await, RecordingState::Trashed, "{kill}");
        installation.archive.take_up().await.unwrap();
        assert_eq!(contents(root), before, "{kill}");
        assert_eq!(state(catalog, &token).await, RecordingState::Archived, "{kill}");
        assert_eq!(verified(&installation).await, (3, 0, 0), "{kill}");
        assert!(catalog.trash(None, 9).await.unwrap().is_empty());
    }
}

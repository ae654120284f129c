//! How long what is kept: rules take exactly what they said, holds beat everything, and what is put back is what it was.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use archive::audit::{AuditFilter, Deed, Verb};
use archive::catalog::{
    ArtifactUpdate, Catalog, CoverageQuery, FinishedFile, MetadataFacts, RecordingUpdate,
};
use archive::fetch::{Again, Transfers, try_again};
use archive::library::{Kind, SearchQuery, Shelf, Wish, index_some};
use archive::members::{Parting, PurgeError, Purged, Seal};
use archive::model::{
    Artifact, ArtifactKind, ArtifactState, Clock as _, MinuteToken, Reason, RecordingState, Role, Track,
};
use archive::queue::TaskKind;
use archive::retention::{HoldOn, NewRule, RoundSum, Rule, Switched, Trash, TrashError, look};
use archive::store::{Store, write_sums};
use archive::verify::{Depth, Reading, audit, strangers};

use crate::databases::Fresh;
use crate::installation::{DAY_MS, Installation, NOW_MS, eventually, minute, person, seen};
use crate::library::viewer;

on_each_database!(
    a_rule_takes_exactly_what_its_dry_run_showed,
    a_rule_is_off_until_somebody_has_seen_what_it_takes,
    what_is_put_back_is_as_it_was_and_no_rule_takes_it_again,
    all_that_a_rule_took_is_put_back_at_once,
    nobody_sees_what_is_in_the_trash,
    whoever_still_worked_on_it_changes_nothing_any_more,
    what_is_being_fetched_is_left_alone,
    a_hold_beats_rules_hands_purges_and_the_end_of_the_trash,
    a_hold_on_a_person_is_on_what_comes_later_and_several_holds_hold_till_the_last_is_lifted,
    of_a_hold_and_a_hand_at_once_one_comes_after_the_other,
    the_trash_is_emptied_after_thirty_days_with_a_record_and_nothing_comes_back,
    a_clock_that_jumps_takes_nothing_away,
    a_kill_on_the_way_into_the_trash_is_taken_up,
    a_kill_on_the_way_back_is_taken_up,
    whoever_is_removed_with_their_files_is_removed_from_the_trash_too,
    usage_is_told_by_person_and_by_month,
);

const SRT: &str = "1\n00:00:01,000 --> 00:00:04,000\n王芳: 大家好，今天讨论数据库\n";

fn deed(verb: Verb) -> Deed {
    Deed {
        actor: person("ou_admin"),
        verb,
        subject: "x".to_owned(),
        detail: None,
        from: "test".to_owned(),
        at_ms: NOW_MS,
    }
}

/// A recording that is archived with three files in a folder that it shares with others, `age_days` old.
async fn keep(installation: &Installation, number: usize, owner: &str, age_days: i64) -> MinuteToken {
    keep_as(installation, number, owner, age_days, "mp4").await
}

async fn keep_as(
    installation: &Installation,
    number: usize,
    owner: &str,
    age_days: i64,
    ending: &str,
) -> MinuteToken {
    let (catalog, token) = (installation.catalog(), minute(number));
    let mut sighting = seen(token.clone(), Track::Patrol, Some(owner));
    (sighting.owner, sighting.title) = (Some(person(owner)), Some(format!("周会 {number}")));
    installation.sight(&sighting).await;
    let facts = MetadataFacts {
        created_ms: Some(NOW_MS - age_days * DAY_MS),
        raw: "{}".to_owned(),
        ..MetadataFacts::default()
    };
    catalog.set_metadata(&token, &facts).await.unwrap();
    catalog.fix_place(&token, "王芳/2026-11", &number.to_string()).await.unwrap();
    for (kind, name, content) in [
        (ArtifactKind::Media, format!("{number}.{ending}"), format!("film {number}")),
        (ArtifactKind::TranscriptSrt, format!("{number}.srt"), SRT.to_owned()),
        (ArtifactKind::Sidecar, format!("{number}.json"), "{}".to_owned()),
    ] {
        let dir = Path::new("王芳/2026-11");
        let file = installation.archive.store.put_small(dir, &name, content.as_bytes()).await.unwrap();
        let file = FinishedFile::new(name, file.bytes, file.sha256);
        catalog.artifact_done(&token, kind, &file, NOW_MS).await.unwrap();
    }
    for kind in [ArtifactKind::TranscriptTxt, ArtifactKind::Summary] {
        let never = ArtifactUpdate {
            state: ArtifactState::Absent,
            reason: Some(Reason::Empty),
            detail: Some("never".to_owned()),
            attempts: 2,
            due_at: 7,
        };
        catalog.artifact_not_done(&token, kind, &never, &[], NOW_MS).await.unwrap();
    }
    let archived = RecordingUpdate { state: RecordingState::Archived, reason: None, detail: None };
    catalog.set_recording_state(&token, archived, NOW_MS).await.unwrap();
    let files = catalog.files_in("王芳/2026-11").await.unwrap();
    let sums: Vec<_> = files.into_iter().map(|file| (file.file_name, file.sha256)).collect();
    write_sums(&installation.archive.store, Path::new("王芳/2026-11"), &sums).await.unwrap();
    token
}

fn trash_of(installation: &Installation) -> Trash {
    let archive = &installation.archive;
    Trash::new(archive.catalog.clone(), archive.store.clone(), &archive.transfers)
}

/// One over the same catalogue whose disk has gone away: the catalogue goes first, and its files never follow.
async fn trash_without_disk(installation: &Installation) -> Trash {
    let gone = tempfile::tempdir().unwrap();
    let store = Store::open(gone.path().into()).await.unwrap();
    drop(gone);
    Trash::new(installation.catalog().clone(), store, &Transfers::default())
}

async fn put(installation: &Installation, token: &MinuteToken) {
    trash_of(installation).put(token, &deed(Verb::Deleted)).await.unwrap();
}

async fn state(catalog: &Catalog, token: &MinuteToken) -> RecordingState {
    catalog.recording(token).await.unwrap().unwrap().state
}

/// Every file of the archive but the marks and locks of its own, with its content.
fn contents(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().display().to_string();
            if path.is_dir() {
                folders.push(path);
            } else if name != ".trash/.lock" {
                found.insert(name, std::fs::read(path).unwrap());
            }
        }
    }
    found
}

fn facts(artifacts: Vec<Artifact>) -> Vec<String> {
    artifacts.into_iter().map(|artifact| format!("{artifact:?}")).collect()
}

async fn on(installation: &Installation, rule: &Rule) {
    let would = installation.catalog().would_take(rule, NOW_MS).await.unwrap();
    let switched = installation.catalog().switch_rule_on(&rule.id, would.count, &deed(Verb::Changed)).await;
    assert_eq!(switched.unwrap(), Switched::On);
}

async fn rule(catalog: &Catalog, age_days: u32, owner: Option<&str>, kind: Option<Kind>) -> Rule {
    let new = NewRule { age_days, owner: owner.map(person), kind };
    let id = catalog.make_rule(&new, &deed(Verb::Changed)).await.unwrap();
    catalog.rule(&id).await.unwrap().unwrap()
}

/// What every byte of the archive says, and what lies in its folder that nobody knows: (good, missing, strangers).
async fn verified(installation: &Installation) -> (u64, u64, usize) {
    let (catalog, store) = (installation.catalog(), &installation.archive.store);
    let reading = Reading { depth: Depth::Hashes, limit: None };
    let sum = audit(catalog, store, &*installation.archive.clock, reading, false, |_| {}).await.unwrap();
    let mut unknown = 0;
    strangers(catalog, store, |_| unknown += 1).await.unwrap();
    (sum.good, sum.missing + sum.damaged, unknown)
}

async fn a_rule_takes_exactly_what_its_dry_run_showed(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let catalog = installation.catalog();
    for (number, owner, age_days, ending) in [
        (1, "ou_a", 40, "mp4"),
        (2, "ou_a", 31, "mp4"),
        (3, "ou_a", 29, "mp4"),
        (4, "ou_b", 90, "mp4"),
        (5, "ou_a", 90, "m4a"),
        (6, "ou_a", 90, "mp4"),
    ] {
        keep_as(&installation, number, owner, age_days, ending).await;
    }
    // Not archived: there is nothing to be taken.
    installation.sight(&seen(minute(7), Track::Patrol, Some("ou_a"))).await;
    let rule = rule(catalog, 30, Some("ou_a"), Some(Kind::Video)).await;
    let (mut shown, mut after) = (Vec::new(), None);
    loop {
        let page = catalog.candidates_of(&rule, NOW_MS, after.as_deref(), 2).await.unwrap();
        shown.extend(page.rows);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let tokens: Vec<_> = shown.iter().map(|row| row.minute_token.clone()).collect();
    assert_eq!(tokens, [minute(6), minute(1), minute(2)], "the oldest first");
    assert_eq!(shown[0].title.as_deref(), Some("周会 6"));
    let would = catalog.would_take(&rule, NOW_MS).await.unwrap();
    assert_eq!((would.count, would.bytes), (3, shown.iter().map(|row| row.bytes).sum()));

    on(&installation, &rule).await;
    assert_eq!(look(&installation.archive).await.unwrap(), RoundSum { trashed: 3, emptied: 0 });
    let taken: BTreeSet<_> =
        catalog.trash(99).await.unwrap().into_iter().map(|row| row.minute_token).collect();
    assert_eq!(taken, tokens.iter().cloned().collect());
    assert_eq!(catalog.trash_size().await.unwrap().bytes, would.bytes);
    let filter = AuditFilter { verb: Some("deleted".to_owned()), limit: 9, ..AuditFilter::default() };
    let rows = catalog.audit_rows(&filter).await.unwrap();
    assert_eq!(rows.len(), 3);
    assert!(
        rows.iter().all(|row| row.actor == "ou_admin" && row.detail.as_ref().unwrap().contains(&rule.id))
    );
    for number in [3, 4, 5] {
        assert_eq!(state(catalog, &minute(number)).await, RecordingState::Archived, "{number}");
    }
    assert_eq!(verified(&installation).await, (9, 0, 0));
    assert_eq!(look(&installation.archive).await.unwrap(), RoundSum::default());
}

async fn a_rule_is_off_until_somebody_has_seen_what_it_takes(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let catalog = installation.catalog();
    keep(&installation, 1, "ou_a", 40).await;
    let rule = rule(catalog, 30, None, None).await;
    assert_eq!(look(&installation.archive).await.unwrap(), RoundSum::default(), "it is off");
    keep(&installation, 2, "ou_a", 40).await;
    let switch = async |seen| catalog.switch_rule_on(&rule.id, seen, &deed(Verb::Changed)).await.unwrap();
    assert_eq!(switch(1).await, Switched::More(2), "one has come that nobody has seen");
    assert!(!catalog.rule(&rule.id).await.unwrap().unwrap().is_on());
    assert_eq!(switch(2).await, Switched::On);
    assert_eq!(switch(2).await, Switched::Unknown, "it is on already");
    assert!(!catalog.forget_rule(&rule.id, &deed(Verb::Deleted)).await.unwrap(), "while it is on");
    assert!(catalog.switch_rule_off(&rule.id, &deed(Verb::Changed)).await.unwrap());
    assert_eq!(look(&installation.archive).await.unwrap(), RoundSum::default(), "it is off again");
    assert!(catalog.forget_rule(&rule.id, &deed(Verb::Deleted)).await.unwrap());
    assert!(catalog.rules().await.unwrap().is_empty());
    let filter = AuditFilter { limit: 99, ..AuditFilter::default() };
    assert_eq!(catalog.audit_rows(&filter).await.unwrap().len(), 4, "each change, and no refusal");
}

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
    assert_eq!(catalog.trash(9).await.unwrap().len(), 1, "what a person put there stays");
    trash.restore(&minute(5), &deed(Verb::Changed)).await.unwrap();
    assert_eq!(contents(installation.downloads()), files);
}

async fn nobody_sees_what_is_in_the_trash(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let (catalog, store) = (installation.catalog(), &installation.archive.store);
    let token = keep(&installation, 1, "ou_a", 1).await;
    while index_some(catalog, store).await.unwrap() > 0 {}
    let query = SearchQuery::parse("数据").unwrap();
    let sees = async |open_id: &str, role: Role| {
        let viewer = viewer(open_id, role);
        let (wish, mut sees) = (Wish { shelf: Shelf::All, ..Wish::default() }, Vec::new());
        sees.push(catalog.listed(&viewer, &wish).await.unwrap().items.len());
        sees.push(catalog.count_listed(&viewer, &wish).await.unwrap().try_into().unwrap());
        sees.push(usize::from(catalog.listed_one(&viewer, &token).await.unwrap().is_some()));
        sees.push(usize::from(catalog.opened(&viewer, &token).await.unwrap().is_some()));
        let page = catalog.search(store, &viewer, &query, None, 9).await.unwrap();
        sees.extend([page.found.len(), page.count.try_into().unwrap()]);
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
        while index_some(catalog, store).await.unwrap() > 0 {}
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
    while index_some(catalog, store).await.unwrap() > 0 {}
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

async fn a_hold_beats_rules_hands_purges_and_the_end_of_the_trash(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let catalog = installation.catalog();
    let (token, in_trash) =
        (keep(&installation, 1, "ou_a", 40).await, keep(&installation, 2, "ou_a", 40).await);
    put(&installation, &in_trash).await;
    let mut holds = Vec::new();
    for token in [&token, &in_trash] {
        let on = HoldOn::Recording(token.clone());
        holds.push(catalog.place_hold(&on, "仲裁", &deed(Verb::Changed)).await.unwrap().expect("placed"));
    }
    let before = contents(installation.downloads());
    let rule = rule(catalog, 30, None, None).await;
    assert_eq!(catalog.would_take(&rule, NOW_MS).await.unwrap().count, 0, "the dry run knows");
    on(&installation, &rule).await;
    for _ in 0..40 {
        installation.clock.advance(DAY_MS);
        assert_eq!(look(&installation.archive).await.unwrap(), RoundSum::default());
    }
    let by_hand = trash_of(&installation).put(&token, &deed(Verb::Deleted)).await;
    assert!(matches!(by_hand, Err(TrashError::Held)), "{by_hand:?}");
    let Err(PurgeError::Held(named)) = purge(&installation).await else { panic!("they are held") };
    assert_eq!(named.iter().map(|hold| &hold.id).collect::<Vec<_>>(), [&holds[0], &holds[1]]);
    assert_eq!(contents(installation.downloads()), before);
    assert_eq!(catalog.trash(9).await.unwrap()[0].is_held, 1);

    for hold in &holds {
        assert!(catalog.lift_hold(hold, Some("结案"), &deed(Verb::Changed)).await.unwrap());
        assert!(!catalog.lift_hold(hold, None, &deed(Verb::Changed)).await.unwrap(), "once");
    }
    assert_eq!(look(&installation.archive).await.unwrap(), RoundSum { trashed: 1, emptied: 1 });
    assert!(catalog.holds(false).await.unwrap().is_empty());
    let lifted = catalog.holds(true).await.unwrap();
    assert!(lifted.len() == 2 && lifted.iter().all(|hold| hold.lifted_why.as_deref() == Some("结案")));
    assert!(catalog.db().execute("DELETE FROM holds", Vec::new()).await.is_err(), "they stay on record");
    let gone = HoldOn::Recording(in_trash);
    assert_eq!(catalog.place_hold(&gone, "too late", &deed(Verb::Changed)).await.unwrap(), None);
}

async fn a_hold_on_a_person_is_on_what_comes_later_and_several_holds_hold_till_the_last_is_lifted(
    fresh: &Fresh,
) {
    let installation = Installation::new(fresh).await;
    let catalog = installation.catalog();
    let on = HoldOn::Person(person("ou_a"));
    let first = catalog.place_hold(&on, "one", &deed(Verb::Changed)).await.unwrap().unwrap();
    let later = keep(&installation, 1, "ou_a", 40).await;
    let others = keep(&installation, 2, "ou_b", 40).await;
    let on = HoldOn::Recording(later.clone());
    let second = catalog.place_hold(&on, "two", &deed(Verb::Changed)).await.unwrap().unwrap();
    let refused = async || {
        let outcome = trash_of(&installation).put(&later, &deed(Verb::Deleted)).await;
        matches!(outcome, Err(TrashError::Held))
    };
    assert!(refused().await);
    catalog.lift_hold(&first, None, &deed(Verb::Changed)).await.unwrap();
    assert!(refused().await && catalog.is_held(&later).await.unwrap());
    catalog.lift_hold(&second, None, &deed(Verb::Changed)).await.unwrap();
    put(&installation, &later).await;
    put(&installation, &others).await;
}

async fn of_a_hold_and_a_hand_at_once_one_comes_after_the_other(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let catalog = installation.catalog();
    let other = fresh.again().await;
    for number in 1..16 {
        let token = keep(&installation, number, "ou_a", 1).await;
        let named = |verb| Deed { subject: token.to_string(), ..deed(verb) };
        let (on, trash) = (HoldOn::Recording(token.clone()), trash_of(&installation));
        let (one, another) = (named(Verb::Changed), named(Verb::Deleted));
        let (placed, outcome) =
            tokio::join!(other.place_hold(&on, "仲裁", &one), trash.put(&token, &another));
        placed.unwrap().expect("placed, in the trash or not");
        let filter = AuditFilter { subject: Some(token.to_string()), limit: 9, ..AuditFilter::default() };
        let rows = catalog.audit_rows(&filter).await.unwrap();
        let verbs: Vec<_> = rows.iter().map(|row| row.verb.as_str()).collect();
        match outcome {
            Ok(()) => assert_eq!(verbs, ["changed", "deleted"], "the hold came after: {number}"),
            Err(TrashError::Held) => assert_eq!(verbs, ["changed"], "{number}"),
            Err(error) => panic!("{number}: {error}"),
        }
    }
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
    assert_eq!(catalog.trash(9).await.unwrap().len(), 1);
    installation.clock.advance(DAY_MS);
    assert_eq!(look(&installation.archive).await.unwrap(), RoundSum { trashed: 0, emptied: 1 });
    assert!(catalog.trash(9).await.unwrap().is_empty());
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

async fn a_clock_that_jumps_takes_nothing_away(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let catalog = installation.catalog();
    let (old, young) = (keep(&installation, 1, "ou_a", 40).await, keep(&installation, 2, "ou_a", 1).await);
    on(&installation, &rule(catalog, 30, None, None).await).await;
    assert_eq!(look(&installation.archive).await.unwrap(), RoundSum { trashed: 1, emptied: 0 });
    installation.clock.advance(3_650 * DAY_MS);
    for _ in 0..10 {
        assert_eq!(look(&installation.archive).await.unwrap(), RoundSum::default());
    }
    installation.clock.advance(-3_650 * DAY_MS);
    assert_eq!(look(&installation.archive).await.unwrap(), RoundSum::default());
    assert_eq!(state(catalog, &young).await, RecordingState::Archived);
    assert_eq!(state(catalog, &old).await, RecordingState::Trashed);
    // Days on which nobody looked are made up for, one with each look.
    installation.clock.advance(31 * DAY_MS);
    let mut sum = RoundSum::default();
    for _ in 0..31 {
        let more = look(&installation.archive).await.unwrap();
        sum = RoundSum { trashed: sum.trashed + more.trashed, emptied: sum.emptied + more.emptied };
    }
    assert_eq!(sum, RoundSum { trashed: 1, emptied: 1 });
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
        assert!(catalog.trash(9).await.unwrap().is_empty());
    }
}

async fn purge(installation: &Installation) -> Result<Purged, PurgeError> {
    let parting = Parting {
        catalog: installation.catalog(),
        client: &installation.archive.client,
        seal: &Seal::new(&[7; 32]),
        person: &person("ou_a"),
        now_ms: NOW_MS,
    };
    parting
        .purge(Some(&installation.archive.store), &crate::installation::deed(Verb::Deleted, "member"))
        .await
}

async fn whoever_is_removed_with_their_files_is_removed_from_the_trash_too(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let catalog = installation.catalog();
    let (token, _) = (keep(&installation, 1, "ou_a", 40).await, keep(&installation, 2, "ou_b", 40).await);
    put(&installation, &token).await;
    assert_eq!(catalog.files_of(&person("ou_a")).await.unwrap(), 3, "the trash counts");
    assert_eq!(purge(&installation).await.unwrap().files, 3);
    assert!(catalog.trash(9).await.unwrap().is_empty());
    assert_eq!(state(catalog, &token).await, RecordingState::Purged);
    let left = contents(installation.downloads());
    assert_eq!(left.len(), 4, "{:?}", left.keys());
    assert!(left.keys().all(|name| !name.contains(".trash")));
}

async fn usage_is_told_by_person_and_by_month(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let catalog = installation.catalog();
    for (number, owner, age_days) in [(1, "ou_a", 0), (2, "ou_a", 30), (3, "ou_b", 400), (4, "ou_c", 2)] {
        keep(&installation, number, owner, age_days).await;
    }
    let all = catalog.usage_by_person(9).await.unwrap();
    let one = all.most[1].bytes;
    let said: Vec<_> = all.most.iter().map(|it| (it.open_id.as_str(), it.count, it.bytes / one)).collect();
    assert_eq!(said, [("ou_a", 2, 2), ("ou_b", 1, 1), ("ou_c", 1, 1)]);
    let most = catalog.usage_by_person(1).await.unwrap();
    assert_eq!((most.most.len(), most.others, most.others_count, most.others_bytes), (1, 2, 2, 2 * one));
    // The 23rd of November: what is thirty days old was made in October.
    let months = catalog.usage_by_month(&jiff::tz::TimeZone::UTC, NOW_MS, 3).await.unwrap();
    let said: Vec<_> = months.iter().map(|it| (it.from_ms.is_some(), it.count, it.bytes / one)).collect();
    assert_eq!(said, [(true, 2, 2), (true, 1, 1), (true, 0, 0), (false, 1, 1)]);
    put(&installation, &minute(1)).await;
    assert_eq!(catalog.usage_by_person(9).await.unwrap().most[0].bytes, one, "the trash is not counted here");
    assert_eq!(catalog.trash_size().await.unwrap().bytes, one);
    let scrub = catalog.scrub_standing(0).await.unwrap();
    assert_eq!((scrub.files, scrub.read_again, scrub.open_faults), (9, 0, 0));
    verified(&installation).await;
    installation.clock.advance(1_000);
    verified(&installation).await;
    assert_eq!(catalog.scrub_standing(0).await.unwrap().read_again, 9);
}

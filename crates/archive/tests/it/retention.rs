//! How long what is kept: rules take exactly what they said, holds beat everything, and what is put back is what it was.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use archive::audit::{AuditFilter, Deed, Verb};
use archive::catalog::{ArtifactUpdate, Catalog, FinishedFile, MetadataFacts, RecordingUpdate};
use archive::fetch::Transfers;
use archive::library::Kind;
use archive::members::{Parting, PurgeError, Purged, Seal};
use archive::model::{Artifact, ArtifactKind, ArtifactState, MinuteToken, Reason, RecordingState, Track};
use archive::retention::{HoldOn, NewRule, RoundSum, Rule, Switched, Trash, TrashError, look};
use archive::store::{Store, write_sums};
use archive::verify::{Depth, Reading, audit, strangers};

use crate::databases::Fresh;
use crate::installation::{DAY_MS, Installation, NOW_MS, minute, person, seen};

on_each_database!(
    a_rule_takes_exactly_what_its_dry_run_showed,
    a_rule_is_off_until_somebody_has_seen_what_it_takes,
    a_hold_beats_rules_hands_purges_and_the_end_of_the_trash,
    a_hold_on_a_person_is_on_what_comes_later_and_several_holds_hold_till_the_last_is_lifted,
    of_a_hold_and_a_hand_at_once_one_comes_after_the_other,
    a_clock_that_jumps_takes_nothing_away,
    whoever_is_removed_with_their_files_is_removed_from_the_trash_too,
    usage_is_told_by_person_and_by_month,
);

pub(crate) const SRT: &str = "1\n00:00:01,000 --> 00:00:04,000\n王芳: 大家好，今天讨论数据库\n";

pub(crate) fn deed(verb: Verb) -> Deed {
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
pub(crate) async fn keep(
    installation: &Installation,
    number: usize,
    owner: &str,
    age_days: i64,
) -> MinuteToken {
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

pub(crate) fn trash_of(installation: &Installation) -> Trash {
    let archive = &installation.archive;
    Trash::new(archive.catalog.clone(), archive.store.clone(), &archive.transfers)
}

/// One over the same catalogue whose disk has gone away: the catalogue goes first, and its files never follow.
pub(crate) async fn trash_without_disk(installation: &Installation) -> Trash {
    let gone = tempfile::tempdir().unwrap();
    let store = Store::open(gone.path().into()).await.unwrap();
    drop(gone);
    Trash::new(installation.catalog().clone(), store, &Transfers::default())
}

pub(crate) async fn put(installation: &Installation, token: &MinuteToken) {
    trash_of(installation).put(token, &deed(Verb::Deleted)).await.unwrap();
}

pub(crate) async fn state(catalog: &Catalog, token: &MinuteToken) -> RecordingState {
    catalog.recording(token).await.unwrap().unwrap().state
}

/// Every file of the archive but the marks and locks of its own, with its content.
pub(crate) fn contents(root: &Path) -> BTreeMap<String, Vec<u8>> {
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

pub(crate) fn facts(artifacts: Vec<Artifact>) -> Vec<String> {
    artifacts.into_iter().map(|artifact| format!("{artifact:?}")).collect()
}

pub(crate) async fn on(installation: &Installation, rule: &Rule) {
    let would = installation.catalog().would_take(rule, NOW_MS).await.unwrap();
    let switched = installation.catalog().switch_rule_on(&rule.id, would.count, &deed(Verb::Changed)).await;
    assert_eq!(switched.unwrap(), Switched::On);
}

pub(crate) async fn rule(catalog: &Catalog, age_days: u32, owner: Option<&str>, kind: Option<Kind>) -> Rule {
    let new = NewRule { age_days, owner: owner.map(person), kind };
    let id = catalog.make_rule(&new, &deed(Verb::Changed)).await.unwrap();
    catalog.rule(&id).await.unwrap().unwrap()
}

/// What every byte of the archive says, and what lies in its folder that nobody knows: (good, missing, strangers).
pub(crate) async fn verified(installation: &Installation) -> (u64, u64, usize) {
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
        catalog.trash(None, 99).await.unwrap().into_iter().map(|row| row.minute_token).collect();
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
    assert_eq!(catalog.trash(None, 9).await.unwrap()[0].is_held, 1);

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
    assert!(catalog.trash(None, 9).await.unwrap().is_empty());
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

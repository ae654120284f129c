//! Importing the script's installation: nobody is set back, nothing is downloaded twice, again and again.

use std::path::{Path, PathBuf};

use archive::audit::{AuditFilter, Deed, Verb};
use archive::model::{ArtifactState, MemberState, MinuteToken, Reason, RecordingState};
use archive::queue::TaskKind;
use archive::{LegacyError, LegacyLine, LegacyReport, MemberOutcome, RecordingOutcome, import_legacy};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::databases::Fresh;
use crate::installation::{HOUR_MS, Installation, NOW_MS, eventually, minute, person};

fn deed() -> Deed {
    Deed {
        actor: person("ou_root"),
        verb: Verb::Changed,
        subject: "archive".to_owned(),
        detail: Some("imported".to_owned()),
        from: "command line".to_owned(),
        at_ms: NOW_MS,
    }
}

struct OldScript(TempDir);

impl OldScript {
    fn new(tokens: Option<Value>, history: Option<Value>) -> Self {
        let old = Self(tempfile::tempdir().unwrap());
        for (name, json) in [("user_tokens.json", tokens), ("download_history.json", history)] {
            if let Some(json) = json {
                old.put(name, json.to_string().as_bytes());
            }
        }
        old
    }

    fn put(&self, name: &str, content: &[u8]) -> PathBuf {
        put(self.0.path(), name, content)
    }

    async fn import(&self, installation: &Installation) -> LegacyReport {
        import_legacy(&installation.archive, self.0.path(), &deed()).await.unwrap()
    }
}

fn put(dir: &Path, name: &str, content: &[u8]) -> PathBuf {
    let path = dir.canonicalize().unwrap().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, content).unwrap();
    path
}

/// The least that is a whole video; `mark` makes it another one.
fn mp4(mark: u8) -> Vec<u8> {
    let make = |kind: &[u8], body: &[u8]| {
        let size = u32::try_from(body.len() + 8).unwrap();
        [&size.to_be_bytes(), kind, body].concat()
    };
    let hdlr = make(b"hdlr", &[&[0; 8][..], b"vide", &[0; 13]].concat());
    let mvhd = make(b"mvhd", &[0; 100]);
    let moov = make(b"moov", &[mvhd, make(b"trak", &make(b"mdia", &hdlr))].concat());
    [make(b"ftyp", b"isom\0\0\x02\0isommp41"), moov, make(b"mdat", &[mark; 64])].concat()
}

fn members(report: &LegacyReport) -> Vec<(&str, &MemberOutcome)> {
    let mut members = Vec::new();
    for line in &report.lines {
        if let LegacyLine::Member { key, outcome, .. } = line {
            members.push((key.as_str(), outcome));
        }
    }
    members
}

fn recordings(report: &LegacyReport) -> Vec<(MinuteToken, RecordingOutcome)> {
    let recording = |line: &LegacyLine| match line {
        LegacyLine::Recording { minute_token, outcome } => Some((minute_token.clone(), outcome.clone())),
        _ => None,
    };
    report.lines.iter().filter_map(recording).collect()
}

async fn state(installation: &Installation, token: &MinuteToken) -> (RecordingState, Option<Reason>) {
    let recording = installation.catalog().recording(token).await.unwrap().unwrap();
    (recording.state, recording.reason())
}

on_each_database!(
    members_whose_old_token_is_dead_must_authorise_and_the_others_can_start,
    a_limit_in_the_middle_is_waited_out,
    who_has_authorised_is_never_set_back,
    a_token_that_tells_nobodys_name_is_still_used_for_its_open_id,
    recordings_without_a_file_are_held_and_not_fetched,
    whole_files_are_adopted_where_they_lie_or_as_copies,
    of_two_files_of_one_stem_the_second_is_copied_beside_its_own,
    ten_thousand_recordings_are_noted_in_one_go,
    garbage_is_refused_by_file_and_line_and_changes_nothing,
);

async fn members_whose_old_token_is_dead_must_authorise_and_the_others_can_start(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let alive = installation.platform.v1_token_of("ou_alive", "活");
    let by_user_id = installation.platform.v1_token_of("ou_seven", "七");
    let entry = |token: &str, name: &str| {
        let access = "u-x";
        json!({"user_access_token": access, "refresh_token": token, "expires_in": 7200, "name": name})
    };
    let old = OldScript::new(
        Some(json!({
            "ou_alive": entry(&alive, "旧名"),
            "ou_dead": entry("ur-dead", "死"),
            "7ab3c": entry(&by_user_id, "七"),
            "not an id!": entry("ur-dead", "x"),
            "ou_bare": 7,
        })),
        None,
    );

    let report = old.import(&installation).await;
    let told = members(&report);
    assert!(
        matches!(told[..], [
        ("7ab3c", MemberOutcome::Admitted { open_id: seven }),
        ("not an id!", MemberOutcome::Skipped { .. }),
        ("ou_alive", MemberOutcome::Admitted { .. }),
        ("ou_bare", MemberOutcome::MustAuthorise { .. }),
        ("ou_dead", MemberOutcome::MustAuthorise { .. }),
    ] if seven.as_str() == "ou_seven"),
        "{told:?}"
    );
    assert_eq!(installation.catalog().members().await.unwrap().len(), 4);
    let dead = installation.member("ou_dead").await;
    assert_eq!(
        (dead.name.as_str(), dead.state, dead.reason()),
        ("死", MemberState::MustAuthorise, Some(Reason::Imported))
    );
    assert_eq!(dead.authorised_at, None);
    assert_eq!(installation.member("ou_alive").await.name, "活");
    assert_eq!(installation.tasks(TaskKind::Patrol).await, 2);
    installation.grants().access(&person("ou_alive")).await.unwrap();

    let again = old.import(&installation).await;
    let unchanged =
        members(&again).iter().filter(|(_, outcome)| matches!(outcome, MemberOutcome::Known { .. })).count();
    assert_eq!(unchanged, 4, "{again:?}");
    assert_eq!(installation.catalog().members().await.unwrap().len(), 4);
    assert_eq!(installation.member("ou_seven").await.state, MemberState::Active);

    // The present endpoint does not know tokens of the old kind.
    installation.clock.advance(3 * HOUR_MS);
    installation.platform.answer_instead(400, &json!({"code": 20_026}));
    assert!(installation.grants().access(&person("ou_alive")).await.is_err());
    let alive = installation.member("ou_alive").await;
    assert_eq!((alive.state, alive.reason()), (MemberState::MustAuthorise, Some(Reason::GrantTooOld)));
    assert!(matches!(members(&old.import(&installation).await)[2].1, MemberOutcome::Known { .. }));
    assert_eq!(installation.member("ou_alive").await.reason(), Some(Reason::GrantTooOld));
}

async fn a_limit_in_the_middle_is_waited_out(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let entry = |open_id: &str| json!({"refresh_token": installation.platform.v1_token_of(open_id, "甲")});
    let old = OldScript::new(Some(json!({"ou_a": entry("ou_a"), "ou_b": entry("ou_b")})), None);
    installation.platform.answer_instead(400, &json!({"code": 99_991_400, "msg": "frequency limit"}));
    let report = old.import(&installation).await;
    let admitted = |(_, outcome): &(&str, &MemberOutcome)| matches!(outcome, MemberOutcome::Admitted { .. });
    assert!(members(&report).iter().all(admitted), "{:?}", members(&report));
}

async fn who_has_authorised_is_never_set_back(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    installation.authorise("ou_a", "甲").await;
    let token = installation.platform.v1_token_of("ou_a", "甲");
    let old = OldScript::new(
        Some(json!({"ou_a": {"refresh_token": &token}, "77": {"refresh_token": &token}})),
        None,
    );
    let report = old.import(&installation).await;
    assert!(
        members(&report).iter().all(
            |(_, outcome)| matches!(outcome, MemberOutcome::Known { open_id } if open_id.as_str() == "ou_a")
        ),
        "{report:?}"
    );
    assert_eq!(installation.catalog().members().await.unwrap().len(), 1);
    assert_eq!(installation.grants().access(&person("ou_a")).await.unwrap().version, 1);
}

async fn a_token_that_tells_nobodys_name_is_still_used_for_its_open_id(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    installation.platform.refuse_user_info(true);
    let (first, second) =
        (installation.platform.v1_token_of("ou_a", "甲"), installation.platform.v1_token_of("ou_b", "乙"));
    let old = OldScript::new(
        Some(
            json!({"ou_a": {"refresh_token": first, "name": "甲"}, "bee": {"refresh_token": second, "name": "乙"}}),
        ),
        None,
    );
    let report = old.import(&installation).await;
    assert!(
        matches!(
            members(&report)[..],
            [("bee", MemberOutcome::MustAuthorise { .. }), ("ou_a", MemberOutcome::Admitted { .. }),]
        ),
        "{report:?}"
    );
    // The next time the platform tells: the stand-in under the script's id goes.
    installation.platform.refuse_user_info(false);
    installation.platform.v1_token_of("ou_b", "乙");
    let report = old.import(&installation).await;
    assert!(
        matches!(members(&report)[0].1, MemberOutcome::Admitted { open_id } if open_id.as_str() == "ou_b"),
        "{report:?}"
    );
    assert!(installation.catalog().member(&person("bee")).await.unwrap().is_none());
}

async fn recordings_without_a_file_are_held_and_not_fetched(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let old = OldScript::new(
        None,
        Some(json!([minute(1).as_str(), {"object_token": minute(2).as_str(), "title": "周会\u{0}"}, "x"])),
    );
    let report = old.import(&installation).await;
    assert_eq!(
        recordings(&report),
        [(minute(1), RecordingOutcome::Held), (minute(2), RecordingOutcome::Held)]
    );
    assert!(report.lines.contains(&LegacyLine::HistorySkipped { entry: "x".to_owned() }));
    for number in [1, 2] {
        assert_eq!(
            state(&installation, &minute(number)).await,
            (RecordingState::Found, Some(Reason::HeldElsewhere))
        );
    }
    // Neither a start nor an authorisation nor a patrol sets them going, as far as files go.
    installation.archive.take_up().await.unwrap();
    assert_eq!(installation.tasks(TaskKind::Archive).await, 0);
    installation.authorise("ou_a", "甲").await;
    installation.platform.search_finds("owner_ids", &[minute(1)]);
    installation.work_on(TaskKind::Patrol);
    installation.work_on(TaskKind::Archive);
    eventually("a patrol saw it", async || installation.member("ou_a").await.patrolled_at.is_some()).await;
    eventually("what that called for is done", async || installation.tasks(TaskKind::Archive).await == 0)
        .await;
    let artifacts = installation.catalog().artifacts(&minute(1)).await.unwrap();
    assert!(
        artifacts
            .iter()
            .all(|it| it.state == ArtifactState::Absent && it.reason() == Some(Reason::HeldElsewhere))
    );
    assert_eq!(state(&installation, &minute(1)).await, (RecordingState::Found, Some(Reason::HeldElsewhere)));

    let again = old.import(&installation).await;
    assert_eq!(
        recordings(&again),
        [(minute(1), RecordingOutcome::Known), (minute(2), RecordingOutcome::Known)]
    );
    // Asked for by hand it is fetched like any other.
    installation.catalog().reopen_artifacts(&minute(1), true).await.unwrap();
    let artifacts = installation.catalog().artifacts(&minute(1)).await.unwrap();
    assert!(artifacts.iter().all(|it| it.state == ArtifactState::Pending));
}

async fn whole_files_are_adopted_where_they_lie_or_as_copies(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let history = json!({
        minute(1).as_str(): {"title": "甲"},
        minute(2).as_str(): {"title": "乙"},
        minute(3).as_str(): {"title": "丙"},
    });
    let old = OldScript::new(None, Some(history));
    let inside = put(installation.downloads(), &format!("旧/{}.mp4", minute(1)), &mp4(1));
    let outside = old.put("downloads/乙.mp4", &mp4(2));
    let broken = old.put(&format!("downloads/{}.mp4", minute(3)), &mp4(3)[..100]);

    let report = old.import(&installation).await;
    let [
        (_, RecordingOutcome::Adopted { from, path, bytes }),
        (_, RecordingOutcome::Adopted { from: copied_from, path: copy, .. }),
        (_, RecordingOutcome::Held),
    ] = &recordings(&report)[..]
    else {
        panic!("{report:?}");
    };
    assert_eq!(
        (from, path, *bytes),
        (&inside, &PathBuf::from(format!("旧/{}.mp4", minute(1))), mp4(1).len() as u64)
    );
    assert_eq!(copied_from, &outside);
    assert_eq!(std::fs::read(installation.downloads().join(copy)).unwrap(), mp4(2));
    assert!(copy.to_str().unwrap().contains(minute(2).as_str()), "{}", copy.display());
    assert_eq!(std::fs::read(&outside).unwrap(), mp4(2), "the original stays");
    let refused = |line: &LegacyLine| match line {
        LegacyLine::FileRefused { minute_token, path, .. } => *minute_token == minute(3) && *path == broken,
        _ => false,
    };
    assert!(report.lines.iter().any(refused), "{report:?}");
    for number in [1, 2] {
        assert_eq!(state(&installation, &minute(number)).await, (RecordingState::Archived, None));
    }

    // The workers add sidecars and sums, though nobody can ask the platform, and keep what is there.
    installation.work_on(TaskKind::Archive);
    eventually("sidecars are written", async || installation.tasks(TaskKind::Archive).await == 0).await;
    assert_eq!(state(&installation, &minute(1)).await.0, RecordingState::Archived);
    let sums = std::fs::read_to_string(installation.downloads().join("旧/SHA256SUMS")).unwrap();
    assert_eq!(sums.lines().count(), 2, "{sums}");

    let again = old.import(&installation).await;
    assert!(recordings(&again).iter().all(|(_, outcome)| *outcome == RecordingOutcome::Known), "{again:?}");
    // Once the broken file is mended, importing again adopts it.
    std::fs::write(&broken, mp4(3)).unwrap();
    let mended = old.import(&installation).await;
    assert!(matches!(recordings(&mended)[2].1, RecordingOutcome::Adopted { .. }), "{mended:?}");
}

async fn of_two_files_of_one_stem_the_second_is_copied_beside_its_own(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let entry = |number, file: &str| json!({"object_token": minute(number).as_str(), "file": file});
    let history = json!([entry(1, "x.mp4"), entry(2, "x.m4a")]);
    let old = OldScript::new(None, Some(history));
    put(installation.downloads(), "x.mp4", &mp4(1));
    put(installation.downloads(), "x.m4a", &mp4(2));
    let report = old.import(&installation).await;
    let [
        (_, RecordingOutcome::Adopted { path: first, .. }),
        (_, RecordingOutcome::Adopted { path: second, .. }),
    ] = &recordings(&report)[..]
    else {
        panic!("{report:?}");
    };
    assert_eq!(first, Path::new("x.mp4"));
    assert!(second.to_str().unwrap().contains(minute(2).as_str()), "{}", second.display());
}

async fn ten_thousand_recordings_are_noted_in_one_go(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let tokens: Vec<String> = (0..10_000).map(|number| minute(number).to_string()).collect();
    let report = OldScript::new(None, Some(json!(tokens))).import(&installation).await;
    assert_eq!(report.lines.len(), 10_000);
    assert_eq!(installation.catalog().overview().await.unwrap().recordings["found"], 10_000);
}

async fn garbage_is_refused_by_file_and_line_and_changes_nothing(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let old = OldScript::new(Some(json!({"ou_a": {}})), None);
    old.put("download_history.json", b"[\n  \"obcn\",\n  oops\n]");
    let error = import_legacy(&installation.archive, old.0.path(), &deed()).await.unwrap_err();
    assert!(
        matches!(&error, LegacyError::NotJson { path, line: 3, .. } if path.ends_with("download_history.json")),
        "{error}"
    );
    for wrong in ["7", "\"x\"", "null"] {
        old.put("download_history.json", wrong.as_bytes());
        let error = import_legacy(&installation.archive, old.0.path(), &deed()).await.unwrap_err();
        assert!(matches!(error, LegacyError::WrongShape { .. }), "{error}");
    }
    assert!(installation.catalog().members().await.unwrap().is_empty());
    let empty = OldScript::new(None, None);
    let error = import_legacy(&installation.archive, empty.0.path(), &deed()).await.unwrap_err();
    assert!(matches!(error, LegacyError::NothingHere { .. }), "{error}");
    // Deeply nested JSON is an error, not a broken stack.
    old.put("download_history.json", "[".repeat(100_000).as_bytes());
    assert!(import_legacy(&installation.archive, old.0.path(), &deed()).await.is_err());
    // What was refused was never done.
    let filter = AuditFilter { limit: 9, ..AuditFilter::default() };
    assert!(installation.catalog().audit_rows(&filter).await.unwrap().is_empty());
    old.put("download_history.json", b"[]");
    import_legacy(&installation.archive, old.0.path(), &deed()).await.unwrap();
    let rows = installation.catalog().audit_rows(&filter).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.detail.as_deref()).collect::<Vec<_>>(), [Some("imported")]);
}

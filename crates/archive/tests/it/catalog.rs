//! Facts come back as they were put in, on either database.

use archive::catalog::{
    ArtifactUpdate, Catalog, CatalogError, FinishedFile, MetadataFacts, RecordingFilter, RecordingUpdate,
};
use archive::model::{ArtifactKind, ArtifactState, MinuteToken, Reason, RecordingState, Track};

use crate::databases::Fresh;
use crate::installation::{Installation, NOW_MS, minute, person, seen, sight_in};

fn file(name: &str, bytes: i64) -> FinishedFile {
    FinishedFile {
        file_name: name.to_owned(),
        bytes,
        sha256: "ab".repeat(32),
        content_type: Some("video/mp4".to_owned()),
        via: Some("ou_a".to_owned()),
        play_ms: Some(12_000),
    }
}

async fn archived(catalog: &Catalog, token: &MinuteToken, dir: &str, stem: &str) {
    sight_in(catalog, &seen(token.clone(), Track::Patrol, None), NOW_MS).await;
    catalog.fix_place(token, dir, stem).await.unwrap();
    catalog
        .artifact_done(token, ArtifactKind::Media, &file(&format!("{stem}.mp4"), 10), NOW_MS)
        .await
        .unwrap();
    catalog
        .artifact_done(token, ArtifactKind::Sidecar, &file(&format!("{stem}.json"), 1), NOW_MS)
        .await
        .unwrap();
    let update = RecordingUpdate { state: RecordingState::Archived, reason: None, detail: None };
    catalog.set_recording_state(token, update, NOW_MS).await.unwrap();
}

on_each_database!(
    opened_again_it_holds_what_it_held,
    metadata_fills_in_and_takes_nothing_away,
    a_place_once_fixed_stays,
    artifacts_keep_their_own_states,
    files_are_listed_by_folder_and_page_by_page,
    recordings_are_listed_newest_first_by_state_and_owner,
    two_people_of_one_name_have_two_folders_for_good,
    members_are_listed_with_what_they_own,
    a_catalogue_that_is_gone_says_so_and_does_not_panic,
);

async fn opened_again_it_holds_what_it_held(fresh: &Fresh) {
    sight_in(&fresh.catalog, &seen(minute(1), Track::Patrol, None), NOW_MS).await;
    // Opening runs the migrations, which have all run.
    let again = fresh.again().await;
    assert!(again.recording(&minute(1)).await.unwrap().is_some());
    assert_eq!(again.meta_or_insert("key_id", "one").await.unwrap(), "one");
    assert_eq!(fresh.catalog.meta_or_insert("key_id", "two").await.unwrap(), "one");
    assert_eq!(again.meta("key_id").await.unwrap().as_deref(), Some("one"));
    assert_eq!(again.meta("other").await.unwrap(), None);
}

async fn metadata_fills_in_and_takes_nothing_away(fresh: &Fresh) {
    let catalog = &fresh.catalog;
    sight_in(catalog, &seen(minute(1), Track::Patrol, None), NOW_MS).await;
    let facts = MetadataFacts {
        owner_id: Some("ou_a".to_owned()),
        title: Some("周会\0: \u{202e}数据\u{1f4c8}'; DROP TABLE recordings; --".to_owned()),
        created_ms: Some(1_700_000_000_123),
        duration_ms: Some(3_000),
        url: Some("https://a.feishu.cn/minutes/x".to_owned()),
        raw: r#"{"title":"\u0000"}"#.to_owned(),
    };
    catalog.set_metadata(&minute(1), &facts).await.unwrap();
    catalog
        .set_metadata(&minute(1), &MetadataFacts { raw: "{}".to_owned(), ..MetadataFacts::default() })
        .await
        .unwrap();
    let recording = catalog.recording(&minute(1)).await.unwrap().unwrap();
    let title = recording.title.unwrap();
    assert!(
        title.starts_with("周会") && title.ends_with("数据\u{1f4c8}'; DROP TABLE recordings; --"),
        "{title:?}"
    );
    assert_eq!((recording.owner_id, recording.created_ms), (facts.owner_id, facts.created_ms));
    assert_eq!((recording.duration_ms, recording.url), (facts.duration_ms, facts.url));
    assert_eq!(recording.metadata.as_deref(), Some("{}"));
    assert_eq!((recording.state, recording.found_at), (RecordingState::Found, NOW_MS));
}

async fn a_place_once_fixed_stays(fresh: &Fresh) {
    let catalog = &fresh.catalog;
    sight_in(catalog, &seen(minute(1), Track::Patrol, None), NOW_MS).await;
    let place = |dir: &str, stem: &str| (dir.to_owned(), stem.to_owned());
    assert_eq!(catalog.fix_place(&minute(1), "", "周会").await.unwrap(), place("", "周会"));
    assert_eq!(catalog.fix_place(&minute(1), "王芳/2026-11", "x").await.unwrap(), place("", "周会"));
}

async fn artifacts_keep_their_own_states(fresh: &Fresh) {
    let catalog = &fresh.catalog;
    sight_in(catalog, &seen(minute(1), Track::Patrol, None), NOW_MS).await;
    let denied = ArtifactUpdate {
        state: ArtifactState::Denied,
        reason: Some(Reason::ExportDenied),
        detail: Some("2091005".to_owned()),
        attempts: 4,
        due_at: NOW_MS + 9,
    };
    catalog.artifact_not_done(&minute(1), ArtifactKind::TranscriptTxt, &denied, &[], NOW_MS).await.unwrap();
    catalog.artifact_not_done(&minute(1), ArtifactKind::Media, &denied, &[], NOW_MS).await.unwrap();
    catalog.artifact_done(&minute(1), ArtifactKind::Media, &file("a.mp4", 7), NOW_MS).await.unwrap();
    catalog.artifact_verified(minute(1).as_str(), ArtifactKind::Media, NOW_MS + 5).await.unwrap();
    let [media, txt, srt, summary] = catalog.artifacts(&minute(1)).await.unwrap().try_into().unwrap();
    assert_eq!((media.state, media.reason(), media.reason_detail), (ArtifactState::Done, None, None));
    assert_eq!((media.bytes, media.done_at, media.verified_at), (Some(7), Some(NOW_MS), Some(NOW_MS + 5)));
    assert_eq!(
        (txt.state, txt.reason(), txt.attempts, txt.due_at),
        (ArtifactState::Denied, Some(Reason::ExportDenied), 4, NOW_MS + 9)
    );
    assert_eq!((srt.state, summary.state), (ArtifactState::Pending, ArtifactState::Pending));

    let states = async || {
        catalog.artifacts(&minute(1)).await.unwrap().into_iter().map(|it| it.state).collect::<Vec<_>>()
    };
    catalog.reopen_artifacts(&minute(1), false).await.unwrap();
    assert_eq!(
        states().await,
        [ArtifactState::Done, ArtifactState::Pending, ArtifactState::Pending, ArtifactState::Pending]
    );
    catalog.reopen_artifacts(&minute(1), true).await.unwrap();
    assert_eq!(states().await, [ArtifactState::Pending; 4]);
}

async fn files_are_listed_by_folder_and_page_by_page(fresh: &Fresh) {
    let catalog = &fresh.catalog;
    for number in 0..7 {
        archived(
            catalog,
            &minute(number),
            if number < 3 { "王芳/2026-11" } else { "" },
            &format!("s{number}"),
        )
        .await;
    }
    sight_in(catalog, &seen(minute(8), Track::Patrol, None), NOW_MS).await;
    let in_folder = catalog.files_in("王芳/2026-11").await.unwrap();
    let names: Vec<_> = in_folder.iter().map(|file| file.file_name.as_str()).collect();
    assert_eq!(names, ["s0.json", "s0.mp4", "s1.json", "s1.mp4", "s2.json", "s2.mp4"]);
    let mut paged = Vec::new();
    let mut last = (String::new(), String::new());
    loop {
        let page = catalog.files_after(&last.0, &last.1, 4).await.unwrap();
        let Some(end) = page.last() else { break };
        last = (end.minute_token.clone(), end.kind.to_string());
        paged.extend(page.into_iter().map(|file| (file.minute_token, file.kind)));
    }
    let mut expected = paged.clone();
    expected.sort_by_key(|(token, kind)| (token.clone(), kind.as_str()));
    expected.dedup();
    assert_eq!((paged.len(), paged), (14, expected));
    let overview = catalog.overview().await.unwrap();
    assert_eq!((overview.bytes, overview.total()), (77, 8));
    assert_eq!(
        (overview.recordings["archived"], catalog.tally().await.unwrap().artifacts["media/done"]),
        (7, 7)
    );
}

async fn recordings_are_listed_newest_first_by_state_and_owner(fresh: &Fresh) {
    let catalog = &fresh.catalog;
    for number in 0..9_usize {
        let mut sighting = seen(minute(number), Track::Patrol, None);
        sighting.owner = Some(person(if number % 2 == 0 { "ou_even" } else { "ou_odd" }));
        // Three of one moment, so that the time alone does not order them.
        sight_in(catalog, &sighting, NOW_MS + i64::try_from(number / 3).unwrap()).await;
    }
    let tokens = |recordings: Vec<archive::model::Recording>| {
        recordings.into_iter().map(|it| it.minute_token).collect::<Vec<_>>()
    };
    let mut filter = RecordingFilter { limit: 4, ..RecordingFilter::default() };
    let mut all = Vec::new();
    loop {
        let page = catalog.recordings(&filter).await.unwrap();
        let Some(end) = page.last() else { break };
        filter.before = Some((end.found_at, end.minute_token.to_string()));
        all.extend(tokens(page));
    }
    assert_eq!(all, (0..9).rev().map(minute).collect::<Vec<_>>());
    let odd = RecordingFilter { owner: Some("ou_odd".to_owned()), limit: 100, ..RecordingFilter::default() };
    assert_eq!(tokens(catalog.recordings(&odd).await.unwrap()), [7, 5, 3, 1].map(minute));
    let none =
        RecordingFilter { state: Some("archived".to_owned()), limit: 100, ..RecordingFilter::default() };
    assert!(catalog.recordings(&none).await.unwrap().is_empty());
}

async fn two_people_of_one_name_have_two_folders_for_good(fresh: &Fresh) {
    let catalog = &fresh.catalog;
    assert_eq!(catalog.folder("ou_1").await.unwrap(), None);
    assert_eq!(catalog.claim_folder("ou_1", "Wang Fang", "Wang Fang (1)").await.unwrap(), "Wang Fang");
    // On some disks these two are one folder.
    assert_eq!(catalog.claim_folder("ou_2", "WANG FANG", "WANG FANG (2)").await.unwrap(), "WANG FANG (2)");
    assert_eq!(catalog.claim_folder("ou_1", "renamed", "renamed (1)").await.unwrap(), "Wang Fang");
    let beside = fresh.again().await;
    let claims = (0..16).map(|number| {
        let catalog = if number % 2 == 0 { catalog.clone() } else { beside.clone() };
        tokio::spawn(async move {
            catalog.claim_folder(&format!("ou_x{number}"), "张伟", &format!("张伟 ({number})")).await.unwrap()
        })
    });
    let mut folders = Vec::new();
    for claim in claims.collect::<Vec<_>>() {
        folders.push(claim.await.unwrap());
    }
    assert_eq!(folders.iter().filter(|folder| *folder == "张伟").count(), 1);
    folders.sort();
    folders.dedup();
    assert_eq!(folders.len(), 16);
}

async fn members_are_listed_with_what_they_own(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    for (open_id, name) in [("ou_b", "B"), ("ou_a", "A")] {
        installation.authorise(open_id, name).await;
    }
    installation.grants().revoked(&person("ou_b"), "", None).await.unwrap();
    let catalog = installation.catalog();
    for number in 0..3 {
        let mut sighting = seen(minute(number), Track::Patrol, Some("ou_a"));
        sighting.owner = Some(person("ou_a"));
        installation.sight(&sighting).await;
    }
    archived(catalog, &minute(0), "", "x").await;
    let rows = catalog.members().await.unwrap();
    let told: Vec<_> = rows.iter().map(|row| (row.member.name.as_str(), row.owned, row.archived)).collect();
    assert_eq!(told, [("A", 3, 1), ("B", 0, 0)]);
    assert_eq!(rows[0].access_expires_at, Some(NOW_MS + 7_200_000));
    assert_eq!(catalog.active_members().await.unwrap(), [person("ou_a")]);
    catalog.set_patrolled(&person("ou_a"), Err(("no", None)), NOW_MS).await.unwrap();
    let member = installation.member("ou_a").await;
    assert_eq!((member.patrol_error.as_deref(), member.patrolled_to), (Some("no"), None));
    catalog.set_patrolled(&person("ou_a"), Ok(NOW_MS - 5), NOW_MS).await.unwrap();
    let member = installation.member("ou_a").await;
    assert_eq!(
        (member.patrol_error, member.patrolled_to, member.patrolled_at),
        (None, Some(NOW_MS - 5), Some(NOW_MS))
    );
    assert_eq!(catalog.overview().await.unwrap().members["must_authorise"], 1);
}

async fn a_catalogue_that_is_gone_says_so_and_does_not_panic(fresh: &Fresh) {
    fresh.catalog.db().close().await;
    let error = fresh.catalog.overview().await.unwrap_err();
    assert!(matches!(error, CatalogError::Unavailable { .. }), "{error}");
    let error = fresh.catalog.db().begin().await.unwrap_err();
    assert!(matches!(error, CatalogError::Unavailable { .. }), "{error}");
}

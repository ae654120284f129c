//! An authorisation sets everything going that it makes possible; a patrol finds the rest.

use archive::catalog::{ArtifactUpdate, RecordingUpdate};
use archive::members::{Ask, AuthoriseError, Authoriser};
use archive::model::{ArtifactKind, ArtifactState, MemberState, MinuteToken, Reason, RecordingState, Track};
use archive::queue::TaskKind;
use serde_json::json;

use crate::databases::Fresh;
use crate::installation::{DAY_MS, Installation, NOW_MS, eventually, minute, person, seen};

/// Leaves a recording as a run leaves it that found nobody to ask, or was refused.
pub(crate) async fn leave(
    installation: &Installation,
    token: &MinuteToken,
    state: ArtifactState,
    reason: Reason,
) {
    let update =
        ArtifactUpdate { state, reason: Some(reason), detail: None, attempts: 1, due_at: NOW_MS + DAY_MS };
    for kind in ArtifactKind::FETCHED {
        installation.catalog().artifact_not_done(token, kind, &update, &[], NOW_MS).await.unwrap();
    }
    let state = if state == ArtifactState::Absent { RecordingState::Gone } else { RecordingState::NoGrant };
    let update = RecordingUpdate { state, reason: Some(reason), detail: None };
    installation.catalog().set_recording_state(token, update, NOW_MS).await.unwrap();
}

on_each_database!(
    what_waited_for_this_person_is_called_for,
    a_new_authorisation_replaces_the_old_one,
    without_a_refresh_token_it_lasts_as_long_as_the_access_token,
    a_refused_code_makes_no_member,
    a_patrol_brings_what_is_owned,
);

async fn what_waited_for_this_person_is_called_for(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let [owned, seen_by, denied, gone, others, unfound] = [1, 2, 3, 4, 5, 6].map(minute);
    let mut first = seen(owned.clone(), Track::RecordingReady, None);
    first.owner = Some(person("ou_a"));
    installation.sight(&first).await;
    for token in [&seen_by, &denied, &gone, &unfound] {
        installation.sight(&seen(token.clone(), Track::MinuteGenerated, Some("ou_a"))).await;
    }
    installation.sight(&seen(others.clone(), Track::MinuteGenerated, Some("ou_b"))).await;
    for token in [&owned, &seen_by, &others] {
        leave(&installation, token, ArtifactState::Pending, Reason::NoGrant).await;
    }
    leave(&installation, &denied, ArtifactState::Denied, Reason::ExportDenied).await;
    leave(&installation, &gone, ArtifactState::Absent, Reason::Deleted).await;
    // "Not found" is also said to those who may not know of it.
    leave(&installation, &unfound, ArtifactState::Absent, Reason::NotFound).await;
    installation.catalog().db().execute("DELETE FROM tasks", Vec::new()).await.unwrap();

    let welcome = installation.authorise("ou_a", "甲").await;
    assert_eq!((welcome.open_id.as_str(), welcome.name.as_str(), welcome.lasting), ("ou_a", "甲", true));
    let called: Vec<_> = installation
        .queue()
        .list(TaskKind::Archive, 10)
        .await
        .unwrap()
        .into_iter()
        .map(|task| task.subject)
        .collect();
    assert_eq!(called, [owned.clone(), seen_by, denied.clone(), unfound].map(|token| token.to_string()));
    // Nothing of the old reason is left that could make a run take them for unreachable still.
    let reopened = installation.catalog().artifacts(&owned).await.unwrap();
    assert!(reopened.iter().all(|artifact| artifact.reason.is_none()), "{reopened:?}");
    assert_eq!(installation.tasks(TaskKind::Patrol).await, 1);
    let media = &installation.catalog().artifacts(&denied).await.unwrap()[0];
    assert_eq!((media.state, media.due_at, media.attempts), (ArtifactState::Pending, 0, 0));
}

async fn a_new_authorisation_replaces_the_old_one(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    installation.authorise("ou_a", "甲").await;
    installation.grants().revoked(&person("ou_a"), "Revoked by user action.", None).await.unwrap();
    installation.clock.advance(DAY_MS);
    installation.authorise("ou_a", "甲·改名").await;
    let member = installation.member("ou_a").await;
    assert_eq!((member.state, member.reason()), (MemberState::Active, None));
    assert_eq!((member.name.as_str(), member.authorised_at), ("甲·改名", Some(NOW_MS + DAY_MS)));
    assert_eq!(member.granted().collect::<Vec<_>>(), ["offline_access", "a:b"]);
    assert_eq!(installation.grants().access(&person("ou_a")).await.unwrap().version, 2);
}

async fn without_a_refresh_token_it_lasts_as_long_as_the_access_token(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let authoriser = Authoriser::new(
        installation.grants().clone(),
        installation.queue().clone(),
        installation.archive.features,
    );
    let code = installation.platform.code_of("ou_a", "甲");
    // `user_info` knows only tokens that were issued, so the first answer is a real one.
    installation.authorise("ou_a", "甲").await;
    installation
        .platform
        .answer_instead(200, &json!({"code": 0, "access_token": "at-1", "expires_in": 7_200}));
    let welcome =
        authoriser.finish(&code, "http://localhost/", &"v".into(), Ask::Own, None, "10.0.0.1").await.unwrap();
    assert!(!welcome.lasting);
    assert!(welcome.missing.contains(&"offline_access"));
    assert_eq!(installation.member("ou_a").await.reason(), Some(Reason::NoRefreshToken));
    installation.clock.advance(DAY_MS);
    assert!(installation.grants().access(&person("ou_a")).await.is_err());
    let member = installation.member("ou_a").await;
    assert_eq!((member.state, member.reason()), (MemberState::MustAuthorise, Some(Reason::NoRefreshToken)));
}

async fn a_refused_code_makes_no_member(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let authoriser = Authoriser::new(
        installation.grants().clone(),
        installation.queue().clone(),
        installation.archive.features,
    );
    for (status, code) in [(400, 20_003), (400, 20_002), (400, 20_008), (500, 20_050)] {
        installation.platform.answer_instead(status, &json!({"code": code, "error_description": "words"}));
        let error = authoriser
            .finish("code-of ou_a", "http://localhost/", &"v".into(), Ask::Own, None, "10.0.0.1")
            .await
            .unwrap_err();
        let is_as_told = match code {
            20_003 => matches!(error, AuthoriseError::StartAgain(_)),
            20_002 => matches!(error, AuthoriseError::Administrator(_)),
            20_008 => matches!(error, AuthoriseError::NotAllowed(_)),
            _ => matches!(error, AuthoriseError::TryLater(_)),
        };
        assert!(is_as_told, "{code}: {error}");
    }
    assert!(installation.catalog().members().await.unwrap().is_empty());
}

async fn a_patrol_brings_what_is_owned(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    installation.authorise("ou_a", "甲").await;
    installation.platform.search_finds("owner_ids", &[minute(1), minute(2)]);
    installation.platform.search_finds("participant_ids", &[minute(8)]);
    installation.work_on(TaskKind::Patrol);
    eventually("a patrol ends well", async || installation.member("ou_a").await.patrolled_at == Some(NOW_MS))
        .await;
    let member = installation.member("ou_a").await;
    assert_eq!(member.patrol_error, None);
    for number in [1, 2] {
        let recording = installation.catalog().recording(&minute(number)).await.unwrap().unwrap();
        assert_eq!(recording.owner_id.as_deref(), Some("ou_a"));
    }
    let attended = installation.catalog().recording(&minute(8)).await.unwrap();
    assert!(attended.is_none(), "what others own is theirs to bring in");
    eventually("the next round is called for", async || {
        let task = installation.queue().task(TaskKind::Patrol, "ou_a").await.unwrap();
        task.is_some_and(|task| task.run_at == NOW_MS + 300_000)
    })
    .await;
}

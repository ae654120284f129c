//! Grants: one renewal at a time, the new pair stored before anybody has it, and an end only where the
//! platform names it.

use std::collections::BTreeSet;
use std::sync::Arc;

use archive::members::{GrantError, keep_fresh};
use archive::model::{MemberState, Reason};
use archive::queue::TaskKind;
use secrecy::ExposeSecret;
use serde_json::json;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::databases::Fresh;
use crate::installation::{HOUR_MS, Installation, eventually, person};

/// An access token lives two hours, and is renewed ten minutes before.
const DUE_MS: i64 = 2 * HOUR_MS - 600_000;

async fn with_member(fresh: &Fresh) -> Installation {
    let installation = Installation::new(fresh).await;
    installation.authorise("ou_a", "甲").await;
    installation
}

async fn version(installation: &Installation) -> i64 {
    let row: Option<(i64,)> = installation
        .catalog()
        .db()
        .row("SELECT version FROM grants WHERE open_id = 'ou_a'", Vec::new())
        .await
        .unwrap();
    row.unwrap().0
}

fn oauth_error(code: i64) -> serde_json::Value {
    json!({"code": code, "error": "invalid_grant", "error_description": "words"})
}

on_each_database!(
    fifty_callers_share_one_renewal,
    a_token_in_its_time_is_given_out_as_it_is_and_none_is_stored_in_the_clear,
    a_refused_token_is_renewed_once_for_all_who_held_it,
    the_new_pair_is_stored_before_anybody_has_it,
    a_caller_who_goes_away_takes_no_pair_along,
    each_code_has_its_outcome_on_the_member,
    no_ambiguous_answer_drops_a_grant_and_it_recovers_by_itself,
    while_renewing_has_trouble_the_old_token_serves_to_its_end,
    a_pair_that_another_process_has_stored_is_the_good_one,
    of_two_pairs_the_one_that_was_stored_first_stays,
    a_refusal_of_the_old_pair_does_not_end_a_new_authorisation,
    trouble_brings_no_revoked_member_back,
    the_keeper_renews_who_is_idle_and_leaves_who_is_gone,
    a_token_that_does_not_open_is_said_and_left_for_a_while,
    a_stranger_and_a_removed_member_have_no_grant,
    many_members_do_not_wait_for_each_other,
);

async fn fifty_callers_share_one_renewal(fresh: &Fresh) {
    let installation = with_member(fresh).await;
    installation.clock.advance(DUE_MS);
    let mut callers = JoinSet::new();
    for _ in 0..50 {
        let grants = installation.grants().clone();
        callers.spawn(async move {
            grants.access(&person("ou_a")).await.unwrap().token.expose_secret().to_owned()
        });
    }
    let tokens: BTreeSet<String> = callers.join_all().await.into_iter().collect();
    assert_eq!((tokens.len(), installation.platform.refreshes()), (1, 1));
    assert_eq!(version(&installation).await, 2);
}

async fn a_token_in_its_time_is_given_out_as_it_is_and_none_is_stored_in_the_clear(fresh: &Fresh) {
    let installation = with_member(fresh).await;
    let access = installation.grants().access(&person("ou_a")).await.unwrap();
    assert_eq!((access.version, installation.platform.refreshes()), (1, 0));
    assert!(!format!("{access:?}").contains(access.token.expose_secret()));
    let stored: Option<(Vec<u8>,)> =
        installation.catalog().db().row("SELECT access FROM grants", Vec::new()).await.unwrap();
    let token = access.token.expose_secret().as_bytes();
    assert!(!stored.unwrap().0.windows(token.len()).any(|window| window == token));
}

async fn a_refused_token_is_renewed_once_for_all_who_held_it(fresh: &Fresh) {
    let installation = with_member(fresh).await;
    let stale = installation.grants().access(&person("ou_a")).await.unwrap();
    let first = installation.grants().renew(&person("ou_a"), stale.version).await.unwrap();
    let second = installation.grants().renew(&person("ou_a"), stale.version).await.unwrap();
    assert_eq!((first.version, second.version, installation.platform.refreshes()), (2, 2, 1));
}

async fn the_new_pair_is_stored_before_anybody_has_it(fresh: &Fresh) {
    let installation = with_member(fresh).await;
    installation.clock.advance(DUE_MS);
    let access = installation.grants().access(&person("ou_a")).await.unwrap();
    // Another process, which shares nothing but the catalogue, has it at once and needs no renewal.
    let beside = installation.beside(fresh).await;
    let read = beside.grants().access(&person("ou_a")).await.unwrap();
    assert_eq!(read.token.expose_secret(), access.token.expose_secret());
    assert_eq!(installation.platform.refreshes(), 1);
}

async fn a_caller_who_goes_away_takes_no_pair_along(fresh: &Fresh) {
    let installation = with_member(fresh).await;
    installation.clock.advance(DUE_MS);
    installation.platform.hold();
    let grants = installation.grants().clone();
    let caller = tokio::spawn(async move { grants.access(&person("ou_a")).await });
    installation.platform.asked(1).await;
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    installation.platform.let_go(1);
    installation.grants().settle().await;
    assert_eq!(version(&installation).await, 2, "the platform had changed the pair");
    let access = installation.grants().access(&person("ou_a")).await.unwrap();
    assert_eq!((access.version, installation.platform.refreshes()), (2, 1));
}

async fn each_code_has_its_outcome_on_the_member(fresh: &Fresh) {
    let must = |reason| (MemberState::MustAuthorise, Some(reason));
    let stays = |reason| (MemberState::Active, Some(reason));
    let departed = (MemberState::Departed, Some(Reason::AccountUnavailable));
    let table = [
        (400, 20_026, must(Reason::GrantTooOld)),
        (400, 20_037, must(Reason::GrantExpired)),
        (400, 20_064, must(Reason::GrantRevoked)),
        (400, 20_073, must(Reason::GrantUsedElsewhere)),
        (400, 20_008, departed),
        (400, 20_010, departed),
        (400, 20_066, departed),
        (400, 20_002, stays(Reason::AppMisconfigured)),
        (400, 20_048, stays(Reason::AppMisconfigured)),
        (400, 20_069, stays(Reason::AppMisconfigured)),
        (400, 20_009, stays(Reason::AppMisconfigured)),
        (400, 20_074, stays(Reason::AppMisconfigured)),
        (400, 20_001, stays(Reason::RequestMalformed)),
        (400, 20_063, stays(Reason::RequestMalformed)),
        (400, 20_036, stays(Reason::RequestMalformed)),
        (400, 20_067, stays(Reason::RequestMalformed)),
        (400, 20_068, stays(Reason::RequestMalformed)),
        (400, 20_070, stays(Reason::RequestMalformed)),
        (500, 20_050, stays(Reason::PlatformTrouble)),
        (503, 20_072, stays(Reason::PlatformTrouble)),
        (400, 7_777_777, stays(Reason::PlatformTrouble)),
        (503, 20_064, stays(Reason::PlatformTrouble)),
        (400, 99_991_400, stays(Reason::RateLimited)),
    ];
    let installation = Installation::new(fresh).await;
    for (status, code, expected) in table {
        installation.authorise("ou_a", "甲").await;
        installation.platform.answer_instead(status, &oauth_error(code));
        installation.clock.advance(2 * HOUR_MS);
        let error = installation.grants().access(&person("ou_a")).await.unwrap_err();
        let member = installation.member("ou_a").await;
        assert_eq!((member.state, member.reason()), expected, "{status} {code}");
        assert!(member.reason_detail.unwrap().contains(&code.to_string()));
        let is_trouble = matches!(error, GrantError::Trouble { reason, .. } if Some(reason) == expected.1);
        assert_eq!(is_trouble, expected.0 == MemberState::Active, "{status} {code}: {error}");
    }
}

async fn no_ambiguous_answer_drops_a_grant_and_it_recovers_by_itself(fresh: &Fresh) {
    let installation = with_member(fresh).await;
    installation.clock.advance(2 * HOUR_MS);
    for (status, body) in [
        (200, ""),
        (200, "<html>502</html>"),
        (502, "bad gateway"),
        (200, "{\"code\":0}"),
        (400, "{\"code\":"),
        (403, "no"),
    ] {
        installation.platform.answer_instead(status, body);
        let error = installation.grants().access(&person("ou_a")).await.unwrap_err();
        let GrantError::Trouble { retry_at, .. } = error else { panic!("{status} {body}: {error}") };
        assert_eq!(installation.member("ou_a").await.state, MemberState::Active);
        let asked = installation.platform.refreshes();
        assert!(installation.grants().access(&person("ou_a")).await.is_err());
        assert_eq!(installation.platform.refreshes(), asked, "nobody asks again before its time");
        installation.clock.advance(retry_at - archive::model::Clock::now_ms(&*installation.clock));
    }
    installation.grants().access(&person("ou_a")).await.unwrap();
    let member = installation.member("ou_a").await;
    assert_eq!((member.state, member.reason(), member.reason_detail), (MemberState::Active, None, None));
}

async fn while_renewing_has_trouble_the_old_token_serves_to_its_end(fresh: &Fresh) {
    let installation = with_member(fresh).await;
    installation.clock.advance(DUE_MS);
    installation.platform.answer_instead(500, &oauth_error(20_050));
    let access = installation.grants().access(&person("ou_a")).await.unwrap();
    assert_eq!(access.version, 1);
    assert_eq!(installation.member("ou_a").await.reason(), Some(Reason::PlatformTrouble));
}

async fn a_pair_that_another_process_has_stored_is_the_good_one(fresh: &Fresh) {
    let installation = with_member(fresh).await;
    let beside = installation.beside(fresh).await;
    installation.clock.advance(DUE_MS);
    installation.platform.hold();
    let grants = installation.grants().clone();
    let slow = tokio::spawn(async move { grants.renew(&person("ou_a"), 1).await });
    installation.platform.asked(1).await;
    // The platform has given the first one its pair; the second is told "used already" and that before
    // the first one's pair is stored.
    let error = beside.grants().renew(&person("ou_a"), 1).await.unwrap_err();
    assert!(matches!(error, GrantError::MustAuthorise { reason: Reason::GrantUsedElsewhere }), "{error}");
    installation.catalog().db().execute("DELETE FROM tasks", Vec::new()).await.unwrap();
    installation.platform.let_go(1);
    assert_eq!(slow.await.unwrap().unwrap().version, 2);
    let member = installation.member("ou_a").await;
    assert_eq!((member.state, member.reason()), (MemberState::Active, None));
    assert_eq!(installation.tasks(TaskKind::Patrol).await, 1, "whoever is back is patrolled again");
    assert_eq!(beside.grants().access(&person("ou_a")).await.unwrap().version, 2);
    assert_eq!(beside.grants().renew(&person("ou_a"), 1).await.unwrap().version, 2);
}

async fn of_two_pairs_the_one_that_was_stored_first_stays(fresh: &Fresh) {
    let installation = with_member(fresh).await;
    let beside = installation.beside(fresh).await;
    installation.platform.hold();
    let (first, second) = (installation.grants().clone(), beside.grants().clone());
    let winner = tokio::spawn(async move { first.renew(&person("ou_a"), 1).await });
    installation.platform.asked(1).await;
    // A platform that gives a second pair for a used token: whichever comes later is not stored.
    let answer = json!({"code": 0, "access_token": "at-x", "expires_in": 7_200, "refresh_token": "rt-x",
        "refresh_token_expires_in": 604_800, "scope": ""});
    installation.platform.answer_instead(200, &answer);
    let late = tokio::spawn(async move { second.renew(&person("ou_a"), 1).await });
    installation.platform.asked(2).await;
    installation.platform.let_go(1);
    let won = tokio::select! {
        won = winner => won.unwrap().unwrap(),
        won = late => won.unwrap().unwrap(),
    };
    installation.platform.let_go(1);
    installation.grants().settle().await;
    beside.grants().settle().await;
    assert_eq!((won.version, version(&installation).await), (2, 2));
    let kept = beside.grants().access(&person("ou_a")).await.unwrap();
    assert_eq!(kept.token.expose_secret(), won.token.expose_secret());
}

async fn a_refusal_of_the_old_pair_does_not_end_a_new_authorisation(fresh: &Fresh) {
    let installation = with_member(fresh).await;
    let beside = installation.beside(fresh).await;
    installation.platform.hold();
    installation.platform.answer_instead(400, &oauth_error(20_064));
    let grants = installation.grants().clone();
    let renewal = tokio::spawn(async move { grants.renew(&person("ou_a"), 1).await });
    installation.platform.asked(1).await;
    beside.authorise("ou_a", "甲").await;
    installation.platform.let_go(1);
    assert_eq!(renewal.await.unwrap().unwrap().version, 2);
    let member = installation.member("ou_a").await;
    assert_eq!((member.state, member.reason()), (MemberState::Active, None));
}

async fn trouble_brings_no_revoked_member_back(fresh: &Fresh) {
    let installation = with_member(fresh).await;
    installation.clock.advance(2 * HOUR_MS);
    installation.platform.hold();
    let answer = json!({"code": 0, "msg": "garbled: no token"});
    installation.platform.answer_instead(200, &answer);
    let grants = installation.grants().clone();
    let renewal = tokio::spawn(async move { grants.access(&person("ou_a")).await });
    installation.platform.asked(1).await;
    installation.grants().revoked(&person("ou_a"), "Revoked by user action.", None).await.unwrap();
    installation.platform.let_go(1);
    assert!(renewal.await.unwrap().is_err());
    let member = installation.member("ou_a").await;
    assert_eq!((member.state, member.reason()), (MemberState::MustAuthorise, Some(Reason::GrantRevoked)));
    let error = installation.grants().access(&person("ou_a")).await.unwrap_err();
    assert!(matches!(error, GrantError::MustAuthorise { reason: Reason::GrantRevoked }), "{error}");
}

async fn the_keeper_renews_who_is_idle_and_leaves_who_is_gone(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    for open_id in ["ou_a", "ou_b", "ou_gone"] {
        installation.authorise(open_id, "某").await;
    }
    installation.grants().revoked(&person("ou_gone"), "User resigned", None).await.unwrap();
    installation.clock.advance(DUE_MS);
    let stop = CancellationToken::new();
    let keeper = tokio::spawn(keep_fresh(installation.grants().clone(), stop.clone()));
    eventually("both are renewed", async || {
        let members = installation.catalog().members().await.unwrap();
        let renewed = members.iter().filter(|row| row.refreshed_at > row.member.authorised_at);
        renewed.map(|row| row.member.open_id.to_string()).collect::<Vec<_>>() == ["ou_a", "ou_b"]
    })
    .await;
    stop.cancel();
    keeper.await.unwrap();
    assert_eq!(installation.platform.refreshes(), 2);
}

async fn a_token_that_does_not_open_is_said_and_left_for_a_while(fresh: &Fresh) {
    let installation = with_member(fresh).await;
    let other_row = "UPDATE grants SET refresh = access";
    installation.catalog().db().execute(other_row, Vec::new()).await.unwrap();
    installation.clock.advance(2 * HOUR_MS);
    let error = installation.grants().access(&person("ou_a")).await.unwrap_err();
    assert!(matches!(error, GrantError::Sealed(_)), "{error}");
    let error = installation.grants().access(&person("ou_a")).await.unwrap_err();
    assert!(matches!(error, GrantError::Trouble { reason: Reason::AppMisconfigured, .. }), "{error}");
    assert_eq!(installation.member("ou_a").await.state, MemberState::Active);
}

async fn a_stranger_and_a_removed_member_have_no_grant(fresh: &Fresh) {
    let installation = with_member(fresh).await;
    assert!(installation.catalog().remove_member(&person("ou_a"), None).await.unwrap());
    assert!(!installation.catalog().remove_member(&person("ou_a"), None).await.unwrap());
    for open_id in ["ou_a", "ou_stranger"] {
        let error = installation.grants().access(&person(open_id)).await.unwrap_err();
        assert!(matches!(error, GrantError::MustAuthorise { reason: Reason::NoGrant }), "{error}");
    }
    assert_eq!(installation.tasks(TaskKind::Patrol).await, 0);
    let left: Option<(i64,)> =
        installation.catalog().db().row("SELECT COUNT(*) FROM grants", Vec::new()).await.unwrap();
    assert_eq!(left, Some((0,)));
}

async fn many_members_do_not_wait_for_each_other(fresh: &Fresh) {
    let installation = Arc::new(Installation::new(fresh).await);
    for number in 0..12 {
        installation.authorise(&format!("ou_{number}"), "某").await;
    }
    installation.clock.advance(DUE_MS);
    installation.platform.hold();
    let mut callers = JoinSet::new();
    for number in 0..12 {
        let grants = installation.grants().clone();
        callers.spawn(async move { grants.access(&person(&format!("ou_{number}"))).await.unwrap().version });
    }
    // All are asked for although none is answered.
    installation.platform.asked(12).await;
    installation.platform.let_go(12);
    assert_eq!(callers.join_all().await, [2; 12]);
}

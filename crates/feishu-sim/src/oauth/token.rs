//! The token endpoint: codes and refresh tokens for access tokens.
//!
//! Feishu docs: authentication-management/access-token/get-user-access-token and
//! refresh-user-access-token. Flat answers, no `data`. Most refusals come of real state; the rest
//! (20050, 20072) are for faults to order.

use std::collections::BTreeSet;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::clock::Ms;
use crate::envelope::Refusal;
use crate::platform::Shared;
use crate::world::{Challenge, RefreshError, TokenPair, World};

#[derive(Deserialize)]
struct Body {
    grant_type: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    code: Option<String>,
    redirect_uri: Option<String>,
    code_verifier: Option<String>,
    refresh_token: Option<String>,
    scope: Option<String>,
}

/// `POST /open-apis/authen/v2/oauth/token`
pub(super) async fn token(
    State(platform): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let body: Body = serde_json::from_slice(&body)
        .map_err(|_| Refusal::oauth(400, 20_063, "The request is malformed. Please check your request."))?;
    if headers.contains_key(header::AUTHORIZATION) && body.client_secret.is_some() {
        return Err(refusal(20_070));
    }
    let now = platform.now();
    let mut world = platform.world();
    check_app(&world, &body)?;
    let pair = match body.grant_type.as_deref() {
        Some("authorization_code") => redeem(&mut world, &body, now)?,
        Some("refresh_token") => refresh(&mut world, &body, now)?,
        Some(_) => return Err(refusal(20_036)),
        None => return Err(refusal(20_001)),
    };
    Ok(answer(&pair))
}

fn answer(pair: &TokenPair) -> Response {
    let mut answer = json!({
        "code": 0,
        "access_token": pair.access_token,
        "expires_in": pair.access_seconds,
        "token_type": "Bearer",
        "scope": pair.scopes.iter().cloned().collect::<Vec<_>>().join(" "),
    });
    if let Some((refresh_token, seconds)) = &pair.refresh_token {
        answer["refresh_token"] = json!(refresh_token);
        answer["refresh_token_expires_in"] = json!(seconds);
    }
    Json(answer).into_response()
}

fn check_app(world: &World, body: &Body) -> Result<(), Refusal> {
    let app = &world.app;
    match (&body.client_id, &body.client_secret) {
        (None, _) | (_, None) => Err(refusal(20_001)),
        (Some(id), _) if *id != app.app_id => Err(refusal(20_048)),
        (_, Some(secret)) if *secret != app.app_secret => Err(refusal(20_002)),
        _ if !app.enabled => Err(refusal(20_069)),
        _ if !app.installed => Err(refusal(20_009)),
        _ => Ok(()),
    }
}

fn redeem(world: &mut World, body: &Body, now: Ms) -> Result<TokenPair, Refusal> {
    let code = body.code.as_deref().ok_or_else(|| refusal(20_001))?;
    let used_code = world.knobs.used_code;
    let agreed = world.grants.code(code).ok_or_else(|| refusal(20_003))?;
    if agreed.used {
        return Err(refusal(used_code));
    }
    if now >= agreed.expires_ms {
        return Err(refusal(20_004));
    }
    if body.redirect_uri.as_ref().is_some_and(|uri| *uri != agreed.redirect_uri) {
        return Err(refusal(20_071));
    }
    if !proves(agreed.challenge.as_ref(), body.code_verifier.as_deref()) {
        return Err(refusal(20_049));
    }
    let narrowed = narrow(body.scope.as_deref(), &agreed.scopes)?;
    agreed.used = true;
    let open_id = agreed.open_id.clone();
    check_person(world, &open_id)?;
    Ok(world.first_tokens(&open_id, narrowed.as_ref(), now))
}

fn refresh(world: &mut World, body: &Body, now: Ms) -> Result<TokenPair, Refusal> {
    let refresh_token = body.refresh_token.as_deref().ok_or_else(|| refusal(20_001))?;
    if !world.app.refresh_allowed {
        return Err(refusal(20_074));
    }
    let used = world.knobs.used_refresh_token;
    let says = |error| {
        refusal(match error {
            RefreshError::NotOurs => 20_026,
            RefreshError::Expired => 20_037,
            RefreshError::Revoked => 20_064,
            RefreshError::Used => used,
        })
    };
    let claims = world.refresh_claims(refresh_token, now).map_err(says)?;
    check_person(world, &claims.open_id)?;
    let narrowed = narrow(body.scope.as_deref(), &claims.scopes.iter().cloned().collect())?;
    Ok(world.refreshed_tokens(claims, narrowed.as_ref(), now))
}

fn check_person(world: &World, open_id: &str) -> Result<(), Refusal> {
    match world.people.get(open_id) {
        None => Err(refusal(20_008)),
        Some(row) if row.suspended => Err(refusal(20_066)),
        Some(row) if !row.person.available => Err(refusal(20_010)),
        Some(_) => Ok(()),
    }
}

/// RFC 7636 §4.6.
fn proves(challenge: Option<&Challenge>, verifier: Option<&str>) -> bool {
    match (challenge, verifier) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(Challenge::Plain(challenge)), Some(verifier)) => challenge == verifier,
        (Some(Challenge::S256(challenge)), Some(verifier)) => {
            (43..=128).contains(&verifier.len()) && *challenge == BASE64.encode(Sha256::digest(verifier))
        }
    }
}

/// The `scope` parameter narrows the token to part of what was agreed.
fn narrow(scope: Option<&str>, agreed: &BTreeSet<String>) -> Result<Option<BTreeSet<String>>, Refusal> {
    let Some(scope) = scope else { return Ok(None) };
    let list: Vec<_> = scope.split_whitespace().map(str::to_owned).collect();
    let set: BTreeSet<_> = list.iter().cloned().collect();
    if set.len() != list.len() {
        return Err(refusal(20_067));
    }
    if !set.is_subset(agreed) {
        return Err(refusal(20_068));
    }
    Ok(Some(set))
}

fn refusal(code: i64) -> Refusal {
    let says = match code {
        20_001 => "The request is missing a required parameter.",
        20_002 => "The client secret is invalid.",
        20_003 => {
            "The authorization code is not found. Please note that an authorization code can only be used once."
        }
        20_004 => "The authorization code has expired.",
        20_008 => "The user does not exist.",
        20_009 => "The specified app is not installed.",
        20_010 => "The user does not have permission to use this app.",
        20_026 => "The refresh token passed is invalid. Please check the value.",
        20_036 => "The specified grant_type is not supported.",
        20_037 => "The refresh token passed has expired. Please generate a new one.",
        20_048 => "The specified app does not exist.",
        20_049 => "PKCE code challenge failed.",
        20_064 => {
            "The refresh token has been revoked. Please note that a refresh token can only be used once."
        }
        20_065 => {
            "The authorization code has been used. Please note that an authorization code can only be used once."
        }
        20_066 => "The user status is invalid.",
        20_067 => "The provided scope list contains duplicate scopes. Please ensure all scopes are unique.",
        20_068 => "The provided scope list contains scopes that are not permitted.",
        20_069 => "The specified app is not enabled.",
        20_070 => "Multiple authentication methods were provided. Please only use one to proceed.",
        20_071 => "The provided redirect URI does not match the one used during authorization.",
        20_073 => "The refresh token has been used. Please note that a refresh token can only be used once.",
        20_074 => "The specified app is not allowed to refresh token.",
        _ => "The request was refused.",
    };
    Refusal::oauth(400, code, says)
}

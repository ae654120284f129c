//! Who calls: the token in the Authorization header, and whether it may.
//!
//! Feishu docs: api-call-guide (general error codes 9999166x, 9999167x).

use std::collections::BTreeSet;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};

use crate::api::{Api, Identity};
use crate::clock::Ms;
use crate::envelope::Refusal;
use crate::world::{AccessError, World};

/// Who calls. Handlers of calls that take a token get it as an extractor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    Nobody,
    User { open_id: String, scopes: BTreeSet<String> },
    Tenant,
    App,
}

impl Caller {
    pub(crate) fn open_id(&self) -> Option<&str> {
        match self {
            Self::User { open_id, .. } => Some(open_id),
            _ => None,
        }
    }

    pub(crate) fn identity(&self) -> Option<&'static str> {
        match self {
            Self::Nobody => None,
            Self::User { .. } => Some("user"),
            Self::Tenant => Some("tenant"),
            Self::App => Some("app"),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get().cloned().unwrap_or(Self::Nobody))
    }
}

/// Whose token came, or the refusal it earns.
pub(crate) fn identify(world: &mut World, headers: &HeaderMap, now: Ms) -> Result<Caller, Refusal> {
    let Some(authorization) = headers.get(header::AUTHORIZATION) else {
        return Ok(Caller::Nobody);
    };
    let token = authorization.to_str().ok().and_then(|value| value.strip_prefix("Bearer ")).unwrap_or("");
    if token.starts_with("t-") || token.starts_with("a-") {
        let tenant = token.starts_with("t-");
        return match (world.is_live_app_token(token, now), tenant) {
            (true, true) => Ok(Caller::Tenant),
            (true, false) => Ok(Caller::App),
            (false, true) => Err(invalid_token(99_991_663)),
            (false, false) => Err(Refusal::new(400, 99_991_664, "invalid app token")),
        };
    }
    match world.access_claims(token, now) {
        Ok((open_id, scopes)) => Ok(Caller::User { open_id, scopes }),
        Err(AccessError::Invalid) => Err(invalid_token(99_991_668)),
        Err(AccessError::Expired) => Err(Refusal::new(401, 99_991_677, "token expire")),
    }
}

/// Whether the caller may make this call at all.
pub(crate) fn admit(world: &World, api: &Api, caller: &Caller) -> Result<(), Refusal> {
    match (api.identity, caller) {
        (Identity::Open, _) => return Ok(()),
        (_, Caller::Nobody) => {
            return Err(Refusal::new(400, 99_991_661, "Missing access token for authorization"));
        }
        (Identity::User | Identity::UserOrTenant, Caller::User { .. })
        | (Identity::Tenant | Identity::UserOrTenant, Caller::Tenant)
        | (Identity::App, Caller::App | Caller::Tenant) => {}
        (Identity::User, _) => return Err(invalid_token(99_991_668)),
        (Identity::App, _) => return Err(Refusal::new(400, 99_991_664, "invalid app token")),
        (_, _) => return Err(invalid_token(99_991_663)),
    }
    let has = |scopes: &BTreeSet<String>| {
        api.scopes.is_empty() || api.scopes.iter().any(|scope| scopes.contains(*scope))
    };
    if !has(&world.app.scopes) {
        let msg =
            format!("Access denied. One of the following scopes is required: [{}]", api.scopes.join(", "));
        return Err(Refusal::new(400, 99_991_672, msg).with_missing_scopes(api.scopes));
    }
    if let Caller::User { scopes, .. } = caller
        && !has(scopes)
    {
        let msg = format!(
            "Unauthorized. You do not have permission to perform the requested operation on the resource. \
             Please request user re-authorization and try again. required one of these privileges: [{}]",
            api.scopes.join(", ")
        );
        return Err(Refusal::new(400, 99_991_679, msg).with_missing_scopes(api.scopes));
    }
    Ok(())
}

fn invalid_token(code: i64) -> Refusal {
    let status = if code == 99_991_668 { 401 } else { 400 };
    Refusal::new(
        status,
        code,
        "Invalid access token for authorization. Please make a test attempt with token attached",
    )
}

//! Doors that are not for everybody.

use archive::model::Role;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::Response;

use super::{Porter, SignedIn, Submitted};
use crate::notice::Notice;
use crate::visitor::Visitor;

/// An administrator who has signed in; others get a page that says how one becomes it.
#[derive(Debug, Clone)]
pub struct Administrator(pub SignedIn);

/// An administrator or an auditor.
#[derive(Debug, Clone)]
pub struct Overseer(pub SignedIn);

impl<S: Sync> FromRequestParts<S> for Administrator {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        only(&[Role::Administrator], Notice::AdministratorsOnly, parts, state).await.map(Self)
    }
}

impl<S: Sync> FromRequestParts<S> for Overseer {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        only(&[Role::Administrator, Role::Auditor], Notice::OverseersOnly, parts, state).await.map(Self)
    }
}

/// Lets a form pass that an administrator sent.
pub(crate) fn administrators_only<T>(submitted: Submitted<T>) -> Result<Submitted<T>, Notice> {
    match submitted.who.viewer.role {
        Role::Administrator => Ok(submitted),
        Role::Member | Role::Auditor => Err(Notice::AdministratorsOnly),
    }
}

/// Lets a form pass that an administrator or an auditor sent.
pub(crate) fn overseers_only<T>(submitted: Submitted<T>) -> Result<Submitted<T>, Notice> {
    match submitted.who.viewer.role {
        Role::Administrator | Role::Auditor => Ok(submitted),
        Role::Member => Err(Notice::OverseersOnly),
    }
}

async fn only<S: Sync>(
    roles: &[Role],
    notice: Notice,
    parts: &mut Parts,
    state: &S,
) -> Result<SignedIn, Response> {
    let signed_in = SignedIn::from_request_parts(parts, state).await?;
    if roles.contains(&signed_in.viewer.role) {
        return Ok(signed_in);
    }
    let visitor = Visitor::of(parts);
    let porter = parts.extensions.get::<Porter>();
    // The id is what has to be written into the configuration.
    let detail = Some(signed_in.viewer.open_id.as_str());
    Err(porter.map_or_else(Response::default, |porter| notice.page(&porter.site, &visitor, detail)))
}

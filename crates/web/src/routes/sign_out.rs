//! `POST /auth/sign-out`: ends this browser's session.

use archive::audit::Verb;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use tracing::warn;

use super::auth::Reception;
use crate::notice::Notice;
use crate::session::{Nothing, Submitted};

pub(super) async fn sign_out(
    State(Reception { porter, site, .. }): State<Reception>,
    Submitted { who, .. }: Submitted<Nothing>,
) -> Response {
    let deed = who.deed(Verb::SignedOut, who.viewer.open_id.as_str(), None);
    if let Err(error) = porter.sessions.end(&who.session, None, &deed).await {
        warn!(%error, "a session could not be ended");
        return Notice::NotNow.into_response();
    }
    (porter.take_back(), Redirect::to(&site.path("/auth/sign-in"))).into_response()
}

//! `/auth/…`: where employees authorise.
//! Feishu docs: authen/v1/authorize, authen/v2/oauth/token.

use std::sync::Arc;

use archive::members::Authoriser;
use archive::model::Clock;
use axum::Router;
use axum::routing::get;

use super::callback::callback;
use super::start::start;
use crate::site::Site;

/// What it takes to take members in.
#[derive(Clone)]
pub(crate) struct Reception {
    pub(crate) authoriser: Authoriser,
    pub(crate) site: Arc<Site>,
    pub(crate) clock: Arc<dyn Clock>,
}

pub(crate) fn router(reception: Reception) -> Router {
    Router::new()
        .route("/auth/start", get(start))
        .route("/auth/callback", get(callback))
        .with_state(reception)
}

//! `/auth/…`: where employees authorise, and where people sign in and out.
//! Feishu docs: authen/v1/authorize, authen/v2/oauth/token.

use std::sync::Arc;

use archive::members::Authoriser;
use archive::model::Clock;
use axum::Router;
use axum::routing::{get, post};

use super::callback::callback;
use super::sign_in::sign_in;
use super::sign_out::sign_out;
use super::start::start;
use crate::crowd::Crowd;
use crate::session::Porter;
use crate::site::Site;

/// What it takes to take members in, and to let people in.
#[derive(Clone)]
pub(crate) struct Reception {
    pub(crate) authoriser: Authoriser,
    pub(crate) site: Arc<Site>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) porter: Porter,
    pub(crate) crowd: Arc<Crowd>,
}

pub(crate) fn router(reception: Reception) -> Router {
    Router::new()
        .route("/auth/start", get(start))
        .route("/auth/callback", get(callback))
        .route("/auth/sign-in", get(sign_in))
        .route("/auth/sign-out", post(sign_out))
        .with_state(reception)
}

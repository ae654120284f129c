//! Authorisation: the page where people agree, and the calls that turn codes into tokens.

mod app_tokens;
mod authorize;
mod page;
mod token;
mod user_info;
mod v1;

use axum::Router;
use axum::routing::{get, post};

use crate::platform::Shared;

pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/open-apis/authen/v1/authorize", get(authorize::show).post(authorize::decide))
        .route("/open-apis/authen/v2/oauth/token", post(token::token))
        .route("/open-apis/authen/v1/user_info", get(user_info::user_info))
        .route("/open-apis/authen/v1/refresh_access_token", post(v1::refresh))
        .route("/open-apis/auth/v3/tenant_access_token/internal", post(app_tokens::tenant))
        .route("/open-apis/auth/v3/app_access_token/internal", post(app_tokens::app))
}

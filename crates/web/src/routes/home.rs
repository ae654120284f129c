//! `GET /`: to the one page that employees come for.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Redirect;
use axum::routing::get;

use crate::site::Site;

pub(crate) fn router(site: Arc<Site>) -> Router {
    Router::new().route("/", get(home)).with_state(site)
}

async fn home(State(site): State<Arc<Site>>) -> Redirect {
    Redirect::to(&site.path("/auth/start"))
}

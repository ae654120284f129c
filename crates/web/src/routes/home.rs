//! `GET /`: to the first page of whoever has signed in, else to the one page that all employees come for.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Redirect;
use axum::routing::get;

use crate::nav::entries;
use crate::session::SignedIn;
use crate::site::Site;

pub(crate) fn router(site: Arc<Site>) -> Router {
    Router::new().route("/", get(home)).with_state(site)
}

async fn home(State(site): State<Arc<Site>>, who: Result<SignedIn, axum::response::Response>) -> Redirect {
    let first = who.ok().and_then(|who| entries(who.viewer.role).into_iter().next());
    Redirect::to(&site.path(first.map_or("/auth/start", |entry| entry.path)))
}

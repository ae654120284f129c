//! `GET /`: to the first page of whoever has signed in, else to where one signs in. While nothing
//! has ever been found, administrators are led to what they have to set up.

use std::sync::Arc;

use archive::catalog::Catalog;
use archive::model::Role;
use axum::Router;
use axum::extract::State;
use axum::response::{Redirect, Response};
use axum::routing::get;

use crate::nav::entries;
use crate::session::SignedIn;
use crate::site::Site;

#[derive(Clone)]
struct Hall {
    site: Arc<Site>,
    catalog: Catalog,
}

pub(crate) fn router(site: Arc<Site>, catalog: Catalog) -> Router {
    Router::new().route("/", get(home)).with_state(Hall { site, catalog })
}

async fn home(
    State(Hall { site, catalog }): State<Hall>,
    who: Result<SignedIn, Response>,
) -> Result<Redirect, Response> {
    let who = match who {
        Ok(who) => who,
        // Nobody has signed in. They are led on to this very page anyway: their address needs not say so.
        Err(away) if away.status().is_redirection() => {
            return Ok(Redirect::to(&site.path("/auth/sign-in")));
        }
        Err(trouble) => return Err(trouble),
    };
    let role = who.viewer.role;
    let is_new = role == Role::Administrator && catalog.has_nothing().await.unwrap_or(false);
    let first = entries(role).into_iter().next().map_or("/recordings", |entry| entry.path);
    Ok(Redirect::to(&site.path(if is_new { "/health" } else { first })))
}

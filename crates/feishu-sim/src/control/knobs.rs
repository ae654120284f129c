//! The platform's knobs and the app's settings.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use serde::Deserialize;

use super::{Unfit, overlaid, read};
use crate::platform::Shared;
use crate::scenario::{App, Knobs, RedirectUris};

pub(super) async fn show(State(platform): State<Shared>) -> Json<Knobs> {
    Json(platform.world().knobs.clone())
}

pub(super) async fn change(State(platform): State<Shared>, body: Bytes) -> Result<Json<Knobs>, Unfit> {
    let mut world = platform.world();
    world.knobs = overlaid(&world.knobs, &body)?;
    Ok(Json(world.knobs.clone()))
}

pub(super) async fn show_app(State(platform): State<Shared>) -> Json<App> {
    Json(platform.world().app.clone())
}

pub(super) async fn change_app(State(platform): State<Shared>, body: Bytes) -> Result<Json<App>, Unfit> {
    let mut world = platform.world();
    let changed: App = overlaid(&world.app, &body)?;
    if (&changed.app_id, &changed.app_secret) != (&world.app.app_id, &world.app.app_secret) {
        return Err(Unfit::wrong("credentials sign tokens that are out; start another stand-in instead"));
    }
    world.app = changed;
    platform.events_due.notify_one();
    Ok(Json(world.app.clone()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Redirect {
    uri: String,
}

pub(super) async fn redirect_uris(
    State(platform): State<Shared>,
    body: Bytes,
) -> Result<Json<RedirectUris>, Unfit> {
    let Redirect { uri } = read(&body)?;
    let mut world = platform.world();
    let uris = &mut world.app.redirect_uris;
    match uris {
        RedirectUris::Any => *uris = RedirectUris::Only(vec![uri]),
        RedirectUris::Only(list) => list.push(uri),
    }
    Ok(Json(uris.clone()))
}

//! The files behind recordings, and the host that hands them out.

mod codec;
mod file;
mod host;
mod mp4;
mod range;
mod tile;
mod url;

pub(crate) use file::{MediaFile, duration_ms};
pub(crate) use url::{download_url, minute_of_url_query};

use axum::Router;
use axum::routing::get;

use crate::platform::Shared;

/// Where the media host answers.
pub(crate) const MEDIA_PATH: &str = "/space/api/box/stream/download/authcode/";

pub(crate) fn routes() -> Router<Shared> {
    // `get` answers HEAD, too.
    Router::new().route(MEDIA_PATH, get(host::download))
}

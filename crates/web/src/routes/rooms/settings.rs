//! `GET /settings`: the configuration that counts, and where each value came from. Secrets came here masked.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use super::Rooms;
use crate::office::Setting;
use crate::page::{Frame, show};
use crate::session::Administrator;
use crate::visitor::Visitor;

pub(super) fn router() -> Router<Rooms> {
    Router::new().route("/settings", get(page))
}

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage<'a> {
    title: String,
    settings: &'a [Setting],
    frame: Frame<'a>,
}

async fn page(State(rooms): State<Rooms>, visitor: Visitor, Administrator(who): Administrator) -> Response {
    let frame = Frame::of(&rooms.site, &visitor, &who, "/settings");
    let page = SettingsPage { title: frame.say("settings-title"), settings: &rooms.office.settings, frame };
    show(StatusCode::OK, &page)
}

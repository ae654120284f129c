//! `GET /health`: the checklist of the first run, and of every day after it: what `doctor` looks at, in a browser.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use super::Rooms;
use crate::checkup::{Check, Mark};
use crate::page::{Frame, show};
use crate::session::Administrator;
use crate::visitor::Visitor;

pub(super) fn router() -> Router<Rooms> {
    Router::new().route("/health", get(page))
}

struct Row {
    mood: &'static str,
    mark: String,
    what: String,
    fix: Option<String>,
}

#[derive(Template)]
#[template(path = "health.html")]
struct HealthPage<'a> {
    title: String,
    lead: String,
    rows: Vec<Row>,
    frame: Frame<'a>,
}

async fn page(State(rooms): State<Rooms>, visitor: Visitor, Administrator(who): Administrator) -> Response {
    let words = visitor.words;
    let mut checks = (rooms.office.checkup)(words).await;
    checks.sort_by_key(|check| std::cmp::Reverse(check.mark));
    let open = checks.iter().filter(|check| check.mark != Mark::Ok).count();
    let lead = match open {
        0 => words.say("health-all-well"),
        open => words.say_with("health-open", &[("count", open.into())]),
    };
    let row = |check: Check| {
        let (mood, key) = match check.mark {
            Mark::Ok => ("good", "health-ok"),
            Mark::Warn => ("warn", "health-warn"),
            Mark::Fail => ("bad", "health-fail"),
        };
        Row { mood, mark: words.say(key), what: check.what, fix: check.fix }
    };
    let frame = Frame::of(&rooms.site, &visitor, &who, "/health");
    let rows = checks.into_iter().map(row).collect();
    show(StatusCode::OK, &HealthPage { title: frame.say("health-title"), lead, rows, frame })
}

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

#[derive(Template)]
#[template(path = "health.html")]
struct HealthPage<'a> {
    title: String,
    /// How many are not well.
    open: usize,
    checks: Vec<Check>,
    frame: Frame<'a>,
}

impl HealthPage<'_> {
    fn mood(check: &Check) -> &'static str {
        match check.mark {
            Mark::Ok => "good",
            Mark::Warn => "warn",
            Mark::Fail => "bad",
        }
    }

    fn mark(&self, check: &Check) -> String {
        self.frame.say(match check.mark {
            Mark::Ok => "health-ok",
            Mark::Warn => "health-warn",
            Mark::Fail => "health-fail",
        })
    }

    fn lead(&self) -> String {
        match self.open {
            0 => self.frame.say("health-all-well"),
            open => self.frame.words().say_with("health-open", &[("count", open.into())]),
        }
    }
}

async fn page(State(rooms): State<Rooms>, visitor: Visitor, Administrator(who): Administrator) -> Response {
    let mut checks = (rooms.office.checkup)(visitor.words).await;
    checks.sort_by_key(|check| match check.mark {
        Mark::Fail => 0,
        Mark::Warn => 1,
        Mark::Ok => 2,
    });
    let open = checks.iter().filter(|check| check.mark != Mark::Ok).count();
    let frame = Frame::of(&rooms.site, &visitor, &who, "/health");
    show(StatusCode::OK, &HealthPage { title: frame.say("health-title"), open, checks, frame })
}

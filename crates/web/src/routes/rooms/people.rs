//! `GET /people`: who has authorised, for how long, with what, and when that was last of use.

use archive::catalog::MemberRow;
use archive::members::LONGEST_GRANT_MS;
use archive::model::MemberState;
use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use axum::routing::get;

use super::first_run::Addresses;
use super::{Rooms, not_now};
use crate::moments::Moments;
use crate::page::{Frame, show};
use crate::session::Administrator;
use crate::visitor::Visitor;
use crate::words::Words;

/// With so few days left the person should be asked again.
const SOON_DAYS: i64 = 30;

pub(super) fn router() -> Router<Rooms> {
    Router::new().route("/people", get(page))
}

/// A scope that is needed, and whether it was granted.
struct Needed {
    scope: &'static str,
    purpose: String,
    is_granted: bool,
}

struct Row {
    name: String,
    open_id: String,
    state: String,
    mood: &'static str,
    /// Why it stands so, and what to do.
    why: String,
    days_left: String,
    is_soon: bool,
    granted: usize,
    needed: Vec<Needed>,
    /// Recordings archived, and owned.
    archived: i64,
    owned: i64,
    renewed: String,
    patrolled: String,
    heard: String,
}

#[derive(Template)]
#[template(path = "people.html")]
struct PeoplePage<'a> {
    title: String,
    /// Where people authorise.
    page: String,
    rows: Vec<Row>,
    frame: Frame<'a>,
}

async fn page(
    State(rooms): State<Rooms>,
    visitor: Visitor,
    Administrator(who): Administrator,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Response> {
    let members = rooms.catalog.members().await.map_err(not_now)?;
    let moments = rooms.moments();
    let rows = members.into_iter().map(|member| row(&rooms, member, &moments, visitor.words)).collect();
    let frame = Frame::of(&rooms.site, &visitor, &who, "/people");
    let page = Addresses::of(&rooms, &headers, &uri).authorise;
    Ok(show(StatusCode::OK, &PeoplePage { title: frame.say("people-title"), page, rows, frame }))
}

fn row(rooms: &Rooms, row: MemberRow, moments: &Moments, words: Words) -> Row {
    let MemberRow { member, refreshed_at, owned, archived, .. } = row;
    let missing = rooms.features.missing(member.granted());
    let needed: Vec<Needed> = rooms
        .features
        .user_scopes()
        .into_iter()
        .map(|scope| Needed { scope, purpose: words.scope(scope), is_granted: !missing.contains(&scope) })
        .collect();
    let is_active = member.state == MemberState::Active;
    let days_left = member.authorised_at.map(|at| moments.days_until(at.saturating_add(LONGEST_GRANT_MS)));
    let days_left = days_left.filter(|_| is_active);
    let reason = member.reason();
    Row {
        state: words.member_state(member.state),
        mood: match member.state {
            MemberState::Active if missing.is_empty() && reason.is_none() => "good",
            MemberState::Active | MemberState::MustAuthorise => "warn",
            MemberState::Departed => "bad",
        },
        why: reason
            .map(|reason| format!("{} {}", words.reason(reason), words.reason_fix(reason)))
            .or(member.patrol_error)
            .unwrap_or_default(),
        days_left: days_left
            .map_or_else(|| "—".to_owned(), |count| words.say_with("days-left", &[("count", count.into())])),
        is_soon: days_left.is_some_and(|days| days <= SOON_DAYS),
        granted: needed.iter().filter(|needed| needed.is_granted).count(),
        needed,
        archived,
        owned,
        renewed: moments.say_with_distance(refreshed_at, words),
        patrolled: moments.say_with_distance(member.patrolled_at, words),
        heard: moments.say_with_distance(member.heard_at, words),
        name: member.name,
        open_id: member.open_id.to_string(),
    }
}

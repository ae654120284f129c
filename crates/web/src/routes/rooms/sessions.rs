//! `/sessions`: what somebody has with the archive: how their authorisation stands, where they are signed in and how to
//! end that, in which zone they read times. Administrators see everybody's sign-ins.

use archive::audit::Verb;
use archive::members::{Footing, Session, Standing};
use archive::model::Role;
use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::agent::browser;
use super::people::mood;
use super::{Rooms, not_now};
use crate::moments::Moments;
use crate::notice::Notice;
use crate::page::{Frame, show};
use crate::session::{SignedIn, Submitted};
use crate::visitor::Visitor;
use crate::words::Words;

/// Where companies that use the platform often have people.
const ZONES: [&str; 10] = [
    "Asia/Shanghai",
    "Asia/Hong_Kong",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Asia/Kolkata",
    "Asia/Dubai",
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/Los_Angeles",
];

pub(super) fn router() -> Router<Rooms> {
    Router::new().route("/sessions", get(page)).route("/sessions/end", post(end))
}

struct Row {
    hash: String,
    name: String,
    open_id: String,
    is_this: bool,
    /// As people call it, and as it calls itself.
    browser: String,
    agent: String,
    from: String,
    began: String,
    seen: String,
}

/// How the reader's own authorisation stands.
struct Grant {
    state: String,
    mood: &'static str,
    /// Until when, and what to do.
    what: String,
    /// Whether clicking once more is of use.
    can_authorise: bool,
}

#[derive(Template)]
#[template(path = "sessions.html")]
struct SessionsPage<'a> {
    title: String,
    grant: Grant,
    /// Whether other people's are among them.
    is_everybodys: bool,
    rows: Vec<Row>,
    /// The time zone that the reader chose, or that of the archive.
    zone: String,
    /// Zones to choose from; any other may be typed.
    zones: &'static [&'static str],
    frame: Frame<'a>,
}

async fn page(State(rooms): State<Rooms>, visitor: Visitor, who: SignedIn) -> Result<Response, Response> {
    let is_everybodys = who.viewer.role == Role::Administrator;
    if is_everybodys {
        rooms.record(&who.deed(Verb::Viewed, "/sessions", None)).await?;
    }
    let of = (!is_everybodys).then_some(&who.viewer.open_id);
    let sessions = rooms.porter.sessions.list(of).await.map_err(not_now)?;
    let (moments, words) = (rooms.moments(&visitor), visitor.words);
    let row = |session: Session| Row {
        is_this: session.hash == who.session,
        hash: session.hash,
        name: session.name,
        open_id: session.open_id.to_string(),
        browser: browser(&session.agent, words),
        agent: session.agent,
        from: session.from_address,
        began: moments.say_with_distance(Some(session.began_at), words),
        seen: moments.say_with_distance(Some(session.seen_at), words),
    };
    let grant = grant(&rooms, &who, &moments, words).await?;
    let usual = rooms.office.zone.iana_name().unwrap_or("UTC");
    let zone = visitor.chosen_zone().unwrap_or(usual).to_owned();
    let frame = Frame::of(&rooms.site, &visitor, &who, "/sessions");
    let title = frame.say("sessions-title");
    let rows = sessions.into_iter().map(row).collect();
    Ok(show(StatusCode::OK, &SessionsPage { title, grant, is_everybodys, rows, zone, zones: &ZONES, frame }))
}

async fn grant(rooms: &Rooms, who: &SignedIn, moments: &Moments, words: Words) -> Result<Grant, Response> {
    let Some(member) = rooms.catalog.member(&who.viewer.open_id).await.map_err(not_now)? else {
        return Ok(Grant {
            state: words.say("grant-never"),
            mood: "warn",
            what: words.say("grant-never-what"),
            can_authorise: true,
        });
    };
    let Standing { footing, reason, until_ms, .. } = Standing::of(&member, rooms.features, moments.now_ms);
    let until = until_ms.map(|until| {
        words.say_with("grant-until", &[("moment", moments.say_with_distance(Some(until), words).into())])
    });
    let why = reason.map(|reason| format!("{} {}", words.reason(reason), words.reason_fix(reason)));
    Ok(Grant {
        state: words.footing(footing),
        mood: mood(footing),
        what: why.or(until).unwrap_or_default(),
        can_authorise: !matches!(footing, Footing::Blocked | Footing::Departed),
    })
}

#[derive(Deserialize)]
struct Which {
    session: String,
}

async fn end(
    State(rooms): State<Rooms>,
    Submitted { who, form }: Submitted<Which>,
) -> Result<Response, Response> {
    let of = (who.viewer.role != Role::Administrator).then_some(&who.viewer.open_id);
    let deed = who.deed(Verb::Deleted, format!("session {}", form.session), None);
    if !rooms.porter.sessions.end(&form.session, of, &deed).await.map_err(not_now)? {
        return Err(Notice::NotFound.into_response());
    }
    Ok(rooms.back("/sessions", "session-ended", 1))
}

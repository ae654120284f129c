//! `GET /queue/{token}`: how far each part of one recording is, whose move it is, and what was tried so far. Nothing of
//! its content.

use std::collections::BTreeMap;

use archive::audit::Verb;
use archive::catalog::{AttemptRow, SightingRow};
use archive::model::{Artifact, ArtifactState, MinuteToken, Mover, Reason, Track};
use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use super::{Rooms, not_now};
use crate::moments::Moments;
use crate::notice::Notice;
use crate::page::{Frame, show};
use crate::reading_room::titled;
use crate::session::Administrator;
use crate::visitor::Visitor;
use crate::words::Words;

pub(super) fn router() -> Router<Rooms> {
    Router::new().route("/queue/{token}", get(page))
}

/// One part of the recording.
struct Part {
    kind: String,
    state: String,
    mood: &'static str,
    why: Option<String>,
    fix: Option<String>,
    mover: Option<String>,
    /// The platform's own words.
    detail: Option<String>,
    next: Option<String>,
}

/// Tries that ended alike.
struct Tries {
    first: String,
    last: String,
    times: i64,
    kind: String,
    outcome: String,
    why: String,
    detail: String,
    /// With whose authorisation.
    via: String,
}

#[derive(Template)]
#[template(path = "history.html")]
struct HistoryPage<'a> {
    title: String,
    token: String,
    owner: String,
    state: String,
    is_paused: bool,
    /// Whether there is anything that could be tried again.
    is_open: bool,
    parts: Vec<Part>,
    tries: Vec<Tries>,
    sources: Vec<(String, String)>,
    frame: Frame<'a>,
}

async fn page(
    State(rooms): State<Rooms>,
    visitor: Visitor,
    Administrator(who): Administrator,
    Path(token): Path<String>,
) -> Result<Response, Response> {
    let Ok(token) = MinuteToken::parse(&token) else { return Err(Notice::NotFound.into_response()) };
    let Some(recording) = rooms.catalog.recording(&token).await.map_err(not_now)? else {
        return Err(Notice::NotFound.into_response());
    };
    rooms.record(&who.deed(Verb::Viewed, token.as_str(), Some("queue".to_owned()))).await?;
    let artifacts = rooms.catalog.artifacts(&token).await.map_err(not_now)?;
    let attempts = rooms.catalog.attempts(&token).await.map_err(not_now)?;
    let sightings = rooms.catalog.sightings(&token).await.map_err(not_now)?;
    let pauses = rooms.catalog.pauses().await.map_err(not_now)?;
    let names = rooms.names().await?;
    let (moments, words) = (rooms.moments(&visitor), visitor.words);
    let called = |id: &str| names.get(id).cloned().unwrap_or_else(|| id.to_owned());
    let frame = Frame::of(&rooms.site, &visitor, &who, "/queue");
    let page = HistoryPage {
        title: titled(recording.title.as_deref(), words),
        owner: recording.owner_id.as_ref().map(|id| called(id.as_ref())).unwrap_or_default(),
        state: words.recording_state(recording.state),
        is_paused: pauses.recordings.contains_key(token.as_str()),
        is_open: artifacts.iter().any(|it| it.state != ArtifactState::Done),
        parts: artifacts.iter().map(|it| part(it, &moments, words)).collect(),
        tries: attempts.into_iter().rev().map(|it| tries(it, &names, &moments, words)).collect(),
        sources: sightings.into_iter().map(|it| source(it, &called, &moments, words)).collect(),
        token: token.to_string(),
        frame,
    };
    Ok(show(StatusCode::OK, &page))
}

fn part(artifact: &Artifact, moments: &Moments, words: Words) -> Part {
    let is_done = artifact.state == ArtifactState::Done;
    let reason = artifact.reason().filter(|_| !is_done);
    let mover = reason.map(Reason::mover);
    Part {
        kind: words.artifact_kind(artifact.kind),
        state: words.artifact_state(artifact.state),
        mood: match (artifact.state, mover) {
            (ArtifactState::Done, _) => "good",
            (_, Some(Mover::Administrator)) => "bad",
            (_, Some(Mover::Employee)) => "warn",
            (_, Some(Mover::Nobody) | None) => "note",
        },
        why: reason.map(|reason| words.reason(reason)),
        fix: reason.map(|reason| words.reason_fix(reason)),
        mover: mover.map(|mover| words.mover(mover)),
        detail: artifact.reason_detail.clone().filter(|_| !is_done),
        next: (!is_done && artifact.due_at > moments.now_ms)
            .then(|| moments.say_with_distance(Some(artifact.due_at), words)),
    }
}

fn tries(row: AttemptRow, names: &BTreeMap<String, String>, moments: &Moments, words: Words) -> Tries {
    let reason = row.reason.as_deref().and_then(|word| word.parse().ok());
    let via = row.via.unwrap_or_default();
    let via: Vec<&str> = via.split(' ').map(|id| names.get(id).map_or(id, String::as_str)).collect();
    Tries {
        first: moments.say_to_the_second(row.first_at),
        last: moments.say_to_the_second(row.last_at),
        times: row.times,
        kind: words.artifact_kind(row.artifact),
        outcome: words.artifact_state(row.outcome),
        why: reason.map(|reason| words.reason(reason)).unwrap_or_default(),
        detail: row.detail.unwrap_or_default(),
        via: via.join(" "),
    }
}

/// By which track it became known, and when.
fn source(
    seen: SightingRow,
    called: &impl Fn(&str) -> String,
    moments: &Moments,
    words: Words,
) -> (String, String) {
    let track = seen.track.parse::<Track>().map_or(seen.track, |track| words.track(track));
    let who = if seen.open_id.is_empty() { String::new() } else { format!(" · {}", called(&seen.open_id)) };
    (track + &who, moments.say(Some(seen.first_at)))
}

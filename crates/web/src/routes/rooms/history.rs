//! `GET /queue/{minute_token}`: how one recording stands, who has seen it, and what has been tried; for administrators
//! and auditors. It tells of the recording, and nothing of what is in it.

use archive::audit::Verb;
use archive::catalog::{AttemptRow, SightingRow};
use archive::model::{Artifact, MinuteToken, Reason, Role, Track};
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
use crate::session::Overseer;
use crate::visitor::Visitor;
use crate::words::Words;

pub(super) fn router() -> Router<Rooms> {
    Router::new().route("/queue/{minute_token}", get(page))
}

/// A part, and what keeps it from being here.
struct Part {
    kind: String,
    state: String,
    why: String,
    fix: String,
    detail: String,
    next: String,
}

/// Tries that ended alike.
struct Tried {
    first: String,
    last: String,
    times: i64,
    part: String,
    outcome: String,
    detail: String,
    via: String,
}

struct Seen {
    track: String,
    by: String,
    first: String,
    times: i64,
}

#[derive(Template)]
#[template(path = "history.html")]
struct HistoryPage<'a> {
    title: String,
    token: String,
    owner: String,
    state: String,
    why: String,
    fix: String,
    mover: String,
    parts: Vec<Part>,
    tried: Vec<Tried>,
    seen: Vec<Seen>,
    /// Whether the reader may open the queue.
    has_queue: bool,
    frame: Frame<'a>,
}

async fn page(
    State(rooms): State<Rooms>,
    visitor: Visitor,
    Path(token): Path<String>,
    Overseer(who): Overseer,
) -> Result<Response, Response> {
    let Ok(token) = MinuteToken::parse(&token) else { return Err(Notice::NotFound.into_response()) };
    let Some(recording) = rooms.catalog.recording(&token).await.map_err(not_now)? else {
        return Err(Notice::NotFound.into_response());
    };
    let artifacts = rooms.catalog.artifacts(&token).await.map_err(not_now)?;
    let attempts = rooms.catalog.attempts(&token).await.map_err(not_now)?;
    let sightings = rooms.catalog.sightings(&token).await.map_err(not_now)?;
    let (moments, words, names) = (rooms.moments(&visitor), visitor.words, rooms.names().await?);
    let named = |id: &str| names.get(id).cloned().unwrap_or_else(|| id.to_owned());
    let reason = recording.reason();
    let seen = |it: SightingRow| Seen {
        track: it.track.parse::<Track>().map_or_else(|_| it.track.clone(), |track| words.track(track)),
        by: named(&it.open_id),
        first: moments.say_with_distance(Some(it.first_at), words),
        times: it.times,
    };
    let tried = |it: AttemptRow| Tried {
        first: moments.say(Some(it.first_at)),
        last: moments.say_with_distance(Some(it.last_at), words),
        times: it.times,
        part: words.artifact_kind(it.artifact),
        outcome: outcome(&it, words),
        detail: it.detail.unwrap_or_default(),
        via: it.via.unwrap_or_default().split(' ').map(&named).collect::<Vec<_>>().join("、"),
    };
    rooms.record(&who.deed(Verb::Viewed, token.as_ref() as &str, Some("history".to_owned()))).await?;
    let frame = Frame::of(&rooms.site, &visitor, &who, "/queue");
    let page = HistoryPage {
        title: recording.title.clone().unwrap_or_else(|| words.say("library-untitled")),
        token: token.to_string(),
        owner: recording.owner_id.as_deref().map(&named).unwrap_or_default(),
        state: words.recording_state(recording.state),
        why: reason.map(|reason| words.reason(reason)).unwrap_or_default(),
        fix: reason.map(|reason| words.reason_fix(reason)).unwrap_or_default(),
        mover: reason.map(|reason| words.mover(reason.mover())).unwrap_or_default(),
        parts: artifacts.into_iter().map(|it| part(it, &moments, words)).collect(),
        // The latest first.
        tried: attempts.into_iter().rev().map(tried).collect(),
        seen: sightings.into_iter().map(seen).collect(),
        has_queue: who.viewer.role == Role::Administrator,
        frame,
    };
    Ok(show(StatusCode::OK, &page))
}

fn part(artifact: Artifact, moments: &Moments, words: Words) -> Part {
    let reason = artifact.reason();
    let is_to_come = artifact.done_at.is_none() && artifact.due_at > 0;
    Part {
        kind: words.artifact_kind(artifact.kind),
        state: words.artifact_state(artifact.state),
        why: reason.map(|reason| words.reason(reason)).unwrap_or_default(),
        fix: reason.map(|reason| words.reason_fix(reason)).unwrap_or_default(),
        next: if is_to_come {
            moments.say_with_distance(Some(artifact.due_at), words)
        } else {
            String::new()
        },
        detail: artifact.reason_detail.unwrap_or_default(),
    }
}

fn outcome(attempt: &AttemptRow, words: Words) -> String {
    let reason = attempt.reason.as_deref().and_then(|word| word.parse::<Reason>().ok());
    reason.map_or_else(|| words.artifact_state(attempt.outcome), |reason| words.reason(reason))
}

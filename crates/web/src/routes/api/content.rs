//! What is in a recording: its media as the file that it is, its transcript and its notes.

use archive::audit::Verb;
use archive::library::Document;
use archive::members::ApiScope;
use archive::model::ArtifactKind;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::document::Fault;
use crate::attachment::Disposition;
use crate::notice::Notice;
use crate::partial::is_later_part;
use crate::reading_room::{ReadingRoom, done, unreadable};
use crate::routes::recording::file::serve;
use crate::routes::recording::media::media_type;
use crate::session::Caller;

/// The media file, whole or by `Range`; its ETag is its SHA-256.
#[utoipa::path(get, path = "/recordings/{minute_token}/media", tag = "content",
    params(("minute_token" = String, Path, description = "Of the minute (妙记)")),
    responses(
        (status = 200, content_type = "video/mp4", body = Vec<u8>),
        (status = 206, content_type = "video/mp4", body = Vec<u8>),
        (status = 404, body = Fault)))]
pub(super) async fn media(
    State(room): State<ReadingRoom>,
    caller: Caller,
    Path(token): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let who = caller.with(ApiScope::Content)?;
    let opened = room.opened(&who, &token, Verb::Exported).await?;
    let Some(media) = done(&opened, ArtifactKind::Media) else {
        return Err(Notice::NotFound.into_response());
    };
    let how = Disposition::Attachment;
    let answer = serve(&room, &opened, media, media_type(media), how, &method, &headers).await?;
    room.note_file(&who, (Verb::Exported, "media"), &opened, is_later_part(&answer)).await?;
    Ok(answer)
}

/// What one person said at a time.
#[derive(Serialize, ToSchema)]
struct SpokenLine {
    /// From the start of the recording; null in a text without times.
    start_ms: Option<i64>,
    end_ms: Option<i64>,
    /// As the platform names them.
    speaker: Option<String>,
    text: String,
}

/// What was said.
#[derive(Serialize, ToSchema)]
pub(super) struct TranscriptLines {
    lines: Vec<SpokenLine>,
}

/// The transcript, line by line; empty while there is none.
#[utoipa::path(get, path = "/recordings/{minute_token}/transcript", tag = "content",
    params(("minute_token" = String, Path, description = "Of the minute (妙记)")),
    responses((status = 200, body = TranscriptLines), (status = 404, body = Fault)))]
pub(super) async fn transcript(
    State(room): State<ReadingRoom>,
    caller: Caller,
    Path(token): Path<String>,
) -> Result<Json<TranscriptLines>, Response> {
    let document = read(&room, caller, &token).await?;
    let lines = document.transcript.lines.into_iter().map(|line| SpokenLine {
        start_ms: line.start_ms,
        end_ms: line.end_ms,
        speaker: line.speaker,
        text: line.text,
    });
    Ok(Json(TranscriptLines { lines: lines.collect() }))
}

/// A part of a meeting.
#[derive(Serialize, ToSchema)]
struct NotedChapter {
    start_ms: i64,
    title: String,
    summary: String,
}

/// Something to be done.
#[derive(Serialize, ToSchema)]
struct NotedTodo {
    content: String,
    /// By whom, as the platform names them.
    assignees: String,
}

/// What the platform's AI made.
#[derive(Serialize, ToSchema)]
pub(super) struct AiNotes {
    /// Markdown may occur.
    summary: String,
    chapters: Vec<NotedChapter>,
    todos: Vec<NotedTodo>,
}

/// Summary, chapters and to-dos; empty while there are none.
#[utoipa::path(get, path = "/recordings/{minute_token}/notes", tag = "content",
    params(("minute_token" = String, Path, description = "Of the minute (妙记)")),
    responses((status = 200, body = AiNotes), (status = 404, body = Fault)))]
pub(super) async fn notes(
    State(room): State<ReadingRoom>,
    caller: Caller,
    Path(token): Path<String>,
) -> Result<Json<AiNotes>, Response> {
    let notes = read(&room, caller, &token).await?.notes;
    let chapters = notes.chapters.into_iter().map(|chapter| NotedChapter {
        start_ms: chapter.start_ms,
        title: chapter.title,
        summary: chapter.summary,
    });
    let todos =
        notes.todos.into_iter().map(|todo| NotedTodo { content: todo.content, assignees: todo.assignees });
    Ok(Json(AiNotes { summary: notes.summary, chapters: chapters.collect(), todos: todos.collect() }))
}

async fn read(room: &ReadingRoom, caller: Caller, token: &str) -> Result<Document, Response> {
    let who = caller.with(ApiScope::Content)?;
    let opened = room.open(&who, token, Verb::Exported).await?;
    Document::read(&room.store, &opened).await.map_err(unreadable)
}

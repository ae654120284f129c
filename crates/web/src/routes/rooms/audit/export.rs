//! `GET /audit.csv` and `/audit.jsonl`: what the filters leave of the audit log, newest first. Taking it away is a deed.

use std::io;

use archive::audit::{AuditFilter, AuditRow, Verb};
use archive::catalog::Catalog;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::stream::try_unfold;
use serde_json::json;
use tracing::error;

use super::Wish;
use crate::attachment::{Disposition, disposition};
use crate::moments::Moments;
use crate::routes::rooms::Rooms;
use crate::session::Overseer;
use crate::sheet::Cell;
use crate::table;
use crate::visitor::Visitor;

const HEADER: [&str; 8] = [
    "column-row",
    "column-moment",
    "column-actor",
    "column-verb",
    "column-subject",
    "column-detail",
    "column-from",
    "column-hash",
];
/// Rows that are read, and sent, at a time.
const ROWS: i64 = 1_000;

pub(super) async fn csv(
    State(rooms): State<Rooms>,
    visitor: Visitor,
    uri: Uri,
    Overseer(who): Overseer,
) -> Result<Response, Response> {
    let wish = Wish::of(&uri);
    rooms.record(&who.deed(Verb::Exported, "audit", wish.said())).await?;
    let moments = rooms.moments(&visitor);
    let header = table::csv(&HEADER.map(|key| visitor.words.say(key)), &[]);
    let chunk = move |rows: Vec<AuditRow>| {
        let cells: Vec<Vec<Cell>> = rows.into_iter().map(|row| cells(row, &moments)).collect();
        table::csv_rows(&cells)
    };
    let filter = AuditFilter { limit: ROWS, ..wish.filter(&rooms, &visitor) };
    Ok(attached("audit.csv", "text/csv; charset=utf-8", sent(rooms.catalog, filter, header, chunk)))
}

pub(super) async fn jsonl(
    State(rooms): State<Rooms>,
    visitor: Visitor,
    uri: Uri,
    Overseer(who): Overseer,
) -> Result<Response, Response> {
    let wish = Wish::of(&uri);
    rooms.record(&who.deed(Verb::Exported, "audit", wish.said())).await?;
    let moments = rooms.moments(&visitor);
    let chunk = move |rows: Vec<AuditRow>| {
        let line = |row: AuditRow| {
            let mut row = json!(row);
            row["at"] = moments.say_exactly(row["at_ms"].as_i64()).into();
            format!("{row}\n")
        };
        rows.into_iter().map(line).collect()
    };
    let filter = AuditFilter { limit: ROWS, ..wish.filter(&rooms, &visitor) };
    let body = sent(rooms.catalog, filter, String::new(), chunk);
    Ok(attached("audit.jsonl", "application/jsonl; charset=utf-8", body))
}

/// Read as fast as it is taken. Trouble on the way breaks it off, so that nobody takes a part for the whole.
fn sent(
    catalog: Catalog,
    filter: AuditFilter,
    header: String,
    chunk: impl Fn(Vec<AuditRow>) -> String + Send + 'static,
) -> Body {
    let first = (Some(filter), header);
    Body::from_stream(try_unfold((catalog, chunk, first), async |(catalog, chunk, (filter, mut text))| {
        let Some(mut filter) = filter else { return Ok::<_, io::Error>(None) };
        let rows = catalog.audit_rows(&filter).await.map_err(|error| {
            error!(%error, "the export of the audit log is broken off");
            io::Error::other(error)
        })?;
        let is_full = i64::try_from(rows.len()).is_ok_and(|count| count == ROWS);
        filter.before = rows.last().map(|row| row.number);
        text.push_str(&chunk(rows));
        let next = (is_full.then_some(filter), String::new());
        Ok(Some((Bytes::from(text), (catalog, chunk, next))))
    }))
}

fn attached(name: &str, kind: &'static str, body: Body) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(kind)),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (CONTENT_DISPOSITION, disposition(Disposition::Attachment, name)),
    ];
    (StatusCode::OK, headers, body).into_response()
}

fn cells(row: AuditRow, moments: &Moments) -> Vec<Cell> {
    let at = moments.say_exactly(Some(row.at_ms));
    let texts =
        [at, row.actor, row.verb, row.subject, row.detail.unwrap_or_default(), row.from_address, row.hash];
    std::iter::once(Cell::Number(row.number)).chain(texts.map(Cell::Text)).collect()
}

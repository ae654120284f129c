//! `GET /audit.csv` and `/audit.jsonl`: what the filters leave of the audit log, newest first. Taking it away is a deed.

use std::io;

use archive::audit::{AuditFilter, AuditRow, Verb};
use archive::catalog::Catalog;
use axum::body::Body;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream::try_unfold;
use serde_json::json;
use tracing::error;

use super::Wish;
use crate::attachment::attached;
use crate::moments::Moments;
use crate::routes::rooms::{Rooms, not_now};
use crate::session::{Overseer, SignedIn};
use crate::sheet::Cell;
use crate::table::{self, AUDIT_COLUMNS, audit_cells};
use crate::visitor::Visitor;

/// Rows that are read, and sent, at a time.
const ROWS: i64 = 1_000;

pub(super) async fn csv(
    State(rooms): State<Rooms>,
    visitor: Visitor,
    uri: Uri,
    Overseer(who): Overseer,
) -> Result<Response, Response> {
    let (filter, moments) = taken(&rooms, &visitor, &uri, &who).await?;
    let header = table::csv(&AUDIT_COLUMNS.map(|key| visitor.words.say(key)), &[]);
    let chunk = move |rows: Vec<AuditRow>| {
        let cells: Vec<Vec<Cell>> =
            rows.into_iter().map(|row| audit_cells(row, &moments).map(Cell::Text).into()).collect();
        table::csv_rows(&cells)
    };
    Ok(attached("audit.csv", "text/csv; charset=utf-8", sent(rooms.catalog, filter, header, chunk)))
}

pub(super) async fn jsonl(
    State(rooms): State<Rooms>,
    visitor: Visitor,
    uri: Uri,
    Overseer(who): Overseer,
) -> Result<Response, Response> {
    let (filter, moments) = taken(&rooms, &visitor, &uri, &who).await?;
    let chunk = move |rows: Vec<AuditRow>| {
        let line = |row: AuditRow| {
            let mut row = json!(row);
            row["at"] = moments.say_exactly(row["at_ms"].as_i64()).into();
            format!("{row}\n")
        };
        rows.into_iter().map(line).collect()
    };
    let body = sent(rooms.catalog, filter, String::new(), chunk);
    Ok(attached("audit.jsonl", "application/jsonl; charset=utf-8", body))
}

/// Writes down that somebody takes it away, and what of it.
async fn taken(
    rooms: &Rooms,
    visitor: &Visitor,
    uri: &Uri,
    who: &SignedIn,
) -> Result<(AuditFilter, Moments), Response> {
    let wish = Wish::of(uri);
    rooms.record(&who.deed(Verb::Exported, "audit", wish.said())).await?;
    let names = rooms.names().await?;
    let filter = AuditFilter { limit: ROWS, ..wish.filter(&names, rooms, visitor) };
    Ok((rooms.catalog.settled(&filter).await.map_err(not_now)?, rooms.moments(visitor)))
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

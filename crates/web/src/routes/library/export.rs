//! `GET /recordings.csv`, `/recordings.xlsx`: the ticked rows of the library, else all rows that the filters leave.

use archive::audit::Verb;
use archive::library::{Item, Kind, Wish};
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse as _, Response};
use tracing::error;

use super::back;
use super::list::wished;
use super::wishes::Wishes;
use crate::attachment::attached;
use crate::notice::Notice;
use crate::reading_room::{ReadingRoom, not_now};
use crate::session::SignedIn;
use crate::sheet::Cell;
use crate::table;
use crate::visitor::Visitor;

const HEADER: [&str; 10] = [
    "library-title",
    "library-owner",
    "library-made",
    "sheet-minutes",
    "library-kind",
    "sheet-bytes",
    "library-state",
    "library-transcript",
    "sheet-token",
    "sheet-address",
];
/// Rows asked for at a time.
const ROWS: i64 = 500;
/// More rows than this no spreadsheet shows well; nobody is given a part for the whole.
const MOST_ROWS: usize = 100_000;

pub(super) async fn csv(
    State(room): State<ReadingRoom>,
    headers: HeaderMap,
    uri: Uri,
    visitor: Visitor,
    who: SignedIn,
) -> Result<Response, Response> {
    let (header, rows) = rows_of(&room, &headers, &uri, &visitor, &who).await?;
    Ok(attached("recordings.csv", "text/csv; charset=utf-8", table::csv(&header, &rows)))
}

pub(super) async fn xlsx(
    State(room): State<ReadingRoom>,
    headers: HeaderMap,
    uri: Uri,
    visitor: Visitor,
    who: SignedIn,
) -> Result<Response, Response> {
    let (header, rows) = rows_of(&room, &headers, &uri, &visitor, &who).await?;
    let name = visitor.words.say("library-heading");
    let made = tokio::task::spawn_blocking(move || table::xlsx(&name, &header, &rows)).await;
    match made {
        Ok(Ok(bytes)) => {
            let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
            Ok(attached("recordings.xlsx", kind, bytes))
        }
        Ok(Err(error)) => {
            error!(%error, "a workbook cannot be made");
            Err(Notice::Broken.into_response())
        }
        Err(error) => {
            error!(%error, "a workbook cannot be made");
            Err(Notice::Broken.into_response())
        }
    }
}

async fn rows_of(
    room: &ReadingRoom,
    headers: &HeaderMap,
    uri: &Uri,
    visitor: &Visitor,
    who: &SignedIn,
) -> Result<(Vec<String>, Vec<Vec<Cell>>), Response> {
    let wishes = Wishes::of(uri.query());
    let ticked = wishes.ticked();
    let mut items = Vec::new();
    if ticked.is_empty() {
        let mut wish = Wish { after: None, ..wished(room, &wishes, visitor, who, ROWS).await? };
        loop {
            let listed = room.catalog.listed(&who.viewer, &wish).await.map_err(not_now)?;
            items.extend(listed.items);
            if items.len() > MOST_ROWS {
                return Err(back(room, uri.query(), "export-too-long"));
            }
            wish.after = listed.next;
            if wish.after.is_none() {
                break;
            }
        }
    }
    for token in ticked {
        items.extend(room.catalog.listed_one(&who.viewer, &token).await.map_err(not_now)?);
    }
    room.note(who, Verb::Exported, "/recordings", Some(format!("{} rows", items.len()))).await?;
    let header = HEADER.map(|key| visitor.words.say(key)).into();
    let address = room.site.address("/recordings/", headers, uri);
    Ok((header, items.iter().map(|item| row(item, room, &address, visitor)).collect()))
}

/// `address`: that of a recording, without its token.
fn row(item: &Item, room: &ReadingRoom, address: &str, visitor: &Visitor) -> Vec<Cell> {
    let words = visitor.words;
    let kind = item
        .kind()
        .map(|kind| words.say(if kind == Kind::Audio { "library-audio" } else { "library-video" }));
    let yes_no = words.say(if item.has_transcript == 1 { "sheet-yes" } else { "sheet-no" });
    vec![
        Cell::Text(item.title.clone().unwrap_or_default()),
        Cell::Text(item.owner.clone().or_else(|| item.owner_id.clone()).unwrap_or_default()),
        Cell::Text(room.say(Some(item.made_ms), visitor)),
        item.duration_ms.map_or_else(|| Cell::Text(String::new()), |ms| Cell::Number((ms + 30_000) / 60_000)),
        Cell::Text(kind.unwrap_or_default()),
        item.bytes.map_or_else(|| Cell::Text(String::new()), Cell::Number),
        Cell::Text(words.recording_state(item.state)),
        Cell::Text(yes_no),
        Cell::Text(item.minute_token.to_string()),
        Cell::Text(format!("{address}{}", item.minute_token)),
    ]
}

//! `GET /api/v1/recordings`: lists, and one recording with its parts and the proof of what is kept.

use archive::audit::Verb;
use archive::catalog::Source;
use archive::library::{Item, Kind, Opened, Order, Shelf, Sort, Wish};
use archive::members::ApiScope;
use archive::model::Artifact;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::Type;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::asked::{Asked, limit};
use super::{Person, moment};
use crate::figures::day_ms;
use crate::notice::Notice;
use crate::reading_room::{ReadingRoom, not_now};
use crate::session::Caller;

const DAY_MS: i64 = 86_400_000;

/// Which recordings, and in which order.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// `mine`: owned; `shared`: attended; `open`: both; `all`: everybody's, for administrators and auditors.
    #[param(value_type = Option<ShelfWord>)]
    shelf: Option<Shelf>,
    /// Only this person's (open_id).
    owner: Option<String>,
    /// Only what was made on this day or later, in the service's time zone.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<String>,
    /// Only what was made on this day or before.
    #[param(value_type = Option<String>, format = Date)]
    until: Option<String>,
    /// Only what is at least so long, ms.
    #[param(minimum = 0)]
    shortest_ms: Option<i64>,
    /// Only what is at most so long, ms.
    #[param(minimum = 0)]
    longest_ms: Option<i64>,
    /// Only pictures and sound, or sound alone.
    #[param(value_type = Option<KindWord>)]
    kind: Option<Kind>,
    /// Only what has a transcript here.
    transcript: Option<bool>,
    /// By which rows are sorted.
    #[param(value_type = Option<SortWord>)]
    sort: Option<Sort>,
    /// In which direction.
    #[param(value_type = Option<OrderWord>)]
    order: Option<Order>,
    /// What the page before gave as `next`.
    after: Option<String>,
    /// Rows of a page.
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: Option<i64>,
}

/// The words of the archive's own, for the document.
macro_rules! words {
    ($($name:ident of $words:ty,)+) => {$(
        pub(super) struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let words = <$words>::ALL.iter().map(|word| word.as_str());
                ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).into()
            }
        }

        impl ToSchema for $name {}
    )+};
}

words! {
    ShelfWord of Shelf,
    KindWord of Kind,
    SortWord of Sort,
    OrderWord of Order,
    VerbWord of Verb,
}

/// One row of a list.
#[derive(Serialize, ToSchema)]
struct Row {
    minute_token: String,
    /// Its title, when known.
    title: Option<String>,
    /// Its owner, when known.
    owner: Option<Person>,
    /// When it was made, or found where nothing tells that.
    #[schema(format = DateTime)]
    made_at: String,
    /// How long it is, ms.
    duration_ms: Option<i64>,
    /// `video` or `audio`, once its media is here.
    kind: Option<&'static str>,
    /// That file's size.
    bytes: Option<i64>,
    /// Where it stands, such as `archived`.
    state: &'static str,
    has_transcript: bool,
    has_notes: bool,
    /// Whether this token's maker may open it.
    may_open: bool,
}

impl Row {
    fn of(item: Item) -> Self {
        let kind = item.kind().map(Kind::as_str);
        Self {
            minute_token: item.minute_token.to_string(),
            title: item.title,
            owner: item.owner_id.map(|open_id| Person { open_id, name: item.owner }),
            made_at: moment(item.made_ms),
            duration_ms: item.duration_ms,
            kind,
            bytes: item.bytes,
            state: item.state.as_str(),
            has_transcript: item.has_transcript == 1,
            has_notes: item.has_summary == 1,
            may_open: item.may_open == 1,
        }
    }
}

/// A page of recordings.
#[derive(Serialize, ToSchema)]
pub(super) struct Recordings {
    recordings: Vec<Row>,
    /// For `after` of the next page; null on the last.
    next: Option<String>,
}

/// Recordings that the token's maker may see, page by page.
#[utoipa::path(get, path = "/recordings", tag = "recordings", params(ListQuery),
    responses((status = 200, body = Recordings)))]
pub(super) async fn list(
    State(room): State<ReadingRoom>,
    caller: Caller,
    Asked(query): Asked<ListQuery>,
) -> Result<Json<Recordings>, Response> {
    let who = caller.with(ApiScope::Recordings)?;
    let limit = limit(query.limit, 50, 500)?;
    let usual = if who.viewer.may_list_everything() { Shelf::All } else { Shelf::Open };
    let wish = Wish {
        shelf: query.shelf.unwrap_or(usual),
        owners: query.owner.into_iter().filter(|owner| !owner.is_empty()).collect(),
        from_ms: day(query.from.as_deref(), &room.zone)?,
        until_ms: day(query.until.as_deref(), &room.zone)?.map(|ms| ms + DAY_MS),
        shortest_ms: length(query.shortest_ms)?,
        longest_ms: length(query.longest_ms)?,
        kind: query.kind,
        with_transcript: query.transcript.unwrap_or_default(),
        sort: query.sort.unwrap_or(Sort::Made),
        order: query.order.unwrap_or(Order::Falling),
        after: query.after.filter(|after| !after.is_empty()),
        limit,
    };
    room.note(&who, Verb::Viewed, "/api/v1/recordings", None).await?;
    let listed = room.catalog.listed(&who.viewer, &wish).await.map_err(not_now)?;
    Ok(Json(Recordings { recordings: listed.items.into_iter().map(Row::of).collect(), next: listed.next }))
}

/// A length in ms; one below nothing is refused.
fn length(ms: Option<i64>) -> Result<Option<i64>, Notice> {
    if ms.is_some_and(|ms| ms < 0) { Err(Notice::BadQuery) } else { Ok(ms) }
}

/// The first moment of a day; a day that is none is refused.
fn day(day: Option<&str>, zone: &TimeZone) -> Result<Option<i64>, Notice> {
    day.map(|day| day_ms(day, zone).ok_or(Notice::BadQuery)).transpose()
}

/// A part of a recording: media, transcript, notes, description.
#[derive(Serialize, ToSchema)]
struct Part {
    /// Such as `media`.
    kind: &'static str,
    /// Such as `done`.
    state: &'static str,
    /// Why it is not done.
    reason: Option<String>,
    file_name: Option<String>,
    bytes: Option<i64>,
    /// Of the file, lowercase hex.
    sha256: Option<String>,
    /// When its bytes were last read again and found right.
    #[schema(format = DateTime)]
    verified_at: Option<String>,
}

impl Part {
    fn of(artifact: Artifact) -> Self {
        Self {
            kind: artifact.kind.as_str(),
            state: artifact.state.as_str(),
            reason: artifact.reason,
            file_name: artifact.file_name,
            bytes: artifact.bytes,
            sha256: artifact.sha256,
            verified_at: artifact.verified_at.map(moment),
        }
    }
}

/// One recording.
#[derive(Serialize, ToSchema)]
pub(super) struct RecordingDetail {
    minute_token: String,
    title: Option<String>,
    /// Its owner first, as far as known, then those who attended.
    people: Vec<Person>,
    owner_id: Option<String>,
    meeting_id: Option<String>,
    /// When the minute was made, as the platform says.
    #[schema(format = DateTime)]
    made_at: Option<String>,
    /// When a track first saw it.
    #[schema(format = DateTime)]
    found_at: String,
    /// When its media was committed.
    #[schema(format = DateTime)]
    archived_at: Option<String>,
    duration_ms: Option<i64>,
    /// Where it stands, such as `archived`.
    state: &'static str,
    /// Why it stands there.
    reason: Option<String>,
    /// When the platform was last asked for its own copy, or nobody could ask it; never, while it is null.
    #[schema(format = DateTime)]
    source_asked_at: Option<String>,
    /// Since when the platform says that its own copy was deleted.
    #[schema(format = DateTime)]
    source_gone_at: Option<String>,
    parts: Vec<Part>,
}

impl RecordingDetail {
    fn of(opened: Opened, source: Option<Source>) -> Self {
        let Opened { recording, artifacts, people } = opened;
        Self {
            minute_token: recording.minute_token.to_string(),
            title: recording.title,
            people: people.into_iter().map(|it| Person { open_id: it.open_id, name: it.name }).collect(),
            owner_id: recording.owner_id,
            meeting_id: recording.meeting_id,
            made_at: recording.created_ms.map(moment),
            found_at: moment(recording.found_at),
            archived_at: recording.archived_at.map(moment),
            duration_ms: recording.duration_ms,
            state: recording.state.as_str(),
            reason: recording.reason,
            source_asked_at: source.map(|source| moment(source.asked_at)),
            source_gone_at: source.and_then(|source| source.gone_at).map(moment),
            parts: artifacts.into_iter().map(Part::of).collect(),
        }
    }
}

/// One recording, with its parts and the proof of what is kept.
#[utoipa::path(get, path = "/recordings/{minute_token}", tag = "recordings",
    params(("minute_token" = String, Path, description = "Of the minute (妙记)")),
    responses((status = 200, body = RecordingDetail), (status = 404, body = super::document::Fault)))]
pub(super) async fn one(
    State(room): State<ReadingRoom>,
    caller: Caller,
    Path(token): Path<String>,
) -> Result<Json<RecordingDetail>, Response> {
    let who = caller.with(ApiScope::Recordings)?;
    let opened = room.open(&who, &token, Verb::Viewed).await?;
    let source = room.catalog.source(&opened.recording.minute_token).await.map_err(not_now)?;
    Ok(Json(RecordingDetail::of(opened, source)))
}

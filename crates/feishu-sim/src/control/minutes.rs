//! Recordings and meetings: ground truth, additions, changes, announcements.

use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Unfit, overlaid, read};
use crate::clock::Ms;
use crate::events;
use crate::media::MediaFile;
use crate::platform::{Platform, Shared};
use crate::scenario::{Announce, Meeting, Minute, Names, implied_meeting, resolve_meeting, resolve_minute};
use crate::world::{MinuteRow, Part};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    sha256: bool,
}

pub(super) async fn list(State(platform): State<Shared>, Query(wanted): Query<Wanted>) -> Json<Value> {
    let tokens: Vec<_> = platform.world().minutes.iter().map(|row| row.minute.token.clone()).collect();
    let mut minutes = Vec::new();
    for token in tokens {
        minutes.extend(truth(&platform, &token, wanted.sha256).await);
    }
    Json(json!({ "minutes": minutes }))
}

pub(super) async fn show(
    State(platform): State<Shared>,
    Path(minute_token): Path<String>,
) -> Result<Json<Value>, Unfit> {
    truth(&platform, &minute_token, true)
        .await
        .map(Json)
        .ok_or_else(|| Unfit::missing("minute", &minute_token))
}

/// All there is to know of a recording; its file's hash only on demand, since it takes a second a GiB.
async fn truth(platform: &Platform, minute_token: &str, with_hash: bool) -> Option<Value> {
    let now = platform.now();
    let (mut truth, file) = {
        let world = platform.world();
        let row = world.minute(minute_token)?;
        (describe(row, now), row.file())
    };
    if let Some(file) = file {
        truth["file"] = json!({
            "bytes": file.length(),
            "content_type": file.content_type(),
            "etag": file.etag(),
        });
        if with_hash {
            let hash = tokio::task::spawn_blocking(move || file.sha256()).await;
            truth["file"]["sha256"] = json!(hash.unwrap_or_default());
        }
    }
    Some(truth)
}

fn describe(row: &MinuteRow, now: Ms) -> Value {
    let mut truth = json!(row.minute);
    let people: Vec<_> = std::iter::once(&row.minute.owner).chain(&row.minute.viewers).collect();
    let may = |part| people.iter().filter(|person| row.may_have(part, person)).collect::<Vec<_>>();
    truth["may_have"] = json!({
        "media": may(Part::Media),
        "transcript": may(Part::Transcript),
        "artifacts": may(Part::Artifacts),
    });
    truth["played_ms"] = json!(row.played_ms);
    truth["is_ready"] = json!(row.is_ready(now));
    truth["has_recording"] = json!(row.has_recording(now));
    truth["served"] = json!(row.served);
    truth
}

impl MinuteRow {
    /// The file that this host serves.
    fn file(&self) -> Option<MediaFile> {
        let own = self.minute.media.as_ref().filter(|_| self.minute.download_url.is_none());
        own.map(|spec| MediaFile::new(spec, &self.minute.token, self.minute.media_version.into()))
    }
}

pub(super) async fn add(State(platform): State<Shared>, body: Bytes) -> Result<Json<Value>, Unfit> {
    let mut minute: Minute = read(&body)?;
    let now = platform.now();
    let mut world = platform.world();
    let names = Names::of(world.people.values().map(|row| &row.person));
    resolve_minute(&mut minute, world.minutes.len(), now, &names);
    if world.minute(&minute.token).is_some() {
        return Err(Unfit::wrong(format!("{} is there already", minute.token)));
    }
    let row = MinuteRow::new(minute);
    if let Some(meeting) = implied_meeting(&row.minute)
        && world.meeting(&meeting.id).is_none()
    {
        world.meetings.push(meeting);
    }
    let truth = describe(&row, now);
    world.add_minute(row);
    Ok(Json(truth))
}

pub(super) async fn change(
    State(platform): State<Shared>,
    Path(minute_token): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Unfit> {
    let now = platform.now();
    let mut world = platform.world();
    let row = world.minute_mut(&minute_token).ok_or_else(|| Unfit::missing("minute", &minute_token))?;
    let changed: Minute = overlaid(&row.minute, &body)?;
    if changed.token != minute_token {
        return Err(Unfit::wrong("a minute_token never changes"));
    }
    row.minute = changed;
    Ok(Json(describe(row, now)))
}

pub(super) async fn delete(
    State(platform): State<Shared>,
    Path(minute_token): Path<String>,
) -> Result<Json<Value>, Unfit> {
    with_row(&platform, &minute_token, |row| row.minute.deleted = true)
}

pub(super) async fn ready(
    State(platform): State<Shared>,
    Path(minute_token): Path<String>,
) -> Result<Json<Value>, Unfit> {
    with_row(&platform, &minute_token, |row| row.made_ready = true)
}

fn with_row(
    platform: &Platform,
    minute_token: &str,
    change: impl FnOnce(&mut MinuteRow),
) -> Result<Json<Value>, Unfit> {
    let now = platform.now();
    let mut world = platform.world();
    let row = world.minute_mut(minute_token).ok_or_else(|| Unfit::missing("minute", minute_token))?;
    change(row);
    Ok(Json(describe(row, now)))
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct How {
    r#as: Option<Announce>,
}

pub(super) async fn announce(
    State(platform): State<Shared>,
    Path(minute_token): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Unfit> {
    let How { r#as } = read(&body)?;
    let mut world = platform.world();
    let row = world.minute_mut(&minute_token).ok_or_else(|| Unfit::missing("minute", &minute_token))?;
    if let Some(announce) = r#as {
        row.minute.announce = announce;
    }
    let event_id = events::announce(&platform, &mut world, &minute_token);
    Ok(Json(json!({ "event_id": event_id })))
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Play {
    spacing_ms: u64,
}

/// Answers at once; the announcements follow.
pub(super) async fn play(State(platform): State<Shared>, body: Bytes) -> Result<Json<Value>, Unfit> {
    let Play { spacing_ms } = read(&body)?;
    let tokens: Vec<_> = platform.world().minutes.iter().map(|row| row.minute.token.clone()).collect();
    let count = tokens.len();
    let playing = platform.clone();
    platform.tasks.spawn(async move {
        for token in tokens {
            events::announce(&playing, &mut playing.world(), &token);
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(spacing_ms)) => {}
                () = playing.stop.cancelled() => return,
            }
        }
    });
    Ok(Json(json!({ "minutes": count })))
}

pub(super) async fn meetings(State(platform): State<Shared>) -> Json<Value> {
    Json(json!({ "meetings": platform.world().meetings }))
}

pub(super) async fn add_meeting(State(platform): State<Shared>, body: Bytes) -> Result<Json<Meeting>, Unfit> {
    let mut meeting: Meeting = read(&body)?;
    let now = platform.now();
    let mut world = platform.world();
    let names = Names::of(world.people.values().map(|row| &row.person));
    resolve_meeting(&mut meeting, world.meetings.len(), now, &names);
    world.meetings.push(meeting.clone());
    Ok(Json(meeting))
}

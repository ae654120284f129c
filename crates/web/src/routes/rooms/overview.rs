//! `GET /overview`: is all well, and whose move is it? What is not known is said to be unknown, never shown as well.
//! `POST /overview/retry`: has all that is missing for one reason tried again.

use archive::audit::Verb;
use archive::catalog::Growth;
use archive::fetch::{Again, try_again};
use archive::members::LONGEST_GRANT_MS;
use archive::model::{LinkState, MemberState, Mover, Reason, RecordingState};
use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::{Rooms, not_now};
use crate::amounts::size;
use crate::moments::Moments;
use crate::notice::Notice;
use crate::page::{Frame, show};
use crate::session::{Administrator, Submitted, administrators_only};
use crate::visitor::Visitor;
use crate::words::Words;

const DAY_MS: i64 = 86_400_000;
/// The forecast rests on this time.
const GROWTH_DAYS: i64 = 30;
/// Authorisations that end so soon are named.
const SOON_DAYS: i64 = 30;
/// So many rounds of the patrol may be late before it is called stale.
const LATE_ROUNDS: i64 = 6;
/// With so few days of room left somebody should act.
const LITTLE_DAYS: u64 = 30;

pub(super) fn router() -> Router<Rooms> {
    Router::new().route("/overview", get(page)).route("/overview/retry", post(retry))
}

/// One number, or that it is not known, and how that is to be taken.
struct Tile {
    label: String,
    number: String,
    note: String,
    /// `good`, `warn`, `bad`, or empty: neither.
    mood: &'static str,
}

/// All that is missing for one reason.
struct Cause {
    reason: &'static str,
    what: String,
    fix: String,
    mover: String,
    mood: &'static str,
    recordings: i64,
    can_retry: bool,
}

struct Ending {
    name: String,
    left: String,
}

#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewPage<'a> {
    title: String,
    is_paused: bool,
    /// Nothing has ever been found.
    is_empty: bool,
    tiles: Vec<Tile>,
    pulse: Vec<Tile>,
    causes: Vec<Cause>,
    endings: Vec<Ending>,
    frame: Frame<'a>,
}

async fn page(
    State(rooms): State<Rooms>,
    visitor: Visitor,
    Administrator(who): Administrator,
) -> Result<Response, Response> {
    let (moments, words) = (rooms.moments(&visitor), visitor.words);
    let overview = rooms.catalog.overview().await.map_err(not_now)?;
    let open = rooms.catalog.open_reasons().await.map_err(not_now)?;
    let members = rooms.catalog.members().await.map_err(not_now)?;
    let pauses = rooms.catalog.pauses().await.map_err(not_now)?;
    let count = |states: &[RecordingState]| {
        states.iter().filter_map(|state| overview.recordings.get(state.as_str())).sum::<i64>()
    };
    let number = |key: &str, number: i64, mood| Tile {
        label: words.say(key),
        number: number.to_string(),
        note: String::new(),
        mood,
    };
    let total = overview.total();
    let failed = count(&[RecordingState::Failed, RecordingState::Lost]);
    let archived = count(&[RecordingState::Archived]);
    let tiles = vec![
        number("overview-to-archive", count(&[RecordingState::Found]), ""),
        number("overview-archived", archived, if archived > 0 { "good" } else { "" }),
        number("overview-waiting", count(&[RecordingState::Waiting]), ""),
        number("overview-blocked", count(&[RecordingState::Denied, RecordingState::NoGrant]), ""),
        number("overview-failed", failed, if failed > 0 { "bad" } else { "" }),
        number("overview-never", count(&[RecordingState::Gone, RecordingState::NoMedia]), ""),
    ];
    let mut pulse = vec![
        last_event(overview.last_event_at, &moments, words),
        last_patrol(&rooms, overview.last_patrol_at, &moments, words),
    ];
    if rooms.office.wants_link {
        pulse.push(link(&rooms, &moments, words).await?);
    }
    pulse.push(bytes(&rooms, overview.bytes, &moments, words).await?);
    let mut causes: Vec<Cause> =
        open.iter().filter_map(|(word, recordings)| cause(word.parse().ok()?, *recordings, words)).collect();
    causes.sort_by_key(|cause| (cause.mood != "bad", cause.mood != "warn", -cause.recordings));
    let mut endings: Vec<(i64, String)> = members
        .into_iter()
        .filter(|row| row.member.state == MemberState::Active)
        .filter_map(|row| {
            let days = moments.days_until(row.member.authorised_at?.saturating_add(LONGEST_GRANT_MS));
            (days <= SOON_DAYS).then_some((days, row.member.name))
        })
        .collect();
    endings.sort();
    let left = |days: i64| words.say_with("days-left", &[("count", days.into())]);
    rooms.record(&who.deed(Verb::Viewed, "/overview", None)).await?;
    let frame = Frame::of(&rooms.site, &visitor, &who, "/overview");
    let page = OverviewPage {
        title: frame.say("overview-title"),
        is_paused: pauses.everything_since.is_some(),
        is_empty: total == 0,
        tiles,
        pulse,
        causes,
        endings: endings.into_iter().map(|(days, name)| Ending { name, left: left(days) }).collect(),
        frame,
    };
    Ok(show(StatusCode::OK, &page))
}

fn last_event(at_ms: Option<i64>, moments: &Moments, words: Words) -> Tile {
    let label = words.say("status-last-event");
    match at_ms {
        None => Tile {
            label,
            number: words.say("overview-never-yet"),
            note: words.say("overview-no-event"),
            mood: "warn",
        },
        Some(at_ms) => Tile {
            label,
            number: moments.distance(at_ms, words),
            note: moments.say(Some(at_ms)),
            // A quiet weekend has no events either.
            mood: if moments.now_ms - at_ms > 7 * DAY_MS { "warn" } else { "" },
        },
    }
}

fn last_patrol(rooms: &Rooms, at_ms: Option<i64>, moments: &Moments, words: Words) -> Tile {
    let label = words.say("status-last-patrol");
    let interval_ms = i64::try_from(rooms.office.patrol_interval.as_millis()).unwrap_or(DAY_MS);
    match at_ms {
        None => Tile {
            label,
            number: words.say("overview-never-yet"),
            note: words.say("overview-no-patrol"),
            mood: "warn",
        },
        Some(at_ms) if moments.now_ms - at_ms > LATE_ROUNDS * interval_ms => Tile {
            label,
            number: moments.distance(at_ms, words),
            note: words.say("overview-patrol-stale"),
            mood: "bad",
        },
        Some(at_ms) => Tile {
            label,
            number: moments.distance(at_ms, words),
            note: moments.say(Some(at_ms)),
            mood: "good",
        },
    }
}

async fn link(rooms: &Rooms, moments: &Moments, words: Words) -> Result<Tile, Response> {
    let label = words.say("status-long-connection");
    let links = rooms.catalog.links().await.map_err(not_now)?;
    let Some(link) = links.into_iter().max_by_key(|link| link.noted_at) else {
        let (number, note) = (words.say("overview-unknown"), words.say("overview-no-link"));
        return Ok(Tile { label, number, note, mood: "warn" });
    };
    let since = moments.say_with_distance(Some(link.state_at), words);
    let mood = match link.state {
        LinkState::Connected => "good",
        LinkState::Connecting | LinkState::Waiting | LinkState::Closed => "warn",
        LinkState::Refused => "bad",
    };
    let note = match link.trouble() {
        Some(trouble) => words.link_trouble_fix(trouble),
        None => words.say_with("status-link-since", &[("moment", since.into())]),
    };
    Ok(Tile { label, number: words.link_state(link.state), note, mood })
}

async fn bytes(rooms: &Rooms, bytes: i64, moments: &Moments, words: Words) -> Result<Tile, Response> {
    let growth = rooms.catalog.growth(moments.now_ms - GROWTH_DAYS * DAY_MS).await.map_err(not_now)?;
    let label = words.say("status-bytes");
    let number = size(bytes.unsigned_abs());
    // A disk that cannot be asked is no full disk, and no good one either.
    let Ok(room) = rooms.office.store.room().await else {
        return Ok(Tile { label, number, note: words.say("overview-room-unknown"), mood: "bad" });
    };
    let free = size(room.usable_bytes);
    let (note, mood) = forecast(&growth, room.usable_bytes, &free, moments, words);
    Ok(Tile { label, number, note, mood })
}

fn forecast(
    growth: &Growth,
    usable_bytes: u64,
    free: &str,
    moments: &Moments,
    words: Words,
) -> (String, &'static str) {
    match growth.days_until_full(usable_bytes, moments.now_ms) {
        _ if usable_bytes == 0 => (words.say("overview-room-none"), "bad"),
        None => (words.say_with("overview-room-no-forecast", &[("free", free.into())]), ""),
        Some(days) => {
            let said = [("free", free.into()), ("days", days.into())];
            let mood = if days < LITTLE_DAYS { "warn" } else { "good" };
            (words.say_with("overview-room-days", &said), mood)
        }
    }
}

fn cause(reason: Reason, recordings: i64, words: Words) -> Option<Cause> {
    let mover = reason.mover();
    (recordings > 0).then(|| Cause {
        reason: reason.as_str(),
        what: words.reason(reason),
        fix: words.reason_fix(reason),
        mover: words.mover(mover),
        mood: match mover {
            Mover::Administrator => "bad",
            Mover::Employee => "warn",
            Mover::Nobody => "note",
        },
        recordings,
        // What is gone stays gone.
        can_retry: !matches!(reason, Reason::Deleted | Reason::Empty | Reason::Lost),
    })
}

#[derive(Deserialize)]
struct Which {
    reason: String,
}

async fn retry(State(rooms): State<Rooms>, submitted: Submitted<Which>) -> Result<Response, Response> {
    let Submitted { who, form } = administrators_only(submitted).map_err(Notice::into_response)?;
    let Ok(reason) = form.reason.parse::<Reason>() else { return Err(Notice::BadForm.into_response()) };
    let deed = who.deed(Verb::Changed, "queue", Some(format!("retry {reason}")));
    let count =
        try_again(&rooms.catalog, &rooms.office.queue, Again::Cause(reason), &deed).await.map_err(not_now)?;
    Ok(rooms.back("/overview", "retried", count))
}

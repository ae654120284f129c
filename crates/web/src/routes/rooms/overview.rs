//! `GET /overview`: is all well, and whose move is it? What is not known is said to be unknown, never shown as well.

use archive::audit::Verb;
use archive::catalog::Growth;
use archive::members::{LONGEST_GRANT_MS, Standing};
use archive::model::{LinkState, Member, Mover, Reason, RecordingState};
use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use super::people::SOON_DAYS;
use super::piles::{Listed, Pile, can_retry};
use super::{Rooms, not_now};
use crate::amounts::size;
use crate::moments::Moments;
use crate::page::{Frame, show};
use crate::session::Administrator;
use crate::visitor::Visitor;
use crate::words::Words;

const DAY_MS: i64 = 86_400_000;
/// The forecast rests on this time.
const GROWTH_DAYS: i64 = 30;
/// Of authorisations that end soon so many are named.
const MOST_ENDINGS: usize = 20;
/// So many rounds of the patrol may be late before it is called stale.
const LATE_ROUNDS: i64 = 6;
/// With so few days of room left somebody should act.
const LITTLE_DAYS: u64 = 30;

pub(super) fn router() -> Router<Rooms> {
    Router::new().route("/overview", get(page))
}

/// One number, or that it is not known, and how that is to be taken.
struct Tile {
    label: String,
    number: String,
    note: String,
    /// `good`, `warn`, `bad`, or empty: neither.
    mood: &'static str,
    /// Where what it counts is listed.
    path: Option<String>,
}

impl Tile {
    /// One that counts nothing.
    fn said(label: String, number: String, note: String, mood: &'static str) -> Self {
        Self { label, number, note, mood, path: None }
    }
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
    /// Where these recordings are listed.
    path: String,
}

struct Ending {
    name: String,
    /// Where they stand in the list of people.
    path: String,
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
    /// Of those whose authorisation ends soon, the first.
    endings: Vec<Ending>,
    /// How many more there are; none: these are all.
    more_endings: Option<String>,
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
    // What is left of a day is not counted: thirty days and some hours are thirty.
    let soon_ms = moments.now_ms + (SOON_DAYS + 1) * DAY_MS - LONGEST_GRANT_MS;
    let members = rooms.catalog.authorised_before(soon_ms).await.map_err(not_now)?;
    let ends = members
        .into_iter()
        .filter_map(|it| Some((Standing::of(&it, rooms.features, moments.now_ms).ends_at()?, it)));
    let mut ending: Vec<(i64, Member)> = ends.collect();
    let more = ending.split_off(ending.len().min(MOST_ENDINGS)).len();
    let more_endings = (more > 0).then(|| words.say_with("overview-more-endings", &[("count", more.into())]));
    let pauses = rooms.catalog.pauses().await.map_err(not_now)?;
    let number = |key: &str, number: i64, mood, path: String| Tile {
        label: words.say(key),
        number: number.to_string(),
        note: String::new(),
        mood,
        path: (number > 0).then(|| rooms.site.path(&path)),
    };
    let total = overview.total();
    let archived = overview.recordings.get(RecordingState::Archived.as_str()).copied().unwrap_or_default();
    let mood = if archived > 0 { "good" } else { "" };
    let all_archived = number("overview-archived", archived, mood, "/recordings?shelf=all".to_owned());
    let mut tiles: Vec<Tile> = Pile::ALL
        .into_iter()
        .map(|pile| {
            let lying = pile.lying(&overview);
            let mood = if pile == Pile::Failed && lying > 0 { "bad" } else { "" };
            number(pile.name(), lying, mood, Listed::Pile(pile).path())
        })
        .collect();
    tiles.insert(1, all_archived);
    let mut pulse = vec![
        last_event(overview.last_event_at, &moments, words),
        last_patrol(&rooms, overview.last_patrol_at, &moments, words),
    ];
    if rooms.office.wants_link {
        pulse.push(link(&rooms, &moments, words).await?);
    }
    pulse.push(bytes(&rooms, overview.bytes, &moments, words).await?);
    let mut causes: Vec<Cause> = open
        .iter()
        .filter_map(|(word, recordings)| cause(&rooms, word.parse().ok()?, *recordings, words))
        .collect();
    causes.sort_by_key(|cause| (cause.mood != "bad", cause.mood != "warn", -cause.recordings));
    let named = |(ends_at, member): (i64, Member)| Ending {
        path: rooms.site.path(&format!("/people?name={}", member.open_id)),
        name: member.name,
        left: words.say_with("days-left", &[("count", moments.days_until(ends_at).into())]),
    };
    rooms.record(&who.deed(Verb::Viewed, "/overview", None)).await?;
    let frame = Frame::of(&rooms.site, &visitor, &who, "/overview");
    let page = OverviewPage {
        title: frame.say("overview-title"),
        is_paused: pauses.everything_since.is_some(),
        is_empty: total == 0,
        tiles,
        pulse,
        causes,
        endings: ending.into_iter().map(named).collect(),
        more_endings,
        frame,
    };
    Ok(show(StatusCode::OK, &page))
}

fn last_event(at_ms: Option<i64>, moments: &Moments, words: Words) -> Tile {
    let label = words.say("status-last-event");
    match at_ms {
        None => Tile::said(label, words.say("overview-never-yet"), words.say("overview-no-event"), "warn"),
        Some(at_ms) => {
            // A quiet weekend has no events either.
            let mood = if moments.now_ms - at_ms > 7 * DAY_MS { "warn" } else { "" };
            Tile::said(label, moments.distance(at_ms, words), moments.say(Some(at_ms)), mood)
        }
    }
}

fn last_patrol(rooms: &Rooms, at_ms: Option<i64>, moments: &Moments, words: Words) -> Tile {
    let label = words.say("status-last-patrol");
    let interval_ms = i64::try_from(rooms.office.patrol_interval.as_millis()).unwrap_or(DAY_MS);
    match at_ms {
        None => Tile::said(label, words.say("overview-never-yet"), words.say("overview-no-patrol"), "warn"),
        Some(at_ms) if moments.now_ms - at_ms > LATE_ROUNDS * interval_ms => {
            Tile::said(label, moments.distance(at_ms, words), words.say("overview-patrol-stale"), "bad")
        }
        Some(at_ms) => Tile::said(label, moments.distance(at_ms, words), moments.say(Some(at_ms)), "good"),
    }
}

async fn link(rooms: &Rooms, moments: &Moments, words: Words) -> Result<Tile, Response> {
    let label = words.say("status-long-connection");
    let links = rooms.catalog.links().await.map_err(not_now)?;
    let Some(link) = links.into_iter().max_by_key(|link| link.noted_at) else {
        let (number, note) = (words.say("overview-unknown"), words.say("overview-no-link"));
        return Ok(Tile::said(label, number, note, "warn"));
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
    Ok(Tile::said(label, words.link_state(link.state), note, mood))
}

async fn bytes(rooms: &Rooms, bytes: i64, moments: &Moments, words: Words) -> Result<Tile, Response> {
    let growth = rooms.catalog.growth(moments.now_ms - GROWTH_DAYS * DAY_MS).await.map_err(not_now)?;
    let label = words.say("status-bytes");
    let number = size(bytes.unsigned_abs());
    // A disk that cannot be asked is no full disk, and no good one either.
    let Ok(room) = rooms.office.store.room().await else {
        return Ok(Tile::said(label, number, words.say("overview-room-unknown"), "bad"));
    };
    let free = size(room.usable_bytes);
    let (note, mood) = forecast(&growth, room.usable_bytes, &free, moments, words);
    Ok(Tile::said(label, number, note, mood))
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
        None => {
            let why = if growth.first_at.is_none() {
                "overview-room-no-growth"
            } else {
                "overview-room-no-forecast"
            };
            (words.say_with(why, &[("free", free.into())]), "")
        }
        Some(days) => {
            let said = [("free", free.into()), ("days", days.into())];
            let mood = if days < LITTLE_DAYS { "warn" } else { "good" };
            (words.say_with("overview-room-days", &said), mood)
        }
    }
}

fn cause(rooms: &Rooms, reason: Reason, recordings: i64, words: Words) -> Option<Cause> {
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
        can_retry: can_retry(reason),
        path: rooms.site.path(&Listed::Cause(reason).path()),
    })
}

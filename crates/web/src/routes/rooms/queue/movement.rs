//! What is being fetched at this moment: as the page has it when it is opened, and from second to second over
//! `/queue/live`, a stream of server-sent events, as HTML.

use std::convert::Infallible;
use std::time::Duration;

use archive::audit::Verb;
use archive::fetch::Transfer;
use askama::Template;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;

use super::super::Rooms;
use super::super::watch::Pace;
use super::speed::Speeds;
use crate::amounts::{duration, size};
use crate::session::{Administrator, SignedIn};
use crate::visitor::Visitor;
use crate::words::Words;

const TICK: Duration = Duration::from_secs(1);

/// One transfer under way.
struct Moving {
    title: String,
    bytes: u64,
    total: Option<u64>,
    segments: Vec<Segment>,
    said: String,
}

/// Bytes that have come next to each other, in thousandths of the file.
struct Segment {
    start: u64,
    width: u64,
}

/// What changes from second to second.
#[derive(Template)]
#[template(path = "transfers.html")]
pub(super) struct Movement {
    summary: String,
    none: String,
    moving: Vec<Moving>,
}

/// As it is now.
pub(super) fn now(rooms: &Rooms, words: Words) -> Movement {
    movement(rooms, &mut Speeds::default(), words)
}

fn movement(rooms: &Rooms, speeds: &mut Speeds, words: Words) -> Movement {
    let running = rooms.office.transfers.running();
    speeds.note(&running, rooms.office.transfers.received_bytes(), tokio::time::Instant::now());
    let rate =
        |speed: Option<u64>| speed.map_or_else(|| "—".to_owned(), |speed| format!("{}/s", size(speed)));
    let eta = |left: Option<u64>, speed: Option<u64>| match (left, speed) {
        (Some(left), Some(speed)) if speed > 0 => duration(left / speed, words),
        _ => "—".to_owned(),
    };
    let left = |total: Option<u64>, bytes: u64| total.map(|total| total.saturating_sub(bytes));
    let all_left = running.iter().map(|(_, it)| left(it.total, it.bytes)).sum::<Option<u64>>();
    let summary = words.say_with(
        "queue-summary",
        &[
            ("count", running.len().into()),
            ("speed", rate(speeds.all()).into()),
            ("eta", eta(all_left, speeds.all()).into()),
        ],
    );
    let moving = running
        .into_iter()
        .map(|(token, it)| {
            let speed = speeds.of(&token);
            let said = words.say_with(
                "queue-transfer",
                &[
                    ("bytes", size(it.bytes).into()),
                    ("total", it.total.map_or_else(|| "?".to_owned(), size).into()),
                    ("speed", rate(speed).into()),
                    ("eta", eta(left(it.total, it.bytes), speed).into()),
                    ("connections", it.connections.into()),
                ],
            );
            let segments = segments(&it);
            Moving { title: it.title, bytes: it.bytes, total: it.total, segments, said }
        })
        .collect();
    Movement { summary, none: words.say("queue-nothing-moves"), moving }
}

/// What can be drawn of a file that comes in pieces; nothing where its length is not known.
fn segments(it: &Transfer) -> Vec<Segment> {
    let total = it.total.filter(|total| *total > 0);
    let place = |at: u64, total: u64| at.min(total).saturating_mul(1_000) / total;
    let drawn = total.into_iter().flat_map(|total| {
        it.come.iter().map(move |range| {
            let start = place(range.start, total);
            // However little it is, it is seen.
            Segment { start, width: (place(range.end, total) - start).max(1) }
        })
    });
    drawn.collect()
}

struct Watch {
    rooms: Rooms,
    who: SignedIn,
    words: Words,
    speeds: Speeds,
    pace: Pace,
}

pub(super) async fn live(
    State(rooms): State<Rooms>,
    visitor: Visitor,
    Administrator(who): Administrator,
) -> Result<Response, Response> {
    // It tells titles, whether or not somebody opened the page round it.
    rooms.record(&who.deed(Verb::Viewed, "/queue/live", None)).await?;
    let watch =
        Watch { rooms, who, words: visitor.words, speeds: Speeds::default(), pace: Pace::every(TICK) };
    let events = stream::unfold(watch, |mut watch| async move {
        watch.pace.next(&watch.rooms, &watch.who).await?;
        let html = movement(&watch.rooms, &mut watch.speeds, watch.words).render().ok()?;
        Some((Ok::<_, Infallible>(Event::default().data(html)), watch))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()).into_response())
}

#[cfg(test)]
mod tests {
    use archive::store::Ranges;

    use super::*;

    #[test]
    fn a_file_is_drawn_as_the_pieces_that_have_come() {
        let mut come = Ranges::default();
        come.insert(0..300_000);
        come.insert(500_000..500_100);
        let mut it =
            Transfer { title: String::new(), bytes: 0, total: Some(1_000_000), connections: 2, come };
        let drawn: Vec<_> = segments(&it).iter().map(|it| (it.start, it.width)).collect();
        assert_eq!(drawn, [(0, 300), (500, 1)]);
        it.total = None;
        assert!(segments(&it).is_empty());
    }
}

//! `GET /health`: the list of the first run until all of it is done, and what `doctor` looks at, in a browser, with
//! whose move it is and a report for others to read. `/health/live` brings the list anew when it changes,
//! `/health/checks/{id}` one group of checks, looked at again, `/health/found` all of them where the platform is late.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::time::Duration;

use archive::audit::Verb;
use archive::model::Mover;
use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use futures_util::stream;

use super::Rooms;
use super::first_run::{Addresses, Steps, is_well};
use super::watch::Pace;
use crate::checkup::{Check, Mark};
use crate::moments::Moments;
use crate::notice::Notice;
use crate::page::{Frame, show};
use crate::session::{Administrator, SignedIn};
use crate::visitor::Visitor;
use crate::words::Words;

/// The page does not wait longer for the platform: it is opened most when that is away.
const PATIENCE: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_secs(2);
/// Looks at the list between two checkups, which ask the platform.
const CHECK_EVERY: u32 = 5;

pub(super) fn router() -> Router<Rooms> {
    Router::new()
        .route("/health", get(page))
        .route("/health/live", get(live))
        .route("/health/found", get(found))
        .route("/health/checks/{id}", get(again))
}

/// One thing that a check found.
struct Finding {
    what: String,
    fix: Option<String>,
    mover: Option<String>,
}

/// All checks of one id.
#[derive(Template)]
#[template(path = "check.html")]
struct Group {
    id: &'static str,
    name: String,
    mood: &'static str,
    mark: String,
    findings: Vec<Finding>,
    /// Where it is looked at again.
    path: String,
    run: String,
    running: String,
}

/// What all checks found.
#[derive(Template)]
#[template(path = "findings.html")]
struct Findings {
    words: Words,
    lead: String,
    groups: Vec<Group>,
    report: String,
}

impl Findings {
    fn of(rooms: &Rooms, checks: &[Check], words: Words) -> Self {
        let groups = groups(rooms, checks, words);
        let lead = match groups.iter().filter(|group| group.mood != "good").count() {
            0 => words.say("health-all-well"),
            open => words.say_with("health-open", &[("count", open.into())]),
        };
        Self { words, lead, groups, report: report(checks, &rooms.company_moments()) }
    }

    /// Nothing yet.
    fn awaited(words: Words) -> Self {
        Self { words, lead: words.say("health-awaited"), groups: Vec::new(), report: String::new() }
    }
}

#[derive(Template)]
#[template(path = "health.html")]
struct HealthPage<'a> {
    title: String,
    steps: Steps,
    findings: Findings,
    /// Whether the findings come behind the page.
    is_late: bool,
    frame: Frame<'a>,
}

async fn page(
    State(rooms): State<Rooms>,
    visitor: Visitor,
    Administrator(who): Administrator,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Response> {
    let words = visitor.words;
    let in_time = tokio::time::timeout(PATIENCE, (rooms.office.checkup)(words)).await.ok();
    let checks = in_time.as_deref().unwrap_or_default();
    let steps = Steps::look(&rooms, words, &Addresses::of(&rooms, &headers, &uri), checks).await?;
    let findings =
        if in_time.is_some() { Findings::of(&rooms, checks, words) } else { Findings::awaited(words) };
    let is_late = in_time.is_none();
    rooms.record(&who.deed(Verb::Viewed, "/health", None)).await?;
    let frame = Frame::of(&rooms.site, &visitor, &who, "/health");
    let title = frame.say(if steps.is_complete() { "health-title" } else { "first-run-title" });
    Ok(show(StatusCode::OK, &HealthPage { title, steps, findings, is_late, frame }))
}

/// What is open first.
fn groups(rooms: &Rooms, checks: &[Check], words: Words) -> Vec<Group> {
    let mut ids: Vec<&'static str> = Vec::new();
    let mut by_id = BTreeMap::<&str, Vec<&Check>>::new();
    for check in checks {
        if !by_id.contains_key(check.id) {
            ids.push(check.id);
        }
        by_id.entry(check.id).or_default().push(check);
    }
    let worst = |id: &&'static str| by_id[*id].iter().map(|check| check.mark).max().unwrap_or(Mark::Ok);
    ids.sort_by_key(|id| Reverse(worst(id)));
    ids.iter().map(|&id| group(rooms, id, worst(&id), &by_id[id], words)).collect()
}

fn group(rooms: &Rooms, id: &'static str, worst: Mark, checks: &[&Check], words: Words) -> Group {
    let (mood, key) = match worst {
        Mark::Ok => ("good", "health-ok"),
        Mark::Warn => ("warn", "health-warn"),
        Mark::Fail => ("bad", "health-fail"),
    };
    let finding = |check: &&Check| Finding {
        what: check.what.clone(),
        fix: check.fix.clone(),
        mover: check.mover.map(|mover: Mover| words.mover(mover)),
    };
    Group {
        id,
        name: words.say(&format!("check-{}", id.replace(['_', '.'], "-"))),
        mood,
        mark: words.say(key),
        findings: checks.iter().map(finding).collect(),
        path: rooms.site.path(&format!("/health/checks/{id}")),
        run: words.say("health-run"),
        running: words.say("health-running"),
    }
}

/// For whoever is asked for help: one line a check, without anything that is ours alone.
fn report(checks: &[Check], moments: &Moments) -> String {
    let mut report = format!(
        "minutes-vault {} · {} {} · {}\n",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH,
        moments.say(Some(moments.now_ms))
    );
    for check in checks {
        let mark = match check.mark {
            Mark::Ok => "ok",
            Mark::Warn => "WARN",
            Mark::Fail => "FAIL",
        };
        let _ = writeln!(report, "[{mark}] {}: {}", check.id, check.redacted);
    }
    report
}

async fn again(
    State(rooms): State<Rooms>,
    visitor: Visitor,
    Administrator(_): Administrator,
    Path(id): Path<String>,
) -> Response {
    let checks = (rooms.office.checkup)(visitor.words).await;
    match groups(&rooms, &checks, visitor.words).into_iter().find(|group| group.id == id) {
        Some(group) => show(StatusCode::OK, &group),
        None => Notice::NotFound.into_response(),
    }
}

/// What the checks find, once; the connection stays open, or the browser would ask again.
async fn found(State(rooms): State<Rooms>, visitor: Visitor, Administrator(who): Administrator) -> Response {
    let words = visitor.words;
    let events = stream::unfold((rooms, who, Pace::every(TICK)), move |(rooms, who, mut pace)| async move {
        while pace.next(&rooms, &who).await? != 1 {}
        let checks = (rooms.office.checkup)(words).await;
        let html = Findings::of(&rooms, &checks, words).render().ok()?;
        Some((Ok::<_, Infallible>(Event::default().data(html)), (rooms, who, pace)))
    });
    Sse::new(events).keep_alive(KeepAlive::default()).into_response()
}

struct Watch {
    rooms: Rooms,
    who: SignedIn,
    words: Words,
    addresses: Addresses,
    checks: Vec<Check>,
    pace: Pace,
    /// What was sent last.
    sent: String,
}

impl Watch {
    /// The list, once it is another than the one that was sent last; none when it is over.
    async fn change(&mut self) -> Option<String> {
        loop {
            let looks = self.pace.next(&self.rooms, &self.who).await?;
            if looks == 1 || (looks.is_multiple_of(CHECK_EVERY) && !is_well(&self.checks)) {
                self.checks = (self.rooms.office.checkup)(self.words).await;
            }
            let steps = Steps::look(&self.rooms, self.words, &self.addresses, &self.checks).await.ok()?;
            let html = steps.render().ok()?;
            if html != self.sent {
                self.sent.clone_from(&html);
                return Some(html);
            }
        }
    }
}

async fn live(
    State(rooms): State<Rooms>,
    visitor: Visitor,
    Administrator(who): Administrator,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let addresses = Addresses::of(&rooms, &headers, &uri);
    let watch = Watch {
        rooms,
        who,
        words: visitor.words,
        addresses,
        checks: Vec::new(),
        pace: Pace::every(TICK),
        sent: String::new(),
    };
    let events = stream::unfold(watch, |mut watch| async move {
        let html = watch.change().await?;
        Some((Ok::<_, Infallible>(Event::default().data(html)), watch))
    });
    Sse::new(events).keep_alive(KeepAlive::default()).into_response()
}

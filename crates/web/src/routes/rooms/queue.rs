//! `/queue`: what is being fetched and what waits, with its brakes. The part that moves comes over `/queue/live`, a
//! stream of server-sent events, as HTML; without scripts the page shows how it was when it was opened. `?of=` lists what
//! lies on one pile of the overview, or is missing for one reason, whether it is in the queue or not.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Duration;

use archive::audit::Verb;
use archive::fetch::{Again, try_again};
use archive::model::{MinuteToken, Reason};
use archive::queue::{RecordingTask, TaskKind};
use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::{StatusCode, Uri};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use futures_util::stream;
use serde::Deserialize;
use url::form_urlencoded;

use super::piles::{Listed, Pile, can_retry};
use super::speed::Speeds;
use super::watch::Pace;
use super::{Rooms, not_now};
use crate::amounts::{duration, size};
use crate::moments::Moments;
use crate::notice::Notice;
use crate::page::{Frame, show};
use crate::session::{Administrator, Nothing, SignedIn, Submitted, administrators_only};
use crate::visitor::Visitor;
use crate::words::Words;

/// On one page.
const ROWS: i64 = 100;
const TICK: Duration = Duration::from_secs(1);

pub(super) fn router() -> Router<Rooms> {
    Router::new()
        .route("/queue", get(page))
        .route("/queue/live", get(live))
        .route("/queue/pause", post(pause))
        .route("/queue/resume", post(resume))
        .route("/queue/pause-all", post(pause_all))
        .route("/queue/resume-all", post(resume_all))
        .route("/queue/retry", post(retry))
        .route("/queue/retry-cause", post(retry_cause))
}

/// One transfer under way.
struct Moving {
    title: String,
    bytes: u64,
    total: Option<u64>,
    said: String,
}

/// What changes from second to second.
#[derive(Template)]
#[template(path = "transfers.html")]
struct Movement {
    summary: String,
    none: String,
    moving: Vec<Moving>,
}

/// One recording in the queue.
struct Row {
    token: String,
    title: String,
    owner: String,
    state: String,
    mood: &'static str,
    /// When it is tried next, or that it is at work.
    next: String,
    /// Why it waits, or what the last try failed on.
    why: String,
    attempts: i64,
    is_paused: bool,
}

/// One of the lists that there are.
struct Choice {
    word: String,
    name: String,
    is_chosen: bool,
}

/// Of what is missing for one reason: the reason's word, and what is to be done.
struct Cause {
    reason: &'static str,
    fix: String,
    can_retry: bool,
}

#[derive(Template)]
#[template(path = "queue.html")]
struct QueuePage<'a> {
    title: String,
    paused_since: Option<String>,
    movement: Movement,
    choices: Vec<Choice>,
    /// What is listed.
    heading: String,
    cause: Option<Cause>,
    rows: Vec<Row>,
    /// The query of this page, for the forms on it.
    here: String,
    /// The query of the next page.
    next: Option<String>,
    empty: String,
    frame: Frame<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wish {
    of: String,
    after: Option<String>,
}

impl Wish {
    fn of(uri: &Uri) -> Self {
        Query::<Self>::try_from_uri(uri).map(|query| query.0).unwrap_or_default()
    }
}

fn query(listed: Listed, after: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if listed != Listed::Queue {
        query.append_pair("of", &listed.word());
    }
    query.extend_pairs(after.map(|after| ("after", after))).finish()
}

async fn page(
    State(rooms): State<Rooms>,
    visitor: Visitor,
    Administrator(who): Administrator,
    uri: Uri,
) -> Result<Response, Response> {
    let (moments, words) = (rooms.moments(&visitor), visitor.words);
    let wish = Wish::of(&uri);
    let listed = Listed::of(&wish.of);
    let pauses = rooms.catalog.pauses().await.map_err(not_now)?;
    let choices = choices(&rooms, listed, words).await?;
    let after = wish.after.as_deref();
    let waiting = rooms.office.queue.waiting(listed.waiting(), after, ROWS).await.map_err(not_now)?;
    let names = rooms.names().await?;
    rooms.record(&who.deed(Verb::Viewed, listed.path(), None)).await?;
    let frame = Frame::of(&rooms.site, &visitor, &who, "/queue");
    let heading = choices.iter().find(|choice| choice.is_chosen).map(|choice| choice.name.clone());
    let page = QueuePage {
        title: frame.say("queue-title"),
        paused_since: pauses.everything_since.map(|at| moments.say_with_distance(Some(at), words)),
        movement: movement(&rooms, &mut Speeds::default(), words),
        choices,
        heading: heading.unwrap_or_default(),
        cause: match listed {
            Listed::Cause(reason) => Some(Cause {
                reason: reason.as_str(),
                fix: words.reason_fix(reason),
                can_retry: can_retry(reason) && !waiting.rows.is_empty(),
            }),
            Listed::Queue | Listed::Pile(_) => None,
        },
        rows: waiting.rows.into_iter().map(|task| row(task, &names, &moments, words)).collect(),
        here: query(listed, after),
        next: waiting.next.map(|next| query(listed, Some(&next))),
        empty: frame.say(if listed == Listed::Queue { "queue-empty" } else { "queue-none-of-it" }),
        frame,
    };
    Ok(show(StatusCode::OK, &page))
}

/// All lists that have something in them, and the one that is shown.
async fn choices(rooms: &Rooms, shown: Listed, words: Words) -> Result<Vec<Choice>, Response> {
    let overview = rooms.catalog.overview().await.map_err(not_now)?;
    let open = rooms.catalog.open_reasons().await.map_err(not_now)?;
    let queued = overview.tasks.get(TaskKind::Archive.as_str()).copied().unwrap_or_default();
    let mut lists = vec![(Listed::Queue, words.say("queue-waiting"), queued)];
    lists.extend(Pile::ALL.map(|pile| (Listed::Pile(pile), words.say(pile.name()), pile.lying(&overview))));
    let causes = Reason::ALL.iter().map(|reason| {
        let count = open.get(reason.as_str()).copied().unwrap_or_default();
        (Listed::Cause(*reason), words.reason(*reason), count)
    });
    lists.extend(causes);
    let lists = lists
        .into_iter()
        .filter(|(listed, _, count)| *count > 0 || *listed == shown || *listed == Listed::Queue);
    Ok(lists
        .map(|(listed, name, count)| Choice {
            word: listed.word(),
            name: format!("{name} ({count})"),
            is_chosen: listed == shown,
        })
        .collect())
}

fn row(task: RecordingTask, names: &BTreeMap<String, String>, moments: &Moments, words: Words) -> Row {
    let state = task.state.as_deref().and_then(|word| word.parse().ok());
    let reason = task.reason.as_deref().and_then(|word| word.parse().ok());
    let is_running = task.lease_until.is_some_and(|until| until > moments.now_ms);
    let next = if task.paused_since.is_some() {
        words.say("queue-paused")
    } else if is_running {
        words.say("queue-running")
    } else {
        match task.run_at {
            None => words.say("queue-not-planned"),
            Some(at_ms) if at_ms <= moments.now_ms => words.say("queue-due"),
            Some(at_ms) => moments.say_with_distance(Some(at_ms), words),
        }
    };
    Row {
        title: task.title.filter(|title| !title.trim().is_empty()).unwrap_or_else(|| "—".to_owned()),
        owner: task.owner_id.map(|id| names.get(&id).cloned().unwrap_or(id)).unwrap_or_default(),
        state: state.map(|state| words.recording_state(state)).unwrap_or_default(),
        mood: if task.attempts > 0 { "warn" } else { "note" },
        next,
        why: reason.map(|reason| words.reason(reason)).or(task.last_error).unwrap_or_default(),
        attempts: task.attempts,
        is_paused: task.paused_since.is_some(),
        token: task.minute_token,
    }
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
            Moving { title: it.title, bytes: it.bytes, total: it.total, said }
        })
        .collect();
    Movement { summary, none: words.say("queue-nothing-moves"), moving }
}

struct Watch {
    rooms: Rooms,
    who: SignedIn,
    words: Words,
    speeds: Speeds,
    pace: Pace,
}

async fn live(State(rooms): State<Rooms>, visitor: Visitor, Administrator(who): Administrator) -> Response {
    let watch =
        Watch { rooms, who, words: visitor.words, speeds: Speeds::default(), pace: Pace::every(TICK) };
    let events = stream::unfold(watch, |mut watch| async move {
        watch.pace.next(&watch.rooms, &watch.who).await?;
        let html = movement(&watch.rooms, &mut watch.speeds, watch.words).render().ok()?;
        Some((Ok::<_, Infallible>(Event::default().data(html)), watch))
    });
    Sse::new(events).keep_alive(KeepAlive::default()).into_response()
}

/// Of the form round the rows: one row's button brings its recording, those below the rows bring the ticked ones.
#[derive(Deserialize)]
struct Which {
    #[serde(default)]
    one: Option<String>,
    #[serde(default)]
    ticked: Vec<String>,
    /// The query of the page on which the form was.
    #[serde(default)]
    here: String,
}

impl Which {
    /// The recordings that are meant, all known to the catalogue.
    async fn recordings(&self, rooms: &Rooms) -> Result<Vec<MinuteToken>, Response> {
        let words = self.one.as_ref().map_or(&*self.ticked, std::slice::from_ref);
        // No page of ours has more rows to tick.
        if i64::try_from(words.len()).map_or(true, |count| count > ROWS) {
            return Err(Notice::BadForm.into_response());
        }
        let tokens: Result<Vec<_>, _> = words.iter().map(|word| MinuteToken::parse(word)).collect();
        let tokens = tokens.map_err(|_| Notice::BadForm.into_response())?;
        for token in &tokens {
            if rooms.catalog.recording(token).await.map_err(not_now)?.is_none() {
                return Err(Notice::NotFound.into_response());
            }
        }
        Ok(tokens)
    }
}

/// A button's own word: whether it pauses or lets go on.
#[derive(Debug, Clone, Copy)]
enum Brake {
    Pause,
    Resume,
}

impl Brake {
    fn word(self) -> &'static str {
        match self {
            Self::Pause => "paused",
            Self::Resume => "resumed",
        }
    }

    /// Pulls it for a recording, or for all fetching.
    async fn pull(self, rooms: &Rooms, who: &SignedIn, token: Option<&MinuteToken>) -> Result<(), Response> {
        let subject = token.map_or("queue", MinuteToken::as_str);
        let deed = who.deed(Verb::Changed, subject, Some(self.word().to_owned()));
        rooms.catalog.set_paused(token, matches!(self, Self::Pause), &deed).await.map_err(not_now)?;
        Ok(())
    }

    async fn pull_for(self, rooms: &Rooms, submitted: Submitted<Which>) -> Result<Response, Response> {
        let Submitted { who, form } = administrators_only(submitted).map_err(Notice::into_response)?;
        let tokens = form.recordings(rooms).await?;
        for token in &tokens {
            self.pull(rooms, &who, Some(token)).await?;
        }
        let said = if tokens.is_empty() { "none-ticked" } else { self.word() };
        Ok(rooms.back_to("/queue", &form.here, said, tokens.len() as u64))
    }

    async fn pull_for_all(self, rooms: &Rooms, submitted: Submitted<Nothing>) -> Result<Response, Response> {
        let Submitted { who, .. } = administrators_only(submitted).map_err(Notice::into_response)?;
        self.pull(rooms, &who, None).await?;
        Ok(rooms.back("/queue", self.word(), 0))
    }
}

async fn pause(State(rooms): State<Rooms>, form: Submitted<Which>) -> Result<Response, Response> {
    Brake::Pause.pull_for(&rooms, form).await
}

async fn resume(State(rooms): State<Rooms>, form: Submitted<Which>) -> Result<Response, Response> {
    Brake::Resume.pull_for(&rooms, form).await
}

async fn pause_all(State(rooms): State<Rooms>, form: Submitted<Nothing>) -> Result<Response, Response> {
    Brake::Pause.pull_for_all(&rooms, form).await
}

async fn resume_all(State(rooms): State<Rooms>, form: Submitted<Nothing>) -> Result<Response, Response> {
    Brake::Resume.pull_for_all(&rooms, form).await
}

async fn retry(State(rooms): State<Rooms>, submitted: Submitted<Which>) -> Result<Response, Response> {
    let Submitted { who, form } = administrators_only(submitted).map_err(Notice::into_response)?;
    let tokens = form.recordings(&rooms).await?;
    let mut called = 0;
    for token in &tokens {
        let deed = who.deed(Verb::Changed, token.as_str(), Some("retry".to_owned()));
        let again = Again::Recording(token);
        called += try_again(&rooms.catalog, &rooms.office.queue, again, &deed).await.map_err(not_now)?;
    }
    let said = if tokens.is_empty() { "none-ticked" } else { "retried" };
    Ok(rooms.back_to("/queue", &form.here, said, called))
}

/// From which page, and what is missing for which reason.
#[derive(Deserialize)]
struct AllOf {
    reason: String,
    from: String,
}

async fn retry_cause(State(rooms): State<Rooms>, submitted: Submitted<AllOf>) -> Result<Response, Response> {
    let Submitted { who, form } = administrators_only(submitted).map_err(Notice::into_response)?;
    let Ok(reason) = form.reason.parse::<Reason>() else { return Err(Notice::BadForm.into_response()) };
    let deed = who.deed(Verb::Changed, "queue", Some(format!("retry {reason}")));
    let called =
        try_again(&rooms.catalog, &rooms.office.queue, Again::Cause(reason), &deed).await.map_err(not_now)?;
    let page = if form.from == "overview" { "/overview".to_owned() } else { Listed::Cause(reason).path() };
    let (path, query) = page.split_once('?').unwrap_or((&page, ""));
    Ok(rooms.back_to(path, query, "retried", called))
}

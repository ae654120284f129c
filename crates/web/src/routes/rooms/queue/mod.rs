//! `/queue`: what is being fetched and what waits, with its brakes. `?of=` lists what lies on one pile of the overview,
//! or is missing for one reason, whether it is in the queue or not.

mod forms;
mod movement;
mod speed;

use std::collections::BTreeMap;

use archive::audit::Verb;
use archive::model::Reason;
use archive::queue::{RecordingTask, TaskKind};
use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;
use url::form_urlencoded;

use self::movement::Movement;
use super::piles::{Listed, Pile, can_retry};
use super::{Rooms, not_now};
use crate::moments::Moments;
use crate::page::{Frame, show};
use crate::session::Administrator;
use crate::visitor::Visitor;
use crate::words::Words;

/// On one page.
const ROWS: i64 = 100;

pub(super) fn router() -> Router<Rooms> {
    Router::new()
        .route("/queue", get(page))
        .route("/queue/live", get(movement::live))
        .route("/queue/pause", post(forms::pause))
        .route("/queue/resume", post(forms::resume))
        .route("/queue/pause-all", post(forms::pause_all))
        .route("/queue/resume-all", post(forms::resume_all))
        .route("/queue/retry", post(forms::retry))
        .route("/queue/retry-cause", post(forms::retry_cause))
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
        title: match listed {
            Listed::Queue => frame.say("queue-title"),
            Listed::Pile(_) | Listed::Cause(_) => {
                format!("{} · {}", frame.say("queue-title"), listed.name(words))
            }
        },
        paused_since: pauses.everything_since.map(|at| moments.say_with_distance(Some(at), words)),
        movement: movement::now(&rooms, words),
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
    let piles = Pile::ALL.map(|pile| (Listed::Pile(pile), pile.lying(&overview)));
    let causes = Reason::ALL
        .iter()
        .map(|reason| (Listed::Cause(*reason), open.get(reason.as_str()).copied().unwrap_or_default()));
    let lists = [(Listed::Queue, queued)].into_iter().chain(piles).chain(causes);
    let lists = lists.filter(|(listed, count)| *count > 0 || *listed == shown || *listed == Listed::Queue);
    Ok(lists
        .map(|(listed, count)| Choice {
            word: listed.word(),
            name: format!("{} ({count})", listed.name(words)),
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

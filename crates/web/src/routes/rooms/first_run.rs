//! The list of the first run: eight things that have to be so before recordings come by themselves. Each turns green
//! when the archive itself sees that it is so; nobody ticks anything.

use archive::catalog::{MemberRow, Overview};
use archive::members::{APP_SCOPES, EVENTS};
use archive::model::{LinkState, MemberState, RecordingState};
use askama::Template;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde_json::json;

use super::{Rooms, not_now};
use crate::checkup::{Check, Mark};
use crate::routes::webhook::CHECKED;
use crate::words::{Value, Words};

/// The addresses of this place, as the browser that asks found it.
#[derive(Clone)]
pub(super) struct Addresses {
    callback: String,
    events: String,
    pub(super) authorise: String,
}

impl Addresses {
    pub(super) fn of(rooms: &Rooms, headers: &HeaderMap, uri: &Uri) -> Self {
        let callback = rooms.site.redirect_uri(headers, uri).map(String::from).unwrap_or_default();
        let base = callback.strip_suffix("/auth/callback").unwrap_or_default();
        Self { events: format!("{base}/webhook/event"), authorise: format!("{base}/auth/start"), callback }
    }
}

/// Something to be copied into the developer console, or to be sent round.
struct Copied {
    label: String,
    text: String,
}

/// One thing that has to be so.
struct Step {
    id: &'static str,
    title: String,
    is_done: bool,
    /// Done: how that is known. Else what to do.
    what: Vec<String>,
    copied: Vec<Copied>,
}

/// All of them. Changes while somebody watches.
#[derive(Template)]
#[template(path = "steps.html")]
pub(super) struct Steps {
    all: Vec<Step>,
    done: String,
    open: String,
    copy: String,
    copy_done: String,
    again: String,
}

impl Steps {
    /// How it stands now; of what can be seen on this machine and asked of the platform, by `checks`.
    pub(super) async fn look(
        rooms: &Rooms,
        words: Words,
        addresses: &Addresses,
        checks: &[Check],
    ) -> Result<Self, Response> {
        let overview = rooms.catalog.overview().await.map_err(not_now)?;
        let members = rooms.catalog.members().await.map_err(not_now)?;
        let all = vec![
            app(checks, words),
            scopes(rooms, &members, words),
            events(rooms, &overview, addresses, words).await?,
            redirect(addresses, words),
            storage(checks, words),
            event(rooms, &overview, words),
            member(&members, addresses, words),
            recording(&overview, words),
        ];
        Ok(Self {
            all,
            done: words.say("step-done"),
            open: words.say("step-open"),
            copy: words.say("copy"),
            copy_done: words.say("copied"),
            again: words.say("step-again"),
        })
    }

    pub(super) fn is_complete(&self) -> bool {
        self.all.iter().all(|step| step.is_done)
    }
}

/// What only a checkup tells: whether all is well there.
pub(super) fn is_well(checks: &[Check]) -> bool {
    let words = Words::new(crate::words::Language::default());
    app(checks, words).is_done && storage(checks, words).is_done
}

fn step(id: &'static str, is_done: bool, what: Vec<String>, copied: Vec<Copied>, words: Words) -> Step {
    Step { id, title: words.say(&format!("step-{id}")), is_done, what, copied }
}

fn copied(key: &str, text: String, words: Words) -> Copied {
    Copied { label: words.say(key), text }
}

/// What the checks of these ids found, with what to do.
fn found(checks: &[Check], ids: &[&str], words: Words) -> (bool, Vec<String>) {
    let of_these: Vec<&Check> = checks.iter().filter(|check| ids.contains(&check.id)).collect();
    let is_well = !of_these.is_empty() && of_these.iter().all(|check| check.mark != Mark::Fail);
    let told = |check: &&Check| is_well || check.mark == Mark::Fail;
    let lines =
        of_these.into_iter().filter(told).flat_map(|check| [Some(check.what.clone()), check.fix.clone()]);
    let mut lines: Vec<String> = lines.flatten().collect();
    if lines.is_empty() {
        lines.push(words.say("step-unknown"));
    }
    (is_well, lines)
}

fn app(checks: &[Check], words: Words) -> Step {
    let (is_done, what) = found(checks, &["credentials"], words);
    step("app", is_done, what, Vec::new(), words)
}

fn scopes(rooms: &Rooms, members: &[MemberRow], words: Words) -> Step {
    let active = members.iter().filter(|row| row.member.state == MemberState::Active);
    let missing: Vec<_> = active.map(|row| rooms.features.missing(row.member.granted())).collect();
    let whole = missing.iter().filter(|missing| missing.is_empty()).count();
    let what = match missing.first() {
        _ if whole > 0 => words.say_with("step-scopes-done", &[("count", whole.into())]),
        Some(missing) => words.say_with("step-scopes-lacking", &[("scopes", missing.join(" ").into())]),
        None => words.say("step-scopes-do"),
    };
    let import = json!({"scopes": {"tenant": APP_SCOPES, "user": rooms.features.user_scopes()}});
    let import = serde_json::to_string_pretty(&import).unwrap_or_default();
    step("scopes", whole > 0, vec![what], vec![copied("step-scopes-import", import, words)], words)
}

async fn events(
    rooms: &Rooms,
    overview: &Overview,
    addresses: &Addresses,
    words: Words,
) -> Result<Step, Response> {
    let names = copied("step-events-names", EVENTS.join("\n"), words);
    if rooms.office.wants_link {
        let links = rooms.catalog.links().await.map_err(not_now)?;
        let is_open = links.iter().any(|link| link.state == LinkState::Connected);
        let key = if is_open { "step-events-link-done" } else { "step-events-link-do" };
        return Ok(step("events", is_open, vec![words.say(key)], vec![names], words));
    }
    let is_checked = rooms.catalog.meta(CHECKED).await.map_err(not_now)?.is_some();
    let is_done = is_checked || overview.last_event_at.is_some();
    let key = if is_done { "step-events-webhook-done" } else { "step-events-webhook-do" };
    let address = copied("step-events-address", addresses.events.clone(), words);
    Ok(step("events", is_done, vec![words.say(key)], vec![address, names], words))
}

/// Whoever reads this has come by it.
fn redirect(addresses: &Addresses, words: Words) -> Step {
    let url = copied("step-redirect-url", addresses.callback.clone(), words);
    step("redirect", true, vec![words.say("step-redirect-done")], vec![url], words)
}

fn storage(checks: &[Check], words: Words) -> Step {
    let (is_done, what) = found(checks, &["data_dir", "archive.dir", "disk"], words);
    step("storage", is_done, what, Vec::new(), words)
}

fn event(rooms: &Rooms, overview: &Overview, words: Words) -> Step {
    let what = match overview.last_event_at {
        Some(at) => {
            let moment = rooms.company_moments().say(Some(at));
            words.say_with("step-event-done", &[("moment", moment.into())])
        }
        None => words.say("step-event-do"),
    };
    step("event", overview.last_event_at.is_some(), vec![what], Vec::new(), words)
}

fn member(members: &[MemberRow], addresses: &Addresses, words: Words) -> Step {
    let count = members.iter().filter(|row| row.member.state == MemberState::Active).count();
    let what = match count {
        0 => words.say("step-member-do"),
        count => words.say_with("step-member-done", &[("count", count.into())]),
    };
    let page = copied("step-member-page", addresses.authorise.clone(), words);
    step("member", count > 0, vec![what], vec![page], words)
}

fn recording(overview: &Overview, words: Words) -> Step {
    let archived = overview.recordings.get(RecordingState::Archived.as_str()).copied().unwrap_or_default();
    let say = |key: &str, count: i64| words.say_with(key, &[("count", Value::from(count))]);
    let what = match (archived, overview.total()) {
        (0, 0) => words.say("step-recording-do"),
        (0, found) => say("step-recording-found", found),
        (archived, _) => say("step-recording-done", archived),
    };
    step("recording", archived > 0, vec![what], Vec::new(), words)
}

//! `GET /audit`: the audit log, newest first, with filters; for administrators and auditors. Looking is a deed, too.

mod detail;
mod export;

use std::collections::BTreeMap;

use archive::audit::{AuditFilter, AuditRow, Verb};
use archive::model::Role;
use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use axum::routing::get;
use jiff::civil::Date;
use serde::Deserialize;
use url::form_urlencoded;

use super::{Rooms, not_now};
use crate::page::{Frame, show};
use crate::reading_room::titled;
use crate::session::Overseer;
use crate::visitor::Visitor;

const ROWS: i64 = 100;

pub(super) fn router() -> Router<Rooms> {
    Router::new()
        .route("/audit", get(page))
        .route("/audit.csv", get(export::csv))
        .route("/audit.jsonl", get(export::jsonl))
}

/// The filters, as somebody filled them in.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Wish {
    actor: String,
    verb: String,
    subject: String,
    since: String,
    until: String,
    before: String,
}

impl Wish {
    /// By a name all are found who are called so.
    fn filter(&self, names: &BTreeMap<String, String>, rooms: &Rooms, visitor: &Visitor) -> AuditFilter {
        let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let day = |text: &str, days: i64| {
            let date = text.trim().parse::<Date>().ok()?.checked_add(jiff::Span::new().days(days)).ok()?;
            let midnight = visitor.zone_or(&rooms.office.zone).to_timestamp(date.at(0, 0, 0, 0)).ok()?;
            Some(midnight.as_millisecond())
        };
        AuditFilter {
            actors: text(&self.actor).map(|actor| called(names, actor)).unwrap_or_default(),
            verb: self.verb.parse::<Verb>().ok().map(|verb| verb.as_str().to_owned()),
            subject: text(&self.subject),
            since_ms: day(&self.since, 0),
            // The last day is part of it.
            until_ms: day(&self.until, 1),
            from: None,
            before: self.before.parse().ok(),
            limit: ROWS,
        }
    }

    /// In a few words, for the log itself.
    fn said(&self) -> Option<String> {
        let said = [&self.actor, &self.verb, &self.subject, &self.since, &self.until];
        let said: Vec<&str> =
            said.into_iter().map(|text| text.trim()).filter(|text| !text.is_empty()).collect();
        (!said.is_empty()).then(|| said.join(" "))
    }

    fn of(uri: &Uri) -> Self {
        Query::try_from_uri(uri).map(|query| query.0).unwrap_or_default()
    }

    fn query(&self, before: &str) -> String {
        form_urlencoded::Serializer::new(String::new())
            .append_pair("actor", &self.actor)
            .append_pair("verb", &self.verb)
            .append_pair("subject", &self.subject)
            .append_pair("since", &self.since)
            .append_pair("until", &self.until)
            .append_pair("before", before)
            .finish()
    }
}

/// The open_ids of all who are called so, or what was written if nobody is.
fn called(names: &BTreeMap<String, String>, text: String) -> Vec<String> {
    let people: Vec<String> =
        names.iter().filter(|(_, name)| **name == text).map(|(open_id, _)| open_id.clone()).collect();
    if people.is_empty() { vec![text] } else { people }
}

struct Row {
    number: i64,
    at: String,
    actor: String,
    name: String,
    verb: String,
    subject: String,
    /// Of a recording: what it is called, and where it is.
    recording: Option<Recording>,
    /// Of a page: what it is called.
    page: Option<String>,
    detail: String,
    from: String,
}

struct Recording {
    title: String,
    path: String,
}

struct Choice {
    word: &'static str,
    name: String,
    is_chosen: bool,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage<'a> {
    title: String,
    wish: &'a Wish,
    verbs: Vec<Choice>,
    rows: Vec<Row>,
    /// The query of the page with older rows.
    older: Option<String>,
    /// The query of what is exported.
    filters: String,
    frame: Frame<'a>,
}

async fn page(
    State(rooms): State<Rooms>,
    visitor: Visitor,
    uri: Uri,
    Overseer(who): Overseer,
) -> Result<Response, Response> {
    let wish = Wish::of(&uri);
    rooms.record(&who.deed(Verb::Viewed, "audit", wish.said())).await?;
    let (names, moments, words) = (rooms.names().await?, rooms.moments(&visitor), visitor.words);
    let filter = wish.filter(&names, &rooms, &visitor);
    let rows = rooms.catalog.audit_rows(&filter).await.map_err(not_now)?;
    let is_full = i64::try_from(rows.len()).is_ok_and(|count| count == ROWS);
    let older = rows.last().filter(|_| is_full).map(|row| wish.query(&row.number.to_string()));
    let opens = if who.viewer.role == Role::Auditor { "/recordings" } else { "/queue" };
    let row = |row: AuditRow| Row {
        recording: row.title.as_deref().map(|title| Recording {
            title: titled(Some(title), words),
            path: rooms.site.path(&format!("{opens}/{}", row.subject)),
        }),
        page: detail::page(&row.verb, &row.subject, words),
        number: row.number,
        at: moments.say_to_the_second(row.at_ms),
        name: names.get(&row.actor).cloned().unwrap_or_default(),
        actor: row.actor,
        detail: row
            .detail
            .map(|written| detail::detail(&row.verb, &row.subject, &written, words))
            .unwrap_or_default(),
        verb: row.verb.parse().map_or(row.verb, |verb| words.verb(verb)),
        subject: row.subject,
        from: row.from_address,
    };
    let choice = |verb: &Verb| Choice {
        word: verb.as_str(),
        name: words.verb(*verb),
        is_chosen: wish.verb == verb.as_str(),
    };
    let frame = Frame::of(&rooms.site, &visitor, &who, "/audit");
    let page = AuditPage {
        title: frame.say("audit-title"),
        wish: &wish,
        verbs: Verb::ALL.iter().map(choice).collect(),
        rows: rows.into_iter().map(row).collect(),
        older,
        filters: wish.query(""),
        frame,
    };
    Ok(show(StatusCode::OK, &page))
}

//! Rules: making them, what each would take, and the switch. It names the count that was seen; a rule that would take
//! more by then stays off.

use archive::audit::Verb;
use archive::library::Kind;
use archive::retention::{Candidate, NewRule, Switched};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use url::form_urlencoded;

use super::is_administrator;
use super::rows::{RuleRow, bytes, named};
use crate::notice::Notice;
use crate::page::{Frame, show};
use crate::reading_room::titled;
use crate::routes::rooms::person_named;
use crate::routes::rooms::{Rooms, not_now};
use crate::session::{Overseer, Submitted, administrators_only};
use crate::visitor::Visitor;

const ROWS: i64 = 50;
/// A hundred years.
const MOST_DAYS: u32 = 36_500;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wish {
    after: String,
}

struct Row {
    token: String,
    title: String,
    owner: String,
    made: String,
    size: String,
}

#[derive(Template)]
#[template(path = "storage_rule.html")]
struct RulePage<'a> {
    title: String,
    rule: RuleRow,
    sum: String,
    /// What the switch says: for how many.
    switch: String,
    is_administrator: bool,
    rows: Vec<Row>,
    /// The query of the next page.
    next: Option<String>,
    frame: Frame<'a>,
}

pub(super) async fn page(
    State(rooms): State<Rooms>,
    Path(id): Path<String>,
    visitor: Visitor,
    uri: Uri,
    Overseer(who): Overseer,
) -> Result<Response, Response> {
    let Some(rule) = rooms.catalog.rule(&id).await.map_err(not_now)? else {
        return Err(Notice::NotFound.into_response());
    };
    rooms.record(&who.deed(Verb::Viewed, "storage", Some(format!("rule {id}")))).await?;
    let wish = Query::<Wish>::try_from_uri(&uri).map(|query| query.0).unwrap_or_default();
    let after = Some(wish.after.as_str()).filter(|after| !after.is_empty());
    let (moments, words, names) = (rooms.moments(&visitor), visitor.words, rooms.names().await?);
    let would = rooms.catalog.would_take(&rule, moments.now_ms).await.map_err(not_now)?;
    let listed = rooms.catalog.candidates_of(&rule, moments.now_ms, after, ROWS).await.map_err(not_now)?;
    let row = |it: Candidate| Row {
        token: it.minute_token.to_string(),
        title: titled(it.title.as_deref(), words),
        owner: it.owner_id.map(|id| named(&names, &id)).unwrap_or_default(),
        made: moments.say(Some(it.made_ms)),
        size: bytes(it.bytes),
    };
    let frame = Frame::of(&rooms.site, &visitor, &who, "/storage");
    let page = RulePage {
        title: frame.say("storage-rule-title"),
        sum: words.say_with(
            "storage-rule-sum",
            &[("count", would.count.into()), ("size", bytes(would.bytes).into())],
        ),
        switch: words.say_with("storage-rule-on", &[("count", would.count.into())]),
        rule: RuleRow::new(rule, would, &names, &moments, words),
        is_administrator: is_administrator(&who),
        rows: listed.rows.into_iter().map(row).collect(),
        next: listed
            .next
            .map(|next| form_urlencoded::Serializer::new(String::new()).append_pair("after", &next).finish()),
        frame,
    };
    Ok(show(StatusCode::OK, &page))
}

/// What somebody filled in.
#[derive(Deserialize)]
pub(super) struct Made {
    days: String,
    #[serde(default)]
    person: String,
    #[serde(default)]
    kind: String,
}

pub(super) async fn make(
    State(rooms): State<Rooms>,
    submitted: Submitted<Made>,
) -> Result<Response, Response> {
    let Submitted { who, form } = administrators_only(submitted).map_err(Notice::into_response)?;
    let days = form.days.trim().parse().ok().filter(|days| (1..=MOST_DAYS).contains(days));
    let Some(age_days) = days else { return Err(Notice::BadForm.into_response()) };
    let owner = if form.person.trim().is_empty() {
        None
    } else {
        match person_named(&rooms.names().await?, &form.person) {
            Some(person) => Some(person),
            None => return Ok(rooms.back("/storage", "unknown-person", 0)),
        }
    };
    let kind = match form.kind.as_str() {
        "" => None,
        word => Some(word.parse::<Kind>().map_err(|_| Notice::BadForm.into_response())?),
    };
    let new = NewRule { age_days, owner, kind };
    let said = format!(
        "rule made: older than {age_days} days; owner {}; kind {}",
        new.owner.as_ref().map_or("any", |owner| owner.as_str()),
        new.kind.map_or("any", Kind::as_str)
    );
    let id = rooms
        .catalog
        .make_rule(&new, &who.deed(Verb::Changed, "retention", Some(said)))
        .await
        .map_err(not_now)?;
    Ok(rooms.back(&format!("/storage/rules/{id}"), "rule-made", 0))
}

/// A rule, and how many recordings somebody saw that it would take.
#[derive(Deserialize)]
pub(super) struct Seen {
    rule: String,
    count: String,
}

pub(super) async fn switch_on(
    State(rooms): State<Rooms>,
    submitted: Submitted<Seen>,
) -> Result<Response, Response> {
    let Submitted { who, form } = administrators_only(submitted).map_err(Notice::into_response)?;
    let Ok(seen) = form.count.parse::<i64>() else { return Err(Notice::BadForm.into_response()) };
    let said = format!("rule {} on: seen that it takes {seen}", form.rule);
    let deed = who.deed(Verb::Changed, "retention", Some(said));
    let path = format!("/storage/rules/{}", form.rule);
    match rooms.catalog.switch_rule_on(&form.rule, seen, &deed).await.map_err(not_now)? {
        Switched::On => Ok(rooms.back(&path, "rule-on", 0)),
        Switched::More(count) => Ok(rooms.back(&path, "rule-more", count.unsigned_abs())),
        Switched::Unknown => Err(Notice::NotFound.into_response()),
    }
}

#[derive(Deserialize)]
pub(super) struct Which {
    rule: String,
}

pub(super) async fn switch_off(
    State(rooms): State<Rooms>,
    submitted: Submitted<Which>,
) -> Result<Response, Response> {
    let Submitted { who, form } = administrators_only(submitted).map_err(Notice::into_response)?;
    let deed = who.deed(Verb::Changed, "retention", Some(format!("rule {} off", form.rule)));
    if !rooms.catalog.switch_rule_off(&form.rule, &deed).await.map_err(not_now)? {
        return Err(Notice::NotFound.into_response());
    }
    Ok(rooms.back("/storage", "rule-off", 0))
}

pub(super) async fn forget(
    State(rooms): State<Rooms>,
    submitted: Submitted<Which>,
) -> Result<Response, Response> {
    let Submitted { who, form } = administrators_only(submitted).map_err(Notice::into_response)?;
    let deed = who.deed(Verb::Deleted, "retention", Some(format!("rule {}", form.rule)));
    if !rooms.catalog.forget_rule(&form.rule, &deed).await.map_err(not_now)? {
        return Err(Notice::NotFound.into_response());
    }
    Ok(rooms.back("/storage", "rule-forgotten", 0))
}

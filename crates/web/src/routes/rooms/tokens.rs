//! `/tokens`: what somebody's programs come in with; made here, shown once, ended here. Administrators see everybody's.

use archive::audit::Verb;
use archive::members::{ApiScope, ApiToken, NewApiToken};
use archive::model::Role;
use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use secrecy::ExposeSecret as _;
use serde::Deserialize;

use super::{Rooms, not_now};
use crate::notice::Notice;
use crate::page::{Frame, show};
use crate::session::{SignedIn, Submitted};
use crate::visitor::Visitor;

const FEED: &str = "/api/v1/feed.rss";

pub(super) fn router() -> Router<Rooms> {
    Router::new().route("/tokens", get(page).post(make)).route("/tokens/end", post(end))
}

struct Row {
    hash: String,
    label: String,
    open_id: String,
    scopes: Vec<String>,
    made: String,
    used: String,
    ends: String,
}

/// What a token can be good for.
struct Choice {
    word: &'static str,
    purpose: String,
}

#[derive(Template)]
#[template(path = "tokens.html")]
struct TokensPage<'a> {
    title: String,
    /// A token that has just been made, to be seen this once.
    made: Option<String>,
    is_everybodys: bool,
    rows: Vec<Row>,
    choices: Vec<Choice>,
    /// Where the feed is.
    feed: String,
    frame: Frame<'a>,
}

async fn page(
    State(rooms): State<Rooms>,
    visitor: Visitor,
    headers: HeaderMap,
    uri: Uri,
    who: SignedIn,
) -> Result<Response, Response> {
    let feed = rooms.site.address(FEED, &headers, &uri);
    shown(&rooms, &visitor, &who, None, feed).await
}

async fn shown(
    rooms: &Rooms,
    visitor: &Visitor,
    who: &SignedIn,
    made: Option<String>,
    feed: String,
) -> Result<Response, Response> {
    let is_everybodys = who.viewer.role == Role::Administrator;
    if is_everybodys {
        rooms.record(&who.deed(Verb::Viewed, "/tokens", None)).await?;
    }
    let of = (!is_everybodys).then_some(&who.viewer.open_id);
    let tokens = rooms.porter.tokens.list(of).await.map_err(not_now)?;
    let (moments, words) = (rooms.moments(visitor), visitor.words);
    let row = |token: ApiToken| Row {
        scopes: token.scopes().map(|scope| words.api_scope(scope)).collect(),
        label: token.label,
        open_id: token.open_id.to_string(),
        made: moments.say(Some(token.made_at)),
        used: moments.say_with_distance(token.used_at, words),
        ends: moments.say_with_distance(Some(token.expires_at), words),
        hash: token.hash,
    };
    let choices =
        ApiScope::ALL.iter().map(|scope| Choice { word: scope.as_str(), purpose: words.api_scope(*scope) });
    let frame = Frame::of(&rooms.site, visitor, who, "/tokens");
    let page = TokensPage {
        title: frame.say("tokens-title"),
        made,
        is_everybodys,
        rows: tokens.into_iter().map(row).collect(),
        choices: choices.collect(),
        feed,
        frame,
    };
    Ok(show(StatusCode::OK, &page))
}

/// A box that is ticked is sent as `on`; one that is not is not sent.
#[derive(Deserialize)]
struct Wanted {
    label: String,
    days: String,
    recordings: Option<String>,
    content: Option<String>,
    service: Option<String>,
}

impl Wanted {
    fn scopes(&self) -> Vec<ApiScope> {
        let ticked = [
            (ApiScope::Recordings, &self.recordings),
            (ApiScope::Content, &self.content),
            (ApiScope::Service, &self.service),
        ];
        ticked.into_iter().filter(|(_, tick)| tick.is_some()).map(|(scope, _)| scope).collect()
    }
}

/// The token is told in the answer itself: no address may hold it.
async fn make(
    State(rooms): State<Rooms>,
    visitor: Visitor,
    headers: HeaderMap,
    uri: Uri,
    Submitted { who, form }: Submitted<Wanted>,
) -> Result<Response, Response> {
    let scopes = form.scopes();
    let Ok(days) = form.days.parse() else { return Err(Notice::BadForm.into_response()) };
    let new = NewApiToken { open_id: &who.viewer.open_id, label: &form.label, scopes: &scopes, days };
    let named: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
    let detail = format!("{} for {days} days: {}", named.join(" "), form.label);
    let deed = who.deed(Verb::Changed, "api token", Some(detail));
    let Some(token) = rooms.porter.tokens.make(new, &deed).await.map_err(not_now)? else {
        return Err(Notice::BadForm.into_response());
    };
    let feed = rooms.site.address(FEED, &headers, &uri);
    shown(&rooms, &visitor, &who, Some(token.expose_secret().to_owned()), feed).await
}

#[derive(Deserialize)]
struct Which {
    token: String,
}

async fn end(
    State(rooms): State<Rooms>,
    Submitted { who, form }: Submitted<Which>,
) -> Result<Response, Response> {
    let of = (who.viewer.role != Role::Administrator).then_some(&who.viewer.open_id);
    let deed = who.deed(Verb::Deleted, format!("api token {}", form.token), None);
    if !rooms.porter.tokens.end(&form.token, of, &deed).await.map_err(not_now)? {
        return Err(Notice::NotFound.into_response());
    }
    Ok(rooms.back("/tokens", "token-ended", 1))
}

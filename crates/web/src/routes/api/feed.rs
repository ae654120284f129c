//! `GET /api/v1/feed.rss`: the newest recordings of the token's maker, for feed readers (RSS 2.0). They bring the token
//! as a password, so that it stands in no address.

use archive::audit::Verb;
use archive::library::{Item, Shelf, Wish};
use archive::members::ApiScope;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse as _, Response};
use rss::{ChannelBuilder, GuidBuilder, ItemBuilder};

use crate::figures::{http_date, length};
use crate::reading_room::{ReadingRoom, not_now};
use crate::session::Caller;
use crate::visitor::Visitor;

const ITEMS: i64 = 50;

/// The newest recordings that the token's maker owns or attended, as RSS 2.0. The token may come as a password, too.
#[utoipa::path(get, path = "/feed.rss", tag = "recordings",
    responses((status = 200, content_type = "application/rss+xml", body = String)))]
pub(super) async fn feed(
    State(room): State<ReadingRoom>,
    visitor: Visitor,
    uri: Uri,
    headers: HeaderMap,
    caller: Caller,
) -> Result<Response, Response> {
    let who = caller.with(ApiScope::Recordings)?;
    room.note(&who, Verb::Viewed, "/api/v1/feed.rss", None).await?;
    let wish = Wish { shelf: Shelf::Open, limit: ITEMS, ..Wish::default() };
    let listed = room.catalog.listed(&who.viewer, &wish).await.map_err(not_now)?;
    // Readers show links; without a host they lead nowhere.
    let link = |path: &str| room.site.address(path, &headers, &uri);
    let words = visitor.words;
    let items = listed.items.iter().map(|item| {
        let address = link(&format!("/recordings/{}", item.minute_token));
        ItemBuilder::default()
            .title(Some(item.title.clone().unwrap_or_else(|| item.minute_token.to_string())))
            .description(Some(description(item)))
            .pub_date(Some(http_date(item.made_ms)))
            .guid(Some(GuidBuilder::default().value(item.minute_token.to_string()).permalink(false).build()))
            .link(Some(address))
            .build()
    });
    let channel = ChannelBuilder::default()
        .title(words.say("feed-title"))
        .link(link("/recordings"))
        .description(words.say("feed-description"))
        .language(Some(words.language().tag().to_owned()))
        .last_build_date(Some(http_date(who.at_ms)))
        .items(items.collect::<Vec<_>>())
        .build();
    let headers =
        [(CONTENT_TYPE, "application/rss+xml; charset=utf-8"), (CACHE_CONTROL, "private, no-cache")];
    Ok((headers, channel.to_string()).into_response())
}

/// `王芳 · 45:10`
fn description(item: &Item) -> String {
    let owner = item.owner.clone().or_else(|| item.owner_id.clone());
    let parts = [owner, item.duration_ms.map(length)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

//! `GET /api/v1/feed.rss`: the newest recordings of the token's maker, for feed readers (RSS 2.0). They bring the token
//! as a password, so that it stands in no address.

use archive::audit::Verb;
use archive::library::{Item, Shelf, Wish};
use archive::members::ApiScope;
use archive::model::{Role, Viewer};
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse as _, Response};
use rss::{ChannelBuilder, GuidBuilder, ItemBuilder};

use crate::figures::{http_date, length};
use crate::reading_room::{ReadingRoom, not_now, titled};
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
    // An auditor may open everybody's; this is a feed of one's own.
    let reader = Viewer { role: Role::Member, ..who.viewer.clone() };
    let listed = room.catalog.listed(&reader, &wish).await.map_err(not_now)?;
    // Readers show links; without a host they lead nowhere.
    let link = |path: &str| room.site.address(path, &headers, &uri);
    let words = visitor.words;
    let items = listed.items.iter().map(|item| {
        let address = link(&format!("/recordings/{}", item.minute_token));
        ItemBuilder::default()
            .title(Some(fit_for_xml(&titled(item.title.as_deref(), words))))
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
    fit_for_xml(&parts.into_iter().flatten().collect::<Vec<_>>().join(" · "))
}

/// Without the characters that XML 1.0 knows no way to write (section 2.2): one of them makes the whole feed unreadable.
fn fit_for_xml(text: &str) -> String {
    let is_fit = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    text.chars().filter(is_fit).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_feed_can_be_read_whatever_a_title_holds(title in any::<String>(), odd in "[\\x00-\\x1f\u{fffe}\u{ffff}]{0,4}") {
            let title = fit_for_xml(&format!("{title}{odd}"));
            let item = ItemBuilder::default().title(Some(title.clone())).build();
            let feed = ChannelBuilder::default().title("x").items(vec![item]).build().to_string();
            let read = rss::Channel::read_from(feed.as_bytes()).unwrap();
            let unfit = |c: char| {
                matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
            };
            prop_assert!(!feed.contains(unfit));
            prop_assert_eq!(read.items().len(), 1);
        }
    }
}

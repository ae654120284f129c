//! Finding minutes. Feishu docs: minutes-v1/minute/search.
//!
//! One call is one page. The platform silently stops wide searches short, so completeness (overlapping,
//! halved windows; owner and participant) is the caller's work.

use jiff::Timestamp;
use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::budget::Api;
use crate::client::Client;
use crate::error::Error;
use crate::ids::{MinuteToken, OpenId};
use crate::lenient;

/// The largest page that the platform gives.
const PAGE_SIZE: &str = "30";

/// What to search for; the platform demands at least one condition and takes at most 100 ids of a kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MinuteSearch {
    /// Minutes of these people.
    pub owner_ids: Vec<OpenId>,
    /// Minutes of meetings with these people.
    pub participant_ids: Vec<OpenId>,
    /// Made at or after, Unix milliseconds; rounded down to the second.
    pub from_ms: Option<i64>,
    /// Made at or before, Unix milliseconds; rounded up to the second.
    pub to_ms: Option<i64>,
    /// Words, at most 50 characters.
    pub query: Option<String>,
}

/// One page of findings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MinutePage {
    /// What was found; ask [`Client::minute`] for everything else about each.
    pub tokens: Vec<MinuteToken>,
    /// Items without a usable token: something was found and cannot be named, which somebody should know.
    pub skipped_items: usize,
    /// Whether there is another page.
    pub has_more: bool,
    /// For the next page. Where `has_more` comes without it, the search is cut short.
    pub page_token: Option<String>,
    /// The platform's clock when it answered, Unix milliseconds.
    pub served_at_ms: Option<i64>,
}

impl Client {
    /// One page of a search with a person's token. Scope `minutes:minutes.search:read`.
    pub async fn search_minutes(
        &self,
        access: &SecretString,
        search: &MinuteSearch,
        page_token: Option<&str>,
    ) -> Result<MinutePage, Error> {
        // Paging belongs to the query: in the body the platform ignores it and page one repeats for ever.
        let mut request = self
            .request(Method::POST, "/open-apis/minutes/v1/minutes/search")
            .bearer_auth(access.expose_secret())
            .query(&[("page_size", PAGE_SIZE), ("user_id_type", "open_id")])
            .json(&search_body(search));
        if let Some(page_token) = page_token {
            request = request.query(&[("page_token", page_token)]);
        }
        let answer = self.call(Api::SearchMinutes, request).await?;
        Ok(read_page(answer.data()?, answer.served_at_ms))
    }
}

pub(crate) fn read_page(data: &Value, served_at_ms: Option<i64>) -> MinutePage {
    let items = lenient::list(data, "items");
    let tokens: Vec<_> =
        items.iter().filter_map(|item| MinuteToken::parse(&lenient::text(item, "token")?).ok()).collect();
    MinutePage {
        skipped_items: items.len() - tokens.len(),
        tokens,
        has_more: lenient::flag(data, "has_more"),
        page_token: lenient::text(data, "page_token"),
        served_at_ms,
    }
}

fn search_body(search: &MinuteSearch) -> Value {
    let mut filter = serde_json::Map::new();
    for (key, ids) in [("owner_ids", &search.owner_ids), ("participant_ids", &search.participant_ids)] {
        if !ids.is_empty() {
            filter.insert(key.to_owned(), json!(ids));
        }
    }
    let mut create_time = serde_json::Map::new();
    for (key, second) in [
        ("start_time", search.from_ms.map(|ms| ms.div_euclid(1000))),
        ("end_time", search.to_ms.map(|ms| ms.saturating_add(999).div_euclid(1000))),
    ] {
        // A time outside the calendar is no condition at all.
        if let Some(time) = second.and_then(|second| Timestamp::from_second(second).ok()) {
            create_time.insert(key.to_owned(), json!(time.to_string()));
        }
    }
    if !create_time.is_empty() {
        filter.insert("create_time".to_owned(), Value::Object(create_time));
    }
    let mut body = serde_json::Map::new();
    if let Some(query) = &search.query {
        body.insert("query".to_owned(), json!(query));
    }
    if !filter.is_empty() {
        body.insert("filter".to_owned(), Value::Object(filter));
    }
    Value::Object(body)
}

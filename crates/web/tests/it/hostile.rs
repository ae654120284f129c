//! Whatever somebody calls a meeting or writes in a form is text wherever it turns up: it does nothing,
//! and it turns nothing round but itself.

use std::collections::BTreeSet;

use rss::{Channel, Item};

use crate::api::{call, made};
use crate::rooms::{ADMINISTRATOR, MEMBER, plan, signed_in};
use crate::shelf::token;
use crate::storage::post;

const DAY_MS: i64 = 86_400_000;
/// Of what somebody calls a token, in characters.
const LONGEST_LABEL: usize = 100;

fn texts() -> [String; 5] {
    [
        "<script>alert(1)</script>".to_owned(),
        "\u{202e}gnp.exe\u{2066}".to_owned(),
        "w".repeat(300),
        "👨‍👩‍👧‍👦🇨🇳".to_owned(),
        "\"><img src=x onerror=a>'; DROP TABLE x & y".to_owned(),
    ]
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&#38;").replace('<', "&#60;").replace('>', "&#62;");
    text.replace('"', "&#34;").replace('\'', "&#39;")
}

/// What of a page nothing sets apart.
fn outside(page: &str) -> String {
    let mut pieces = page.split("<bdi>");
    let first = pieces.next().unwrap_or_default();
    let others = pieces.map(|piece| piece.split_once("</bdi>").map_or(piece, |(_, behind)| behind));
    std::iter::once(first).chain(others).collect()
}

/// Each of these is read there so many times, set apart from what is around it, and none is more than text.
fn reads(page: &str, texts: &[String], times: usize) {
    for text in texts {
        let shown = format!("<bdi>{}</bdi>", escaped(text));
        assert_eq!(page.matches(&shown).count(), times, "{shown} on {page}");
    }
    let others = page.replace("<script src=\"/static/", "");
    for trick in ["<script", "<img src=x", "onerror=a>"] {
        assert!(!others.contains(trick), "{trick} is on {page}");
    }
    assert!(!outside(page).contains(['\u{202e}', '\u{2066}']), "more than itself is turned round on {page}");
}

#[tokio::test]
async fn titles_are_text_in_what_a_rule_would_take_and_in_the_trash() {
    let (house, texts) = (plan().build().await, texts());
    for (number, text) in texts.iter().enumerate() {
        house.keep(number, MEMBER, text).await;
    }
    house.clock.advance(400 * DAY_MS);
    let mut browser = signed_in(&house, ADMINISTRATOR).await;
    let rule = post(&mut browser, &house, "/storage/rules", &[("days", "30")]).await;
    reads(&browser.get(&house, rule.header("location")).await.body, &texts, 1);
    for number in 0..texts.len() {
        let recording = token(number);
        let answer = post(&mut browser, &house, "/storage/trash", &[("token", recording.as_str())]).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
    }
    reads(&browser.get(&house, "/storage").await.body, &texts, 1);
}

#[tokio::test]
async fn why_something_is_held_and_why_no_more_is_text() {
    let (house, texts) = (plan().build().await, texts());
    let mut browser = signed_in(&house, ADMINISTRATOR).await;
    for (number, text) in texts.iter().enumerate() {
        house.keep(number, MEMBER, text).await;
        let recording = token(number);
        let form = [("on", recording.as_str()), ("reason", text.as_str())];
        let answer = post(&mut browser, &house, "/storage/holds", &form).await;
        assert_eq!(answer.header("location"), "/storage?said=hold-placed&count=0");
    }
    // As the recording's title, and as the reason.
    reads(&browser.get(&house, "/storage").await.body, &texts, 2);
    for hold in house.catalog.holds(false).await.unwrap() {
        let form = [("hold", hold.id.as_str()), ("why", hold.reason.as_str())];
        assert_eq!(post(&mut browser, &house, "/storage/holds/lift", &form).await.status, 303);
    }
    let page = browser.get(&house, "/storage").await.body;
    reads(&page, &texts, 2);
    for text in &texts {
        assert!(page.contains(&format!(" · {}</bdi>", escaped(text))), "{text} is not on {page}");
    }
}

#[tokio::test]
async fn what_somebody_calls_a_token_is_text() {
    let (house, texts) = (plan().build().await, texts());
    let mut maker = signed_in(&house, MEMBER).await;
    for text in &texts {
        let form = [("label", text.as_str()), ("days", "30"), ("recordings", "on")];
        let answer = post(&mut maker, &house, "/tokens", &form).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    let labels = texts.map(|text| text.chars().take(LONGEST_LABEL).collect::<String>());
    reads(&maker.get(&house, "/tokens").await.body, &labels, 1);
    let mut administrator = signed_in(&house, ADMINISTRATOR).await;
    reads(&administrator.get(&house, "/tokens").await.body, &labels, 1);
}

#[tokio::test]
async fn names_answers_and_titles_are_text_in_the_settings() {
    let (house, texts) = (plan().build().await, texts());
    for (number, text) in texts.iter().enumerate() {
        // The names that files would have are made of titles.
        house.keep(number, MEMBER, text).await;
        let receiver = format!("ou_{number:032}");
        let name = "INSERT INTO people (open_id, name) VALUES ($1, $2)";
        let values = vec![receiver.as_str().into(), text.into()];
        house.catalog.db().execute(name, values).await.unwrap();
        let facts = serde_json::json!({"name": text}).to_string();
        let message =
            "INSERT INTO notices (id, receiver, matter, about, facts, made_at, reason, reason_detail)
            VALUES ($1, $1, 'unreachable', '', $2, 1, 'bot_out_of_reach', $3)";
        let values = vec![receiver.as_str().into(), facts.into(), text.into()];
        house.catalog.db().execute(message, values).await.unwrap();
    }
    let mut browser = signed_in(&house, ADMINISTRATOR).await;
    // As the receiver's name, and as what the platform answered.
    reads(&browser.get(&house, "/settings").await.body, &texts, 2);
}

#[tokio::test]
async fn the_feed_can_be_read_whatever_titles_hold() {
    let (house, texts) = (plan().build().await, texts());
    for (number, text) in texts.iter().enumerate() {
        house.keep(number, MEMBER, text).await;
    }
    house.keep(texts.len(), MEMBER, "一\u{1}二\u{b}三").await;
    let key = made(&house, MEMBER, &["recordings"]).await;
    let feed = String::from_utf8(call(&house, &key, "/feed.rss").await.body).unwrap();
    // XML 1.0 knows no way to write the last two: one of them, and the whole feed cannot be read.
    for never in ["<script", "<img", "\u{1}", "\u{b}"] {
        assert!(!feed.contains(never), "{never:?} is in {feed}");
    }
    let channel = Channel::read_from(feed.as_bytes()).unwrap();
    let titles: BTreeSet<&str> = channel.items().iter().filter_map(Item::title).collect();
    assert_eq!(titles.len(), texts.len() + 1, "{titles:?}");
    for text in &texts {
        assert!(titles.contains(text.as_str()), "{text} is not in {titles:?}");
    }
    let is_readable = |title: &&str| title.starts_with('一') && title.contains('二') && title.ends_with('三');
    assert!(titles.iter().any(is_readable), "{titles:?}");
}

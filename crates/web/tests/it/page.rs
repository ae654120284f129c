//! What all answers have in common.

use axum::body::Body;
use axum::http::Request;

use crate::house::{Browser, House, Plan};

#[tokio::test]
async fn every_answer_is_dressed() {
    let house = House::plain().await;
    for path in ["/auth/start", "/auth/callback", "/nowhere", "/healthz"] {
        let answer = Browser::default().get(&house, path).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'self'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert!(answer.header("x-request-id").len() >= 12);
        for inline in ["<script", " style=", "<style", " onclick="] {
            assert!(!answer.body.contains(inline), "{path} has {inline}, which the policy forbids");
        }
    }
}

#[tokio::test]
async fn pages_find_their_style_and_icon_under_any_base() {
    for (plan, base) in [(Plan::default(), ""), (Plan::at("https://example.com/vault"), "/vault")] {
        let house = plan.build().await;
        let page = Browser::default().get(&house, "/auth/start").await.body;
        let prefix = format!("href=\"{base}/static/");
        let names: Vec<&str> =
            page.split(&prefix).skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        assert_eq!(names.len(), 3, "{page}");
        for (name, kind) in names.iter().zip(["text/css", "text/css", "image/svg+xml"]) {
            let asset = Browser::default().get(&house, &format!("/static/{name}")).await;
            assert_eq!(asset.status, 200);
            assert!(asset.header("content-type").starts_with(kind));
            assert!(asset.header("cache-control").contains("immutable"));
        }
    }
}

#[tokio::test]
async fn nowhere_is_a_page_for_people_and_json_for_programs() {
    let house = House::plain().await;
    Browser::default().get(&house, "/nowhere").await.shows(404, "notice-not-found-title");
    Browser::default().get(&house, "/webhook/event").await.shows(405, "notice-wrong-method-title");
    Browser::default().get(&house, "/static/../../etc/passwd").await.shows(404, "notice-not-found-title");
    let program = house.send(Request::get("/nowhere").body(Body::empty()).unwrap()).await;
    assert_eq!(program.status, 404);
    assert!(program.body.starts_with("{\"error\":\"not found\""), "{}", program.body);
}

#[tokio::test]
async fn the_front_door_leads_to_the_sign_in() {
    let house = Plan::at("https://example.com/vault/").build().await;
    let answer = Browser::default().get(&house, "/").await;
    assert!(answer.status.is_redirection());
    assert_eq!(answer.header("location"), "/vault/auth/sign-in");
}

#[tokio::test]
async fn light_and_dark_are_known_before_the_first_byte() {
    let house = House::plain().await;
    let mut browser = Browser::default();
    let dark_css = |page: &str| page.lines().find(|line| line.contains("/static/dark.")).map(str::to_owned);
    let system = browser.get(&house, "/auth/sign-in?to=%2Fsessions").await.body;
    assert!(system.contains("content=\"light dark\""));
    assert!(dark_css(&system).unwrap().contains("media=\"screen and (prefers-color-scheme: dark)\""));
    assert!(system.contains("href=\"?to=%2Fsessions&#38;theme=dark\""), "the way goes on: {system}");
    let dark = browser.get(&house, "/auth/sign-in?theme=dark").await;
    assert!(dark_css(&dark.body).unwrap().contains("media=\"screen\""));
    let again = browser.get(&house, "/nowhere").await.body;
    assert!(again.contains("content=\"dark\""), "it stays, on every page");
    let light = browser.get(&house, "/auth/start?theme=light").await.body;
    assert_eq!(dark_css(&light), None);
    browser.get(&house, "/auth/start?theme=system").await;
    assert!(!browser.cookies.contains_key("mv_theme"));
}

#[tokio::test]
async fn what_came_back_from_the_platform_is_in_no_link() {
    let house = House::plain().await;
    let mut browser = Browser::default();
    let callback = browser.allow(&house, "张伟").await;
    let code = callback.split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let page = browser.get(&house, &callback).await.body;
    assert!(!page.contains(&code), "{page}");
}

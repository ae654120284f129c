//! `GET /auth/start`.

use archive::members::{COMPANY_RECORD_SCOPE, Features};
use axum::body::Body;
use axum::http::Request;
use url::Url;

use crate::house::{ALL, Browser, House, Plan};

fn query(url: &Url, name: &str) -> String {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
}

#[tokio::test]
async fn the_page_is_in_the_readers_language_and_can_be_switched() {
    let house = House::plain().await;
    for (language, path, tag, button) in [
        ("zh-CN,zh;q=0.9,en;q=0.5", "/auth/start", "zh-CN", "去飞书授权"),
        ("en-US,en;q=0.9", "/auth/start", "en", "Authorise in Feishu"),
        ("zh-CN", "/auth/start?lang=en", "en", "Authorise in Feishu"),
        ("en", "/auth/start?lang=zh", "zh-CN", "去飞书授权"),
        ("fr", "/auth/start?lang=fr", "zh-CN", "去飞书授权"),
    ] {
        let page = Browser { language, ..Browser::default() }.get(&house, path).await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains(&format!("<html lang=\"{tag}\">")), "{language} {path}");
        assert!(page.body.contains(button), "{language} {path}");
        let other = if tag == "en" { "/auth/start?lang=zh" } else { "/auth/start?lang=en" };
        assert!(page.body.contains(&format!("href=\"{other}\"")), "{language} {path}");
    }
}

#[tokio::test]
async fn the_page_names_exactly_the_scopes_that_the_button_asks_for() {
    for features in [
        ALL,
        Features { transcripts: false, summaries: true },
        Features { transcripts: false, summaries: false },
    ] {
        let house = Plan { features, ..Plan::default() }.build().await;
        let page = Browser::default().get(&house, "/auth/start").await;
        let asked = query(&page.authorize_url(), "scope");
        assert_eq!(asked, features.user_scopes().join(" "));
        assert!(asked.contains("offline_access"));
        for scope in ALL.user_scopes() {
            let explained = page.body.contains(&format!("<code>{scope}</code>"));
            assert_eq!(explained, features.user_scopes().contains(&scope), "{scope}");
        }
    }
}

#[tokio::test]
async fn only_an_administrator_who_comes_for_it_is_asked_for_the_companys_record() {
    for (has_administrators, path, asked) in [
        (true, "/auth/start?for=company-record&lang=en", true),
        (true, "/auth/start?lang=en", false),
        (false, "/auth/start?for=company-record&lang=en", false),
    ] {
        let mut plan = Plan::default();
        plan.site.has_administrators = has_administrators;
        let house = plan.build().await;
        let page = Browser::default().get(&house, path).await;
        let scopes = query(&page.authorize_url(), "scope");
        assert_eq!(scopes.contains(COMPANY_RECORD_SCOPE), asked, "{path}");
        assert_eq!(page.body.contains(&format!("<code>{COMPANY_RECORD_SCOPE}</code>")), asked, "{path}");
        // Somebody who reads on in the other language is asked for the same.
        let other = "href=\"/auth/start?lang=zh&#38;for=company-record\"";
        assert_eq!(page.body.contains(other), asked, "{}", page.body);
    }
}

#[tokio::test]
async fn the_way_back_is_the_public_address_else_the_one_that_was_asked_for() {
    let request = || {
        Request::get("/auth/start")
            .header("host", "10.1.2.3:29090")
            .header("x-forwarded-host", "vault.example.com")
            .header("x-forwarded-proto", "https")
            .body(Body::empty())
            .unwrap()
    };
    let behind_proxy = || {
        let mut plan = Plan::default();
        plan.site.trust_proxy = true;
        plan
    };
    for (plan, expected) in [
        (Plan::default(), "http://10.1.2.3:29090/auth/callback"),
        (behind_proxy(), "https://vault.example.com/auth/callback"),
        (Plan::at("https://kept.example.com/vault/"), "https://kept.example.com/vault/auth/callback"),
    ] {
        let house = plan.build().await;
        let page = house.send(request()).await;
        assert_eq!(query(&page.authorize_url(), "redirect_uri"), expected);
        let cookies = page.set_cookies();
        let is_secure = cookies.iter().all(|cookie| cookie.contains("; Secure"));
        assert_eq!((cookies.len(), is_secure), (1, expected.starts_with("https")), "{cookies:?}");
    }
}

#[tokio::test]
async fn without_a_proper_host_there_is_no_button() {
    let house = House::plain().await;
    for host in ["evil.example/x", "user@evil.example", ""] {
        let request = Request::get("/auth/start").header("host", host).body(Body::empty()).unwrap();
        let page = house.send(request).await;
        page.shows(400, "notice-bad-host-title");
        assert!(page.set_cookies().is_empty());
    }
}

#[tokio::test]
async fn the_cookie_is_the_browsers_alone_and_tells_nothing() {
    let house = Plan::at("https://example.com/vault").build().await;
    let page = Browser::default().get(&house, "/auth/start").await;
    let state = query(&page.authorize_url(), "state");
    assert!(state.len() >= 43 && query(&page.authorize_url(), "code_challenge_method") == "S256");
    let cookie = page.set_cookies().concat();
    for attribute in ["; HttpOnly", "; SameSite=Lax", "; Secure", "; Path=/vault/auth", "; Max-Age="] {
        assert!(cookie.contains(attribute), "{attribute} is not in {cookie}");
    }
    assert!(cookie.starts_with("mv_auth_") && !cookie.contains(&state) && !cookie.contains("verifier"));
    assert_eq!(page.header("cache-control"), "no-store");
}

#[tokio::test]
async fn several_tabs_work_and_a_browser_is_not_flooded() {
    let house = House::plain().await;
    let mut browser = Browser::default();
    browser.cookies.insert("mv_auth_of_an_old_key".to_owned(), "unreadable".to_owned());
    browser.cookies.insert("other".to_owned(), "theirs".to_owned());
    let mut buttons = Vec::new();
    for _ in 0..8 {
        buttons.push(browser.start(&house).await);
        house.clock.advance(1_000);
    }
    let ours = browser.cookies.keys().filter(|name| name.starts_with("mv_auth_")).count();
    assert_eq!((ours, browser.cookies.len()), (5, 6), "{:?}", browser.cookies.keys());
    let forgotten = house.decide(&buttons[2], "张伟", "allow").await;
    browser.get(&house, &forgotten).await.shows(400, "notice-not-yours-title");
    for button in &buttons[3..] {
        let callback = house.decide(button, "张伟", "allow").await;
        assert_eq!(browser.get(&house, &callback).await.status, 200);
    }
}

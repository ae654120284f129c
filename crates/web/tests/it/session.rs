//! Signing in and out, sessions and their ends, and who is let in where.

use archive::audit::{AuditFilter, verify};
use archive::members::{IDLE_MS, LIFETIME_MS};
use archive::model::Clock as _;
use axum::body::Body;
use axum::http::Request;
use url::Url;

use crate::house::{Browser, House, Plan};

const ADMINISTRATOR: &str = "张伟";
const MEMBER: &str = "王芳";

async fn house() -> House {
    Plan { administrators: vec![ADMINISTRATOR], auditors: vec!["李娜"], ..Plan::default() }.build().await
}

async fn deeds(house: &House) -> Vec<(String, String, String)> {
    let filter = AuditFilter { limit: 100, ..AuditFilter::default() };
    let mut rows = house.catalog.audit_rows(&filter).await.expect("the log");
    rows.reverse();
    rows.into_iter().map(|row| (row.verb, row.actor, row.subject)).collect()
}

#[tokio::test]
async fn signing_in_asks_for_nothing_but_who_it_is_and_stores_no_grant() {
    let house = house().await;
    let mut browser = Browser::default();
    let button = browser.get(&house, "/auth/sign-in").await.authorize_url();
    assert!(!button.query_pairs().any(|(name, _)| name == "scope"), "{button}");
    assert!(button.query_pairs().any(|(name, value)| name == "code_challenge_method" && value == "S256"));
    let callback = house.decide(&button, MEMBER, "allow").await;
    let answer = browser.get(&house, &callback).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/"));
    assert!(house.members().await.is_empty(), "who only signs in is no member yet");
    assert_eq!(browser.cookies.keys().collect::<Vec<_>>(), ["mv_session"]);
    let id = house.person(MEMBER).to_owned();
    assert_eq!(deeds(&house).await, [("signed_in".to_owned(), id.clone(), id)]);
}

#[tokio::test]
async fn the_cookie_is_the_browsers_alone_and_the_catalogue_has_only_its_hash() {
    for (plan, is_secure, path) in
        [(Plan::default(), false, "/"), (Plan::at("https://example.com/vault"), true, "/vault/")]
    {
        let house = plan.build().await;
        let mut browser = Browser::default();
        let answer = browser.sign_in(&house, MEMBER).await;
        let cookie = answer.set_cookies().into_iter().find(|it| it.starts_with("mv_session=")).unwrap();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
        assert!(
            cookie.contains(&format!("Path={path}")) && cookie.contains("Secure") == is_secure,
            "{cookie}"
        );
        let held = &browser.cookies["mv_session"];
        assert!(held.len() >= 43);
        let row: Option<(String,)> =
            house.catalog.db().row("SELECT hash FROM sessions", Vec::new()).await.unwrap();
        assert!(!row.unwrap().0.contains(held));
    }
}

#[tokio::test]
async fn whoever_wanted_a_page_comes_to_it_after_signing_in() {
    let house = house().await;
    let mut browser = Browser::default();
    let turned_away = browser.get(&house, "/sessions?x=%E5%91%A8").await;
    assert_eq!(turned_away.status, 303);
    let sign_in = turned_away.header("location").to_owned();
    assert_eq!(sign_in, "/auth/sign-in?to=%2Fsessions%3Fx%3D%25E5%2591%25A8");
    let answer = browser.sign_in_at(&house, MEMBER, &sign_in).await;
    assert_eq!(answer.header("location"), "/sessions?x=%E5%91%A8");
    for away in ["https%3A%2F%2Fevil.example", "%2F%2Fevil.example", "%2F%5Cevil.example"] {
        let answer = browser.sign_in_at(&house, MEMBER, &format!("/auth/sign-in?to={away}")).await;
        assert_eq!(answer.header("location"), "/", "{away}");
    }
}

#[tokio::test]
async fn a_form_without_a_session_leads_to_the_sign_in_and_is_not_sent_again() {
    let house = house().await;
    let answer = house.send(Request::post("/sessions/end").body(Body::empty()).unwrap()).await;
    assert_eq!(answer.header("location"), "/auth/sign-in?to=%2F");
}

#[tokio::test]
async fn whoever_leaves_the_company_is_out_at_once() {
    let house = house().await;
    let mut browser = Browser::default();
    let callback = browser.allow(&house, MEMBER).await;
    browser.get(&house, &callback).await;
    browser.sign_in(&house, MEMBER).await;
    assert_eq!(browser.get(&house, "/sessions").await.status, 200);
    house.clock.advance(1_000);
    let left = "UPDATE members SET state = 'departed', state_at = $1";
    house.catalog.db().execute(left, vec![house.clock.now_ms().into()]).await.unwrap();
    assert_eq!(browser.get(&house, "/sessions").await.status, 303);
    house.clock.advance(1_000);
    browser.sign_in(&house, MEMBER).await;
    assert_eq!(browser.get(&house, "/sessions").await.status, 200, "the platform let them in again since");
}

#[tokio::test]
async fn signing_in_again_ends_the_session_that_the_browser_had() {
    let house = house().await;
    let mut browser = Browser::default();
    browser.sign_in(&house, MEMBER).await;
    let mut before = browser.clone();
    browser.sign_in(&house, MEMBER).await;
    assert_ne!(before.cookies["mv_session"], browser.cookies["mv_session"]);
    assert_eq!(browser.get(&house, "/sessions").await.status, 200);
    assert_eq!(before.get(&house, "/sessions").await.status, 303);
}

#[tokio::test]
async fn a_session_ends_when_idle_and_when_it_has_lasted_long_enough() {
    let house = house().await;
    let mut browser = Browser::default();
    browser.sign_in(&house, MEMBER).await;
    house.clock.advance(IDLE_MS);
    assert_eq!(browser.get(&house, "/sessions").await.status, 200);
    house.clock.advance(IDLE_MS + 1);
    assert_eq!(browser.get(&house, "/sessions").await.status, 303, "idle for too long");

    browser.sign_in(&house, MEMBER).await;
    for _ in 0..LIFETIME_MS / IDLE_MS {
        assert_eq!(browser.get(&house, "/sessions").await.status, 200);
        house.clock.advance(IDLE_MS);
    }
    assert_eq!(browser.get(&house, "/sessions").await.status, 200);
    house.clock.advance(1);
    assert_eq!(browser.get(&house, "/sessions").await.status, 303, "never idle, and over all the same");
}

#[tokio::test]
async fn signing_out_takes_a_form_of_our_own() {
    let house = house().await;
    let mut browser = Browser::default();
    browser.sign_in(&house, MEMBER).await;
    let csrf = browser.get(&house, "/sessions").await.csrf();
    for forged in [&[][..], &[("csrf", "")], &[("csrf", "AAAA")]] {
        browser.post(&house, "/auth/sign-out", forged).await.shows(400, "notice-bad-form-title");
        assert_eq!(browser.get(&house, "/sessions").await.status, 200);
    }
    let mut other = Browser::default();
    other.sign_in(&house, "李娜").await;
    let theirs = other.get(&house, "/sessions").await.csrf();
    browser.post(&house, "/auth/sign-out", &[("csrf", &theirs)]).await.shows(400, "notice-bad-form-title");

    let kept = browser.clone();
    let answer = browser.post(&house, "/auth/sign-out", &[("csrf", &csrf)]).await;
    assert_eq!(answer.header("location"), "/auth/sign-in");
    assert!(browser.cookies.is_empty());
    assert_eq!(kept.clone().get(&house, "/sessions").await.status, 303, "the cookie is worth nothing now");
    assert_eq!(deeds(&house).await.last().unwrap().0, "signed_out");
    assert_eq!(verify(&house.catalog).await.unwrap().broken, None);
}

#[tokio::test]
async fn a_person_of_another_company_is_not_let_in() {
    let house = house().await;
    house.catalog.set_meta("tenant_key", "another company").await.unwrap();
    let mut browser = Browser::default();
    browser.sign_in(&house, MEMBER).await.shows(403, "notice-other-company-title");
    assert!(browser.cookies.is_empty());
    assert!(deeds(&house).await.is_empty());
}

#[tokio::test]
async fn who_cannot_be_written_down_does_not_come_in() {
    let house = house().await;
    house.catalog.db().execute("DROP TABLE audit", Vec::new()).await.unwrap();
    let mut browser = Browser::default();
    browser.sign_in(&house, MEMBER).await.shows(503, "notice-sign-in-not-stored-title");
    assert!(browser.cookies.is_empty());
    let row: Option<(i64,)> =
        house.catalog.db().row("SELECT COUNT(*) FROM sessions", Vec::new()).await.unwrap();
    assert_eq!(row.unwrap().0, 0);
}

#[tokio::test]
async fn the_first_administrator_comes_by_a_link_that_works_once() {
    let house = House::plain().await;
    let roster = archive::members::Roster::new(house.catalog.clone(), Vec::new(), Vec::new());
    let key = |key: Option<secrecy::SecretString>| {
        use secrecy::ExposeSecret as _;
        format!("/auth/sign-in?first={}", key.expect("a key").expose_secret())
    };
    let void = key(roster.first_link().await.unwrap());
    let link = key(roster.first_link().await.unwrap());
    let mut browser = Browser::default();
    browser.sign_in_at(&house, MEMBER, &void).await.shows(400, "notice-link-void-title");
    assert!(!browser.cookies.contains_key("mv_session"));
    browser.sign_in_at(&house, ADMINISTRATOR, &link).await;
    assert_eq!(browser.get(&house, "/overview").await.status, 200);
    let mut second = Browser::default();
    second.sign_in_at(&house, MEMBER, &link).await.shows(400, "notice-link-void-title");
    assert!(roster.first_link().await.unwrap().is_none());
}

#[tokio::test]
async fn too_many_tries_are_sent_away_for_a_while() {
    let house = house().await;
    let mut browser = Browser::default();
    let mut refused = None;
    for number in 0..100 {
        let page = browser.get(&house, "/auth/sign-in").await;
        if page.status != 200 {
            page.shows(429, "notice-too-many-title");
            assert_eq!(page.header("retry-after"), "60");
            refused = Some(number);
            break;
        }
    }
    assert_eq!(refused, Some(60));
    house.clock.advance(60_000);
    assert_eq!(browser.get(&house, "/auth/sign-in").await.status, 200);
}

#[tokio::test]
async fn whoever_comes_faster_than_any_hand_waits_and_others_do_not() {
    let house = house().await;
    let (mut browser, mut other) = (Browser::default(), Browser::default());
    browser.sign_in(&house, MEMBER).await;
    other.sign_in(&house, MEMBER).await;
    house.clock.advance(60_000);
    // No recording is called so: nothing is looked up but who asks.
    let mut admitted = 0;
    while browser.get(&house, "/recordings/x/cover").await.status == 404 {
        admitted += 1;
        assert!(admitted <= 6_000, "there is no end to it");
    }
    assert_eq!(admitted, 6_000);
    let page = browser.get(&house, "/recordings").await;
    page.shows(429, "notice-too-fast-title");
    assert_eq!(page.header("retry-after"), "60");
    browser.get(&house, "/").await.shows(429, "notice-too-fast-title");
    assert_eq!(other.get(&house, "/recordings").await.status, 200);
    house.clock.advance(60_000);
    assert_eq!(browser.get(&house, "/recordings").await.status, 200);
}

#[tokio::test]
async fn a_person_at_the_sign_in_who_refuses_may_try_again() {
    let house = house().await;
    let mut browser = Browser::default();
    let button: Url = browser.get(&house, "/auth/sign-in").await.authorize_url();
    let declined = house.decide(&button, MEMBER, "deny").await;
    let page = browser.get(&house, &declined).await;
    page.shows(403, "notice-sign-in-declined-title");
    assert!(page.body.contains("href=\"/auth/sign-in?lang=zh\""), "{}", page.body);
}

//! Programs: what a token opens, and what it does not.

use archive::audit::AuditFilter;
use axum::body::Body;
use axum::http::header::{AUTHORIZATION, HOST, RANGE};
use axum::http::{Method, Request};
use serde_json::Value;

use crate::house::{Answer, Browser, House, Plan};
use crate::shelf::{media, token};

const OWNER: &str = "张伟";
const OTHER: &str = "王芳";
const AUDITOR: &str = "李娜";
const ALL: [&str; 3] = ["recordings", "content", "service"];
const DOORS: [&str; 10] = [
    "/me",
    "/recordings",
    "/recordings/obcn00000000000000000001",
    "/recordings/obcn00000000000000000001/media",
    "/recordings/obcn00000000000000000001/transcript",
    "/recordings/obcn00000000000000000001/notes",
    "/search?q=GPT5",
    "/status",
    "/audit",
    "/feed.rss",
];

async fn house() -> House {
    Plan { auditors: vec![AUDITOR], ..Plan::default() }.build().await
}

/// Makes a token on the page, as a person does; the token.
pub(crate) async fn made(house: &House, name: &str, scopes: &[&str]) -> String {
    let mut browser = Browser::default();
    browser.sign_in(house, name).await;
    let csrf = browser.get(house, "/tokens").await.csrf();
    let mut form = vec![("csrf", csrf.as_str()), ("label", "月报"), ("days", "30")];
    form.extend(scopes.iter().map(|scope| (*scope, "on")));
    let page = browser.post(house, "/tokens", &form).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert_eq!(page.header("cache-control"), "no-store");
    let token = page.body.split("value=\"").find(|rest| rest.starts_with("mvt_")).expect("a token");
    let token = token.split('"').next().expect("its end").to_owned();
    let again = browser.get(house, "/tokens").await;
    assert!(!again.body.contains(&token) && again.body.contains("月报"), "it is shown once");
    token
}

pub(crate) async fn call(house: &House, token: &str, path: &str) -> Answer<Vec<u8>> {
    let request = Request::get(format!("/api/v1{path}"))
        .header(HOST, "vault.test")
        .header(AUTHORIZATION, format!("Bearer {token}"));
    house.send_for_bytes(request.body(Body::empty()).expect("a request")).await
}

pub(crate) async fn json(house: &House, token: &str, path: &str) -> Value {
    let answer = call(house, token, path).await;
    assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.body));
    serde_json::from_slice(&answer.body).expect("JSON")
}

async fn written_down(house: &House, verb: &str) -> usize {
    let filter = AuditFilter { verb: Some(verb.to_owned()), limit: 1_000, ..AuditFilter::default() };
    house.catalog.audit_rows(&filter).await.expect("the log").len()
}

#[tokio::test]
async fn a_program_reads_what_its_maker_may_read() {
    let house = house().await;
    house.keep(1, OWNER, "机密周会").await;
    let key = made(&house, OWNER, &ALL).await;
    let list = json(&house, &key, "/recordings").await;
    let row = &list["recordings"][0];
    assert_eq!((row["title"].as_str(), row["kind"].as_str()), (Some("机密周会"), Some("video")));
    assert_eq!((row["may_open"].as_bool(), list["next"].as_str()), (Some(true), None));
    assert!(row["made_at"].as_str().is_some_and(|at| at.ends_with('Z')), "{row}");
    let one = json(&house, &key, &format!("/recordings/{}", token(1))).await;
    assert_eq!(one["parts"][0]["sha256"].as_str().map(str::len), Some(64));
    let said = json(&house, &key, &format!("/recordings/{}/transcript", token(1))).await;
    assert_eq!(said["lines"][1]["speaker"], "李雷");
    let notes = json(&house, &key, &format!("/recordings/{}/notes", token(1))).await;
    assert_eq!(notes["todos"][0]["assignees"], "王芳");
    let found = json(&house, &key, "/search?q=GPT5").await;
    assert_eq!(found["hits"][0]["sentences"][0]["at_ms"], 5_000);
    let path = format!("/api/v1/recordings/{}/media", token(1));
    let request =
        Request::get(path).header(AUTHORIZATION, format!("Bearer {key}")).header(RANGE, "bytes=5-9");
    let part = house.send_for_bytes(request.body(Body::empty()).unwrap()).await;
    assert_eq!((part.status.as_u16(), &part.body[..]), (206, &media()[5..10]));
    let feed = call(&house, &key, "/feed.rss").await;
    let feed = String::from_utf8(feed.body).unwrap();
    assert!(feed.contains("机密周会") && feed.contains("<rss"), "{feed}");
}

#[tokio::test]
async fn a_token_opens_nothing_of_others_and_nothing_that_it_does_not_name() {
    let house = house().await;
    house.keep(1, OWNER, "机密周会").await;
    let other = made(&house, OTHER, &ALL).await;
    for door in DOORS {
        let answer = call(&house, &other, door).await;
        let expected = match door {
            _ if door.starts_with("/recordings/") => 404,
            "/status" | "/audit" => 403,
            _ => 200,
        };
        assert_eq!(answer.status.as_u16(), expected, "{door}");
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(!body.contains("机密") && !body.contains("数据库"), "{door}: {body}");
    }
    assert_eq!(written_down(&house, "refused").await, 4);
    let narrow = made(&house, OWNER, &["service"]).await;
    for door in DOORS.into_iter().filter(|door| *door != "/me") {
        assert_eq!(call(&house, &narrow, door).await.status, 403, "{door}");
    }
    let auditor = made(&house, AUDITOR, &ALL).await;
    let before = written_down(&house, "exported").await;
    for door in DOORS {
        assert_eq!(call(&house, &auditor, door).await.status, 200, "{door}");
    }
    assert_eq!(written_down(&house, "exported").await - before, 3, "media, transcript, notes");
    assert_eq!(call(&house, &auditor, "/members").await.status, 403, "for administrators");
}

#[tokio::test]
async fn without_a_good_token_there_is_nothing() {
    let house = house().await;
    house.keep(1, OWNER, "机密周会").await;
    let key = made(&house, OWNER, &ALL).await;
    let mut browser = Browser::default();
    browser.sign_in(&house, OWNER).await;
    for door in DOORS {
        let answer = browser.get(&house, &format!("/api/v1{door}")).await;
        assert_eq!(answer.status, 401, "a session opens no door of programs: {door}");
        assert!(answer.header("www-authenticate").starts_with("Bearer"), "{door}");
        let said: Value = serde_json::from_str(&answer.body).expect("JSON, even for a browser");
        assert!(said["message"].as_str().is_some_and(|text| text.contains("令牌")), "{said}");
        assert_eq!(call(&house, &format!("{key}x"), door).await.status, 401);
    }
    let basic = base64(&format!("reader:{key}"));
    let request = Request::get("/api/v1/feed.rss").header(AUTHORIZATION, format!("Basic {basic}"));
    assert_eq!(house.send(request.body(Body::empty()).unwrap()).await.status, 200);

    let page = browser.get(&house, "/tokens").await;
    let hash = page.body.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let fields = [("csrf", page.csrf()), ("token", hash.to_owned())];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    let mut stranger = Browser::default();
    stranger.sign_in(&house, OTHER).await;
    let csrf = stranger.get(&house, "/tokens").await.csrf();
    let theirs = [("csrf", csrf.as_str()), ("token", hash)];
    assert_eq!(stranger.post(&house, "/tokens/end", &theirs).await.status, 404, "of somebody else");
    assert_eq!(call(&house, &key, "/me").await.status, 200);
    assert_eq!(browser.post(&house, "/tokens/end", &fields).await.status, 303);
    assert_eq!(call(&house, &key, "/me").await.status, 401);
}

#[tokio::test]
async fn what_does_not_fit_is_refused_and_nothing_can_be_changed() {
    let house = house().await;
    let key = made(&house, OWNER, &ALL).await;
    for query in ["shelf=roof", "limit=0", "limit=501", "from=yesterday", "kind=radio", "transcript=maybe"] {
        let answer = call(&house, &key, &format!("/recordings?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
    }
    assert_eq!(call(&house, &key, "/search").await.status, 400, "nothing to search for");
    assert_eq!(call(&house, &key, "/recordings/..%2F..%2Fetc/media").await.status, 404);
    for method in [Method::POST, Method::PUT, Method::DELETE] {
        let request = Request::builder().method(&method).uri("/api/v1/recordings");
        let request = request.header(AUTHORIZATION, format!("Bearer {key}"));
        let answer = house.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.header("allow"), "GET,HEAD");
    }
    let document = house.send(Request::get("/api/v1/openapi.json").body(Body::empty()).unwrap()).await;
    assert_eq!(document.status, 200, "the document is for everybody");
}

#[tokio::test]
async fn whoever_calls_too_often_waits() {
    let house = house().await;
    let key = made(&house, OWNER, &ALL).await;
    let mut answers = Vec::new();
    for _ in 0..1_201 {
        answers.push(call(&house, &key, "/me").await.status.as_u16());
    }
    assert_eq!(answers.iter().filter(|status| **status == 429).count(), 1);
    let guess = call(&house, "mvt_guess", "/me").await;
    assert_eq!(guess.status, 401, "others are not disturbed");
    house.clock.advance(60_000);
    assert_eq!(call(&house, &key, "/me").await.status, 200);
}

fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}

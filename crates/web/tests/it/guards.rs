//! What holds at all doors alike: forms that none of our pages sent do nothing, what cannot be written down does not
//! happen and is not shown, and every answer has the headers that keep it safe. Which doors there are is read from
//! the source, so that a new one cannot be forgotten here.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use archive::audit::{AuditFilter, AuditRow, verify};
use archive::members::Roster;
use archive::model::Reason;
use axum::body::Body;
use axum::http::header::{ACCEPT, AUTHORIZATION, COOKIE, HOST, IF_NONE_MATCH, RANGE};
use axum::http::{HeaderMap, HeaderName, Method, Request};
use secrecy::ExposeSecret as _;
use tower::ServiceExt as _;

use crate::house::{Answer, Browser, House};
use crate::player::bytes_of;
use crate::rooms::{ADMINISTRATOR, MEMBER, TOKEN, fail_of, plan, signed_in};
use crate::shelf::token;

const AUDITOR: &str = "李娜";
/// Of another recording that failed.
const OTHER_TOKEN: &str = "obcn37dxcftoc3656rgyejm8";
const LOG_AWAY: &str = "ALTER TABLE audit RENAME TO audit_away";
const LOG_BACK: &str = "ALTER TABLE audit_away RENAME TO audit";
/// Whatever a form can change in the catalogue.
const STANDS: &str = "SELECT 'rule ' || id || COALESCE(' on by ' || on_by, '') FROM retention_rules
    UNION ALL SELECT 'hold ' || id || COALESCE(' lifted by ' || lifted_by, '') FROM holds
    UNION ALL SELECT 'trash ' || minute_token || ' ' || phase FROM trash
    UNION ALL SELECT 'recording ' || minute_token || ' ' || state FROM recordings
    UNION ALL SELECT 'part ' || minute_token || ' ' || kind || ' ' || state FROM artifacts
    UNION ALL SELECT 'task ' || kind || ' ' || subject || ' ' || run_at FROM tasks
    UNION ALL SELECT 'pause ' || subject FROM pauses
    UNION ALL SELECT 'card ' || receiver FROM notices
    UNION ALL SELECT 'session ' || hash FROM sessions
    UNION ALL SELECT 'token ' || hash FROM api_tokens
    ORDER BY 1";
/// The platform sends it and signs it.
const SIGNED_BY_THE_PLATFORM: &str = "/webhook/event";
/// Behind these is nothing that is written down, but for who comes back from the platform: doors that show nothing of recordings, and two that are guarded elsewhere: a stream has no end to read to (`queue.rs`),
/// and lists bring covers with their rows.
const OF_NO_DEED: [&str; 15] = [
    "/",
    "/api/v1/me",
    "/api/v1/openapi.json",
    "/auth/callback",
    "/auth/sign-in",
    "/auth/start",
    "/health/checks/{id}",
    "/health/found",
    "/health/live",
    "/healthz",
    "/metrics",
    "/queue/live",
    "/readyz",
    "/recordings/{token}/cover",
    "/static/{name}",
];
const SAFETY: [(&str, &str); 7] = [
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    (
        "permissions-policy",
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// Paths of all doors that are hung with this, such as `post(`.
pub(crate) fn doors(method: &str) -> BTreeSet<String> {
    let (mut doors, mut folders) =
        (BTreeSet::new(), vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/routes")]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let source = fs::read_to_string(path).expect("a source");
            for rest in source.split(".route(").skip(1) {
                let door = rest.split("\n}").next().expect("the end of its function");
                if door.contains(method) {
                    doors.insert(door.split('"').nth(1).expect("a path").to_owned());
                }
            }
        }
    }
    doors
}

/// What its owner has put in the trash.
const IN_TRASH: usize = 5;

/// Somebody at their browser, and what proves that their forms are their own.
pub(crate) struct Person {
    pub(crate) browser: Browser,
    pub(crate) csrf: String,
}

impl Person {
    pub(crate) async fn come(house: &House, name: &str) -> Self {
        let mut browser = signed_in(house, name).await;
        let csrf = browser.get(house, "/sessions").await.csrf();
        Self { browser, csrf }
    }

    pub(crate) async fn send(&mut self, house: &House, path: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.browser.post(house, path, &[fields, &[("csrf", &self.csrf)]].concat()).await;
        assert!(answer.status == 200 || answer.status == 303, "{path}: {}", answer.body);
        answer
    }
}

/// A form that its sender may send, and that would change something.
pub(crate) struct Form {
    who: &'static str,
    pub(crate) door: &'static str,
    fields: Vec<(&'static str, String)>,
}

impl Form {
    pub(crate) async fn send(&self, house: &House, browser: &mut Browser, csrf: Option<&str>) -> Answer {
        let fields = self.fields.iter().map(|(name, value)| (*name, value.as_str()));
        let fields: Vec<_> = fields.chain(csrf.map(|csrf| ("csrf", csrf))).collect();
        let recording = if self.door.ends_with("/restore") { token(IN_TRASH) } else { token(1) };
        browser.post(house, &self.door.replace("{token}", recording.as_str()), &fields).await
    }
}

pub(crate) struct Offices {
    pub(crate) house: House,
    pub(crate) people: BTreeMap<&'static str, Person>,
    pub(crate) forms: Vec<Form>,
}

impl Offices {
    /// A house in which every form has something to do.
    pub(crate) async fn open() -> Self {
        let house = plan().build().await;
        for number in 1..=IN_TRASH {
            house.keep(number, MEMBER, "机密周会").await;
        }
        fail_of(&house, TOKEN, "周会", MEMBER, Reason::PlatformTrouble).await;
        let paused = fail_of(&house, OTHER_TOKEN, "周会", MEMBER, Reason::DiskFull).await;
        house.catalog.pause(None, 1).await.unwrap();
        house.catalog.pause(Some(&paused), 1).await.unwrap();
        signed_in(&house, MEMBER).await;
        let session = the_one(&house, "SELECT hash FROM sessions").await;
        let mut administrator = Person::come(&house, ADMINISTRATOR).await;
        let mut rules = Vec::new();
        for days in ["30", "60", "90"] {
            let made = administrator.send(&house, "/storage/rules", &[("days", days)]).await;
            let path = made.header("location").split('?').next().unwrap().to_owned();
            rules.push(path.rsplit('/').next().unwrap().to_owned());
        }
        let third = [("rule", rules[2].as_str()), ("count", "9")];
        administrator.send(&house, "/storage/rules/on", &third).await;
        let held = [("on", house.person(AUDITOR)), ("reason", "仲裁")];
        administrator.send(&house, "/storage/holds", &held).await;
        for number in [3, 4, IN_TRASH] {
            let recording = token(number);
            administrator.send(&house, "/storage/trash", &[("token", recording.as_str())]).await;
        }
        // As if the rule had taken it.
        let by_rule = "UPDATE trash SET rule_id = $1 WHERE minute_token = $2";
        let taken = vec![rules[2].as_str().into(), token(4).as_str().into()];
        house.catalog.db().execute(by_rule, taken).await.unwrap();
        // And as if its owner had put this one there.
        let by_owner = "UPDATE trash SET trashed_by = $1 WHERE minute_token = $2";
        let put = vec![house.person(MEMBER).into(), token(IN_TRASH).as_str().into()];
        house.catalog.db().execute(by_owner, put).await.unwrap();
        let wanted = [("label", "月报"), ("days", "30"), ("recordings", "on")];
        administrator.send(&house, "/tokens", &wanted).await;
        let forms = forms(&house, rules, &session).await;
        let mut people = BTreeMap::from([(ADMINISTRATOR, administrator)]);
        for name in [AUDITOR, MEMBER] {
            people.insert(name, Person::come(&house, name).await);
        }
        Self { house, people, forms }
    }
}

/// All forms that there are; after the last one its sender is gone.
async fn forms(house: &House, rules: Vec<String>, session: &str) -> Vec<Form> {
    let [first, second, third] = rules.try_into().expect("three rules");
    let hold = the_one(house, "SELECT id FROM holds").await;
    let api_token = the_one(house, "SELECT hash FROM api_tokens").await;
    let form = |who, door, fields: &[(&'static str, &str)]| Form {
        who,
        door,
        fields: fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
    };
    let by_administrator = |door, fields: &[(&'static str, &str)]| form(ADMINISTRATOR, door, fields);
    vec![
        by_administrator("/queue/resume-all", &[]),
        by_administrator("/queue/pause-all", &[]),
        by_administrator("/queue/resume", &[("one", OTHER_TOKEN)]),
        by_administrator("/queue/pause", &[("ticked", TOKEN)]),
        by_administrator("/queue/retry", &[("ticked", TOKEN)]),
        by_administrator("/queue/retry-cause", &[("reason", "disk_full"), ("from", "queue")]),
        by_administrator("/people/invite", &[("ticked", house.person(MEMBER))]),
        by_administrator("/settings/backup", &[]),
        by_administrator("/sessions/end", &[("session", session)]),
        by_administrator("/tokens/end", &[("token", &api_token)]),
        by_administrator("/storage/rules", &[("days", "365")]),
        by_administrator("/storage/rules/on", &[("rule", &first), ("count", "9")]),
        by_administrator("/storage/rules/forget", &[("rule", &second)]),
        by_administrator("/storage/rules/off", &[("rule", &third)]),
        by_administrator("/storage/trash", &[("token", token(2).as_str())]),
        by_administrator("/storage/restore", &[("token", token(3).as_str())]),
        by_administrator("/storage/restore-all", &[("rule", &third)]),
        form(AUDITOR, "/storage/holds", &[("on", house.person(ADMINISTRATOR)), ("reason", "仲裁")]),
        form(AUDITOR, "/storage/holds/lift", &[("hold", &hold)]),
        form(MEMBER, "/tokens", &[("label", "周报"), ("days", "30"), ("content", "on")]),
        form(MEMBER, "/recordings/{token}/trash", &[]),
        form(MEMBER, "/recordings/{token}/restore", &[]),
        form(MEMBER, "/auth/sign-out", &[]),
    ]
}

async fn the_one(house: &House, sql: &'static str) -> String {
    let rows: Vec<(String,)> = house.catalog.db().rows(sql, Vec::new()).await.expect("rows");
    let [(one,)] = rows.try_into().expect("one row");
    one
}

/// All that forms can change: lines of the catalogue, and backups.
pub(crate) async fn standing(house: &House) -> (Vec<(String,)>, usize) {
    let backups = fs::read_dir(house.folder.path().join("backups")).map_or(0, Iterator::count);
    (house.catalog.db().rows(STANDS, Vec::new()).await.expect("how it stands"), backups)
}

/// The whole log, the last deed first.
pub(crate) async fn written_down(house: &House) -> Vec<AuditRow> {
    let filter = AuditFilter { limit: 10_000, ..AuditFilter::default() };
    house.catalog.audit_rows(&filter).await.expect("the log")
}

async fn turn(house: &House, sql: &'static str) {
    house.catalog.db().execute(sql, Vec::new()).await.expect("the log is turned");
}

#[tokio::test]
async fn a_form_without_the_token_of_its_own_session_does_nothing() {
    let Offices { house, mut people, forms } = Offices::open().await;
    let mut all = doors("post(");
    assert!(all.remove(SIGNED_BY_THE_PLATFORM));
    let tried: BTreeSet<String> = forms.iter().map(|form| form.door.to_owned()).collect();
    assert_eq!(tried, all, "each form is tried, and nothing else");
    for method in ["put(", "patch(", "delete("] {
        assert_eq!(doors(method), BTreeSet::new(), "what changes something is a form");
    }
    let mut elsewhere = BTreeMap::new();
    for name in people.keys() {
        elsewhere.insert(*name, Person::come(&house, name).await.csrf);
    }
    let (stood, written) = (standing(&house).await, written_down(&house).await);
    for form in &forms {
        let browser = &mut people.get_mut(form.who).unwrap().browser;
        for csrf in [None, Some(""), Some("AAAA"), Some(elsewhere[form.who].as_str())] {
            form.send(&house, browser, csrf).await.shows(400, "notice-bad-form-title");
            assert_eq!(standing(&house).await, stood, "{} with {csrf:?}", form.door);
        }
    }
    assert_eq!(written_down(&house).await, written, "a form that is refused is no deed");
}

#[tokio::test]
async fn no_form_does_what_cannot_be_written_down() {
    let Offices { house, mut people, forms } = Offices::open().await;
    let (stood, written) = (standing(&house).await, written_down(&house).await);
    turn(&house, LOG_AWAY).await;
    for form in &forms {
        let Person { browser, csrf } = people.get_mut(form.who).unwrap();
        let answer = form.send(&house, browser, Some(csrf.as_str())).await;
        assert_eq!(answer.status, 503, "{}: {}", form.door, answer.body);
        answer.shows(503, "notice-not-now-title");
        assert_eq!(standing(&house).await, stood, "{}", form.door);
    }
    turn(&house, LOG_BACK).await;
    assert_eq!(written_down(&house).await, written);

    // The same forms, once they can be written down: nothing else kept them from it.
    for form in &forms {
        let (stood, written) = (standing(&house).await, written_down(&house).await);
        let Person { browser, csrf } = people.get_mut(form.who).unwrap();
        let answer = form.send(&house, browser, Some(csrf.as_str())).await;
        let expected = if form.door == "/tokens" { 200 } else { 303 };
        assert_eq!(answer.status.as_u16(), expected, "{}: {}", form.door, answer.body);
        assert_ne!(standing(&house).await, stood, "{}", form.door);
        let now = written_down(&house).await;
        assert!(now.len() > written.len(), "{} is written down", form.door);
        assert_eq!(now[0].actor, house.person(form.who), "{}", form.door);
    }
    assert_eq!(verify(&house.catalog).await.unwrap().broken, None);
}

/// An administrator with a recording of their own; what their browser holds, and a token that is good for everything.
async fn reader(house: &House) -> (String, String) {
    house.keep(1, ADMINISTRATOR, "机密周会").await;
    let mut person = Person::come(house, ADMINISTRATOR).await;
    let fields = ["recordings", "content", "service"].map(|scope| (scope, "on"));
    let fields = [&fields[..], &[("label", "月报"), ("days", "30")]].concat();
    let made = person.send(house, "/tokens", &fields).await.body;
    let key = made.split("value=\"").find(|rest| rest.starts_with("mvt_")).expect("a token");
    let cookie = format!("mv_session={}", person.browser.cookies["mv_session"]);
    person.send(house, "/storage/rules", &[("days", "30")]).await;
    (cookie, format!("Bearer {}", key.split('"').next().expect("its end")))
}

/// An address at which this door has something to show.
pub(crate) async fn address(house: &House, door: &str) -> String {
    let one = token(1);
    let path = door
        .replace("{token}", one.as_str())
        .replace("{minute_token}", one.as_str())
        .replace("{kind}", "transcript_srt")
        .replace("{rule}", &the_one(house, "SELECT id FROM retention_rules").await);
    match door {
        "/search" | "/api/v1/search" => format!("{path}?q=GPT5"),
        "/search/next" => format!("{path}?q=GPT5&after={}", token(2)),
        "/settings/template" => format!("{path}?template=%7Btoken%7D"),
        "/recordings.zip" => format!("{path}?r={one}"),
        _ => path,
    }
}

#[tokio::test]
async fn no_door_shows_what_cannot_be_written_down() {
    let house = plan().build().await;
    let (cookie, key) = reader(&house).await;
    let stranger = signed_in(&house, MEMBER).await;
    let mut closed = doors("get(");
    for door in OF_NO_DEED {
        assert!(closed.remove(door), "{door} is no more");
    }
    assert!(closed.len() > 30, "{closed:?}");
    let ask = async |door: &str| {
        let request = Request::get(address(&house, door).await).header(HOST, "vault.test");
        let request = request.header(COOKIE, &cookie).header(AUTHORIZATION, &key).header(RANGE, "bytes=0-");
        house.send_for_bytes(request.body(Body::empty()).unwrap()).await
    };
    let written = written_down(&house).await;
    turn(&house, LOG_AWAY).await;
    // A try that came to nothing is no deed that has been written down: the second one is as the first.
    for door in closed.iter().chain(&closed) {
        let answer = ask(door).await;
        assert_eq!(answer.status, 503, "{door}");
        assert_eq!(answer.header("retry-after"), "60", "{door}");
        assert!(!String::from_utf8_lossy(&answer.body).contains("机密"), "{door}");
    }
    for door in ["", "/media", "/cover", "/captions.vtt", "/text/summary"] {
        let answer = bytes_of(&house, &stranger, &format!("/recordings/{}{door}", token(1))).await;
        assert_eq!(answer.status, 503, "that a stranger asked for it has no row: {door}");
    }
    turn(&house, LOG_BACK).await;
    assert_eq!(written_down(&house).await, written);
    for door in &closed {
        let status = ask(door).await.status.as_u16();
        assert!([200, 206, 303].contains(&status), "{status}: something else kept it closed: {door}");
    }
}

#[tokio::test]
async fn the_link_that_works_once_is_good_until_its_use_is_written_down() {
    let house = House::plain().await;
    let roster = Roster::new(house.catalog.clone(), Vec::new(), Vec::new());
    let link = roster.first_link().await.unwrap().expect("a link");
    let path = format!("/auth/sign-in?first={}", link.expose_secret());
    let mut browser = Browser::default();
    turn(&house, LOG_AWAY).await;
    assert_eq!(browser.sign_in_at(&house, MEMBER, &path).await.status, 503);
    assert_eq!(house.catalog.meta("first_administrator").await.unwrap(), None);
    turn(&house, LOG_BACK).await;
    browser.sign_in_at(&house, MEMBER, &path).await;
    assert_eq!(browser.get(&house, "/overview").await.status, 200);
}

/// An address, the status that it answers with, and what it is asked with.
type Asked<'a> = (&'a str, u16, Vec<(HeaderName, &'a str)>);

/// Status and headers; a body may go on for as long as somebody watches.
pub(crate) async fn dress_of(house: &House, request: Request<Body>) -> (u16, HeaderMap) {
    let response = house.doors.clone().oneshot(request).await.expect("infallible");
    (response.status().as_u16(), response.headers().clone())
}

#[tokio::test]
async fn every_answer_has_each_header_that_keeps_it_safe_once() {
    let house = plan().build().await;
    let (cookie, key) = reader(&house).await;
    let member = signed_in(&house, MEMBER).await;
    let member = format!("mv_session={}", member.cookies["mv_session"]);
    let page = Browser::default().get(&house, "/auth/start").await.body;
    let asset = page.split("href=\"/static/").nth(1).unwrap().split('"').next().unwrap();
    let asset = format!("/static/{asset}");
    let recording = format!("/recordings/{}", token(1));
    let [media, captions, text, zip, of_api] = [
        format!("{recording}/media"),
        format!("{recording}/captions.vtt"),
        format!("{recording}/text/summary"),
        format!("/recordings.zip?r={}", token(1)),
        format!("/api/v1{recording}/media"),
    ];
    let (cookie, key, member) = ((COOKIE, &*cookie), (AUTHORIZATION, &*key), (COOKIE, &*member));
    let html = (ACCEPT, "text/html");
    let asked: [Asked<'_>; 37] = [
        ("/", 303, vec![]),
        ("/auth/start", 200, vec![]),
        ("/auth/sign-in", 200, vec![]),
        ("/auth/callback?code=x&state=y", 400, vec![html.clone()]),
        ("/recordings", 303, vec![]),
        ("/healthz", 200, vec![]),
        ("/metrics", 200, vec![]),
        (&asset, 200, vec![]),
        ("/static/none.css", 404, vec![html.clone()]),
        ("/nowhere", 404, vec![html.clone()]),
        ("/nowhere", 404, vec![]),
        ("/webhook/event", 405, vec![html.clone()]),
        ("/recordings", 200, vec![cookie.clone()]),
        ("/recordings.csv", 200, vec![cookie.clone()]),
        ("/recordings.xlsx", 200, vec![cookie.clone()]),
        (&zip, 200, vec![cookie.clone()]),
        (&recording, 200, vec![cookie.clone()]),
        (&recording, 404, vec![member.clone(), html.clone()]),
        (&media, 200, vec![cookie.clone()]),
        (&media, 206, vec![cookie.clone(), (RANGE, "bytes=5-9")]),
        (&media, 416, vec![cookie.clone(), (RANGE, "bytes=100000-")]),
        (&media, 304, vec![cookie.clone(), (IF_NONE_MATCH, "*")]),
        (&media, 303, vec![]),
        (&captions, 200, vec![cookie.clone()]),
        (&text, 200, vec![cookie.clone()]),
        ("/settings", 200, vec![cookie.clone()]),
        ("/settings", 403, vec![member.clone(), html]),
        ("/audit", 200, vec![cookie.clone()]),
        ("/audit.jsonl", 200, vec![cookie.clone()]),
        ("/queue/live", 200, vec![cookie]),
        ("/api/v1/openapi.json", 200, vec![]),
        ("/api/v1/me", 401, vec![member]),
        ("/api/v1/me", 200, vec![key.clone()]),
        ("/api/v1/recordings?limit=0", 400, vec![key.clone()]),
        ("/api/v1/nowhere", 404, vec![key.clone()]),
        ("/api/v1/feed.rss", 200, vec![key.clone()]),
        (&of_api, 206, vec![key, (RANGE, "bytes=5-9")]),
    ];
    for (path, status, headers) in asked {
        let mut request = Request::get(path).header(HOST, "vault.test:29090");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let (answered, dress) = dress_of(&house, request.body(Body::empty()).unwrap()).await;
        assert_eq!(answered, status, "{path}");
        is_safe(&dress, &format!("{path} {status}"));
    }
    for (method, path, status) in
        [(Method::POST, "/webhook/event", 400), (Method::POST, "/tokens", 303), (Method::HEAD, &*asset, 200)]
    {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let (answered, dress) = dress_of(&house, request).await;
        assert_eq!(answered, status, "{path}");
        is_safe(&dress, path);
    }
}

fn is_safe(headers: &HeaderMap, of: &str) {
    for (name, value) in SAFETY {
        let held: Vec<_> = headers.get_all(name).iter().collect();
        assert_eq!(held, [value], "{name} of {of}");
    }
}

//! Who gets through which door: programs by what their tokens name, people by what they are here as. What is
//! believed of where they come from; and that a stream ends with the session of its reader.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use archive::audit::{AuditRow, verify};
use archive::catalog::FinishedFile;
use archive::model::ArtifactKind;
use archive::store::Store;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use axum::http::header::{AUTHORIZATION, COOKIE, HOST};
use axum::http::request::Builder;
use futures_util::StreamExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::api::{call, json, made};
use crate::guards::{Offices, Person, address, doors, dress_of, standing, written_down};
use crate::house::{Browser, House};
use crate::player::bytes_of;
use crate::rooms::{ADMINISTRATOR, MEMBER, plan, signed_in};
use crate::shelf::token;

const AUDITOR: &str = "李娜";
const EVERYBODY: &[&str] = &[MEMBER, AUDITOR, ADMINISTRATOR];
const OVERSEERS: &[&str] = &[AUDITOR, ADMINISTRATOR];
const ADMINISTRATORS: &[&str] = &[ADMINISTRATOR];
const SCOPES: [&str; 3] = ["recordings", "content", "service"];
/// What there is for programs; for everybody.
const DOCUMENT: &str = "/api/v1/openapi.json";
/// Doors of programs, the scope that each needs, if any, and whose tokens it opens to.
const OF_PROGRAMS: [(&str, Option<&str>, &[&str]); 11] = [
    ("/me", None, EVERYBODY),
    ("/recordings", Some("recordings"), EVERYBODY),
    ("/recordings/{minute_token}", Some("recordings"), EVERYBODY),
    ("/recordings/{minute_token}/media", Some("content"), EVERYBODY),
    ("/recordings/{minute_token}/transcript", Some("content"), EVERYBODY),
    ("/recordings/{minute_token}/notes", Some("content"), EVERYBODY),
    ("/search", Some("content"), EVERYBODY),
    ("/status", Some("service"), OVERSEERS),
    ("/members", Some("service"), ADMINISTRATORS),
    ("/audit", Some("service"), OVERSEERS),
    ("/feed.rss", Some("recordings"), EVERYBODY),
];
/// Doors that ask nobody who they are.
const OF_ANYBODY: [&str; 7] =
    ["/auth/callback", "/auth/sign-in", "/auth/start", "/healthz", "/metrics", "/readyz", "/static/{name}"];
/// Doors of people, and what a member, an auditor and an administrator are answered there; where one is about
/// a recording, it is the member's own.
const OF_PEOPLE: [(&str, [u16; 3]); 32] = [
    ("/", [303, 303, 303]),
    ("/recordings", [200, 200, 200]),
    ("/recordings.csv", [200, 200, 200]),
    ("/recordings.xlsx", [200, 200, 200]),
    // To the list, which says that none of what was ticked is theirs.
    ("/recordings.zip", [200, 200, 303]),
    ("/recordings/{token}", [200, 200, 404]),
    ("/recordings/{token}/media", [200, 200, 404]),
    ("/recordings/{token}/cover", [200, 200, 404]),
    ("/recordings/{token}/captions.vtt", [200, 200, 404]),
    ("/recordings/{token}/text/{kind}", [200, 200, 404]),
    ("/search", [200, 200, 200]),
    ("/search/next", [303, 303, 303]),
    ("/overview", [403, 403, 200]),
    ("/queue", [403, 403, 200]),
    ("/queue/live", [403, 403, 200]),
    ("/queue/{token}", [403, 403, 200]),
    ("/people", [403, 403, 200]),
    ("/coverage", [403, 200, 200]),
    ("/coverage.xlsx", [403, 200, 200]),
    ("/health", [403, 403, 200]),
    ("/health/live", [403, 403, 200]),
    ("/health/found", [403, 403, 200]),
    ("/health/checks/{id}", [403, 403, 200]),
    ("/storage", [403, 200, 200]),
    ("/storage/rules/{rule}", [403, 200, 200]),
    ("/audit", [403, 200, 200]),
    ("/audit.csv", [403, 200, 200]),
    ("/audit.jsonl", [403, 200, 200]),
    ("/settings", [403, 403, 200]),
    ("/settings/template", [403, 403, 200]),
    ("/sessions", [200, 200, 200]),
    ("/tokens", [200, 200, 200]),
];
/// Forms that are not for administrators alone, or not known to others: who may send each as it is sent here,
/// and what others are told.
const FORMS: [(&str, &[&str], u16); 8] = [
    ("/auth/sign-out", EVERYBODY, 403),
    ("/tokens", EVERYBODY, 403),
    ("/storage/holds", OVERSEERS, 403),
    ("/storage/holds/lift", OVERSEERS, 403),
    // Of what is not theirs they are told that there is none.
    ("/sessions/end", &[MEMBER, ADMINISTRATOR], 404),
    ("/tokens/end", ADMINISTRATORS, 404),
    ("/recordings/{token}/trash", &[MEMBER], 404),
    ("/recordings/{token}/restore", &[MEMBER], 404),
];
/// The other end of every connection: an IPv4 address, as a socket for both kinds tells it.
const PEER: &str = "[::ffff:192.0.2.7]:4711";
/// Looks of a stream between two questions whether its reader is still signed in.
const ASK_EVERY: usize = 10;

/// Neither the title of what they may not open nor what was said there.
fn tells_nothing(body: &[u8], of: &str) {
    let body = String::from_utf8_lossy(body);
    for told in ["机密", "数据库", "预算"] {
        assert!(!body.contains(told), "{of}: {body}");
    }
}

/// What a list says of this recording.
fn row_of(list: &Value, number: usize) -> Option<&Value> {
    let rows = list["recordings"].as_array()?;
    rows.iter().find(|row| row["minute_token"] == token(number).as_str())
}

#[tokio::test]
async fn the_token_of_an_administrator_opens_nothing_of_others() {
    let house = plan().build().await;
    house.keep(1, MEMBER, "机密周会").await;
    house.keep(2, ADMINISTRATOR, "例会").await;
    let key = made(&house, ADMINISTRATOR, &SCOPES).await;
    for part in ["", "/media", "/transcript", "/notes"] {
        let [theirs, own] = [1, 2].map(|number| format!("/recordings/{}{part}", token(number)));
        assert_eq!(call(&house, &key, &own).await.status, 200, "{part}");
        let answer = call(&house, &key, &theirs).await;
        assert_eq!(answer.status, 404, "{part}");
        tells_nothing(&answer.body, part);
    }
    let log = written_down(&house).await;
    let refused = log.iter().filter(|row| row.verb == "refused" && row.subject == token(1).as_str());
    assert_eq!(refused.count(), 4, "that they tried is written down");

    // The first two were said in both, the last is in the title that is not theirs.
    let own = token(2);
    for (sought, hits) in [
        ("GPT5", vec![own.as_str()]),
        ("%E9%A2%84%E7%AE%97", vec![own.as_str()]),
        ("%E6%9C%BA%E5%AF%86", vec![]),
    ] {
        let answer = json(&house, &key, &format!("/search?q={sought}")).await;
        let found = answer["hits"].as_array().expect("hits").iter();
        let found: Vec<&str> = found.filter_map(|hit| hit["minute_token"].as_str()).collect();
        assert_eq!(found, hits, "{sought}: {answer}");
    }

    let owner = house.person(MEMBER);
    for query in ["", "?shelf=all", &format!("?owner={owner}")] {
        let list = json(&house, &key, &format!("/recordings{query}")).await;
        let row = row_of(&list, 1).unwrap_or_else(|| panic!("{query}: {list}"));
        assert_eq!(row["may_open"].as_bool(), Some(false), "{query}");
    }
    for (shelf, may_open) in [("mine", Some(true)), ("open", Some(true)), ("shared", None)] {
        let list = json(&house, &key, &format!("/recordings?shelf={shelf}")).await;
        assert!(row_of(&list, 1).is_none(), "{shelf}: {list}");
        let own = row_of(&list, 2).and_then(|row| row["may_open"].as_bool());
        assert_eq!(own, may_open, "{shelf}: {list}");
    }
    let feed = call(&house, &key, "/feed.rss").await;
    assert!(String::from_utf8_lossy(&feed.body).contains("例会"));
    tells_nothing(&feed.body, "the feed");
}

#[tokio::test]
async fn a_token_opens_the_doors_of_its_scope_as_far_as_its_makers_role_goes() {
    let mut hung = doors("get(");
    hung.retain(|door| door.starts_with("/api/v1/"));
    assert!(hung.remove(DOCUMENT));
    let told = OF_PROGRAMS.map(|(door, ..)| format!("/api/v1{door}"));
    assert_eq!(BTreeSet::from(told), hung, "each door of programs has its row here");
    let house = plan().build().await;
    for (number, name) in EVERYBODY.iter().enumerate() {
        house.keep(number, name, "机密周会").await;
        for scope in SCOPES {
            let key = made(&house, name, &[scope]).await;
            for (door, needed, whose) in OF_PROGRAMS {
                let path = door.replace("{minute_token}", token(number).as_str());
                let path = if door == "/search" { "/search?q=GPT5".to_owned() } else { path };
                let opens = needed.is_none_or(|needed| needed == scope) && whose.contains(name);
                let answer = call(&house, &key, &path).await;
                let expected = if opens { 200 } else { 403 };
                assert_eq!(answer.status.as_u16(), expected, "{name} with {scope} at {door}");
                if !opens {
                    tells_nothing(&answer.body, door);
                }
            }
        }
    }
}

#[tokio::test]
async fn every_door_of_people_answers_each_role_as_it_should() {
    let mut hung = doors("get(");
    hung.retain(|door| !door.starts_with("/api/v1/"));
    for door in OF_ANYBODY {
        assert!(hung.remove(door), "{door} is no more");
    }
    let told = OF_PEOPLE.map(|(door, _)| door.to_owned());
    assert_eq!(BTreeSet::from(told), hung, "each door of people has its row here");

    let house = plan().build().await;
    house.keep(1, MEMBER, "机密周会").await;
    let store = Store::open(house.folder.path().join("downloads")).await.unwrap();
    let kept = store.put_small("f".as_ref(), "1.png", b"a picture").await.unwrap();
    let cover = FinishedFile::new("1.png".to_owned(), kept.bytes, kept.sha256);
    house.catalog.artifact_done(&token(1), ArtifactKind::Cover, &cover, 1).await.unwrap();
    let mut administrator = Person::come(&house, ADMINISTRATOR).await;
    administrator.send(&house, "/storage/rules", &[("days", "30")]).await;
    let people = [
        (MEMBER, signed_in(&house, MEMBER).await),
        (AUDITOR, signed_in(&house, AUDITOR).await),
        (ADMINISTRATOR, administrator.browser),
    ];
    for (door, expected) in OF_PEOPLE {
        let path = address(&house, door).await.replace("{id}", "members");
        for ((name, browser), expected) in people.iter().zip(expected) {
            let cookie = format!("mv_session={}", browser.cookies["mv_session"]);
            let request = Request::get(&path).header(HOST, "vault.test").header(COOKIE, cookie);
            // Without the body: that of a stream has no end.
            let (status, _) = dress_of(&house, request.body(Body::empty()).unwrap()).await;
            assert_eq!(status, expected, "{name} at {door}");
            if expected >= 400 {
                tells_nothing(&bytes_of(&house, browser, &path).await.body, door);
            }
        }
        let turned_away = Browser::default().get(&house, &path).await;
        assert_eq!(turned_away.status, 303, "{door}");
        assert!(turned_away.header("location").starts_with("/auth/sign-in"), "{door}");
    }
}

/// What was done by the log, but for looks and for what was refused.
async fn deeds(house: &House) -> Vec<AuditRow> {
    let mut rows = written_down(house).await;
    rows.retain(|row| !["viewed", "refused"].contains(&row.verb.as_str()));
    rows
}

#[tokio::test]
async fn a_form_that_is_not_for_its_sender_changes_nothing() {
    let Offices { house, mut people, forms } = Offices::open().await;
    let (stood, done) = (standing(&house).await, deeds(&house).await);
    for form in &forms {
        let known = FORMS.into_iter().find(|(door, ..)| *door == form.door);
        let (_, senders, refusal) = known.unwrap_or((form.door, ADMINISTRATORS, 403));
        for (name, Person { browser, csrf }) in &mut people {
            if senders.contains(name) {
                continue;
            }
            let answer = form.send(&house, browser, Some(csrf.as_str())).await;
            assert_eq!(answer.status.as_u16(), refusal, "{} by {name}: {}", form.door, answer.body);
            assert_eq!(standing(&house).await, stood, "{} by {name}", form.door);
        }
        let turned_away = form.send(&house, &mut Browser::default(), None).await;
        assert!(turned_away.header("location").starts_with("/auth/sign-in"), "{}", form.door);
    }
    assert_eq!(standing(&house).await, stood);
    assert_eq!(deeds(&house).await, done);
}

/// A request over a connection from [`PEER`] that says this of where it comes from, a header each.
fn sent(path: &str, forwarded: &[&str]) -> Builder {
    let peer: SocketAddr = PEER.parse().expect("an address");
    let request = Request::get(path).extension(ConnectInfo(peer));
    forwarded.iter().fold(request, |request, value| request.header("x-forwarded-for", value.as_bytes()))
}

async fn signed_in_from(house: &House, name: &str, forwarded: &[&str]) -> Browser {
    let mut browser = Browser::default();
    let page = browser.ask(house, sent("/auth/sign-in", forwarded), Body::empty()).await;
    let callback = house.decide(&page.authorize_url(), name, "allow").await;
    browser.ask(house, sent(&callback, forwarded), Body::empty()).await;
    browser
}

#[tokio::test]
async fn the_log_has_the_address_that_our_own_proxy_wrote_or_the_other_end_of_the_connection() {
    let long = "9".repeat(65);
    let cases: [(&[&str], Option<&str>); 9] = [
        (&["203.0.113.9"], Some("203.0.113.9")),
        // All but the last the sender may have written.
        (&["198.51.100.1, 203.0.113.9 "], Some("203.0.113.9")),
        (&["198.51.100.1, 203.0.113.9", "2001:db8::9"], Some("2001:db8::9")),
        (&[], None),
        (&[""], None),
        (&["203.0.113.9,"], None),
        (&["203.0.113.9", " , \t"], None),
        (&["203.0.113.9", "\u{fc}ber"], None),
        (&[long.as_str()], None),
    ];
    for trust_proxy in [false, true] {
        let mut plan = plan();
        plan.site.trust_proxy = trust_proxy;
        let house = plan.build().await;
        let path = house.keep(1, MEMBER, "周会").await;
        let key = format!("Bearer {}", made(&house, MEMBER, &["content"]).await);
        for (forwarded, named) in cases {
            let expected = named.filter(|_| trust_proxy).unwrap_or("192.0.2.7");
            let mut browser = signed_in_from(&house, MEMBER, forwarded).await;
            let looked = browser.ask(&house, sent(&path, forwarded), Body::empty()).await;
            assert_eq!(looked.status, 200, "{forwarded:?}");
            let read = sent(&format!("/api/v1{path}/transcript"), forwarded).header(AUTHORIZATION, &key);
            let read = house.send(read.body(Body::empty()).unwrap()).await;
            assert_eq!(read.status, 200, "{forwarded:?}");
            let told = written_down(&house).await;
            let last = told.iter().take(3).map(|row| (row.verb.as_str(), row.from_address.as_str()));
            let expected = ["exported", "viewed", "signed_in"].map(|verb| (verb, expected));
            assert_eq!(last.collect::<Vec<_>>(), expected, "{forwarded:?} with {trust_proxy}");
        }
    }
}

#[tokio::test]
async fn rubbish_in_place_of_an_address_is_none() {
    let mut plan = plan();
    plan.site.trust_proxy = true;
    let house = plan.build().await;
    for rubbish in [
        "<script>alert(1)</script>",
        "\" onerror=\"alert(1)",
        "'; DROP TABLE audit; --",
        "=HYPERLINK(0)",
        "::::",
        "999.999.999.999:99999",
    ] {
        let mut browser = signed_in_from(&house, ADMINISTRATOR, &[rubbish]).await;
        for path in ["/audit", "/sessions"] {
            let page = browser.ask(&house, sent(path, &[rubbish]), Body::empty()).await;
            assert_eq!(page.status, 200, "{rubbish} {path}");
            for trick in ["<script>", "\" onerror"] {
                assert!(!page.body.contains(trick), "{rubbish} {path}: {}", page.body);
            }
        }
        let sheet = browser.ask(&house, sent("/audit.csv", &[rubbish]), Body::empty()).await.body;
        assert!(!sheet.contains(",=") && !sheet.contains("\"="), "a formula: {sheet}");
        for row in written_down(&house).await {
            assert_eq!(
                row.from_address, "192.0.2.7",
                "{rubbish}: the proxy itself, whom it named is not known"
            );
        }
    }
    assert_eq!(verify(&house.catalog).await.unwrap().broken, None);
}

/// How many of a hundred tries to sign in are admitted, each with what its number makes of the header.
async fn admitted(house: &House, forwarded: impl Fn(usize) -> String) -> usize {
    let mut admitted = 0;
    for number in 0..100 {
        let request = sent("/auth/sign-in", &[forwarded(number).as_str()]);
        let page = Browser::default().ask(house, request, Body::empty()).await;
        admitted += usize::from(page.status == 200);
    }
    admitted
}

#[tokio::test]
async fn whoever_writes_other_addresses_has_no_more_tries_to_sign_in() {
    let house = plan().build().await;
    assert_eq!(admitted(&house, |number| format!("203.0.113.{number}")).await, 60);
    let mut plan = plan();
    plan.site.trust_proxy = true;
    let house = plan.build().await;
    assert_eq!(admitted(&house, |number| format!("198.51.100.{number}, 203.0.113.9")).await, 60);
    let others = admitted(&house, |number| format!("203.0.113.9, 198.51.100.{number}")).await;
    assert_eq!(others, 100, "behind our proxy nobody waits for somebody else");
}

#[tokio::test]
async fn a_stream_ends_with_the_session_of_whoever_watches() {
    let house = plan().build().await;
    let mut person = Person::come(&house, ADMINISTRATOR).await;
    let cookie = format!("mv_session={}", person.browser.cookies["mv_session"]);
    let request = Request::get("/queue/live").header(COOKIE, cookie).body(Body::empty()).unwrap();
    let mut chunks = house.doors.clone().oneshot(request).await.unwrap().into_body().into_data_stream();
    for _ in 0..2 {
        assert!(chunks.next().await.is_some(), "who watches is asked for, and is signed in");
        // Until they are asked for again the stream reads nothing from the catalogue: time may jump.
        tokio::time::pause();
        for _ in 1..ASK_EVERY {
            assert!(chunks.next().await.is_some());
        }
        tokio::time::resume();
    }
    person.send(&house, "/auth/sign-out", &[]).await;
    assert!(chunks.next().await.is_none());
}

//! What goes over the wire: pages of a large archive stay light, and only what shrinks is compressed.

use std::fmt::Write as _;

use axum::body::Body;
use axum::http::Request;
use axum::http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, COOKIE, HOST};

use crate::house::{Answer, Browser, House};
use crate::rooms::{ADMINISTRATOR, MEMBER, plan, signed_in};
use crate::shelf::NOTES;

/// For a first visit, with all that the page asks for.
const BAR_BYTES: usize = 150_000;

async fn fetch(house: &House, browser: &Browser, path: &str) -> Answer<Vec<u8>> {
    fetch_as(house, browser, path, "gzip, deflate, br").await
}

async fn fetch_as(house: &House, browser: &Browser, path: &str, encodings: &str) -> Answer<Vec<u8>> {
    let cookies: Vec<String> =
        browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let request = Request::get(path)
        .header(HOST, "vault.test:29090")
        .header(ACCEPT, "text/html")
        .header(ACCEPT_ENCODING, encodings)
        .header(COOKIE, cookies.join("; "));
    house.send_for_bytes(request.body(Body::empty()).expect("a request")).await
}

/// Bytes of a page and of all styles and scripts that it names, as they are sent.
async fn first_visit(house: &House, browser: &mut Browser, path: &str) -> usize {
    let page = browser.get(house, path).await;
    assert_eq!(page.status, 200, "{path}");
    let sent = fetch(house, browser, path).await;
    assert_eq!(sent.header(CONTENT_ENCODING.as_str()), "gzip", "{path}");
    let mut bytes = sent.body.len();
    let named = page.body.split('"').filter(|text| text.starts_with("/static/"));
    for asset in named.collect::<std::collections::BTreeSet<_>>() {
        let asset = fetch(house, browser, asset).await;
        assert_eq!(asset.status, 200, "{path}");
        bytes += asset.body.len();
    }
    println!("{path}: {bytes} bytes, {} of them the page", sent.body.len());
    bytes
}

/// An hour, a line every five seconds.
fn an_hour() -> String {
    let mut srt = String::new();
    for line in 0..720 {
        let clock =
            |second: usize| format!("{:02}:{:02}:{:02},000", second / 3_600, second / 60 % 60, second % 60);
        let (from, until) = (clock(line * 5), clock(line * 5 + 4));
        let _ = write!(
            srt,
            "{}\n{from} --> {until}\n王芳: 第{line}句，讨论预算和排期，数据库放到十二月\n\n",
            line + 1
        );
    }
    srt
}

#[tokio::test]
async fn an_hours_transcript_and_tables_of_a_hundred_people_are_light() {
    let house = plan().build().await;
    let path = house.keep_with(1, MEMBER, "周会", &an_hour(), NOTES).await;
    let db = house.catalog.db();
    for number in 0..150_i64 {
        let (person, name) = (format!("ou_{number:032}"), format!("同事{number}"));
        let member = "INSERT INTO members (open_id, name, state, state_at, authorised_at)
            VALUES ($1, $2, 'active', 1763000000000, 1760000000000)";
        db.execute(member, vec![person.as_str().into(), name.as_str().into()]).await.unwrap();
        for week in 0..12_i64 {
            let token = format!("obcn7{number:09}{week:010}");
            let made_ms = 1_763_800_000_000 - week * 604_800_000;
            let recording =
                "INSERT INTO recordings (minute_token, state, owner_id, title, found_at, created_ms)
                VALUES ($1, 'failed', $2, '周会', 1763900000000, $3)";
            let values = vec![token.as_str().into(), person.as_str().into(), made_ms.into()];
            db.execute(recording, values).await.unwrap();
        }
    }
    let mut member = signed_in(&house, MEMBER).await;
    let mut administrator = signed_in(&house, ADMINISTRATOR).await;
    let searched = format!("{path}?q=%E9%A2%84%E7%AE%97&t=25");
    for path in [path.as_str(), &searched, "/search?q=%E9%A2%84%E7%AE%97"] {
        let bytes = first_visit(&house, &mut member, path).await;
        assert!(bytes <= BAR_BYTES, "{path}: {bytes} bytes");
    }
    for path in ["/coverage", "/coverage?weeks=52", "/people", "/queue?of=failed", "/recordings?shelf=all"] {
        let bytes = first_visit(&house, &mut administrator, path).await;
        assert!(bytes <= BAR_BYTES, "{path}: {bytes} bytes");
    }
}

#[tokio::test]
async fn recordings_and_texts_go_out_as_they_are_and_so_does_all_to_whom_takes_no_encoding_of_ours() {
    let house = plan().build().await;
    let path = house.keep(1, MEMBER, "周会").await;
    let member = signed_in(&house, MEMBER).await;
    for door in [
        format!("{path}/media"),
        format!("{path}/text/transcript_srt"),
        path.replace("/recordings/", "/recordings.zip?r="),
    ] {
        let answer = fetch(&house, &member, &door).await;
        assert_eq!((answer.status.as_u16(), answer.header(CONTENT_ENCODING.as_str())), (200, ""), "{door}");
    }
    for picky in ["br, identity;q=0", "*;q=0", "identity; q=0.0", "identity;q=1, *;q=0"] {
        let page = fetch_as(&house, &member, &path, picky).await;
        assert_eq!((page.status.as_u16(), page.header(CONTENT_ENCODING.as_str())), (200, ""), "{picky}");
    }
}

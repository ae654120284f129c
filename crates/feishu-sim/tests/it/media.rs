//! The media host.

use reqwest::header::{
    AUTHORIZATION, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_RANGE, RANGE,
};
use reqwest::{Method, Response};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::lab::{Answer, Lab};

const BYTES: u64 = 5_000_000;

/// One generated recording of 5 MB, one clip of sound.
async fn lab() -> (Lab, String) {
    let lab = Lab::from_json(json!({
        "people": [{ "name": "王芳" }],
        "minutes": [
            { "owner": "王芳", "title": "周会 / 复盘", "media": { "kind": "generated", "bytes": BYTES } },
            { "owner": "王芳", "title": "录音", "media": { "kind": "clip", "clip": "voice", "pad_bytes": 1000 } },
        ],
        "knobs": { "rate_limits": false },
    }))
    .await;
    let token = lab.full_token("王芳").await;
    (lab, token)
}

async fn range(lab: &Lab, url: &str, range: &str) -> Response {
    lab.http.get(url).header(RANGE, range).send().await.unwrap()
}

#[tokio::test]
async fn a_whole_download_is_the_file_the_control_room_knows() {
    let (lab, token) = lab().await;
    for (title, kind, extension) in [("周会 / 复盘", "video/mp4", "mp4"), ("录音", "audio/mp4", "m4a")]
    {
        let url = lab.download_url(title, &token).await;
        let response = lab.http.get(&url).send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()[CONTENT_TYPE], kind);
        let name = response.headers()[CONTENT_DISPOSITION].to_str().unwrap();
        assert!(name.contains("filename*=UTF-8''%") && name.ends_with(extension), "{name}");
        let body = response.bytes().await.unwrap();
        let truth = lab.minute(title).await;
        assert_eq!(truth["file"]["bytes"], body.len());
        assert_eq!(truth["file"]["sha256"], hex::encode(Sha256::digest(&body)));
        assert_eq!(&body[4..8], b"ftyp");
        assert_eq!(
            (&truth["served"]["whole_gets"], &truth["served"]["bytes"]),
            (&json!(1), &json!(body.len()))
        );
    }
}

#[tokio::test]
async fn ranges_are_parts_of_the_whole() {
    let (lab, token) = lab().await;
    let url = lab.download_url("周会 / 复盘", &token).await;
    let whole = lab.http.get(&url).send().await.unwrap().bytes().await.unwrap();
    for (asked, from, to) in [
        ("bytes=0-99", 0, 100),
        ("bytes=1048000-3200000", 1_048_000, 3_200_001),
        ("bytes=-500", 4_999_500, 5_000_000),
    ] {
        let part = range(&lab, &url, asked).await;
        assert_eq!(part.status(), 206);
        let stated = format!("bytes {from}-{}/{BYTES}", to - 1);
        assert_eq!(part.headers()[CONTENT_RANGE], stated);
        assert_eq!(part.headers()[CONTENT_LENGTH], (to - from).to_string());
        assert!(part.bytes().await.unwrap() == whole[from..to], "{asked}");
    }
    let beyond = range(&lab, &url, "bytes=5000000-").await;
    assert_eq!(beyond.status(), 416);
    assert_eq!(beyond.headers()[CONTENT_RANGE], format!("bytes */{BYTES}"));
    assert_eq!(lab.minute("周会 / 复盘").await["served"]["range_gets"], 3);

    lab.turn(json!({ "media_ranges": false })).await;
    let ignored = range(&lab, &url, "bytes=0-99").await;
    assert_eq!((ignored.status().as_u16(), ignored.content_length()), (200, Some(BYTES)));
}

#[tokio::test]
async fn a_condition_on_a_range_is_honoured() {
    let (lab, token) = lab().await;
    let url = lab.download_url("周会 / 复盘", &token).await;
    let etag = lab.http.head(&url).send().await.unwrap().headers()[ETAG].clone();
    let conditional = async |validator: &str| {
        let request = lab.http.get(&url).header(RANGE, "bytes=0-9").header(IF_RANGE, validator);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(conditional(etag.to_str().unwrap()).await, 206);
    assert_eq!(conditional("\"another\"").await, 200);
}

#[tokio::test]
async fn another_edition_is_another_file_of_the_same_length() {
    let (lab, token) = lab().await;
    let url = lab.download_url("周会 / 复盘", &token).await;
    let path = format!("/minutes/{}", lab.minute_token("周会 / 复盘").await);
    let mut seen = Vec::new();
    for edition in 0..2 {
        lab.control(Method::PATCH, &path, json!({ "media_version": edition })).await;
        let truth = lab.minute("周会 / 复盘").await["file"].clone();
        let response = lab.http.get(&url).send().await.unwrap();
        assert_eq!(
            (&truth["etag"], &truth["bytes"]),
            (&json!(response.headers()[ETAG].to_str().unwrap()), &json!(BYTES))
        );
        let modified = response.headers()["last-modified"].clone();
        let hash = hex::encode(Sha256::digest(response.bytes().await.unwrap()));
        assert_eq!(truth["sha256"], hash);
        seen.push((hash, modified));
    }
    assert!(seen[0].0 != seen[1].0 && seen[0].1 != seen[1].1);
}

#[tokio::test]
async fn head_is_answered_or_not() {
    let (lab, token) = lab().await;
    let url = lab.download_url("周会 / 复盘", &token).await;
    let head = lab.http.head(&url).send().await.unwrap();
    assert_eq!(
        (head.status().as_u16(), &head.headers()[CONTENT_LENGTH]),
        (200, &BYTES.to_string().parse().unwrap())
    );
    lab.turn(json!({ "media_head": false })).await;
    assert_eq!(lab.http.head(&url).send().await.unwrap().status(), 405);
}

#[tokio::test]
async fn urls_die_after_a_day_and_cannot_be_made_up() {
    let (lab, token) = lab().await;
    let url = lab.download_url("录音", &token).await;
    lab.order("/clock/advance", json!({ "ms": 86_400_000 - 60_000 })).await;
    assert_eq!(lab.http.get(&url).send().await.unwrap().status(), 200);
    lab.order("/clock/advance", json!({ "ms": 60_000 })).await;
    let dead = Answer::of(lab.http.get(&url).send().await.unwrap()).await;
    assert_eq!(dead.refusal().0, 403, "its errors are JSON");
    let forged = Answer::of(lab.http.get(format!("{url}0")).send().await.unwrap()).await;
    assert_eq!(forged.refusal().0, 403);
}

#[tokio::test]
async fn an_authorization_header_at_the_media_host_is_seen() {
    let (lab, token) = lab().await;
    let url = lab.download_url("录音", &token).await;
    lab.http.get(&url).send().await.unwrap();
    assert_eq!(lab.see("/counters").await["media_authorization_leaks"], 0);
    lab.http.get(&url).header(AUTHORIZATION, "Bearer u-x").send().await.unwrap();
    assert_eq!(lab.see("/counters").await["media_authorization_leaks"], 1);
}

#[tokio::test]
async fn gigabytes_are_there_at_any_offset() {
    let lab = Lab::from_json(json!({
        "people": [{ "name": "王芳" }],
        "minutes": [{ "owner": "王芳", "title": "大", "media": { "kind": "generated", "bytes": 6_u64 << 30 } }],
    }))
    .await;
    let token = lab.full_token("王芳").await;
    let minutes = lab.see("/minutes").await;
    let minute = minutes["minutes"][0]["token"].as_str().unwrap();
    let path = format!("/open-apis/minutes/v1/minutes/{minute}/media");
    let url = lab.get(&path, &token).await.data()["download_url"].as_str().unwrap().to_owned();
    let part = range(&lab, &url, "bytes=5368709120-5368709219").await;
    assert_eq!(part.headers()[CONTENT_RANGE], format!("bytes 5368709120-5368709219/{}", 6_u64 << 30));
    let one = part.bytes().await.unwrap();
    let other = range(&lab, &url, "bytes=4294967296-4294967395").await.bytes().await.unwrap();
    assert_eq!((one.len(), other.len()), (100, 100));
    assert_ne!(one, other);
}

#[tokio::test]
async fn the_request_log_keeps_no_code() {
    let (lab, token) = lab().await;
    let url = lab.download_url("录音", &token).await;
    lab.request(Method::GET, url.strip_prefix(lab.base()).unwrap(), "").send().await.unwrap();
    let log = lab.see("/requests?api=media.download").await;
    let code = url.split_once("code=").unwrap().1;
    assert_eq!(log["requests"].as_array().unwrap().len(), 1);
    assert!(!log.to_string().contains(code));
}

#[tokio::test]
async fn a_recording_may_lie_on_another_host() {
    let (lab, token) = lab().await;
    let path = format!("/minutes/{}", lab.minute_token("录音").await);
    let elsewhere = "http://127.0.0.1:1/file.mp4";
    lab.control(Method::PATCH, &path, json!({ "download_url": elsewhere })).await;
    assert_eq!(lab.download_url("录音", &token).await, elsewhere);
    assert!(lab.minute("录音").await["file"].is_null(), "what it is there is not known here");
}

//! The media host over the wire: streams, ranges, refusals, and what never leaves us.

use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use feishu::{ByteRange, ContentRange, GuardRefusal, MediaError, MediaUrl, Timeouts};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;

use crate::platform::{Platform, client, json};

fn media(status: u16, headers: &[(&str, &str)], body: impl Into<Body>) -> Response {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(body.into()).unwrap()
}

fn media_url(base: &Url, path: &str) -> MediaUrl {
    MediaUrl::parse(base.join(path).unwrap().as_str()).unwrap()
}

async fn open(platform: &Platform, path: &str) -> Result<feishu::MediaResponse, MediaError> {
    platform.client().open_media(&media_url(&platform.base, path), None, None).await
}

#[tokio::test]
async fn a_part_is_asked_for_and_told_from_the_whole() {
    let platform = Platform::start(|seen| {
        if seen.path == "/ignores-range" || seen.header("range").is_none() {
            return media(200, &[("content-type", "video/mp4")], "0123456789");
        }
        let headers = [
            ("content-type", "Video/MP4"),
            ("content-range", "bytes 4-9/10"),
            ("etag", "\"v1\""),
            ("last-modified", "Sun, 23 Nov 2025 12:13:20 GMT"),
            ("content-disposition", "attachment; filename=\"x\"; filename*=UTF-8''%E5%91%A8%E4%BC%9A.mp4"),
        ];
        media(206, &headers, "456789")
    })
    .await;
    let client = platform.client();
    let mut part = client
        .open_media(
            &media_url(&platform.base, "/?code=SECRET"),
            Some(ByteRange { start: 4, end: None }),
            None,
        )
        .await
        .unwrap();
    assert_eq!(
        (part.status, part.content_length, part.content_type.as_deref()),
        (206, Some(6), Some("video/mp4"))
    );
    assert_eq!(part.content_range, Some(ContentRange { start: 4, end: 9, total: Some(10) }));
    assert_eq!((part.etag.as_deref(), part.file_name.as_deref()), (Some("\"v1\""), Some("周会.mp4")));
    assert!(part.last_modified.is_some());
    assert!(!format!("{part:?}").contains("SECRET"));
    let mut bytes = Vec::new();
    while let Some(chunk) = part.chunk().await.unwrap() {
        bytes.extend_from_slice(&chunk);
    }
    assert_eq!(bytes, b"456789");
    let whole = client
        .open_media(
            &media_url(&platform.base, "/ignores-range"),
            Some(ByteRange { start: 4, end: None }),
            None,
        )
        .await
        .unwrap();
    assert_eq!((whole.status, whole.content_range), (200, None));

    let seen = &platform.seen()[0];
    assert_eq!((seen.header("range"), seen.header("accept-encoding")), (Some("bytes=4-"), Some("identity")));
    assert!(seen.headers.get("authorization").is_none());
}

#[tokio::test]
async fn every_refusal_says_what_to_do() {
    let kind = |error: &MediaError| match error {
        MediaError::UrlExpired(_) => "expired",
        MediaError::RateLimited { .. } => "rate limited",
        MediaError::RangeNotSatisfiable { .. } => "range",
        MediaError::Refused(_) => "refused",
        MediaError::Transient(_) => "transient",
        MediaError::Stalled => "stalled",
        MediaError::Permanent(_) => "permanent",
    };
    for (status, expected) in [
        (401, "expired"),
        (403, "expired"),
        (404, "expired"),
        (410, "expired"),
        (429, "rate limited"),
        (416, "range"),
        (408, "transient"),
        (500, "transient"),
        (503, "transient"),
        (400, "permanent"),
        (204, "permanent"),
        (304, "permanent"),
    ] {
        let platform = Platform::start(move |_| media(status, &[], "")).await;
        let error = open(&platform, "/?code=SECRET").await.unwrap_err();
        assert_eq!(kind(&error), expected, "{status}");
        assert!(!format!("{error} {error:?}").contains("SECRET"), "{error}");
    }
    for (status, body, expected) in [
        (200, r#"{"code":1061045,"msg":"code expired"}"#, "expired"),
        (400, r#"{"code":99991400,"msg":"limit"}"#, "rate limited"),
        (400, "{truncated", "expired"),
        (502, r#"{"code":1,"msg":"down"}"#, "transient"),
    ] {
        let platform = Platform::start(move |_| json(status, body)).await;
        assert_eq!(kind(&open(&platform, "/").await.unwrap_err()), expected, "{status} {body}");
    }
    let platform = Platform::start(|_| media(416, &[("content-range", "bytes */1000")], "")).await;
    let error = open(&platform, "/").await.unwrap_err();
    assert_eq!(error, MediaError::RangeNotSatisfiable { total: Some(1000) });
}

#[tokio::test]
async fn few_redirects_are_followed_without_handing_the_address_on() {
    let platform = Platform::start(|seen| {
        let left: u32 = seen.path.trim_start_matches('/').parse().unwrap_or_default();
        let next = format!("/{}", left.saturating_sub(1));
        if left == 0 { media(200, &[], "film") } else { media(302, &[("location", &next)], "") }
    })
    .await;
    assert_eq!(open(&platform, "/5?code=SECRET").await.unwrap().status, 200);
    assert!(platform.seen().iter().all(|seen| seen.headers.get("referer").is_none()));
    let error = open(&platform, "/6").await.unwrap_err();
    assert_eq!(error, MediaError::Refused(GuardRefusal::TooManyRedirects));
}

#[tokio::test]
async fn nothing_inside_is_reached_by_number_or_by_name() {
    let platform = Platform::start(|_| media(200, &[], "inside")).await;
    let port = platform.base.port().unwrap();
    let guarded = client(&platform.base, false, Timeouts::default());
    for host in ["127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]"] {
        let url = MediaUrl::parse(&format!("http://{host}:{port}/")).unwrap();
        let error = guarded.open_media(&url, None, None).await.unwrap_err();
        assert_eq!(error, MediaError::Refused(GuardRefusal::PrivateAddress), "{host}");
    }
    assert!(platform.seen().is_empty());
    let allowed = MediaUrl::parse(&format!("http://localhost:{port}/")).unwrap();
    assert_eq!(platform.client().open_media(&allowed, None, None).await.unwrap().status, 200);
}

/// Sends a beginning of ten promised bytes, then either hangs up or falls silent.
async fn half_a_film(hang_up: bool) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        let _ = socket.read(&mut request).await.unwrap();
        socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf").await.unwrap();
        if !hang_up {
            std::future::pending::<()>().await;
        }
    });
    base
}

#[tokio::test]
async fn a_film_that_breaks_off_is_never_whole() {
    for hang_up in [true, false] {
        let base = half_a_film(hang_up).await;
        let timeouts = Timeouts { stall: Duration::from_millis(100), ..Timeouts::default() };
        let mut film =
            client(&base, true, timeouts).open_media(&media_url(&base, "/"), None, None).await.unwrap();
        let error = loop {
            match film.chunk().await {
                Ok(Some(chunk)) => assert_eq!(chunk, "half"),
                Ok(None) => panic!("half a film passed for a whole one"),
                Err(error) => break error,
            }
        };
        let expected =
            if hang_up { matches!(error, MediaError::Transient(_)) } else { error == MediaError::Stalled };
        assert!(expected, "{error:?}");
    }
}

#[test]
fn only_web_addresses_are_media_addresses() {
    for text in ["ftp://h/x", "file:///etc/passwd", "/relative", "https://", "data:,x", ""] {
        assert!(MediaUrl::parse(text).is_none(), "{text}");
    }
}

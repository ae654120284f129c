//! Whole connections against a scripted server: what is sent and answered, when a link counts as dead, what each
//! refusal means, and what shows nowhere.

use std::time::Duration;

use bytes::Bytes;
use feishu::{Client, EventVerifier, Link, LinkAddress, LinkError, LinkRefusal, News, Timeouts, Verdict};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, accept_async};

use crate::long_connection::{VECTORS, message};
use crate::platform::{Platform, Seen, client, json as answer};

const SECRET: &str = "secret0ticket0secret0ticket0";
const SERVICE: i32 = 33_554_678;

/// A WebSocket server that waits for one client, and a platform that sends clients there.
struct Stage {
    server: TcpListener,
    platform: Platform,
}

impl Stage {
    async fn set(config: Value) -> Self {
        let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = server.local_addr().unwrap();
        let url = format!("ws://{address}/ws/v2?device_id=1&service_id={SERVICE}&ticket={SECRET}");
        let data = json!({ "code": 0, "msg": "", "data": { "URL": url, "ClientConfig": config } });
        let platform = Platform::start(move |_: &Seen| answer(200, data.to_string())).await;
        Self { server, platform }
    }

    async fn connect(&self) -> (Link, WebSocketStream<TcpStream>) {
        let client = self.platform.client();
        let address = client.link_address().await.unwrap();
        let accept = async { accept_async(self.server.accept().await.unwrap().0).await.unwrap() };
        let (link, socket) = tokio::join!(client.open_link(address), accept);
        (link.unwrap(), socket)
    }

    /// What a client is told that this raw answer comes to.
    async fn refused(&self, raw: &'static str) -> LinkError {
        let client = self.platform.client();
        let address = client.link_address().await.unwrap();
        let refuse = async {
            let mut stream = self.server.accept().await.unwrap().0;
            let _ = stream.read(&mut [0; 4096]).await.unwrap();
            stream.write_all(raw.as_bytes()).await.unwrap();
        };
        let (link, ()) = tokio::join!(client.open_link(address), refuse);
        link.expect_err("no link")
    }
}

async fn address(body: Value, status: u16) -> Result<LinkAddress, LinkError> {
    let platform = Platform::start(move |_: &Seen| answer(status, body.to_string())).await;
    platform.client().link_address().await
}

fn vector(name: &str) -> Message {
    Message::Binary(VECTORS.frames.iter().find(|vector| vector.name == name).expect("a vector").bytes())
}

async fn next(socket: &mut WebSocketStream<TcpStream>) -> Bytes {
    match socket.next().await.expect("a message").expect("a message") {
        Message::Binary(bytes) => bytes,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_event_is_read_and_answered_as_the_official_clients_do() {
    let stage = Stage::set(json!({ "PingInterval": 120 })).await;
    let (mut link, mut socket) = stage.connect().await;
    let seen = stage.platform.seen();
    assert_eq!((seen[0].method.as_str(), seen[0].path.as_str()), ("POST", "/callback/ws/endpoint"));
    assert_eq!(seen[0].json(), json!({ "AppID": "cli_a000000000000001", "AppSecret": "app-secret" }));
    assert_eq!(seen[0].header("locale"), Some("zh"));

    let server = async {
        assert_eq!(Message::Binary(next(&mut socket).await), vector("client_ping"), "at once");
        socket.send(vector("server_pong_with_config")).await.unwrap();
        for part in [2, 0, 1] {
            socket.send(vector(&format!("event_part_{part}_of_3"))).await.unwrap();
        }
        let answer = next(&mut socket).await;
        (answer, socket)
    };
    let client = async {
        assert!(matches!(link.next().await, Ok(News::Alive)));
        assert_eq!(link.settings().reconnect_count, Some(180), "as the pong says");
        let Ok(News::Event(delivery)) = link.next().await else { panic!("an event") };
        assert_eq!(delivery.payload(), VECTORS.assembled_event_of_3_parts.as_bytes());
        let app = "cli_a000000000000001".to_owned();
        let event = EventVerifier::new(Some("key".into()), Some("token".into()), app);
        assert_eq!(event.read_unsealed(delivery.payload()).unwrap().kind, "vc.meeting.recording_ready_v1");
        delivery.answer(Verdict::Stored);
        // Answers go out while the next message is waited for.
        tokio::select! { news = link.next() => panic!("{news:?}"), () = std::future::pending::<()>() => {} }
    };
    let (sent, mut socket) = tokio::select! { done = server => done, () = client => unreachable!() };
    let frame = feishu::Frame::decode(sent).unwrap();
    assert_eq!(frame.payload(), br#"{"code":200,"headers":null,"data":null}"#);
    let shown = hex::encode(frame.encode());
    assert!(shown.contains(&hex::encode("biz_rt")), "{shown}");
    drop(link);
    assert!(socket.next().await.is_none_or(|end| end.is_err()), "one answer, no more");
}

#[tokio::test]
async fn of_one_app_the_event_of_another_is_refused() {
    let verifier = EventVerifier::new(None, None, "cli_other".to_owned());
    let refused = verifier.read_unsealed(VECTORS.assembled_event_of_3_parts.as_bytes());
    assert_eq!(refused, Err(feishu::Refusal::OtherApp));
    assert!(verifier.read_unsealed(br#"{"encrypt":"AAAA"}"#).is_err());
}

#[tokio::test]
async fn what_cannot_be_used_costs_no_connection() {
    let stage = Stage::set(json!({})).await;
    let (mut link, mut socket) = stage.connect().await;
    let empty_pong = message(0, &[("type", "pong")], b"");
    socket.send(Message::text("hello")).await.unwrap();
    socket.send(Message::Ping(Bytes::new())).await.unwrap();
    socket.send(Message::Binary(Bytes::from_static(b"<html>"))).await.unwrap();
    socket.send(Message::Binary(vec![0; feishu::MAX_FRAME_BYTES + 1].into())).await.unwrap();
    socket.send(Message::Binary(message(1, &[("type", "card"), ("message_id", "m")], b"{}"))).await.unwrap();
    socket.send(Message::Binary(empty_pong)).await.unwrap();
    let before = link.settings();
    for _ in 0..2 {
        assert!(matches!(link.next().await, Ok(News::Unusable(_))));
    }
    assert!(matches!(link.next().await, Ok(News::Alive)));
    assert_eq!(link.settings(), before);
}

#[tokio::test]
async fn a_link_that_is_silent_for_two_ping_intervals_is_dead() {
    let stage = Stage::set(json!({ "PingInterval": 1 })).await;
    let (mut link, _silent) = stage.connect().await;
    let Err(LinkError::Passing { detail, .. }) = link.next().await else { panic!("an end") };
    assert!(detail.message.contains("two ping intervals"), "{detail}");
}

#[tokio::test]
async fn a_polite_end_waits_for_the_answers_that_are_still_due() {
    let stage = Stage::set(json!({})).await;
    let (mut link, mut socket) = stage.connect().await;
    socket.send(vector("event_whole")).await.unwrap();
    let Ok(News::Event(delivery)) = link.next().await else { panic!("an event") };
    let storing = async {
        tokio::task::yield_now().await;
        delivery.answer(Verdict::Redeliver);
    };
    tokio::join!(link.close(Duration::from_mins(1)), storing, async {
        let mut frame = feishu::Frame::decode(next(&mut socket).await).unwrap();
        // Whether the first ping went before the event was read is a matter of luck.
        if frame.kind() == feishu::FrameKind::Ping {
            frame = feishu::Frame::decode(next(&mut socket).await).unwrap();
        }
        assert!(frame.payload().starts_with(br#"{"code":500"#));
        assert!(matches!(socket.next().await, Some(Ok(Message::Close(_)))));
    });
}

#[tokio::test]
async fn each_code_of_the_endpoint_means_what_the_page_says() {
    for (code, why) in [
        (403, LinkRefusal::Forbidden),
        (514, LinkRefusal::Credentials),
        (1_000_040_344, LinkRefusal::Credentials),
        (1_000_040_350, LinkRefusal::TooMany),
        (4_711, LinkRefusal::Unknown),
    ] {
        let refused = address(json!({ "code": code, "msg": "no" }), 200).await;
        assert!(
            matches!(refused, Err(LinkError::Refused { why: said, .. }) if said == why),
            "{code}: {refused:?}"
        );
    }
    let url = |url: &str| json!({ "code": 0, "data": { "URL": url } });
    for (body, status) in [
        (json!({ "code": 1, "msg": "system busy" }), 200),
        (json!({ "code": 1_000_040_343, "msg": "internal error" }), 200),
        (json!({ "code": 514, "msg": "a gateway's" }), 503),
        (json!("<html>"), 502),
        (json!({ "code": 0, "data": {} }), 200),
        (url("https://no.websocket.example/"), 200),
    ] {
        let passing = address(body.clone(), status).await;
        assert!(matches!(passing, Err(LinkError::Passing { .. })), "{body}: {passing:?}");
    }
}

#[tokio::test]
async fn a_failed_upgrade_says_why_in_its_headers() {
    let stage = Stage::set(json!({})).await;
    let refused = stage
        .refused("HTTP/1.1 403 Forbidden\r\nHandshake-Status: 514\r\nHandshake-Msg: too many\r\nHandshake-Autherrcode: 1000040350\r\nContent-Length: 0\r\n\r\n")
        .await;
    assert!(matches!(&refused, LinkError::Refused { why: LinkRefusal::TooMany, .. }), "{refused:?}");
    assert!(refused.to_string().contains("1000040350"), "{refused}");
    let refused =
        stage.refused("HTTP/1.1 403 Forbidden\r\nHandshake-Status: 403\r\nContent-Length: 0\r\n\r\n").await;
    assert!(matches!(refused, LinkError::Refused { why: LinkRefusal::Forbidden, .. }));
    for passing in [
        "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 500 Oops\r\nHandshake-Status: 500\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 502 Bad Gateway\r\nHandshake-Status: 1\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: wrong\r\n\r\n",
        "garbage\r\n\r\n",
    ] {
        let error = stage.refused(passing).await;
        assert!(matches!(error, LinkError::Passing { .. }), "{passing}: {error:?}");
        assert!(!format!("{error} {error:?}").contains(SECRET), "{error:?}");
    }
}

#[tokio::test]
async fn the_secret_address_shows_nowhere_and_private_ones_are_refused() {
    let stage = Stage::set(json!({})).await;
    let address = stage.platform.client().link_address().await.unwrap();
    let careful: Client = client(&stage.platform.base, false, Timeouts::default());
    let refused = careful.link_address().await.expect_err("a private address");
    assert!(matches!(refused, LinkError::Refused { why: LinkRefusal::Address, .. }), "{refused:?}");
    let Stage { server, platform } = stage;
    drop(server);
    let gone = platform.client().open_link(address.clone()).await.expect_err("nobody listens");
    for shown in [format!("{address:?}"), format!("{refused} {refused:?}"), format!("{gone} {gone:?}")] {
        assert!(!shown.contains(SECRET) && !shown.contains("ticket"), "{shown}");
    }
}

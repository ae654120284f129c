//! Long connections, seen from a client's side.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::HeaderMap;
use futures_util::{SinkExt as _, StreamExt as _};
use prost::Message as _;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::lab::{Answer, Lab};

#[derive(Clone, PartialEq, prost::Message)]
struct Frame {
    #[prost(uint64, required, tag = "1")]
    seq_id: u64,
    #[prost(uint64, required, tag = "2")]
    log_id: u64,
    #[prost(int32, required, tag = "3")]
    service: i32,
    #[prost(int32, required, tag = "4")]
    method: i32,
    #[prost(message, repeated, tag = "5")]
    headers: Vec<Header>,
    #[prost(bytes = "vec", optional, tag = "8")]
    payload: Option<Vec<u8>>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Header {
    #[prost(string, required, tag = "1")]
    key: String,
    #[prost(string, required, tag = "2")]
    value: String,
}

impl Frame {
    fn header(&self, key: &str) -> &str {
        self.headers.iter().find(|header| header.key == key).map_or("", |header| header.value.as_str())
    }

    fn bytes(&self) -> &[u8] {
        self.payload.as_deref().unwrap_or_default()
    }
}

/// A client that does what it is told.
struct Link(WebSocketStream<TcpStream>);

impl Link {
    async fn open(lab: &Lab) -> Self {
        Self::try_open(&url(lab).await).await.unwrap()
    }

    async fn try_open(url: &str) -> Result<Self, HeaderMap> {
        let host = url.trim_start_matches("ws://").split('/').next().unwrap();
        let stream = TcpStream::connect(host).await.unwrap();
        match client_async(url, stream).await {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(Error::Http(answer)) => Err(answer.headers().clone()),
            Err(error) => panic!("{error}"),
        }
    }

    async fn next(&mut self) -> Frame {
        loop {
            if let Message::Binary(bytes) = self.0.next().await.expect("a message").expect("a message") {
                return Frame::decode(bytes).unwrap();
            }
        }
    }

    async fn send(&mut self, frame: &Frame) {
        self.0.send(Message::Binary(frame.encode_to_vec().into())).await.unwrap();
    }

    async fn answer(&mut self, event: &Frame, code: i64) {
        let mut frame = event.clone();
        frame.headers.push(Header { key: "biz_rt".to_owned(), value: "3".to_owned() });
        frame.payload = Some(json!({ "code": code }).to_string().into_bytes());
        self.send(&frame).await;
    }

    async fn ping(&mut self) {
        let headers = vec![Header { key: "type".to_owned(), value: "ping".to_owned() }];
        self.send(&Frame { service: 33_554_678, headers, ..Frame::default() }).await;
    }
}

async fn lab(link_knobs: Value) -> Lab {
    Lab::from_json(json!({
        "app": { "subscription": "long_connection" },
        "people": [{ "name": "王芳" }],
        "knobs": { "long_connection": link_knobs },
    }))
    .await
}

/// `Handshake-Status` and `Handshake-Autherrcode` of a failed upgrade.
fn refusal(headers: &HeaderMap) -> (i64, Option<i64>) {
    let number = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().parse().unwrap());
    (number("handshake-status").unwrap(), number("handshake-autherrcode"))
}

async fn ask(lab: &Lab, secret: &str) -> Answer {
    let body = json!({ "AppID": lab.ready().app_id, "AppSecret": secret });
    lab.post("/callback/ws/endpoint", "", body).await
}

async fn url(lab: &Lab) -> String {
    let data = ask(lab, &lab.ready().app_secret).await.data();
    data["URL"].as_str().unwrap().to_owned()
}

async fn fire(lab: &Lab) -> Value {
    lab.order("/events", json!({ "event_type": "some.event_v1", "event": { "文": "字" } })).await["event_id"]
        .clone()
}

async fn event(lab: &Lab, event_id: &Value, ready: impl Fn(&Value) -> bool) -> Value {
    loop {
        let events = lab.see("/events").await;
        let event = events["events"].as_array().unwrap().iter().find(|event| event["event_id"] == *event_id);
        if let Some(event) = event.filter(|event| ready(event)) {
            return event.clone();
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn an_address_is_for_the_app_alone_and_serves_once() {
    let lab = lab(json!({ "ping_interval": 7, "reconnect_count": 180 })).await;
    assert_eq!(ask(&lab, "wrong").await.refusal(), (200, 514));
    let data = ask(&lab, &lab.ready().app_secret).await.data();
    let settings =
        json!({ "ReconnectCount": 180, "ReconnectInterval": 120, "ReconnectNonce": 30, "PingInterval": 7 });
    assert_eq!(data["ClientConfig"], settings);
    let url = data["URL"].as_str().unwrap();
    assert!(url.contains("device_id=") && url.contains("service_id=33554678"), "{url}");
    let mut link = Link::try_open(url).await.ok().unwrap();
    link.ping().await;
    let pong = link.next().await;
    assert_eq!((pong.method, pong.service, pong.header("type")), (0, 33_554_678, "pong"));
    assert_eq!(serde_json::from_slice::<Value>(pong.bytes()).unwrap(), settings);

    let refused = Link::try_open(url).await.err().expect("used up");
    assert_eq!(refusal(&refused), (514, Some(1_000_040_344)));
    lab.fault("ws.connect", 1, json!({ "kind": "handshake" })).await;
    let refused = Link::try_open(&self::url(&lab).await).await.err().expect("by order");
    assert_eq!(refusal(&refused), (403, None));
}

#[tokio::test]
async fn the_fifty_first_connection_is_refused_and_the_place_of_one_that_ended_is_free() {
    let lab = lab(json!({})).await;
    let mut links = Vec::new();
    for _ in 0..50 {
        links.push(Link::open(&lab).await);
    }
    let refused = Link::try_open(&url(&lab).await).await.err().expect("one too many");
    assert_eq!(refusal(&refused), (514, Some(1_000_040_350)));
    lab.turn(json!({ "long_connection": { "too_many_at": "endpoint" } })).await;
    assert_eq!(ask(&lab, &lab.ready().app_secret).await.refusal(), (200, 1_000_040_350));

    drop(links.pop());
    while lab.see("/long_connection").await["live"].as_array().unwrap().len() == 50 {
        tokio::task::yield_now().await;
    }
    Link::open(&lab).await;
}

#[tokio::test]
async fn each_event_goes_to_one_connection_by_chance() {
    const EVENTS: usize = 40;
    let lab = lab(json!({})).await;
    let (news, mut came) = tokio::sync::mpsc::unbounded_channel();
    for number in 0..3 {
        let mut link = Link::open(&lab).await;
        let news = news.clone();
        tokio::spawn(async move {
            loop {
                let event = link.next().await;
                link.answer(&event, 200).await;
                news.send((number, event)).unwrap();
            }
        });
    }
    let mut fired = BTreeSet::new();
    for _ in 0..EVENTS {
        fired.insert(fire(&lab).await.as_str().unwrap().to_owned());
    }
    let mut seen = BTreeMap::new();
    for _ in 0..EVENTS {
        let (number, event) = came.recv().await.unwrap();
        let body: Value = serde_json::from_slice(event.bytes()).unwrap();
        assert_eq!((event.header("type"), event.header("sum"), event.header("seq")), ("event", "1", "0"));
        assert_eq!(body["event"]["文"], "字", "in the clear, although the app has an Encrypt Key");
        assert!(seen.insert(body["header"]["event_id"].as_str().unwrap().to_owned(), number).is_none());
    }
    assert_eq!(seen.keys().collect::<Vec<_>>(), fired.iter().collect::<Vec<_>>());
    assert_eq!(seen.values().collect::<BTreeSet<_>>().len(), 3, "40 events by chance, and all to one");
}

#[tokio::test]
async fn what_is_not_answered_well_and_in_time_comes_again() {
    let lab = lab(json!({})).await;
    let event_id = fire(&lab).await;
    let tried = |times: usize| {
        move |event: &Value| event["attempts"].as_array().unwrap().len() == times && event["next_ms"].is_i64()
    };
    let first = event(&lab, &event_id, tried(1)).await;
    assert_eq!(first["attempts"][0]["error"], "nobody is connected");

    let mut link = Link::open(&lab).await;
    lab.order("/clock/advance", json!({ "ms": 15_000 })).await;
    let message = link.next().await;
    link.answer(&message, 500).await;
    assert_eq!(event(&lab, &event_id, tried(2)).await["attempts"][1]["status"], 500);

    lab.order("/clock/advance", json!({ "ms": 300_000 })).await;
    let message = link.next().await;
    let third = event(&lab, &event_id, tried(3)).await;
    assert_eq!(third["attempts"][2]["error"], "no answer within 3 s");
    link.answer(&message, 200).await;

    lab.order("/clock/advance", json!({ "ms": 3_600_000 })).await;
    let message = link.next().await;
    link.answer(&message, 200).await;
    event(&lab, &event_id, |event| event["state"] == "delivered").await;
    let messages = lab.see("/long_connection").await["messages"].clone();
    let answers: Vec<_> =
        messages.as_array().unwrap().iter().map(|sent| sent["answers"][0].clone()).collect();
    let facts: Vec<_> = answers.iter().map(|answer| (&answer["code"], &answer["in_time"])).collect();
    let (yes, no) = (json!(true), json!(false));
    assert_eq!(facts, [(&json!(500), &yes), (&json!(200), &no), (&json!(200), &yes)]);
    assert_eq!(answers[2]["biz_rt"], "3");
}

#[tokio::test]
async fn events_come_in_parts_lose_one_and_come_twice_by_order() {
    let lab = lab(json!({})).await;
    let mut link = Link::open(&lab).await;
    lab.fault("ws.event", 1, json!({ "kind": "split", "parts": 4, "order": "reversed" })).await;
    let event_id = fire(&lab).await;
    let mut parts = Vec::new();
    for seq in ["3", "2", "1", "0"] {
        let part = link.next().await;
        assert_eq!((part.header("sum"), part.header("seq")), ("4", seq));
        parts.push(part);
    }
    link.answer(&parts[3], 200).await;
    parts.reverse();
    let whole = parts.iter().flat_map(Frame::bytes).copied().collect::<Vec<u8>>();
    assert_eq!(serde_json::from_slice::<Value>(&whole).unwrap()["header"]["event_id"], event_id);

    lab.fault("ws.event", 1, json!({ "kind": "part_lost" })).await;
    fire(&lab).await;
    assert_eq!(
        (link.next().await.header("sum"), lab.see("/faults").await["faults"][1]["hits"].clone()),
        ("2", json!(1))
    );

    lab.fault("ws.event", 1, json!({ "kind": "duplicate" })).await;
    let event_id = fire(&lab).await;
    let (one, other) = (link.next().await, link.next().await);
    assert_eq!(one.bytes(), other.bytes());
    assert!(String::from_utf8_lossy(one.bytes()).contains(event_id.as_str().unwrap()));
    assert_ne!(one.header("message_id"), other.header("message_id"));
}

#[tokio::test]
async fn pongs_fail_and_connections_end_by_order() {
    let lab = lab(json!({})).await;
    let mut link = Link::open(&lab).await;
    lab.fault("ws.pong", 1, json!({ "kind": "no_pong" })).await;
    link.ping().await;
    lab.fault("ws.pong", 1, json!({ "kind": "empty_pong" })).await;
    link.ping().await;
    let pong = link.next().await;
    assert_eq!((pong.header("type"), pong.bytes().len()), ("pong", 0), "the first ping was not answered");

    lab.order("/long_connection/cut", json!({ "how": "close" })).await;
    assert!(matches!(link.0.next().await, Some(Ok(Message::Close(_)))));
    let mut link = Link::open(&lab).await;
    lab.order("/long_connection/cut", json!({ "how": "reset" })).await;
    assert!(matches!(link.0.next().await, Some(Err(_))));
    let nobody = json!({ "connection": 4_711 });
    assert_eq!(lab.post("/_sim/long_connection/cut", "", nobody).await.status, 404);
}

//! Frames of the long connection against bytes that other code made, and parts that come as they like.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::time::Duration;

use bytes::Bytes;
use feishu::{BadFrame, Frame, FrameKind, MAX_EVENT_BYTES, MAX_FRAME_BYTES, Parts, Verdict};
use proptest::prelude::*;
use serde::Deserialize;
use tokio::time::Instant;

#[derive(Deserialize)]
pub(crate) struct Vectors {
    pub(crate) assembled_event_of_3_parts: String,
    pub(crate) frames: Vec<Vector>,
}

#[derive(Deserialize)]
pub(crate) struct Vector {
    pub(crate) name: String,
    hex: String,
    method: i32,
    headers: Vec<(String, String)>,
    payload_utf8: Option<String>,
    payload_hex: Option<String>,
}

pub(crate) static VECTORS: LazyLock<Vectors> =
    LazyLock::new(|| serde_json::from_str(include_str!("../data/long_connection.json")).unwrap());

impl Vector {
    fn named(name: &str) -> &'static Self {
        VECTORS.frames.iter().find(|vector| vector.name == name).expect("a vector of that name")
    }

    pub(crate) fn bytes(&self) -> Bytes {
        hex::decode(&self.hex).unwrap().into()
    }

    fn frame(&self) -> Frame {
        Frame::decode(self.bytes()).unwrap()
    }
}

/// Protobuf written by hand, apart from the code under test.
pub(crate) fn message(method: u8, headers: &[(&str, &str)], payload: &[u8]) -> Bytes {
    let field = |tag: u8, content: &[u8]| [&[tag][..], &varint(content.len()), content].concat();
    let mut message = vec![0x08, 0, 0x10, 0, 0x18, 1, 0x20, method];
    for (key, value) in headers {
        message.extend(field(0x2a, &[field(0x0a, key.as_bytes()), field(0x12, value.as_bytes())].concat()));
    }
    message.extend(field(0x42, payload));
    message.into()
}

fn varint(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(number & 0x7f).unwrap();
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

fn part(id: &str, seq: usize, sum: usize, payload: &[u8]) -> Frame {
    let (seq, sum) = (seq.to_string(), sum.to_string());
    let headers = [("type", "event"), ("message_id", id), ("sum", &sum), ("seq", &seq)];
    Frame::decode(message(1, &headers, payload)).unwrap()
}

#[test]
fn every_vector_is_read_and_written_byte_for_byte() {
    for vector in &VECTORS.frames {
        let frame = vector.frame();
        assert_eq!(hex::encode(frame.encode()), vector.hex, "{}", vector.name);
        let headers: HashMap<_, _> =
            vector.headers.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let kind = match (vector.method, headers["type"]) {
            (0, "ping") => FrameKind::Ping,
            (0, "pong") => FrameKind::Pong,
            (1, "event") => FrameKind::Event,
            other => panic!("{other:?}"),
        };
        assert_eq!(frame.kind(), kind, "{}", vector.name);
        assert_eq!(frame.message_id(), headers.get("message_id").copied());
        assert_eq!(frame.trace_id(), headers.get("trace_id").copied());
        let payload = match (&vector.payload_utf8, &vector.payload_hex) {
            (Some(text), _) => text.clone().into_bytes(),
            (None, Some(hex)) => hex::decode(hex).unwrap(),
            (None, None) => panic!("{} has no payload", vector.name),
        };
        assert_eq!(frame.payload(), payload, "{}", vector.name);
    }
}

#[test]
fn ping_and_answer_are_the_bytes_that_the_official_clients_send() {
    assert_eq!(Frame::ping(33_554_678).encode(), Vector::named("client_ping").bytes());
    let answer = Vector::named("event_whole").frame().answer(Verdict::Stored, Duration::from_millis(3));
    assert_eq!(answer.encode(), Vector::named("client_ack_ok").bytes());
    let again = Vector::named("event_whole").frame().answer(Verdict::Redeliver, Duration::ZERO);
    assert!(again.payload().starts_with(br#"{"code":500,"#));
}

#[test]
fn three_parts_in_any_order_are_one_event() {
    let parts: [Frame; 3] =
        std::array::from_fn(|seq| Vector::named(&format!("event_part_{seq}_of_3")).frame());
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let (mut together, now) = (Parts::default(), Instant::now());
        assert_eq!(together.put(parts[order[0]].clone(), now), Ok(None));
        assert_eq!(together.put(parts[order[1]].clone(), now), Ok(None));
        let whole = together.put(parts[order[2]].clone(), now).unwrap().expect("whole");
        assert_eq!(whole.payload(), VECTORS.assembled_event_of_3_parts.as_bytes());
        let took = Duration::from_millis(1);
        assert_eq!(
            whole.answer(Verdict::Stored, took),
            parts[order[2]].answer(Verdict::Stored, took),
            "answered with the headers of the part that completed it"
        );
    }
    let whole = Vector::named("event_whole").frame();
    assert_eq!(Parts::default().put(whole.clone(), Instant::now()), Ok(Some(whole)));
}

#[test]
fn half_a_message_is_forgotten_after_five_seconds() {
    let (mut parts, start) = (Parts::default(), Instant::now());
    let after = |ms| start + Duration::from_millis(ms);
    assert_eq!(parts.put(part("m", 0, 3, b"old"), start), Ok(None));
    assert_eq!(parts.put(part("m", 1, 3, b"old"), after(4_999)), Ok(None));
    assert_eq!(parts.put(part("m", 2, 3, b"new"), after(9_999)), Ok(None), "the first two are gone");
    assert_eq!(parts.put(part("m", 0, 3, b"new"), after(10_000)), Ok(None));
    let whole = parts.put(part("m", 1, 3, b"new"), after(10_000)).unwrap().expect("whole");
    assert_eq!(whole.payload(), b"newnewnew");
    // A clock of another thread may lie behind.
    assert_eq!(parts.put(part("n", 0, 2, b""), after(1)), Ok(None));
    assert_eq!(parts.put(part("n", 1, 2, b"end"), start).unwrap().expect("whole").payload(), b"end");
}

#[test]
fn impossible_parts_and_endless_messages_are_refused() {
    let mut parts = Parts::default();
    let mut put = |headers: &[(&str, &str)]| {
        parts
            .put(Frame::decode(message(1, headers, b"x")).unwrap(), Instant::now())
            .map(|done| done.is_some())
    };
    for (seq, sum) in [("2", "2"), ("-1", "2"), ("0", "x"), ("1", "0"), ("0", "99999999999999999999999")] {
        assert_eq!(put(&[("message_id", "m"), ("seq", seq), ("sum", sum)]), Err(BadFrame::Misnumbered));
    }
    assert_eq!(put(&[("seq", "0"), ("sum", "2")]), Err(BadFrame::Misnumbered), "of no message");
    assert_eq!(
        put(&[("message_id", "m"), ("seq", "0"), ("sum", "18446744073709551615")]),
        Err(BadFrame::TooLarge)
    );
    assert_eq!((put(&[]), put(&[("seq", "0"), ("sum", "0")])), (Ok(true), Ok(true)), "whole without a count");

    let (half, now) = (vec![b'x'; MAX_EVENT_BYTES / 2 + 1], Instant::now());
    assert_eq!(parts.put(part("big", 0, 3, &half), now), Ok(None));
    assert_eq!(parts.put(part("big", 1, 3, &half), now), Err(BadFrame::TooLarge));
    assert_eq!(parts.put(part("big", 2, 3, b""), now), Ok(None), "and nothing of it is kept");

    assert_eq!(Frame::decode(vec![0; MAX_FRAME_BYTES + 1].into()), Err(BadFrame::TooLarge));
    assert_eq!(Frame::decode(Bytes::from_static(b"<html>")), Err(BadFrame::Malformed));
    let headers = vec![("k", "v"); 65];
    assert_eq!(Frame::decode(message(1, &headers, b"")), Err(BadFrame::Malformed));
}

#[test]
fn many_halves_do_not_pile_up_and_the_oldest_goes_first() {
    let (mut parts, start) = (Parts::default(), Instant::now());
    for number in 0..33_u64 {
        let now = start + Duration::from_millis(number);
        assert_eq!(parts.put(part(&number.to_string(), 0, 2, b"a"), now), Ok(None));
    }
    let now = start + Duration::from_millis(40);
    let second_half = |parts: &mut Parts, id| parts.put(part(id, 1, 2, b"b"), now).unwrap().is_some();
    assert!(second_half(&mut parts, "1") && second_half(&mut parts, "32"));
    assert!(!second_half(&mut parts, "0"));
}

#[test]
fn a_frame_shows_nobodys_meeting() {
    let frame = Vector::named("event_whole").frame();
    let mut parts = Parts::default();
    parts.put(part("m", 0, 2, b"secret words"), Instant::now()).unwrap();
    let shown = format!("{frame:?} {parts:?}");
    assert!(shown.contains("t-001") && shown.contains("1 of 2 parts"), "{shown}");
    assert!(!shown.contains("minute_token") && !shown.contains("secret"), "{shown}");
}

proptest! {
    #[test]
    fn no_bytes_break_the_reader_and_what_is_read_is_written_the_same(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(frame) = Frame::decode(bytes.into()) {
            let again = Frame::decode(frame.encode()).unwrap();
            prop_assert_eq!(&again, &frame);
            prop_assert_eq!(again.encode(), frame.encode());
        }
    }

    #[test]
    fn a_bent_frame_breaks_nothing(at in 0_usize..400, byte in any::<u8>(), vector in 0_usize..6) {
        let mut bytes = VECTORS.frames[vector].bytes().to_vec();
        let at = at % bytes.len();
        bytes[at] = byte;
        if let Ok(frame) = Frame::decode(bytes.into()) {
            let _ = (frame.kind(), frame.trace_id(), format!("{frame:?}"));
            let sent = frame.payload().to_vec();
            if let Ok(Some(whole)) = Parts::default().put(frame, Instant::now()) {
                prop_assert_eq!(whole.payload(), sent);
            }
        }
    }

    /// Several messages at once, cut anywhere, in any order, with parts that come twice.
    #[test]
    fn whatever_the_cut_and_the_order_each_message_comes_out_once_and_whole(
        messages in prop::collection::vec(prop::collection::vec(prop::collection::vec(any::<u8>(), 0..20), 1..6), 1..8),
        order in any::<prop::sample::Index>(), twice in any::<u64>(),
    ) {
        let mut sent = Vec::new();
        for (number, cut) in messages.iter().enumerate() {
            for (seq, payload) in cut.iter().enumerate() {
                sent.push((number, seq, cut.len(), payload));
            }
        }
        // A turn of a fixed mixing is as good as any order, and shrinks well.
        sent.sort_by_key(|(number, seq, _, _)| (seq * 7 + number * 3) % 11);
        let turn = order.index(sent.len());
        sent.rotate_left(turn);
        let (mut parts, now) = (Parts::default(), Instant::now());
        let mut came = HashMap::new();
        for (place, (number, seq, sum, payload)) in sent.into_iter().enumerate() {
            let frame = part(&number.to_string(), seq, sum, payload);
            let comes_twice = twice >> (place % 64) & 1 == 1 && sum > 1;
            if comes_twice && let Some(whole) = parts.put(frame.clone(), now).unwrap() {
                prop_assert!(came.insert(number, whole.payload().to_vec()).is_none(), "came twice");
                continue;
            }
            if let Some(whole) = parts.put(frame, now).unwrap() {
                prop_assert!(came.insert(number, whole.payload().to_vec()).is_none(), "came twice");
            }
        }
        for (number, cut) in messages.iter().enumerate() {
            prop_assert_eq!(came.get(&number), Some(&cut.concat()));
        }
    }
}

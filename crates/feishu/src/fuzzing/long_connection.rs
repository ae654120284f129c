use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use crate::{BadFrame, Frame, FrameKind, MAX_FRAME_BYTES, Parts, Verdict};

/// Opens a message that says in four bytes what a part's headers would; no frame starts so.
const SHORT_PART: u8 = 0xFF;

/// The messages of one connection, each after a byte for the time that passed and two for its length: a frame
/// reads the same when written again, an answer belongs to its frame, and an event in parts comes back as its
/// latest parts in order, whatever came between.
pub fn long_connection(mut input: &[u8]) {
    let mut line = Line { parts: Parts::default(), now: Instant::now(), sent: HashMap::new() };
    while let Some((&[wait, high, low], rest)) = input.split_first_chunk() {
        let length = usize::from(u16::from_be_bytes([high, low])).min(rest.len());
        let (message, rest) = rest.split_at(length);
        line.now += Duration::from_millis(100) * u32::from(wait);
        line.receive(message);
        input = rest;
    }
    // Half a message of everybody's is no reason to lose a whole one.
    assert_eq!(line.put(&short_part(255, 1, 2, b"b")), Ok(None));
    let whole = line.put(&short_part(255, 0, 2, b"a")).expect("two parts of two").expect("whole");
    assert_eq!(whole.payload(), b"ab");
}

struct Line {
    parts: Parts,
    now: Instant,
    /// The latest payload of each part, by message and number of parts.
    sent: HashMap<(String, usize), BTreeMap<usize, Vec<u8>>>,
}

impl Line {
    fn receive(&mut self, message: &[u8]) {
        let frame = match message {
            // 255 is kept for the end.
            &[SHORT_PART, id, seq, sum, ref payload @ ..] if id < 255 => short_part(id, seq, sum, payload),
            _ => match Frame::decode(Bytes::copy_from_slice(message)) {
                Ok(frame) => frame,
                Err(why) => return assert_eq!(why, BadFrame::Malformed),
            },
        };
        reads_the_same(&frame);
        if frame.message_id() != Some("255") {
            let _ = self.put(&frame);
        }
    }

    fn put(&mut self, frame: &Frame) -> Result<Option<Frame>, BadFrame> {
        let back = self.parts.put(frame.clone(), self.now);
        let Ok((seq, sum)) = frame.part() else {
            assert_eq!(back, Err(BadFrame::Misnumbered));
            return back;
        };
        if sum == 1 {
            assert_eq!(back.as_ref(), Ok(&Some(frame.clone())));
            return back;
        }
        let Some(id) = frame.message_id().filter(|_| sum <= 1024) else {
            assert!(back.is_err());
            return back;
        };
        let sent = self.sent.entry((id.to_owned(), sum)).or_default();
        sent.insert(seq, frame.payload().to_vec());
        if let Some(whole) = back.as_ref().expect("a part within all bounds") {
            let latest: Vec<_> = sent.values().flatten().copied().collect();
            assert_eq!((sent.len(), whole.payload()), (sum, latest.as_slice()));
            assert_eq!((whole.kind(), whole.message_id()), (frame.kind(), Some(id)));
        }
        back
    }
}

fn reads_the_same(frame: &Frame) {
    let message = frame.encode();
    assert!(message.len() <= MAX_FRAME_BYTES);
    assert_eq!(Frame::decode(message).as_ref(), Ok(frame));
    for verdict in [Verdict::Stored, Verdict::Redeliver] {
        let answer = frame.answer(verdict, Duration::from_millis(3));
        let kind = frame.kind();
        assert_eq!((answer.message_id(), answer.trace_id()), (frame.message_id(), frame.trace_id()));
        assert!(answer.kind() == kind || kind == FrameKind::Other);
        assert!(answer.payload().starts_with(br#"{"code":"#));
    }
}

/// A part of an event, written by hand; an id, a number and a count of one byte each.
fn short_part(id: u8, seq: u8, sum: u8, payload: &[u8]) -> Frame {
    let payload = payload.get(..100).unwrap_or(payload);
    let field = |tag: u8, content: &[u8]| {
        [&[tag, u8::try_from(content.len()).expect("a short field")], content].concat()
    };
    let header = |key: &str, value: &str| {
        field(0x2a, &[field(0x0a, key.as_bytes()), field(0x12, value.as_bytes())].concat())
    };
    let [id, seq, sum] = [id, seq, sum].map(|number| number.to_string());
    let message = [
        vec![0x08, 0, 0x10, 0, 0x18, 1, 0x20, 1],
        header("type", "event"),
        header("message_id", &id),
        header("seq", &seq),
        header("sum", &sum),
        field(0x42, payload),
    ];
    Frame::decode(message.concat().into()).expect("a frame")
}

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use crate::{BadFrame, Frame, FrameKind, MAX_FRAME_BYTES, Parts, Verdict};

/// Opens a message that says in four bytes what a part's headers would; no frame starts so.
const SHORT_PART: u8 = 0xFF;

/// Sets of parts that may wait.
const MAX_WAITING: usize = 32;
/// How long a set waits for its next part.
const PATIENCE: Duration = Duration::from_secs(5);

/// The messages of one connection, each after a byte for the time that passed and two for its length: a frame
/// reads the same when written again, an answer belongs to its frame, and an event in parts comes back when, and
/// only when, its last part has come, as the latest of each in order.
pub fn long_connection(mut input: &[u8]) {
    let mut line = Line { parts: Parts::default(), now: Instant::now(), waiting: HashMap::new() };
    while let Some((&[wait, high, low], rest)) = input.split_first_chunk() {
        let length = usize::from(u16::from_be_bytes([high, low])).min(rest.len());
        let (message, rest) = rest.split_at(length);
        // Never at one time: which of two sets is the older must be known.
        line.now += Duration::from_millis(1) + Duration::from_millis(100) * u32::from(wait);
        line.receive(message);
        input = rest;
    }
}

struct Line {
    parts: Parts,
    now: Instant,
    waiting: HashMap<String, Waiting>,
}

/// What is known of one message's parts.
struct Waiting {
    sum: usize,
    payloads: BTreeMap<usize, Vec<u8>>,
    latest: Instant,
}

impl Line {
    fn receive(&mut self, message: &[u8]) {
        let frame = match message {
            &[SHORT_PART, id, seq, sum, ref payload @ ..] => short_part(id, seq, sum, payload),
            _ => match Frame::decode(Bytes::copy_from_slice(message)) {
                Ok(frame) => frame,
                Err(why) => return assert_eq!(why, BadFrame::Malformed),
            },
        };
        reads_the_same(&frame);
        let back = self.parts.put(frame.clone(), self.now);
        let Ok((seq, sum)) = frame.part() else { return assert_eq!(back, Err(BadFrame::Misnumbered)) };
        assert!(seq < sum);
        if sum == 1 {
            return assert_eq!(back, Ok(Some(frame)));
        }
        let Some(id) = frame.message_id().filter(|_| sum <= 1024) else { return assert!(back.is_err()) };
        let whole = back.expect("a part within all bounds");
        assert_eq!(
            whole.as_ref().map(|whole| whole.payload().to_vec()),
            self.expect(id, seq, sum, frame.payload())
        );
        if let Some(whole) = whole {
            assert_eq!((whole.kind(), whole.message_id()), (frame.kind(), Some(id)));
        }
    }

    /// What this part makes whole.
    fn expect(&mut self, id: &str, seq: usize, sum: usize, payload: &[u8]) -> Option<Vec<u8>> {
        self.waiting.retain(|_, set| self.now - set.latest < PATIENCE);
        if self.waiting.get(id).is_none_or(|set| set.sum != sum) {
            let oldest = self.waiting.iter().min_by_key(|(_, set)| set.latest).map(|(id, _)| id.clone());
            if let Some(oldest) =
                oldest.filter(|_| self.waiting.len() == MAX_WAITING && !self.waiting.contains_key(id))
            {
                self.waiting.remove(&oldest);
            }
            self.waiting.insert(id.to_owned(), Waiting { sum, payloads: BTreeMap::new(), latest: self.now });
        }
        let set = self.waiting.get_mut(id)?;
        set.latest = self.now;
        set.payloads.insert(seq, payload.to_vec());
        let is_whole = set.payloads.len() == sum;
        is_whole
            .then(|| self.waiting.remove(id))
            .flatten()
            .map(|set| set.payloads.into_values().flatten().collect())
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

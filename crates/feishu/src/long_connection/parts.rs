//! Putting together events that came in parts, in any order, within bounds: whoever sends half a message and
//! never the rest is forgotten. The platform sends what is not answered again.

use std::collections::HashMap;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::time::Instant;

use super::frame::{BadFrame, Frame};
use crate::events::MAX_EVENT_BYTES;

/// A set is dropped when no part of it has come for so long.
const PATIENCE: Duration = Duration::from_secs(5);
/// Sets waiting at once; the one that has waited longest makes room.
const MAX_SETS: usize = 32;
/// Parts of one message.
const MAX_PARTS: usize = 1024;

/// Messages of which some parts have come. Holds at most 32 MiB.
#[derive(Debug, Default)]
pub struct Parts(HashMap<String, Set>);

struct Set {
    parts: Vec<Option<Bytes>>,
    latest: Instant,
}

impl Parts {
    /// Takes a data frame that arrived `now`. Comes back as soon as it is whole: with the payload of all parts
    /// and the headers of the one that completed it, which is the one to answer.
    pub fn put(&mut self, frame: Frame, now: Instant) -> Result<Option<Frame>, BadFrame> {
        let (seq, sum) = frame.part()?;
        if sum == 1 {
            return Ok(Some(frame));
        }
        if sum > MAX_PARTS {
            return Err(BadFrame::TooLarge);
        }
        let id = frame.message_id().ok_or(BadFrame::Misnumbered)?.to_owned();
        self.0.retain(|_, set| now.saturating_duration_since(set.latest) < PATIENCE);
        if !self.0.contains_key(&id) {
            self.make_room();
        }
        let fresh = || Set { parts: vec![None; sum], latest: now };
        let set = self.0.entry(id.clone()).or_insert_with(fresh);
        if set.parts.len() != sum {
            *set = fresh();
        }
        set.latest = now;
        // A slice of the message that the socket read; kept alone, it would keep all of that.
        set.parts[seq] = Some(Bytes::copy_from_slice(frame.payload()));
        if set.bytes() > MAX_EVENT_BYTES {
            self.0.remove(&id);
            return Err(BadFrame::TooLarge);
        }
        if set.parts.iter().any(Option::is_none) {
            return Ok(None);
        }
        let whole = self.0.remove(&id).map(Set::join).unwrap_or_default();
        Ok(Some(frame.with_payload(whole)))
    }

    fn make_room(&mut self) {
        if self.0.len() < MAX_SETS {
            return;
        }
        let oldest = self.0.iter().min_by_key(|(_, set)| set.latest).map(|(id, _)| id.clone());
        if let Some(oldest) = oldest {
            self.0.remove(&oldest);
        }
    }
}

impl Set {
    fn bytes(&self) -> usize {
        self.parts.iter().flatten().map(Bytes::len).sum()
    }

    fn join(self) -> Bytes {
        let mut whole = BytesMut::with_capacity(self.bytes());
        self.parts.into_iter().flatten().for_each(|part| whole.extend_from_slice(&part));
        whole.freeze()
    }
}

/// Without what was said.
impl std::fmt::Debug for Set {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let there = self.parts.iter().flatten().count();
        write!(f, "{there} of {} parts", self.parts.len())
    }
}

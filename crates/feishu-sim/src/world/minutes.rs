//! A recording as it is now: played or not, ready or not, who may have which part.

use serde::Serialize;

use crate::clock::Ms;
use crate::scenario::{Access, Minute};

pub(crate) struct MinuteRow {
    pub(crate) minute: Minute,
    /// When its announcement was due.
    pub(crate) played_ms: Option<Ms>,
    pub(crate) made_ready: bool,
    pub(crate) served: Served,
    pub(crate) views: Vec<(String, Ms)>,
}

/// What the media host handed out of one recording.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Served {
    /// Body bytes given to the connection.
    pub(crate) bytes: u64,
    /// Answers of 200.
    pub(crate) whole_gets: u64,
    /// Answers of 206.
    pub(crate) range_gets: u64,
    /// Answers to HEAD.
    pub(crate) heads: u64,
}

/// What can be refused by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Basic,
    Media,
    Transcript,
    Artifacts,
}

impl MinuteRow {
    pub(crate) fn new(minute: Minute) -> Self {
        Self { minute, played_ms: None, made_ready: false, served: Served::default(), views: Vec::new() }
    }

    /// The transcription is done, the parts can be had.
    pub(crate) fn is_ready(&self, now: Ms) -> bool {
        self.made_ready || self.elapsed(self.minute.ready_after_ms, now)
    }

    /// Its meeting's recording has a URL.
    pub(crate) fn has_recording(&self, now: Ms) -> bool {
        self.made_ready || self.elapsed(self.minute.recording_after_ms, now)
    }

    fn elapsed(&self, after_ms: Ms, now: Ms) -> bool {
        after_ms == 0 || self.played_ms.is_some_and(|played| now >= played + after_ms)
    }

    pub(crate) fn may_view(&self, open_id: &str) -> bool {
        self.minute.owner == open_id || self.minute.viewers.iter().any(|viewer| viewer == open_id)
    }

    /// Whether this person may have that part.
    pub(crate) fn may_have(&self, part: Part, open_id: &str) -> bool {
        let rights = &self.minute.rights;
        let access = match part {
            Part::Basic => &Access::Viewers,
            Part::Media => &rights.media,
            Part::Transcript => &rights.transcript,
            Part::Artifacts => &rights.artifacts,
        };
        self.may_view(open_id)
            && match access {
                Access::Viewers => true,
                Access::Owner => self.minute.owner == open_id,
                Access::Nobody => false,
                Access::Only(people) => people.iter().any(|person| person == open_id),
            }
    }

    pub(crate) fn created_ms(&self) -> Ms {
        self.minute.created_ms.unwrap_or_default()
    }

    pub(crate) fn duration_ms(&self) -> Ms {
        self.minute.duration_ms.unwrap_or_default()
    }

    pub(crate) fn note_id(&self) -> i64 {
        self.created_ms().saturating_mul(5_000_000) % 9_000_000_000_000_000_000
    }
}

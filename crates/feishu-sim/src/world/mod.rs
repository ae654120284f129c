//! The platform's state: people and what they granted, minutes, meetings, messages, and what was seen.

mod calls;
mod grants;
mod minutes;
mod people;

use std::collections::{BTreeMap, HashMap};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

pub(crate) use calls::{Call, CallLog};
pub(crate) use grants::{AccessError, Challenge, Grants, RefreshError, Revocation, TokenPair};
pub(crate) use minutes::{MinuteRow, Part};
pub(crate) use people::PersonRow;

use crate::clock::Ms;
use crate::events::Outbox;
use crate::faults::Faults;
use crate::limits::Limiter;
use crate::long_connection::Register;
use crate::scenario::{App, Knobs, Meeting, Scenario};

pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) knobs: Knobs,
    /// By open_id.
    pub(crate) people: BTreeMap<String, PersonRow>,
    /// In the scenario's order.
    pub(crate) minutes: Vec<MinuteRow>,
    by_minute_token: HashMap<String, usize>,
    pub(crate) meetings: Vec<Meeting>,
    pub(crate) messages: Vec<Message>,
    pub(crate) grants: Grants,
    pub(crate) outbox: Outbox,
    pub(crate) links: Register,
    pub(crate) faults: Faults,
    pub(crate) limiter: Limiter,
    pub(crate) calls: CallLog,
    pub(crate) random: StdRng,
}

/// A message the app sent.
#[derive(Clone, Debug, serde::Serialize)]
#[expect(clippy::struct_field_names, reason = "message_id is the platform's name")]
pub(crate) struct Message {
    pub(crate) message_id: String,
    pub(crate) receive_id: String,
    pub(crate) msg_type: String,
    pub(crate) content: String,
    pub(crate) uuid: Option<String>,
    pub(crate) sent_ms: Ms,
    pub(crate) updates: u32,
}

impl World {
    /// `scenario` must be resolved.
    pub(crate) fn new(scenario: Scenario) -> Self {
        let Scenario { app, people, meetings, minutes, knobs, webhook, now_ms: _, seed } = scenario;
        let random = StdRng::seed_from_u64(seed.unwrap_or_else(|| rand::rng().random()));
        let grants = Grants::new(&app);
        let mut world = Self {
            people: people.into_iter().map(|person| (person.open_id.clone(), person.into())).collect(),
            minutes: Vec::new(),
            by_minute_token: HashMap::new(),
            meetings,
            messages: Vec::new(),
            grants,
            outbox: Outbox::new(webhook),
            links: Register::default(),
            faults: Faults::default(),
            limiter: Limiter::default(),
            calls: CallLog::default(),
            random,
            app,
            knobs,
        };
        for minute in minutes {
            world.add_minute(MinuteRow::new(minute));
        }
        world
    }

    pub(crate) fn add_minute(&mut self, row: MinuteRow) {
        self.by_minute_token.insert(row.minute.token.clone(), self.minutes.len());
        self.minutes.push(row);
    }

    pub(crate) fn minute(&self, token: &str) -> Option<&MinuteRow> {
        self.by_minute_token.get(token).and_then(|&index| self.minutes.get(index))
    }

    pub(crate) fn minute_mut(&mut self, token: &str) -> Option<&mut MinuteRow> {
        self.by_minute_token.get(token).and_then(|&index| self.minutes.get_mut(index))
    }

    pub(crate) fn meeting(&self, id: &str) -> Option<&Meeting> {
        self.meetings.iter().find(|meeting| meeting.id == id)
    }

    /// `length` random hexadecimal digits.
    pub(crate) fn random_hex(&mut self, length: usize) -> String {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        (0..length).map(|_| char::from(DIGITS[self.random.random_range(0..16)])).collect()
    }
}

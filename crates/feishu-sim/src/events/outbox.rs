//! Events that were fired, and what became of them.

use std::collections::{BTreeSet, HashMap, VecDeque};

use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::clock::{HOUR, MINUTE, Ms, SECOND};
use crate::platform::Platform;
use crate::scenario::Subscription;
use crate::world::World;

/// Waits before each new attempt, on the stand-in's clock.
const RETRIES_MS: [Ms; 4] = [15 * SECOND, 5 * MINUTE, HOUR, 6 * HOUR];
/// Events remembered one by one; settled ones go first.
const REMEMBERED: usize = 20_000;

#[derive(Clone, Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "event_id and event_type are the platform's names")]
pub(crate) struct Event {
    pub(crate) event_id: String,
    pub(crate) event_type: String,
    pub(crate) fired_ms: Ms,
    pub(crate) state: State,
    /// When the next attempt is due, while there is one.
    pub(crate) next_ms: Option<Ms>,
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) body: Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// Due, or waiting to be tried again.
    Pending,
    Delivered,
    /// All attempts failed.
    GivenUp,
    /// There was nowhere to send it.
    NoWebhook,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Attempt {
    pub(crate) at_ms: Ms,
    /// Of the answer, by either way; absent when none came.
    pub(crate) status: Option<u16>,
    pub(crate) error: Option<&'static str>,
    pub(crate) took_ms: u64,
    /// The long connection that it went over, if it did.
    pub(crate) connection: Option<u64>,
}

/// How many events ended how.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Totals {
    pub(crate) fired: u64,
    pub(crate) delivered: u64,
    pub(crate) given_up: u64,
    pub(crate) attempts: u64,
}

#[derive(Default)]
pub(crate) struct Outbox {
    pub(crate) webhook: Option<String>,
    pub(crate) totals: Totals,
    events: HashMap<String, Event>,
    order: VecDeque<String>,
    /// When which event is due, soonest first.
    due: BTreeSet<(Ms, String)>,
    /// Deliveries beyond the schedule, due at once.
    extra: Vec<(String, Value)>,
}

impl Outbox {
    pub(crate) fn new(webhook: Option<String>) -> Self {
        Self { webhook, ..Self::default() }
    }

    /// Oldest first.
    pub(crate) fn events(&self) -> impl Iterator<Item = &Event> {
        self.order.iter().filter_map(|event_id| self.events.get(event_id))
    }

    fn add(&mut self, event: Event) {
        self.totals.fired += 1;
        if self.order.len() >= REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.due_at(&oldest, None);
            self.events.remove(&oldest);
        }
        let (event_id, next_ms) = (event.event_id.clone(), event.next_ms);
        self.order.push_back(event_id.clone());
        self.events.insert(event_id.clone(), event);
        self.due_at(&event_id, next_ms);
    }

    fn due_at(&mut self, event_id: &str, next_ms: Option<Ms>) {
        let Some(event) = self.events.get_mut(event_id) else { return };
        if let Some(before_ms) = std::mem::replace(&mut event.next_ms, next_ms) {
            self.due.remove(&(before_ms, event_id.to_owned()));
        }
        if let Some(next_ms) = next_ms {
            self.due.insert((next_ms, event_id.to_owned()));
        }
    }

    /// Sends an event again, whatever became of it, that many times at once.
    pub(crate) fn again(&mut self, event_id: &str, now: Ms, times: usize) -> bool {
        let Some(event) = self.events.get_mut(event_id) else { return false };
        event.state = State::Pending;
        self.extra
            .extend(std::iter::repeat_n((event_id.to_owned(), event.body.clone()), times.saturating_sub(1)));
        self.due_at(event_id, Some(now));
        true
    }

    /// Takes the events that are due; each comes back by [`Outbox::attempted`].
    pub(super) fn take_due(&mut self, now: Ms) -> Vec<(String, Value)> {
        let mut taken = std::mem::take(&mut self.extra);
        while self.next_due().is_some_and(|next_ms| next_ms <= now)
            && let Some((_, event_id)) = self.due.pop_first()
        {
            if let Some(event) = self.events.get_mut(&event_id) {
                event.next_ms = None;
                taken.push((event_id, event.body.clone()));
            }
        }
        taken
    }

    pub(super) fn next_due(&self) -> Option<Ms> {
        self.due.first().map(|(next_ms, _)| *next_ms)
    }

    pub(super) fn attempted(&mut self, event_id: &str, attempt: Attempt) {
        self.totals.attempts += 1;
        let Some(event) = self.events.get_mut(event_id) else { return };
        let delivered = attempt.status == Some(200);
        let failures = event.attempts.iter().filter(|attempt| attempt.status != Some(200)).count();
        let at_ms = attempt.at_ms;
        event.attempts.push(attempt);
        if delivered {
            event.state = State::Delivered;
            self.totals.delivered += 1;
        } else if let Some(wait_ms) = RETRIES_MS.get(failures) {
            self.due_at(event_id, Some(at_ms + wait_ms));
        } else {
            event.state = State::GivenUp;
            self.totals.given_up += 1;
        }
    }
}

/// A v2 event: on its way at once when there is a way. Gives its id.
pub(crate) fn fire(platform: &Platform, world: &mut World, event_type: &str, event: &Value) -> String {
    let event_id = fresh_id(world, event);
    let now = platform.now();
    let body = json!({
        "schema": "2.0",
        "header": {
            "event_id": event_id,
            "event_type": event_type,
            "create_time": now.to_string(),
            "token": world.app.verification_token,
            "app_id": world.app.app_id,
            "tenant_key": world.app.tenant_key,
        },
        "event": event,
    });
    enqueue(platform, world, event_id, event_type, body)
}

/// A v1 event, as older subscriptions have them. `event` gets its `type`.
pub(crate) fn fire_v1(platform: &Platform, world: &mut World, event_type: &str, event: &Value) -> String {
    let uuid = fresh_id(world, event);
    let now = platform.now();
    let mut event = event.clone();
    event["type"] = json!(event_type);
    let body = json!({
        "uuid": uuid,
        "token": world.app.verification_token,
        "ts": format!("{}.{:06}", now / SECOND, now % SECOND * 1_000),
        "type": "event_callback",
        "event": event,
    });
    enqueue(platform, world, uuid, event_type, body)
}

/// Depends on what is said, too: a stand-in that is started again with the same seed must not give one event the
/// id of another, or its receiver rightly takes the second for a redelivery.
fn fresh_id(world: &mut World, event: &Value) -> String {
    let mut digest = Sha256::new();
    digest.update(world.random_hex(32));
    digest.update(event.to_string());
    hex::encode(&digest.finalize()[..16])
}

fn enqueue(
    platform: &Platform,
    world: &mut World,
    event_id: String,
    event_type: &str,
    body: Value,
) -> String {
    let now = platform.now();
    let sent = match world.app.subscription {
        Subscription::Webhook => world.outbox.webhook.is_some(),
        // Nobody may be connected just now; then it is tried again later.
        Subscription::LongConnection => true,
    };
    world.outbox.add(Event {
        event_id: event_id.clone(),
        event_type: event_type.to_owned(),
        fired_ms: now,
        state: if sent { State::Pending } else { State::NoWebhook },
        next_ms: sent.then_some(now),
        attempts: Vec::new(),
        body,
    });
    platform.events_due.notify_one();
    event_id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_event_is_tried_five_times_on_the_published_schedule() {
        let mut outbox = Outbox::new(Some("http://here".to_owned()));
        outbox.add(Event {
            event_id: "e".to_owned(),
            event_type: "t".to_owned(),
            fired_ms: 0,
            state: State::Pending,
            next_ms: Some(0),
            attempts: Vec::new(),
            body: Value::Null,
        });
        let mut tried_at = Vec::new();
        while let Some(now) = outbox.next_due() {
            assert_eq!(outbox.take_due(now - 1), Vec::new());
            assert_eq!(outbox.take_due(now).len(), 1);
            tried_at.push(now);
            let attempt =
                Attempt { at_ms: now, status: Some(500), error: None, took_ms: 1, connection: None };
            outbox.attempted("e", attempt);
        }
        let schedule = [0, 15 * SECOND, 15 * SECOND + 5 * MINUTE];
        assert_eq!(tried_at[..3], schedule);
        assert_eq!(tried_at[3] - tried_at[2], HOUR);
        assert_eq!(tried_at[4] - tried_at[3], 6 * HOUR);
        assert_eq!(tried_at.len(), 5);
        assert_eq!(outbox.events["e"].state, State::GivenUp);
    }
}

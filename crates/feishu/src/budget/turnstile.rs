//! Where callers of one API wait for their turn: the most urgent first, in the order of arrival within a class.
//!
//! There is no task behind it. Whoever is next sleeps until the pace lets a call through, and every change of
//! who is next wakes that one caller and nobody else.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::Priority;
use super::pace::{Pace, Schedule};

/// One turn in so many goes to whoever has waited longest: those at the back get an eighth of the budget however
/// much comes in at the front.
const OLDEST_EVERY: u64 = 8;
/// Where the platform wants an API left alone for longer than this, callers are sent away with the rest of the
/// wait instead of being held: they have other work, and people want to know.
const PATIENCE: Duration = Duration::from_secs(3);

pub(super) struct Turnstile(Mutex<State>);

struct State {
    schedule: Schedule,
    paused_until: Instant,
    waiting: BTreeMap<Place, Arc<Notify>>,
    arrivals: u64,
    turns: u64,
}

/// Where somebody stands: by class, then by arrival.
type Place = (Priority, u64);

/// What a waiting caller does next.
enum Step {
    Go,
    Away(Duration),
    SleepUntil(Instant),
    WaitForCall,
}

impl Turnstile {
    pub(super) fn new(pace: Pace) -> Self {
        let now = Instant::now();
        Self(Mutex::new(State {
            schedule: Schedule::new(pace, now),
            paused_until: now,
            waiting: BTreeMap::new(),
            arrivals: 0,
            turns: 0,
        }))
    }

    /// Waits for a turn. An error where there will be none soon: how long until there is.
    ///
    /// Cancel-safe: a caller that is dropped gives its place away.
    pub(super) async fn turn(&self, priority: Priority) -> Result<(), Duration> {
        let waiter = self.join(priority);
        loop {
            // In a statement of its own: the lock is not held while waiting.
            let step = self.state().step(waiter.place);
            match step {
                Step::Go => return Ok(()),
                Step::Away(wait) => return Err(wait),
                Step::SleepUntil(opens_at) => sleep_until(opens_at).await,
                Step::WaitForCall => waiter.called.notified().await,
            }
        }
    }

    /// No turns for so long.
    pub(super) fn pause(&self, wait: Duration) {
        let mut state = self.state();
        state.paused_until = state.paused_until.max(Instant::now() + wait);
        let until = state.paused_until;
        state.schedule.close_until(until);
    }

    fn join(&self, priority: Priority) -> Waiter<'_> {
        let called = Arc::new(Notify::new());
        let mut state = self.state();
        let place = (priority, state.arrivals);
        state.arrivals += 1;
        state.waiting.insert(place, Arc::clone(&called));
        Waiter { turnstile: self, place, called }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn step(&mut self, place: Place) -> Step {
        let now = Instant::now();
        let pause = self.paused_until.saturating_duration_since(now);
        if pause > PATIENCE {
            return Step::Away(pause);
        }
        if self.next() != Some(place) {
            return Step::WaitForCall;
        }
        if let Some(opens_at) = self.schedule.opens_at(now) {
            return Step::SleepUntil(opens_at);
        }
        self.schedule.take(now);
        self.turns += 1;
        Step::Go
    }

    /// Whose turn it is when the pace next lets a call through.
    fn next(&self) -> Option<Place> {
        let mut places = self.waiting.keys().copied();
        if (self.turns + 1).is_multiple_of(OLDEST_EVERY) {
            places.min_by_key(|(_, arrival)| *arrival)
        } else {
            places.next()
        }
    }
}

/// Somebody who waits; leaves when dropped, and calls whoever is next then.
struct Waiter<'a> {
    turnstile: &'a Turnstile,
    place: Place,
    called: Arc<Notify>,
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        let mut state = self.turnstile.state();
        state.waiting.remove(&self.place);
        if let Some(called) = state.next().and_then(|next| state.waiting.get(&next)) {
            called.notify_one();
        }
    }
}

#[cfg(test)]
#[path = "turnstile_tests.rs"]
mod tests;

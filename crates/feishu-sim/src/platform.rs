//! What all handlers share: the world behind its lock, the clock, and the address.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::{Clock, Ms};
use crate::scenario::Scenario;
use crate::world::World;

pub(crate) type Shared = Arc<Platform>;

pub(crate) struct Platform {
    world: Mutex<World>,
    clock: Clock,
    /// `http://127.0.0.1:PORT`, without a slash at its end.
    pub(crate) base: String,
    /// Something may be due for delivery: an event came, the clock moved, a webhook was set.
    pub(crate) events_due: Notify,
    pub(crate) tasks: TaskTracker,
    pub(crate) stop: CancellationToken,
    pub(crate) http: reqwest::Client,
}

impl Platform {
    pub(crate) fn new(scenario: Scenario, base: String) -> Result<Self, reqwest::Error> {
        let clock = Clock::starting_at(scenario.now_ms);
        let scenario = scenario.resolved(clock.now());
        Ok(Self {
            world: Mutex::new(World::new(scenario)),
            clock,
            base,
            events_due: Notify::new(),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            // Events go to servers on this machine or its network; a proxy would only be in the way.
            http: reqwest::Client::builder()
                .no_proxy()
                .redirect(reqwest::redirect::Policy::none())
                .build()?,
        })
    }

    /// The world. Never held over an await.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        // The world is a set of facts; a panic half-way through a change is a test that fails anyway.
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now(&self) -> Ms {
        self.clock.now()
    }

    pub(crate) fn advance(&self, by_ms: Ms) {
        self.clock.advance(by_ms);
        self.events_due.notify_one();
    }
}

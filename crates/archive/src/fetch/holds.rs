//! Runs under way, each with a hand on its brake: whatever is paused parks within a second, wherever the command
//! was given, and what has come stays on disk for the time when it is resumed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::Archive;
use crate::catalog::Pauses;
use crate::model::MinuteToken;
use crate::queue::TaskKind;

/// Somebody at a command line watches; another process's command makes no sound here.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// All runs of this process. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Holds(Arc<Mutex<HashMap<MinuteToken, CancellationToken>>>);

impl Holds {
    /// A run begins; it ends when what is returned is dropped.
    pub(super) fn begin(&self, token: &MinuteToken, stop: &CancellationToken) -> Hold {
        let brake = stop.child_token();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(token.clone(), brake.clone());
        Hold { holds: self.clone(), token: token.clone(), brake }
    }

    fn park(&self, pauses: &Pauses) {
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (token, brake) in
            running.iter().filter(|(token, brake)| pauses.hold(token) && !brake.is_cancelled())
        {
            info!(recording = %token, "paused; what has come is kept");
            brake.cancel();
        }
    }
}

/// One run.
pub(super) struct Hold {
    holds: Holds,
    token: MinuteToken,
    /// Parks the run when cancelled.
    pub(super) brake: CancellationToken,
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.holds.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.token);
    }
}

impl Archive {
    /// Parks what is paused and wakes the workers when something is resumed, until told to stop.
    pub async fn heed_pauses(&self) {
        let mut known = Pauses::default();
        while !self.stop.is_cancelled() {
            match self.catalog.pauses().await {
                Ok(pauses) => {
                    self.holds.park(&pauses);
                    if pauses != known {
                        self.queue.nudge(TaskKind::Archive);
                        known = pauses;
                    }
                }
                Err(error) => warn!(%error, "cannot see what is paused; looking again"),
            }
            tokio::select! {
                () = sleep(LOOK_EVERY) => {}
                () = self.stop.cancelled() => {}
            }
        }
    }
}

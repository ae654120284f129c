//! How the program ends: a first signal stops new work and parks transfers, a second one or too long a
//! wait ends it at once. A background part that ends unasked ends the program, non-zero.

use std::time::Duration;

use anyhow::{Result, bail};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{error, info, warn};

/// A supervisor sends SIGKILL soon after this.
const LONGEST_GOODBYE: Duration = Duration::from_secs(25);

/// The running parts of the program.
pub struct Lifecycle {
    /// Cancelled when work is to stop; every part listens.
    pub stop: CancellationToken,
    /// The parts themselves.
    pub parts: TaskTracker,
    failed: CancellationToken,
    interrupt: Signal,
    terminate: Signal,
}

impl Lifecycle {
    /// Listens to SIGINT and SIGTERM from now on.
    pub fn new() -> Result<Self> {
        Ok(Self {
            stop: CancellationToken::new(),
            parts: TaskTracker::new(),
            failed: CancellationToken::new(),
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Starts a part that must not end before it is told to.
    pub fn supervise(&self, name: &'static str, part: impl Future<Output = Result<()>> + Send + 'static) {
        let (stop, failed) = (self.stop.clone(), self.failed.clone());
        self.parts.spawn(async move {
            let ended = part.await;
            if !stop.is_cancelled() {
                match ended {
                    Ok(()) => error!(part = name, "a part of the program ended unasked"),
                    Err(error) => error!(part = name, %error, "a part of the program failed"),
                }
                failed.cancel();
            }
        });
    }

    /// Waits for a signal, a failed part, or `done`; then stops all parts and waits for them.
    pub async fn run_until(mut self, done: impl Future<Output = ()>) -> Result<()> {
        tokio::select! {
            _ = self.interrupt.recv() => info!("interrupted: finishing what is at hand"),
            _ = self.terminate.recv() => info!("asked to end: finishing what is at hand"),
            () = self.failed.cancelled() => {}
            () = done => {}
        }
        self.stop.cancel();
        self.parts.close();
        tokio::select! {
            ended = timeout(LONGEST_GOODBYE, self.parts.wait()) => if ended.is_err() {
                warn!("some work did not end in time; it is taken up at the next start");
            },
            _ = self.interrupt.recv() => warn!("second signal: ending at once"),
            _ = self.terminate.recv() => warn!("second signal: ending at once"),
        }
        if self.failed.is_cancelled() {
            bail!("a part of the program failed; the log above says which and why");
        }
        info!("ended");
        Ok(())
    }
}

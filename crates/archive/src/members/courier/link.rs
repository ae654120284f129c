//! The service's end of the pipes: starts a courier when there is something to carry, lets it go when there has
//! been nothing for a while, and starts another when one was killed.

use std::collections::HashMap;
use std::io;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::{mpsc, oneshot};
use tracing::{debug, error};

use super::outcomes::Renewal;
use super::wire::{Hello, Order, Report, Said, line};

/// How long a courier without work is kept.
const IDLE: Duration = Duration::from_secs(5);
/// Orders handed over while a courier starts.
const QUEUE: usize = 64;

/// Why there is no report.
pub(super) enum NoReport {
    /// No process could be started; nothing was done.
    NotStarted(io::Error),
    /// The courier ended first. The exchange may have been made or not.
    Interrupted(String),
}

pub(super) struct Link {
    errands: mpsc::Sender<Errand>,
}

struct Errand {
    order: Order,
    answer: oneshot::Sender<Result<Report, NoReport>>,
}

impl Link {
    pub(super) fn new(program: impl Fn() -> Command + Send + Sync + 'static, hello: &Hello) -> Self {
        let (errands, queue) = mpsc::channel(QUEUE);
        let hello = line(hello).unwrap_or_default(); // plain data: it cannot fail
        tokio::spawn(attend(program, hello, queue));
        Self { errands }
    }

    pub(super) async fn send(&self, order: Order) -> Result<Report, NoReport> {
        let (answer, report) = oneshot::channel();
        // The courier's end shows in the missing answer.
        let _ = self.errands.send(Errand { order, answer }).await;
        report.await.unwrap_or_else(|_| {
            Err(NoReport::Interrupted("the process that renews grants was ended".to_owned()))
        })
    }
}

/// Starts couriers one after the other, as there is work for them.
async fn attend(
    program: impl Fn() -> Command + Send + Sync + 'static,
    hello: Vec<u8>,
    mut errands: mpsc::Receiver<Errand>,
) {
    while let Some(errand) = errands.recv().await {
        match Running::start(program(), &hello).await {
            Ok(running) => running.work(errand, &mut errands).await,
            Err(reason) => drop(errand.answer.send(Err(reason))),
        }
    }
}

/// A courier that is ready.
struct Running {
    child: Child,
    orders: ChildStdin,
    said: Lines<BufReader<ChildStdout>>,
}

impl Running {
    async fn start(mut program: Command, hello: &[u8]) -> Result<Self, NoReport> {
        let spawned = program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = spawned.map_err(NoReport::NotStarted)?;
        let (Some(mut orders), Some(said)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(NoReport::Interrupted("it has no pipes".to_owned()));
        };
        let mut said = BufReader::new(said).lines();
        // A courier that ends at once shows in what it says next, not in a broken pipe.
        let _ = orders.write_all(hello).await;
        match said.next_line().await.ok().flatten().map(|line| serde_json::from_str(&line)) {
            Some(Ok(Said::Ready)) => {
                debug!(pid = child.id(), "a process to renew grants has started");
                Ok(Self { child, orders, said })
            }
            other => {
                drop(orders);
                let _ = child.wait().await;
                Err(NoReport::Interrupted(match other {
                    Some(Ok(Said::Unable(why))) => {
                        format!("the process that renews grants cannot work: {why}")
                    }
                    _ => "the process that renews grants ended at once".to_owned(),
                }))
            }
        }
    }

    /// Carries until there is nothing to carry, or until the courier is gone.
    async fn work(mut self, first: Errand, errands: &mut mpsc::Receiver<Errand>) {
        let mut waiting: HashMap<Renewal, oneshot::Sender<Result<Report, NoReport>>> = HashMap::new();
        let mut next = Some(first);
        loop {
            if let Some(Errand { order, answer }) = next.take() {
                let ordered = line(&order).unwrap_or_default();
                waiting.insert(order.renewal, answer);
                if self.orders.write_all(&ordered).await.is_err() {
                    break;
                }
            }
            tokio::select! {
                line = self.said.next_line() => {
                    let said = line.ok().flatten().and_then(|line| serde_json::from_str(&line).ok());
                    let Some(Said::Done(renewal, report)) = said else { break };
                    if let Some(answer) = waiting.remove(&renewal) {
                        let _ = answer.send(Ok(report));
                    }
                }
                errand = errands.recv() => match errand {
                    Some(errand) => next = Some(errand),
                    None => break,
                },
                () = tokio::time::sleep(IDLE), if waiting.is_empty() => break,
            }
        }
        drop(self.orders);
        let ended = self.child.wait().await;
        if !waiting.is_empty() {
            // Not before it is gone, so that whoever looks for an outcome now misses none.
            error!(orders = waiting.len(), ended = ?ended.ok(), "the process that renews grants was ended in its work");
        }
    }
}

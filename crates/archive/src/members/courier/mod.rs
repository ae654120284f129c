//! The courier: a small process of its own that carries refresh tokens to the platform and new pairs back.
//!
//! A refresh token works once, so whoever gets the platform's answer must not die before it is written down; and
//! a service with downloads, a catalogue and doors dies of many things. The courier does nothing else. It
//! outlives a `kill -9` of the service, writes each new pair down, sealed, and only then reports. Whoever comes
//! next finds the pair in the folder of [`Outcomes`]: `Grants` takes it into the catalogue, and a courier that is
//! asked for the same renewal again answers with it instead of asking the platform.
//!
//! One courier works at a time: it holds a lock on the folder, and its successor waits. It is started on demand
//! and ends when idle. Where none can be started, the service makes the exchanges itself and says so.
//!
//! What no second process can help: the end of the machine, or of both processes at once, between the platform's
//! answer and the sync of the outcome.

mod exchange;
mod link;
mod outcomes;
mod process;
#[cfg(test)]
mod tests;
mod wire;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use feishu::Priority;
use secrecy::{ExposeSecret, SecretString};
use tokio::process::Command;
use tokio::sync::OnceCell;
use tracing::warn;

use self::exchange::Exchange;
use self::link::{Link, NoReport};
use self::outcomes::{Lock, Outcomes};
use self::wire::{Hello, Order};
use super::Seal;
use super::refusal::Refusal;
use crate::model::Clock;

pub(super) use self::outcomes::{OpenError, Renewal, Renewed};
pub use self::process::carry;
pub(super) use self::wire::Report;

/// The service's side: hands renewals over and looks after their outcomes.
pub struct Courier {
    outcomes: Outcomes,
    exchange: Exchange,
    link: Option<Link>,
    /// Held from the first exchange on that was made in this process.
    here: OnceCell<Lock>,
}

impl Courier {
    /// Makes the exchanges in this process; outcomes go through `folder`, which is made when it is missing.
    pub fn in_process(
        folder: PathBuf,
        client: &feishu::Client,
        seal: &Seal,
        clock: Arc<dyn Clock>,
    ) -> io::Result<Self> {
        let outcomes = Outcomes::open(folder, seal.derive_key("outcomes of renewals"))?;
        // Everything else that a member's grant is needed for waits for its renewal.
        let exchange = Exchange::new(client.at(Priority::Person), outcomes.clone(), clock);
        Ok(Self { outcomes, exchange, link: None, here: OnceCell::new() })
    }

    /// Has them made by a process of its own: what `program` starts must call [`carry`] with its standard input
    /// and output. Needs a runtime.
    #[must_use]
    pub fn by(
        mut self,
        program: impl Fn() -> Command + Send + Sync + 'static,
        platform: &feishu::Settings,
    ) -> Self {
        self.link = Some(Link::new(program, &Hello::new(platform, &self.outcomes)));
        self
    }

    /// Has a pair exchanged. The pair itself is to be read with [`Courier::outcome`], whatever is reported: a
    /// courier may have ended between writing it down and saying so.
    pub(super) async fn renew(&self, renewal: &Renewal, refresh_token: &SecretString) -> Report {
        let order = Order::new(renewal, refresh_token.expose_secret());
        if let Some(link) = self.link.as_ref().filter(|_| !self.here.initialized()) {
            match link.send(order.clone()).await {
                Ok(report) => return report,
                Err(NoReport::Interrupted(why)) => return Report::Refused(Refusal::interrupted(why)),
                Err(NoReport::NotStarted(error)) => warn!(
                    %error,
                    "no second process can be started: until the next start, grants are renewed in this one, \
                     and a crash in the middle of that can cost a grant"
                ),
            }
        }
        match self.here.get_or_try_init(|| self.outcomes.lock()).await {
            Ok(_held) => self.exchange.run(&order).await,
            Err(error) => Report::Refused(Refusal::cannot_keep(&error)),
        }
    }

    /// The pair that this renewal brought, if it has not been taken into the catalogue yet.
    pub(super) async fn outcome(&self, renewal: &Renewal) -> Result<Option<Renewed>, OpenError> {
        self.outcomes.read(renewal).await
    }

    /// The renewals whose pairs wait to be taken into the catalogue.
    pub(super) async fn waiting(&self) -> io::Result<Vec<Renewal>> {
        self.outcomes.waiting().await
    }

    /// The pair is in the catalogue, or of no use any more.
    pub(super) async fn forget(&self, renewal: &Renewal) -> io::Result<()> {
        self.outcomes.remove(renewal).await
    }
}

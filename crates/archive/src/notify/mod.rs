//! What people are told without asking: cards from the app's bot, and posts to an address of the operator's. A
//! message is a row of `notices` with a durable task; [`watch`] makes them from what the catalogue says, and
//! [`deliver`] brings them to their receivers. The words themselves come from outside ([`Wording`]).
//!
//! Invariant: a matter is open at most once for each receiver, and is told in one card that is later updated in
//! place. Where no message can be sent, everything else goes on, and the reason is kept.

mod book;
mod card;
mod catch_up;
mod deliver;
mod hours;
mod invite;
mod matter;
mod standstill;
mod summary;
mod watch;
mod webhook;

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

pub use book::{BotTrouble, NoticeCount, NoticeRow, Seen};
pub use card::{Card, Tone, Wording};
pub use hours::QuietHours;
pub use invite::{Invited, OpenInvitation, UnauthorisedOwner};
pub use matter::{Facts, Matter, Notice, Standstill};
pub use webhook::Webhook;

use crate::catalog::Catalog;
use crate::members::Features;
use crate::model::{Clock, OpenId};
use crate::queue::{Queue, Task, TaskKind, Worker};
use crate::store::Store;

/// A standstill, or a member who came back, is noticed within this time.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// What the company wants to be told, and when.
#[derive(Debug, Clone)]
pub struct NotifySettings {
    /// Who is told what concerns the company.
    pub administrators: Vec<OpenId>,
    /// When no new card is sent to an employee; none: at any time.
    pub quiet: Option<QuietHours>,
    /// Whose hours these are.
    pub zone: jiff::tz::TimeZone,
    /// Where a person authorises; without it cards have no button.
    pub page: Option<Url>,
    /// Where else everything is posted.
    pub webhook: Option<Webhook>,
    /// So long without an event, while the patrol finds new recordings, is a standstill; none: it is not looked for.
    pub silence: Option<Duration>,
}

impl NotifySettings {
    /// Whether there is anybody to tell what concerns the company.
    fn company_is_listening(&self) -> bool {
        !self.administrators.is_empty() || self.webhook.is_some()
    }
}

/// Tells people.
#[derive(Clone)]
pub struct Herald {
    /// Where facts live.
    pub catalog: Catalog,
    /// What is to be sent.
    pub queue: Queue,
    /// The platform.
    pub client: feishu::Client,
    /// Where the archive's files are.
    pub store: Store,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// What is fetched, and so which scopes are needed.
    pub features: Features,
    /// Whom, when and where.
    pub settings: NotifySettings,
    /// What a card says.
    pub wording: Wording,
}

impl Herald {
    /// Starts the worker that delivers; it ends when `stop` is cancelled.
    pub fn spawn_worker(&self, tracker: &TaskTracker, stop: &CancellationToken) {
        let herald = self.clone();
        Worker::new(self.queue.clone(), TaskKind::Notice, stop.clone()).spawn(
            tracker,
            1,
            &move |task: Task| {
                let herald = herald.clone();
                async move { herald.work_on_notice(&task).await }
            },
        );
    }

    /// Looks again and again for what is to be told, until told to stop.
    pub async fn keep_watch(&self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(error) = self.look().await {
                tracing::warn!(%error, "cannot look for what is to be told; trying again");
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = stop.cancelled() => {}
            }
        }
    }
}

//! The work of keeping recordings. A recording's life, one room per stage, in the order in which it
//! happens: [`discover`] → [`queue`] → [`fetch`] → [`verify`] → [`store`] → [`catalog`]; beside them
//! [`members`], whose grants do the fetching, [`library`], in which people read and search, [`retention`], by which
//! recordings end, [`audit`], where it is written who did what, and [`mod@backup`]. It knows the platform through the
//! `feishu` crate and nothing of pages, command lines or configuration files.

pub mod audit;
pub mod backup;
pub mod catalog;
pub mod discover;
pub mod fetch;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod identity;
mod legacy;
pub mod library;
pub mod members;
pub mod model;
pub mod notify;
pub mod queue;
pub mod retention;
mod settings;
mod slow_time;
pub mod store;
mod take_up;
mod timekeeper;
pub mod verify;

use std::sync::Arc;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::catalog::Catalog;
use crate::discover::Rounds;
use crate::fetch::{Engine, Holds, Transfers};
use crate::members::{Features, Grants};
use crate::model::{Clock, OpenId, Scope};
use crate::queue::{Queue, Task, TaskKind, Worker};
use crate::store::{Store, Template};

pub use identity::{IdentityError, adopt, recognise};
pub use legacy::{LegacyError, LegacyLine, LegacyReport, MemberOutcome, RecordingOutcome, import_legacy};
pub use settings::{BackfillSince, Concurrency, PatrolSettings, Waits};
pub use take_up::TakeUpError;

/// Everything that work on recordings needs, wired together by the program.
pub struct Archive {
    /// Where facts live.
    pub catalog: Catalog,
    /// What is to be done.
    pub queue: Queue,
    /// Whose rights are used.
    pub grants: Grants,
    /// The platform.
    pub client: feishu::Client,
    /// Where bytes live.
    pub store: Store,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// How files are named.
    pub template: Template,
    /// In which time zone file names tell the time.
    pub zone: jiff::tz::TimeZone,
    /// What is fetched beyond the media.
    pub features: Features,
    /// Whose recordings are looked for.
    pub scope: Scope,
    /// How far back a member's history is gone through.
    pub backfill_since: BackfillSince,
    /// How the patrol looks.
    pub patrol_settings: PatrolSettings,
    /// What the patrol keeps in mind between two looks.
    pub rounds: Rounds,
    /// Whose grants may open the company's own record of its meetings, in this order.
    pub administrators: Vec<OpenId>,
    /// How long is waited for what.
    pub waits: Waits,
    /// What all transfers share.
    pub engine: Engine,
    /// Transfers under way, for whoever shows progress.
    pub transfers: Transfers,
    /// Runs under way that can be paused.
    pub holds: Holds,
    /// Told by the inbox when it has stored events.
    pub events_arrived: Arc<Notify>,
    /// Parks transfers when cancelled.
    pub stop: CancellationToken,
}

impl Archive {
    /// Starts the work on stored events; it ends when `stop` is cancelled.
    pub fn spawn_event_work(self: &Arc<Self>, tracker: &TaskTracker) {
        tracker.spawn(Arc::clone(self).work_on_events());
    }

    /// Starts the watch over the clock; it ends when `stop` is cancelled.
    pub fn spawn_timekeeper(self: &Arc<Self>, tracker: &TaskTracker) {
        tracker.spawn(Arc::clone(self).keep_time());
    }

    /// Starts the workers of all kinds; they end when `stop` is cancelled and their present task is parked or over.
    pub fn spawn_workers(self: &Arc<Self>, tracker: &TaskTracker, at_once: Concurrency) {
        let worker = |kind| Worker::new(self.queue.clone(), kind, self.stop.clone());
        let archive = Arc::clone(self);
        worker(TaskKind::Meeting).spawn(tracker, at_once.meetings, &move |task: Task| {
            let archive = Arc::clone(&archive);
            async move { archive.work_on_meeting(&task).await }
        });
        let archive = Arc::clone(self);
        worker(TaskKind::Patrol).spawn(tracker, at_once.patrols, &move |task: Task| {
            let archive = Arc::clone(&archive);
            async move { archive.work_on_patrol(&task).await }
        });
        let archive = Arc::clone(self);
        worker(TaskKind::Backfill).spawn(tracker, at_once.backfills, &move |task: Task| {
            let archive = Arc::clone(&archive);
            async move { archive.work_on_backfill(&task).await }
        });
        let archive = Arc::clone(self);
        worker(TaskKind::Attended).spawn(tracker, at_once.attended, &move |task: Task| {
            let archive = Arc::clone(&archive);
            async move { archive.work_on_attended(&task).await }
        });
        let archive = Arc::clone(self);
        worker(TaskKind::Subscription).spawn(tracker, at_once.subscriptions, &move |task: Task| {
            let archive = Arc::clone(&archive);
            async move { archive.work_on_subscription(&task).await }
        });
        let archive = Arc::clone(self);
        worker(TaskKind::Reconcile).spawn(tracker, at_once.reconciles, &move |task: Task| {
            let archive = Arc::clone(&archive);
            async move { archive.work_on_reconcile(&task).await }
        });
        let archive = Arc::clone(self);
        worker(TaskKind::Archive).spawn(tracker, at_once.recordings, &move |task: Task| {
            let archive = Arc::clone(&archive);
            async move { archive.work_on_recording(&task).await }
        });
    }
}

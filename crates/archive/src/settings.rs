//! The numbers by which the archive works.

use std::time::Duration;

use crate::model::to_ms;
use crate::queue::Backoff;

/// How the patrol looks.
#[derive(Debug, Clone, Copy)]
pub struct PatrolSettings {
    /// Between two looks at one member, as long as the share is enough for that.
    pub interval: Duration,
    /// How far each look reaches back behind the last good one.
    pub overlap: Duration,
    /// How much of the searches that the platform allows are the patrol's: above 0, and 1 for all of them.
    pub share: f64,
}

/// How far back a member's history is gone through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackfillSince {
    /// As far as the platform can have anything.
    TheBeginning,
    /// This moment, unix ms.
    Moment(i64),
    /// So long before the member's authorisation.
    Before(Duration),
}

/// 2020-01-01: the year in which the platform learnt to make minutes (妙记).
pub(crate) const FIRST_MINUTES_MS: i64 = 1_577_836_800_000;

impl BackfillSince {
    /// Where a back-fill ends that begins at `began_ms`, unix ms.
    #[must_use]
    pub fn goal_ms(self, began_ms: i64) -> i64 {
        match self {
            Self::TheBeginning => FIRST_MINUTES_MS,
            Self::Moment(at_ms) => at_ms,
            Self::Before(reach) => began_ms - to_ms(reach),
        }
    }
}

/// How much is done at once.
#[derive(Debug, Clone, Copy)]
pub struct Concurrency {
    /// Recordings being fetched.
    pub recordings: usize,
    /// Members being patrolled.
    pub patrols: usize,
    /// Meetings being asked.
    pub meetings: usize,
    /// Members whose history is being gone through.
    pub backfills: usize,
    /// Members of whom it is looked for what they attended.
    pub attended: usize,
    /// Subscriptions being asked for.
    pub subscriptions: usize,
    /// Looks at the company's own record.
    pub reconciles: usize,
}

impl Default for Concurrency {
    fn default() -> Self {
        Self {
            recordings: 8,
            patrols: 2,
            meetings: 2,
            backfills: 2,
            attended: 1,
            subscriptions: 2,
            reconciles: 1,
        }
    }
}

/// How long is waited for what.
#[derive(Debug, Clone, Copy)]
pub struct Waits {
    /// After "not ready" (2091003).
    pub not_ready: Backoff,
    /// After trouble with the platform, the network or the disk.
    pub trouble: Backoff,
    /// Between questions to a meeting for its recording.
    pub meeting: Backoff,
    /// Until a denied recording is asked for again, in case the rights have changed.
    pub denied: Duration,
    /// After so long "not ready" is taken as "never".
    pub never: Duration,
    /// Between two attempts to open a long connection that the platform refuses.
    pub link_refused: Duration,
}

impl Default for Waits {
    fn default() -> Self {
        Self {
            not_ready: Backoff { first: Duration::from_secs(15), longest: Duration::from_hours(24) },
            trouble: Backoff { first: Duration::from_secs(5), longest: Duration::from_hours(1) },
            meeting: Backoff { first: Duration::from_secs(20), longest: Duration::from_mins(30) },
            denied: Duration::from_hours(168),
            never: Duration::from_hours(720),
            link_refused: Duration::from_mins(5),
        }
    }
}

//! The numbers by which the archive works.

use std::time::Duration;

use crate::queue::Backoff;

/// How the patrol looks.
#[derive(Debug, Clone, Copy)]
pub struct PatrolSettings {
    /// Between two looks at one member.
    pub interval: Duration,
    /// How far each look reaches back behind the last good one.
    pub overlap: Duration,
    /// How far the first look at a member reaches back.
    pub first_look: Duration,
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
    /// Looks at the company's own record.
    pub reconciles: usize,
}

impl Default for Concurrency {
    fn default() -> Self {
        Self { recordings: 8, patrols: 2, meetings: 2, reconciles: 1 }
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

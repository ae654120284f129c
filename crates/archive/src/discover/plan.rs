//! When the patrol looks at whom: by need, within its share of the searches that the platform allows.
//!
//! All searches of a company come out of one budget. While it is enough, everybody is looked at once every
//! interval. Beyond that those go first of whom no event can be relied on to tell; then those who meet just
//! now, three times as often as the others; and nobody waits longer than three hours. Where even that is more
//! than the share, all are looked at as evenly as it allows.

use super::look::wanted;
use crate::PatrolSettings;
use crate::model::{Scope, text_enum, to_ms};

/// Nobody is left unseen for longer, while the share allows.
pub const LONGEST_MS: i64 = 3 * 3_600_000;
/// Looks are planned so much sooner, since none comes quite on time.
const EARLY_MS: i64 = 5 * 60_000;
/// Those who meet just now are looked at so many times as often as those who do not.
const ACTIVE_WEIGHT: f64 = 3.0;
/// No task may be put off for longer than the queue believes.
const LONGEST_REST_MS: f64 = 7.0 * 86_400_000.0;
/// The part of the share that looks have for themselves; the rest is for what people attended of others.
const FOR_LOOKS: f64 = 0.95;

text_enum! {
    /// What a member needs of the patrol.
    pub enum Need {
        /// No event can be relied on to tell of their recordings.
        Untold = "untold",
        /// They have met within the last hours, and events tell.
        Active = "active",
        /// Events tell, and nothing is known to go on.
        Quiet = "quiet",
    }
}

/// How many members need what, in the order of [`Need::ALL`].
pub type Members = [usize; Need::ALL.len()];

/// What the patrol may use.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Allowance {
    /// Searches in a minute.
    pub searches_a_minute: f64,
    /// Searches that one look takes.
    pub searches_a_look: usize,
    /// Nobody is looked at more often, ms.
    pub interval_ms: i64,
}

impl Allowance {
    /// By the settings, where so many searches a minute are made at most, whoever makes them.
    #[must_use]
    pub fn of(settings: &PatrolSettings, scope: Scope, searches_a_minute: f64) -> Self {
        Self {
            searches_a_minute: searches_a_minute * settings.share,
            searches_a_look: wanted(scope).len(),
            interval_ms: to_ms(settings.interval),
        }
    }
}

/// How often the members of a company as it stands are looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    every_ms: [i64; Need::ALL.len()],
    /// How often it is looked for what one member attended of others, ms.
    pub attended_every_ms: i64,
    /// Looks that the share has room for in a minute.
    pub looks_a_minute: f64,
    /// The share is not enough to see everybody within the longest time.
    pub is_stretched: bool,
}

impl Plan {
    /// The plan for so many members.
    #[must_use]
    pub fn of(members: Members, allowance: &Allowance) -> Self {
        let [untold, active, quiet] = members.map(float);
        let everybody = untold + active + quiet;
        let looks = looks_a_minute(allowance) / 60_000.0;
        let least = millis(allowance.interval_ms);
        let most = millis(allowance.interval_ms.max(LONGEST_MS - EARLY_MS));
        let even = every(everybody, looks);
        let every_ms = if even <= least || even >= most {
            [even.max(least); 3]
        } else {
            // What is left when nobody else is looked at more often than has to be.
            let untold_every = every(untold, looks - (active + quiet) / most).clamp(least, most);
            let looks = looks - untold / untold_every;
            let base = every(ACTIVE_WEIGHT * active + quiet, looks);
            let (active_every, quiet_every) = if base >= most {
                (every(active, looks - quiet / most), most)
            } else if base >= ACTIVE_WEIGHT * least {
                (base / ACTIVE_WEIGHT, base)
            } else {
                (least, every(quiet, looks - active / least))
            };
            let active_every = active_every.clamp(untold_every, most);
            [untold_every, active_every, quiet_every.clamp(active_every, most)]
        };
        let attended = every(everybody, allowance.searches_a_minute / 60_000.0 * (1.0 - FOR_LOOKS));
        Self {
            every_ms: every_ms.map(whole),
            attended_every_ms: whole(attended.max(least).min(LONGEST_REST_MS)),
            looks_a_minute: looks_a_minute(allowance),
            is_stretched: even > millis(allowance.interval_ms.max(LONGEST_MS)),
        }
    }

    /// Between two looks at one member of this need, ms.
    #[must_use]
    pub fn every_ms(&self, need: Need) -> i64 {
        self.every_ms[need as usize]
    }

    /// When somebody is looked at next who was last seen at `seen_ms`, unix ms.
    #[must_use]
    pub fn due_ms(&self, need: Need, seen_ms: i64) -> i64 {
        seen_ms.saturating_add(self.every_ms(need))
    }
}

fn looks_a_minute(allowance: &Allowance) -> f64 {
    allowance.searches_a_minute * FOR_LOOKS / float(allowance.searches_a_look.max(1))
}

/// How often each of so many has a turn, with so many turns a millisecond.
fn every(members: f64, turns: f64) -> f64 {
    match (members > 0.0, turns > 0.0) {
        (false, _) => 0.0,
        (true, true) => members / turns,
        (true, false) => f64::INFINITY,
    }
}

#[expect(clippy::cast_precision_loss, reason = "days at most")]
pub(super) fn millis(ms: i64) -> f64 {
    ms as f64
}

#[expect(clippy::cast_precision_loss, reason = "a company has no 2^52 members")]
pub(super) fn float(count: usize) -> f64 {
    count as f64
}

/// A quarter of the longest time, so that adding it to a moment does not overflow.
#[expect(clippy::cast_possible_truncation, reason = "saturates")]
fn whole(ms: f64) -> i64 {
    (ms.ceil() as i64).min(i64::MAX / 4)
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;

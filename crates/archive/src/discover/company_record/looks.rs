//! Which looks at the company's record there are, how far each reaches back, and when it comes again.
//!
//! The record tells of a meeting by when it began, and of what is over or of what is going on. To read again and
//! again all that began in the last hours, only to see what has ended since, would take a call for each hundred of
//! them every time. So what goes on is followed ([`super::going_on`]), and the frequent look reads of what is over
//! only what began lately.

use super::{DAY_MS, HOUR_MS, MINUTE_MS};
use crate::catalog::CompanyRecord;

/// A recording is to be known within ten minutes of the meeting's end.
const RECENT_EVERY_MS: i64 = 8 * MINUTE_MS;
/// What began longer ago than this and is going on is followed.
pub(super) const FOLLOWED_AFTER_MS: i64 = 20 * MINUTE_MS;
/// What began so long before the last look is read: whatever was not followed then began later, by whatever minutes
/// the clocks may differ.
const READ_BEHIND_MS: i64 = FOLLOWED_AFTER_MS + 10 * MINUTE_MS;
/// How far the frequent look reaches back where nothing was followed.
const FIRST_MS: i64 = 6 * HOUR_MS;
/// By then next to everything is over.
const SETTLED_AFTER_MS: i64 = 3 * HOUR_MS;
const MONTH_MS: i64 = 30 * DAY_MS;

/// A look; each is a task of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// What goes on, and what has just ended, every eight minutes.
    Recent,
    /// What began three hours ago, every hour: whether it was recorded.
    Settled,
    /// The last month, and then what each day brought, every day: what was recorded late, or stayed unknown.
    Month,
    /// Since a moment (unix ms), once, because somebody asked.
    Since(i64),
}

impl Look {
    /// The subjects of the tasks that come again and again.
    pub(super) const REPEATED: [&str; 3] = ["recent", "settled", "month"];

    pub(super) fn of(subject: &str) -> Option<Self> {
        match subject {
            "recent" => Some(Self::Recent),
            "settled" => Some(Self::Settled),
            "month" => Some(Self::Month),
            since => since.strip_prefix("since ")?.parse().ok().map(Self::Since),
        }
    }

    pub(super) const fn again_in_ms(self) -> Option<i64> {
        match self {
            Self::Recent => Some(RECENT_EVERY_MS),
            Self::Settled => Some(HOUR_MS),
            Self::Month => Some(DAY_MS),
            Self::Since(_) => None,
        }
    }

    /// Which meetings that are over it reads, by when they began, unix ms; to the present where there is no end.
    pub(super) fn window(self, record: &CompanyRecord, now_ms: i64) -> (i64, Option<i64>) {
        match self {
            Self::Since(since_ms) => (since_ms.min(now_ms), None),
            // Where nothing was followed, all that may have ended since.
            Self::Recent => (record.followed_ms.map_or(now_ms - FIRST_MS, |to| to - READ_BEHIND_MS), None),
            // Some minutes more, since no look comes quite on time.
            Self::Settled => {
                let to_ms = now_ms - SETTLED_AFTER_MS;
                (to_ms - HOUR_MS - 10 * MINUTE_MS, Some(to_ms))
            }
            Self::Month => {
                let is_known = record.since_ms.is_some_and(|since| since <= now_ms - MONTH_MS + DAY_MS);
                (now_ms - if is_known { DAY_MS + 12 * HOUR_MS } else { MONTH_MS }, None)
            }
        }
    }

    /// From when on recorded meetings whose recording stayed unknown are asked for it again, if this look does
    /// that, unix ms.
    pub(super) fn asks_again_since(self, now_ms: i64) -> Option<i64> {
        match self {
            Self::Recent | Self::Settled => None,
            Self::Month => Some(now_ms - MONTH_MS),
            Self::Since(since_ms) => Some(since_ms),
        }
    }
}

//! How far a member's history has been gone through.

use super::{OpenId, Scope};

/// One member's back-fill. Times without other word are the platform's, unix ms.
#[derive(Debug, Clone, serde::Serialize, sqlx::FromRow)]
pub struct Backfill {
    /// The member.
    #[sqlx(try_from = "String")]
    pub open_id: OpenId,
    /// What is looked for.
    #[sqlx(try_from = "String")]
    pub scope: Scope,
    /// Where it began; what is newer is the patrol's.
    pub to_ms: i64,
    /// How far back it goes.
    pub goal_ms: i64,
    /// How far back it has come.
    pub reached_ms: i64,
    /// How much time the next window takes in.
    pub span_ms: i64,
    /// Windows looked through.
    pub windows: i64,
    /// Calls that it took.
    pub searches: i64,
    /// When it began, by our clock.
    pub began_at: i64,
    /// When it ended, by our clock.
    pub ended_at: Option<i64>,
    /// What stopped the last step, when something did.
    pub error: Option<String>,
}

/// What came of back-fills, and what is still to be fetched of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct BackfillYield {
    /// Recordings that were found.
    pub found: i64,
    /// Of these, archived.
    pub archived: i64,
    /// Of these, on their way.
    pub open: i64,
    /// Of those on their way, the ones whose length is known.
    pub timed: i64,
    /// Their length in all, ms.
    pub timed_ms: i64,
}

/// How large recordings are, measured on the archived ones.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct MediaMeasure {
    /// Archived recordings of known length.
    pub recordings: i64,
    /// Bytes of their media.
    pub bytes: i64,
    /// Their length in all, ms.
    pub duration_ms: i64,
}

impl BackfillYield {
    /// About how many bytes are still to come of what was found: lengths by measured bytes a second; one
    /// whose length is not known yet counts as a usual one. `None` while nothing can be said.
    #[must_use]
    pub fn open_bytes(&self, measure: &MediaMeasure) -> Option<i64> {
        if self.open == 0 {
            return Some(0);
        }
        if measure.recordings == 0 || measure.duration_ms == 0 {
            return None;
        }
        let wide = |number: i64| i128::from(number);
        let usual_ms = wide(measure.duration_ms) / wide(measure.recordings);
        let open_ms = wide(self.timed_ms) + wide(self.open - self.timed) * usual_ms;
        i64::try_from(open_ms * wide(measure.bytes) / wide(measure.duration_ms)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_to_come_follow_from_lengths_and_what_was_measured() {
        // 100 bytes a second, a usual recording lasts a minute.
        let measure = MediaMeasure { recordings: 10, bytes: 60_000, duration_ms: 600_000 };
        let open = BackfillYield { found: 9, archived: 6, open: 3, timed: 1, timed_ms: 30_000 };
        assert_eq!(open.open_bytes(&measure), Some(3_000 + 2 * 6_000));
        assert_eq!(open.open_bytes(&MediaMeasure::default()), None, "nothing was measured");
        let done = BackfillYield { open: 0, timed: 0, timed_ms: 0, ..open };
        assert_eq!(done.open_bytes(&MediaMeasure::default()), Some(0));
    }
}

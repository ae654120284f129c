//! A call for work: what, when, how urgent, and on whose behalf.

use feishu::Priority;

use super::TaskKind;
use crate::catalog::{CatalogError, Tx, args};

/// A call for a task. For one that is known already it counts as one more: the earlier time and the more
/// urgent lane win.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    pub(crate) kind: TaskKind,
    subject: &'a str,
    payload: Option<&'a str>,
    run_at: i64,
    lane: Priority,
    party: &'a str,
    made_ms: i64,
}

impl<'a> Call<'a> {
    /// For a task that is due at `run_at`, unix ms.
    #[must_use]
    pub fn new(kind: TaskKind, subject: &'a str, lane: Priority, run_at: i64) -> Self {
        Self { kind, subject, payload: None, run_at, lane, party: "", made_ms: 0 }
    }

    /// On behalf of this person (open_id): whoever has no task under way goes before those who have.
    #[must_use]
    pub fn of(self, party: Option<&'a str>) -> Self {
        Self { party: party.unwrap_or_default(), ..self }
    }

    /// What it is about was made then, unix ms: of one lane the newest goes first.
    #[must_use]
    pub fn made(self, made_ms: i64) -> Self {
        Self { made_ms, ..self }
    }

    /// What the kind needs to know beyond the subject.
    #[must_use]
    pub fn with(self, payload: &'a str) -> Self {
        Self { payload: Some(payload), ..self }
    }
}

/// Calls for a task inside the transaction that records why; [`super::Queue::nudge`] after the commit.
pub(crate) async fn enqueue(tx: &mut Tx, call: &Call<'_>, now_ms: i64) -> Result<(), CatalogError> {
    tx.execute(
        "INSERT INTO tasks (kind, subject, payload, run_at, created_at, lane, party, made_ms)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (kind, subject) DO UPDATE SET wakes = tasks.wakes + 1,
            payload = COALESCE(excluded.payload, tasks.payload),
            run_at = CASE WHEN excluded.run_at < tasks.run_at THEN excluded.run_at ELSE tasks.run_at END,
            lane = CASE WHEN excluded.lane < tasks.lane THEN excluded.lane ELSE tasks.lane END,
            party = CASE WHEN excluded.party = '' THEN tasks.party ELSE excluded.party END,
            made_ms = CASE WHEN excluded.made_ms > tasks.made_ms THEN excluded.made_ms ELSE tasks.made_ms END",
        args![
            call.kind.as_str(),
            call.subject,
            call.payload,
            call.run_at,
            now_ms,
            lane_of(call.lane),
            call.party,
            call.made_ms
        ],
    )
    .await?;
    Ok(())
}

const LANES: [Priority; 4] = [Priority::Person, Priority::Event, Priority::Patrol, Priority::Backfill];

/// A priority as the table has it: the most urgent is 0.
pub(crate) fn lane_of(priority: Priority) -> i64 {
    LANES
        .iter()
        .position(|lane| *lane == priority)
        .and_then(|lane| i64::try_from(lane).ok())
        .unwrap_or_default()
}

pub(super) fn priority_of(lane: i64) -> Priority {
    usize::try_from(lane).ok().and_then(|lane| LANES.get(lane)).copied().unwrap_or(Priority::Backfill)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_priority_comes_back_from_the_table_and_keeps_its_order() {
        for (urgent, less) in LANES.iter().zip(&LANES[1..]) {
            assert!(urgent < less && lane_of(*urgent) < lane_of(*less));
        }
        assert_eq!(LANES.map(|lane| priority_of(lane_of(lane))), LANES);
        assert_eq!(priority_of(99), Priority::Backfill, "a newer version's lane");
    }
}

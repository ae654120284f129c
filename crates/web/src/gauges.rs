//! How much there is of everything, counted in the catalogue when somebody asks for metrics.

use std::collections::BTreeMap;
use std::time::Duration;

use archive::catalog::{Catalog, Overview};
use archive::model::{MemberState, RecordingState};
use archive::queue::TaskKind;
use metrics::{describe_gauge, gauge};
use tokio::sync::Mutex;
use tokio::time::Instant;
use tracing::warn;

/// Counting a large catalogue has its price.
const SHORTEST_AGE: Duration = Duration::from_secs(15);

pub(crate) struct Gauges {
    catalog: Catalog,
    counted_at: Mutex<Option<Instant>>,
}

impl Gauges {
    pub(crate) fn new(catalog: Catalog) -> Self {
        describe_gauge!("vault_recordings", "Recordings by state");
        describe_gauge!("vault_members", "Members by state");
        describe_gauge!("vault_events_waiting", "Events stored and not yet worked through");
        describe_gauge!("vault_events_put_off", "Of these, the ones that broke down and are tried again");
        describe_gauge!("vault_tasks", "Waiting and running tasks by kind");
        describe_gauge!("vault_archived_bytes", "Bytes of all files in the archive");
        describe_gauge!("vault_last_event_timestamp_seconds", "When the last event came, unix time");
        describe_gauge!(
            "vault_last_patrol_timestamp_seconds",
            "When the last patrol of anybody ended well, unix time"
        );
        describe_gauge!(
            "vault_long_connection_up",
            "1 while events come over the long connection, where one is wanted"
        );
        Self { catalog, counted_at: Mutex::new(None) }
    }

    /// Counts again, unless that was done just now.
    pub(crate) async fn refresh(&self) {
        let mut counted_at = self.counted_at.lock().await;
        if counted_at.is_some_and(|at| at.elapsed() < SHORTEST_AGE) {
            return;
        }
        match self.catalog.overview().await {
            Ok(overview) => set(&overview),
            Err(error) => warn!(%error, "the catalogue cannot be counted for the metrics"),
        }
        *counted_at = Some(Instant::now());
    }
}

fn set(overview: &Overview) {
    // A state that nothing is in has no row, and its gauge must still fall to zero.
    for state in RecordingState::ALL {
        gauge!("vault_recordings", "state" => state.as_str())
            .set(count(&overview.recordings, state.as_str()));
    }
    for state in MemberState::ALL {
        gauge!("vault_members", "state" => state.as_str()).set(count(&overview.members, state.as_str()));
    }
    for kind in TaskKind::ALL {
        gauge!("vault_tasks", "kind" => kind.as_str()).set(count(&overview.tasks, kind.as_str()));
    }
    gauge!("vault_events_waiting").set(float(overview.events_waiting));
    gauge!("vault_events_put_off").set(float(overview.events_put_off));
    gauge!("vault_archived_bytes").set(float(overview.bytes));
    if let Some(at_ms) = overview.last_event_at {
        gauge!("vault_last_event_timestamp_seconds").set(float(at_ms) / 1e3);
    }
    if let Some(at_ms) = overview.last_patrol_at {
        gauge!("vault_last_patrol_timestamp_seconds").set(float(at_ms) / 1e3);
    }
}

fn count(counts: &BTreeMap<String, i64>, word: &str) -> f64 {
    float(counts.get(word).copied().unwrap_or_default())
}

#[expect(clippy::cast_precision_loss, reason = "Prometheus knows no other numbers")]
fn float(number: i64) -> f64 {
    number as f64
}

//! The slow reading of the whole archive, file after file, the one first that was not read for longest; and what is
//! done about a file that is not what it was: it is set aside and fetched again.

use std::path::Path;
use std::time::Duration;

use feishu::Priority;
use tracing::{error, warn};

use super::audit::{AuditError, Depth, FileFault, Reading, inspect};
use crate::Archive;
use crate::catalog::{Catalog, FileFact};
use crate::model::{ArtifactKind, MinuteToken, Reason, to_ms};
use crate::queue::{Call, Queue, TaskKind};
use crate::store::{Store, StoreError};

/// Files asked of the catalogue at once.
const PAGE: i64 = 50;
const LONGEST_SLEEP: Duration = Duration::from_mins(10);
/// After trouble with the catalogue or the disk as a whole.
const TROUBLE_WAIT: Duration = Duration::from_mins(1);

/// How the archive is read again in the background.
#[derive(Debug, Clone, Copy)]
pub struct ScrubSettings {
    /// Each file is read at least once in this time; `None`: not by itself.
    pub every: Option<Duration>,
    /// Bytes a second; `None`: as fast as the disk.
    pub bandwidth: Option<u64>,
}

/// Reads the archive again and again until told to stop. Where it is, is in the catalogue: a restart goes on there.
pub async fn keep_verified(archive: &Archive, settings: ScrubSettings) {
    let Some(every) = settings.every else { return archive.stop.cancelled().await };
    loop {
        let sleep = tokio::select! {
            () = archive.stop.cancelled() => return,
            round = archive.scrub_due(every, settings.bandwidth) => round.unwrap_or_else(|error| {
                warn!(%error, "the archive cannot be read again now; trying later");
                TROUBLE_WAIT
            }),
        };
        tokio::select! {
            () = archive.stop.cancelled() => return,
            () = tokio::time::sleep(sleep) => {}
        }
    }
}

impl Archive {
    /// Reads the files that are due, some of them; how long to sleep then.
    async fn scrub_due(&self, every: Duration, limit: Option<u64>) -> Result<Duration, AuditError> {
        let due = self.catalog.files_not_read_since(self.clock.now_ms() - to_ms(every), PAGE).await?;
        let reading = Reading { depth: Depth::Hashes, limit };
        let (mut mended, mut unreadable) = (0, 0);
        for fact in &due {
            let fault = inspect(&self.catalog, &self.store, reading, fact, &mut |_| {}).await?;
            metrics::counter!("vault_scrubbed_files_total").increment(1);
            let Some(fault) = fault else {
                self.catalog.artifact_verified(&fact.minute_token, fact.kind, self.clock.now_ms()).await?;
                continue;
            };
            self.mend(fact, &fault).await?;
            if matches!(fault, FileFault::Unreadable(_)) { unreadable += 1 } else { mended += 1 }
        }
        // What was not read stays due, and is looked at again with the next ones.
        Ok(if due.is_empty() {
            every.div_f64(100.0).min(LONGEST_SLEEP)
        } else if unreadable > 0 {
            LONGEST_SLEEP
        } else {
            Duration::from_secs(mended)
        })
    }

    async fn mend(&self, fact: &FileFact, fault: &FileFault) -> Result<(), AuditError> {
        mend(&self.catalog, &self.store, &self.queue, self.clock.now_ms(), fact, fault).await
    }
}

/// Sets a file that is not what was archived aside and calls for it to be fetched again. A file that the system would
/// not let us read may be whole: it is only told of.
pub async fn mend(
    catalog: &Catalog,
    store: &Store,
    queue: &Queue,
    now_ms: i64,
    fact: &FileFact,
    fault: &FileFault,
) -> Result<(), AuditError> {
    let path = Path::new(&fact.dir).join(&fact.file_name);
    metrics::counter!("vault_scrub_faults_total").increment(1);
    if let FileFault::Unreadable(why) = fault {
        error!(recording = %fact.minute_token, file = %path.display(), why, "an archived file cannot be read");
        return Ok(());
    }
    let Ok(token) = MinuteToken::parse(&fact.minute_token) else { return Ok(()) };
    let label = format!("{token}-{now_ms}");
    let reason = if fault.is_missing() { Reason::FileMissing } else { Reason::FileDamaged };
    let note = serde_json::json!({
        "minute_token": token.as_ref() as &str,
        "kind": fact.kind,
        "was": path,
        "found_ms": now_ms,
        "reason": reason.as_str(),
        "why": fault.to_string(),
        "archived_bytes": fact.bytes,
        "archived_sha256": fact.sha256,
    });
    let kept = match store.quarantine(&path, &label, &note).await {
        Ok(kept) => Some(kept),
        Err(StoreError::Missing { .. }) => None,
        Err(error) => return Err(AuditError::Store(error)),
    };
    error!(recording = %token, file = %path.display(), %fault, kept = kept.map(|kept| kept.display().to_string()),
            "an archived file is not what it was; fetching it again");
    if fact.kind != ArtifactKind::Sidecar {
        catalog.reopen_artifact(&token, fact.kind, reason, &fault.to_string()).await?;
    }
    // The run writes sidecar and sums anew in any case.
    queue.call(Call::new(TaskKind::Archive, token.as_ref(), Priority::Backfill, now_ms)).await?;
    Ok(())
}

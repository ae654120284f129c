//! Turns at rewriting folders' `SHA256SUMS`. Whoever asks while the sums of a folder are being written shares the
//! next writing with all others who asked meanwhile: two hundred recordings that end together cost a few
//! rewritings of their folder, not two hundred.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The turns of all folders. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct SumsTurns(Arc<Mutex<HashMap<PathBuf, Arc<Folder>>>>);

#[derive(Debug, Default)]
struct Folder {
    asked: AtomicU64,
    /// The last asking that a good writing has covered.
    covered: tokio::sync::Mutex<u64>,
}

impl SumsTurns {
    /// Runs `write` for `dir` unless a writing that began after this call has just ended well.
    pub(crate) async fn write<E>(
        &self,
        dir: &Path,
        write: impl AsyncFnOnce() -> Result<(), E>,
    ) -> Result<(), E> {
        let folder = Arc::clone(self.folders().entry(dir.to_owned()).or_default());
        let asked = folder.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let mut covered = folder.covered.lock().await;
        let written = if *covered >= asked {
            Ok(())
        } else {
            let all_so_far = folder.asked.load(Ordering::SeqCst);
            let written = write().await;
            if written.is_ok() {
                *covered = all_so_far;
            }
            written
        };
        drop(covered);
        let mut folders = self.folders();
        // Ours and the map's: nobody else waits.
        if Arc::strong_count(&folder) == 2 {
            folders.remove(dir);
        }
        written
    }

    fn folders(&self) -> std::sync::MutexGuard<'_, HashMap<PathBuf, Arc<Folder>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn those_who_ask_meanwhile_share_one_writing_that_begins_after_they_asked() {
        let (turns, facts) = (SumsTurns::default(), AtomicU64::new(0));
        let written = Mutex::new(Vec::new());
        let one = async |at_ms: u64| {
            tokio::time::sleep(Duration::from_millis(at_ms)).await;
            let mine = facts.fetch_add(1, Ordering::SeqCst) + 1;
            turns
                .write(Path::new("a"), async || {
                    let seen = facts.load(Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    written.lock().unwrap().push(seen);
                    Ok::<_, Infallible>(())
                })
                .await
                .unwrap();
            assert!(*written.lock().unwrap().last().unwrap() >= mine, "done before it was written");
        };
        tokio::join!(one(0), one(1), one(2), one(3), one(30));
        assert_eq!(*written.lock().unwrap(), [1, 4, 5]);
        assert!(turns.folders().is_empty());
    }

    #[tokio::test]
    async fn a_writing_that_failed_covers_nobody() {
        let turns = SumsTurns::default();
        let failing = turns.write(Path::new("a"), async || Err("no room"));
        let next = turns.write(Path::new("a"), async || Ok::<_, &str>(()));
        assert_eq!(tokio::join!(failing, next), (Err("no room"), Ok(())));
    }
}

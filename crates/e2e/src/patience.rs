//! Waiting for what must come, without asserting how fast it comes.

use std::time::Duration;

const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Long enough for a loaded machine; reaching it means that it will not come at all.
const LONGEST: Duration = Duration::from_mins(5);

/// Looks until `look` finds something; panics with `what` when it never does.
pub async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let found = tokio::time::timeout(LONGEST, async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    });
    found.await.unwrap_or_else(|_| panic!("never came: {what}"))
}

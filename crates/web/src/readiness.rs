//! Whether work can be done: the catalogue answers and the archive folder can be written. Looked at when
//! somebody asks, and not more often than every other second.
//!
//! The long connection is no part of it: while the platform is away people can still come in by these doors, and
//! nobody is helped by a balancer that closes them. `status`, `doctor` and `/metrics` tell of it.

use std::sync::Arc;
use std::time::Duration;

use archive::catalog::Catalog;
use archive::store::Store;
use serde::Serialize;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};
use tracing::{info, warn};

const SHORTEST_AGE: Duration = Duration::from_secs(2);
/// A disk or server that takes longer than this is not ready.
const LONGEST_LOOK: Duration = Duration::from_secs(2);

/// Whether work can be done. Cheap to clone.
#[derive(Clone)]
pub struct Readiness {
    catalog: Catalog,
    store: Store,
    last: Arc<Mutex<Option<Look>>>,
}

struct Look {
    at: Instant,
    checks: Vec<Check>,
}

/// One thing that must work.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Check {
    name: &'static str,
    pub(crate) ok: bool,
    /// For whoever asks; paths and the system's own words are in the log.
    detail: &'static str,
}

impl Readiness {
    /// Readiness of this catalogue and this archive folder.
    #[must_use]
    pub fn new(catalog: Catalog, store: Store) -> Self {
        Self { catalog, store, last: Arc::default() }
    }

    pub(crate) fn catalog(&self) -> Catalog {
        self.catalog.clone()
    }

    /// Looks, or remembers a look of just now.
    pub(crate) async fn checks(&self) -> Vec<Check> {
        let mut last = self.last.lock().await;
        if let Some(look) = last.as_ref().filter(|look| look.at.elapsed() < SHORTEST_AGE) {
            return look.checks.clone();
        }
        let was_ok = |name| {
            let before = last.as_ref().and_then(|look| look.checks.iter().find(|check| check.name == name));
            before.is_none_or(|check| check.ok)
        };
        let (catalog, archive) = tokio::join!(
            check("catalogue", was_ok("catalogue"), async {
                self.catalog.meta("readiness").await.map(drop).map_err(|error| error.to_string())
            }),
            check("archive folder", was_ok("archive folder"), async {
                self.store.prove_writable().await.map_err(|error| error.to_string())
            }),
        );
        let checks = vec![catalog, archive];
        *last = Some(Look { at: Instant::now(), checks: checks.clone() });
        checks
    }
}

async fn check(name: &'static str, was_ok: bool, look: impl Future<Output = Result<(), String>>) -> Check {
    let (ok, detail) = match timeout(LONGEST_LOOK, look).await {
        Ok(Ok(())) => {
            if !was_ok {
                info!(check = name, "ready again");
            }
            (true, "ok")
        }
        Ok(Err(error)) => {
            if was_ok {
                warn!(check = name, error, "not ready");
            }
            (false, "failing; the log says why")
        }
        Err(_) => {
            if was_ok {
                warn!(check = name, "not ready: no answer in time");
            }
            (false, "no answer in time")
        }
    };
    Check { name, ok, detail }
}

//! Taking over from the script that was here before: its members (`user_tokens.json`) and what it has
//! downloaded (`download_history.json`).
//!
//! Members come over as "must authorise again": their tokens are of the platform's first login (v1), which
//! the present token endpoint refuses. Where the historic endpoint still renews one, its access token tells
//! who it is and lets work start at once; it cannot be renewed again, so that member, too, has to authorise
//! within hours. Recordings come over as held, and are not fetched again by themselves; a file that can be
//! matched, and is whole, is adopted into the archive.
//!
//! Idempotent: nobody who has authorised and nothing that is archived is ever set back. It is no sync: the
//! old files are read, never written.

mod adopt;
mod files;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod history;
mod members;
mod read;
mod report;
mod tokens;

use std::path::Path;

use tracing::info;

use crate::Archive;
use crate::audit::{self, Deed};
pub use read::LegacyError;
pub use report::{LegacyLine, LegacyReport, MemberOutcome, RecordingOutcome};

/// Imports the old installation in `dir`. Both files are read before anything is changed: a garbled one
/// changes nothing. Its recordings are looked for in `dir` and in the archive folder, which was the script's
/// download folder when the same `config.json` is in use. The deed of whoever asked for it is written down first.
pub async fn import_legacy(archive: &Archive, dir: &Path, deed: &Deed) -> Result<LegacyReport, LegacyError> {
    let tokens = read::json(&dir.join(tokens::FILE)).await?;
    let history = read::json(&dir.join(history::FILE)).await?;
    if tokens.is_none() && history.is_none() {
        return Err(LegacyError::NothingHere { dir: dir.to_owned() });
    }
    let tokens = tokens.map(|json| tokens::parse(json, dir)).transpose()?;
    let history = history.map(|json| history::parse(json, dir)).transpose()?;
    audit::record(&archive.catalog, deed).await?;

    let mut report = LegacyReport::default();
    members::import(archive, tokens.unwrap_or_default(), &mut report).await?;
    if let Some(history) = history {
        report.lines.extend(history.skipped.into_iter().map(|entry| LegacyLine::HistorySkipped { entry }));
        adopt::import(archive, dir, &history.entries, &mut report).await?;
    }
    info!(lines = report.lines.len(), "imported an old installation");
    Ok(report)
}

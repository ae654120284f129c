//! Is anything set up wrongly? The program knows how to look; command line and page show what it finds.

use std::pin::Pin;
use std::sync::Arc;

use archive::model::Mover;
use serde::Serialize;

use crate::words::Words;

/// How a thing stands, from well to not at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Well.
    Ok,
    /// Works, and somebody should look at it.
    Warn,
    /// Does not work.
    Fail,
}

/// What was looked at, and what came of it, in the language of the reader.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// What was looked at.
    #[serde(rename = "check")]
    pub id: &'static str,
    /// How it stands.
    pub mark: Mark,
    /// What was found.
    pub what: String,
    /// What to do about it, unless it is well.
    pub fix: Option<String>,
    /// Whose move it is, unless it is well.
    pub mover: Option<Mover>,
    /// What was found, with nobody's name and none of our ids, paths and addresses: it may be shown to outsiders.
    #[serde(skip)]
    pub redacted: String,
}

/// Looks at everything, in the language of these words. Takes a few seconds, for it asks the platform, too.
pub type Checkup = Arc<dyn Fn(Words) -> Pin<Box<dyn Future<Output = Vec<Check>> + Send>> + Send + Sync>;

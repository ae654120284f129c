//! What there is to tell.

use std::collections::BTreeMap;

use feishu::Priority;
use serde::{Deserialize, Serialize};

use crate::model::{Reason, text_enum};

text_enum! {
    /// What a message is about.
    pub enum Matter {
        /// Somebody is asked to authorise for the first time.
        Invitation = "invitation",
        /// An authorisation nears its 365 days, or has reached them.
        Ending = "ending",
        /// An authorisation has ended before its time, or covers less than is needed by now.
        Ended = "ended",
        /// What somebody owns can no longer be fetched; for administrators.
        Unreachable = "unreachable",
        /// Archiving stands still; for administrators.
        Standstill = "standstill",
        /// The week; for administrators.
        Summary = "summary",
    }
}

impl Matter {
    /// Whether it asks an employee to click: at most one new one a day to each, and not in quiet hours.
    #[must_use]
    pub const fn asks_employee(self) -> bool {
        matches!(self, Self::Invitation | Self::Ending | Self::Ended)
    }

    /// An alarm overtakes what can wait.
    pub(super) const fn priority(self) -> Priority {
        match self {
            Self::Standstill => Priority::Person,
            Self::Unreachable | Self::Ending | Self::Ended => Priority::Event,
            Self::Invitation => Priority::Patrol,
            Self::Summary => Priority::Backfill,
        }
    }
}

text_enum! {
    /// What can stand in the way of all archiving.
    pub enum Standstill {
        /// The archive's disk is full, gone, or cannot be written.
        Disk = "disk",
        /// The platform refuses the app's credentials, or the app is disabled.
        Credentials = "credentials",
        /// No events come, although the patrol finds new recordings.
        Silence = "silence",
        /// Work is due for long, and nothing gets done.
        Queue = "queue",
    }
}

/// What the words of a message need to know; each matter uses some of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// Whom it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Days left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<i64>,
    /// The last day, as `2026-12-31`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Scopes that are missing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// Recordings that cannot be fetched; or that were caught up with, once it is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<i64>,
    /// What stands still.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub what: Option<Standstill>,
    /// Figures of a summary, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub figures: BTreeMap<String, i64>,
}

/// A message, for whoever finds the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What it is about.
    pub matter: Matter,
    /// Whether that is over.
    pub is_over: bool,
    /// What the words need to know.
    pub facts: Facts,
}

//! What an import did, line by line, typed: the sentences are made where the reader's language is known.

use std::path::PathBuf;

use crate::model::{MinuteToken, OpenId};

/// Everything that an import did, in the order in which it was done.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct LegacyReport {
    /// One line for each member, recording, and thing that could not be used.
    pub lines: Vec<LegacyLine>,
}

/// One line of the report.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "line", rename_all = "snake_case")]
pub enum LegacyLine {
    /// An entry of `user_tokens.json`.
    Member {
        /// Its key there: an open_id, or the script's own user id. Fit for a terminal.
        key: String,
        /// The person's name, as the script or the platform has it.
        name: Option<String>,
        /// What became of it.
        outcome: MemberOutcome,
    },
    /// A recording of `download_history.json`.
    Recording {
        /// Which.
        minute_token: MinuteToken,
        /// What became of it.
        outcome: RecordingOutcome,
    },
    /// A file that belongs to a recording and cannot be adopted. The recording's own line follows.
    FileRefused {
        /// The recording.
        minute_token: MinuteToken,
        /// The file, as it was found.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A folder in which nothing could be looked for.
    FolderSkipped {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
    /// An entry of `download_history.json` that names no minute.
    HistorySkipped {
        /// Its start. Fit for a terminal.
        entry: String,
    },
}

/// What became of a member.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum MemberOutcome {
    /// The old token still worked: their recordings are fetched until it ends, within hours. Then they have
    /// to authorise.
    Admitted {
        /// Who they turned out to be.
        open_id: OpenId,
    },
    /// Known now; has to authorise once.
    MustAuthorise {
        /// As whom they are known.
        open_id: OpenId,
        /// Why the old token is of no use.
        why: String,
    },
    /// Known before; nothing changed.
    Known {
        /// As whom they are known.
        open_id: OpenId,
    },
    /// Not taken over: the entry names nobody.
    Skipped {
        /// What is wrong with it.
        why: String,
    },
}

/// What became of a recording.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum RecordingOutcome {
    /// Its file is whole, hashed, and part of the archive now.
    Adopted {
        /// Where it was found.
        from: PathBuf,
        /// Where it is, relative to the archive folder; the original stays.
        path: PathBuf,
        /// Its length.
        bytes: u64,
    },
    /// Noted as held by the old installation; no file of it was found. Not fetched again by itself.
    Held,
    /// Known before, with or without its file; nothing changed.
    Known,
}

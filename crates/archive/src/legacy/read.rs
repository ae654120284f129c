//! Reading the script's JSON files: bounded, and with errors that name the file and the line.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tokio::io::AsyncReadExt as _;

use crate::catalog::CatalogError;

/// A history of a million recordings is smaller.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// Why nothing, or not everything, was imported. What was imported before stays; importing again goes on.
#[derive(Debug, thiserror::Error)]
pub enum LegacyError {
    /// Neither file is there.
    #[error(
        "there is neither a user_tokens.json nor a download_history.json in {dir}: name the folder of the old script"
    )]
    NothingHere {
        /// The folder.
        dir: PathBuf,
    },
    /// The system does not let us read it.
    #[error("{path} cannot be read: {why}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: std::io::Error,
    },
    /// Over the bound.
    #[error("{path} is larger than 64 MiB: this is not the script's file")]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// Not JSON.
    #[error(
        "{path}, line {line}, column {column}: this is not JSON. Mend the file, or restore it from a copy"
    )]
    NotJson {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// JSON, but not what the script wrote.
    #[error("{path} does not hold {expected}")]
    WrongShape {
        /// The file.
        path: PathBuf,
        /// What should be there.
        expected: &'static str,
    },
    /// The catalogue does not answer.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
}

/// The JSON of a file; none when there is no such file.
pub(super) async fn json(path: &Path) -> Result<Option<Value>, LegacyError> {
    let unreadable = |why| LegacyError::Unreadable { path: path.to_owned(), why };
    let file = match tokio::fs::File::open(path).await {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).await.map_err(unreadable)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(LegacyError::TooLarge { path: path.to_owned() });
    }
    parse(&bytes, path).map(Some)
}

pub(super) fn parse(bytes: &[u8], path: &Path) -> Result<Value, LegacyError> {
    // Editors on Windows put a byte order mark before it.
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    serde_json::from_slice(text).map_err(|error| LegacyError::NotJson {
        path: path.to_owned(),
        line: error.line(),
        column: error.column(),
    })
}

/// A stranger's text on its way to a terminal: one short line.
pub(super) fn quoted(text: &str) -> String {
    let mut line: String = text.chars().filter(|c| !c.is_control()).take(80).collect();
    if line.len() < text.len() {
        line.push('…');
    }
    line
}

/// The first of these fields that holds a text with something in it.
pub(super) fn text<'a>(object: &'a Value, fields: &[&str]) -> Option<&'a str> {
    fields.iter().find_map(|field| object.get(field)?.as_str().filter(|text| !text.trim().is_empty()))
}

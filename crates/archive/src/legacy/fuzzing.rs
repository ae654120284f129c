//! What must hold whatever stands in the script's files; see [`crate::fuzzing`]. Here, since all of it is private.
#![expect(clippy::missing_panics_doc, reason = "a panic is what it is for")]

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::history::{Entry, History};
use super::{LegacyError, files, history, read, tokens};

/// A JSON file, then names of media files, parted by a byte that no text has: each recording comes once and the same
/// when written plainly, what is reported fits a terminal, and no file goes to two recordings.
pub fn legacy(input: &[u8]) {
    let mut pieces = input.split(|byte| *byte == 0xFF);
    let json = match read::parse(pieces.next().unwrap_or_default(), Path::new(history::FILE)) {
        Ok(json) => json,
        Err(error) => return assert!(matches!(error, LegacyError::NotJson { line: 1.., .. }), "{error}"),
    };
    members(&json);
    let items = json.as_array().map(Vec::len).or(json.as_object().map(serde_json::Map::len));
    let history = history::parse(json, Path::new(""));
    assert_eq!(history.is_ok(), items.is_some());
    if let Ok(history) = history {
        recordings(&history, items.unwrap_or_default());
        let files: BTreeSet<PathBuf> =
            pieces.map(|name| Path::new("/archive").join(OsStr::from_bytes(name))).collect();
        matches(&history, &files.into_iter().collect::<Vec<_>>());
    }
}

fn members(json: &Value) {
    let members = tokens::parse(json.clone(), Path::new(""));
    assert_eq!(members.as_ref().ok().map(Vec::len), json.as_object().map(serde_json::Map::len));
    for member in members.unwrap_or_default() {
        assert!(member.name.is_none_or(|name| !name.is_empty() && name.trim() == name));
        assert!(member.refresh_token.is_none_or(|token| !token.expose_secret().trim().is_empty()));
    }
}

fn recordings(history: &History, items: usize) {
    let tokens: BTreeSet<_> = history.entries.iter().map(|entry| &entry.minute_token).collect();
    assert_eq!(tokens.len(), history.entries.len());
    assert!(history.entries.len() + history.skipped.len() <= items);
    for line in &history.skipped {
        assert!(!line.contains(char::is_control) && line.chars().count() <= 81, "{line:?}");
    }
    let written = |entry: &Entry, [token, file, title]: [&str; 3]| {
        // A field with nothing in it is as good as none.
        let mut plain = json!({"object_token": "", "file": " ", "title": null});
        plain[token] = entry.minute_token.as_str().into();
        plain[file] = entry.file.as_deref().into();
        plain[title] = entry.title.as_deref().into();
        plain
    };
    for fields in [["object_token", "file", "title"], ["token", "filename", "topic"]] {
        let plain = history.entries.iter().map(|entry| written(entry, fields)).collect();
        let again = history::parse(plain, Path::new("")).expect("an array");
        assert_eq!(again.entries, history.entries);
        assert!(again.skipped.is_empty(), "{:?}", again.skipped);
    }
}

fn matches(history: &History, files: &[PathBuf]) {
    let matched = files::matched(&history.entries, files, Path::new("/"));
    let mut given = BTreeSet::new();
    for (token, candidates) in &matched {
        assert!(history.entries.iter().any(|entry| entry.minute_token == *token));
        assert!(!candidates.is_empty());
        for file in candidates {
            assert!(files.contains(file) && given.insert(file), "{}", file.display());
        }
    }
}

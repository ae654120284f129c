//! The configuration file: TOML with our keys, JSON with our keys, or the `config.json` of the script that
//! was here before, unchanged.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use serde_json::Value;
use toml::de::{DeTable, DeValue};

use super::keys::{KEYS, Key, closest, successor};
use super::problem::{Fault, Problem, Source, Warning};
use super::raw::Raw;

/// Read when no other file is named, the first that exists.
pub const USUAL_FILES: [&str; 2] = ["minutes-vault.toml", "config.json"];
/// No configuration and no secret comes near this.
const MAX_BYTES: u64 = 1 << 20;

/// The script's keys and ours.
const SCRIPT_KEYS: [(&str, &str); 5] = [
    ("app_id", "feishu.app_id"),
    ("app_secret", "feishu.app_secret"),
    ("encrypt_key", "events.encrypt_key"),
    ("verification_token", "events.verification_token"),
    ("download_path", "archive.dir"),
];

/// Reads the named file, or the usual ones.
pub fn read(raw: &mut Raw, named: Option<&Path>) {
    if let Some(path) = named {
        return read_file(raw, path);
    }
    let mut there = USUAL_FILES.map(Path::new).into_iter().filter(|path| path.exists());
    if let Some(path) = there.next() {
        read_file(raw, path);
    }
    if let Some(second) = there.next() {
        raw.warnings.push(Warning::SecondFile(second.to_owned()));
    }
}

fn read_file(raw: &mut Raw, path: &Path) {
    let subject = path.display().to_string();
    let text = match read_bounded(path) {
        Ok(text) => text,
        Err(why) => return raw.refuse(&subject, Fault::Unreadable(why)),
    };
    let taken = match path.extension().and_then(|extension| extension.to_str()) {
        Some("toml") => take_toml(raw, path, &text),
        Some("json") => take_json(raw, path, &text),
        _ => Err(Fault::NotAFormat),
    };
    if let Err(fault) = taken {
        return raw.refuse(&subject, fault);
    }
    let has_secret = KEYS.iter().any(|key| key.is_secret && raw.given(key.name).is_some());
    if has_secret && std::fs::metadata(path).is_ok_and(|facts| facts.mode() & 0o077 != 0) {
        raw.warnings.push(Warning::ReadableByOthers(path.to_owned()));
    }
}

/// A small text file; else the reason in the system's words.
pub fn read_bounded(path: &Path) -> Result<String, String> {
    let mut text = String::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    file.take(MAX_BYTES + 1).read_to_string(&mut text).map_err(|error| error.to_string())?;
    if text.len() as u64 > MAX_BYTES { Err(format!("larger than {MAX_BYTES} bytes")) } else { Ok(text) }
}

fn take_toml(raw: &mut Raw, path: &Path, text: &str) -> Result<(), Fault> {
    let table = DeTable::parse(text).map_err(|error| {
        // Not the error's own Display: that shows the line, which may hold a secret.
        let line = error.span().map(|span| line_of(text, span.start));
        Fault::Syntax(line.map_or_else(String::new, |line| format!("line {line}: ")) + error.message())
    })?;
    take_table(raw, path, text, "", table.get_ref());
    Ok(())
}

fn take_table(raw: &mut Raw, path: &Path, text: &str, prefix: &str, table: &DeTable<'_>) {
    for (name, value) in table {
        let name = format!("{prefix}{}", name.get_ref());
        let source = Source::File(path.to_owned(), Some(line_of(text, value.span().start)));
        match value.get_ref() {
            DeValue::Table(inner) if is_prefix(&name) => {
                take_table(raw, path, text, &format!("{name}."), inner);
            }
            DeValue::String(value) => take(raw, &name, Some(value.to_string()), source),
            DeValue::Integer(value) => take(raw, &name, Some(value.to_string()), source),
            DeValue::Float(value) => take(raw, &name, Some(value.to_string()), source),
            DeValue::Boolean(value) => take(raw, &name, Some(value.to_string()), source),
            DeValue::Array(values) if is_list(&name) => {
                let texts = values.iter().map(|value| value.get_ref().as_str().map(str::to_owned));
                take(raw, &name, joined(texts), source);
            }
            _ => take(raw, &name, None, source),
        }
    }
}

fn take_json(raw: &mut Raw, path: &Path, text: &str) -> Result<(), Fault> {
    // Some editors begin a file with a mark.
    let json: Value = serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .map_err(|error| Fault::Syntax(error.to_string()))?;
    let Value::Object(json) = json else { return Err(Fault::Syntax("an object { } is needed".to_owned())) };
    let mut unused = Vec::new();
    for (name, value) in json {
        let ours = SCRIPT_KEYS.iter().find(|(theirs, _)| *theirs == name).map_or(&*name, |(_, ours)| ours);
        if Key::named(ours).is_some() || is_prefix(ours) {
            take_json_value(raw, path, ours, value);
        } else {
            unused.push(name);
        }
    }
    if !unused.is_empty() {
        raw.warnings.push(Warning::UnusedKeys(path.to_owned(), unused.join(", ")));
    }
    Ok(())
}

fn take_json_value(raw: &mut Raw, path: &Path, name: &str, value: Value) {
    let source = Source::File(path.to_owned(), None);
    match value {
        Value::Object(inner) if is_prefix(name) => {
            for (inner_name, value) in inner {
                take_json_value(raw, path, &format!("{name}.{inner_name}"), value);
            }
        }
        Value::String(value) => take(raw, name, Some(value), source),
        Value::Bool(value) => take(raw, name, Some(value.to_string()), source),
        Value::Number(value) => take(raw, name, Some(value.to_string()), source),
        // The script's way to say "none".
        Value::Null => {}
        Value::Array(values) if is_list(name) => {
            let texts = values.iter().map(|value| value.as_str().map(str::to_owned));
            take(raw, name, joined(texts), source);
        }
        Value::Array(_) | Value::Object(_) => take(raw, name, None, source),
    }
}

/// Notes one value of a file; `None` is something that is not a single value.
fn take(raw: &mut Raw, name: &str, text: Option<String>, source: Source) {
    let problem = |value: Option<String>, fault| Problem {
        subject: name.to_owned(),
        value,
        source: Some(source.clone()),
        fault,
    };
    match (Key::named(name), text) {
        (Some(key), Some(text)) => raw.set(key, text, source),
        (Some(_), None) => raw.problems.push(problem(None, Fault::NotAValue)),
        (None, _) => {
            if let Some(successor) = successor(name) {
                return raw.warnings.push(Warning::Retired(name.to_owned(), successor));
            }
            // What stands behind an unknown name may be a misspelt secret: it is not shown.
            let closest = closest(name, KEYS.iter().map(|key| key.name.to_owned()));
            raw.problems.push(problem(None, Fault::Unknown(closest)));
        }
    }
}

fn is_list(name: &str) -> bool {
    Key::named(name).is_some_and(|key| key.is_list)
}

/// A list as one text; none when something in it is no text.
fn joined(texts: impl Iterator<Item = Option<String>>) -> Option<String> {
    Some(texts.collect::<Option<Vec<_>>>()?.join(", "))
}

fn is_prefix(name: &str) -> bool {
    KEYS.iter().any(|key| key.name.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')))
}

fn line_of(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

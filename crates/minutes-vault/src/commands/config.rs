//! `config init` and `config check`: the configuration itself.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::json;
use web::words::Words;

use super::Outcome;
use crate::cli::ConfigDo;
use crate::config::{Config, EXAMPLE, Raw, USUAL_FILES};
use crate::print::{self, Table};

/// Runs `config …`.
pub fn run(command: &ConfigDo, raw: Raw, path: Option<&Path>, words: Words) -> Result<Outcome> {
    match command {
        ConfigDo::Init { force } => init(path.unwrap_or(Path::new(USUAL_FILES[0])), *force, words),
        ConfigDo::Check(output) => Ok(check(raw, output.json, words)),
    }
}

/// Writes the annotated example. It will hold secrets, so it is its owner's alone.
fn init(path: &Path, force: bool, words: Words) -> Result<Outcome> {
    let file = [("file", path.display().to_string().into())];
    if !force && path.exists() {
        eprintln!("{}", words.say_with("config-init-exists", &file));
        return Ok(Outcome::Misconfigured);
    }
    // Written aside and renamed: an older file's looser mode is not taken over, nor is half a file left.
    let aside = path.with_extension("toml.new");
    let written = std::fs::remove_file(&aside)
        .or_else(|error| if error.kind() == ErrorKind::NotFound { Ok(()) } else { Err(error) })
        .and_then(|()| OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside))
        .and_then(|mut file| file.write_all(EXAMPLE.as_bytes()))
        .and_then(|()| std::fs::rename(&aside, path));
    written.with_context(|| format!("cannot write {}", path.display()))?;
    println!("{}", words.say_with("config-init-done", &file));
    Ok(Outcome::Good)
}

/// Shows what counts and where it comes from, and everything that is wrong with it.
fn check(raw: Raw, as_json: bool, words: Words) -> Outcome {
    let mut table = Table::new(&["config-column-key", "config-column-value", "config-column-source"], words);
    let mut values = Vec::new();
    for (key, value, source) in raw.shown() {
        let source = source.say(words);
        values.push(json!({ "key": key.name, "value": value, "source": source }));
        table.row([key.name.to_owned(), value.unwrap_or_else(|| "—".to_owned()), source]);
    }
    let checked = Config::check(raw);
    if as_json {
        let english = Words::new(web::words::Language::English);
        let (problems, warnings) = match &checked {
            Ok((_, warnings)) => (Vec::new(), warnings.iter().map(|warning| warning.say(english)).collect()),
            Err(errors) => (errors.0.iter().map(|problem| problem.say(english)).collect(), Vec::new()),
        };
        let ok = checked.is_ok();
        print::json(&json!({ "ok": ok, "problems": problems, "warnings": warnings, "values": values }));
        return if ok { Outcome::Good } else { Outcome::Misconfigured };
    }
    table.print();
    match checked {
        Ok((_, warnings)) => {
            for warning in warnings {
                println!("! {}", warning.say(words));
            }
            println!("✓ {}", words.say("config-is-good"));
            Outcome::Good
        }
        Err(errors) => {
            eprintln!("{}\n{}", words.say("config-is-bad"), errors.say(words));
            Outcome::Misconfigured
        }
    }
}

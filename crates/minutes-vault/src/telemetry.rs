//! The log: to stderr, so that stdout is the answer's; for people or for programs.

use std::io::{IsTerminal as _, stderr};

use tracing_subscriber::EnvFilter;

use crate::config::LogFormat;

/// Starts logging. `RUST_LOG` counts over `level`.
pub fn start(level: &str, format: LogFormat) {
    // PostgreSQL remarks at each start that the table of migrations is there.
    let quieter = if level == "info" { ",sqlx::postgres::notice=warn" } else { "" };
    let usual = || EnvFilter::new(format!("{level}{quieter}"));
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| usual());
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(stderr);
    // Colours are for eyes: in a journal they are noise around each word.
    let log = log.with_ansi(
        stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    );
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
}

//! minutes-vault keeps a company's Feishu/Lark meeting recordings. Here: language, telemetry, exit code.

#![expect(unreachable_pub, reason = "a program exports nothing; pub marks what leaves its module")]

mod cli;
mod commands;
mod config;
mod lifecycle;
mod print;
mod startup;
mod telemetry;
mod wiring;

use std::process::ExitCode;

use web::words::{Language, Words};

use crate::cli::{Cli, Lang};

fn main() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|command| command == commands::courier::NAME) {
        return commands::courier::run();
    }
    let asked = Cli::language_of(std::env::args());
    let cli = Cli::from_process(Words::new(asked.unwrap_or_else(environment_language)));
    let asked = cli.lang.map(|lang| match lang {
        Lang::Zh => Language::Chinese,
        Lang::En => Language::English,
    });
    let words = Words::new(asked.unwrap_or_else(environment_language));
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("minutes-vault: {error}");
            return commands::Outcome::NotPossible.into();
        }
    };
    let outcome = runtime.block_on(commands::run(cli, asked, words));
    // Everything of ours has ended. A pool of sqlx 0.9 that is closed while it counts its idle connections may count for
    // ever, and nobody is to wait for that.
    runtime.shutdown_background();
    outcome.into()
}

/// The language when neither option nor configuration names one.
fn environment_language() -> Language {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let ours = set("MINUTES_VAULT_LANGUAGE").and_then(|tag| Language::from_tag(&tag));
    let locale = || set("LC_ALL").or_else(|| set("LC_MESSAGES")).or_else(|| set("LANG")).unwrap_or_default();
    ours.unwrap_or_else(|| Language::from_environment(&locale()))
}

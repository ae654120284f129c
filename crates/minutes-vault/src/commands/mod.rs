//! One file per command; here is what they share: which of them runs, and how it ends.

mod audit;
mod backup;
mod config;
pub mod courier;
mod coverage;
mod demo;
pub mod doctor;
mod holds;
mod import;
mod invite;
mod members;
mod pause;
mod reconcile;
mod recordings;
mod retention;
mod serve;
mod status;
mod verify;
mod why;

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use archive::IdentityError;
use archive::audit::{Deed, Verb};
use archive::model::{Clock as _, OpenId, SystemClock};
use tracing::warn;
use web::words::{Language, Words};

use crate::cli::{Cli, Do};
use crate::config::{Config, ConfigErrors, LogFormat, Raw};
use crate::print::Moments;
use crate::startup::StartError;
use crate::telemetry;

/// How a command ended, as scripts see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Done, and nothing found wrong.
    Good = 0,
    /// Done, and something was found wrong, or not found at all.
    Bad = 1,
    /// The configuration (or, by clap, the command line) is wrong.
    Misconfigured = 2,
    /// Something that is needed cannot be reached, or another process holds it.
    NotPossible = 3,
}

impl Outcome {
    /// Good, if all is well.
    pub fn of(is_well: bool) -> Self {
        if is_well { Self::Good } else { Self::Bad }
    }
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(outcome as u8)
    }
}

/// Runs what was asked for and tells what kept it from running.
pub async fn run(cli: Cli, asked: Option<Language>, words: Words) -> Outcome {
    match dispatch(cli, asked, words).await {
        Ok(outcome) => outcome,
        Err(error) => tell(&error, words),
    }
}

async fn dispatch(cli: Cli, asked: Option<Language>, words: Words) -> Result<Outcome> {
    let path = cli.config.as_deref();
    let gather = || Raw::gather(path, std::env::vars());
    if let Do::Config(command) = &cli.command {
        return config::run(command, gather(), path, words);
    }
    let chatty = |level| match cli.verbose {
        0 => level,
        1 => "debug",
        _ => "trace",
    };
    // What is not the service answers on a terminal, where a log only gets in the way.
    if let Do::Demo(args) = &cli.command {
        telemetry::start(chatty("warn"), LogFormat::Text);
        return demo::run(args, words).await;
    }
    let (config, warnings) = Config::check(gather())?;
    let words = asked.or(config.language).map_or(words, Words::new);
    let level = if matches!(cli.command, Do::Serve) { &config.log.level } else { "warn" };
    telemetry::start(chatty(level), config.log.format);
    match cli.command {
        Do::Serve => {
            for warning in &warnings {
                warn!("{}", warning.say(words));
            }
            serve::run(Arc::new(config), warnings, words).await
        }
        Do::Doctor(output) => doctor::run(&config, &warnings, output.json, words).await,
        Do::Status(output) => status::run(&config, output.json, words).await,
        Do::Members(command) => members::run(&config, command, words).await,
        Do::Invite(args) => invite::run(&config, &args, words).await,
        Do::Recordings(command) => recordings::run(&config, command, words).await,
        Do::Holds(command) => holds::run(&config, command, words).await,
        Do::Retention(command) => retention::run(&config, command, words).await,
        Do::Pause(args) => pause::pause(&config, &args, words).await,
        Do::Resume(args) => pause::resume(&config, &args, words).await,
        Do::Coverage(args) => coverage::run(&config, &args, words).await,
        Do::Reconcile(args) => reconcile::run(&config, &args, words).await,
        Do::Why(args) => why::run(&config, &args, words).await,
        Do::Verify(args) => verify::run(&config, &args, words).await,
        Do::Audit(command) => audit::run(&config, command, words).await,
        Do::Backup(args) => backup::backup(&config, &args, words).await,
        Do::Restore(args) => backup::restore(&config, &args, words).await,
        Do::ImportLegacy(args) => import::run(&config, &args, words).await,
        // Answered above, without a configuration that is good.
        Do::Demo(_) | Do::Config(_) => Ok(Outcome::Good),
    }
}

/// Moments as this installation tells them.
fn moments(config: &Config) -> Moments {
    Moments { zone: config.archive.time_zone.clone(), now_ms: SystemClock.now_ms() }
}

/// Of whoever sits at the machine, in characters.
const LONGEST_OPERATOR: usize = 64;

/// Who gives the command, as far as this machine knows: behind sudo, whoever called it.
fn operator() -> String {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let name = set("SUDO_USER").or_else(|| set("USER")).or_else(|| set("LOGNAME"));
    name.unwrap_or_else(|| format!("uid {}", rustix::process::getuid().as_raw()))
}

/// What whoever gives the command does, for the audit log. It names people by their ids; who sits at the machine has
/// none, and is named as the machine knows them.
fn deed(subject: &str, verb: Verb, detail: &str) -> Result<Deed> {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let name: String = operator().chars().take(LONGEST_OPERATOR).map(plain).collect();
    Ok(Deed {
        actor: OpenId::parse(&name)?,
        verb,
        subject: subject.to_owned(),
        detail: Some(detail.to_owned()),
        from: "command line".to_owned(),
        at_ms: SystemClock.now_ms(),
    })
}

/// Says what went wrong, in the reader's language where we know the sentence.
fn tell(error: &anyhow::Error, words: Words) -> Outcome {
    if let Some(errors) = error.downcast_ref::<ConfigErrors>() {
        eprintln!("{}\n{}", words.say("config-is-bad"), errors.say(words));
        return Outcome::Misconfigured;
    }
    if let Some(error) = error.downcast_ref::<IdentityError>() {
        eprintln!("minutes-vault: {}", identity(error, words));
        return Outcome::NotPossible;
    }
    let sentence = match error.downcast_ref::<StartError>() {
        Some(StartError::NoCatalog(file)) => {
            words.say_with("error-no-catalog", &[("file", file.display().to_string().into())])
        }
        Some(StartError::Locked { dir, pid }) => words.say_with(
            "error-locked",
            &[("dir", dir.display().to_string().into()), ("pid", pid.as_str().into())],
        ),
        Some(StartError::RestoreCutOff(file)) => {
            words.say_with("restore-cut-off", &[("path", file.display().to_string().into())])
        }
        Some(StartError::OtherKey) => {
            format!("{} {}", words.say("doctor-key-other"), words.say("doctor-key-other-fix"))
        }
        None => words.trouble(error.as_ref()),
    };
    eprintln!("minutes-vault: {sentence}");
    Outcome::NotPossible
}

fn identity(error: &IdentityError, words: Words) -> String {
    match error {
        IdentityError::NotMounted(dir) => {
            words.say_with("error-not-mounted", &[("dir", dir.as_str().into())])
        }
        IdentityError::Others(dir) => words.say_with("error-others-archive", &[("dir", dir.as_str().into())]),
        IdentityError::Catalog(error) => words.trouble(error),
        IdentityError::Store(error) => words.trouble(error),
    }
}

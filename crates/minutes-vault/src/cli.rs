//! The command line. What `--help` says is in `web/locales/*/cli.ftl`, found by the place of each command and
//! argument (`help-recordings-refetch`, `help-recordings-refetch-tokens`), so that it comes in two languages.

use std::net::SocketAddr;
use std::path::PathBuf;

use archive::model::{MinuteToken, OpenId, RecordingState};
use clap::{Args, Command, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};
use web::words::{Language, Words};

/// All of it.
#[derive(Debug, Parser)]
#[command(name = "minutes-vault", version, arg_required_else_help = true)]
pub struct Cli {
    #[arg(long, global = true, value_name = "PATH", env = "MINUTES_VAULT_CONFIG")]
    pub config: Option<PathBuf>,
    #[arg(long, global = true, value_enum)]
    pub lang: Option<Lang>,
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    #[command(subcommand)]
    pub command: Do,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Lang {
    Zh,
    En,
}

#[derive(Debug, Subcommand)]
pub enum Do {
    Serve,
    Demo(DemoArgs),
    Doctor(Output),
    Status(Output),
    #[command(subcommand)]
    Members(Members),
    #[command(subcommand)]
    Recordings(Recordings),
    Verify(VerifyArgs),
    #[command(subcommand)]
    Config(ConfigDo),
}

/// How a command answers.
#[derive(Debug, Clone, Copy, Args)]
pub struct Output {
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct DemoArgs {
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDR")]
    pub listen: SocketAddr,
    #[arg(long, default_value = "./demo-data", value_name = "DIR")]
    pub data_dir: PathBuf,
    #[arg(long)]
    pub exit_when_done: bool,
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum Members {
    List(Output),
    Show {
        #[arg(value_name = "ID")]
        id: OpenId,
        #[command(flatten)]
        output: Output,
    },
    Remove {
        #[arg(value_name = "ID")]
        id: OpenId,
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        output: Output,
    },
}

#[derive(Debug, Subcommand)]
pub enum Recordings {
    List {
        #[arg(long, value_parser = recording_state)]
        state: Option<RecordingState>,
        #[arg(long, value_name = "ID")]
        owner: Option<OpenId>,
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
        #[command(flatten)]
        output: Output,
    },
    Show {
        #[arg(value_parser = minute)]
        token: MinuteToken,
        #[command(flatten)]
        output: Output,
    },
    Refetch {
        #[arg(required = true, value_name = "TOKEN", value_parser = minute)]
        tokens: Vec<MinuteToken>,
        #[command(flatten)]
        output: Output,
    },
}

#[derive(Debug, Args)]
pub struct VerifyArgs {
    #[arg(long)]
    pub all: bool,
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum ConfigDo {
    Init {
        #[arg(long)]
        force: bool,
    },
    Check(Output),
}

impl Cli {
    /// Reads the arguments of this process; prints help or what is wrong with them, and ends, by itself.
    pub fn from_process(words: Words) -> Self {
        let matches = Self::explained(words).get_matches();
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }

    /// The command line with its texts.
    pub fn explained(words: Words) -> Command {
        explain(Self::command(), "help", words)
    }

    /// The language of the texts, before anything is parsed.
    pub fn language_of(arguments: impl Iterator<Item = String>) -> Option<Language> {
        let mut arguments = arguments.skip(1);
        while let Some(argument) = arguments.next() {
            let value = match argument.strip_prefix("--lang") {
                Some("") => arguments.next(),
                Some(value) => value.strip_prefix('=').map(str::to_owned),
                None => None,
            };
            if let Some(value) = value {
                return Language::from_tag(&value);
            }
        }
        None
    }
}

fn explain(command: Command, key: &str, words: Words) -> Command {
    let examples = words.say(&format!("{key}-examples"));
    let command = if examples.ends_with("-examples") { command } else { command.after_help(examples) };
    command
        .about(words.say(key))
        .mut_args(|arg| {
            // The same on every command, and explained once.
            let place = match arg.get_id().as_str() {
                id @ ("config" | "lang" | "verbose" | "json") => format!("help-{id}"),
                id => format!("{key}-{id}"),
            };
            arg.help(words.say(&place.replace('_', "-")))
        })
        .mut_subcommands(|command| {
            let key = format!("{key}-{}", command.get_name());
            explain(command, &key, words)
        })
}

/// A token, or the address of a minute's page.
fn minute(text: &str) -> Result<MinuteToken, String> {
    MinuteToken::from_url(text)
        .map_or_else(|| MinuteToken::parse(text), Ok)
        .map_err(|_| "neither a minute_token nor the address of a minute (…/minutes/…)".to_owned())
}

fn recording_state(text: &str) -> Result<RecordingState, String> {
    text.replace('-', "_").parse().map_err(|_| {
        let states: Vec<&str> = RecordingState::ALL.iter().map(|state| state.as_str()).collect();
        format!("one of: {}", states.join(", "))
    })
}

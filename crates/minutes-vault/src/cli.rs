//! The command line. What `--help` says is in `web/locales/*/cli.ftl`, found by the place of each command and
//! argument (`help-recordings-refetch`, `help-recordings-refetch-tokens`), so that it comes in two languages.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use archive::model::{MeetingId, MinuteToken, OpenId, RecordingState};
use clap::{Args, Command, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};
use web::words::{Language, Words};

use crate::config::bandwidth;
use crate::print::Since;

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
    Invite(InviteArgs),
    #[command(subcommand)]
    Recordings(Recordings),
    #[command(subcommand)]
    Holds(Holds),
    #[command(subcommand)]
    Retention(Retention),
    Pause(PauseArgs),
    Resume(PauseArgs),
    Coverage(CoverageArgs),
    Reconcile(ReconcileArgs),
    Why(WhyArgs),
    Verify(VerifyArgs),
    #[command(subcommand)]
    Audit(Audit),
    Backup(BackupArgs),
    Restore(RestoreArgs),
    ImportLegacy(ImportArgs),
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
        purge: bool,
        #[arg(long, requires = "purge")]
        files: bool,
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        output: Output,
    },
    Removed(Output),
}

/// Whom to ask to authorise.
#[derive(Debug, Args)]
#[group(id = "whom", required = true, multiple = true)]
pub struct Whom {
    #[arg(value_name = "ID")]
    pub people: Vec<OpenId>,
    #[arg(long, value_name = "LIST")]
    pub file: Option<PathBuf>,
    #[arg(long, value_name = "ID")]
    pub department: Option<String>,
    #[arg(long)]
    pub unauthorised_owners: bool,
}

#[derive(Debug, Args)]
pub struct InviteArgs {
    #[command(flatten)]
    pub whom: Whom,
    #[command(flatten)]
    pub output: Output,
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
    Trash {
        #[arg(required = true, value_name = "TOKEN", value_parser = minute)]
        tokens: Vec<MinuteToken>,
        #[command(flatten)]
        output: Output,
    },
    Restore {
        #[arg(required = true, value_name = "TOKEN", value_parser = minute)]
        tokens: Vec<MinuteToken>,
        #[command(flatten)]
        output: Output,
    },
}

#[derive(Debug, Subcommand)]
pub enum Holds {
    List {
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        output: Output,
    },
}

#[derive(Debug, Subcommand)]
pub enum Retention {
    List(Output),
    DryRun {
        #[arg(value_name = "RULE")]
        rule: String,
        #[command(flatten)]
        output: Output,
    },
}

/// Everything, when no recording is named.
#[derive(Debug, Args)]
pub struct PauseArgs {
    #[arg(value_name = "TOKEN", value_parser = minute)]
    pub tokens: Vec<MinuteToken>,
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "switches of a command line")]
pub struct VerifyArgs {
    #[arg(long)]
    pub all: bool,
    #[arg(long, requires = "all")]
    pub resume: bool,
    #[arg(long, value_name = "RATE", value_parser = rate, requires = "all")]
    pub limit: Option<u64>,
    #[arg(long)]
    pub mend: bool,
    #[arg(long)]
    pub adopt: bool,
    #[arg(long)]
    pub purge_quarantine: bool,
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum Audit {
    Verify(Output),
    Export(ExportArgs),
}

/// Into the data folder, unless another is named.
#[derive(Debug, Args)]
pub struct BackupArgs {
    #[arg(value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct RestoreArgs {
    #[arg(value_name = "BACKUP")]
    pub from: PathBuf,
    #[arg(long)]
    pub yes: bool,
    #[arg(long)]
    pub json: bool,
}

/// JSON, one row a line, unless CSV is asked for.
#[derive(Debug, Args)]
pub struct ExportArgs {
    #[arg(long, value_name = "DAY")]
    pub since: Option<Since>,
    #[arg(long, value_name = "DAY")]
    pub until: Option<Since>,
    #[arg(long, conflicts_with = "jsonl")]
    pub csv: bool,
    #[arg(long)]
    pub jsonl: bool,
}

#[derive(Debug, Args)]
pub struct CoverageArgs {
    #[arg(long, value_name = "DAY", default_value = "12w")]
    pub since: Since,
    #[arg(long, value_name = "ID")]
    pub member: Option<OpenId>,
    #[arg(long, conflicts_with_all = ["json", "xlsx"])]
    pub csv: bool,
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    pub xlsx: Option<PathBuf>,
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct ReconcileArgs {
    #[arg(long, value_name = "DAY", default_value = "30d")]
    pub since: Since,
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct WhyArgs {
    #[arg(value_name = "URL|TOKEN|NUMBER")]
    pub what: Subject,
    #[arg(long)]
    pub json: bool,
}

/// A recording, or a meeting by its nine digits or by its long id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    Recording(MinuteToken),
    MeetingNumber(String),
    Meeting(MeetingId),
}

impl FromStr for Subject {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // As people copy it: 123 456 789.
        let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '\u{a0}')).collect();
        if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return match digits.len() {
                9 => Ok(Self::MeetingNumber(digits)),
                _ => MeetingId::parse(&digits).map(Self::Meeting).map_err(|error| error.to_string()),
            };
        }
        minute(text).map(Self::Recording)
    }
}

#[derive(Debug, Args)]
pub struct ImportArgs {
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
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

/// Bytes a second.
fn rate(text: &str) -> Result<u64, String> {
    let limit = bandwidth(text).ok().flatten();
    limit.ok_or_else(|| "a rate such as 20MB/s, 16KiB/s at least".to_owned())
}

fn recording_state(text: &str) -> Result<RecordingState, String> {
    text.replace('-', "_").parse().map_err(|_| {
        let states: Vec<&str> = RecordingState::ALL.iter().map(|state| state.as_str()).collect();
        format!("one of: {}", states.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Cli, clap::Error> {
        let all = std::iter::once("minutes-vault").chain(arguments.iter().copied());
        Cli::from_arg_matches(&Cli::explained(Words::new(Language::English)).try_get_matches_from(all)?)
    }

    #[test]
    fn every_command_and_argument_is_explained_in_both_languages() {
        fn walk(command: &Command, place: &str) {
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            assert!(!about.is_empty() && !about.starts_with("help-"), "{place}: {about}");
            for arg in command.get_arguments() {
                let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
                assert!(!help.is_empty() && !help.starts_with("help-"), "{place} {}: {help}", arg.get_id());
            }
            command.get_subcommands().for_each(|inner| walk(inner, &format!("{place} {}", inner.get_name())));
        }
        for language in Language::ALL {
            let command = Cli::explained(Words::new(language));
            command.clone().debug_assert();
            walk(&command, "");
        }
    }

    #[test]
    fn a_recording_is_named_by_token_or_by_address() {
        let token = "obcn37dxcftoc3656rgyejm7";
        let address = format!("https://acme.feishu.cn/minutes/{token}?from=chat");
        let cli = parse(&["recordings", "refetch", token, &address]).unwrap();
        let Do::Recordings(Recordings::Refetch { tokens, .. }) = cli.command else { panic!("{cli:?}") };
        assert!(tokens.iter().all(|given| given.as_str() == token) && tokens.len() == 2);
        assert!(parse(&["recordings", "show", "../../etc/passwd"]).is_err());
        assert!(parse(&["recordings", "refetch"]).is_err());
    }

    #[test]
    fn what_somebody_asks_about_is_told_apart_by_its_shape() {
        let token = "obcn37dxcftoc3656rgyejm7";
        for (text, subject) in [
            (token, Subject::Recording(MinuteToken::parse(token).unwrap())),
            ("123 456 789", Subject::MeetingNumber("123456789".to_owned())),
            ("6911188411934433028", Subject::Meeting(MeetingId::parse("6911188411934433028").unwrap())),
        ] {
            assert_eq!(text.parse::<Subject>(), Ok(subject), "{text}");
        }
        assert!("周会".parse::<Subject>().is_err() && "".parse::<Subject>().is_err());
    }

    #[test]
    fn the_language_is_known_before_anything_is_parsed() {
        let asked = |arguments: &[&str]| Cli::language_of(arguments.iter().map(ToString::to_string));
        assert_eq!(asked(&["vault", "status", "--lang", "zh"]), Some(Language::Chinese));
        assert_eq!(asked(&["vault", "--lang=en", "nonsense"]), Some(Language::English));
        assert_eq!(asked(&["vault", "--lang"]), None);
        assert_eq!(asked(&["--lang", "status"]), None);
    }

    #[test]
    fn states_are_named_as_they_are_stored() {
        let cli = parse(&["recordings", "list", "--state", "no-grant"]).unwrap();
        let Do::Recordings(Recordings::List { state, .. }) = cli.command else { panic!("{cli:?}") };
        assert_eq!(state, Some(RecordingState::NoGrant));
        let refused = parse(&["recordings", "list", "--state", "missing"]).unwrap_err().to_string();
        assert!(refused.contains("no_grant"), "{refused}");
    }
}

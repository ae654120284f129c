//! What can be wrong with a configuration, told so that a person can mend it: which key, what it holds
//! (secrets masked), where that came from, and what to write instead. All problems are told at once.

use std::fmt;
use std::path::PathBuf;

use web::words::{Language, Words};

/// What is shown in place of a secret.
pub const MASK: &str = "******";

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Nobody set it.
    Default,
    /// A configuration file; with the line where that is known.
    File(PathBuf, Option<usize>),
    /// An environment variable.
    Variable(String),
    /// A file that an environment variable names.
    SecretFile(String, PathBuf),
}

impl Source {
    /// Where it is, for people.
    pub fn say(&self, words: Words) -> String {
        match self {
            Self::Default => words.say("config-source-default"),
            Self::File(path, Some(line)) => format!("{}:{line}", path.display()),
            Self::File(path, None) => path.display().to_string(),
            Self::Variable(name) => name.clone(),
            Self::SecretFile(name, path) => format!("{name} → {}", path.display()),
        }
    }
}

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// It has to be set; the variable that can do it.
    Required(String),
    /// No such key; what may have been meant.
    Unknown(Option<String>),
    /// A table or a list where one value belongs.
    NotAValue,
    /// One of these words is needed.
    NotOneOf(&'static str),
    /// Not `IP:PORT`.
    NotAnAddress,
    /// Not an absolute http(s) address without query and fragment.
    NotAUrl,
    /// Not a duration such as `5m`, or outside these bounds.
    NotADuration(&'static str, &'static str),
    /// Not a first and a longest wait.
    NotWaits,
    /// Not a whole number, or outside these bounds.
    NotANumber(u64, u64),
    /// Not a number, or outside these bounds.
    NotAFactor(f64, f64),
    /// Not a share such as `80%`.
    NotAShare,
    /// Not room on a disk.
    NotRoom,
    /// Not a bandwidth.
    NotABandwidth,
    /// Not hours with a bandwidth.
    NotHours,
    /// Not a usable file name template; the reason.
    NotATemplate(String),
    /// Not hours such as `20:00-09:00`.
    NotQuietHours,
    /// Not an address that takes posts.
    NotAWebhook,
    /// No such time zone.
    NotAZone,
    /// Not a moment or a duration to go back to.
    NotASince,
    /// Not a `postgres://` address.
    NotADatabase,
    /// Not 32 bytes in base64.
    NotAKey,
    /// Holds spaces or control characters where none can be.
    NotPlain,
    /// Not open_ids.
    NotPeople,
    /// Given both directly and by file.
    Twice(String),
    /// A file cannot be read; the system's words.
    Unreadable(String),
    /// A file is not what its ending says; the parser's words.
    Syntax(String),
    /// The ending is neither `.toml` nor `.json`.
    NotAFormat,
}

impl Fault {
    fn say(&self, words: Words) -> String {
        let with = |key: &str, variables: &[(&'static str, String)]| {
            let variables: Vec<_> =
                variables.iter().map(|(name, value)| (*name, value.as_str().into())).collect();
            words.say_with(key, &variables)
        };
        match self {
            Self::Required(variable) => with("config-required", &[("variable", variable.clone())]),
            Self::Unknown(None) => words.say("config-unknown"),
            Self::Unknown(Some(closest)) => with("config-unknown-closest", &[("closest", closest.clone())]),
            Self::NotAValue => words.say("config-not-a-value"),
            Self::NotOneOf(choices) => with("config-not-one-of", &[("choices", (*choices).to_owned())]),
            Self::NotAnAddress => words.say("config-not-an-address"),
            Self::NotAUrl => words.say("config-not-a-url"),
            Self::NotADuration(least, most) => {
                with("config-not-a-duration", &[("least", (*least).to_owned()), ("most", (*most).to_owned())])
            }
            Self::NotWaits => words.say("config-not-waits"),
            Self::NotANumber(least, most) => {
                with("config-not-a-number", &[("least", least.to_string()), ("most", most.to_string())])
            }
            Self::NotAFactor(least, most) => {
                with("config-not-a-factor", &[("least", least.to_string()), ("most", most.to_string())])
            }
            Self::NotAShare => words.say("config-not-a-share"),
            Self::NotRoom => words.say("config-not-room"),
            Self::NotABandwidth => words.say("config-not-a-bandwidth"),
            Self::NotHours => words.say("config-not-hours"),
            Self::NotATemplate(why) => with("config-not-a-template", &[("why", why.clone())]),
            Self::NotQuietHours => words.say("config-not-quiet-hours"),
            Self::NotAWebhook => words.say("config-not-a-webhook"),
            Self::NotAZone => words.say("config-not-a-zone"),
            Self::NotASince => words.say("config-not-a-since"),
            Self::NotADatabase => words.say("config-not-a-database"),
            Self::NotAKey => words.say("config-not-a-key"),
            Self::NotPlain => words.say("config-not-plain"),
            Self::NotPeople => words.say("config-not-people"),
            Self::Twice(other) => with("config-twice", &[("other", other.clone())]),
            Self::Unreadable(why) => with("config-unreadable", &[("why", why.clone())]),
            Self::Syntax(why) => with("config-syntax", &[("why", why.clone())]),
            Self::NotAFormat => words.say("config-not-a-format"),
        }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// The key, variable or file.
    pub subject: String,
    /// What it holds, already masked.
    pub value: Option<String>,
    /// Where that came from, when that is not the subject itself.
    pub source: Option<Source>,
    /// What is wrong, and what to do.
    pub fault: Fault,
}

impl Problem {
    /// One line for people.
    pub fn say(&self, words: Words) -> String {
        let value = self.value.as_ref().map(|value| format!(" = {value:?}")).unwrap_or_default();
        let source =
            self.source.as_ref().map(|source| format!(" ({})", source.say(words))).unwrap_or_default();
        format!("{}{value}{source}: {}", self.subject, self.fault.say(words))
    }
}

/// Everything that is wrong with a configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfigErrors(pub Vec<Problem>);

impl ConfigErrors {
    /// One line per problem.
    pub fn say(&self, words: Words) -> String {
        let lines: Vec<String> = self.0.iter().map(|problem| format!("  ✗ {}", problem.say(words))).collect();
        lines.join("\n")
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.say(Words::new(Language::English)))
    }
}

impl std::error::Error for ConfigErrors {}

/// What is allowed, and probably not meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// Keys of a JSON file that this program has no use for.
    UnusedKeys(PathBuf, String),
    /// A key of an earlier version; what takes its place.
    Retired(String, &'static str),
    /// A `config.json` lies beside the `minutes-vault.toml` that was read.
    SecondFile(PathBuf),
    /// A file with secrets that others on this machine may read.
    ReadableByOthers(PathBuf),
    /// Secrets would cross the network in the clear; the key.
    PlainHttp(&'static str),
    /// The id does not look like one of an app.
    OddAppId,
    /// The same person is named as administrator and as auditor.
    AuditsThemselves(String),
    /// Links and the callback address cannot be known for sure.
    NoPublicUrl,
    /// Events cannot be believed, so all are refused; only the patrol finds recordings.
    NoEventSecrets,
    /// Posts to the operator's address carry no signature.
    NoWebhookSecret,
    /// Events are believed for their token alone: neither encrypted nor signed.
    NoEncryptKey,
}

impl Warning {
    /// What it is, and what to do.
    pub fn say(&self, words: Words) -> String {
        let path = |path: &PathBuf| path.display().to_string();
        match self {
            Self::UnusedKeys(file, keys) => words.say_with(
                "config-warn-unused-keys",
                &[("file", path(file).into()), ("keys", keys.as_str().into())],
            ),
            Self::Retired(key, successor) => words.say_with(
                "config-warn-retired",
                &[("key", key.as_str().into()), ("successor", (*successor).into())],
            ),
            Self::SecondFile(file) => {
                words.say_with("config-warn-second-file", &[("file", path(file).into())])
            }
            Self::ReadableByOthers(file) => {
                words.say_with("config-warn-readable", &[("file", path(file).into())])
            }
            Self::PlainHttp(key) => words.say_with("config-warn-plain-http", &[("key", (*key).into())]),
            Self::OddAppId => words.say("config-warn-odd-app-id"),
            Self::AuditsThemselves(id) => {
                words.say_with("config-warn-audits-themselves", &[("id", id.as_str().into())])
            }
            Self::NoPublicUrl => words.say("config-warn-no-public-url"),
            Self::NoEventSecrets => words.say("config-warn-no-event-secrets"),
            Self::NoWebhookSecret => words.say("config-warn-no-webhook-secret"),
            Self::NoEncryptKey => words.say("config-warn-no-encrypt-key"),
        }
    }
}

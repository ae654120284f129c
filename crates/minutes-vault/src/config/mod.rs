//! The configuration: `Raw` is what was written, [`Config`] is what was checked. Nothing else in the program
//! reads files of settings or the environment.

mod amounts;
mod file;
mod keys;
mod parse;
mod problem;
mod raw;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use archive::fetch::TransferSettings;
use archive::members::Features;
use archive::model::{OpenId, Scope};
use archive::notify::QuietHours;
use archive::store::{KeepFree, Template};
use archive::verify::ScrubSettings;
use archive::{BackfillSince, PatrolSettings, Waits};
use feishu::{EventVerifier, OutboundUrl};
use jiff::tz::TimeZone;
use secrecy::SecretString;
use url::Url;
use web::Setting;
use web::words::Language;

pub use self::amounts::bandwidth;
use self::amounts::{hours, keep_free, schedule};
pub use self::file::USUAL_FILES;
use self::keys::Key;
use self::parse::{
    address, base_url, choice, database, duration, factor, flag, is_plain_http, number, people, plain,
    plain_secret, quiet_hours, sealing_key, share, since, template, text, time_zone, waits, webhook_url,
};
pub use self::problem::{ConfigErrors, Warning};
use self::problem::{Fault, Problem};
pub use self::raw::Raw;
use crate::cli::DemoArgs;

/// The annotated example, which is also what `config init` writes.
pub const EXAMPLE: &str = include_str!("../../../../config/minutes-vault.example.toml");

/// The checked configuration. Secrets do not show in its `Debug`.
#[derive(Debug)]
pub struct Config {
    /// The platform and our app there.
    pub feishu: Feishu,
    /// How events come, and what proves them.
    pub events: Events,
    /// Our doors.
    pub server: Server,
    /// The files.
    pub archive: Archive,
    /// How media is fetched.
    pub transfer: TransferSettings,
    /// When what did not come is asked for again.
    pub retry: Waits,
    /// How the archive is read again.
    pub scrub: ScrubSettings,
    /// How long rows of the audit log are kept.
    pub audit_keep: Duration,
    /// The periodic look (巡检).
    pub patrol: PatrolSettings,
    /// Where facts live, unless in `data_dir`.
    pub database: Database,
    /// Catalogue, key, lock.
    pub data_dir: PathBuf,
    /// What seals tokens, unless a file in `data_dir`.
    pub vault: Vault,
    /// What is logged, and how.
    pub log: Log,
    /// `None`: as the terminal or the browser likes.
    pub language: Option<Language>,
    /// Whose service it is.
    pub company: Company,
    /// What people are told, and when.
    pub notify: Notify,
    /// All of it as it was written, for people to read.
    pub settings: Vec<Setting>,
}

/// What people are told, and when.
#[derive(Debug)]
pub struct Notify {
    /// When no new card is sent to an employee.
    pub quiet_hours: Option<QuietHours>,
    /// So long without an event is a standstill, if the patrol finds something.
    pub silence: Option<Duration>,
    /// Where else everything is posted.
    pub webhook_url: Option<OutboundUrl>,
    /// Signs these posts.
    pub webhook_secret: Option<SecretString>,
    /// Whether that address may be inside the company.
    pub allow_private_webhook: bool,
}

/// The platform and our app there.
#[derive(Debug)]
pub struct Feishu {
    /// `cli_…`
    pub app_id: String,
    /// Its secret.
    pub app_secret: SecretString,
    /// Where the API is.
    pub open_base_url: Url,
    /// Where the authorize page is.
    pub accounts_base_url: Url,
    /// Whether media may come from private addresses.
    pub allow_private_media: bool,
    /// How much of each published rate limit is ours.
    pub rate_factor: f64,
    /// How long is waited for a whole JSON answer.
    pub answer_timeout: Duration,
}

/// How events come, and what proves them.
#[derive(Debug)]
pub struct Events {
    /// How they come.
    pub mode: EventsMode,
    /// Set: events are encrypted and signed.
    pub encrypt_key: Option<SecretString>,
    /// Set: events carry it.
    pub verification_token: Option<SecretString>,
}

/// How events come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventsMode {
    /// The platform posts them to us.
    Webhook,
    /// They come over a connection that we open.
    LongConnection,
    /// Either way, such as while the app is changed from one to the other.
    Both,
}

impl EventsMode {
    /// Whether they are posted to us.
    pub fn by_webhook(self) -> bool {
        self != Self::LongConnection
    }

    /// Whether we open a connection.
    pub fn by_long_connection(self) -> bool {
        self != Self::Webhook
    }
}

/// Our doors.
#[derive(Debug)]
pub struct Server {
    /// Where we listen.
    pub listen: SocketAddr,
    /// How browsers and the platform reach us.
    pub public_url: Option<Url>,
    /// Whether forwarded headers count.
    pub trust_proxy: bool,
}

/// The files.
#[derive(Debug)]
pub struct Archive {
    /// Their folder.
    pub dir: PathBuf,
    /// How they are named.
    pub template: Template,
    /// In which zone names tell the time.
    pub time_zone: TimeZone,
    /// Whose recordings are looked for.
    pub scope: Scope,
    /// How far back a member's history is gone through.
    pub backfill_since: BackfillSince,
    /// Whether transcripts are kept.
    pub transcripts: bool,
    /// Whether AI notes are kept.
    pub summaries: bool,
    /// Recordings fetched at once.
    pub at_once: usize,
    /// How much of the disk stays free.
    pub keep_free: KeepFree,
    /// Whether the file system sets a recording's room aside beforehand.
    pub preallocate: bool,
}

/// Where facts live.
#[derive(Debug)]
pub struct Database {
    /// `postgres://…`; unset: SQLite in `data_dir`.
    pub url: Option<SecretString>,
}

/// What seals tokens.
#[derive(Debug)]
pub struct Vault {
    /// 32 bytes in base64; unset: a key file in `data_dir`.
    pub key: Option<SecretString>,
}

/// What is logged, and how.
#[derive(Debug)]
pub struct Log {
    /// `error` … `trace`.
    pub level: String,
    /// For people or for programs.
    pub format: LogFormat,
}

/// How a line of the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Whose service it is.
#[derive(Debug)]
pub struct Company {
    /// Shown to employees.
    pub name: Option<String>,
    /// Who runs the service, is told what concerns the company, and whose grants may open its own record of its
    /// meetings.
    pub administrators: Vec<OpenId>,
    /// Who may open everything, to audit it.
    pub auditors: Vec<OpenId>,
    /// Whether the viewer's name lies over what is played.
    pub watermark: bool,
}

impl Config {
    /// Checks what was gathered; everything that is wrong, at once.
    pub fn check(mut raw: Raw) -> Result<(Self, Vec<Warning>), ConfigErrors> {
        let mut warnings = std::mem::take(&mut raw.warnings);
        let mut check = Check { raw };
        let mut config = check.config();
        config.settings = check.raw.settings();
        if let Some(errors) = check.raw.into_errors() {
            return Err(errors);
        }
        config.warn(&mut warnings);
        Ok((config, warnings))
    }

    /// A configuration for the stand-in company: nothing of the real one plays into it.
    pub fn for_demo(args: &DemoArgs, platform: &feishu_sim::Ready) -> Result<Self> {
        let path = |path: &str| args.data_dir.join(path).display().to_string();
        let settings = [
            ("feishu.app_id", platform.app_id.clone()),
            ("feishu.app_secret", platform.app_secret.clone()),
            ("feishu.open_base_url", platform.api_base.clone()),
            ("feishu.accounts_base_url", platform.accounts_base.clone()),
            ("feishu.allow_private_media", "true".to_owned()),
            ("events.encrypt_key", platform.encrypt_key.clone()),
            ("events.verification_token", platform.verification_token.clone()),
            ("server.listen", args.listen.to_string()),
            ("archive.dir", path("downloads")),
            ("data_dir", path("data")),
            ("archive.backfill_since", "60d".to_owned()),
            ("patrol.interval", "10s".to_owned()),
        ];
        let mut raw = Raw::default();
        raw.take_variables(
            settings.into_iter().filter_map(|(name, value)| Some((Key::named(name)?.variable(), value))),
        );
        Ok(Self::check(raw)?.0)
    }

    /// What is fetched beyond the media.
    pub fn features(&self) -> Features {
        Features { transcripts: self.archive.transcripts, summaries: self.archive.summaries }
    }

    /// What proves events. Without any secret it refuses them all.
    pub fn event_verifier(&self) -> EventVerifier {
        EventVerifier::new(
            self.events.encrypt_key.clone(),
            self.events.verification_token.clone(),
            self.feishu.app_id.clone(),
        )
    }

    fn warn(&self, warnings: &mut Vec<Warning>) {
        if !self.feishu.app_id.starts_with("cli_") {
            warnings.push(Warning::OddAppId);
        }
        for (key, url) in [
            ("feishu.open_base_url", Some(&self.feishu.open_base_url)),
            ("feishu.accounts_base_url", Some(&self.feishu.accounts_base_url)),
            ("server.public_url", self.server.public_url.as_ref()),
            ("notify.webhook_url", self.notify.webhook_url.as_ref().map(OutboundUrl::url)),
        ] {
            if url.is_some_and(is_plain_http) {
                warnings.push(Warning::PlainHttp(key));
            }
        }
        let both = self.company.auditors.iter().find(|id| self.company.administrators.contains(id));
        if let Some(both) = both {
            warnings.push(Warning::AuditsThemselves(both.to_string()));
        }
        if self.server.public_url.is_none() {
            warnings.push(Warning::NoPublicUrl);
        }
        if self.notify.webhook_url.is_some() && self.notify.webhook_secret.is_none() {
            warnings.push(Warning::NoWebhookSecret);
        }
        if !self.events.mode.by_webhook() {
            // Over the long connection they come in the clear, and the app's secret is what proves them.
            return;
        }
        match (&self.events.encrypt_key, &self.events.verification_token) {
            (Some(_), _) => {}
            (None, Some(_)) => warnings.push(Warning::NoEncryptKey),
            (None, None) => warnings.push(Warning::NoEventSecrets),
        }
    }
}

/// The hosts of one brand. Feishu docs: API access domains.
#[derive(Clone, Copy)]
struct Hosts {
    open: &'static str,
    accounts: &'static str,
}

const FEISHU: Hosts = Hosts { open: "https://open.feishu.cn", accounts: "https://accounts.feishu.cn" };
const LARK: Hosts = Hosts { open: "https://open.larksuite.com", accounts: "https://accounts.larksuite.com" };

/// Checks key after key; a bad value is noted and its default taken, so that the rest is checked, too.
struct Check {
    raw: Raw,
}

impl Check {
    fn config(&mut self) -> Config {
        let hosts = self.value("feishu.brand", |text| {
            choice(text, &[("feishu", FEISHU), ("lark", LARK)], "feishu, lark")
        });
        Config {
            feishu: Feishu {
                app_id: self.required("feishu.app_id", plain).unwrap_or_default(),
                app_secret: self.required("feishu.app_secret", plain_secret).unwrap_or_default(),
                open_base_url: self.url_or("feishu.open_base_url", hosts.open),
                accounts_base_url: self.url_or("feishu.accounts_base_url", hosts.accounts),
                allow_private_media: self.value("feishu.allow_private_media", flag),
                rate_factor: self.value("feishu.rate_factor", |text| factor(text, 0.1, 1_000.0)),
                answer_timeout: self.value("feishu.answer_timeout", |text| duration(text, "1s", "10m")),
            },
            events: Events {
                mode: self.value("events.mode", events_mode),
                encrypt_key: self.optional("events.encrypt_key", plain_secret),
                verification_token: self.optional("events.verification_token", plain_secret),
            },
            server: Server {
                listen: self.value("server.listen", address),
                public_url: self.optional("server.public_url", base_url),
                trust_proxy: self.value("server.trust_proxy", flag),
            },
            archive: Archive {
                dir: self.value("archive.dir", text).into(),
                template: self.value("archive.template", template),
                time_zone: self.value("archive.time_zone", time_zone),
                scope: self.value("archive.scope", |text| {
                    let scopes = [Scope::Owned, Scope::OwnedAndAttended].map(|scope| (scope.as_str(), scope));
                    choice(text, &scopes, "owned, owned_and_attended")
                }),
                backfill_since: self.value("archive.backfill_since", since),
                transcripts: self.value("archive.transcripts", flag),
                summaries: self.value("archive.summaries", flag),
                at_once: self.value("archive.at_once", |text| number(text, 1, 64)),
                keep_free: self.value("archive.keep_free", keep_free),
                preallocate: self.value("archive.preallocate", flag),
            },
            transfer: TransferSettings {
                connections_per_file: self.value("transfer.connections_per_file", |text| number(text, 1, 64)),
                connections_per_host: self
                    .value("transfer.connections_per_host", |text| number(text, 1, 512)),
                connections: self.value("transfer.connections", |text| number(text, 1, 512)),
                bandwidth: schedule(
                    self.value("transfer.bandwidth", bandwidth),
                    self.optional("transfer.hours", hours),
                ),
                stall: self.value("transfer.stall", |text| duration(text, "1s", "1h")),
            },
            retry: Waits {
                trouble: self.value("retry.trouble", waits),
                not_ready: self.value("retry.not_ready", waits),
                ..Waits::default()
            },
            scrub: ScrubSettings {
                every: self.value("scrub.every", |text| match text {
                    "never" => Ok(None),
                    text => duration(text, "1m", "3650d").map(Some),
                }),
                bandwidth: self.value("scrub.bandwidth", bandwidth),
            },
            audit_keep: self.value("audit.keep", |text| duration(text, "180d", "36500d")),
            patrol: PatrolSettings {
                interval: self.value("patrol.interval", |text| duration(text, "10s", "1d")),
                overlap: self.value("patrol.overlap", |text| duration(text, "1m", "30d")),
                share: self.value("patrol.share", share),
            },
            database: Database { url: self.optional("database.url", database) },
            data_dir: self.value("data_dir", text).into(),
            vault: Vault { key: self.optional("vault.key", sealing_key) },
            log: Log { level: self.value("log.level", level), format: self.value("log.format", format) },
            language: self.value("language", language),
            company: Company {
                name: self.optional("company.name", text),
                administrators: self.optional("company.administrators", people).unwrap_or_default(),
                auditors: self.optional("company.auditors", people).unwrap_or_default(),
                watermark: self.value("company.watermark", flag),
            },
            notify: Notify {
                quiet_hours: self.value("notify.quiet_hours", quiet_hours),
                silence: self.value("notify.silence", |text| match text {
                    "never" => Ok(None),
                    text => duration(text, "1m", "30d").map(Some),
                }),
                webhook_url: self.optional("notify.webhook_url", webhook_url),
                webhook_secret: self.optional("notify.webhook_secret", plain_secret),
                allow_private_webhook: self.value("notify.allow_private_webhook", flag),
            },
            settings: Vec::new(),
        }
    }

    /// A key that has a default.
    fn value<T>(&mut self, name: &'static str, parse: impl Fn(&str) -> Result<T, Fault>) -> T {
        self.optional(name, &parse).unwrap_or_else(|| {
            let default = Key::named(name).and_then(|key| key.default);
            default
                .and_then(|default| parse(default).ok())
                .expect("a default that parses; a test reads them all")
        })
    }

    /// A key that may stay unset.
    fn optional<T>(&mut self, name: &'static str, parse: impl Fn(&str) -> Result<T, Fault>) -> Option<T> {
        let given = self.raw.given(name)?;
        let is_secret = Key::named(name).is_none_or(|key| key.is_secret);
        match parse(&given.text) {
            Ok(value) => Some(value),
            Err(fault) => {
                let value = if is_secret { problem::MASK } else { &given.text }.to_owned();
                let source = Some(given.source.clone());
                self.raw.problems.push(Problem {
                    subject: name.to_owned(),
                    value: Some(value),
                    source,
                    fault,
                });
                None
            }
        }
    }

    /// A key that nobody can choose for the operator.
    fn required<T>(&mut self, name: &'static str, parse: impl Fn(&str) -> Result<T, Fault>) -> Option<T> {
        if self.raw.given(name).is_none() {
            let variable = Key::named(name).map(Key::variable).unwrap_or_default();
            self.raw.refuse(name, Fault::Required(variable));
        }
        self.optional(name, parse)
    }

    fn url_or(&mut self, name: &'static str, default: &'static str) -> Url {
        self.optional(name, base_url)
            .unwrap_or_else(|| Url::parse(default).expect("the platform's own addresses are addresses"))
    }
}

fn events_mode(text: &str) -> Result<EventsMode, Fault> {
    let modes = [
        ("webhook", EventsMode::Webhook),
        ("long_connection", EventsMode::LongConnection),
        ("both", EventsMode::Both),
    ];
    choice(text, &modes, "webhook, long_connection, both")
}

fn level(text: &str) -> Result<String, Fault> {
    let levels = ["error", "warn", "info", "debug", "trace"].map(|level| (level, level));
    choice(text, &levels, "error, warn, info, debug, trace").map(str::to_owned)
}

fn format(text: &str) -> Result<LogFormat, Fault> {
    choice(text, &[("text", LogFormat::Text), ("json", LogFormat::Json)], "text, json")
}

fn language(text: &str) -> Result<Option<Language>, Fault> {
    let languages = [("auto", None), ("zh", Some(Language::Chinese)), ("en", Some(Language::English))];
    choice(text, &languages, "auto, zh, en")
}

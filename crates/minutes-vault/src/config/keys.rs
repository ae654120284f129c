//! Every key of the configuration, in the order in which it is explained and shown. Names of variables,
//! the example file and `config check` all follow from this list.

/// The start of every variable that is ours.
pub const PREFIX: &str = "MINUTES_VAULT_";
/// A variable of this ending names a file that holds the secret.
pub const FILE_SUFFIX: &str = "_FILE";

/// One key.
#[derive(Debug)]
pub struct Key {
    /// As in the file, such as `server.listen`.
    pub name: &'static str,
    /// What counts when nobody sets it; none: it stays unset, or follows from other keys.
    pub default: Option<&'static str>,
    /// Never shown, and may also come from a file of its own.
    pub is_secret: bool,
    /// Whether a file may also give a list of texts.
    pub is_list: bool,
}

const fn key(name: &'static str, default: &'static str) -> Key {
    Key { name, default: Some(default), is_secret: false, is_list: false }
}

const fn unset(name: &'static str) -> Key {
    Key { name, default: None, is_secret: false, is_list: false }
}

const fn list(name: &'static str) -> Key {
    Key { name, default: None, is_secret: false, is_list: true }
}

const fn secret(name: &'static str) -> Key {
    Key { name, default: None, is_secret: true, is_list: false }
}

/// All keys.
pub const KEYS: &[Key] = &[
    unset("feishu.app_id"),
    secret("feishu.app_secret"),
    secret("events.encrypt_key"),
    secret("events.verification_token"),
    unset("server.public_url"),
    key("events.mode", "webhook"),
    key("server.listen", "0.0.0.0:29090"),
    key("server.trust_proxy", "false"),
    unset("company.name"),
    list("company.administrators"),
    list("company.auditors"),
    key("company.watermark", "false"),
    key("language", "auto"),
    key("archive.dir", "./downloads"),
    key("archive.template", archive::store::DEFAULT_TEMPLATE),
    key("archive.time_zone", "Asia/Shanghai"),
    key("archive.scope", "owned"),
    key("archive.backfill_since", "all"),
    key("archive.transcripts", "true"),
    key("archive.summaries", "true"),
    key("archive.at_once", "8"),
    key("archive.keep_free", "5%/10GiB"),
    key("archive.preallocate", "false"),
    key("transfer.bandwidth", "unlimited"),
    unset("transfer.hours"),
    key("transfer.connections_per_file", "16"),
    key("transfer.connections_per_host", "64"),
    key("transfer.connections", "128"),
    key("transfer.stall", "60s"),
    key("retry.trouble", "5s/1h"),
    key("retry.not_ready", "15s/24h"),
    key("scrub.every", "30d"),
    key("scrub.bandwidth", "50MB/s"),
    key("audit.keep", "365d"),
    key("patrol.interval", "5m"),
    key("patrol.overlap", "24h"),
    key("patrol.share", "80%"),
    key("notify.quiet_hours", "20:00-09:00"),
    key("notify.silence", "12h"),
    secret("notify.webhook_url"),
    secret("notify.webhook_secret"),
    key("notify.allow_private_webhook", "false"),
    key("feishu.brand", "feishu"),
    unset("feishu.open_base_url"),
    unset("feishu.accounts_base_url"),
    key("feishu.allow_private_media", "false"),
    key("feishu.rate_factor", "1.0"),
    key("feishu.answer_timeout", "30s"),
    key("data_dir", "./data"),
    secret("database.url"),
    secret("vault.key"),
    key("log.level", "info"),
    key("log.format", "text"),
];

/// Keys of earlier versions, and what takes their place.
pub const RETIRED: &[(&str, &str)] = &[("patrol.first_look", "archive.backfill_since")];

/// What takes the place of a key that there is no more.
pub fn successor(name: &str) -> Option<&'static str> {
    RETIRED.iter().find(|(retired, _)| *retired == name).map(|(_, successor)| *successor)
}

/// The variable that sets the key of this name.
pub fn variable(name: &str) -> String {
    format!("{PREFIX}{}", name.replace('.', "_").to_ascii_uppercase())
}

impl Key {
    /// The key of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        KEYS.iter().find(|key| key.name == name)
    }

    /// The variable that sets it.
    pub fn variable(&self) -> String {
        variable(self.name)
    }
}

/// What somebody who wrote `given` may have meant.
pub fn closest(given: &str, known: impl Iterator<Item = String>) -> Option<String> {
    const ALIKE: f64 = 0.75;
    known
        .map(|known| (strsim::jaro_winkler(given, &known), known))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, known)| known)
}

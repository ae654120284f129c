//! What is written, by any way, and what comes of it; what is wrong, and what is said about it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use proptest::prelude::*;
use secrecy::ExposeSecret as _;
use web::words::Words;

use super::keys::KEYS;
use super::problem::Source;
use super::*;

const APP: [(&str, &str); 2] =
    [("MINUTES_VAULT_FEISHU_APP_ID", "cli_a"), ("MINUTES_VAULT_FEISHU_APP_SECRET", "very-secret-app")];

fn variables<'v>(
    pairs: impl IntoIterator<Item = (&'v str, &'v str)>,
) -> impl Iterator<Item = (String, String)> {
    let pairs: Vec<_> = pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    pairs.into_iter()
}

/// From these variables alone; no file.
fn bare<'v>(
    pairs: impl IntoIterator<Item = (&'v str, &'v str)>,
) -> Result<(Config, Vec<Warning>), ConfigErrors> {
    let mut raw = Raw::default();
    raw.take_variables(variables(pairs));
    Config::check(raw)
}

/// From the app's variables and these; no file.
fn of<'v>(
    more: impl IntoIterator<Item = (&'v str, &'v str)>,
) -> Result<(Config, Vec<Warning>), ConfigErrors> {
    bare(APP.into_iter().chain(more))
}

fn written(name: &str, text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

fn load(path: &Path) -> Result<(Config, Vec<Warning>), ConfigErrors> {
    Config::check(Raw::gather(Some(path), variables(APP)))
}

/// What an English reader is told, without the folder of the test.
fn told(errors: &ConfigErrors, path: &Path) -> String {
    let folder = format!("{}/", path.parent().unwrap().display());
    errors.to_string().replace(&folder, "")
}

#[test]
fn defaults_alone_make_a_configuration_and_variables_change_it() {
    let (config, _) = of([]).unwrap();
    assert_eq!(config.server.listen.to_string(), "0.0.0.0:29090");
    assert_eq!(config.feishu.open_base_url.as_str(), "https://open.feishu.cn/");
    assert_eq!(config.archive.dir, Path::new("./downloads"));
    assert_eq!((config.patrol.interval.as_secs(), config.patrol.share), (300, 0.8));
    assert_eq!(config.archive.time_zone.iana_name(), Some("Asia/Shanghai"));
    assert_eq!(config.language, None);

    let usual = archive::Waits::default();
    for (waits, usual) in [(config.retry.trouble, usual.trouble), (config.retry.not_ready, usual.not_ready)] {
        assert_eq!((waits.first, waits.longest), (usual.first, usual.longest));
    }
    assert_eq!(config.feishu.answer_timeout, feishu::Timeouts::default().answer);

    let (config, _) = of([
        ("MINUTES_VAULT_FEISHU_BRAND", "lark"),
        ("MINUTES_VAULT_ARCHIVE_TRANSCRIPTS", "off"),
        ("MINUTES_VAULT_ARCHIVE_BACKFILL_SINCE", "90d"),
        ("MINUTES_VAULT_ARCHIVE_SCOPE", "owned_and_attended"),
        ("MINUTES_VAULT_LANGUAGE", "zh"),
        ("MINUTES_VAULT_SERVER_LISTEN", ""),
    ])
    .unwrap();
    assert_eq!(config.feishu.accounts_base_url.as_str(), "https://accounts.larksuite.com/");
    assert!(!config.features().transcripts && config.features().summaries);
    assert_eq!(config.archive.backfill_since, BackfillSince::Before(Duration::from_hours(90 * 24)));
    assert_eq!(config.archive.scope, Scope::OwnedAndAttended);
    assert_eq!(config.language, Some(Language::Chinese));
    assert_eq!(config.server.listen.port(), 29_090, "an empty variable sets nothing");
}

#[test]
fn the_environment_counts_over_the_file_and_the_file_over_defaults() {
    let (_folder, path) = written(
        "vault.toml",
        "[feishu]\napp_id = \"cli_file\"\n[archive]\nat_once = 3\ndir = \"/srv/a\"\n[server]\ntrust_proxy = true\n",
    );
    let raw = Raw::gather(Some(&path), variables([APP[1], ("MINUTES_VAULT_ARCHIVE_AT_ONCE", "5")]));
    let sources: Vec<_> = raw
        .shown()
        .filter(|(_, _, source)| *source != Source::Default)
        .map(|(key, value, source)| (key.name, value.unwrap(), source))
        .collect();
    let from_file = |line| Source::File(path.clone(), Some(line));
    let from = |name: &str| Source::Variable(name.to_owned());
    assert_eq!(
        sources,
        [
            ("feishu.app_id", "cli_file".to_owned(), from_file(2)),
            ("feishu.app_secret", "******".to_owned(), from("MINUTES_VAULT_FEISHU_APP_SECRET")),
            ("server.trust_proxy", "true".to_owned(), from_file(7)),
            ("archive.dir", "/srv/a".to_owned(), from_file(5)),
            ("archive.at_once", "5".to_owned(), from("MINUTES_VAULT_ARCHIVE_AT_ONCE")),
        ]
    );
    let (config, _) = Config::check(raw).unwrap();
    assert_eq!(
        (config.archive.at_once, config.feishu.app_id.as_str(), config.server.trust_proxy),
        (5, "cli_file", true)
    );
}

#[test]
fn the_scripts_config_json_works_unchanged() {
    let (_folder, path) = written(
        "config.json",
        r#"{
            "app_id": "cli_old", "app_secret": "old-secret", "encrypt_key": "", "verification_token": "v-token",
            "download_path": "/srv/recordings", "port": 29090, "debug": {"a": 1}
        }"#,
    );
    let (config, warnings) = Config::check(Raw::gather(Some(&path), variables([]))).unwrap();
    assert_eq!(config.feishu.app_id, "cli_old");
    assert_eq!(config.feishu.app_secret.expose_secret(), "old-secret");
    assert!(config.events.encrypt_key.is_none(), "an empty text is none");
    assert_eq!(config.events.verification_token.as_ref().unwrap().expose_secret(), "v-token");
    assert_eq!(config.archive.dir, Path::new("/srv/recordings"));
    let unused = Warning::UnusedKeys(path.clone(), "debug, port".to_owned());
    assert!(warnings.contains(&unused), "{warnings:?}");
    assert!(warnings.contains(&Warning::ReadableByOthers(path)), "{warnings:?}");
    assert!(warnings.contains(&Warning::NoEncryptKey), "{warnings:?}");
}

#[test]
fn json_may_hold_our_own_keys_beside_the_scripts() {
    let (_folder, path) = written(
        "config.json",
        "\u{feff}{\"app_id\": \"cli_old\", \"server\": {\"listen\": \"127.0.0.1:1\", \"public_url\": null}, \"archive\": {\"at_once\": 2}}",
    );
    let (config, _) = Config::check(Raw::gather(Some(&path), variables([APP[1]]))).unwrap();
    assert_eq!((config.feishu.app_id.as_str(), config.server.listen.port()), ("cli_old", 1));
    assert_eq!(config.archive.at_once, 2);
}

#[test]
fn secrets_come_from_files_too_and_from_one_place_only() {
    let (_folder, path) = written("secret", "from-a-file\n");
    let by_file = ("MINUTES_VAULT_FEISHU_APP_SECRET_FILE", path.to_str().unwrap());
    let (config, _) = bare([APP[0], by_file]).unwrap();
    assert_eq!(config.feishu.app_secret.expose_secret(), "from-a-file");

    let both = of([by_file]).unwrap_err().to_string();
    assert!(both.contains("is set together with MINUTES_VAULT_FEISHU_APP_SECRET_FILE"), "{both}");
    let absent = bare([APP[0], (by_file.0, "/nowhere/at/all")]).unwrap_err().to_string();
    assert!(
        absent.contains("MINUTES_VAULT_FEISHU_APP_SECRET_FILE → /nowhere/at/all: cannot be read"),
        "{absent}"
    );
    let no_secret = of([("MINUTES_VAULT_SERVER_LISTEN_FILE", "/x")]).unwrap_err().to_string();
    assert!(no_secret.contains("MINUTES_VAULT_SERVER_LISTEN_FILE: is not a key"), "{no_secret}");
}

#[test]
fn everything_wrong_is_told_at_once_with_key_value_place_and_fix() {
    let (_folder, path) = written(
        "vault.toml",
        r#"
server.listen = "29090"
archive.template = "{titel}"
archive.at_once = 0
patrol = { interval = "5 minutes", overlap = "99d", share = "0.5" }
feishu.brand = "larc"
feishu.open_base_url = "open.feishu.cn"
database.url = "mysql://root:hunter2@db/vault"
vault.key = "short-key"
archive.time_zone = "Shanghai"
log.level = ["debug"]
archive.tempalte = "x"
xyzzy = "hunter2"
feishu.rate_factor = 0.05
retry.trouble = "1h/5s"
"#,
    );
    let errors = load(&path).unwrap_err();
    let expected = "  \
  ✗ log.level (vault.toml:11): has a list or a table where one value belongs.
  ✗ archive.tempalte (vault.toml:12): is not a key of this program. Did you mean archive.template?
  ✗ xyzzy (vault.toml:13): is not a key of this program. Remove it; minutes-vault config init writes a file with all keys.
  ✗ feishu.brand = \"larc\" (vault.toml:6): is none of the possible words. Write one of: feishu, lark.
  ✗ feishu.open_base_url = \"open.feishu.cn\" (vault.toml:7): is not a usable address. Write http(s)://HOST, without query, fragment or password, such as https://vault.example.com.
  ✗ feishu.rate_factor = \"0.05\" (vault.toml:14): is not a number between 0.1 and 1000.
  ✗ server.listen = \"29090\" (vault.toml:2): is not an address to listen on. Write IP:PORT, such as 0.0.0.0:29090.
  ✗ archive.template = \"{titel}\" (vault.toml:3): cannot be used: the template field {titel} does not exist; the fields are {owner} {owner_id} {year} {month} {day} {date} {time} {title} {token}.
  ✗ archive.time_zone = \"Shanghai\" (vault.toml:10): is not a time zone. Write its IANA name, such as Asia/Shanghai.
  ✗ archive.at_once = \"0\" (vault.toml:4): is not a whole number between 1 and 64.
  ✗ retry.trouble = \"1h/5s\" (vault.toml:15): are not a first and a longest wait. Write 5s/1h: whole numbers with s, m, h or d, between 1s and 7d, the first not above the second.
  ✗ patrol.interval = \"5 minutes\" (vault.toml:5): is not a duration between 10s and 1d. Write a whole number and s, m, h or d, such as 5m.
  ✗ patrol.overlap = \"99d\" (vault.toml:5): is not a duration between 1m and 30d. Write a whole number and s, m, h or d, such as 5m.
  ✗ patrol.share = \"0.5\" (vault.toml:5): is not a share between 1% and 100%. Write a whole percentage, such as 80%.
  ✗ database.url = \"******\" (vault.toml:8): is not the address of a PostgreSQL. Write postgres://USER:PASSWORD@HOST/DATABASE, or leave it empty for SQLite.
  ✗ vault.key = \"******\" (vault.toml:9): is not a key: 32 bytes in base64 are needed. Make one with: openssl rand -base64 32";
    let lines = |text: &str| text.lines().map(|line| line.trim().to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(lines(&told(&errors, &path)), lines(expected));

    let chinese = errors.say(Words::new(Language::Chinese));
    assert!(chinese.contains("不是可以监听的地址。请写成 IP:端口"), "{chinese}");
    assert_eq!(chinese.lines().count(), errors.0.len());
}

#[test]
fn what_must_be_set_is_named_with_its_variable() {
    let errors = bare([("MINUTES_VAULT_FEISHU_APP_ID", "cli_a b")]).unwrap_err().to_string();
    assert!(
        errors.contains("feishu.app_secret: is not set. Write it into the configuration file, or set MINUTES_VAULT_FEISHU_APP_SECRET."),
        "{errors}"
    );
    assert!(
        errors.contains("feishu.app_id = \"cli_a b\" (MINUTES_VAULT_FEISHU_APP_ID): holds a space"),
        "{errors}"
    );
}

#[test]
fn the_audit_log_is_never_kept_for_less_than_180_days() {
    for (kept, is_enough) in [("179d", false), ("180d", true)] {
        assert_eq!(of([("MINUTES_VAULT_AUDIT_KEEP", kept)]).is_ok(), is_enough, "{kept}");
    }
}

#[test]
fn unknown_variables_are_refused_but_not_those_that_clusters_set() {
    let misspelt = of([("MINUTES_VAULT_SERVER_LISTN", "x")]).unwrap_err().to_string();
    assert!(misspelt.contains("MINUTES_VAULT_SERVER_LISTN: is not a key"), "{misspelt}");
    assert!(misspelt.contains("Did you mean MINUTES_VAULT_SERVER_LISTEN?"), "{misspelt}");
    of([
        ("MINUTES_VAULT_SERVICE_HOST", "10.0.0.1"),
        ("MINUTES_VAULT_PORT_29090_TCP", "tcp://10.0.0.1:29090"),
        ("MINUTES_VAULT_CONFIG", "/etc/vault.toml"),
        ("PATH", "/bin"),
    ])
    .unwrap();
}

#[test]
fn files_that_cannot_be_understood_are_named_without_their_content() {
    for (name, text, said) in [
        ("a.toml", "feishu.app_secret = \"hunter2", "a.toml: cannot be understood: line 1: "),
        ("a.toml", "x = 1\nfeishu.app_secret = hunter2", "a.toml: cannot be understood: line 2: "),
        ("a.json", "{\"app_secret\": \"hunter2\"", "a.json: cannot be understood: EOF"),
        ("a.json", "[\"hunter2\"]", "a.json: cannot be understood: an object { } is needed"),
        ("a.yaml", "app_secret: hunter2", "a.yaml: has an ending that says nothing"),
    ] {
        let (_folder, path) = written(name, text);
        let told = told(&load(&path).unwrap_err(), &path);
        assert!(told.contains(said) && !told.contains("hunter2"), "{told}");
    }
    let absent = load(Path::new("/nowhere/vault.toml")).unwrap_err().to_string();
    assert!(absent.contains("/nowhere/vault.toml: cannot be read: No such file"), "{absent}");
}

#[test]
fn what_is_probably_not_meant_is_said() {
    let warned = |more: &[(&'static str, &'static str)]| of(more.iter().copied()).unwrap().1;
    assert_eq!(warned(&[]), [Warning::NoPublicUrl, Warning::NoEventSecrets]);
    let by_long_connection = ("MINUTES_VAULT_EVENTS_MODE", "long_connection");
    assert_eq!(warned(&[by_long_connection]), [Warning::NoPublicUrl], "it needs no secrets of its own");
    assert!(warned(&[("MINUTES_VAULT_EVENTS_MODE", "both")]).contains(&Warning::NoEventSecrets));
    let open = ("MINUTES_VAULT_FEISHU_OPEN_BASE_URL", "http://proxy.example.com");
    assert!(warned(&[open]).contains(&Warning::PlainHttp("feishu.open_base_url")));
    let careful = [
        ("MINUTES_VAULT_FEISHU_OPEN_BASE_URL", "http://127.0.0.1:8080"),
        ("MINUTES_VAULT_SERVER_PUBLIC_URL", "https://vault.example.com"),
        ("MINUTES_VAULT_EVENTS_ENCRYPT_KEY", "k"),
    ];
    assert_eq!(warned(&careful), []);
    for warning in [
        Warning::UnusedKeys("a".into(), "b".to_owned()),
        Warning::SecondFile("a".into()),
        Warning::ReadableByOthers("a".into()),
        Warning::PlainHttp("a"),
        Warning::OddAppId,
        Warning::NoPublicUrl,
        Warning::NoEventSecrets,
        Warning::NoEncryptKey,
    ] {
        for language in Language::ALL {
            let said = warning.say(Words::new(language));
            assert!(!said.starts_with("config-warn"), "{said}");
        }
    }
}

/// The example documents every key, and changes nothing.
#[test]
fn the_example_is_complete_and_says_the_defaults() {
    let (_folder, path) = written("example.toml", EXAMPLE);
    let example: toml::Table = EXAMPLE.parse().unwrap();
    let mut named = BTreeSet::new();
    for (name, value) in &example {
        match value {
            toml::Value::Table(inner) => named.extend(inner.keys().map(|key| format!("{name}.{key}"))),
            _ => assert!(named.insert(name.clone())),
        }
    }
    assert_eq!(named, KEYS.iter().map(|key| key.name.to_owned()).collect());

    let raw = Raw::gather(Some(&path), variables([]));
    assert_eq!(raw.problems, []);
    for (key, value, _) in raw.shown() {
        assert_eq!(value.as_deref(), key.default, "{}", key.name);
    }
    let first: Vec<_> = EXAMPLE.lines().filter(|line| line.contains(" = ")).take(5).collect();
    assert!(first.iter().all(|line| line.ends_with("\"\"")), "the five lines at its top: {first:?}");
}

#[test]
fn every_key_has_a_variable_of_its_own() {
    let variables: BTreeSet<_> = KEYS.iter().map(Key::variable).collect();
    assert_eq!(variables.len(), KEYS.len());
    for key in KEYS.iter().filter(|key| key.is_secret) {
        assert!(!variables.contains(&(key.variable() + keys::FILE_SUFFIX)), "{}", key.name);
    }
}

proptest! {
    /// Whatever a secret is and however wrong the rest, it shows nowhere.
    #[test]
    fn secrets_show_nowhere(secret in "[!-~]{12,40}", is_bad in any::<bool>()) {
        let mut raw = Raw::default();
        let mut given: Vec<(String, String)> = KEYS.iter().filter(|key| key.is_secret)
            .filter(|key| is_bad || !matches!(key.name, "database.url" | "vault.key"))
            .map(|key| match key.name {
                "notify.webhook_url" if !is_bad => (key.variable(), format!("https://hooks.example.com/{secret}")),
                _ => (key.variable(), secret.clone()),
            }).collect();
        given.push((APP[0].0.to_owned(), APP[0].1.to_owned()));
        raw.take_variables(given.into_iter());
        let shown: Vec<_> = raw.shown().filter_map(|(_, value, _)| value).collect();
        prop_assert!(!shown.contains(&secret));
        match Config::check(raw) {
            Ok((config, warnings)) => {
                let debug = format!("{config:?} {warnings:?}");
                prop_assert!(!debug.contains(&secret), "{}", debug);
            }
            Err(errors) => {
                prop_assert!(is_bad);
                let debug = format!("{errors} {errors:?}");
                prop_assert!(!debug.contains(&secret), "{}", debug);
            }
        }
    }

    #[test]
    fn no_file_breaks_the_reader(text in "\\PC{0,200}|[a-z_.=\\[\\]{}\":, \n0-9]{0,200}", is_toml in any::<bool>()) {
        let (_folder, path) = written(if is_toml { "a.toml" } else { "a.json" }, &text);
        let _ = load(&path);
    }

    #[test]
    fn no_factor_breaks_the_reader(text in "\\PC{0,20}|-?[0-9.]{1,10}(e-?[0-9]{1,4})?|-?inf|NaN") {
        if let Ok(factor) = parse::factor(&text, 0.1, 1_000.0) {
            prop_assert!((0.1..=1_000.0).contains(&factor));
        }
    }

    #[test]
    fn no_duration_breaks_the_reader(text in "\\PC{0,20}|[0-9]{1,30}[smhd]") {
        if let Ok(duration) = parse::duration(&text, "10s", "1d") {
            prop_assert!((10..=86_400).contains(&duration.as_secs()));
        }
    }

    #[test]
    fn no_waits_break_the_reader(text in "\\PC{0,20}|[0-9]{1,5}[smhd] ?/ ?[0-9]{1,5}[smhd]") {
        if let Ok(waits) = parse::waits(&text) {
            prop_assert!(waits.first.as_secs() >= 1 && waits.first <= waits.longest);
            prop_assert!(waits.longest.as_secs() <= 7 * 86_400);
        }
    }
}

#[test]
fn history_begins_at_the_beginning_on_a_day_or_so_long_ago() {
    assert_eq!(parse::since("all"), Ok(BackfillSince::TheBeginning));
    assert_eq!(parse::since("2024-01-01"), Ok(BackfillSince::Moment(1_704_067_200_000)));
    assert_eq!(parse::since("90d"), Ok(BackfillSince::Before(Duration::from_hours(90 * 24))));
    for bad in ["", "2024-13-01", "yesterday", "90", "0d", "99999999999d"] {
        assert_eq!(parse::since(bad), Err(Fault::NotASince), "{bad}");
    }
}

#[test]
fn a_key_of_an_earlier_version_is_named_and_stops_nobody() {
    let (_folder, path) = written(
        "vault.toml",
        "patrol.first_look = \"30d\"\n[feishu]\napp_id = \"cli_a\"\napp_secret = \"s\"\n",
    );
    let raw = Raw::gather(Some(&path), variables([("MINUTES_VAULT_PATROL_FIRST_LOOK", "30d")]));
    let (_, warnings) = Config::check(raw).unwrap();
    for name in ["patrol.first_look", "MINUTES_VAULT_PATROL_FIRST_LOOK"] {
        assert!(
            warnings.contains(&Warning::Retired(name.to_owned(), "archive.backfill_since")),
            "{warnings:?}"
        );
    }
}

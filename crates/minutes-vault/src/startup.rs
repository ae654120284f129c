//! From a checked configuration to open parts, one small function each, for `serve` and for the commands.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read as _, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use archive::backup::{Backups, CATALOG_FILE, KEY_FILE, is_cut_off};
use archive::catalog::{Catalog, Db};
use archive::discover::Rounds;
use archive::fetch::{Engine, Holds, Transfers};
use archive::members::{Courier, Grants, Seal, load_or_make_key};
use archive::model::{Clock, SystemClock};
use archive::notify::{Herald, NotifySettings, Webhook};
use archive::queue::Queue;
use archive::store::Store;
use archive::{Archive, Waits, recognise};
use feishu::AppCredentials;
use rand::RngExt as _;
use secrecy::ExposeSecret;
use tokio_util::sync::CancellationToken;
use web::words::wording;

use crate::commands::courier;
use crate::config::Config;

const USER_AGENT: &str = concat!("minutes-vault/", env!("CARGO_PKG_VERSION"));
const LOCK_FILE: &str = "lock";
const NODE_FILE: &str = "node";
const RENEWALS_FOLDER: &str = "renewals";

/// Why a command cannot do its work, as far as the operator can mend it.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Nothing has been archived here, or this is the wrong folder.
    #[error("there is no catalogue yet ({0})")]
    NoCatalog(PathBuf),
    /// Another process works on this data folder.
    #[error("another minutes-vault works on {dir} ({pid})")]
    Locked {
        /// The data folder.
        dir: PathBuf,
        /// Its process id, as it wrote it.
        pid: String,
    },
    /// A restore of a backup did not come to its end.
    #[error("a restore was broken off before {0} was in its place: run the restore again")]
    RestoreCutOff(PathBuf),
    /// What is sealed in the catalogue does not open with the present key.
    #[error("the key is not the one that sealed this catalogue's tokens")]
    OtherKey,
}

/// Where the catalogue is when it is a file.
pub fn catalog_file(config: &Config) -> Option<PathBuf> {
    config.database.url.is_none().then(|| config.data_dir.join(CATALOG_FILE))
}

/// The file of the key that seals tokens.
pub fn key_file(config: &Config) -> PathBuf {
    config.data_dir.join(KEY_FILE)
}

/// Where backups go unless another folder is named, and what is in them.
pub fn backups(config: &Config) -> Backups {
    Backups {
        folder: config.data_dir.join("backups"),
        key_file: config.vault.key.is_none().then(|| key_file(config)),
        version: env!("CARGO_PKG_VERSION"),
    }
}

/// Opens the catalogue, and makes it when there is none.
pub async fn open_catalog(config: &Config) -> Result<Catalog> {
    make_data_dir(&config.data_dir)?;
    // An empty catalogue in the place of one that was to be restored would begin everything anew.
    if let Some(file) = catalog_file(config).filter(|_| is_cut_off(&config.data_dir)) {
        return Err(StartError::RestoreCutOff(file).into());
    }
    let db = match (&config.database.url, catalog_file(config)) {
        (None, Some(file)) => Db::open_sqlite(&file).await?,
        (url, _) => {
            let url = url.as_ref().map(ExposeSecret::expose_secret).unwrap_or_default();
            Db::open_postgres(url).await?
        }
    };
    Ok(Catalog::new(db))
}

/// Opens the catalogue for a command that looks at what is there; it makes none.
pub async fn open_existing_catalog(config: &Config) -> Result<Catalog> {
    if let Some(file) = catalog_file(config).filter(|file| !file.exists()) {
        return Err(StartError::NoCatalog(file).into());
    }
    open_catalog(config).await
}

/// The key that seals tokens; made at the first start.
pub fn open_seal(config: &Config) -> Result<Seal> {
    make_data_dir(&config.data_dir)?;
    Ok(load_or_make_key(config.vault.key.as_ref(), &key_file(config))?)
}

/// The archive folder, if it is the one that the catalogue knows.
pub async fn open_store(config: &Config, catalog: &Catalog) -> Result<Store> {
    let store = recognise(catalog, &config.archive.dir).await?;
    Ok(store.keeping_free(config.archive.keep_free).preallocating(config.archive.preallocate))
}

/// A client of the platform.
pub fn feishu_client(config: &Config) -> Result<feishu::Client> {
    let usual = feishu::Timeouts::default();
    let answer = config.feishu.answer_timeout;
    // A transcript is larger than any other answer: it has as much more time as is usual.
    let transcript = answer.mul_f64(usual.transcript.div_duration_f64(usual.answer));
    let timeouts = feishu::Timeouts { answer, transcript, stall: config.transfer.stall, ..usual };
    Ok(feishu::Client::with_timeouts(feishu_settings(config), timeouts)?)
}

fn feishu_settings(config: &Config) -> feishu::Settings {
    let app =
        AppCredentials { app_id: config.feishu.app_id.clone(), app_secret: config.feishu.app_secret.clone() };
    feishu::Settings {
        app,
        open_base: config.feishu.open_base_url.clone(),
        accounts_base: config.feishu.accounts_base_url.clone(),
        allow_private_media: config.feishu.allow_private_media,
        user_agent: USER_AGENT.to_owned(),
        rate_factor: config.feishu.rate_factor,
    }
}

fn open_courier(
    config: &Config,
    client: &feishu::Client,
    seal: &Seal,
    clock: &Arc<dyn Clock>,
) -> Result<Courier> {
    let folder = config.data_dir.join(RENEWALS_FOLDER);
    let courier = Courier::in_process(folder.clone(), client, seal, Arc::clone(clock))
        .with_context(|| format!("cannot use {}", folder.display()))?;
    Ok(courier.by(courier::program, &feishu_settings(config)))
}

/// All that work on recordings needs, wired together. The data folder must be locked.
pub async fn open_archive(config: &Config, waits: Waits, stop: CancellationToken) -> Result<Archive> {
    let catalog = open_catalog(config).await?;
    let seal = Arc::new(open_seal(config)?);
    // Tokens sealed with another key cannot be opened: better said at the start than member by member.
    if catalog.meta_or_insert("key_id", seal.key_id()).await? != seal.key_id() {
        return Err(StartError::OtherKey.into());
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let client = feishu_client(config)?;
    let store = open_store(config, &catalog).await?;
    let courier = open_courier(config, &client, &seal, &clock)?;
    Ok(Archive {
        queue: Queue::new(catalog.clone(), Arc::clone(&clock), &node_name(config)?),
        grants: Grants::new(catalog.clone(), &client, Arc::clone(&clock), seal, courier),
        catalog,
        client,
        store,
        engine: Engine::new(config.transfer.clone(), Arc::clone(&clock), config.archive.time_zone.clone()),
        clock,
        template: config.archive.template.clone(),
        zone: config.archive.time_zone.clone(),
        features: config.features(),
        scope: config.archive.scope,
        backfill_since: config.archive.backfill_since,
        patrol_settings: config.patrol,
        rounds: Rounds::default(),
        administrators: config.company.administrators.clone(),
        waits,
        transfers: Transfers::default(),
        holds: Holds::default(),
        events_arrived: Arc::default(),
        stop,
    })
}

/// What tells people what they have to know.
pub fn open_herald(config: &Config, archive: &Archive) -> Result<Herald> {
    let webhook = match &config.notify.webhook_url {
        Some(url) => Some(Webhook {
            url: url.clone(),
            secret: config.notify.webhook_secret.clone(),
            outbound: feishu::Outbound::new(USER_AGENT, config.notify.allow_private_webhook)?,
        }),
        None => None,
    };
    // Where nothing can prove an event, none are expected.
    let expects_events = config.events.mode.by_long_connection()
        || config.events.encrypt_key.is_some()
        || config.events.verification_token.is_some();
    let page = config.server.public_url.as_ref().map(|url| {
        let mut page = url.clone();
        page.set_path(&format!("{}/auth/start", url.path().trim_end_matches('/')));
        page
    });
    Ok(Herald {
        catalog: archive.catalog.clone(),
        queue: archive.queue.clone(),
        client: archive.client.at(feishu::Priority::Patrol),
        store: archive.store.clone(),
        clock: Arc::clone(&archive.clock),
        features: archive.features,
        settings: NotifySettings {
            administrators: config.company.administrators.clone(),
            quiet: config.notify.quiet_hours,
            zone: config.archive.time_zone.clone(),
            page,
            webhook,
            silence: config.notify.silence.filter(|_| expects_events),
        },
        wording: wording(config.language.unwrap_or_default()),
    })
}

/// Names this data folder among all that share a database; made at the first start, the same ever after, so
/// that a restart finds its own leases, whatever the machine is called by then.
pub fn node_name(config: &Config) -> Result<String> {
    let path = config.data_dir.join(NODE_FILE);
    match std::fs::read_to_string(&path) {
        Ok(name) if !name.trim().is_empty() => return Ok(name.trim().to_owned()),
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("cannot read {}", path.display()));
        }
        Ok(_) | Err(_) => {}
    }
    let name = format!("{:016x}", rand::rng().random::<u64>());
    std::fs::write(&path, &name).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(name)
}

/// Held by the one process that works on a data folder; freed when it ends, however it ends.
#[derive(Debug)]
pub struct DataDirLock {
    _file: File,
}

/// Takes the data folder for this process.
pub fn lock_data_dir(config: &Config) -> Result<DataDirLock> {
    make_data_dir(&config.data_dir)?;
    let path = config.data_dir.join(LOCK_FILE);
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .with_context(|| format!("cannot open {}", path.display()))?;
    // A command that looks whether we run holds the lock for a moment.
    let mut taken = file.try_lock();
    for _ in 0..5 {
        if matches!(taken, Err(TryLockError::WouldBlock)) {
            std::thread::sleep(Duration::from_millis(20));
            taken = file.try_lock();
        }
    }
    match taken {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let dir = config.data_dir.clone();
            return Err(StartError::Locked { dir, pid: written_pid(&mut file) }.into());
        }
        Err(TryLockError::Error(error)) => {
            return Err(error).with_context(|| format!("cannot lock {}", path.display()));
        }
    }
    file.set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| write!(file, "{}", std::process::id()))
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(DataDirLock { _file: file })
}

/// The process that works on the data folder now, if one does.
pub fn running_process(config: &Config) -> Option<String> {
    let mut file = File::open(config.data_dir.join(LOCK_FILE)).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => Some(written_pid(&mut file)),
        Ok(()) | Err(TryLockError::Error(_)) => None,
    }
}

fn written_pid(file: &mut File) -> String {
    let mut pid = String::new();
    // It may have just been taken and not written yet.
    let _ = file.take(20).read_to_string(&mut pid);
    if pid.is_empty() { "?".to_owned() } else { pid }
}

/// Sealed tokens and a key are nobody else's business.
fn make_data_dir(dir: &Path) -> Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .with_context(|| format!("cannot make the data folder {} (data_dir)", dir.display()))
}

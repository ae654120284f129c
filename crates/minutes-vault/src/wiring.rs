//! From a checked configuration to the running service: the one place where all parts meet.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use archive::catalog::Catalog;
use archive::discover::{Inbox, Webhook};
use archive::fetch::Transfers;
use archive::members::{Authoriser, Grants, Seal, keep_fresh};
use archive::model::{Clock, SystemClock};
use archive::queue::Queue;
use archive::{Archive, Concurrency, Waits};
use metrics_exporter_prometheus::PrometheusBuilder;
use tokio::net::TcpListener;
use tracing::info;
use web::{Doors, Readiness, Site};

use crate::config::Config;
use crate::lifecycle::Lifecycle;
use crate::startup::{self, DataDirLock};

/// The running service.
pub struct Service {
    /// The work.
    pub archive: Arc<Archive>,
    /// Where the doors listen, with the real port.
    pub address: SocketAddr,
    /// Held as long as the service runs.
    _lock: DataDirLock,
}

impl Service {
    /// Opens everything, takes up what was under way, and starts all parts under `life`.
    pub async fn start(config: &Config, waits: Waits, life: &Lifecycle) -> Result<Self> {
        let lock = startup::lock_data_dir(config)?;
        let listener = TcpListener::bind(config.server.listen)
            .await
            .with_context(|| format!("cannot listen on {} (server.listen)", config.server.listen))?;
        let address = listener.local_addr()?;
        let catalog = startup::open_catalog(config).await?;
        let seal = Arc::new(startup::open_seal(config)?);
        hold_to_one_key(&catalog, &seal).await?;
        let store = startup::open_store(config).await?;
        let swept = store.sweep_parts().await?;
        if swept > 0 {
            info!(files = swept, "removed files that were being written when the program last ended");
        }

        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let queue = Queue::new(catalog.clone(), Arc::clone(&clock), &startup::node_name(config)?);
        let client = startup::feishu_client(config)?;
        let grants = Grants::new(catalog.clone(), client.clone(), Arc::clone(&clock), Arc::clone(&seal));
        let inbox = Inbox::open(catalog.clone(), queue.clone(), Arc::clone(&clock), &life.parts);
        let features = config.features();
        let archive = Arc::new(Archive {
            catalog: catalog.clone(),
            queue: queue.clone(),
            grants: grants.clone(),
            client,
            store: store.clone(),
            clock: Arc::clone(&clock),
            template: config.archive.template.clone(),
            zone: config.archive.time_zone.clone(),
            features,
            patrol_settings: config.patrol,
            waits,
            transfers: Transfers::default(),
            stop: life.stop.clone(),
        });
        archive.take_up().await?;

        let doors = web::router(Doors {
            authoriser: Authoriser::new(grants.clone(), queue, features),
            webhook: Webhook::new(config.event_verifier(), inbox),
            readiness: Readiness::new(catalog, store),
            metrics: metrics_recorder()?,
            site: Site {
                public_url: config.server.public_url.clone(),
                trust_proxy: config.server.trust_proxy,
                cookie_key: seal.derive("authorisation cookie"),
                company_name: config.company.name.clone(),
            },
            clock,
        });
        let stop = life.stop.clone();
        life.supervise("doors", async move {
            let until_stopped = async move { stop.cancelled().await };
            Ok(axum::serve(listener, doors).with_graceful_shutdown(until_stopped).await?)
        });
        let stop = life.stop.clone();
        life.supervise("keeper", async move {
            keep_fresh(grants.clone(), stop).await;
            // A renewal that has begun must come to its end: the platform may already have changed the pair.
            grants.settle().await;
            Ok(())
        });
        archive.spawn_workers(
            &life.parts,
            Concurrency { recordings: config.archive.at_once, ..Concurrency::default() },
        );
        Ok(Self { archive, address, _lock: lock })
    }
}

/// Tokens sealed with another key cannot be opened: better said at the start than member by member.
async fn hold_to_one_key(catalog: &Catalog, seal: &Seal) -> Result<()> {
    let known = catalog.meta_or_insert("key_id", seal.key_id()).await?;
    if known != seal.key_id() {
        bail!(
            "the key in use ({}) is not the one that sealed this catalogue's tokens ({known}). Put back the key file \
             vault.key of this data folder, or the vault.key setting that was used before",
            seal.key_id()
        );
    }
    Ok(())
}

fn metrics_recorder() -> Result<metrics_exporter_prometheus::PrometheusHandle> {
    PrometheusBuilder::new().install_recorder().context("metrics cannot be set up")
}

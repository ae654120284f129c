//! From a checked configuration to the running service: the one place where all parts meet.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result};
use archive::catalog::keep_log_short;
use archive::discover::{Inbox, LongConnection, Webhook};
use archive::fetch::keep_sources_known;
use archive::library::keep_indexed;
use archive::members::{Authoriser, Roster, keep_fresh};
use archive::retention::keep_retention;
use archive::verify::{ScrubSettings, keep_verified};
use archive::{Archive, Concurrency, Waits};
use metrics_exporter_prometheus::PrometheusBuilder;
use tokio::net::TcpListener;
use web::checkup::Checkup;
use web::{Doors, Office, Readiness, Site};

use crate::config::Config;
use crate::lifecycle::Lifecycle;
use crate::startup::{self, DataDirLock};

/// The running service.
pub struct Service {
    /// The work.
    pub archive: Arc<Archive>,
    /// Where the doors listen, with the real port.
    pub address: SocketAddr,
    /// Who is here as what.
    pub roster: Roster,
    /// Held as long as the service runs.
    _lock: DataDirLock,
}

impl Service {
    /// Opens everything, takes up what was under way, and starts all parts under `life`.
    pub async fn start(config: &Config, waits: Waits, checkup: Checkup, life: &Lifecycle) -> Result<Self> {
        let lock = startup::lock_data_dir(config)?;
        let listener = TcpListener::bind(config.server.listen)
            .await
            .with_context(|| format!("cannot listen on {} (server.listen)", config.server.listen))?;
        let address = listener.local_addr()?;
        let archive = Arc::new(startup::open_archive(config, waits, life.stop.clone()).await?);
        archive.take_up().await?;

        let Archive { catalog, queue, grants, clock, events_arrived, .. } = &*archive;
        let inbox = Inbox::open(catalog.clone(), Arc::clone(clock), Arc::clone(events_arrived), &life.parts);
        let way = config.events.mode;
        let long_connection = way.by_long_connection().then(|| {
            Ok::<_, anyhow::Error>(LongConnection {
                client: archive.client.at(feishu::Priority::Event),
                verifier: config.event_verifier(),
                inbox: inbox.clone(),
                catalog: catalog.clone(),
                clock: Arc::clone(clock),
                node: startup::node_name(config)?,
                calm: waits.link_refused,
            })
        });
        let roster = Roster::new(
            catalog.clone(),
            config.company.administrators.clone(),
            config.company.auditors.clone(),
        );
        let doors = web::router(Doors {
            authoriser: Authoriser::new(grants.clone(), queue.clone(), config.features()),
            webhook: way.by_webhook().then(|| Webhook::new(config.event_verifier(), inbox)),
            readiness: Readiness::new(catalog.clone(), archive.store.clone()),
            metrics: metrics_recorder()?,
            site: Site {
                public_url: config.server.public_url.clone(),
                trust_proxy: config.server.trust_proxy,
                cookie_key: startup::open_seal(config)?.derive("authorisation cookie"),
                company_name: config.company.name.clone(),
                has_administrators: !config.company.administrators.is_empty(),
            },
            clock: Arc::clone(clock),
            roster: roster.clone(),
            office: Office {
                queue: queue.clone(),
                transfers: archive.transfers.clone(),
                store: archive.store.clone(),
                zone: archive.zone.clone(),
                administrators: archive.administrators.clone(),
                patrol_interval: config.patrol.interval,
                wants_link: way.by_long_connection(),
                settings: config.settings.clone(),
                watermark: config.company.watermark,
                backups: startup::backups(config),
                template: config.archive.template.clone(),
                checkup,
                stop: life.stop.clone(),
            },
        });
        let doors = doors.into_make_service_with_connect_info::<SocketAddr>();
        let stop = life.stop.clone();
        life.supervise("doors", async move {
            let until_stopped = async move { stop.cancelled().await };
            Ok(axum::serve(listener, doors).with_graceful_shutdown(until_stopped).await?)
        });
        if let Some(long_connection) = long_connection.transpose()? {
            let (stop, parts) = (life.stop.clone(), life.parts.clone());
            life.supervise("long connection", async move {
                long_connection.run(stop, parts).await;
                Ok(())
            });
        }
        let (stop, grants) = (life.stop.clone(), grants.clone());
        life.supervise("keeper", async move {
            keep_fresh(grants.clone(), stop).await;
            // A renewal that has begun must come to its end: the platform may already have changed the pair.
            grants.settle().await;
            Ok(())
        });
        tend(&archive, config.scrub, life);
        let (log, keep) = (catalog.clone(), config.audit_keep);
        let (clock, stop) = (Arc::clone(clock), life.stop.clone());
        life.supervise("audit log", async move {
            archive::audit::keep(&log, &*clock, keep, &stop).await;
            Ok(())
        });
        let herald = startup::open_herald(config, &archive)?;
        herald.spawn_worker(&life.parts, &life.stop);
        let stop = life.stop.clone();
        life.supervise("herald", async move {
            herald.keep_watch(&stop).await;
            Ok(())
        });
        archive.spawn_event_work(&life.parts);
        archive.spawn_timekeeper(&life.parts);
        archive.spawn_workers(
            &life.parts,
            Concurrency { recordings: config.archive.at_once, ..Concurrency::default() },
        );
        Ok(Self { archive, address, roster, _lock: lock })
    }
}

/// Starts the parts that look after what is archived.
fn tend(archive: &Arc<Archive>, scrub: ScrubSettings, life: &Lifecycle) {
    let scrubbed = Arc::clone(archive);
    life.supervise("scrub", async move {
        keep_verified(&scrubbed, scrub).await;
        Ok(())
    });
    let asked = Arc::clone(archive);
    life.supervise("sources", async move {
        keep_sources_known(&asked, scrub.every).await;
        Ok(())
    });
    let kept = Arc::clone(archive);
    life.supervise("retention", async move {
        keep_retention(&kept).await;
        Ok(())
    });
    let indexed = Arc::clone(archive);
    life.supervise("index", async move {
        keep_indexed(&indexed).await;
        Ok(())
    });
    let logged = Arc::clone(archive);
    life.supervise("catalogue log", async move {
        keep_log_short(&logged.catalog, &logged.stop).await;
        Ok(())
    });
    let held = Arc::clone(archive);
    life.supervise("pauses", async move {
        held.heed_pauses().await;
        Ok(())
    });
}

fn metrics_recorder() -> Result<metrics_exporter_prometheus::PrometheusHandle> {
    PrometheusBuilder::new().install_recorder().context("metrics cannot be set up")
}

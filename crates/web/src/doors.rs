//! Which door leads where. Each resource gets the state that it uses and no more.

use std::sync::Arc;

use archive::discover::Webhook;
use archive::members::Authoriser;
use archive::model::Clock;
use axum::{Router, middleware};
use metrics_exporter_prometheus::PrometheusHandle;
use tower_http::catch_panic::CatchPanicLayer;

use crate::gauges::Gauges;
use crate::readiness::Readiness;
use crate::routes::{assets, auth, health, home, metrics, nowhere, webhook};
use crate::site::Site;
use crate::{entrance, page};

/// What the doors open on.
pub struct Doors {
    /// Takes members in.
    pub authoriser: Authoriser,
    /// Takes events in.
    pub webhook: Webhook,
    /// Whether work can be done.
    pub readiness: Readiness,
    /// The recorder behind `/metrics`.
    pub metrics: PrometheusHandle,
    /// How this place is seen from outside.
    pub site: Site,
    /// By which an authorisation grows old.
    pub clock: Arc<dyn Clock>,
}

/// All doors.
pub fn router(doors: Doors) -> Router {
    let site = Arc::new(doors.site);
    let gauges = Gauges::new(doors.readiness.catalog());
    Router::new()
        .merge(home::router(Arc::clone(&site)))
        .merge(auth::router(auth::Reception {
            authoriser: doors.authoriser,
            site: Arc::clone(&site),
            clock: doors.clock,
        }))
        .merge(webhook::router(doors.webhook))
        .merge(health::router(doors.readiness))
        .merge(metrics::router(doors.metrics, gauges))
        .merge(assets::router())
        .fallback(nowhere::not_found)
        .method_not_allowed_fallback(nowhere::wrong_method)
        .layer(CatchPanicLayer::custom(page::Broken::from_panic))
        .layer(middleware::from_fn_with_state(site, entrance::pass))
}

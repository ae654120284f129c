//! `GET /metrics`: everything counted, as Prometheus text.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;

use crate::gauges::Gauges;

pub(crate) fn router(recorder: PrometheusHandle, gauges: Gauges) -> Router {
    Router::new().route("/metrics", get(metrics)).with_state((recorder, Arc::new(gauges)))
}

async fn metrics(State((recorder, gauges)): State<(PrometheusHandle, Arc<Gauges>)>) -> impl IntoResponse {
    gauges.refresh().await;
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], recorder.render())
}

//! `POST /webhook/event`: what the platform posts. The raw bytes go to the archive, which proves and
//! stores them; here is only how that is answered.
//! Feishu docs: event subscription guide, "send events to developer's server".

use std::sync::Arc;
use std::time::Duration;

use archive::catalog::Catalog;
use archive::discover::{Reception, Webhook};
use archive::model::Clock;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, FromRequest as _, Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use feishu::{EventHeaders, MAX_EVENT_BYTES, Refusal};
use serde_json::json;
use tokio::time::timeout;
use tracing::warn;

mod refusals;
use refusals::Refusals;

/// The platform gives up after 3 s; what is stored by then but not answered comes again and is known.
const DEADLINE: Duration = Duration::from_millis(2_500);

/// A fact of the catalogue: when the platform last asked whether this address is ours and could be told so, unix ms.
pub(crate) const CHECKED: &str = "events_url_checked_at";

#[derive(Clone)]
struct Door {
    webhook: Webhook,
    catalog: Catalog,
    clock: Arc<dyn Clock>,
    refusals: Arc<Refusals>,
}

pub(crate) fn router(webhook: Webhook, catalog: Catalog, clock: Arc<dyn Clock>) -> Router {
    Router::new()
        .route("/webhook/event", post(event))
        .layer(DefaultBodyLimit::max(MAX_EVENT_BYTES))
        .with_state(Door { webhook, catalog, clock, refusals: Arc::default() })
}

async fn event(State(door): State<Door>, request: Request) -> Response {
    let Ok(response) = timeout(DEADLINE, door.take(request)).await else {
        warn!("an event could not be read or stored in time; the platform will bring it again");
        return come_again("timeout");
    };
    response
}

impl Door {
    async fn take(&self, request: Request) -> Response {
        let headers = request.headers().clone();
        let body = match Bytes::from_request(request, &()).await {
            Ok(body) => body,
            Err(rejection) => return self.unread(&rejection),
        };
        match self.webhook.receive(&signature(&headers), &body).await {
            Reception::Challenge(challenge) => {
                self.note_check().await;
                Json(json!({"challenge": challenge})).into_response()
            }
            Reception::Stored(_) => Json(json!({})).into_response(),
            Reception::Refused(refusal) => {
                self.refusals.note(&refusal);
                (status(refusal), Json(json!({"error": refusal.to_string()}))).into_response()
            }
            // The inbox has logged why, once for all that waited.
            Reception::NotStored(_) => come_again("not stored"),
        }
    }

    /// For the list of the first run; the platform is answered all the same.
    async fn note_check(&self) {
        if let Err(error) = self.catalog.set_meta(CHECKED, &self.clock.now_ms().to_string()).await {
            warn!(%error, "that the address was checked could not be noted");
        }
    }

    /// Too large, or the sender went away in the middle.
    fn unread(&self, rejection: &BytesRejection) -> Response {
        metrics::counter!("vault_webhook_requests_total", "outcome" => "refused").increment(1);
        let status = rejection.status();
        if status == StatusCode::PAYLOAD_TOO_LARGE {
            self.refusals.note(&Refusal::TooLarge);
            return (status, Json(json!({"error": Refusal::TooLarge.to_string()}))).into_response();
        }
        (status, Json(json!({"error": "the event could not be read"}))).into_response()
    }
}

fn signature(headers: &HeaderMap) -> EventHeaders<'_> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    EventHeaders {
        timestamp: text("x-lark-request-timestamp"),
        nonce: text("x-lark-request-nonce"),
        signature: text("x-lark-signature"),
    }
}

const fn status(refusal: Refusal) -> StatusCode {
    match refusal {
        Refusal::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Refusal::Malformed(_) => StatusCode::BAD_REQUEST,
        Refusal::BadSignature
        | Refusal::BadToken
        | Refusal::OtherApp
        | Refusal::CannotDecrypt
        | Refusal::NotEncrypted
        | Refusal::Unconfigured => StatusCode::UNAUTHORIZED,
    }
}

fn come_again(why: &str) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "15")], Json(json!({"error": why}))).into_response()
}

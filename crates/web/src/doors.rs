//! Which door leads where. Each resource gets the state that it uses and no more.

use std::sync::Arc;

use archive::discover::Webhook;
use archive::members::{ApiTokens, Authoriser, Roster, Sessions};
use archive::model::Clock;
use archive::retention::Trash;
use axum::extract::Request;
use axum::http::header::{ACCEPT_ENCODING, CONTENT_TYPE};
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, Version};
use axum::{Extension, Router, middleware};
use metrics_exporter_prometheus::PrometheusHandle;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::predicate::{Predicate as _, SizeAbove};
use tower_http::compression::{CompressionLayer, CompressionLevel};

use crate::crowd::{ARRIVALS, CALLS, Crowd, STEPS};
use crate::gauges::Gauges;
use crate::office::Office;
use crate::readiness::Readiness;
use crate::reading_room::{Noted, ReadingRoom};
use crate::routes::{
    api, assets, auth, health, home, library, metrics, nowhere, recording, rooms, search, webhook,
};
use crate::session::Porter;
use crate::site::Site;
use crate::zip::Sums;
use crate::{entrance, page};

/// What goes out in one anyway is not made smaller, in bytes.
const ONE_PACKET: u64 = 1_400;

/// What the doors open on.
pub struct Doors {
    /// Takes members in.
    pub authoriser: Authoriser,
    /// Takes events in, unless they come by long connection alone.
    pub webhook: Option<Webhook>,
    /// Whether work can be done.
    pub readiness: Readiness,
    /// The recorder behind `/metrics`.
    pub metrics: PrometheusHandle,
    /// How this place is seen from outside.
    pub site: Site,
    /// By which authorisations and sessions grow old.
    pub clock: Arc<dyn Clock>,
    /// Who is here as what.
    pub roster: Roster,
    /// What the pages of those who run it are made from.
    pub office: Office,
}

/// All doors.
pub fn router(doors: Doors) -> Router {
    let site = Arc::new(doors.site);
    let catalog = doors.readiness.catalog();
    let gauges = Gauges::new(catalog.clone());
    let events =
        doors.webhook.map(|webhook| webhook::router(webhook, catalog.clone(), Arc::clone(&doors.clock)));
    let home = home::router(Arc::clone(&site), catalog.clone());
    let porter = Porter {
        catalog: catalog.clone(),
        sessions: Sessions::new(catalog.clone(), Arc::clone(&doors.clock)),
        tokens: ApiTokens::new(catalog.clone(), Arc::clone(&doors.clock)),
        steps: Arc::new(Crowd::new(STEPS)),
        pace: Arc::new(Crowd::new(CALLS)),
        guesses: Arc::new(Crowd::new(CALLS)),
        roster: doors.roster,
        site: Arc::clone(&site),
        clock: Arc::clone(&doors.clock),
    };
    let trash = Trash::new(catalog.clone(), doors.office.store.clone(), &doors.office.transfers);
    let reading_room = ReadingRoom {
        trash: trash.clone(),
        catalog: catalog.clone(),
        store: doors.office.store.clone(),
        site: Arc::clone(&site),
        zone: doors.office.zone.clone(),
        features: doors.authoriser.features(),
        watermark: doors.office.watermark,
        noted: Noted::default(),
        zip_sums: Sums::default(),
    };
    let rooms = rooms::Rooms {
        trash,
        site: Arc::clone(&site),
        catalog,
        porter: porter.clone(),
        office: doors.office,
        features: doors.authoriser.features(),
        clock: Arc::clone(&doors.clock),
    };
    let doors = Router::new()
        .merge(home)
        .merge(auth::router(auth::Reception {
            authoriser: doors.authoriser,
            site: Arc::clone(&site),
            clock: doors.clock,
            porter: porter.clone(),
            crowd: Arc::new(Crowd::new(ARRIVALS)),
        }))
        .merge(library::router(reading_room.clone()))
        .merge(recording::router(reading_room.clone()))
        .merge(search::router(reading_room.clone()))
        .merge(api::router(reading_room))
        .merge(rooms::router(rooms))
        .merge(events.unwrap_or_default())
        .merge(health::router(doors.readiness))
        .merge(metrics::router(doors.metrics, gauges))
        .merge(assets::router())
        .layer(Extension(porter));
    dressed(doors, site)
}

/// What all doors have in common.
fn dressed(doors: Router, site: Arc<Site>) -> Router {
    doors
        .fallback(nowhere::not_found)
        .method_not_allowed_fallback(nowhere::wrong_method)
        .layer(CatchPanicLayer::custom(page::Broken::from_panic))
        .layer(middleware::from_fn_with_state(site, entrance::pass))
        .layer(
            CompressionLayer::new()
                .quality(CompressionLevel::Fastest)
                .compress_when(SizeAbove::new(ONE_PACKET).and(shrinks)),
        )
        .layer(middleware::map_request(accept_something))
}

/// Who takes nothing as it is, and no encoding of ours, would be told so once all is done: they get it as it is.
async fn accept_something(mut request: Request) -> Request {
    let is_picky = |value: &HeaderValue| {
        let value = value.to_str().unwrap_or_default().replace(' ', "").to_ascii_lowercase();
        value.split(',').any(|coding| {
            let (coding, weight) = coding.split_once(";q=").unwrap_or((coding, "1"));
            matches!(coding, "identity" | "*") && weight.parse::<f32>().is_ok_and(|weight| weight <= 0.0)
        })
    };
    if request.headers().get_all(ACCEPT_ENCODING).iter().any(is_picky) {
        request.headers_mut().remove(ACCEPT_ENCODING);
    }
    request
}

/// Pages and what they are made of. Not recordings, which are compressed already and asked for in parts, nor streams.
fn shrinks(status: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    const KINDS: [&str; 6] = [
        "text/html",
        "text/css",
        "text/javascript",
        "image/svg+xml",
        "application/json",
        "application/rss+xml",
    ];
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default();
    status != StatusCode::PARTIAL_CONTENT && KINDS.contains(&kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use axum::routing::get;
    use tower::ServiceExt as _;

    async fn stumble() {
        panic!("a secret in the words of a panic");
    }

    #[tokio::test]
    async fn a_panic_is_a_page_with_the_number_of_the_request() {
        let site = Site {
            public_url: None,
            trust_proxy: false,
            cookie_key: [1; 64],
            company_name: None,
            has_administrators: false,
        };
        let doors = dressed(Router::new().route("/stumble", get(stumble)), Arc::new(site));
        let request = Request::get("/stumble").header("accept", "text/html").header("accept-language", "en");
        let response = doors.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), 500);
        let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        let page = std::str::from_utf8(&body).unwrap();
        assert!(page.contains("Something went wrong here") && page.contains(&id), "{page}");
        assert!(!page.contains("secret"));
    }
}

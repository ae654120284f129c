//! What surrounds every call of the platform: log id, faults, identity, scopes, rate limits, the record.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::api::{self, Api, Identity};
use crate::caller::{self, Caller};
use crate::envelope::{LOG_ID, Refusal};
use crate::faults::{self, Fault, FaultKind, Target};
use crate::line::Cutter;
use crate::media;
use crate::platform::{Platform, Shared};
use crate::world::Call;

/// `request trigger frequency limit`
pub(crate) const OVER_LIMIT: i64 = 99_991_400;

/// The fault that this call meets; handlers that play their own faults get it as an extension.
#[derive(Clone, Debug)]
pub(crate) struct Met(pub(crate) Arc<FaultKind>);

pub(crate) async fn observe(
    State(platform): State<Shared>,
    Extension(cutter): Extension<Cutter>,
    matched: MatchedPath,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(api) = api::find(request.method(), matched.as_str()) else {
        return next.run(request).await;
    };
    let headers = request.headers();
    let minute_token = minute_token(api, &request);
    let mut arrival = Arrival::new(&platform, api, headers, minute_token.as_deref());
    let mut call = Call {
        api: api.name,
        at_ms: platform.now(),
        open_id: arrival.caller.open_id().map(str::to_owned),
        identity: arrival.caller.identity(),
        minute_token,
        query: (api.identity != Identity::Open).then(|| request.uri().query().map(str::to_owned)).flatten(),
        range: headers.get(header::RANGE).and_then(|range| range.to_str().ok()).map(str::to_owned),
        status: 0,
        code: None,
        fault: arrival.fault.as_ref().map(|fault| fault.id),
        log_id: arrival.log_id.clone(),
    };
    if arrival.latency_ms > 0 {
        tokio::time::sleep(Duration::from_millis(arrival.latency_ms)).await;
    }
    let fault = arrival.fault.take().map(|fault| fault.fault);
    let flat = api.name == "oauth.token";
    let instead = match &fault {
        Some(fault) => {
            if matches!(fault, FaultKind::Hang | FaultKind::Reset { after_bytes: None }) {
                // No answer will come, so the call is recorded now.
                platform.world().calls.add(call.clone());
            }
            faults::before(fault, request.uri(), flat, &cutter).await
        }
        None => None,
    };
    let response = match (instead, arrival.refusal) {
        (Some(response), _) => response,
        (None, Some(refusal)) => refusal.into_response(),
        (None, None) => {
            request.extensions_mut().insert(arrival.caller);
            if let Some(fault) = &fault {
                request.extensions_mut().insert(Met(Arc::new(fault.clone())));
            }
            next.run(request).await
        }
    };
    let response = finish(&platform, response, &mut call);
    match fault {
        Some(fault) => faults::after(&fault, response, &cutter).await,
        None => response,
    }
}

/// What is known before the call is handled.
struct Arrival {
    log_id: String,
    caller: Caller,
    fault: Option<Fault>,
    refusal: Option<Refusal>,
    latency_ms: u64,
}

impl Arrival {
    fn new(platform: &Platform, api: &Api, headers: &HeaderMap, minute_token: Option<&str>) -> Self {
        let now = platform.now();
        let mut world = platform.world();
        let log_id = world.random_hex(32).to_uppercase();
        // The media host knows no tokens: one that comes is a leak, not an identity.
        let identified = match api.identity {
            Identity::Open => Ok(Caller::Nobody),
            _ => caller::identify(&mut world, headers, now),
        };
        let caller = identified.clone().unwrap_or(Caller::Nobody);
        let target = Target { api: api.name, minute_token, open_id: caller.open_id() };
        let fault = world.faults.meet(&target);
        let refusal = identified
            .and_then(|caller| caller::admit(&world, api, &caller))
            .and_then(|()| if world.knobs.rate_limits { within_limits(&mut world, api, now) } else { Ok(()) })
            .err();
        Self { log_id, caller, fault, refusal, latency_ms: world.knobs.latency_ms }
    }
}

fn within_limits(world: &mut crate::world::World, api: &Api, now: i64) -> Result<(), Refusal> {
    let status = world.knobs.rate_limit_status;
    world
        .limiter
        .admit(api.name, api.limits, now)
        .map_err(|over| faults::over_limit(status, over.calls, over.reset_seconds))
}

/// Renders refusals, stamps the headers, records the call.
fn finish(platform: &Platform, mut response: Response, call: &mut Call) -> Response {
    if let Some(refusal) = response.extensions_mut().remove::<Refusal>() {
        call.code = Some(refusal.code);
        response = refusal.render(&call.log_id);
    } else if is_json(&response) && response.status().is_success() && call.fault.is_none() {
        call.code = Some(0);
    }
    call.status = response.status().as_u16();
    if let Ok(log_id) = HeaderValue::from_str(&call.log_id) {
        response.headers_mut().insert(LOG_ID.clone(), log_id);
    }
    let mut world = platform.world();
    if let Some(skew_ms) = world.knobs.date_skew_ms
        && let Ok(date) = HeaderValue::from_str(&crate::clock::http_date(platform.now() + skew_ms))
    {
        response.headers_mut().insert(header::DATE, date);
    }
    world.calls.add(call.clone());
    response
}

fn is_json(response: &Response) -> bool {
    response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/json"))
}

/// Which recording the call is about, by its URL.
fn minute_token(api: &Api, request: &Request) -> Option<String> {
    if api.name.starts_with("media.") {
        return media::minute_of_url_query(request.uri().query()?);
    }
    let (_, rest) = request.uri().path().split_once("/minutes/v1/minutes/")?;
    let token = rest.split('/').next()?;
    (token.len() == 24).then(|| token.to_owned())
}

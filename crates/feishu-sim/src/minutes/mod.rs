//! 妙记: what the platform tells of a recording, to whom.
//!
//! Feishu docs: minutes-v1. Common refusals: 2091001 param, 2091002 not found, 2091003 not ready,
//! 2091004 deleted, 2091005 denied.

mod artifacts;
mod cover;
mod get;
mod media;
mod search;
mod statistics;
mod subscription;
mod transcript;

pub(crate) use get::minute_url;

use axum::Router;
use axum::routing::{get, post};

use crate::caller::Caller;
use crate::clock::Ms;
use crate::envelope::Refusal;
use crate::platform::Shared;
use crate::world::{MinuteRow, Part, World};

pub(crate) fn routes() -> Router<Shared> {
    let at = |rest: &str| format!("/open-apis/minutes/v1/minutes{rest}");
    Router::new()
        .route(&at("/search"), post(search::search))
        .route(&at("/subscription"), post(subscription::subscribe))
        .route(&at("/unsubscription"), post(subscription::unsubscribe))
        .route(&at("/{minute_token}"), get(get::get))
        .route(&at("/{minute_token}/media"), get(media::media))
        .route(&at("/{minute_token}/transcript"), get(transcript::transcript))
        .route(&at("/{minute_token}/artifacts"), get(artifacts::artifacts))
        .route(&at("/{minute_token}/statistics"), get(statistics::statistics))
        .route("/cover/{name}", get(cover::cover))
        .route("/login", get(cover::login))
}

/// The recording, if this caller may have that part of it now.
fn part<'a>(
    world: &'a World,
    minute_token: &str,
    part: Part,
    caller: &Caller,
    now: Ms,
) -> Result<&'a MinuteRow, Refusal> {
    let well_formed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    if minute_token.len() != 24 || !minute_token.bytes().all(well_formed) {
        return Err(Refusal::new(400, 2_091_001, "param is invalid"));
    }
    let row = world.minute(minute_token).ok_or_else(not_found)?;
    if row.minute.deleted {
        return Err(Refusal::new(400, 2_091_004, "resource deleted"));
    }
    let allowed = match caller {
        Caller::User { open_id, .. } => row.may_have(part, open_id),
        Caller::Tenant => world.knobs.minutes_by_tenant,
        Caller::App | Caller::Nobody => false,
    };
    if !allowed {
        return Err(Refusal::new(403, 2_091_005, "permission deny"));
    }
    if part != Part::Basic && !row.is_ready(now) {
        return Err(Refusal::new(400, 2_091_003, "minute not ready, try later"));
    }
    Ok(row)
}

fn not_found() -> Refusal {
    Refusal::new(404, 2_091_002, "resource not found")
}

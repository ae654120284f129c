//! The historic refresh of v1 tokens, which older tools stored.
//!
//! Feishu docs: historic-version/authen/create-refresh_access_token. Needs an app token; refusals come
//! with HTTP 200.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::user_info::names;
use crate::envelope::{Refusal, data};
use crate::platform::Shared;

#[derive(Deserialize)]
struct Body {
    grant_type: String,
    refresh_token: String,
}

/// `POST /open-apis/authen/v1/refresh_access_token`
pub(super) async fn refresh(State(platform): State<Shared>, body: Bytes) -> Result<Response, Refusal> {
    let body: Body = serde_json::from_slice(&body)
        .ok()
        .filter(|body: &Body| body.grant_type == "refresh_token")
        .ok_or_else(|| Refusal::new(200, 20_001, "Invalid request. Please check request param"))?;
    let now = platform.now();
    let mut world = platform.world();
    let (open_id, access_token, refresh_token) =
        world.v1_refreshed(&body.refresh_token, now).ok_or_else(|| {
            Refusal::new(200, 20_026, "The refresh token passed is invalid. Please check the value")
        })?;
    let row = world.people.get(&open_id).ok_or_else(|| Refusal::new(200, 20_008, "User not exist"))?;
    if row.suspended {
        return Err(Refusal::new(200, 20_021, "User resigned"));
    }
    let mut info = names(&platform, row, &world.app.tenant_key);
    info["access_token"] = json!(access_token);
    info["token_type"] = json!("Bearer");
    info["expires_in"] = json!(7_140);
    info["refresh_token"] = json!(refresh_token);
    info["refresh_expires_in"] = json!(2_591_940);
    Ok(data(info))
}

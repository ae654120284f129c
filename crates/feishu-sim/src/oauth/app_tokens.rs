//! Tokens of the app itself.
//!
//! Feishu docs: auth-v3/auth/tenant_access_token_internal, app_access_token_internal. Flat answers.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use crate::envelope::Refusal;
use crate::platform::{Platform, Shared};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Credentials {
    app_id: String,
    app_secret: String,
}

/// `POST /open-apis/auth/v3/tenant_access_token/internal`
pub(super) async fn tenant(State(platform): State<Shared>, body: Bytes) -> Result<Response, Refusal> {
    let (tenant_access_token, expire) = issue(&platform, &body, "t-")?;
    let answer =
        json!({ "code": 0, "msg": "ok", "tenant_access_token": tenant_access_token, "expire": expire });
    Ok(Json(answer).into_response())
}

/// `POST /open-apis/auth/v3/app_access_token/internal`
pub(super) async fn app(State(platform): State<Shared>, body: Bytes) -> Result<Response, Refusal> {
    let (tenant_access_token, expire) = issue(&platform, &body, "t-")?;
    let (app_access_token, _) = issue(&platform, &body, "a-")?;
    let answer = json!({
        "code": 0,
        "msg": "ok",
        "app_access_token": app_access_token,
        "tenant_access_token": tenant_access_token,
        "expire": expire,
    });
    Ok(Json(answer).into_response())
}

fn issue(platform: &Platform, body: &[u8], prefix: &str) -> Result<(String, i64), Refusal> {
    let credentials: Credentials = serde_json::from_slice(body).unwrap_or_default();
    let now = platform.now();
    let mut world = platform.world();
    if credentials.app_id != world.app.app_id || !world.app.enabled {
        return Err(Refusal::new(200, 10_014, "app unauthorized"));
    }
    if credentials.app_secret != world.app.app_secret {
        return Err(Refusal::new(200, 10_015, "wrong app secret"));
    }
    Ok(world.app_token(prefix, now))
}

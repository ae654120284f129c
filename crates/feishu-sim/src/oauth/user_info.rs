//! Who the token belongs to.
//!
//! Feishu docs: authen-v1/user_info/get. Email and user_id come only with their contact scopes.

use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use crate::caller::Caller;
use crate::envelope::{Refusal, data};
use crate::platform::{Platform, Shared};
use crate::world::PersonRow;

/// `GET /open-apis/authen/v1/user_info`
pub(super) async fn user_info(State(platform): State<Shared>, caller: Caller) -> Result<Response, Refusal> {
    let world = platform.world();
    let row = caller
        .open_id()
        .and_then(|open_id| world.people.get(open_id))
        .ok_or_else(|| Refusal::new(200, 20_008, "User not exist"))?;
    let mut info = names(&platform, row, &world.app.tenant_key);
    let has = |scope: &str| world.app.scopes.contains(scope) && row.granted.contains(scope);
    if has("contact:user.employee_id:readonly") {
        info["user_id"] = json!(row.person.user_id);
    }
    if let Some(email) = row.person.email.as_ref().filter(|_| has("contact:user.email:readonly")) {
        info["email"] = json!(email);
        info["enterprise_email"] = json!(email);
    }
    Ok(data(info))
}

/// What needs no scope.
pub(super) fn names(platform: &Platform, row: &PersonRow, tenant_key: &str) -> Value {
    let person = &row.person;
    let avatar = format!("{}/avatar/{}.png", platform.base, person.union_id);
    json!({
        "name": person.name,
        "en_name": person.en_name,
        "avatar_url": avatar,
        "avatar_thumb": avatar,
        "avatar_middle": avatar,
        "avatar_big": avatar,
        "open_id": person.open_id,
        "union_id": person.union_id,
        "tenant_key": tenant_key,
    })
}

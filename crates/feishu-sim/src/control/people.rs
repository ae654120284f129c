//! People and their grants.

use std::collections::BTreeSet;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Unfit, overlaid, read};
use crate::clock::Ms;
use crate::events::announce_revocation;
use crate::platform::Shared;
use crate::scenario::{Person, resolve_person};
use crate::world::{PersonRow, Revocation, World};

pub(super) async fn list(State(platform): State<Shared>) -> Json<Value> {
    let now = platform.now();
    let world = platform.world();
    let people: Vec<_> = world.people.values().map(|row| describe(&world, row, now)).collect();
    Json(json!({ "people": people }))
}

pub(super) async fn show(
    State(platform): State<Shared>,
    Path(open_id): Path<String>,
) -> Result<Json<Value>, Unfit> {
    let now = platform.now();
    let world = platform.world();
    let row = world.people.get(&open_id).ok_or_else(|| Unfit::missing("person", &open_id))?;
    Ok(Json(describe(&world, row, now)))
}

/// The person, and of their grants the newest.
pub(super) fn describe(world: &World, row: &PersonRow, now: Ms) -> Value {
    let grant = world.grants.of(&row.person.open_id).max_by_key(|grant| grant.authorised_ms);
    let mut person = json!(row.person);
    person["subscribed"] = json!(row.subscribed);
    person["suspended"] = json!(row.suspended);
    person["authorised"] = json!(grant.is_some_and(|grant| grant.revoked.is_none()));
    person["grant"] = json!(grant.map(|grant| json!({
        "scopes": grant.scopes,
        "authorised_ms": grant.authorised_ms,
        "refreshes": grant.refreshes,
        "refresh_alive": grant.can_refresh(now),
        "revoked": grant.revoked,
    })));
    person
}

pub(super) async fn add(State(platform): State<Shared>, body: Bytes) -> Result<Json<Value>, Unfit> {
    let mut person: Person = read(&body)?;
    resolve_person(&mut person);
    let now = platform.now();
    let mut world = platform.world();
    let open_id = person.open_id.clone();
    if world.people.contains_key(&open_id) {
        return Err(Unfit::wrong(format!("{open_id} is there already; name another or give an open_id")));
    }
    world.people.insert(open_id.clone(), person.into());
    Ok(Json(world.people.get(&open_id).map_or(Value::Null, |row| describe(&world, row, now))))
}

pub(super) async fn change(
    State(platform): State<Shared>,
    Path(open_id): Path<String>,
    body: Bytes,
) -> Result<Json<Person>, Unfit> {
    let mut world = platform.world();
    let row = world.people.get_mut(&open_id).ok_or_else(|| Unfit::missing("person", &open_id))?;
    let changed: Person = overlaid(&row.person, &body)?;
    if changed.open_id != open_id {
        return Err(Unfit::wrong("an open_id never changes"));
    }
    row.person = changed;
    Ok(Json(row.person.clone()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Revoke {
    by: Revocation,
}

pub(super) async fn revoke(
    State(platform): State<Shared>,
    Path(open_id): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Unfit> {
    let Revoke { by } = read(&body)?;
    let mut world = platform.world();
    if !world.people.contains_key(&open_id) {
        return Err(Unfit::missing("person", &open_id));
    }
    let event_id = announce_revocation(&platform, &mut world, &open_id, by);
    Ok(Json(json!({ "event_id": event_id })))
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Tokens {
    scopes: Option<BTreeSet<String>>,
}

pub(super) async fn tokens(
    State(platform): State<Shared>,
    Path(open_id): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Unfit> {
    let Tokens { scopes } = read(&body)?;
    let now = platform.now();
    let mut world = platform.world();
    let scopes = scopes.unwrap_or_else(|| world.app.scopes.clone());
    let row = world.people.get_mut(&open_id).ok_or_else(|| Unfit::missing("person", &open_id))?;
    row.granted.extend(scopes);
    let pair = world.first_tokens(&open_id, None, now);
    Ok(Json(json!({
        "access_token": pair.access_token,
        "expires_in": pair.access_seconds,
        "refresh_token": pair.refresh_token.map(|(token, _)| token),
        "scope": pair.scopes,
    })))
}

//! How the service stands, as far as the role of the token's maker goes.

use std::collections::BTreeMap;

use archive::audit::{AuditFilter, AuditRow, Verb};
use archive::members::{ApiScope, Standing};
use archive::model::Role;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::{Asked, limit};
use super::document::Fault;
use super::moment;
use super::recordings::VerbWord;
use crate::notice::Notice;
use crate::reading_room::{ReadingRoom, not_now};
use crate::session::{Caller, SignedIn};

/// Whose token it is, and what it is good for.
#[derive(Serialize, ToSchema)]
pub(super) struct Me {
    open_id: String,
    /// `member`, `administrator` or `auditor`.
    role: &'static str,
    /// What the token is called.
    token: String,
    scopes: Vec<&'static str>,
}

/// Whose token it is, and what it is good for.
#[utoipa::path(get, path = "/me", tag = "service", responses((status = 200, body = Me)))]
pub(super) async fn me(caller: Caller) -> Json<Me> {
    let (who, scopes) = caller.whoever();
    Json(Me {
        open_id: who.viewer.open_id.to_string(),
        role: who.viewer.role.as_str(),
        token: who.name,
        scopes: scopes.into_iter().map(ApiScope::as_str).collect(),
    })
}

/// How the archive stands.
#[derive(Serialize, ToSchema)]
pub(super) struct Status {
    /// Recordings by state.
    recordings: BTreeMap<String, i64>,
    /// Bytes on disk.
    bytes: i64,
    /// Events that are stored and not yet worked through.
    events_waiting: i64,
    /// When the last event came; null: never.
    #[schema(format = DateTime)]
    last_event_at: Option<String>,
    /// When the last patrol of anybody ended well; null: never.
    #[schema(format = DateTime)]
    last_patrol_at: Option<String>,
    /// Whether everything is paused.
    is_paused: bool,
}

/// How the archive stands; for administrators and auditors.
#[utoipa::path(get, path = "/status", tag = "service", responses((status = 200, body = Status)))]
pub(super) async fn status(
    State(room): State<ReadingRoom>,
    caller: Caller,
) -> Result<Json<Status>, Response> {
    let who = overseer(caller)?;
    room.note(&who, Verb::Viewed, "/api/v1/status", None).await?;
    let overview = room.catalog.overview().await.map_err(not_now)?;
    let pauses = room.catalog.pauses().await.map_err(not_now)?;
    Ok(Json(Status {
        recordings: overview.recordings,
        bytes: overview.bytes,
        events_waiting: overview.events_waiting,
        last_event_at: overview.last_event_at.map(moment),
        last_patrol_at: overview.last_patrol_at.map(moment),
        is_paused: pauses.everything_since.is_some(),
    }))
}

/// Somebody who has authorised.
#[derive(Serialize, ToSchema)]
struct MemberStanding {
    open_id: String,
    name: String,
    /// Such as `active` or `must_authorise`.
    state: &'static str,
    /// Why, where it is not all well.
    reason: Option<&'static str>,
    /// When the authorisation ends at the latest.
    #[schema(format = DateTime)]
    until: Option<String>,
    scopes_missing: Vec<&'static str>,
    owned: i64,
    archived: i64,
    #[schema(format = DateTime)]
    patrolled_at: Option<String>,
}

/// Everybody who has authorised.
#[derive(Serialize, ToSchema)]
pub(super) struct Members {
    members: Vec<MemberStanding>,
}

/// Everybody who has authorised, and how that stands; for administrators.
#[utoipa::path(get, path = "/members", tag = "service", responses((status = 200, body = Members)))]
pub(super) async fn members(
    State(room): State<ReadingRoom>,
    caller: Caller,
) -> Result<Json<Members>, Response> {
    let who = overseer(caller)?;
    if who.viewer.role != Role::Administrator {
        return Err(Notice::AdministratorsOnly.into());
    }
    room.note(&who, Verb::Viewed, "/api/v1/members", None).await?;
    let rows = room.catalog.members().await.map_err(not_now)?;
    let members = rows.into_iter().map(|row| {
        let standing = Standing::of(&row.member, room.features, who.at_ms);
        MemberStanding {
            open_id: row.member.open_id.to_string(),
            name: row.member.name,
            state: standing.footing.as_str(),
            reason: standing.reason.map(archive::model::Reason::as_str),
            until: standing.until_ms.map(moment),
            scopes_missing: standing.missing,
            owned: row.owned,
            archived: row.archived,
            patrolled_at: row.member.patrolled_at.map(moment),
        }
    });
    Ok(Json(Members { members: members.collect() }))
}

/// Which rows of the audit log.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AuditQuery {
    /// Only by this person (open_id).
    actor: Option<String>,
    /// Only deeds of this kind.
    #[param(value_type = Option<VerbWord>)]
    verb: Option<Verb>,
    /// Only of this subject, exactly.
    subject: Option<String>,
    /// Only at this moment or later.
    #[param(value_type = Option<String>, format = DateTime)]
    since: Option<String>,
    /// Only before this moment.
    #[param(value_type = Option<String>, format = DateTime)]
    until: Option<String>,
    /// Only rows before this number.
    before: Option<i64>,
    /// Rows of a page.
    #[param(minimum = 1, maximum = 500, default = 100)]
    limit: Option<i64>,
}

/// One deed.
#[derive(Serialize, ToSchema)]
struct AuditDeed {
    /// Its place in the chain, from 1, without gaps.
    number: i64,
    #[schema(format = DateTime)]
    at: String,
    /// Who (open_id).
    actor: String,
    /// Such as `viewed`.
    verb: String,
    subject: String,
    detail: Option<String>,
    from_address: String,
    /// Covers this row and the hash of the row before it; lowercase hex SHA-256.
    hash: String,
}

impl AuditDeed {
    fn of(row: AuditRow) -> Self {
        Self {
            number: row.number,
            at: moment(row.at_ms),
            actor: row.actor,
            verb: row.verb,
            subject: row.subject,
            detail: row.detail,
            from_address: row.from_address,
            hash: row.hash,
        }
    }
}

/// A page of the audit log, newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct AuditLog {
    rows: Vec<AuditDeed>,
}

/// The audit log, newest first; for administrators and auditors.
#[utoipa::path(get, path = "/audit", tag = "service", params(AuditQuery),
    responses((status = 200, body = AuditLog), (status = 403, body = Fault)))]
pub(super) async fn audit(
    State(room): State<ReadingRoom>,
    caller: Caller,
    Asked(query): Asked<AuditQuery>,
) -> Result<Json<AuditLog>, Response> {
    let who = overseer(caller)?;
    let limit = limit(query.limit, 100, 500)?;
    let (since_ms, until_ms) = (instant(query.since.as_deref())?, instant(query.until.as_deref())?);
    room.note(&who, Verb::Viewed, "/api/v1/audit", None).await?;
    let filter = AuditFilter {
        actors: query.actor.into_iter().filter(|actor| !actor.is_empty()).collect(),
        verb: query.verb.map(|verb| verb.as_str().to_owned()),
        subject: query.subject,
        since_ms,
        until_ms,
        from: None,
        before: query.before,
        limit,
    };
    let rows = room.catalog.audit_rows(&filter).await.map_err(not_now)?;
    Ok(Json(AuditLog { rows: rows.into_iter().map(AuditDeed::of).collect() }))
}

/// A moment in the form of RFC 3339, unix ms.
fn instant(text: Option<&str>) -> Result<Option<i64>, Notice> {
    let parse = |text: &str| text.parse::<jiff::Timestamp>().map(jiff::Timestamp::as_millisecond);
    text.map(parse).transpose().map_err(|_| Notice::BadQuery)
}

fn overseer(caller: Caller) -> Result<SignedIn, Notice> {
    let who = caller.with(ApiScope::Service)?;
    if who.viewer.may_list_everything() { Ok(who) } else { Err(Notice::OverseersOnly) }
}

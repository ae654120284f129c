//! The platform's calls as a table: path, limits, who may call, with which scope.
//!
//! Feishu docs: each call's own page, and api-call-guide/frequency-control for the limits.

use axum::http::Method;

use crate::limits::{Limit, PER_MINUTE_100, PER_MINUTE_1000, PER_SECOND_5};
use crate::long_connection::WS_PATH;
use crate::media::MEDIA_PATH;

/// One call.
#[derive(Debug)]
pub(crate) struct Api {
    /// How faults, counters and the request log call it.
    pub(crate) name: &'static str,
    method: &'static str,
    path: &'static str,
    pub(crate) limits: &'static [Limit],
    pub(crate) identity: Identity,
    /// Any one of these lets the call pass; empty when none is needed.
    pub(crate) scopes: &'static [&'static str],
}

/// Which token a call takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Identity {
    /// None: the call brings its own credentials, or none.
    Open,
    User,
    Tenant,
    App,
    UserOrTenant,
}

macro_rules! api {
    ($name:literal, $method:literal $path:expr, $limits:expr, $identity:ident, [$($scope:literal),*]) => {
        Api {
            name: $name,
            method: $method,
            path: $path,
            limits: $limits,
            identity: Identity::$identity,
            scopes: &[$($scope),*],
        }
    };
}

#[rustfmt::skip]
pub(crate) static APIS: &[Api] = &[
    api!("oauth.authorize", "GET" "/open-apis/authen/v1/authorize", PER_MINUTE_1000, Open, []),
    api!("oauth.decide", "POST" "/open-apis/authen/v1/authorize", PER_MINUTE_1000, Open, []),
    api!("oauth.token", "POST" "/open-apis/authen/v2/oauth/token", PER_MINUTE_1000, Open, []),
    api!("authen.user_info", "GET" "/open-apis/authen/v1/user_info", PER_MINUTE_1000, User, []),
    api!("authen.v1_refresh", "POST" "/open-apis/authen/v1/refresh_access_token", PER_MINUTE_1000, App, []),
    api!("auth.tenant_token", "POST" "/open-apis/auth/v3/tenant_access_token/internal", PER_MINUTE_1000, Open, []),
    api!("auth.app_token", "POST" "/open-apis/auth/v3/app_access_token/internal", PER_MINUTE_1000, Open, []),
    api!("minutes.search", "POST" "/open-apis/minutes/v1/minutes/search", PER_MINUTE_100, UserOrTenant,
        ["minutes:minutes.search:read"]),
    api!("minutes.subscription", "POST" "/open-apis/minutes/v1/minutes/subscription", PER_MINUTE_1000, User,
        ["minutes:minutes.basic:read"]),
    api!("minutes.unsubscription", "POST" "/open-apis/minutes/v1/minutes/unsubscription", PER_MINUTE_1000, User,
        ["minutes:minutes.basic:read"]),
    api!("minutes.get", "GET" "/open-apis/minutes/v1/minutes/{minute_token}", PER_SECOND_5, UserOrTenant,
        ["minutes:minutes.basic:read", "minutes:minutes:readonly"]),
    api!("minutes.media", "GET" "/open-apis/minutes/v1/minutes/{minute_token}/media", PER_SECOND_5, UserOrTenant,
        ["minutes:minutes.media:export", "minutes:minute:download"]),
    api!("minutes.transcript", "GET" "/open-apis/minutes/v1/minutes/{minute_token}/transcript", PER_SECOND_5,
        UserOrTenant, ["minutes:minutes.transcript:export", "minutes:minute:download"]),
    api!("minutes.artifacts", "GET" "/open-apis/minutes/v1/minutes/{minute_token}/artifacts", PER_SECOND_5,
        UserOrTenant, ["minutes:minutes.artifacts:read"]),
    api!("minutes.statistics", "GET" "/open-apis/minutes/v1/minutes/{minute_token}/statistics", PER_SECOND_5,
        UserOrTenant, ["minutes:minutes.statistics:read", "minutes:minutes:readonly"]),
    api!("vc.meeting.search", "POST" "/open-apis/vc/v1/meetings/search", PER_MINUTE_100, User,
        ["vc:meeting.search:read"]),
    api!("vc.meeting.list_by_no", "GET" "/open-apis/vc/v1/meetings/list_by_no", PER_MINUTE_100, UserOrTenant,
        ["vc:meeting.meetingid:read", "vc:meeting:readonly"]),
    api!("vc.meeting.get", "GET" "/open-apis/vc/v1/meetings/{meeting_id}", PER_MINUTE_1000, UserOrTenant,
        ["vc:meeting.meetingevent:read", "vc:meeting:readonly"]),
    api!("vc.meeting.recording", "GET" "/open-apis/vc/v1/meetings/{meeting_id}/recording", PER_MINUTE_1000,
        UserOrTenant, ["vc:record:readonly"]),
    api!("vc.meeting_list", "GET" "/open-apis/vc/v1/meeting_list", PER_MINUTE_100, UserOrTenant,
        ["vc:rooms.room.detailinfo:read", "vc:room:readonly"]),
    api!("im.message.create", "POST" "/open-apis/im/v1/messages", PER_MINUTE_1000, Tenant,
        ["im:message:send_as_bot", "im:message"]),
    api!("im.message.patch", "PATCH" "/open-apis/im/v1/messages/{message_id}", PER_MINUTE_1000, Tenant,
        ["im:message:send_as_bot", "im:message"]),
    api!("contact.find_by_department", "GET" "/open-apis/contact/v3/users/find_by_department", PER_MINUTE_1000,
        UserOrTenant, ["contact:contact.base:readonly", "contact:department.organize:readonly"]),
    api!("ws.endpoint", "POST" "/callback/ws/endpoint", &[], Open, []),
    api!("ws.connect", "GET" WS_PATH, &[], Open, []),
    api!("media.download", "GET" MEDIA_PATH, &[], Open, []),
    api!("media.head", "HEAD" MEDIA_PATH, &[], Open, []),
];

/// What goes over a long connection and can be bent by a fault like a call: an event, the answer to a ping.
pub(crate) const MESSAGES: [&str; 2] = [EVENT_MESSAGE, PONG_MESSAGE];
pub(crate) const EVENT_MESSAGE: &str = "ws.event";
pub(crate) const PONG_MESSAGE: &str = "ws.pong";

/// Scopes that no call needs by itself: they open events and fields.
const OTHER_SCOPES: &[&str] = &[
    "offline_access",
    "auth:user_access_token:read",
    "contact:user.base:readonly",
    "contact:user.email:readonly",
    "contact:user.employee_id:readonly",
    "vc:meeting.all_meeting:readonly",
];

pub(crate) fn find(method: &Method, matched_path: &str) -> Option<&'static Api> {
    APIS.iter().find(|api| api.method == method.as_str() && api.path == matched_path)
}

/// Every scope the stand-in knows.
pub(crate) fn all_scopes() -> impl Iterator<Item = &'static str> {
    APIS.iter().flat_map(|api| api.scopes.iter().copied()).chain(OTHER_SCOPES.iter().copied())
}

//! `GET /_sim/`: what can be ordered here, with a body to copy for each call.

use axum::Json;
use serde_json::{Value, json};

use crate::api::{APIS, MESSAGES};

type Call = (&'static str, &'static str, &'static str);

#[rustfmt::skip]
const CALLS: &[Call] = &[
    ("GET /_sim/state", "", "clock, app, people, totals of calls, events and media"),
    ("GET /_sim/requests?api=minutes.get&minute_token=…&open_id=…&limit=100", "", "the last calls of the platform, oldest first"),
    ("GET /_sim/counters", "", "calls per API: all, over the limit, by code; Authorization headers leaked to the media host"),
    ("GET /_sim/messages", "", "messages the app sent"),
    ("GET /_sim/clock", "", "now_ms"),
    ("POST /_sim/clock/advance", r#"{"days":7,"ms":0}"#, "moves the clock; due deliveries follow"),
    ("GET /_sim/knobs", "", "how the platform behaves where its documentation leaves it open"),
    ("PATCH /_sim/knobs", r#"{"rate_limits":false,"note_id":"int","media_head":false,"date_skew_ms":600000}"#, "turns some"),
    ("GET /_sim/app", "", "the app: scopes, lifetimes, redirect URLs"),
    ("PATCH /_sim/app", r#"{"scopes":["offline_access"],"refresh_allowed":false,"enabled":true,"subscription":"long_connection"}"#, "changes some; scopes as a whole; subscription: webhook or long_connection"),
    ("POST /_sim/redirect_uris", r#"{"uri":"http://127.0.0.1:29090/auth/callback"}"#, "adds to the app's list; the first makes the list strict"),
    ("GET /_sim/people", "", "people and their grants: authorised, refreshes, refresh_alive, scopes, subscribed"),
    ("POST /_sim/people", r#"{"name":"新同事"}"#, "adds a person; answers with them"),
    ("PATCH /_sim/people/:open_id", r#"{"name":"改名"}"#, "changes a person"),
    ("POST /_sim/people/:open_id/revoke", r#"{"by":"user"}"#, "ends their grants and sends the event; by: user, admin, resign, freeze, security"),
    ("POST /_sim/people/:open_id/tokens", r#"{"scopes":["offline_access","minutes:minutes:readonly"]}"#, "authorises without the page; all scopes when none are named"),
    ("GET /_sim/minutes?sha256=true", "", "recordings with ground truth: rights, expect, media bytes and hash, what was served"),
    ("GET /_sim/minutes/:minute_token", "", "one, with its hash"),
    ("POST /_sim/minutes", r#"{"owner":"王芳","title":"周会","announce":"generated","media":{"kind":"generated","bytes":1048576}}"#, "adds a recording, as in a scenario; answers with it. download_url: its file lies on another host"),
    ("PATCH /_sim/minutes/:minute_token", r#"{"rights":{"media":"nobody"},"title":"改名","deleted":false,"media_version":1}"#, "changes one; media_version: its file becomes another of the same length"),
    ("DELETE /_sim/minutes/:minute_token", "", "deletes one, as its owner would"),
    ("POST /_sim/minutes/:minute_token/ready", "", "ends its waits"),
    ("POST /_sim/minutes/:minute_token/announce", r#"{"as":"generated"}"#, "plays one; as: its own way when absent"),
    ("GET /_sim/meetings", "", "meetings"),
    ("POST /_sim/meetings", r#"{"owner":"王芳","topic":"未录制"}"#, "adds a meeting"),
    ("POST /_sim/play", r#"{"spacing_ms":100}"#, "announces every recording, one after another"),
    ("GET /_sim/webhook", "", "where events go"),
    ("POST /_sim/webhook", r#"{"url":"http://127.0.0.1:29090/webhook/event","check":true}"#, "sets it (null: nowhere); check: asks the URL first, as the console does"),
    ("GET /_sim/events?state=pending", "", "fired events with their attempts; state: pending, delivered, given_up, no_webhook"),
    ("POST /_sim/events", r#"{"event_type":"contact.user.updated_v3","event":{},"schema":"2.0"}"#, "fires any event; schema 1.0 for the old form"),
    ("POST /_sim/events/:event_id/redeliver", r#"{"times":1}"#, "delivers again, with the same event_id"),
    ("GET /_sim/long_connection", "", "connections, live and ended, with their secrets; which event went over which, answered when and how"),
    ("POST /_sim/long_connection/cut", r#"{"connection":null,"how":"reset"}"#, "ends one, or all; how: reset, close, or silence (it stays open, and nothing moves on it any more)"),
    ("GET /_sim/faults", "", "orders, and how often each hit"),
    ("POST /_sim/faults", r#"{"api":"media.download","minute_token":null,"open_id":null,"skip":0,"times":1,"fault":{"kind":"short","bytes":1000}}"#, "orders a fault; the first order that matches a call is played"),
    ("DELETE /_sim/faults", "", "withdraws all"),
    ("DELETE /_sim/faults/:id", "", "withdraws one"),
];

#[rustfmt::skip]
const FAULTS: &[(&str, &str)] = &[
    (r#"{"kind":"answer","status":502,"content_type":"text/html","body":"<h1>502</h1>"}"#, "this instead of an answer (defaults: 200, JSON, empty)"),
    (r#"{"kind":"code","code":2091006,"status":500,"msg":"service internal error"}"#, "a refusal in the API's own form"),
    (r#"{"kind":"rate_limited","status":400,"reset_seconds":2,"header":"reset"}"#, "99991400; header: reset (x-ogw-ratelimit-reset), retry_after or none"),
    (r#"{"kind":"error_page"}"#, "200 with 59 bytes of HTML"),
    (r#"{"kind":"redirect","status":302,"location":"http://10.0.0.1/"}"#, "without location: to itself"),
    (r#"{"kind":"delay","ms":500}"#, "late"),
    (r#"{"kind":"hang"}"#, "never"),
    (r#"{"kind":"reset","after_bytes":null}"#, "connection reset: at once, the call undone; or after that many body bytes, the call done (0: its answer is lost)"),
    (r#"{"kind":"short","bytes":1000}"#, "closed after that many body bytes, short of the promised length"),
    (r#"{"kind":"stall","after_bytes":1000}"#, "silent for ever after that many body bytes"),
    (r#"{"kind":"halve"}"#, "a small body cut in half, honest about its length"),
    (r#"{"kind":"long","extra_bytes":10}"#, "more body than there is, honest about its length"),
    (r#"{"kind":"slow","bytes_per_second":1}"#, "slow"),
    (r#"{"kind":"ignore_range"}"#, "media: 200 and everything"),
    (r#"{"kind":"wrong_bytes","shift_bytes":1}"#, "media: the range asked for, bytes from elsewhere"),
    (r#"{"kind":"wrong_range","shift_bytes":1}"#, "media: another range, and says so"),
    (r#"{"kind":"changed_etag"}"#, "media: other validators, same bytes"),
    (r#"{"kind":"changed_modified"}"#, "media: other Last-Modified, same ETag, same bytes"),
    (r#"{"kind":"changed_object"}"#, "media: another file of the same length"),
    (r#"{"kind":"handshake","status":514,"msg":"auth failed","auth_errcode":1000040344}"#, "ws.connect: the upgrade fails and says so in its headers"),
    (r#"{"kind":"part_lost"}"#, "ws.event: one of its parts never comes"),
    (r#"{"kind":"split","parts":3,"order":"shuffled"}"#, "ws.event: in parts; order: straight, reversed, shuffled"),
    (r#"{"kind":"duplicate"}"#, "ws.event: twice"),
    (r#"{"kind":"no_pong"}"#, "ws.pong: none"),
    (r#"{"kind":"empty_pong"}"#, "ws.pong: without settings"),
    (r#"{"kind":"no_validators"}"#, "media: no ETag, no Last-Modified"),
];

pub(super) async fn docs() -> Json<Value> {
    let body = |text: &str| serde_json::from_str::<Value>(text).unwrap_or(Value::Null);
    Json(json!({
        "calls": CALLS
            .iter()
            .map(|(call, example, does)| json!({ "call": call, "body": body(example), "does": does }))
            .collect::<Vec<_>>(),
        "faults": FAULTS
            .iter()
            .map(|(example, does)| json!({ "fault": body(example), "does": does }))
            .collect::<Vec<_>>(),
        "apis": APIS.iter().map(|api| api.name).chain(MESSAGES).collect::<Vec<_>>(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::{Fault, FaultKind};

    #[test]
    fn every_example_is_what_its_call_takes() {
        for (example, _) in FAULTS {
            serde_json::from_str::<FaultKind>(example).unwrap_or_else(|error| panic!("{example}: {error}"));
        }
        for (call, example, _) in CALLS {
            assert!(
                example.is_empty() || serde_json::from_str::<Value>(example).is_ok(),
                "{call}: {example}"
            );
            if *call == "POST /_sim/faults" {
                serde_json::from_str::<Fault>(example).unwrap();
            }
        }
    }
}

//! Faults on order: which calls they hit, how often, and what happens then.

mod bend;
mod play;

pub(crate) use bend::{Bend, End, bend};
pub(crate) use play::{after, before, over_limit};

use serde::{Deserialize, Serialize};

use crate::scenario::PartOrder;

/// One order. The first that matches a call is played, and none other.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "the order's JSON reads best so")]
pub(crate) struct Fault {
    /// Given by the stand-in.
    #[serde(default)]
    pub(crate) id: u64,
    /// Calls of this API (`minutes.get`, `media.download`, …); absent: of every API.
    pub(crate) api: Option<String>,
    /// Only about this recording.
    pub(crate) minute_token: Option<String>,
    /// Only with this person's token.
    pub(crate) open_id: Option<String>,
    /// Spares this many matching calls first.
    #[serde(default)]
    pub(crate) skip: u32,
    /// Hits this many; absent: until it is withdrawn.
    pub(crate) times: Option<u32>,
    /// Hit so far.
    #[serde(default)]
    pub(crate) hits: u32,
    pub(crate) fault: FaultKind,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum FaultKind {
    /// This answer instead of the real one.
    Answer {
        #[serde(default = "ok")]
        status: u16,
        #[serde(default = "json")]
        content_type: String,
        #[serde(default)]
        body: String,
    },
    /// A refusal in the platform's own form.
    Code {
        code: i64,
        #[serde(default = "bad_request")]
        status: u16,
        #[serde(default)]
        msg: String,
    },
    /// The rate-limit refusal.
    RateLimited {
        #[serde(default = "too_many")]
        status: u16,
        #[serde(default = "one")]
        reset_seconds: i64,
        #[serde(default)]
        header: WaitHeader,
    },
    /// 200 with the 59 bytes of an HTML error page.
    ErrorPage,
    /// `location`, or the very same URL again when absent.
    Redirect {
        #[serde(default = "found")]
        status: u16,
        location: Option<String>,
    },
    /// Waits, then answers well.
    Delay { ms: u64 },
    /// Never answers.
    Hang,
    /// Resets the connection: at once, or after that many body bytes.
    Reset { after_bytes: Option<u64> },
    /// Closes the connection politely after that many body bytes, short of the promised length.
    Short { bytes: u64 },
    /// Stops sending after that many body bytes, and keeps the connection.
    Stall { after_bytes: u64 },
    /// A body cut to half its length, with a length header that agrees.
    Halve,
    /// More body than there should be, with a length header that agrees.
    Long { extra_bytes: u64 },
    /// That slow.
    Slow { bytes_per_second: u64 },
    /// Media host: 200 and the whole body, whatever range was asked for.
    IgnoreRange,
    /// Media host: a 206 that states the range asked for and sends bytes from elsewhere.
    WrongBytes { shift_bytes: u64 },
    /// Media host: a 206 that states another range than was asked for, and sends that.
    WrongRange { shift_bytes: u64 },
    /// Media host: other ETag and Last-Modified, same bytes.
    ChangedEtag,
    /// Media host: other Last-Modified, same ETag, same bytes.
    ChangedModified,
    /// Media host: another file of the same length, with its own ETag.
    ChangedObject,
    /// Media host: no ETag and no Last-Modified.
    NoValidators,
    /// `ws.connect`: the upgrade fails, with the platform's own headers.
    Handshake {
        #[serde(default = "forbidden")]
        status: i64,
        #[serde(default)]
        msg: String,
        auth_errcode: Option<i64>,
    },
    /// `ws.event`: one part of the event never comes.
    PartLost,
    /// `ws.event`: cut into so many parts.
    Split {
        parts: usize,
        #[serde(default)]
        order: PartOrder,
    },
    /// `ws.event`: the event comes twice.
    Duplicate,
    /// `ws.pong`: nothing answers the ping.
    NoPong,
    /// `ws.pong`: a pong with nothing in it.
    EmptyPong,
}

/// How the rate-limit refusal says how long to wait.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WaitHeader {
    /// `x-ogw-ratelimit-reset`, as documented.
    #[default]
    Reset,
    /// `Retry-After`, as what stands between us and the platform says it (RFC 9110 §10.2.3).
    RetryAfter,
    /// It does not say.
    None,
}

fn ok() -> u16 {
    200
}

fn bad_request() -> u16 {
    400
}

fn too_many() -> u16 {
    429
}

fn found() -> u16 {
    302
}

fn one() -> i64 {
    1
}

fn forbidden() -> i64 {
    403
}

fn json() -> String {
    "application/json; charset=utf-8".to_owned()
}

/// What a fault may be matched by.
pub(crate) struct Target<'a> {
    pub(crate) api: &'a str,
    pub(crate) minute_token: Option<&'a str>,
    pub(crate) open_id: Option<&'a str>,
}

#[derive(Default)]
pub(crate) struct Faults {
    pub(crate) orders: Vec<Fault>,
    last_id: u64,
}

impl Faults {
    pub(crate) fn add(&mut self, mut fault: Fault) -> u64 {
        self.last_id += 1;
        fault.id = self.last_id;
        self.orders.push(fault);
        self.last_id
    }

    /// The fault that this call meets, if any; counts it.
    pub(crate) fn meet(&mut self, target: &Target<'_>) -> Option<Fault> {
        let fault = self.orders.iter_mut().find(|fault| fault.is_due(target))?;
        fault.count().then(|| fault.clone())
    }
}

impl Faults {
    /// The fault that a message of a long connection meets; only one that names messages does.
    pub(crate) fn meet_message(&mut self, message: &str) -> Option<FaultKind> {
        let target = Target { api: message, minute_token: None, open_id: None };
        let fault = self.orders.iter_mut().find(|fault| fault.api.is_some() && fault.is_due(&target))?;
        fault.count().then(|| fault.fault.clone())
    }
}

impl Fault {
    /// Whether it hits, or spares this time.
    fn count(&mut self) -> bool {
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        self.hits += 1;
        true
    }

    fn is_due(&self, target: &Target<'_>) -> bool {
        let matches = |wanted: &Option<String>, is: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| Some(wanted) == is)
        };
        self.times.is_none_or(|times| self.hits < times)
            && matches(&self.api, Some(target.api))
            && matches(&self.minute_token, target.minute_token)
            && matches(&self.open_id, target.open_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(json: serde_json::Value) -> Fault {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn hits_only_what_it_names_after_what_it_spares() {
        let mut faults = Faults::default();
        faults.add(order(serde_json::json!({
            "api": "minutes.get", "skip": 1, "times": 2, "fault": { "kind": "hang" },
        })));
        let mut meet = |api| faults.meet(&Target { api, minute_token: None, open_id: None }).is_some();
        assert!(!meet("minutes.media"));
        assert_eq!([(); 4].map(|()| meet("minutes.get")), [false, true, true, false]);
    }

    #[test]
    fn a_misspelt_order_is_refused() {
        let misspelt = serde_json::json!({ "fault": { "kind": "short", "bites": 3 } });
        assert!(serde_json::from_value::<Fault>(misspelt).is_err());
    }
}

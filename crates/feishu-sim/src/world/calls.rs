//! What was called: counters per API, and the last calls one by one.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

use crate::clock::Ms;

/// Calls remembered one by one.
const REMEMBERED: usize = 5_000;

/// One call. Never a token, only whose it was.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Call {
    pub(crate) api: &'static str,
    pub(crate) at_ms: Ms,
    pub(crate) open_id: Option<String>,
    /// `tenant`, `app` or `user`, when a token came.
    pub(crate) identity: Option<&'static str>,
    pub(crate) minute_token: Option<String>,
    /// The URL's query, for the API calls; the media host's is left out, since it is a credential.
    pub(crate) query: Option<String>,
    pub(crate) range: Option<String>,
    pub(crate) status: u16,
    /// The platform's code; absent where the answer is no JSON.
    pub(crate) code: Option<i64>,
    /// The fault that was played, by its id.
    pub(crate) fault: Option<u64>,
    pub(crate) log_id: String,
}

/// Counters of one API.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Count {
    pub(crate) calls: u64,
    pub(crate) over_limit: u64,
    /// Answers by the platform's code, 0 included.
    pub(crate) by_code: BTreeMap<i64, u64>,
}

#[derive(Default)]
pub(crate) struct CallLog {
    pub(crate) counts: BTreeMap<&'static str, Count>,
    pub(crate) recent: VecDeque<Call>,
    /// Requests to the media host that carried an Authorization header. There must be none.
    pub(crate) media_authorization_leaks: u64,
}

impl CallLog {
    pub(crate) fn add(&mut self, call: Call) {
        let count = self.counts.entry(call.api).or_default();
        count.calls += 1;
        if let Some(code) = call.code {
            *count.by_code.entry(code).or_default() += 1;
            count.over_limit += u64::from(code == crate::calls::OVER_LIMIT);
        }
        if self.recent.len() == REMEMBERED {
            self.recent.pop_front();
        }
        self.recent.push_back(call);
    }
}

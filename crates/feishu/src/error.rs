//! What can go wrong when an API is called, sorted by what the caller should do next.

use std::fmt;
use std::time::Duration;

use crate::envelope::{Cause, Failure};

/// The facts of one failed call, fit for logs and pages: no secrets, one short line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// Which API, in the platform's notation, such as `GET minutes/:token/media`.
    pub api: &'static str,
    /// The HTTP status, when there was an answer at all.
    pub status: Option<u16>,
    /// The platform's own code, when the answer was JSON of its shape.
    pub code: Option<i64>,
    /// What went wrong: the platform's words, or ours when it had none.
    pub message: String,
    /// The platform's request id (`X-Tt-Logid`), which its support asks for.
    pub log_id: Option<String>,
}

impl fmt::Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}", self.message, self.api)?;
        if let Some(status) = self.status {
            write!(f, ", HTTP {status}")?;
        }
        if let Some(code) = self.code {
            write!(f, ", code {code}")?;
        }
        if let Some(log_id) = &self.log_id {
            write!(f, ", log id {log_id}")?;
        }
        f.write_str("]")
    }
}

/// Who lacks a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScopeHolder {
    /// The app: an administrator must add the scope and publish a version, then people authorise again.
    App,
    /// The person: they must authorise again, with the scope asked for.
    User,
}

/// A failed API call. Feishu docs: generic error codes, and the code table on each API's page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The access token is wrong or over: refresh it once and try once more.
    #[error("the access token is not accepted: {0}")]
    Unauthorized(Detail),
    /// A scope is missing; trying again changes nothing until `holder` has it.
    #[error("{} lacks the scope {}: {detail}", match holder { ScopeHolder::App => "the app", ScopeHolder::User => "this person's authorisation" }, if scopes.is_empty() { "this API needs".to_owned() } else { scopes.join(", ") })]
    MissingScope {
        /// Who lacks it.
        holder: ScopeHolder,
        /// The scopes that the platform named; any one may be enough. May be empty.
        scopes: Vec<String>,
        /// The facts.
        detail: Detail,
    },
    /// The platform is still making it: ask again later.
    #[error("not ready yet: {0}")]
    NotReady(Detail),
    /// This token may not have this thing; another person's might.
    #[error("permission denied: {0}")]
    Denied(Detail),
    /// It was deleted.
    #[error("deleted on the platform: {0}")]
    Gone(Detail),
    /// The platform knows nothing by this id.
    #[error("not found: {0}")]
    NotFound(Detail),
    /// Over the platform's limit: leave this API alone for `after`.
    #[error("rate limited, wait {} s: {detail}", after.as_secs())]
    RateLimited {
        /// How long to wait, as the platform said.
        after: Duration,
        /// The facts.
        detail: Detail,
    },
    /// Network trouble, trouble inside the platform, or an answer that makes no sense: try again with back-off.
    #[error("temporary trouble: {0}")]
    Transient(Detail),
    /// The platform refuses the request itself, or used a code that this version does not know.
    #[error("refused by the platform: {0}")]
    Permanent(Detail),
}

impl Error {
    /// The facts, whatever the kind.
    #[must_use]
    pub fn detail(&self) -> &Detail {
        match self {
            Self::Unauthorized(detail)
            | Self::MissingScope { detail, .. }
            | Self::NotReady(detail)
            | Self::Denied(detail)
            | Self::Gone(detail)
            | Self::NotFound(detail)
            | Self::RateLimited { detail, .. }
            | Self::Transient(detail)
            | Self::Permanent(detail) => detail,
        }
    }

    /// Whether the further pages of a search are out of reach (2094005: the page token has expired, 2094007: the
    /// pagination limit): a narrower search is needed.
    #[must_use]
    pub fn is_end_of_pages(&self) -> bool {
        matches!(self.code(), Some(2_094_005 | 2_094_007))
    }

    /// The platform's code, if it sent one.
    #[must_use]
    pub fn code(&self) -> Option<i64> {
        self.detail().code
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let Failure { cause, detail } = failure;
        match cause {
            Cause::Network | Cause::Garbled => Self::Transient(detail),
            Cause::RateLimited(after) => Self::RateLimited { after, detail },
            Cause::Platform { code, scopes } => classify(code, scopes, detail),
        }
    }
}

fn classify(code: i64, scopes: Vec<String>, mut detail: Detail) -> Error {
    let status = detail.status.unwrap_or_default();
    match code {
        // 20005: what user_info says for a bad access token; 209401x: what search says.
        99_991_663 | 99_991_664 | 99_991_668 | 99_991_677 | 20_005 | 2_094_011 | 2_094_012 => {
            Error::Unauthorized(detail)
        }
        // Messages: the bot ability is off, or the app may not send. Feishu docs: im-v1/message/create.
        99_991_672 | 230_006 | 230_027 => Error::MissingScope { holder: ScopeHolder::App, scopes, detail },
        99_991_679 => Error::MissingScope { holder: ScopeHolder::User, scopes, detail },
        // 122001, "meeting status unexpected": a recording is asked for while the meeting winds down.
        2_091_003 | 124_002 | 122_001 => Error::NotReady(detail),
        // 2300xx: this person is out of the bot's reach, has left, or wants no messages; 4xxxx: this department is out of
        // the app's contact range.
        2_091_005 | 121_005 | 230_013 | 230_029 | 230_034 | 230_035 | 230_038 | 230_053 | 40_004 | 41_050 => {
            Error::Denied(detail)
        }
        // Too many to one person in a second; no header says how long to wait.
        230_020 => Error::RateLimited { after: Duration::from_secs(1), detail },
        2_091_004 => Error::Gone(detail),
        2_091_002 | 121_004 | 122_002 => Error::NotFound(detail),
        // 2094005, an expired page token: the search started anew succeeds.
        // 230049: the same message is being sent just now.
        230_049 | 2_091_006 | 2_094_005 | 2_095_001 | 2_095_002 | 2_095_101 | 121_001 => {
            Error::Transient(detail)
        }
        2_091_001
        | 121_002
        | 121_003
        | 2_094_001..=2_094_004
        | 2_094_006
        | 2_094_007
        | 2_094_101
        | 2_094_102
        | 230_001
        | 230_022
        | 230_025
        | 230_028
        | 230_099
        | 10_014
        | 10_015 => Error::Permanent(detail),
        _ if status >= 500 || status == 408 => Error::Transient(detail),
        _ if status == 401 => Error::Unauthorized(detail),
        _ => {
            detail.message.push_str(" (a code that this version does not know)");
            Error::Permanent(detail)
        }
    }
}

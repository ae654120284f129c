//! What it means for a grant that a renewal brought no new pair.

use std::io;

use feishu::{ReauthoriseWhy, TokenError};
use serde::{Deserialize, Serialize};

use crate::model::{MemberState, Reason, to_ms};

/// Somebody has to change the app's settings, or make room; looking every ten minutes is soon enough.
pub(super) const OPERATOR_WAIT_MS: i64 = 600_000;

/// A renewal without a new pair.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Refusal {
    pub(super) reason: Reason,
    /// Platform code, message, log id; or what this machine said.
    pub(super) detail: String,
    pub(super) verdict: Verdict,
}

/// What becomes of the grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verdict {
    /// It is over.
    Ends(MemberState),
    /// It is kept, and tried again after so many ms; absent: as trouble goes, at growing intervals.
    Stays(Option<i64>),
}

impl Refusal {
    /// Nobody knows whether the exchange was made.
    pub(super) fn interrupted(detail: String) -> Self {
        Self { reason: Reason::RenewalInterrupted, detail, verdict: Verdict::Stays(None) }
    }

    /// A new pair could not be written down, so none was asked for.
    pub(super) fn cannot_keep(error: &io::Error) -> Self {
        Self { reason: Reason::DataDirNotWritable, detail: error.to_string(), verdict: Verdict::Stays(None) }
    }
}

impl From<TokenError> for Refusal {
    fn from(error: TokenError) -> Self {
        let (reason, verdict) = match &error {
            TokenError::Reauthorise { why, .. } => {
                (reason_of(*why), Verdict::Ends(MemberState::MustAuthorise))
            }
            TokenError::Departed(_) => (Reason::AccountUnavailable, Verdict::Ends(MemberState::Departed)),
            TokenError::Operator(_) => (Reason::AppMisconfigured, Verdict::Stays(Some(OPERATOR_WAIT_MS))),
            TokenError::Malformed(_) => (Reason::RequestMalformed, Verdict::Stays(Some(OPERATOR_WAIT_MS))),
            TokenError::RateLimited { after, .. } => {
                (Reason::RateLimited, Verdict::Stays(Some(to_ms(*after))))
            }
            TokenError::Ambiguous(_) | TokenError::CodeRefused(_) => {
                (Reason::PlatformTrouble, Verdict::Stays(None))
            }
        };
        Self { reason, detail: error.to_string(), verdict }
    }
}

const fn reason_of(why: ReauthoriseWhy) -> Reason {
    match why {
        ReauthoriseWhy::NotV2 => Reason::GrantTooOld,
        ReauthoriseWhy::Expired => Reason::GrantExpired,
        ReauthoriseWhy::Revoked => Reason::GrantRevoked,
        ReauthoriseWhy::AlreadyUsed => Reason::GrantUsedElsewhere,
    }
}

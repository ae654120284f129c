//! What can go wrong when a token is issued, sorted by what happens to the person's grant.
//!
//! Invariant: only an answer that names the end of the grant may end it. Anything ambiguous keeps it.

use std::time::Duration;

use crate::envelope::{Cause, Failure};
use crate::error::Detail;

/// Why a person must authorise again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReauthoriseWhy {
    /// The refresh token is not one of the v2 endpoint (imported from an older tool).
    NotV2,
    /// It ran out, or 365 days have passed since the person authorised.
    Expired,
    /// The person or an administrator revoked it.
    Revoked,
    /// It was used before. Make sure first that no other process has just stored the pair it was used for.
    AlreadyUsed,
}

/// A refused or failed token request. Feishu docs: authen/v2/oauth/token, its error table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The request is wrong: our bug or a wrong setting. Not to be retried; grants stay as they are.
    #[error("the platform calls the token request malformed: {0}")]
    Malformed(Detail),
    /// Wrong secret, app missing, disabled or not installed, or refresh switched off: the operator must act;
    /// grants stay as they are.
    #[error("the app's settings on the platform need an administrator: {0}")]
    Operator(Detail),
    /// The authorisation code was used, expired or not ours, or PKCE failed: the person starts again.
    #[error("the sign-in code is not accepted, please start again: {0}")]
    CodeRefused(Detail),
    /// The refresh token is over for good: the person must authorise again.
    #[error("must authorise again ({}): {detail}", match why { ReauthoriseWhy::NotV2 => "the stored token is of the old kind", ReauthoriseWhy::Expired => "the authorisation has expired", ReauthoriseWhy::Revoked => "the authorisation was revoked", ReauthoriseWhy::AlreadyUsed => "the refresh token was used before" })]
    Reauthorise {
        /// What ended it.
        why: ReauthoriseWhy,
        /// The facts.
        detail: Detail,
    },
    /// The person left, was frozen, or may no longer use the app: stop, and tell the administrator.
    #[error("this person can no longer use the app: {0}")]
    Departed(Detail),
    /// Over the platform's limit: wait `after`.
    #[error("rate limited, wait {} s: {detail}", after.as_secs())]
    RateLimited {
        /// How long to wait, as the platform said.
        after: Duration,
        /// The facts.
        detail: Detail,
    },
    /// Nobody knows whether it worked: network trouble, platform trouble, garbage, an unknown code. Keep the
    /// grant and try again.
    #[error("no clear answer about the token, the grant is kept: {0}")]
    Ambiguous(Detail),
}

impl TokenError {
    /// The facts, whatever the kind.
    #[must_use]
    pub fn detail(&self) -> &Detail {
        match self {
            Self::Malformed(detail)
            | Self::Operator(detail)
            | Self::CodeRefused(detail)
            | Self::Reauthorise { detail, .. }
            | Self::Departed(detail)
            | Self::RateLimited { detail, .. }
            | Self::Ambiguous(detail) => detail,
        }
    }

    /// The platform's code, if it sent one.
    #[must_use]
    pub fn code(&self) -> Option<i64> {
        self.detail().code
    }
}

impl From<Failure> for TokenError {
    fn from(failure: Failure) -> Self {
        let Failure { cause, detail } = failure;
        match cause {
            Cause::Network | Cause::Garbled => Self::Ambiguous(detail),
            Cause::RateLimited(after) => Self::RateLimited { after, detail },
            Cause::Platform { code, .. } => classify(code, detail),
        }
    }
}

fn classify(code: i64, detail: Detail) -> TokenError {
    let reauthorise = |why, detail| TokenError::Reauthorise { why, detail };
    match code {
        // Trouble inside the platform proves nothing about a grant, whatever code comes with it.
        _ if detail.status.is_some_and(|status| status >= 500) => TokenError::Ambiguous(detail),
        20_001 | 20_036 | 20_063 | 20_067 | 20_068 | 20_070 | 20_071 => TokenError::Malformed(detail),
        20_002 | 20_009 | 20_048 | 20_069 | 20_074 | 10_014 | 10_015 => TokenError::Operator(detail),
        20_003 | 20_004 | 20_024 | 20_049 | 20_065 => TokenError::CodeRefused(detail),
        20_026 => reauthorise(ReauthoriseWhy::NotV2, detail),
        20_037 => reauthorise(ReauthoriseWhy::Expired, detail),
        20_064 => reauthorise(ReauthoriseWhy::Revoked, detail),
        20_073 => reauthorise(ReauthoriseWhy::AlreadyUsed, detail),
        20_008 | 20_010 | 20_066 => TokenError::Departed(detail),
        _ => TokenError::Ambiguous(detail),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::tests::reply;
    use proptest::prelude::*;

    fn outcome(status: u16, body: &str) -> &'static str {
        match reply(status, body).into_envelope().err().expect("not a success").into() {
            TokenError::Malformed(_) => "malformed",
            TokenError::Operator(_) => "operator",
            TokenError::CodeRefused(_) => "start again",
            TokenError::Reauthorise { why: ReauthoriseWhy::NotV2, .. } => "not v2",
            TokenError::Reauthorise { why: ReauthoriseWhy::Expired, .. } => "expired",
            TokenError::Reauthorise { why: ReauthoriseWhy::Revoked, .. } => "revoked",
            TokenError::Reauthorise { why: ReauthoriseWhy::AlreadyUsed, .. } => "already used",
            TokenError::Departed(_) => "departed",
            TokenError::RateLimited { .. } => "rate limited",
            TokenError::Ambiguous(_) => "ambiguous",
        }
    }

    const TABLE: [(u16, i64, &str); 32] = [
        (400, 20_001, "malformed"),
        (400, 20_063, "malformed"),
        (400, 20_036, "malformed"),
        (400, 20_067, "malformed"),
        (400, 20_068, "malformed"),
        (400, 20_070, "malformed"),
        (400, 20_071, "malformed"),
        (400, 20_002, "operator"),
        (400, 20_048, "operator"),
        (400, 20_069, "operator"),
        (400, 20_009, "operator"),
        (400, 20_074, "operator"),
        (200, 10_014, "operator"),
        (200, 10_015, "operator"),
        (400, 20_003, "start again"),
        (400, 20_004, "start again"),
        (400, 20_024, "start again"),
        (400, 20_049, "start again"),
        (400, 20_065, "start again"),
        (400, 20_026, "not v2"),
        (400, 20_037, "expired"),
        (400, 20_064, "revoked"),
        (400, 20_073, "already used"),
        (400, 20_008, "departed"),
        (400, 20_010, "departed"),
        (400, 20_066, "departed"),
        (429, 99_991_400, "rate limited"),
        (400, 99_991_400, "rate limited"),
        (500, 20_050, "ambiguous"),
        (503, 20_072, "ambiguous"),
        (400, 7_777_777, "ambiguous"),
        (503, 20_064, "ambiguous"),
    ];

    #[test]
    fn each_code_has_its_outcome() {
        for (status, code, expected) in TABLE {
            let body = format!(r#"{{"code":{code},"error":"invalid_grant","error_description":"words"}}"#);
            assert_eq!(outcome(status, &body), expected, "{status} {code}");
        }
    }

    proptest! {
        #[test]
        fn nothing_but_a_listed_code_ends_a_grant(status in 400_u16..600, code in any::<i64>(), garbage in any::<String>()) {
            prop_assume!(code != 0 && TABLE.iter().all(|(_, listed, _)| *listed != code));
            let unlisted = outcome(status, &format!(r#"{{"code":{code},"error":"invalid_grant"}}"#));
            let garbled = outcome(status, &garbage);
            let expected = if status == 429 { "rate limited" } else { "ambiguous" };
            prop_assert_eq!((unlisted, garbled), (expected, expected));
        }
    }
}

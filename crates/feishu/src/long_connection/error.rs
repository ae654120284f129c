//! Why there is no link, or no more, sorted by what the caller should do.

use std::time::Duration;

use crate::envelope::{Cause, Failure};
use crate::error::Detail;
use crate::guard::GuardRefusal;

/// The platform is busy; its own words are "system busy" and "internal error".
const BUSY: [i64; 2] = [1, 1_000_040_343];
const FORBIDDEN: i64 = 403;
/// Says more in a second code, if at all.
pub(super) const AUTH_FAILED: i64 = 514;
const NO_CREDENTIAL: i64 = 1_000_040_344;
const TOO_MANY: i64 = 1_000_040_350;
/// What other APIs say of a wrong id or secret.
const WRONG_CREDENTIALS: [i64; 2] = [10_014, 10_015];

/// Why there is no link, or no more. None of them shows the link's address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// The network, or trouble inside the platform: come back by [`LinkSettings`](super::LinkSettings).
    #[error("{detail}")]
    Passing {
        /// Not before this, where the platform says so.
        after: Option<Duration>,
        /// The facts.
        detail: Detail,
    },
    /// The platform refuses, or we do: until somebody acts, coming back changes nothing.
    #[error("{detail}")]
    Refused {
        /// What stands in the way.
        why: LinkRefusal,
        /// The facts.
        detail: Detail,
    },
}

/// What an operator has to see to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkRefusal {
    /// The app's id or secret is wrong, or no longer counts.
    Credentials,
    /// The app may not receive events by long connection.
    Forbidden,
    /// The app has as many connections as it may have: other programs use it, too.
    TooMany,
    /// The address leads where our guard does not go.
    Address,
    /// A code that this version does not know.
    Unknown,
}

impl LinkRefusal {
    /// What a code of the endpoint or of a failed upgrade means; `None`: trouble that passes.
    pub(super) fn of(code: i64) -> Option<Self> {
        match code {
            FORBIDDEN => Some(Self::Forbidden),
            TOO_MANY => Some(Self::TooMany),
            AUTH_FAILED | NO_CREDENTIAL => Some(Self::Credentials),
            _ if WRONG_CREDENTIALS.contains(&code) => Some(Self::Credentials),
            _ if BUSY.contains(&code) => None,
            _ => Some(Self::Unknown),
        }
    }
}

impl LinkError {
    pub(super) fn of_code(code: i64, detail: Detail) -> Self {
        match LinkRefusal::of(code) {
            Some(why) => Self::Refused { why, detail },
            None => Self::passing(detail),
        }
    }

    pub(super) fn passing(detail: Detail) -> Self {
        Self::Passing { after: None, detail }
    }

    pub(super) fn guarded(refusal: GuardRefusal, mut detail: Detail) -> Self {
        detail.message = refusal.to_string();
        Self::Refused { why: LinkRefusal::Address, detail }
    }

    /// The facts.
    #[must_use]
    pub fn detail(&self) -> &Detail {
        match self {
            Self::Passing { detail, .. } | Self::Refused { detail, .. } => detail,
        }
    }
}

/// Of the call that asks for an address.
impl From<Failure> for LinkError {
    fn from(failure: Failure) -> Self {
        let Failure { cause, detail } = failure;
        match cause {
            Cause::Network | Cause::Garbled => Self::passing(detail),
            Cause::RateLimited(after) => Self::Passing { after: Some(after), detail },
            // A gateway in trouble may use any code.
            Cause::Platform { .. } if detail.status.is_some_and(|status| status >= 500 || status == 408) => {
                Self::passing(detail)
            }
            Cause::Platform { code, .. } => Self::of_code(code, detail),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_codes_mean_what_the_page_says() {
        for (code, why) in [
            (1, None),
            (1_000_040_343, None),
            (403, Some(LinkRefusal::Forbidden)),
            (514, Some(LinkRefusal::Credentials)),
            (1_000_040_344, Some(LinkRefusal::Credentials)),
            (1_000_040_350, Some(LinkRefusal::TooMany)),
            (10_014, Some(LinkRefusal::Credentials)),
            (4_711, Some(LinkRefusal::Unknown)),
        ] {
            assert_eq!(LinkRefusal::of(code), why, "{code}");
        }
    }
}

//! The platform's ids as checked types, so that no outsider's bytes reach a path or a file name unchecked.
//!
//! Checks are on shape only: a prefix (`obcn`, `ou_`) never decides anything, prefixes differ by region and
//! have changed before.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A text that cannot be the id it was given as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a valid {expected}")]
pub struct InvalidId {
    expected: &'static str,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $expected:literal, $accepts:path) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks the shape; nothing is trimmed or changed.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                if $accepts(text) { Ok(Self(text.to_owned())) } else { Err(InvalidId { expected: $expected }) }
            }

            /// The id as the platform writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

id! {
    /// Names one minute (妙记): 24 lowercase letters and digits today; any 16 to 64 ASCII letters and digits
    /// are taken, so that a longer token of tomorrow is not lost. Feishu docs: minutes-v1/minute/get.
    MinuteToken, "minute token", is_minute_token
}
id! {
    /// A person as one app sees them (`ou_…`). Feishu docs: how to obtain open_id.
    OpenId, "open_id", is_plain_id
}
id! {
    /// One meeting's instance id: digits today; not the 9-digit number people dial. Feishu docs: vc-v1/meeting.
    MeetingId, "meeting id", is_plain_id
}

impl MinuteToken {
    /// Finds the token in a minute's web address on any host: the path segment after `/minutes/`, before
    /// any `?` or `#`.
    #[must_use]
    pub fn from_url(url: &str) -> Option<Self> {
        let without_query = url.split(['?', '#']).next()?;
        let without_scheme = without_query.split_once("://").map_or(without_query, |(_, rest)| rest);
        let (_, after) = without_scheme.split_once("/minutes/")?;
        Self::parse(after.split('/').next()?).ok()
    }
}

fn is_minute_token(text: &str) -> bool {
    (16..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn is_plain_id(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_minutes_address_names_its_token_wherever_it_is() {
        let token = MinuteToken::parse("obcn37dxcftoc3656rgyejm7").unwrap();
        for url in [
            "https://meetings.feishu.cn/minutes/obcn37dxcftoc3656rgyejm7",
            "https://acme.larksuite.com/minutes/obcn37dxcftoc3656rgyejm7?from=auth#t=10",
            "http://127.0.0.1:8080/minutes/obcn37dxcftoc3656rgyejm7/",
            "acme.feishu.cn/minutes/obcn37dxcftoc3656rgyejm7#x?y",
        ] {
            assert_eq!(MinuteToken::from_url(url), Some(token.clone()), "{url}");
        }
        for url in [
            "https://acme.feishu.cn/docs/obcn37dxcftoc3656rgyejm7",
            "https://acme.feishu.cn/?next=/minutes/obcn37dxcftoc3656rgyejm7",
            "https://minutes/obcn37dxcftoc3656rgyejm7",
            "https://acme.feishu.cn/minutes/",
            "https://acme.feishu.cn/minutes/../../etc/passwd",
            "obcn37dxcftoc3656rgyejm7",
            "",
        ] {
            assert_eq!(MinuteToken::from_url(url), None, "{url}");
        }
    }

    #[test]
    fn serde_checks_like_parse() {
        assert!(serde_json::from_str::<OpenId>(r#""ou_84aad35d""#).is_ok());
        for bad in ["\"\"", r#""ou_/../x""#, r#""ou x""#, "7"] {
            assert!(serde_json::from_str::<OpenId>(bad).is_err(), "{bad}");
        }
        let meeting = MeetingId::parse("6911188411934433028").unwrap();
        assert_eq!(serde_json::to_string(&meeting).unwrap(), r#""6911188411934433028""#);
    }

    proptest! {
        #[test]
        fn what_parses_is_safe_in_a_path_and_comes_back(text in "[a-zA-Z0-9_./\\\\%? -]{0,40}|\\PC{0,20}") {
            if let Ok(token) = MinuteToken::parse(&text) {
                prop_assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric()));
                prop_assert_eq!(token.as_str(), &text);
            }
            if let Ok(id) = OpenId::parse(&text) {
                prop_assert!(!text.contains(['/', '\\', '.', '?', '#', '%', ' ']));
                prop_assert_eq!(id.to_string(), text);
            }
        }

        #[test]
        fn every_token_of_today_is_found_with_any_host_and_tail(
            token in "[a-z0-9]{24}",
            host in "[a-z]{1,9}(\\.[a-z]{1,9}){1,3}",
            tail in "([?#/][ -~]{0,40})?",
        ) {
            let found = MinuteToken::from_url(&format!("https://{host}/minutes/{token}{tail}"));
            prop_assert_eq!(found.map(String::from), Some(token));
        }

        #[test]
        fn no_address_breaks_the_reader(url in any::<String>()) {
            let _ = MinuteToken::from_url(&url);
            let _ = MinuteToken::from_url(&format!("https://a/minutes/{url}"));
        }
    }
}

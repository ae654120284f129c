//! `user_tokens.json`: user id → `user_access_token`, `refresh_token`, `expires_in`, `name`.

use std::path::Path;

use secrecy::SecretString;
use serde_json::Value;

use super::LegacyError;
use super::read::text;

pub(super) const FILE: &str = "user_tokens.json";

/// One person whom the script knew.
#[derive(Debug)]
pub(super) struct OldMember {
    /// An open_id, or whatever else the script keyed them by.
    pub(super) key: String,
    pub(super) name: Option<String>,
    /// Of the platform's first login (v1). Works once.
    pub(super) refresh_token: Option<SecretString>,
}

pub(super) fn parse(json: Value, dir: &Path) -> Result<Vec<OldMember>, LegacyError> {
    let Value::Object(entries) = json else {
        let expected = "a map from user ids to their tokens";
        return Err(LegacyError::WrongShape { path: dir.join(FILE), expected });
    };
    let member = |(key, entry): (String, Value)| OldMember {
        name: text(&entry, &["name"]).map(|name| name.trim().to_owned()),
        refresh_token: text(&entry, &["refresh_token"]).map(SecretString::from),
        key,
    };
    Ok(entries.into_iter().map(member).collect())
}

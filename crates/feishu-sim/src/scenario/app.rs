//! The app as its owner sees it in the developer console.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::api;

/// The app's credentials, scopes and security settings.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct App {
    /// `cli_` and 16 characters: the Node SDK refuses other shapes.
    pub app_id: String,
    /// The app's secret.
    pub app_secret: String,
    /// Encrypts and signs events; empty for plain events.
    pub encrypt_key: String,
    /// Comes in each event's `token`.
    pub verification_token: String,
    /// How it receives events.
    pub subscription: Subscription,
    /// The one tenant.
    pub tenant_key: String,
    /// Scopes the app has opened. Those asked for beyond them give page error 20027.
    pub scopes: BTreeSet<String>,
    /// Where the authorize page may send people back to.
    pub redirect_uris: RedirectUris,
    /// `expires_in` of access tokens.
    pub access_token_seconds: i64,
    /// `refresh_token_expires_in` of refresh tokens.
    pub refresh_token_seconds: i64,
    /// False: token calls answer 20069.
    pub enabled: bool,
    /// False: token calls answer 20009.
    pub installed: bool,
    /// The security setting that allows refreshing; false: 20074.
    pub refresh_allowed: bool,
    /// Tokens of the historic v1 login that older tools stored.
    pub v1_tokens: Vec<V1Tokens>,
}

/// The app's list of redirect URLs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RedirectUris {
    /// No check, for servers on a port that is not known beforehand.
    Any,
    /// Exactly these.
    Only(Vec<String>),
}

impl RedirectUris {
    pub(crate) fn allow(&self, uri: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Only(list) => list.iter().any(|allowed| allowed == uri),
        }
    }
}

/// How an app receives events, as its owner chose in the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subscription {
    /// Posted to the webhook.
    Webhook,
    /// Over the connections that the app opens.
    LongConnection,
}

/// A v1 pair: useless at v2, good for `authen/v1/refresh_access_token`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct V1Tokens {
    /// Whose, by name or open_id.
    pub person: String,
    /// `u-…`
    pub access_token: String,
    /// `ur-…`
    pub refresh_token: String,
}

impl Default for App {
    fn default() -> Self {
        Self {
            app_id: "cli_a000000000000001".to_owned(),
            app_secret: "sim0secret0sim0secret0sim0secret".to_owned(),
            encrypt_key: "ek_sim_2f1c9a7be0".to_owned(),
            verification_token: "vt_sim_8d40b1c6a3".to_owned(),
            subscription: Subscription::Webhook,
            tenant_key: "2ca1d211f64f6438".to_owned(),
            scopes: api::all_scopes().map(str::to_owned).collect(),
            redirect_uris: RedirectUris::Any,
            access_token_seconds: 7_200,
            refresh_token_seconds: 604_800,
            enabled: true,
            installed: true,
            refresh_allowed: true,
            v1_tokens: Vec::new(),
        }
    }
}

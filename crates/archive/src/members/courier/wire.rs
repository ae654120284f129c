//! What service and courier say to each other: one JSON object a line, over the courier's standard input and
//! output. Both ends are the same build, so there are no versions. Nothing here is `Debug`: it carries secrets.

use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;

use super::outcomes::{Outcomes, Renewal};
use crate::members::refusal::Refusal;

/// The first line in: who we are to the platform, and where outcomes go.
#[derive(Serialize, Deserialize)]
pub(super) struct Hello {
    app_id: String,
    app_secret: String,
    open_base: Url,
    accounts_base: Url,
    user_agent: String,
    rate_factor: f64,
    folder: PathBuf,
    /// Hexadecimal. It opens outcomes and nothing of the catalogue.
    key: String,
}

/// Every other line in.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Order {
    pub(super) renewal: Renewal,
    refresh_token: String,
}

/// Every line out.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Said {
    /// The folder is this courier's: orders may come.
    Ready,
    /// It cannot work, and ends.
    Unable(String),
    /// What became of an order.
    Done(Renewal, Report),
}

/// What became of a renewal.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::members) enum Report {
    /// The new pair is among the outcomes, durable.
    Kept,
    /// There is no new pair.
    Refused(Refusal),
}

impl Hello {
    pub(super) fn new(platform: &feishu::Settings, outcomes: &Outcomes) -> Self {
        Self {
            app_id: platform.app.app_id.clone(),
            app_secret: platform.app.app_secret.expose_secret().to_owned(),
            open_base: platform.open_base.clone(),
            accounts_base: platform.accounts_base.clone(),
            user_agent: platform.user_agent.clone(),
            rate_factor: platform.rate_factor,
            folder: outcomes.folder().to_owned(),
            key: hex::encode(outcomes.key()),
        }
    }

    pub(super) fn outcomes(&self) -> std::io::Result<Outcomes> {
        let mut key = [0; 32];
        hex::decode_to_slice(&self.key, &mut key).map_err(std::io::Error::other)?;
        Outcomes::open(self.folder.clone(), key)
    }

    pub(super) fn client(self) -> Result<feishu::Client, feishu::BuildError> {
        feishu::Client::new(feishu::Settings {
            app: feishu::AppCredentials { app_id: self.app_id, app_secret: self.app_secret.into() },
            open_base: self.open_base,
            accounts_base: self.accounts_base,
            allow_private_media: false,
            user_agent: self.user_agent,
            rate_factor: self.rate_factor,
        })
    }
}

impl Order {
    pub(super) fn new(renewal: &Renewal, refresh_token: &str) -> Self {
        Self { renewal: renewal.clone(), refresh_token: refresh_token.to_owned() }
    }

    pub(super) fn refresh_token(&self) -> SecretString {
        self.refresh_token.as_str().into()
    }
}

/// One line, with its end.
pub(super) fn line(said: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(said)?;
    line.push(b'\n');
    Ok(line)
}

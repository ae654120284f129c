//! Cards from the app's bot to one person. Feishu docs: im-v1/message/create, im-v1/message/patch.
//!
//! The app needs the bot ability and the scope `im:message:send_as_bot`, and the person has to be in its availability
//! range. Who has neither is told by [`Error::MissingScope`] and [`Error::Denied`].

use std::collections::HashMap;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

use crate::budget::Api;
use crate::client::Client;
use crate::error::Error;
use crate::ids::OpenId;
use crate::lenient;

/// Published 5/s to one person; four, so that a slow line does not bunch them together.
const APART: Duration = Duration::from_millis(250);

/// When each person may get the next message.
#[derive(Debug, Default)]
pub(crate) struct Spacing(Mutex<HashMap<OpenId, Instant>>);

impl Spacing {
    async fn turn(&self, person: &OpenId) {
        let now = Instant::now();
        let at = {
            let mut next = self.0.lock().await;
            next.retain(|_, at| *at > now);
            let at = next.get(person).copied().unwrap_or(now);
            next.insert(person.clone(), at + APART);
            at
        };
        sleep_until(at).await;
    }
}

impl Client {
    /// Sends a card (JSON of at most 30 KB); the id by which it can be updated. Of one `uuid` (at most 50 characters)
    /// the platform sends one message an hour and answers with the same id.
    pub async fn send_card(&self, to: &OpenId, card: &Value, uuid: &str) -> Result<String, Error> {
        let body = json!({
            "receive_id": to.as_str(),
            "msg_type": "interactive",
            "content": card.to_string(),
            "uuid": uuid,
        });
        self.inner.spacing.turn(to).await;
        let request = || {
            self.request(Method::POST, "/open-apis/im/v1/messages")
                .query(&[("receive_id_type", "open_id")])
                .json(&body)
        };
        let answer = self.call_as_tenant(Api::SendMessage, request).await?;
        Ok(lenient::text(answer.data()?, "message_id").ok_or_else(|| answer.without("message_id"))?)
    }

    /// Puts another card in the place of one that was sent in the last 14 days; it makes no sound.
    pub async fn update_card(&self, message_id: &str, card: &Value) -> Result<(), Error> {
        let body = json!({ "content": card.to_string() });
        let path = format!("/open-apis/im/v1/messages/{message_id}");
        let request = || self.request(Method::PATCH, &path).json(&body);
        self.call_as_tenant(Api::UpdateMessage, request).await?;
        Ok(())
    }
}

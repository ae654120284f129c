//! Track one: what the platform posts to us. Checked, stored, answered; the work comes later.

use feishu::{EventHeaders, EventVerifier, Incoming, Refusal};

use super::{Accepted, Inbox, InboxError};

/// What to answer.
#[derive(Debug)]
pub enum Reception {
    /// The URL check: send this text back.
    Challenge(String),
    /// Durable, or known: 200.
    Stored(Accepted),
    /// Not from the platform, or not for us: 4xx, nothing changed.
    Refused(Refusal),
    /// Not stored: 5xx, so that the platform brings it again.
    NotStored(InboxError),
}

/// The webhook's verifier and the inbox behind it. Cheap to clone.
#[derive(Clone)]
pub struct Webhook {
    verifier: std::sync::Arc<EventVerifier>,
    inbox: Inbox,
}

impl Webhook {
    /// A webhook that stores what `verifier` lets through.
    #[must_use]
    pub fn new(verifier: EventVerifier, inbox: Inbox) -> Self {
        Self { verifier: std::sync::Arc::new(verifier), inbox }
    }

    /// Takes one request: headers as they came and the raw body.
    pub async fn receive(&self, headers: &EventHeaders<'_>, body: &[u8]) -> Reception {
        let reception = match self.verifier.open(headers, body) {
            Ok(Incoming::Challenge(challenge)) => Reception::Challenge(challenge),
            Ok(Incoming::Event(event)) => match self.inbox.accept(event).await {
                Ok(accepted) => Reception::Stored(accepted),
                Err(error) => Reception::NotStored(error),
            },
            Err(refusal) => Reception::Refused(refusal),
        };
        metrics::counter!("vault_webhook_requests_total", "outcome" => reception.word()).increment(1);
        reception
    }
}

impl Reception {
    /// The outcome as a metric's label.
    const fn word(&self) -> &'static str {
        match self {
            Self::Challenge(_) => "challenge",
            Self::Stored(Accepted::New) => "new",
            Self::Stored(Accepted::Seen) => "seen",
            Self::Stored(Accepted::Unhandled) => "unhandled",
            Self::Refused(_) => "refused",
            Self::NotStored(_) => "not_stored",
        }
    }
}

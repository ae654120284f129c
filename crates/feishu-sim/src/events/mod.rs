//! Events: what they say, how they are sealed for the webhook, and when they are sent again. The long connection
//! itself is [`crate::long_connection`].
//!
//! Feishu docs: event-subscription-guide.

mod announce;
mod body;
mod delivery;
mod outbox;
pub mod seal;

pub(crate) use announce::{announce, announce_revocation};
pub(crate) use delivery::{PATIENCE, check_url, deliver};
pub(crate) use outbox::{Attempt, Outbox, fire, fire_v1};

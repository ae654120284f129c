//! Events by webhook: what they say, how they are sealed, and when they are sent again.
//!
//! Feishu docs: event-subscription-guide. The long connection is no part of this yet.

mod announce;
mod body;
mod delivery;
mod outbox;
pub mod seal;

pub(crate) use announce::{announce, announce_revocation};
pub(crate) use delivery::{check_url, deliver};
pub(crate) use outbox::{Outbox, fire, fire_v1};

//! The long connection (长连接): events over a WebSocket that we open, for companies without a public address.
//! Feishu docs: event subscription guide, long connection; the frames as in the official SDKs.
//!
//! Here is how one connection is opened ([`endpoint`]), what it brings and how that is answered ([`link`]), what a
//! binary message says ([`frame`]) and how an event that came in parts is put together ([`parts`]). Coming back after
//! a loss, and storing events, is the caller's.

mod endpoint;
mod error;
mod frame;
mod link;
mod parts;
mod settings;
mod upgrade;

pub use endpoint::LinkAddress;
pub use error::{LinkError, LinkRefusal};
pub use frame::{BadFrame, Frame, FrameKind, MAX_FRAME_BYTES, Verdict};
pub use link::{Delivery, Link, News};
pub use parts::Parts;
pub use settings::LinkSettings;
pub(crate) use upgrade::http_client;

//! The long connection (长连接): events over a WebSocket that we open, for companies without a public address.
//! Feishu docs: event subscription guide, long connection; the frames as in the official SDKs.
//!
//! Here is what one binary message says and how an event that came in parts is put together; connecting,
//! pinging and coming back are not.

mod frame;
mod parts;

pub use frame::{BadFrame, Frame, FrameKind, MAX_FRAME_BYTES, Verdict};
pub use parts::Parts;

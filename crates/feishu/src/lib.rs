//! A typed client of the Feishu/Lark Open Platform: sign-in, minutes, meetings, media and events, also by the long
//! connection.
//!
//! It turns the platform's HTTP into Rust types and into errors that say what the caller should do. It is
//! not an archive: it keeps no recordings, stores no grants and never retries on its own. What it does keep
//! is each API's published rate limit (all clones of a [`Client`] share the budgets) and the app's own
//! tenant token.
//!
//! Answers are read leniently, because the platform sends numbers as strings and omits fields; only ids are
//! checked strictly. Every body is bounded. No error, `Debug` or `Display` carries a token or a media URL.

mod auth;
mod budget;
mod client;
mod contact;
mod envelope;
mod error;
mod events;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod guard;
mod ids;
mod lenient;
mod long_connection;
mod media;
mod meeting_list;
mod meetings;
mod messages;
mod minutes;
mod outbound;
mod redact;
mod search;
mod tenant;
mod token_error;

pub use auth::{AppCredentials, Authorize, TokenPair, UserInfo};
pub use budget::{Priority, searches_a_minute};
pub use client::{BuildError, Client, Settings, Timeouts};
pub use error::{Detail, Error, ScopeHolder};
pub use events::{Event, EventHeaders, EventVerifier, Garbled, Incoming, MAX_EVENT_BYTES, Notice, Refusal};
pub use guard::GuardRefusal;
pub use ids::{InvalidId, MeetingId, MinuteToken, OpenId};
pub use long_connection::{
    BadFrame, Delivery, Frame, FrameKind, Link, LinkAddress, LinkError, LinkRefusal, LinkSettings,
    MAX_FRAME_BYTES, News, Parts, Verdict,
};
pub use media::{ByteRange, ContentRange, MediaError, MediaResponse, MediaUrl};
pub use meeting_list::{ListedMeeting, MeetingPage, MeetingStage};
pub use meetings::{Caller, MeetingRecording};
pub use minutes::{Artifacts, Chapter, Minute, Todo, TranscriptFormat};
pub use outbound::{Outbound, OutboundError, OutboundUrl};
pub use search::{MinutePage, MinuteSearch};
pub use token_error::{ReauthoriseWhy, TokenError};

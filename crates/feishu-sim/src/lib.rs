//! A stateful stand-in of the Feishu/Lark Open Platform, for tests and demonstrations.
//!
//! It answers the calls that an archive of meeting recordings needs (authorisation, minutes, meetings,
//! messages, the media host) and sends events, by webhook or over long connections, the way the platform's
//! documentation says, over real sockets. Where the documentation is silent, a knob has both answers; what goes wrong out there can
//! be ordered as a fault. `GET /_sim/` lists every control.
//!
//! It is not a client's mirror: it shares no type with the code it tests, so that a wrong type cannot
//! agree with itself. It keeps nothing on disk.

mod api;
pub mod browser;
mod caller;
mod calls;
mod clock;
mod contact;
mod control;
mod envelope;
mod events;
mod faults;
mod limits;
mod line;
mod long_connection;
mod media;
mod meetings;
mod messages;
mod minutes;
mod oauth;
mod paging;
mod platform;
pub mod scenario;
mod sim;
mod time_range;
mod tokens;
mod world;

pub use events::seal;
pub use scenario::{Scenario, ScenarioError};
pub use sim::{Ready, Sim, User};

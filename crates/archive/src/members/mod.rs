//! Members' grants: sealed at rest, refreshed by one hand at a time, given out to whoever fetches.
//!
//! Invariant: a new token pair is stored durably before anyone uses it, and no ambiguous answer of the
//! platform ends a grant.

mod authorise;
mod courier;
mod farewell;
mod grants;
mod keeper;
mod key;
mod refresh;
mod refusal;
mod roster;
mod scopes;
mod seal;
mod sessions;

pub use authorise::{Ask, AuthoriseError, Authoriser, Started, Welcome};
pub use courier::{Courier, carry};
pub use farewell::{Farewell, forget};
pub use grants::{Access, GrantError, Grants};
pub use keeper::keep_fresh;
pub use key::{KeyError, load_or_make_key};
pub use roster::Roster;
pub use scopes::{APP_SCOPES, COMPANY_RECORD_SCOPE, EVENTS, Features};
pub use seal::{Seal, SealError};
pub use sessions::{Arrival, IDLE_MS, LIFETIME_MS, Session, Sessions};

/// A grant cannot be renewed for longer than 365 days after the person's click, in ms. Feishu docs:
/// authen/v2/oauth/token, code 20037.
pub const LONGEST_GRANT_MS: i64 = 365 * 86_400_000;

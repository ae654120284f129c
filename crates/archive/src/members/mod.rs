//! Members' grants: sealed at rest, refreshed by one hand at a time, given out to whoever fetches.
//!
//! Invariant: a new token pair is stored durably before anyone uses it, and no ambiguous answer of the
//! platform ends a grant.

mod api_tokens;
mod authorise;
mod courier;
mod farewell;
mod grants;
mod keeper;
mod key;
mod preferences;
mod purge;
mod refresh;
mod refusal;
mod roster;
mod scopes;
mod seal;
mod sessions;
mod standing;

pub use api_tokens::{ApiScope, ApiToken, ApiTokens, NewApiToken};
pub use authorise::{Ask, AuthoriseError, Authoriser, Started, Welcome};
pub use courier::{Courier, carry};
pub use farewell::{Farewell, Parting};
pub use grants::{Access, GrantError, Grants};
pub use keeper::keep_fresh;
pub use key::{KeyError, load_or_make_key};
pub use preferences::Preferences;
pub(crate) use purge::remove_purged_files;
pub use purge::{PurgeError, Purged};
pub use roster::Roster;
pub use scopes::{APP_SCOPES, COMPANY_RECORD_SCOPE, EVENTS, Features};
pub use seal::{Seal, SealError};
pub use sessions::{Arrival, IDLE_MS, LIFETIME_MS, Session, Sessions};
pub use standing::{ENDING_MS, Footing, LONGEST_GRANT_MS, Standing};

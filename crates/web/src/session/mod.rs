//! Who has signed in. [`SignedIn`] is what a handler asks for: without a session a browser is sent to the sign-in page
//! and a program is told 401. [`Administrator`] and [`Overseer`] let in fewer. Forms come in by [`Submitted`], which
//! proves that one of our own pages sent them. Programs bring a token instead ([`Caller`]).

mod caller;
mod choices;
mod csrf;
mod porter;
mod roles;
mod submitted;

use archive::audit::{Deed, Verb};
use archive::model::Viewer;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use tracing::error;

pub(crate) use caller::Caller;
pub(crate) use choices::{not_chosen_yet, remembered};
pub use csrf::Csrf;
pub(crate) use porter::{Porter, held};
pub use roles::{Administrator, Overseer};
pub(crate) use roles::{administrators_only, overseers_only};
pub(crate) use submitted::Nothing;
pub use submitted::Submitted;

use crate::notice::Notice;

/// Somebody who has signed in, with what their pages and deeds need.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Who, and as what.
    pub viewer: Viewer,
    /// Their name, as the platform gave it when they signed in.
    pub name: String,
    /// Goes into every form of theirs, as the field `csrf`.
    pub csrf: Csrf,
    /// The address that this request came from.
    pub from: String,
    /// When it came, unix ms.
    pub at_ms: i64,
    /// Names their session; opens nothing.
    pub session: String,
}

impl SignedIn {
    /// What they do with this request, for the audit log.
    #[must_use]
    pub fn deed(&self, verb: Verb, subject: impl Into<String>, detail: Option<String>) -> Deed {
        Deed {
            actor: self.viewer.open_id.clone(),
            verb,
            subject: subject.into(),
            detail,
            from: self.from.clone(),
            at_ms: self.at_ms,
        }
    }
}

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Response> {
        let Some(porter) = parts.extensions.get::<Porter>().cloned() else {
            error!("a door that asks who has signed in was hung without a porter");
            return Err(Notice::Broken.into_response());
        };
        match porter.recognise(parts).await {
            Ok(Some(signed_in)) => Ok(signed_in),
            Ok(None) => Err(porter.turn_away(parts)),
            Err(notice) => Err(notice.into_response()),
        }
    }
}

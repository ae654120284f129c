//! A form that one of our own pages sent: it brings the session's token in its field `csrf`.

use axum::extract::{FromRequest, FromRequestParts as _, RawForm, Request};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::SignedIn;
use crate::notice::Notice;

/// Somebody who has signed in, and the fields of the form that they sent.
#[derive(Debug)]
pub struct Submitted<T> {
    /// Who.
    pub who: SignedIn,
    /// The fields.
    pub form: T,
}

/// The form has no fields but its token.
#[derive(Debug, Deserialize)]
pub(crate) struct Nothing {}

#[derive(Deserialize)]
struct Proof {
    #[serde(default)]
    csrf: String,
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Submitted<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let who = SignedIn::from_request_parts(&mut parts, state).await?;
        let request = Request::from_parts(parts, body);
        let bad_form = |_| Notice::BadForm.into_response();
        let Ok(RawForm(fields)) = RawForm::from_request(request, state).await else {
            return Err(Notice::BadForm.into_response());
        };
        let proof: Proof = serde_html_form::from_bytes(&fields).map_err(bad_form)?;
        if !who.csrf.is(&proof.csrf) {
            return Err(Notice::BadForm.into_response());
        }
        let form = serde_html_form::from_bytes(&fields).map_err(bad_form)?;
        Ok(Self { who, form })
    }
}

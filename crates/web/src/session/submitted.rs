//! A form that one of our own pages sent: it brings the session's token in its field `csrf`.

use axum::Form;
use axum::extract::{FromRequest, FromRequestParts as _, Request};
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
struct Fields<T> {
    #[serde(default)]
    csrf: String,
    #[serde(flatten)]
    form: T,
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Submitted<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let who = SignedIn::from_request_parts(&mut parts, state).await?;
        let request = Request::from_parts(parts, body);
        let Ok(Form(fields)) = Form::<Fields<T>>::from_request(request, state).await else {
            return Err(Notice::BadForm.into_response());
        };
        if !who.csrf.is(&fields.csrf) {
            return Err(Notice::BadForm.into_response());
        }
        Ok(Self { who, form: fields.form })
    }
}

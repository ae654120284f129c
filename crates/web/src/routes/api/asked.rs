//! The query of a request by a program: what does not fit is refused, so that a misspelt filter does not look like an
//! answer.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use serde::de::DeserializeOwned;

use crate::notice::Notice;

/// The parameters behind `?`.
pub(super) struct Asked<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(asked)) => Ok(Self(asked)),
            Err(_) => Err(Notice::BadQuery.into_response()),
        }
    }
}

/// A count of rows between one and the most; what is not said is the usual count.
pub(super) fn limit(asked: Option<i64>, usual: i64, most: i64) -> Result<i64, Notice> {
    match asked {
        None => Ok(usual),
        Some(limit) if (1..=most).contains(&limit) => Ok(limit),
        Some(_) => Err(Notice::BadQuery),
    }
}

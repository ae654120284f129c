//! Plays a fault: some answer instead of the call, others spoil the answer it gave.

use std::time::Duration;

use axum::body::{Body, HttpBody, to_bytes};
use axum::http::{Uri, header};
use axum::response::{IntoResponse, Response};

use super::{Bend, End, FaultKind, WaitHeader, bend};
use crate::calls::OVER_LIMIT;
use crate::envelope::Refusal;
use crate::line::Cutter;
use crate::long_connection;

/// 59 bytes, which a careless tool once kept as a recording.
const ERROR_PAGE: &str = "<html><body><h1>502 Bad Gateway</h1><hr>edge</body></html>\n";
/// Answers that are halved are small.
const HALVED_AT_MOST: usize = 16 * 1024 * 1024;

/// What this fault answers in the call's stead, if it does.
pub(crate) async fn before(fault: &FaultKind, uri: &Uri, flat: bool, cutter: &Cutter) -> Option<Response> {
    match fault {
        FaultKind::Answer { status, content_type, body } => {
            let refusal = Refusal::new(*status, 0, "");
            let content_type = [(header::CONTENT_TYPE, content_type.clone())];
            Some((refusal.status, content_type, body.clone()).into_response())
        }
        FaultKind::Code { code, status, msg } if flat => {
            Some(Refusal::oauth(*status, *code, msg).into_response())
        }
        FaultKind::Code { code, status, msg } => Some(Refusal::new(*status, *code, msg).into_response()),
        FaultKind::RateLimited { status, reset_seconds, header } => {
            let refusal = match header {
                WaitHeader::Reset => over_limit(*status, 5, *reset_seconds),
                WaitHeader::RetryAfter => refused(*status).with_header("retry-after", *reset_seconds),
                WaitHeader::None => refused(*status),
            };
            Some(refusal.into_response())
        }
        FaultKind::ErrorPage => Some(([(header::CONTENT_TYPE, "text/html")], ERROR_PAGE).into_response()),
        FaultKind::Redirect { status, location } => {
            let status = Refusal::new(*status, 0, "").status;
            let location = location.clone().unwrap_or_else(|| uri.to_string());
            Some((status, [(header::LOCATION, location)]).into_response())
        }
        FaultKind::Delay { ms } => {
            tokio::time::sleep(Duration::from_millis(*ms)).await;
            None
        }
        FaultKind::Hang => std::future::pending().await,
        FaultKind::Reset { after_bytes: None } => {
            cutter.cut();
            std::future::pending().await
        }
        FaultKind::Handshake { status, msg, auth_errcode } => {
            Some(long_connection::refuse(*status, msg, *auth_errcode))
        }
        FaultKind::Reset { after_bytes: Some(_) }
        | FaultKind::PartLost
        | FaultKind::Split { .. }
        | FaultKind::Duplicate
        | FaultKind::NoPong
        | FaultKind::EmptyPong
        | FaultKind::Short { .. }
        | FaultKind::Stall { .. }
        | FaultKind::Halve
        | FaultKind::Long { .. }
        | FaultKind::Slow { .. }
        | FaultKind::IgnoreRange
        | FaultKind::WrongBytes { .. }
        | FaultKind::WrongRange { .. }
        | FaultKind::ChangedEtag
        | FaultKind::ChangedModified
        | FaultKind::ChangedObject
        | FaultKind::NoValidators => None,
    }
}

/// What becomes of the call's own answer.
pub(crate) async fn after(fault: &FaultKind, response: Response, cutter: &Cutter) -> Response {
    let how = match fault {
        FaultKind::Reset { after_bytes: Some(bytes) } => {
            Bend { stop: Some((*bytes, End::Reset)), ..Bend::default() }
        }
        FaultKind::Short { bytes } => Bend { stop: Some((*bytes, End::Close)), ..Bend::default() },
        FaultKind::Stall { after_bytes } => {
            Bend { stop: Some((*after_bytes, End::Stall)), ..Bend::default() }
        }
        FaultKind::Long { extra_bytes } => Bend { extra_bytes: *extra_bytes, ..Bend::default() },
        FaultKind::Slow { bytes_per_second } => {
            Bend { bytes_per_second: Some(*bytes_per_second), ..Bend::default() }
        }
        FaultKind::Halve => return halve(response).await,
        _ => return response,
    };
    bend(response, how, cutter)
}

async fn halve(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    debug_assert!(body.size_hint().exact().is_some(), "only whole answers are halved");
    let whole = to_bytes(body, HALVED_AT_MOST).await.unwrap_or_default();
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(whole.slice(..whole.len() / 2)))
}

/// Feishu docs: api-call-guide/frequency-control.
pub(crate) fn over_limit(status: u16, limit: usize, reset_seconds: i64) -> Refusal {
    refused(status)
        .with_header("x-ogw-ratelimit-limit", i64::try_from(limit).unwrap_or(i64::MAX))
        .with_header("x-ogw-ratelimit-reset", reset_seconds)
}

fn refused(status: u16) -> Refusal {
    Refusal::new(status, OVER_LIMIT, "request trigger frequency limit")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_error_page_is_the_size_people_found_on_their_disks() {
        assert_eq!(super::ERROR_PAGE.len(), 59);
    }
}

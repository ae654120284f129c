//! The name under which a browser keeps a file (RFC 6266, RFC 8187).

use std::fmt::Write as _;

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

/// Whether a file is to be shown or kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Disposition {
    /// Shown, and if kept then under its name.
    Inline,
    /// Kept.
    Attachment,
}

/// `Content-Disposition` for a file of this name: once for all browsers in ASCII, once as it is.
pub(crate) fn disposition(how: Disposition, name: &str) -> HeaderValue {
    let how = match how {
        Disposition::Inline => "inline",
        Disposition::Attachment => "attachment",
    };
    let plain: String =
        name.chars()
            .map(|c| {
                if c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%' | '/') || c == ' ' { c } else { '_' }
            })
            .collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    let text = format!("{how}; filename=\"{plain}\"; filename*=UTF-8''{encoded}");
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("attachment"))
}

/// A file that was made for whoever asked, to be kept under this name and by nobody in between.
pub(crate) fn attached(name: &str, kind: &'static str, body: impl Into<Body>) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(kind)),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (CONTENT_DISPOSITION, disposition(Disposition::Attachment, name)),
    ];
    (StatusCode::OK, headers, body.into()).into_response()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_comes_in_both_spellings() {
        let header = disposition(Disposition::Attachment, "周会 \"Q3\".mp4");
        assert_eq!(
            header.to_str().unwrap(),
            "attachment; filename=\"__ _Q3_.mp4\"; filename*=UTF-8''%E5%91%A8%E4%BC%9A%20%22Q3%22.mp4"
        );
    }

    proptest! {
        #[test]
        fn no_name_ends_its_quotes_or_its_header(name in "\\PC{0,80}|(\\PC|[\r\n\"\\\\;]){0,40}") {
            let header = disposition(Disposition::Inline, &name);
            let text = header.to_str().unwrap();
            prop_assert_eq!(text.matches('"').count(), 2);
            prop_assert!(text.starts_with("inline; filename=\"") && text.is_ascii());
        }
    }
}

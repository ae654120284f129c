//! What a body looks like from its label and its first bytes: an error page must never be kept as a video.

use std::fmt;

/// What some bytes look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looks {
    /// No bytes at all.
    Empty,
    /// Starts like MP4 (or M4A, or `QuickTime`).
    Mp4,
    /// A web page.
    Html,
    /// A JSON object or array, such as the platform's errors.
    Json,
    /// XML, such as the errors of object stores.
    Xml,
    /// Other readable text.
    Text,
    /// None of these.
    Unknown,
}

impl Looks {
    /// Judges by the first bytes of a body; 16 are enough for MP4, a few hundred for the rest.
    #[must_use]
    pub fn of(head: &[u8]) -> Self {
        if head.is_empty() {
            return Self::Empty;
        }
        // ISO 14496-12 §4.2: length, then a four-letter type; these may open a file.
        if let Some(b"ftyp" | b"styp" | b"moov" | b"mdat" | b"free" | b"skip" | b"wide" | b"uuid") =
            head.get(4..8)
        {
            return Self::Mp4;
        }
        let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
        let opens_with =
            |tag: &[u8]| head.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag));
        match head.first() {
            Some(b'{' | b'[') => Self::Json,
            Some(b'<') if opens_with(b"<?xml") => Self::Xml,
            Some(b'<') if opens_with(b"<!doctype html") || opens_with(b"<html") || opens_with(b"<head") => {
                Self::Html
            }
            Some(b'<') if opens_with(b"<!--") || opens_with(b"<body") => Self::Html,
            _ if head.iter().all(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~' | 0x80..)) => {
                Self::Text
            }
            _ => Self::Unknown,
        }
    }
}

impl fmt::Display for Looks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "nothing",
            Self::Mp4 => "MP4",
            Self::Html => "a web page (HTML)",
            Self::Json => "a JSON message",
            Self::Xml => "an XML message",
            Self::Text => "plain text",
            Self::Unknown => "something unknown",
        })
    }
}

/// What a `Content-Type` header says when it cannot be a recording, before a byte of the body is read; `None` when it
/// may be one: absent and general types (`application/octet-stream`) are left to the structure check.
#[must_use]
pub fn refuse_content_type(content_type: &str) -> Option<Looks> {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "text/html" | "application/xhtml+xml" => Some(Looks::Html),
        "application/xml" | "text/xml" => Some(Looks::Xml),
        json if json == "application/json" || json.ends_with("+json") => Some(Looks::Json),
        text if text.starts_with("text/") => Some(Looks::Text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_told_apart() {
        for (head, looks) in [
            (&b""[..], Looks::Empty),
            (b"\0\0\0\x20ftypisom", Looks::Mp4),
            (b"\0\0\0\x08wide", Looks::Mp4),
            (b"\n <!DOCTYPE HTML><title>403", Looks::Html),
            (b"<html>", Looks::Html),
            (b"\xEF\xBB\xBF{\"code\":2091005}", Looks::Json),
            (b"<?xml version='1.0'?><Error/>", Looks::Xml),
            (b"403 Forbidden", Looks::Text),
            ("没有权限".as_bytes(), Looks::Text),
            (b"PK\x03\x04\0\0\0\0\0\0", Looks::Unknown),
        ] {
            assert_eq!(Looks::of(head), looks, "{}", String::from_utf8_lossy(head));
        }
    }

    #[test]
    fn only_labels_that_cannot_be_media_are_refused() {
        assert_eq!(refuse_content_type("Text/HTML; charset=utf-8"), Some(Looks::Html));
        assert_eq!(refuse_content_type("application/json;charset=UTF-8"), Some(Looks::Json));
        assert_eq!(refuse_content_type("application/problem+json"), Some(Looks::Json));
        assert_eq!(refuse_content_type("text/plain"), Some(Looks::Text));
        for media in ["video/mp4", "audio/mp4", "application/octet-stream", "binary/octet-stream", ""] {
            assert_eq!(refuse_content_type(media), None, "{media}");
        }
    }
}

//! Two headers that outsiders write and that have more shapes than they should: Content-Range (RFC 9110
//! §14.4) and Content-Disposition (RFC 6266, RFC 8187).

use percent_encoding::percent_decode_str;

/// The longest file name kept, in characters.
const MAX_NAME_CHARS: usize = 255;

/// Which bytes of the file a 206 carries; both ends inclusive, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContentRange {
    /// The first byte.
    pub start: u64,
    /// The last byte.
    pub end: u64,
    /// The file's length in bytes, unless the host does not know it.
    pub total: Option<u64>,
}

impl ContentRange {
    /// Reads `bytes 0-99/1000` or `bytes 0-99/*`; `None` when it contradicts itself.
    #[must_use]
    pub fn parse(header: &str) -> Option<Self> {
        let (range, total) = bytes_unit(header)?.split_once('/')?;
        let (start, end) = range.split_once('-')?;
        let total = match total.trim() {
            "*" => None,
            digits => Some(number(digits)?),
        };
        let (start, end) = (number(start)?, number(end)?);
        (start <= end && total.is_none_or(|total| end < total)).then_some(Self { start, end, total })
    }
}

/// The file's length in the `bytes */1000` of a 416.
pub(crate) fn unsatisfied_total(header: &str) -> Option<u64> {
    number(bytes_unit(header)?.strip_prefix("*/")?)
}

/// The file name that a Content-Disposition suggests: `filename*` before `filename`, percent-decoded, its
/// last path segment, without control characters.
pub(crate) fn file_name(header: &str) -> Option<String> {
    let mut plain = None;
    for (key, value) in parameters(header) {
        match key.as_str() {
            "filename*" => {
                if let Some(name) = extended_value(&value).as_deref().and_then(clean) {
                    return Some(name);
                }
            }
            "filename" if plain.is_none() => {
                // The platform percent-encodes the plain form, too.
                let decoded = percent_decode_str(&value).decode_utf8().map(std::borrow::Cow::into_owned);
                plain = clean(&decoded.unwrap_or(value));
            }
            _ => {}
        }
    }
    plain
}

fn bytes_unit(header: &str) -> Option<&str> {
    let (unit, rest) = header.trim().split_once(' ')?;
    unit.eq_ignore_ascii_case("bytes").then_some(rest.trim())
}

fn number(digits: &str) -> Option<u64> {
    let digits = digits.trim();
    // `u64::from_str` would take a plus sign.
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// `key=value` pairs, keys in lowercase; a semicolon inside quotes does not end a value.
fn parameters(header: &str) -> Vec<(String, String)> {
    let mut parts = vec![String::new()];
    let (mut quoted, mut escaped) = (false, false);
    for character in header.chars() {
        let value = match parts.last_mut() {
            Some(_) if character == ';' && !quoted => {
                parts.push(String::new());
                continue;
            }
            Some(part) => part,
            None => break,
        };
        if escaped {
            escaped = false;
            value.push(character);
        } else if quoted && character == '\\' {
            escaped = true;
        } else if character == '"' {
            quoted = !quoted;
        } else {
            value.push(character);
        }
    }
    parts
        .iter()
        .filter_map(|part| part.split_once('='))
        .map(|(key, value)| (key.trim().to_ascii_lowercase(), value.trim().to_owned()))
        .collect()
}

/// `UTF-8''%E5%91%A8.mp4`, RFC 8187; other charsets are not worth a table.
fn extended_value(value: &str) -> Option<String> {
    let (charset, rest) = value.split_once('\'')?;
    let (_language, encoded) = rest.split_once('\'')?;
    charset
        .eq_ignore_ascii_case("utf-8")
        .then(|| percent_decode_str(encoded).decode_utf8().ok())?
        .map(Into::into)
}

fn clean(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String =
        last.chars().filter(|character| !character.is_control()).take(MAX_NAME_CHARS).collect();
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use proptest::prelude::*;

    #[test]
    fn ranges_that_contradict_themselves_are_none() {
        let range = |start, end, total| Some(ContentRange { start, end, total });
        assert_eq!(ContentRange::parse("bytes 0-99/1000"), range(0, 99, Some(1000)));
        assert_eq!(ContentRange::parse("Bytes 5-5/*"), range(5, 5, None));
        for bad in [
            "bytes 9-5/10",
            "bytes 0-10/10",
            "bytes */10",
            "bytes +1-2/3",
            "items 0-1/2",
            "0-1/2",
            "bytes -1/2",
            "",
        ] {
            assert_eq!(ContentRange::parse(bad), None, "{bad}");
        }
        assert_eq!(unsatisfied_total("bytes */1000"), Some(1000));
        assert_eq!(unsatisfied_total("bytes */*"), None);
    }

    #[test]
    fn names_come_in_many_dresses() {
        for (header, name) in [
            (r#"attachment; filename="weekly; Q4.mp4""#, Some("weekly; Q4.mp4")),
            ("attachment; filename=%E5%91%A8%E4%BC%9A.mp4", Some("周会.mp4")),
            (r#"attachment; filename="x.mp4"; filename*=UTF-8''%E5%91%A8%E4%BC%9A.mp4"#, Some("周会.mp4")),
            (r"attachment; filename*=utf-8'zh'a%2Fb.mp4", Some("b.mp4")),
            (r#"attachment; filename="../../etc/passwd""#, Some("passwd")),
            (r#"attachment; filename="say \"hi\".mp4""#, Some(r#"say "hi".mp4"#)),
            (r#"attachment; filename*=GBK''%D6%DC; filename="y.mp4""#, Some("y.mp4")),
            ("attachment; filename=周会.mp4", Some("周会.mp4")),
            ("attachment; filename=\"100%.mp4\"", Some("100%.mp4")),
            ("attachment", None),
            ("attachment; filename=\"\"", None),
            ("attachment; filename=\"/\"", None),
        ] {
            assert_eq!(file_name(header).as_deref(), name, "{header}");
        }
    }

    proptest! {
        #[test]
        fn any_honest_range_is_read_back(start in 0..u64::MAX / 4, length in 1..u64::MAX / 4, more in 0..u64::MAX / 4) {
            let (end, total) = (start + length - 1, start + length + more);
            let header = format!("bytes {start}-{end}/{total}");
            prop_assert_eq!(ContentRange::parse(&header), Some(ContentRange { start, end, total: Some(total) }));
        }

        #[test]
        fn an_encoded_name_comes_back_whole(name in "[^/\\\\\\p{C}\\s]{1,40}\\.mp4") {
            let header = format!("attachment; filename=\"x\"; filename*=UTF-8''{}", utf8_percent_encode(&name, NON_ALPHANUMERIC));
            prop_assert_eq!(file_name(&header), Some(name));
        }

        #[test]
        fn no_header_breaks_the_reader_or_yields_a_path(header in any::<String>()) {
            let _ = (ContentRange::parse(&header), unsatisfied_total(&header));
            if let Some(name) = file_name(&format!("attachment; filename={header}")) {
                prop_assert!(!name.contains(['/', '\\']) && !name.contains(char::is_control));
                prop_assert!(!name.is_empty() && name.chars().count() <= 255);
            }
        }
    }
}

//! `Range` of a request (RFC 9110 §14): one range of bytes. Several at once are answered with the whole, as the RFC
//! allows: no player asks for them, and answering them costs more than it gives.

use std::ops::Range;

/// What of a file a request wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// All of it.
    Whole,
    /// These bytes, at least one.
    Part(Range<u64>),
    /// Bytes that it does not have.
    Beyond,
}

/// Reads the header for a file of `length` bytes. What makes no sense is as if it were not there.
pub(crate) fn wanted(header: &str, length: u64) -> Wanted {
    let Some((unit, set)) = header.split_once('=') else { return Wanted::Whole };
    let Some((first, last)) = set.trim().split_once('-').filter(|_| !set.contains(',')) else {
        return Wanted::Whole;
    };
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return Wanted::Whole;
    }
    let range = match (position(first), position(last)) {
        (Ok(Some(first)), Ok(None)) => first..length,
        (Ok(Some(first)), Ok(Some(last))) if first <= last => first..last.saturating_add(1).min(length),
        (Ok(None), Ok(Some(count))) => length.saturating_sub(count)..length,
        _ => return Wanted::Whole,
    };
    if range.start < range.end { Wanted::Part(range) } else { Wanted::Beyond }
}

/// A number that does not fit is beyond every file.
fn position(text: &str) -> Result<Option<u64>, ()> {
    let text = text.trim();
    if text.is_empty() {
        Ok(None)
    } else if text.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(Some(text.parse().unwrap_or(u64::MAX)))
    } else {
        Err(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ranges_as_the_rfc_has_them() {
        for (header, expected) in [
            ("bytes=0-0", Wanted::Part(0..1)),
            ("bytes=0-", Wanted::Part(0..100)),
            ("Bytes = 90-200", Wanted::Part(90..100)),
            ("bytes=-10", Wanted::Part(90..100)),
            ("bytes=-1000", Wanted::Part(0..100)),
            ("bytes=-0", Wanted::Beyond),
            ("bytes=100-", Wanted::Beyond),
            ("bytes=99999999999999999999999-", Wanted::Beyond),
            ("bytes=5-99999999999999999999999", Wanted::Part(5..100)),
            ("bytes=6-5", Wanted::Whole),
            ("bytes=0-1,5-6", Wanted::Whole),
            ("bytes=-", Wanted::Whole),
            ("bytes=a-b", Wanted::Whole),
            ("lines=0-1", Wanted::Whole),
            ("", Wanted::Whole),
        ] {
            assert_eq!(wanted(header, 100), expected, "{header}");
        }
        assert_eq!(wanted("bytes=0-", 0), Wanted::Beyond);
    }

    proptest! {
        #[test]
        fn whatever_is_asked_for_lies_within(header in "\\PC{0,40}|bytes=[0-9]{0,25}-[0-9]{0,25}", length: u64) {
            if let Wanted::Part(range) = wanted(&header, length) {
                prop_assert!(range.start < range.end && range.end <= length);
            }
        }
    }
}

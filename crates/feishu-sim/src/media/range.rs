//! The Range header (RFC 9110 §14): one range is honoured, several and malformed ones are ignored.

use std::ops::Range;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// No range, or none that this host understands.
    Whole,
    Part(Range<u64>),
    Unsatisfiable,
}

pub(super) fn asked(header: Option<&str>, length: u64) -> Asked {
    let parsed = header.and_then(|header| header.strip_prefix("bytes=")).and_then(|spec| parse(spec, length));
    match parsed {
        None => Asked::Whole,
        Some(range) if range.start >= range.end => Asked::Unsatisfiable,
        Some(range) => Asked::Part(range),
    }
}

/// The range, cut at the file's end; empty when it begins there.
fn parse(spec: &str, length: u64) -> Option<Range<u64>> {
    let (first, last) = spec.trim().split_once('-')?;
    if first.is_empty() {
        let suffix: u64 = last.parse().ok()?;
        return Some(length.saturating_sub(suffix)..length);
    }
    let first: u64 = first.parse().ok()?;
    let end = if last.is_empty() { length } else { last.parse::<u64>().ok()?.checked_add(1)?.min(length) };
    (last.is_empty() || last.parse::<u64>().ok()? >= first).then_some(first..end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_the_three_forms() {
        assert_eq!(asked(Some("bytes=0-99"), 1_000), Asked::Part(0..100));
        assert_eq!(asked(Some("bytes=900-"), 1_000), Asked::Part(900..1_000));
        assert_eq!(asked(Some("bytes=-1"), 1_000), Asked::Part(999..1_000));
        assert_eq!(asked(Some("bytes=990-2000"), 1_000), Asked::Part(990..1_000));
    }

    #[test]
    fn beyond_the_end_is_unsatisfiable_and_nonsense_is_ignored() {
        assert_eq!(asked(Some("bytes=1000-"), 1_000), Asked::Unsatisfiable);
        assert_eq!(asked(Some("bytes=-0"), 1_000), Asked::Unsatisfiable);
        for nonsense in ["bytes=5-4", "bytes=a-b", "bytes=0-1,4-5", "lines=0-1", "bytes=", ""] {
            assert_eq!(asked(Some(nonsense), 1_000), Asked::Whole, "{nonsense}");
        }
        assert_eq!(asked(None, 1_000), Asked::Whole);
    }

    proptest! {
        #[test]
        fn never_leaves_the_file(spec in "(bytes=)?[-0-9, ]{0,30}", length in 0..u64::MAX) {
            if let Asked::Part(range) = asked(Some(&spec), length) {
                prop_assert!(range.start < range.end && range.end <= length);
            }
        }
    }
}

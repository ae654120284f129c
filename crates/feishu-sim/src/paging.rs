//! Pages of a list, with tokens that belong to one query and grow old.

use std::ops::RangeInclusive;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use sha2::{Digest, Sha256};

use crate::clock::{HOUR, Ms};

/// A page token older than this has expired.
const TOKEN_MS: Ms = HOUR;

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    pub(crate) total: usize,
    pub(crate) next: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PageError {
    /// The size is no positive number.
    Size,
    /// The size is beyond the largest.
    TooLarge,
    /// The token is not of this query, or too old.
    Token,
}

/// One page of `all`. `sizes` runs from the size when none is asked for to the largest; `query` is
/// what the caller asked, so that a token of one query does not work for another.
pub(crate) fn page<T>(
    all: Vec<T>,
    size: Option<&str>,
    token: Option<&str>,
    sizes: RangeInclusive<usize>,
    query: &str,
    now: Ms,
) -> Result<Page<T>, PageError> {
    let size = match size.filter(|size| !size.is_empty()) {
        None => *sizes.start(),
        Some(size) => size.parse().ok().filter(|&size| size > 0).ok_or(PageError::Size)?,
    };
    if size > *sizes.end() {
        return Err(PageError::TooLarge);
    }
    let query = hex::encode(&Sha256::digest(query)[..8]);
    let from = match token.filter(|token| !token.is_empty()) {
        None => 0,
        Some(token) => read(token, &query, now).ok_or(PageError::Token)?,
    };
    let total = all.len();
    let items: Vec<T> = all.into_iter().skip(from).take(size).collect();
    let to = from + items.len();
    let next = (to < total).then(|| BASE64.encode(format!("{to} {now} {query}")));
    Ok(Page { items, total, next })
}

fn read(token: &str, query: &str, now: Ms) -> Option<usize> {
    let text = String::from_utf8(BASE64.decode(token).ok()?).ok()?;
    let mut parts = text.split(' ');
    let from = parts.next()?.parse().ok()?;
    let issued_ms: Ms = parts.next()?.parse().ok()?;
    (parts.next()? == query && now.checked_sub(issued_ms)? < TOKEN_MS).then_some(from)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn turn(token: Option<&str>, query: &str, now: Ms) -> Result<Page<usize>, PageError> {
        page((0..40).collect(), Some("15"), token, 15..=30, query, now)
    }

    #[test]
    fn pages_follow_each_other_to_the_end() {
        let mut seen = Vec::new();
        let mut token = None;
        loop {
            let page = turn(token.as_deref(), "q", 0).unwrap();
            assert_eq!(page.total, 40);
            seen.extend(page.items);
            token = page.next;
            if token.is_none() {
                break;
            }
        }
        assert_eq!(seen, (0..40).collect::<Vec<_>>());
    }

    #[test]
    fn a_token_is_for_its_query_and_its_hour() {
        let token = turn(None, "q", 0).unwrap().next.unwrap();
        assert!(turn(Some(&token), "q", HOUR - 1).is_ok());
        assert_eq!(turn(Some(&token), "other", 0), Err(PageError::Token));
        assert_eq!(turn(Some(&token), "q", HOUR), Err(PageError::Token));
    }

    #[test]
    fn sizes_are_checked() {
        let sized = |size| page(vec![1, 2], Some(size), None, 15..=30, "", 0);
        assert_eq!(sized("31"), Err(PageError::TooLarge));
        assert_eq!(sized("0"), Err(PageError::Size));
        assert_eq!(sized("ten"), Err(PageError::Size));
    }

    proptest! {
        #[test]
        fn garbage_tokens_are_refused(token in ".+") {
            prop_assert_eq!(turn(Some(&token), "q", 0), Err(PageError::Token));
        }
    }
}

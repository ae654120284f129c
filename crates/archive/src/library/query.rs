//! What somebody searches for: parts separated by spaces, all of which must be there; "in quotes" a part may have
//! spaces itself.

use super::fold::Folded;
use super::words::{Sought, sought, sought_initials};
use crate::catalog::{Catalog, CatalogError};

/// Longer queries are cut.
const LONGEST: usize = 200;
const MOST_PARTS: usize = 8;

/// A query.
#[derive(Debug, Clone)]
pub struct SearchQuery {
    pub(super) parts: Vec<Part>,
}

/// One part of a query.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// Folded.
    pub(super) needle: String,
    words: Vec<Sought>,
    initials: Vec<Sought>,
}

impl SearchQuery {
    /// None when there is nothing in it that could be found.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text: String = text.chars().take(LONGEST).collect();
        let mut parts = Vec::new();
        for (number, piece) in text.split(['"', '“', '”', '「', '」']).enumerate() {
            if number % 2 == 1 {
                parts.extend(Part::new(piece));
            } else {
                parts.extend(piece.split_whitespace().filter_map(Part::new));
            }
        }
        parts.truncate(MOST_PARTS);
        (!parts.is_empty()).then_some(Self { parts })
    }

    /// The documents that may answer it, rising.
    pub(super) async fn documents(&self, catalog: &Catalog) -> Result<Vec<u32>, CatalogError> {
        let mut found: Option<Vec<u32>> = None;
        for part in &self.parts {
            let mut of_part = documents_with_all(catalog, &part.words).await?;
            if !part.initials.is_empty() {
                of_part.extend(documents_with_all(catalog, &part.initials).await?);
                of_part.sort_unstable();
                of_part.dedup();
            }
            let all = narrowed(found, of_part);
            if all.is_empty() {
                return Ok(all);
            }
            found = Some(all);
        }
        Ok(found.unwrap_or_default())
    }
}

async fn documents_with_all(catalog: &Catalog, words: &[Sought]) -> Result<Vec<u32>, CatalogError> {
    let mut found: Option<Vec<u32>> = None;
    for word in words {
        let all = narrowed(found, catalog.documents_with(word).await?);
        if all.is_empty() {
            return Ok(all);
        }
        found = Some(all);
    }
    Ok(found.unwrap_or_default())
}

/// What is in both, or all of the other when nothing was found yet; all rising.
fn narrowed(found: Option<Vec<u32>>, by: Vec<u32>) -> Vec<u32> {
    let Some(mut found) = found else { return by };
    let mut rest = by.as_slice();
    found.retain(|number| {
        rest = &rest[rest.partition_point(|it| it < number)..];
        rest.first() == Some(number)
    });
    found
}

impl Part {
    fn new(text: &str) -> Option<Self> {
        let needle = Folded::new(text).text;
        let words = sought(&needle);
        let initials = sought_initials(&needle);
        (!words.is_empty()).then_some(Self { needle, words, initials })
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::btree_set;
    use proptest::prelude::*;

    use super::*;

    fn needles(text: &str) -> Vec<String> {
        SearchQuery::parse(text)
            .map(|query| query.parts.into_iter().map(|part| part.needle).collect())
            .unwrap_or_default()
    }

    #[test]
    fn parts_are_separated_by_spaces_unless_quoted() {
        assert_eq!(needles("预算 Q3"), ["预算", "q3"]);
        assert_eq!(needles("“machine  learning” 中文GPT5"), ["machine learning", "中文gpt5"]);
        assert_eq!(needles("\"never closed"), ["never closed"]);
        assert!(needles(" ，。👍 \"\" ").is_empty());
        assert_eq!(needles(&"字 ".repeat(500)).len(), 8);
    }

    proptest! {
        #[test]
        fn what_is_in_both_is_what_sets_say(one in btree_set(0_u32..60, 0..40), other in btree_set(0_u32..60, 0..40)) {
            let both: Vec<u32> = one.intersection(&other).copied().collect();
            let other = other.into_iter().collect();
            prop_assert_eq!(narrowed(Some(one.into_iter().collect()), other), both);
        }
    }
}

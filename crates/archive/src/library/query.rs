//! What somebody searches for: parts separated by spaces, all of which must be there; "in quotes" a part may have
//! spaces itself.

use super::fold::Folded;
use super::words::{Sought, sought, sought_initials};

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

    /// For SQLite's FTS5.
    pub(super) fn for_sqlite(&self) -> String {
        self.expression(" AND ", " OR ", |word| match word {
            Sought::Whole(word) => format!("\"{word}\""),
            Sought::Beginning(word) => format!("\"{word}\" *"),
        })
    }

    /// For PostgreSQL's tsquery.
    pub(super) fn for_postgres(&self) -> String {
        self.expression(" & ", " | ", |word| match word {
            Sought::Whole(word) => format!("'{word}'"),
            Sought::Beginning(word) => format!("'{word}':*"),
        })
    }

    fn expression(&self, and: &str, or: &str, write: impl Fn(&Sought) -> String) -> String {
        let all = |words: &[Sought]| format!("({})", words.iter().map(&write).collect::<Vec<_>>().join(and));
        let part = |part: &Part| {
            if part.initials.is_empty() {
                all(&part.words)
            } else {
                format!("({}{or}{})", all(&part.words), all(&part.initials))
            }
        };
        self.parts.iter().map(part).collect::<Vec<_>>().join(and)
    }
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

    #[test]
    fn nothing_of_the_text_reaches_the_database_but_letters_and_digits() {
        let query = SearchQuery::parse("a* OR c:d 'x' & !y | 数").unwrap();
        assert_eq!(
            query.for_sqlite(),
            "(\"a\") AND ((\"or\" *) OR (\"0or\")) AND (\"c\" AND \"d\") AND (\"x\") AND (\"y\") AND (\"x6570\")"
        );
        assert!(!query.for_postgres().contains('"'));
    }
}

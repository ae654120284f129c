//! How answers are written to stdout: tables and facts for people, JSON for programs, times and sizes for
//! both. Remote text is made harmless here, for no title may move a terminal's cursor.

mod csv;
mod since;
mod table;

use std::fmt::Display;
use std::io::{IsTerminal as _, Write as _};

use serde_json::Value;

pub use csv::Csv;
pub use since::Since;
pub use table::Table;
pub use web::amounts::size;
pub use web::moments::Moments;

/// Writes a line. A reader that has gone away (`… | head`) is no error.
pub fn line(text: impl Display) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// Writes text as it is.
pub fn raw(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

/// Writes the answer for programs.
pub fn json(value: &Value) {
    line(format_args!("{value:#}"));
}

/// Whether a person watches.
pub fn is_terminal() -> bool {
    std::io::stdout().is_terminal()
}

/// A remote text on one line: nothing in it may move the cursor or turn the direction of writing.
pub fn harmless(text: &str) -> String {
    let turns =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().filter(|c| !c.is_control() && !turns(*c)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_text_leaves_its_line(text in any::<String>()) {
            let leaves = |c: char| c.is_control() || c == '\u{202e}';
            prop_assert!(!harmless(&text).contains(leaves));
        }

        #[test]
        fn plain_text_stays_as_it_is(text in "[\\p{Han}A-Za-z0-9 ：，]{0,60}") {
            prop_assert_eq!(harmless(&text), text);
        }
    }
}

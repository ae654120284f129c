//! Texts as the search sees them: small letters, full-width forms narrow, marks and what is invisible gone, all that
//! is neither letter nor digit one space; and no space between Chinese and Latin letters, which some write and some
//! do not.

/// What a character is to the search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Chinese, Japanese and Korean: written without spaces.
    Wide,
    /// Other letters and digits.
    Word,
    /// Everything between.
    Gap,
}

pub(super) fn class(c: char) -> Class {
    match c {
        '\u{3005}'..='\u{3007}'
        | '\u{3041}'..='\u{309F}'
        | '\u{30A1}'..='\u{30FA}'
        | '\u{30FC}'..='\u{30FF}'
        | '\u{31F0}'..='\u{31FF}'
        | '\u{3400}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}'
        | '\u{AC00}'..='\u{D7A3}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFD}' => Class::Wide,
        _ if c.is_alphanumeric() => Class::Word,
        _ => Class::Gap,
    }
}

/// A folded text that knows where it came from.
#[derive(Debug, Default)]
pub(super) struct Folded {
    /// The text; of gaps only single spaces between words are left.
    pub(super) text: String,
    /// For each byte of it, the bytes of the original from which its character came.
    origins: Vec<(usize, usize)>,
}

impl Folded {
    pub(super) fn new(original: &str) -> Self {
        let mut folded = Self { text: String::with_capacity(original.len()), origins: Vec::new() };
        folded.origins.reserve(original.len());
        let mut last = Class::Gap;
        let mut is_behind_gap = false;
        for (at, c) in original.char_indices() {
            if is_ignored(c) {
                continue;
            }
            let origin = (at, at + c.len_utf8());
            // Most of what is said here; it is as it is.
            if matches!(c, '\u{4E00}'..='\u{9FFF}') {
                if is_behind_gap && last == Class::Wide {
                    folded.push(' ', origin);
                }
                folded.push(c, origin);
                (last, is_behind_gap) = (Class::Wide, false);
                continue;
            }
            for c in narrow(c).to_lowercase() {
                let class = class(c);
                if class == Class::Gap {
                    // Of small letters with a mark of their own (İ) only the letter is left.
                    is_behind_gap |= !is_ignored(c);
                    continue;
                }
                if is_behind_gap && last == class {
                    folded.push(' ', origin);
                }
                folded.push(c, origin);
                (last, is_behind_gap) = (class, false);
            }
        }
        folded
    }

    fn push(&mut self, c: char, origin: (usize, usize)) {
        self.text.push(c);
        self.origins.resize(self.text.len(), origin);
    }

    /// Where `needle`, itself folded, stands in the original, from left to right, as ranges of bytes.
    pub(super) fn places_of<'a>(&'a self, needle: &'a str) -> impl Iterator<Item = (usize, usize)> + 'a {
        self.text.match_indices(needle).filter_map(move |(at, found)| {
            let (from, _) = self.origins.get(at)?;
            let (_, to) = self.origins.get(at + found.len() - 1)?;
            Some((*from, *to))
        })
    }
}

/// Accents that stand alone, what cannot be seen, and what changes only the look or the direction.
fn is_ignored(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{300}'..='\u{36F}' | '\u{61C}' | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
        | '\u{E0000}'..='\u{E0FFF}')
}

/// `Ａ` as `A`.
fn narrow(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_reads_alike_is_alike() {
        for (one, other) in [
            ("ＧＰＴ５", "gpt5"),
            ("GPT5 模型", "gpt5模型"),
            ("王\u{200B}芳\u{202E}", "王芳"),
            ("Café", "café"),
            ("Cafe\u{301}", "cafe"),
            ("数据，库", "数据 库"),
            ("  Hello,\u{3000}World! ", "hello world"),
            ("👨‍👩‍👧", ""),
        ] {
            assert_eq!(Folded::new(one).text, other, "{one}");
        }
    }

    #[test]
    fn places_are_those_of_the_original() {
        let original = "先说 ＧＰＴ５，再说GPT5。";
        let places: Vec<_> =
            Folded::new(original).places_of("gpt5").map(|(from, to)| &original[from..to]).collect();
        assert_eq!(places, ["ＧＰＴ５", "GPT5"]);
    }

    proptest! {
        #[test]
        fn folding_again_changes_nothing(text in "\\PC{0,60}|[一-丠 a-zA-Z0-9，。]{0,60}") {
            let once = Folded::new(&text).text;
            prop_assert_eq!(&Folded::new(&once).text, &once);
        }

        #[test]
        fn whatever_is_found_lies_within_the_original(text in "\\PC{0,60}", from in 0..60_usize, count in 1..9_usize) {
            let folded = Folded::new(&text);
            let needle: String = folded.text.chars().skip(from).take(count).collect();
            if !needle.is_empty() {
                for (from, to) in folded.places_of(&needle) {
                    prop_assert!(from < to && text.get(from..to).is_some());
                }
            }
        }
    }
}

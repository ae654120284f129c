//! The one tokenizer, of both databases: which words a text has, and which words a text must have in which a query
//! could be found. Chinese has no spaces, so that its words here are single characters and pairs of neighbours; of
//! other scripts they are words. They are written in letters and digits of ASCII alone, so that no database has a mind
//! of its own about them.

use std::collections::{BTreeSet, HashSet};
use std::fmt::Write as _;

use super::fold::{Class, class};

/// Longer words are known by so many of their first characters.
const LONGEST_WORD: usize = 32;
/// `x1f600x1f600`
const LONGEST_PAIR: usize = 12;
/// PostgreSQL holds no more than a megabyte of words of one text.
const MOST_BYTES: usize = 900_000;

/// The words of a document.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// As they are spelt.
    spelt: BTreeSet<String>,
    /// Characters and pairs of neighbours, as [`pair`] holds them: an hour of talk has thirty thousand, most of them
    /// over and over, and each is spelt once.
    wide: HashSet<u64>,
    bytes: usize,
}

/// A word that is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sought {
    /// This one.
    Whole(String),
    /// One that begins like this.
    Beginning(String),
}

impl Words {
    /// Takes in the words of a folded text.
    pub(super) fn take(&mut self, folded: &str) {
        for run in runs(folded) {
            match run {
                Run::Word(word) => self.insert(word_of(word)),
                Run::Wide(characters) => {
                    let mut last = None;
                    for c in characters.chars() {
                        self.insert_wide(pair(c, None));
                        if let Some(last) = last.replace(c) {
                            self.insert_wide(pair(last, Some(c)));
                        }
                    }
                }
            }
        }
    }

    /// Takes in initials, as [`super::initials`] spells them.
    pub(super) fn take_initials(&mut self, spelling: &str) {
        for pair in initial_pairs(spelling) {
            self.insert(pair);
        }
    }

    fn insert(&mut self, word: String) {
        if self.bytes + word.len() <= MOST_BYTES {
            let bytes = word.len();
            if self.spelt.insert(word) {
                self.bytes += bytes;
            }
        }
    }

    fn insert_wide(&mut self, pair: u64) {
        if self.bytes + LONGEST_PAIR <= MOST_BYTES && self.wide.insert(pair) {
            self.bytes += LONGEST_PAIR;
        }
    }

    /// All of them, separated by spaces.
    pub(super) fn joined(&self) -> String {
        let mut joined = String::with_capacity(self.bytes + self.spelt.len() + self.wide.len());
        for word in &self.spelt {
            joined.push_str(word);
            joined.push(' ');
        }
        let mut wide: Vec<u64> = self.wide.iter().copied().collect();
        wide.sort_unstable();
        for pair in wide {
            for c in characters(pair) {
                spell(c, &mut joined);
            }
            joined.push(' ');
        }
        joined
    }

    #[cfg(test)]
    pub(super) fn has(&self, sought: &Sought) -> bool {
        let joined = self.joined();
        let mut words = joined.split(' ');
        match sought {
            Sought::Whole(word) => words.any(|it| it == word),
            Sought::Beginning(start) => words.any(|it| it.starts_with(start)),
        }
    }
}

/// The words without which a text cannot hold the folded `needle`.
pub(super) fn sought(needle: &str) -> Vec<Sought> {
    let mut sought = Vec::new();
    let mut runs = runs(needle).peekable();
    while let Some(run) = runs.next() {
        match run {
            // Who types the start of a word means all that begin with it; one letter would mean everything.
            Run::Word(word) if runs.peek().is_none() && word.chars().nth(1).is_some() => {
                sought.push(Sought::Beginning(word_of(word)));
            }
            Run::Word(word) => sought.push(Sought::Whole(word_of(word))),
            Run::Wide(characters) => {
                let characters: Vec<char> = characters.chars().collect();
                if let [single] = *characters {
                    sought.push(Sought::Whole(spelt(&[single])));
                }
                sought.extend(characters.windows(2).map(|pair| Sought::Whole(spelt(pair))));
            }
        }
    }
    sought
}

/// The words without which no title or name has initials like these; none when these can be none.
pub(super) fn sought_initials(needle: &str) -> Vec<Sought> {
    let could_be =
        (2..=LONGEST_WORD).contains(&needle.len()) && needle.bytes().all(|b| b.is_ascii_lowercase());
    if could_be { initial_pairs(needle).map(Sought::Whole).collect() } else { Vec::new() }
}

/// `0zh`: no word of a text looks like that but by chance.
fn initial_pairs(spelling: &str) -> impl Iterator<Item = String> {
    spelling
        .as_bytes()
        .windows(2)
        .filter_map(|pair| std::str::from_utf8(pair).ok())
        .map(|pair| format!("0{pair}"))
}

enum Run<'a> {
    Wide(&'a str),
    Word(&'a str),
}

/// Runs of one class of a folded text.
fn runs(folded: &str) -> impl Iterator<Item = Run<'_>> {
    let mut rest = folded;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c| class(c) == Class::Gap);
        let first = class(rest.chars().next()?);
        let end = rest.find(|c| class(c) != first).unwrap_or(rest.len());
        let (run, behind) = rest.split_at(end);
        rest = behind;
        Some(if first == Class::Wide { Run::Wide(run) } else { Run::Word(run) })
    })
}

fn word_of(word: &str) -> String {
    let mut spelling = String::new();
    for c in word.chars().take(LONGEST_WORD) {
        spell(c, &mut spelling);
    }
    spelling
}

/// One or two characters, the first in the upper half; no character is 0.
fn pair(first: char, second: Option<char>) -> u64 {
    u64::from(u32::from(first)) << 32 | second.map_or(0, |second| u64::from(u32::from(second)))
}

fn characters(pair: u64) -> impl Iterator<Item = char> {
    let halves = [pair >> 32, pair & u64::from(u32::MAX)];
    halves.into_iter().filter(|half| *half > 0).filter_map(|half| char::from_u32(u32::try_from(half).ok()?))
}

fn spelt(characters: &[char]) -> String {
    let mut spelling = String::with_capacity(10);
    for c in characters {
        spell(*c, &mut spelling);
    }
    spelling
}

fn spell(c: char, spelling: &mut String) {
    if c.is_ascii_alphanumeric() {
        spelling.push(c);
    } else {
        let _ = write!(spelling, "x{:x}", u32::from(c));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::library::fold::Folded;

    fn words(text: &str) -> Words {
        let mut words = Words::default();
        words.take(&Folded::new(text).text);
        words
    }

    #[test]
    fn pairs_of_chinese_and_words_of_latin() {
        assert_eq!(words("数据库 GPT5").joined(), "gpt5 x5e93 x636e x636ex5e93 x6570 x6570x636e ");
        assert_eq!(
            sought("数据库gpt"),
            [
                Sought::Whole("x6570x636e".to_owned()),
                Sought::Whole("x636ex5e93".to_owned()),
                Sought::Beginning("gpt".to_owned())
            ]
        );
    }

    #[test]
    fn a_word_without_end_is_cut_and_still_found() {
        let endless = "a".repeat(300);
        let words = words(&endless);
        assert!(sought(&endless).iter().all(|word| words.has(word)) && words.joined().len() == 33);
    }

    #[test]
    fn a_text_of_all_characters_stays_within_bounds() {
        let all: String =
            ('\u{4E00}'..='\u{9FFF}').chain(('\u{4E00}'..='\u{9FFF}').rev().step_by(3)).collect();
        let text: String = (0..12).map(|_| all.as_str()).collect::<Vec<_>>().join("一");
        assert!(words(&text).bytes <= MOST_BYTES);
    }

    proptest! {
        /// What stands in a text is not missed, wherever it begins, as long as that is not within a word.
        #[test]
        fn whatever_stands_in_a_text_is_sought_by_words_that_it_has(
            text in "([一-三]{0,6}|[a-c]{1,4}|[0-9]{1,3}|[ ，。é👍]{1,2}){1,12}",
            from in 0..30_usize,
            count in 1..12_usize,
        ) {
            let folded = Folded::new(&text).text;
            let characters: Vec<char> = folded.chars().collect();
            let is_within_word = from > 0
                && [from - 1, from].iter().all(|at| characters.get(*at).is_some_and(|c| class(*c) == Class::Word));
            let needle: String = characters.iter().skip(from).take(count).collect();
            let needle = Folded::new(&needle).text;
            if !is_within_word && !needle.is_empty() {
                let words = words(&text);
                // The end of a needle may be a part of a word; alone, one letter is no beginning.
                let ends_early = characters.get(from + count).is_some_and(|c| class(*c) == Class::Word);
                for word in sought(&needle) {
                    prop_assert!(words.has(&word) || (ends_early && matches!(word, Sought::Whole(_))),
                        "{needle:?} in {text:?}: {word:?}");
                }
            }
        }
    }
}

//! The one tokenizer: which words a text has, and which words a text must have in which a query could be found.
//! Chinese has no spaces, so that its words here are single characters and pairs of neighbours; of
//! other scripts they are words.

use std::collections::BTreeSet;

use super::fold::{Class, class};

/// Longer words are known by so many of their first characters.
const LONGEST_WORD: usize = 32;
/// Of one document: an hour of talk has some ten thousand.
const MOST_PAIRS: usize = 1 << 18;
/// Of one document.
const MOST_SPELT: usize = 1 << 16;
/// A long phrase is looked for by so many of its words; whether it stands there is seen in the text.
const MOST_SOUGHT: usize = 12;
/// A character is known by so many bits.
const CHARACTER_BITS: u32 = 21;
/// A pair of characters takes up so many bits of a number.
pub(super) const PAIR_BITS: u32 = 2 * CHARACTER_BITS;

/// The words of a document.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// Of scripts with spaces, and initials.
    spelt: BTreeSet<String>,
    /// Characters and pairs of neighbours, as [`pair`] holds them: an hour of talk has thirty thousand, most of them
    /// over and over. Sorted and each but once after [`Words::settled`].
    pairs: Vec<u64>,
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
                        self.insert_pair(pair(c, None));
                        if let Some(last) = last.replace(c) {
                            self.insert_pair(pair(last, Some(c)));
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

    /// When all are taken in.
    pub(super) fn settled(mut self) -> Self {
        self.settle();
        self
    }

    fn settle(&mut self) {
        self.pairs.sort_unstable();
        self.pairs.dedup();
        self.pairs.truncate(MOST_PAIRS);
    }

    fn insert(&mut self, word: String) {
        if self.spelt.len() < MOST_SPELT {
            self.spelt.insert(word);
        }
    }

    fn insert_pair(&mut self, pair: u64) {
        if self.pairs.len() == 2 * MOST_PAIRS {
            self.settle();
        }
        self.pairs.push(pair);
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.spelt.len() + self.pairs.len()
    }

    /// Words of scripts with spaces, and initials, in the order of their bytes.
    pub(super) fn spelt(&self) -> impl Iterator<Item = &str> {
        self.spelt.iter().map(String::as_str)
    }

    /// Characters and pairs of them, which [`spelling`] spells, in the order of their bytes.
    pub(super) fn pairs(&self) -> &[u64] {
        &self.pairs
    }

    #[cfg(test)]
    fn all(&self) -> Vec<String> {
        self.spelt().map(str::to_owned).chain(self.pairs.iter().map(|pair| spelling(*pair))).collect()
    }

    #[cfg(test)]
    fn has(&self, sought: &Sought) -> bool {
        let mut all = self.all().into_iter();
        match sought {
            Sought::Whole(word) => all.any(|it| it == *word),
            Sought::Beginning(start) => all.any(|it| it.starts_with(start)),
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
                    sought.push(Sought::Whole(single.to_string()));
                }
                sought.extend(characters.windows(2).map(|pair| Sought::Whole(pair.iter().collect())));
            }
        }
    }
    fewer(sought)
}

/// Each once, and of a long list some from all over it.
fn fewer(mut sought: Vec<Sought>) -> Vec<Sought> {
    let mut known = Vec::new();
    sought.retain(|it| {
        let is_new = !known.contains(it);
        known.extend(is_new.then(|| it.clone()));
        is_new
    });
    let step = sought.len().div_ceil(MOST_SOUGHT).max(1);
    sought.into_iter().step_by(step).collect()
}

/// The words without which no title or name has initials like these; none when these can be none.
pub(super) fn sought_initials(needle: &str) -> Vec<Sought> {
    let could_be =
        (2..=LONGEST_WORD).contains(&needle.len()) && needle.bytes().all(|b| b.is_ascii_lowercase());
    if could_be { fewer(initial_pairs(needle).map(Sought::Whole).collect()) } else { Vec::new() }
}

/// `~zh`: no word of a text looks like that.
fn initial_pairs(spelling: &str) -> impl Iterator<Item = String> {
    spelling
        .as_bytes()
        .windows(2)
        .filter_map(|pair| std::str::from_utf8(pair).ok())
        .map(|pair| format!("~{pair}"))
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
    word.chars().take(LONGEST_WORD).collect()
}

/// One or two characters, the first in the upper half; no character is 0.
fn pair(first: char, second: Option<char>) -> u64 {
    u64::from(u32::from(first)) << CHARACTER_BITS | second.map_or(0, |second| u64::from(u32::from(second)))
}

/// The word that a pair of characters, or a single one, is.
pub(super) fn spelling(pair: u64) -> String {
    let halves = [pair >> CHARACTER_BITS, pair & ((1 << CHARACTER_BITS) - 1)];
    let character = |half| u32::try_from(half).ok().and_then(char::from_u32);
    halves.into_iter().filter(|half| *half > 0).filter_map(character).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::library::fold::Folded;

    fn words(text: &str) -> Words {
        let mut words = Words::default();
        words.take(&Folded::new(text).text);
        words.settled()
    }

    #[test]
    fn pairs_of_chinese_and_words_of_latin() {
        assert_eq!(words("数据库 GPT5").all(), ["gpt5", "库", "据", "据库", "数", "数据"]);
        assert_eq!(
            sought("数据库gpt"),
            [
                Sought::Whole("数据".to_owned()),
                Sought::Whole("据库".to_owned()),
                Sought::Beginning("gpt".to_owned())
            ]
        );
    }

    #[test]
    fn a_word_without_end_is_cut_and_still_found() {
        let endless = "a".repeat(300);
        let words = words(&endless);
        assert!(sought(&endless).iter().all(|word| words.has(word)) && words.all() == ["a".repeat(32)]);
    }

    #[test]
    fn a_text_of_all_characters_stays_within_bounds() {
        let all: Vec<char> = ('\u{4E00}'..='\u{9FFF}').collect();
        let text: String = (1..40).flat_map(|step| all.iter().step_by(step)).collect();
        let mut words = Words::default();
        words.take(&text.repeat(9));
        assert!(words.pairs.len() <= 2 * MOST_PAIRS, "{}", words.pairs.len());
        assert!(words.settled().pairs.len() <= MOST_PAIRS);
    }

    #[test]
    fn a_long_phrase_is_looked_for_by_some_of_its_words() {
        let phrase: String = ('\u{4E00}'..='\u{4E40}').collect();
        let sought = sought(&phrase);
        assert!((MOST_SOUGHT / 2..=MOST_SOUGHT).contains(&sought.len()), "{sought:?}");
        assert_eq!(super::sought(&"字".repeat(60)), [Sought::Whole("字字".to_owned())]);
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

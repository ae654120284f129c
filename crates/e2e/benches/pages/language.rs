//! Chinese as far as an index sees it: words of two and three characters, some much more often than others (Zipf), in
//! sentences; a little Latin; and rare words that are in one transcript each.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "places in a vocabulary, drawn at random"
)]

use std::fmt::Write as _;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

const WORDS: usize = 30_000;
/// Of an hour.
const LINES: usize = 700;
const LINE_MS: usize = 5_100;
const WORDS_A_LINE: usize = 10;

/// A vocabulary, and what people would search for in it.
pub(crate) struct Language {
    words: Vec<String>,
    pub(crate) words_of_two: Vec<String>,
    pub(crate) rare: Vec<String>,
    pub(crate) common: Vec<String>,
    pub(crate) phrases: Vec<String>,
    pub(crate) initials: Vec<String>,
}

impl Language {
    pub(crate) fn new(transcripts: usize) -> Self {
        let mut dice = StdRng::seed_from_u64(1);
        // The 3,000 usual characters are as good as these.
        let mut character = |skew: f64| {
            let at = (dice.random::<f64>().powf(skew) * 3_000.0) as u32;
            char::from_u32(0x4E00 + at * 6).unwrap_or('的')
        };
        let words: Vec<String> = (0..WORDS)
            .map(|number| match number % 20 {
                19 => format!("term{number}"),
                it if it % 4 == 0 => [character(1.6), character(1.6), character(1.6)].iter().collect(),
                _ => [character(1.6), character(1.6)].iter().collect(),
            })
            .collect();
        let of_two = |words: &[String], from: usize, count: usize| {
            words
                .iter()
                .skip(from)
                .filter(|word| word.chars().count() == 2)
                .take(count)
                .cloned()
                .collect::<Vec<_>>()
        };
        let phrases = words.windows(2).skip(200).take(40).map(<[String]>::concat).collect();
        Self {
            words_of_two: of_two(&words, 300, 100),
            common: of_two(&words, 0, 5),
            rare: (0..100).map(|number| rare(number * transcripts.max(100) / 100)).collect(),
            phrases,
            initials: ["wf", "zw", "lj", "cm", "yy"].map(str::to_owned).into(),
            words,
        }
    }

    fn word(&self, dice: &mut StdRng) -> &str {
        // Zipf: the first words are a large part of all that is said.
        let at = (WORDS as f64).powf(dice.random::<f64>()) as usize - 1;
        &self.words[at.min(WORDS - 1)]
    }

    /// The transcript of the recording of this number, as captions.
    pub(crate) fn transcript(&self, number: usize) -> String {
        let mut dice = StdRng::seed_from_u64(number as u64);
        let mut srt = String::with_capacity(80_000);
        for line in 0..LINES {
            let (start, end) = (clock(line * LINE_MS), clock((line + 1) * LINE_MS));
            let _ = write!(srt, "{}\n{start} --> {end}\n说话人 {}: ", line + 1, dice.random_range(1..5));
            for _ in 0..WORDS_A_LINE {
                srt.push_str(self.word(&mut dice));
            }
            if line == 350 {
                srt.push_str(&rare(number));
            }
            srt.push_str("。\n\n");
        }
        srt
    }

    /// A title.
    pub(crate) fn title(&self, number: usize) -> String {
        let mut dice = StdRng::seed_from_u64(number as u64 + 1_000_000_007);
        (0..4).map(|_| self.word(&mut dice)).collect()
    }
}

/// Characters that no other transcript has side by side.
fn rare(number: usize) -> String {
    let part =
        |at: usize| char::from_u32(0xAC00 + u32::try_from(number / at % 100).unwrap_or(0)).unwrap_or('가');
    [part(10_000), part(100), part(1)].iter().collect()
}

fn clock(ms: usize) -> String {
    let (seconds, rest) = (ms / 1_000, ms % 1_000);
    format!("{:02}:{:02}:{:02},{rest:03}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

//! Where in a recording a query is found: sentences, with who said them when, and what was said before and after.

use super::fold::Folded;
use super::initials::initials;
use super::query::{Part, SearchQuery};
use super::{Document, Line};

/// Sentences that are shown of one recording.
const SHOWN: usize = 5;

/// What of a recording answers a query.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Excerpts {
    /// The title, with what was found in it.
    pub title: Vec<Stretch>,
    /// The people in whose names something was found.
    pub people: Vec<String>,
    /// The first sentences.
    pub excerpts: Vec<Excerpt>,
    /// How many more there are.
    pub more: usize,
}

/// One sentence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// When it was said, or what time it is about, ms.
    pub at_ms: Option<i64>,
    /// Who said it; none in notes.
    pub speaker: Option<String>,
    /// Whether it is of the notes.
    pub is_note: bool,
    /// The line before it.
    pub before: String,
    /// The sentence.
    pub text: Vec<Stretch>,
    /// The line after it.
    pub after: String,
}

/// A stretch of a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stretch {
    /// As it was written.
    pub text: String,
    /// Whether this is what was searched for.
    pub is_hit: bool,
}

impl Excerpts {
    /// Looks through a document; none when one of the query's parts is nowhere in it, whatever the index says.
    pub(super) fn find(document: &Document, query: &SearchQuery) -> Option<Self> {
        let mut search = Search { query, found: vec![false; query.parts.len()] };
        let mut excerpts = Self::default();
        let title = search.stretches(&document.title);
        excerpts.title = title.unwrap_or_else(|| vec![plain(&document.title)]);
        search.note_initials(&document.title);
        for name in &document.people {
            let is_found = search.stretches(name).is_some() | search.note_initials(name);
            if is_found {
                excerpts.people.push(name.clone());
            }
        }
        let lines = &document.transcript.lines;
        let mut last_speaker = None;
        for (number, line) in lines.iter().enumerate() {
            let speaker = line.speaker.as_deref();
            if let Some(name) = speaker.filter(|_| speaker != last_speaker)
                && search.stretches(name).is_some()
                && !excerpts.people.iter().any(|known| known == name)
            {
                excerpts.people.push(name.to_owned());
            }
            last_speaker = speaker;
            let Some(text) = search.stretches(&line.text) else { continue };
            let near = |at: Option<usize>| {
                at.and_then(|at| lines.get(at)).map(|line| line.text.clone()).unwrap_or_default()
            };
            excerpts.take(|| Excerpt {
                at_ms: line.start_ms,
                speaker: line.speaker.clone(),
                is_note: false,
                before: near(number.checked_sub(1)),
                text,
                after: near(Some(number + 1)),
            });
        }
        for (at_ms, line) in document.note_lines() {
            let Some(text) = search.stretches(line) else { continue };
            excerpts.take(|| Excerpt { at_ms, is_note: true, text, ..Excerpt::default() });
        }
        search.found.iter().all(|found| *found).then_some(excerpts)
    }

    fn take(&mut self, excerpt: impl FnOnce() -> Excerpt) {
        if self.excerpts.len() < SHOWN { self.excerpts.push(excerpt()) } else { self.more += 1 }
    }
}

struct Search<'a> {
    query: &'a SearchQuery,
    /// Which of its parts were found.
    found: Vec<bool>,
}

impl Search<'_> {
    /// The text in stretches; none when nothing is found in it.
    fn stretches(&mut self, text: &str) -> Option<Vec<Stretch>> {
        let folded = Folded::new(text);
        let mut places = Vec::new();
        for (Part { needle, .. }, found) in self.query.parts.iter().zip(&mut self.found) {
            let before = places.len();
            places.extend(folded.places_of(needle));
            *found |= places.len() > before;
        }
        if places.is_empty() {
            return None;
        }
        places.sort_unstable();
        let (mut stretches, mut end) = (Vec::new(), 0);
        for (from, to) in places {
            let from = from.max(end);
            if from >= to {
                continue;
            }
            stretches.extend(text.get(end..from).filter(|text| !text.is_empty()).map(plain));
            stretches.extend(text.get(from..to).map(|text| Stretch { text: text.to_owned(), is_hit: true }));
            end = to;
        }
        stretches.extend(text.get(end..).filter(|text| !text.is_empty()).map(plain));
        Some(stretches)
    }

    /// Whether a part of the query is the initials of a word of this name or title.
    fn note_initials(&mut self, name: &str) -> bool {
        let spelt = initials(name);
        let mut is_any = false;
        for (part, found) in self.query.parts.iter().zip(&mut self.found) {
            let is_initials =
                part.needle.len() > 1 && spelt.iter().any(|spelling| spelling.contains(&part.needle));
            *found |= is_initials;
            is_any |= is_initials;
        }
        is_any
    }
}

fn plain(text: &str) -> Stretch {
    Stretch { text: text.to_owned(), is_hit: false }
}

impl SearchQuery {
    /// A text in stretches, with what is searched for marked; none when nothing of it is there.
    #[must_use]
    pub fn stretches(&self, text: &str) -> Option<Vec<Stretch>> {
        Search { query: self, found: vec![false; self.parts.len()] }.stretches(text)
    }
}

impl Line {
    /// Its start in whole seconds, for a link to it.
    #[must_use]
    pub fn second(&self) -> Option<i64> {
        self.start_ms.map(|ms| ms / 1_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::Transcript;

    fn document() -> Document {
        let line = |start_ms, speaker: &str, text: &str| Line {
            start_ms: Some(start_ms),
            end_ms: None,
            speaker: Some(speaker.to_owned()),
            text: text.to_owned(),
        };
        let lines = vec![
            line(0, "王芳", "大家好。"),
            line(5_000, "李雷", "关于 ＧＰＴ5 的预算，预算不够。"),
            line(9_000, "王芳", "那就这样"),
        ];
        Document {
            title: "产品周会".to_owned(),
            people: vec!["陈一鸣".to_owned()],
            transcript: Transcript { lines },
            ..Document::default()
        }
    }

    fn find(query: &str) -> Option<Excerpts> {
        Excerpts::find(&document(), &SearchQuery::parse(query).unwrap())
    }

    #[test]
    fn a_sentence_comes_with_its_neighbours_and_what_was_found() {
        let excerpts = find("预算 gpt5的").unwrap();
        let [excerpt] = excerpts.excerpts.as_slice() else { panic!("{excerpts:?}") };
        assert_eq!((excerpt.at_ms, excerpt.speaker.as_deref()), (Some(5_000), Some("李雷")));
        assert_eq!((excerpt.before.as_str(), excerpt.after.as_str()), ("大家好。", "那就这样"));
        let told: Vec<_> = excerpt.text.iter().map(|it| (it.text.as_str(), it.is_hit)).collect();
        assert_eq!(
            told,
            [
                ("关于 ", false),
                ("ＧＰＴ5 的", true),
                ("预算", true),
                ("，", false),
                ("预算", true),
                ("不够。", false)
            ]
        );
    }

    #[test]
    fn people_and_titles_are_found_by_initials_too() {
        assert_eq!(find("cym").unwrap().people, ["陈一鸣"]);
        assert!(find("zh").unwrap().people.is_empty());
        assert_eq!(find("李雷").unwrap().people, ["李雷"]);
    }

    #[test]
    fn every_part_must_be_there_and_no_phrase_goes_over_the_end_of_a_line() {
        assert!(find("预算 火星").is_none());
        assert!(find("大家好关于").is_none());
        assert!(find("\"就这样\" 周会").is_some());
    }
}

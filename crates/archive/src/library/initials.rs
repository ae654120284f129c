//! The first letters of Chinese words as they are spoken: 周会 is `zh`. Names and titles are found by them.

use pinyin::ToPinyinMulti as _;

/// A character that is read in several ways makes several spellings; a title full of them would make thousands.
const MOST_SPELLINGS: usize = 8;
/// Nobody types the initials of a whole paragraph.
const LONGEST_RUN: usize = 60;

/// Of each run of Chinese characters its initials, in every way that it may be read.
pub(super) fn initials(text: &str) -> Vec<String> {
    let mut spelt = Vec::new();
    for run in text.split(|c: char| readings(c).is_empty()) {
        let mut spellings = vec![String::new()];
        for c in run.chars().take(LONGEST_RUN) {
            let readings = readings(c);
            let room = MOST_SPELLINGS / spellings.len();
            spellings = readings
                .iter()
                .take(room.max(1))
                .flat_map(|letter| spellings.iter().map(move |spelling| format!("{spelling}{letter}")))
                .collect();
        }
        spelt.extend(spellings.into_iter().filter(|spelling| !spelling.is_empty()));
    }
    spelt
}

/// The first letters of a character's readings, each once, the usual one first; none for what has none.
fn readings(c: char) -> Vec<char> {
    let mut letters = Vec::new();
    for reading in c.to_pinyin_multi().into_iter().flatten() {
        if let Some(letter) = reading.plain().chars().next().filter(char::is_ascii_lowercase)
            && !letters.contains(&letter)
        {
            letters.push(letter);
        }
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn each_run_is_spelt_in_every_way() {
        assert!(initials("王芳").contains(&"wf".to_owned()));
        assert!(initials("Q3 预算-评审").contains(&"ys".to_owned()));
        assert!(initials("Q3 预算-评审").iter().all(|spelling| spelling.len() == 2));
        assert!(initials("重庆").contains(&"cq".to_owned()) && initials("重庆").contains(&"zq".to_owned()));
        assert!(initials("GPT5 👍").is_empty());
    }

    #[test]
    fn a_title_of_many_readings_stays_small() {
        let spelt = initials(&"长重行会乐".repeat(40));
        assert!((1..=8).contains(&spelt.len()), "{}", spelt.len());
        assert!(spelt.iter().all(|spelling| spelling.len() == 60));
    }
}

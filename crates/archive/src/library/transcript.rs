//! Transcripts as the archive stores them: the platform's captions (SRT) and its text with a line for each speaker and
//! time. What is not understood is left out; whatever comes, nothing fails.

use std::fmt::Write as _;

/// A caption that no other follows and that tells no end.
const LAST_CAPTION_MS: i64 = 5_000;
/// The end of a line without one is looked for in so many that follow.
const NEAR: usize = 20;
/// More characters before a colon are no name.
const LONGEST_NAME: usize = 40;

/// What was said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transcript {
    /// In the order of the file.
    pub lines: Vec<Line>,
}

/// What one person said at a time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// From the start of the recording, ms; none in a text without times.
    pub start_ms: Option<i64>,
    /// Where it ends, when the file tells.
    pub end_ms: Option<i64>,
    /// Who spoke, as the platform names them.
    pub speaker: Option<String>,
    /// What.
    pub text: String,
}

impl Transcript {
    /// Reads captions: number, `00:00:01,000 --> 00:00:04,000`, `speaker: text`, an empty line.
    #[must_use]
    pub fn from_srt(srt: &str) -> Self {
        let mut lines: Vec<Line> = Vec::new();
        let mut is_within = false;
        for row in srt.trim_start_matches('\u{FEFF}').lines().map(str::trim) {
            if let Some((start_ms, end_ms)) = timing(row) {
                lines.push(Line { start_ms: Some(start_ms), end_ms: Some(end_ms), ..Line::default() });
                is_within = true;
            } else if row.is_empty() {
                is_within = false;
            } else if let Some(line) = lines.last_mut().filter(|_| is_within) {
                if !line.text.is_empty() {
                    line.text.push(' ');
                    line.text.push_str(row);
                } else if let Some((speaker, text)) = spoken(row) {
                    line.speaker = Some(speaker.to_owned());
                    text.clone_into(&mut line.text);
                } else {
                    row.clone_into(&mut line.text);
                }
            }
        }
        lines.retain(|line| !line.text.is_empty());
        Self { lines }
    }

    /// Reads the text: `speaker 00:01:02.345`, what they said, an empty line. A text without any such heading is lines
    /// without times.
    #[must_use]
    pub fn from_txt(txt: &str) -> Self {
        let rows: Vec<&str> = txt.trim_start_matches('\u{FEFF}').lines().map(str::trim).collect();
        let mut lines = Vec::new();
        let mut said_by: Option<(Option<i64>, Option<&str>)> = None;
        for (number, row) in rows.iter().enumerate() {
            let is_first = number == 0 || rows.get(number - 1).is_some_and(|row| row.is_empty());
            let is_followed = rows.get(number + 1).is_some_and(|row| !row.is_empty());
            match heading(row).filter(|_| is_first && is_followed) {
                Some((speaker, start_ms)) => said_by = Some((Some(start_ms), speaker)),
                None if row.is_empty() => {}
                None => {
                    if let Some((start_ms, speaker)) = said_by {
                        let speaker = speaker.map(str::to_owned);
                        lines.push(Line { start_ms, end_ms: None, speaker, text: (*row).to_owned() });
                    }
                }
            }
        }
        if said_by.is_none() {
            let untimed = |row: &&str| Line { text: (*row).to_owned(), ..Line::default() };
            lines = rows.iter().filter(|row| !row.is_empty()).map(untimed).collect();
        }
        Self { lines }
    }

    /// Up to where it goes, ms; 0 without times.
    #[must_use]
    pub fn covers_ms(&self) -> i64 {
        self.lines.iter().filter_map(|line| line.end_ms.max(line.start_ms)).max().unwrap_or(0)
    }

    /// The same as captions for a browser (WebVTT); lines without times are left out.
    #[must_use]
    pub fn to_webvtt(&self) -> String {
        let mut vtt = "WEBVTT\n\n".to_owned();
        for (number, line) in self.lines.iter().enumerate() {
            let Some(start_ms) = line.start_ms else { continue };
            let next = || {
                let behind = self.lines.iter().skip(number + 1).take(NEAR).filter_map(|line| line.start_ms);
                behind.into_iter().find(|next| *next > start_ms)
            };
            let end_ms = line.end_ms.or_else(next).filter(|end_ms| *end_ms > start_ms);
            let end_ms = end_ms.unwrap_or(start_ms + LAST_CAPTION_MS);
            let _ = writeln!(vtt, "{} --> {}", vtt_time(start_ms), vtt_time(end_ms));
            if let Some(speaker) = &line.speaker {
                let _ = write!(vtt, "<v {}>", vtt_text(speaker));
            }
            let _ = write!(vtt, "{}\n\n", vtt_text(&line.text));
        }
        vtt
    }
}

/// `00:00:01,000 --> 00:00:04,000`
fn timing(row: &str) -> Option<(i64, i64)> {
    let (start, end) = row.split_once("-->")?;
    Some((time_ms(start.trim())?, time_ms(end.trim())?))
}

/// `name: text`, with either colon.
fn spoken(row: &str) -> Option<(&str, &str)> {
    let (name, text) = row.split_once([':', '：'])?;
    let (name, text) = (name.trim(), text.trim());
    let is_name = !name.is_empty() && name.chars().count() <= LONGEST_NAME && !text.starts_with("//");
    (is_name && !text.is_empty()).then_some((name, text))
}

/// `name 00:01:02.345`, or the time alone.
fn heading(row: &str) -> Option<(Option<&str>, i64)> {
    let (name, time) = row.rsplit_once(char::is_whitespace).unwrap_or(("", row));
    let start_ms = time_ms(time)?;
    let name = name.trim();
    Some(((!name.is_empty()).then_some(name), start_ms))
}

/// `01:02:03,456`, `01:02:03.456`, `01:02:03` or `02:03`, in ms.
fn time_ms(text: &str) -> Option<i64> {
    let (clock, fraction) = text.split_once([',', '.']).unwrap_or((text, "0"));
    let digits = |text: &str| {
        let is_number = !text.is_empty() && text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse::<i64>().ok()).flatten()
    };
    let parts: Vec<i64> = clock.split(':').map(digits).collect::<Option<_>>()?;
    let seconds = match *parts {
        [hours, minutes, seconds] if minutes < 60 && seconds < 60 => hours * 3_600 + minutes * 60 + seconds,
        [minutes, seconds] if seconds < 60 => minutes * 60 + seconds,
        _ => return None,
    };
    Some(seconds * 1_000 + digits(fraction)?.min(999))
}

/// `01:02:03.456`
fn vtt_time(ms: i64) -> String {
    let (seconds, rest) = (ms / 1_000, ms % 1_000);
    format!("{:02}:{:02}:{:02}.{rest:03}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// Text in which nothing is a tag, and no line ends.
fn vtt_text(text: &str) -> String {
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    one_line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(start_ms: i64, end_ms: Option<i64>, speaker: &str, text: &str) -> Line {
        Line { start_ms: Some(start_ms), end_ms, speaker: Some(speaker.to_owned()), text: text.to_owned() }
    }

    #[test]
    fn captions_are_read_with_their_speakers() {
        let srt = "\u{FEFF}1\r\n00:00:01,500 --> 00:00:04,000\r\n王芳: 大家好\r\n我们开始\r\n\r\n2\n01:00:04.000 --> 01:00:05,000\n李雷：看 https://a.b/c\n\n3\n00:00:09,000 --> 00:00:10,000\n\n";
        let expected = [
            line(1_500, Some(4_000), "王芳", "大家好 我们开始"),
            line(3_604_000, Some(3_605_000), "李雷", "看 https://a.b/c"),
        ];
        let transcript = Transcript::from_srt(srt);
        assert_eq!(transcript.lines, expected);
        assert_eq!(transcript.covers_ms(), 3_605_000);
    }

    #[test]
    fn text_is_read_by_its_headings() {
        let txt = "产品周会\n2026-11-23 10:00\n\n关键词：预算\n\n王芳 00:00:01.500\n大家好\n\n说话人 2 01:05\n我们 10:30\n再见\n";
        let expected = [
            line(1_500, None, "王芳", "大家好"),
            line(65_000, None, "说话人 2", "我们 10:30"),
            line(65_000, None, "说话人 2", "再见"),
        ];
        assert_eq!(Transcript::from_txt(txt).lines, expected);
        let untimed = Transcript::from_txt("第一行\n\n第二行");
        assert_eq!(
            untimed.lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>(),
            ["第一行", "第二行"]
        );
        assert_eq!(untimed.covers_ms(), 0);
    }

    #[test]
    fn nothing_in_a_caption_is_a_tag() {
        let transcript = Transcript { lines: vec![line(0, None, "<b>", "a --> b & <script>\nc")] };
        assert_eq!(
            transcript.to_webvtt(),
            "WEBVTT\n\n00:00:00.000 --> 00:00:05.000\n<v &lt;b&gt;>a --&gt; b &amp; &lt;script&gt; c\n\n"
        );
    }

    proptest! {
        #[test]
        fn whatever_comes_is_read(text in "(\\PC|\n|[0-9:,.> -]){0,200}") {
            for transcript in [Transcript::from_srt(&text), Transcript::from_txt(&text)] {
                prop_assert!(transcript.lines.iter().all(|line| !line.text.is_empty()));
                let cues = transcript.lines.iter().filter(|line| line.start_ms.is_some()).count();
                prop_assert_eq!(transcript.to_webvtt().matches(" --> ").count(), cues);
            }
        }
    }
}

//! Feishu docs: minutes-v1/minute-transcript/get.

use std::fmt::Write;

use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::part;
use crate::caller::Caller;
use crate::envelope::Refusal;
use crate::platform::Shared;
use crate::world::{MinuteRow, Part};

/// Each line takes this long.
const LINE_MS: i64 = 4_000;

#[derive(Deserialize)]
pub(super) struct Form {
    #[serde(default)]
    need_speaker: String,
    #[serde(default)]
    need_timestamp: String,
    #[serde(default = "txt")]
    file_format: String,
}

fn txt() -> String {
    "txt".to_owned()
}

/// Booleans in queries: the Python SDK writes `True`.
fn is_true(text: &str) -> bool {
    text.eq_ignore_ascii_case("true") || text == "1"
}

/// `GET …/:minute_token/transcript?need_speaker&need_timestamp&file_format=txt|srt` → bytes.
pub(super) async fn transcript(
    State(platform): State<Shared>,
    Path(minute_token): Path<String>,
    Query(form): Query<Form>,
    caller: Caller,
) -> Result<Response, Refusal> {
    let now = platform.now();
    let world = platform.world();
    let row = part(&world, &minute_token, Part::Transcript, &caller, now)?;
    let speaker = world.people.get(&row.minute.owner).map_or("说话人 1", |row| &row.person.name);
    let speaker = is_true(&form.need_speaker).then_some(speaker);
    let text = match form.file_format.as_str() {
        "txt" => as_txt(row, speaker, is_true(&form.need_timestamp)),
        "srt" => as_srt(row, speaker),
        _ => return Err(Refusal::new(400, 2_091_001, "param is invalid")),
    };
    let disposition = format!("attachment; filename=\"{minute_token}.{}\"", form.file_format);
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, text).into_response())
}

fn as_txt(row: &MinuteRow, speaker: Option<&str>, timestamps: bool) -> String {
    let mut text = String::new();
    for (start_ms, line) in lines(row) {
        let time = timestamps.then(|| clock_text(start_ms, '.'));
        let heading: Vec<_> = speaker.into_iter().chain(time.as_deref()).collect();
        if !heading.is_empty() {
            let _ = writeln!(text, "{}", heading.join(" "));
        }
        let _ = writeln!(text, "{line}\n");
    }
    text
}

fn as_srt(row: &MinuteRow, speaker: Option<&str>) -> String {
    let mut text = String::new();
    for (number, (start_ms, line)) in lines(row).enumerate() {
        let (start, end) = (clock_text(start_ms, ','), clock_text(start_ms + LINE_MS, ','));
        let said_by = speaker.map(|name| format!("{name}: ")).unwrap_or_default();
        let _ = write!(text, "{}\n{start} --> {end}\n{said_by}{line}\n\n", number + 1);
    }
    text
}

fn lines(row: &MinuteRow) -> impl Iterator<Item = (i64, &String)> {
    (0..).map(|line| line * LINE_MS).zip(&row.minute.transcript)
}

/// `00:01:23,456`
fn clock_text(ms: i64, point: char) -> String {
    let (seconds, rest) = (ms / 1_000, ms % 1_000);
    format!("{:02}:{:02}:{:02}{point}{rest:03}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_times_as_subtitles_have_them() {
        assert_eq!(clock_text(3_723_004, ','), "01:02:03,004");
    }
}

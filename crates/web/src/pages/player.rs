//! The player's page.

use std::fmt::Write as _;

use archive::catalog::{SightingRow, Source};
use archive::library::{Document, Kind, Opened, SearchQuery, Stretch};
use archive::model::{Artifact, ArtifactKind, ArtifactState, Track};
use askama::Template;
use url::form_urlencoded;

use crate::amounts::size;
use crate::figures::length;
use crate::page::Frame;
use crate::reading_room::{ReadingRoom, done, titled};
use crate::session::SignedIn;
use crate::visitor::Visitor;
use crate::words::Words;

/// Less is not worth a word: the platform's transcripts end with the last sentence, not with the recording.
const NEARLY_ALL_PERCENT: i64 = 80;
/// The chapter bar's width in its own units.
const BAR_WIDTH: i64 = 1_000;

/// One line of the transcript.
pub(crate) struct Said {
    start_ms: i64,
    /// The page from here on.
    path: String,
    clock: String,
    /// Only where another begins to speak.
    speaker: Option<String>,
    /// Who speaks, for quotations.
    by: String,
    text: Vec<Stretch>,
    is_hit: bool,
}

/// One chapter, with its place on the bar.
pub(crate) struct Mark {
    second: i64,
    /// The page from here on.
    path: String,
    clock: String,
    title: String,
    summary: String,
    from: i64,
    width: i64,
}

/// One file, with what proves it.
pub(crate) struct Proof {
    kind: String,
    state: String,
    path: Option<String>,
    size: String,
    sha256: String,
    plays: String,
    fetched: String,
    read_again: String,
}

/// `GET /recordings/{token}`.
#[derive(Template)]
#[template(path = "player.html")]
pub(crate) struct PlayerPage<'a> {
    title: String,
    path: String,
    owner: String,
    people: String,
    made: String,
    length: String,
    is_audio: bool,
    /// Why there is nothing to play, if there is not.
    without_media: Option<String>,
    media: Option<String>,
    /// What lies over it, so that a picture of the screen tells whose it was.
    watermark: Option<String>,
    download: Option<String>,
    captions: Option<String>,
    source: Option<&'a str>,
    covers: Option<String>,
    /// Where its picture is, shown until it plays.
    cover: Option<String>,
    kept_only_here: bool,
    /// What the platform last said of its own copy.
    at_source: String,
    /// Where its owner puts it in the trash.
    to_trash: Option<String>,
    lines: Vec<Said>,
    marks: Vec<Mark>,
    summary: Vec<String>,
    todos: Vec<(String, String)>,
    /// Whether summary, chapters and to-dos are what is to be read first.
    shows_notes: bool,
    proofs: Vec<Proof>,
    sources: Vec<(String, String)>,
    sought: String,
    next_found: Option<String>,
    frame: Frame<'a>,
}

impl<'a> PlayerPage<'a> {
    pub(crate) fn new(
        room: &'a ReadingRoom,
        visitor: &'a Visitor,
        who: &'a SignedIn,
        opened: &'a Opened,
        document: &Document,
        sightings: &[SightingRow],
        at_source: Option<Source>,
    ) -> Self {
        let (recording, words) = (&opened.recording, visitor.words);
        let frame = Frame::of(&room.site, visitor, who, "/recordings");
        let path = room.site.path(&format!("/recordings/{}", recording.minute_token));
        let media = done(opened, ArtifactKind::Media);
        let duration_ms = media.and_then(|media| media.play_ms).or(recording.duration_ms);
        let has_times = document.transcript.covers_ms() > 0;
        let proofs = opened.artifacts.iter().map(|it| proof(it, &path, room, visitor)).collect();
        let sources = sightings.iter().map(|seen| {
            let track =
                seen.track.parse::<Track>().map_or_else(|_| seen.track.clone(), |track| words.track(track));
            (track, room.say(Some(seen.first_at), visitor))
        });
        let names = opened.people.iter().skip(1).filter_map(|person| person.name.as_deref());
        Self {
            title: titled(recording.title.as_deref(), words),
            owner: opened.owner().and_then(|owner| owner.name.clone()).unwrap_or_default(),
            people: names.collect::<Vec<_>>().join("、"),
            made: room.say(Some(recording.created_ms.unwrap_or(recording.found_at)), visitor),
            length: duration_ms.map(length).unwrap_or_default(),
            is_audio: media
                .and_then(|it| it.file_name.as_deref())
                .is_some_and(|name| Kind::of(name) == Kind::Audio),
            without_media: media.is_none().then(|| without_media(opened, words)),
            media: media.map(|_| format!("{path}/media")),
            watermark: room.watermark.then(|| format!("{} {}", who.name, who.viewer.open_id)),
            download: media.map(|_| format!("{path}/media?download=1")),
            captions: has_times.then(|| format!("{path}/captions.vtt")),
            source: recording.url.as_deref().filter(|url| url.starts_with("https://")),
            covers: covers(document.transcript.covers_ms(), duration_ms, words),
            cover: done(opened, ArtifactKind::Cover).map(|_| format!("{path}/cover")),
            kept_only_here: media.is_some() && at_source.is_some_and(|source| source.gone_at.is_some()),
            at_source: of_source(at_source, media.is_some(), room, visitor),
            to_trash: (recording.owner_id.as_deref() == Some(who.viewer.open_id.as_str()))
                .then(|| format!("{path}/trash")),
            lines: Vec::new(),
            marks: marks(document, duration_ms),
            summary: paragraphs(&document.notes.summary),
            todos: document
                .notes
                .todos
                .iter()
                .map(|todo| (todo.content.clone(), todo.assignees.clone()))
                .collect(),
            shows_notes: false,
            proofs,
            sources: sources.collect(),
            sought: String::new(),
            next_found: None,
            path,
            frame,
        }
    }

    /// Whether there are summary, chapters or to-dos.
    fn has_notes(&self) -> bool {
        !(self.summary.is_empty() && self.marks.is_empty() && self.todos.is_empty())
    }

    /// Begins at this second: in the address of the media, so that it needs no script.
    pub(crate) fn beginning_at(mut self, second: Option<u32>) -> Self {
        if let (Some(media), Some(second)) = (&mut self.media, second) {
            let _ = write!(media, "#t={second}");
        }
        self
    }

    /// Marks what was searched for, and knows the way to the next recording in which it is.
    pub(crate) fn marking(mut self, document: &Document, query: Option<&SearchQuery>, sought: &str) -> Self {
        if query.is_some() {
            let token = self.path.rsplit('/').next().unwrap_or_default();
            let wish = form_urlencoded::Serializer::new(String::new())
                .append_pair("q", sought)
                .append_pair("after", token)
                .finish();
            self.next_found = Some(self.frame.path(&format!("/search/next?{wish}")));
            sought.clone_into(&mut self.sought);
        }
        for mark in &mut self.marks {
            mark.path = from_second(mark.second, &self.sought);
        }
        let mut last_speaker = None;
        for line in &document.transcript.lines {
            let marked = query.and_then(|query| query.stretches(&line.text));
            let speaker = line.speaker.as_deref();
            self.lines.push(Said {
                start_ms: line.start_ms.unwrap_or_default(),
                path: from_second(line.second().unwrap_or_default(), &self.sought),
                clock: line.start_ms.map(length).unwrap_or_default(),
                speaker: speaker.filter(|_| speaker != last_speaker).map(str::to_owned),
                by: speaker.unwrap_or_default().to_owned(),
                is_hit: marked.is_some(),
                text: marked.unwrap_or_else(|| vec![Stretch { text: line.text.clone(), is_hit: false }]),
            });
            last_speaker = speaker;
        }
        // Whoever searched for what only the notes say is to see them.
        let has_hit = query.is_none() || self.lines.iter().any(|line| line.is_hit);
        self.shows_notes = self.has_notes() && (self.lines.is_empty() || !has_hit);
        self
    }
}

/// The same page from this second on, with what was searched for.
fn from_second(second: i64, sought: &str) -> String {
    let mut wish = form_urlencoded::Serializer::new(String::new());
    wish.append_pair("t", &second.to_string());
    if !sought.is_empty() {
        wish.append_pair("q", sought);
    }
    format!("?{}", wish.finish())
}

fn without_media(opened: &Opened, words: Words) -> String {
    match opened.recording.reason() {
        Some(reason) => format!("{} {}", words.reason(reason), words.reason_fix(reason)),
        None => words.recording_state(opened.recording.state),
    }
}

/// What the platform said when it was last asked for its own copy.
fn of_source(source: Option<Source>, is_kept: bool, room: &ReadingRoom, visitor: &Visitor) -> String {
    let said = |key: &str, at_ms: i64| {
        visitor.words.say_with(key, &[("moment", room.say(Some(at_ms), visitor).into())])
    };
    match source {
        None => visitor.words.say("player-source-unasked"),
        Some(Source { gone_at: Some(gone_at), .. }) if is_kept => said("player-source-gone", gone_at),
        Some(Source { gone_at: Some(gone_at), .. }) => said("player-source-lost", gone_at),
        Some(Source { there_at: Some(there_at), .. }) => said("player-source-there", there_at),
        Some(Source { asked_at, .. }) => said("player-source-unknown", asked_at),
    }
}

/// The sentence about a transcript that covers a part of the recording only.
fn covers(covers_ms: i64, duration_ms: Option<i64>, words: Words) -> Option<String> {
    let duration_ms = duration_ms.filter(|_| covers_ms > 0)?;
    let is_part = covers_ms < duration_ms / 100 * NEARLY_ALL_PERCENT && duration_ms - covers_ms > 60_000;
    let minutes = |ms: i64| ((ms + 30_000) / 60_000).max(1);
    is_part.then(|| {
        words.say_with(
            "player-covers",
            &[("covered", minutes(covers_ms).into()), ("all", minutes(duration_ms).into())],
        )
    })
}

fn marks(document: &Document, duration_ms: Option<i64>) -> Vec<Mark> {
    let chapters = &document.notes.chapters;
    let end_ms =
        duration_ms.unwrap_or(0).max(chapters.iter().map(|it| it.start_ms).max().unwrap_or(0)).max(1);
    let place = |ms: i64| ms * BAR_WIDTH / end_ms;
    let ends = chapters.iter().skip(1).map(|next| next.start_ms).chain([end_ms]);
    chapters
        .iter()
        .zip(ends)
        .map(|(chapter, chapter_end_ms)| Mark {
            second: chapter.start_ms / 1_000,
            path: String::new(),
            clock: length(chapter.start_ms),
            title: chapter.title.clone(),
            summary: chapter.summary.clone(),
            from: place(chapter.start_ms),
            // A hair between two chapters.
            width: (place(chapter_end_ms) - place(chapter.start_ms) - 2).max(1),
        })
        .collect()
}

/// Lines of text without the marks of Markdown's headings and lists; nothing of it is HTML.
fn paragraphs(markdown: &str) -> Vec<String> {
    let plain = |line: &str| line.trim().trim_start_matches(['#', '*', '-', '>', ' ']).replace("**", "");
    markdown.lines().map(plain).filter(|line| !line.is_empty()).collect()
}

fn proof(artifact: &Artifact, path: &str, room: &ReadingRoom, visitor: &Visitor) -> Proof {
    let words = visitor.words;
    let is_done = artifact.state == ArtifactState::Done;
    let told = |at_ms: Option<i64>| if is_done { room.say(at_ms, visitor) } else { String::new() };
    let why = artifact.reason().map(|reason| words.reason(reason));
    Proof {
        kind: words.artifact_kind(artifact.kind),
        state: why.filter(|_| !is_done).unwrap_or_else(|| words.artifact_state(artifact.state)),
        path: is_done.then(|| match artifact.kind {
            ArtifactKind::Media => format!("{path}/media?download=1"),
            kind => format!("{path}/text/{kind}"),
        }),
        size: artifact
            .bytes
            .filter(|_| is_done)
            .and_then(|bytes| u64::try_from(bytes).ok())
            .map(size)
            .unwrap_or_default(),
        sha256: artifact.sha256.clone().filter(|_| is_done).unwrap_or_default(),
        plays: artifact.play_ms.filter(|_| is_done).map(length).unwrap_or_default(),
        fetched: told(artifact.done_at),
        read_again: told(artifact.verified_at),
    }
}

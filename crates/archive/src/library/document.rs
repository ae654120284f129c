//! A recording as it is read and searched: title, people, transcript, notes. Texts are read from the archive's files,
//! found by the catalogue and nothing else.

use std::path::Path;

use tokio::io::AsyncReadExt as _;
use tracing::error;

use super::fold::Folded;
use super::initials::initials;
use super::words::Words;
use super::{Notes, Opened, Transcript};
use crate::model::{Artifact, ArtifactKind, ArtifactState, Recording};
use crate::store::{Store, StoreError};

/// A transcript of many hours is a few megabytes; of anything longer the start is read.
const LONGEST_TEXT_BYTES: u64 = 16 << 20;

/// All that is written about a recording.
#[derive(Debug, Clone, Default)]
pub struct Document {
    /// Its title, when known.
    pub title: String,
    /// The names of its owner and of those who attended, as far as known.
    pub people: Vec<String>,
    /// What was said, when that is here.
    pub transcript: Transcript,
    /// What the platform's AI wrote, when that is here.
    pub notes: Notes,
}

impl Document {
    /// Reads it. A text whose file is missing is left out; what concerns the whole archive is an error.
    pub async fn read(store: &Store, opened: &Opened) -> Result<Self, StoreError> {
        let text = |kind| read_text(store, &opened.recording, &opened.artifacts, kind);
        let mut transcript = Transcript::from_srt(&text(ArtifactKind::TranscriptSrt).await?);
        if transcript.lines.is_empty() {
            transcript = Transcript::from_txt(&text(ArtifactKind::TranscriptTxt).await?);
        }
        Ok(Self {
            title: opened.recording.title.clone().unwrap_or_default(),
            people: opened.people.iter().filter_map(|person| person.name.clone()).collect(),
            transcript,
            notes: Notes::from_markdown(&text(ArtifactKind::Summary).await?),
        })
    }

    /// The lines of its notes, each with the time that it is about, if it is about one.
    pub(super) fn note_lines(&self) -> impl Iterator<Item = (Option<i64>, &str)> {
        let chapters = self.notes.chapters.iter().flat_map(|chapter| {
            let about = std::iter::once(chapter.title.as_str()).chain(chapter.summary.lines());
            about.map(|line| (Some(chapter.start_ms), line))
        });
        let todos = self.notes.todos.iter().flat_map(|todo| [todo.content.as_str(), todo.assignees.as_str()]);
        self.notes
            .summary
            .lines()
            .map(|line| (None, line))
            .chain(chapters)
            .chain(todos.map(|line| (None, line)))
    }

    /// Its words for the index.
    pub(super) fn words(&self) -> Words {
        let mut words = Words::default();
        for name in self.people.iter().chain([&self.title]) {
            words.take(&Folded::new(name).text);
            for spelling in initials(name) {
                words.take_initials(&spelling);
            }
        }
        let mut last_speaker = None;
        for line in &self.transcript.lines {
            words.take(&Folded::new(&line.text).text);
            let speaker = line.speaker.as_deref();
            if let Some(speaker) = speaker.filter(|_| speaker != last_speaker) {
                words.take(&Folded::new(speaker).text);
            }
            last_speaker = speaker;
        }
        for (_, line) in self.note_lines() {
            words.take(&Folded::new(line).text);
        }
        words.settled()
    }
}

/// A text of the archive; empty when it is not here, or cannot be read: then the scrub finds it, and one bad file keeps
/// neither the others from being found nor its own recording from being played. Only a disk that is not there is an error.
async fn read_text(
    store: &Store,
    recording: &Recording,
    artifacts: &[Artifact],
    kind: ArtifactKind,
) -> Result<String, StoreError> {
    let done =
        artifacts.iter().find(|artifact| artifact.kind == kind && artifact.state == ArtifactState::Done);
    let (Some(file_name), Some(dir)) = (done.and_then(|it| it.file_name.as_deref()), &recording.dir) else {
        return Ok(String::new());
    };
    let path = Path::new(dir).join(file_name);
    let left_out = |why: &dyn std::fmt::Display| {
        error!(recording = %recording.minute_token, artifact = %kind, %why, "a text cannot be read and is left out");
        Ok(String::new())
    };
    let file = match store.open_read(&path).await {
        Ok(file) => file,
        Err(StoreError::Missing { .. } | StoreError::Outside { .. }) => return Ok(String::new()),
        Err(error @ StoreError::ArchiveGone { .. }) => return Err(error),
        Err(error) => return left_out(&error),
    };
    let mut bytes = Vec::new();
    match file.take(LONGEST_TEXT_BYTES).read_to_end(&mut bytes).await {
        Ok(_) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(error) => left_out(&error),
    }
}

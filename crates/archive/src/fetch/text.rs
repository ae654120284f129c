//! Transcripts, as text and as captions, and the AI products as Markdown.

use bytes::Bytes;
use feishu::{Client, TranscriptFormat};

use super::miss::Miss;
use super::place::Place;
use super::reach::Reachers;
use super::summary::to_markdown;
use crate::Archive;
use crate::catalog::FinishedFile;
use crate::model::{ArtifactKind, ArtifactState, MinuteToken, OpenId, Reason, Recording};

impl Archive {
    /// Fetches a text artifact and puts it beside the media.
    pub(super) async fn fetch_text(
        &self,
        kind: ArtifactKind,
        token: &MinuteToken,
        recording: &Recording,
        reachers: &Reachers,
        place: &Place,
    ) -> Result<FinishedFile, Miss> {
        let (via, content, extension) = match kind {
            ArtifactKind::TranscriptSrt => {
                let (via, bytes) = self.ask_transcript(token, reachers, TranscriptFormat::Srt).await?;
                (via, bytes, "srt")
            }
            ArtifactKind::Summary => {
                let ask = |client: Client, access| {
                    let token = token.clone();
                    async move { client.artifacts(&access, &token).await }
                };
                let (via, artifacts) = self.ask_with_grants(reachers, ask).await?;
                (via, Bytes::from(to_markdown(recording, &artifacts)), "summary.md")
            }
            _ => {
                let (via, bytes) = self.ask_transcript(token, reachers, TranscriptFormat::Txt).await?;
                (via, bytes, "txt")
            }
        };
        if content.iter().all(u8::is_ascii_whitespace) {
            return Err(Miss::new(ArtifactState::Absent, Reason::Empty, "the platform's answer is empty"));
        }
        let file_name = format!("{}.{extension}", place.stem);
        let committed = self.store.put_small(&place.dir, &file_name, &content).await?;
        Ok(FinishedFile {
            via: Some(via.to_string()),
            ..FinishedFile::new(file_name, committed.bytes, committed.sha256)
        })
    }

    async fn ask_transcript(
        &self,
        token: &MinuteToken,
        reachers: &Reachers,
        format: TranscriptFormat,
    ) -> Result<(OpenId, Bytes), Miss> {
        let ask = |client: Client, access| {
            let token = token.clone();
            async move { client.transcript(&access, &token, format).await }
        };
        self.ask_with_grants(reachers, ask).await
    }
}

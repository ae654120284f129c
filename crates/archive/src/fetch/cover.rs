//! The picture that the platform shows for a recording. It is no part of what was said: where it does not come, nothing
//! is missing, and nothing waits for it.

use std::time::Duration;

use feishu::{MediaError, MediaUrl};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tracing::debug;

use super::miss::Miss;
use super::place::Place;
use crate::Archive;
use crate::catalog::{CatalogError, FinishedFile};
use crate::model::{Artifact, ArtifactKind, ArtifactState, Reason, Recording, RecordingState};
use crate::verify::picture_extension;

/// Covers of the platform are some ten kB.
const MOST_BYTES: usize = 1 << 20;
const LONGEST: Duration = Duration::from_secs(30);

impl Archive {
    /// Brings the cover of a recording whose media has just come, if it has one that comes at once.
    pub(super) async fn bring_cover(
        &self,
        recording: &Recording,
        place: &Place,
        brake: &CancellationToken,
    ) -> Result<(), CatalogError> {
        if recording.state == RecordingState::Archived {
            return Ok(());
        }
        let artifacts = self.catalog.artifacts(&recording.minute_token).await?;
        let is_known = artifacts.iter().any(|artifact| artifact.kind == ArtifactKind::Cover);
        let is_here = |it: &Artifact| it.kind == ArtifactKind::Media && it.state == ArtifactState::Done;
        if is_known || !artifacts.iter().any(is_here) {
            return Ok(());
        }
        let fetched = tokio::select! {
            fetched = self.fetch_cover(recording, place) => fetched,
            () = brake.cancelled() => return Ok(()),
        };
        match fetched {
            Ok(file) => {
                let now_ms = self.clock.now_ms();
                self.catalog.artifact_done(&recording.minute_token, ArtifactKind::Cover, &file, now_ms).await
            }
            Err(miss) => {
                debug!(recording = %recording.minute_token, why = miss.detail, "no cover came");
                Ok(())
            }
        }
    }

    pub(super) async fn fetch_cover(
        &self,
        recording: &Recording,
        place: &Place,
    ) -> Result<FinishedFile, Miss> {
        let absent = |why: &str| Miss::new(ArtifactState::Absent, Reason::NotFound, why);
        let metadata =
            recording.metadata.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok());
        let url = metadata.as_ref().and_then(|metadata| metadata["cover"].as_str()).and_then(MediaUrl::parse);
        let url = url.ok_or_else(|| absent("the platform names no cover"))?;
        let content = tokio::time::timeout(LONGEST, self.receive_cover(&url));
        let content = content.await.map_err(|_| absent("the cover did not come in time"))??;
        let extension = picture_extension(&content).ok_or_else(|| absent("what came is no picture"))?;
        let file_name = format!("{}.cover.{extension}", place.stem);
        let committed = self.store.put_small(&place.dir, &file_name, &content).await?;
        Ok(FinishedFile::new(file_name, committed.bytes, committed.sha256))
    }

    async fn receive_cover(&self, url: &MediaUrl) -> Result<Vec<u8>, Miss> {
        // Its address comes once, with the metadata: what fails now is not tried again.
        let absent =
            |error: MediaError| Miss::new(ArtifactState::Absent, Reason::NotFound, error.to_string());
        let mut answer = self.client.open_media(url, None, None).await.map_err(absent)?;
        let mut content = Vec::new();
        while let Some(bytes) = answer.chunk().await.map_err(absent)? {
            content.extend_from_slice(&bytes);
            if content.len() > MOST_BYTES {
                return Err(Miss::new(ArtifactState::Absent, Reason::NotFound, "the cover is too large"));
            }
        }
        Ok(content)
    }
}

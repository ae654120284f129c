//! The JSON sidecar beside each recording, and `SHA256SUMS` in each folder: with them the archive can be
//! read and proved without this program.

use std::path::Path;

use serde_json::{Value, json};

use super::miss::Miss;
use super::place::Place;
use crate::Archive;
use crate::catalog::{CatalogError, FinishedFile, SightingRow};
use crate::model::{Artifact, ArtifactKind, ArtifactState, MinuteToken, Recording};
use crate::store::write_sums;

/// Why the last step could not be taken.
pub(super) enum SidecarError {
    Catalog(CatalogError),
    Store(Miss),
}

impl From<CatalogError> for SidecarError {
    fn from(error: CatalogError) -> Self {
        Self::Catalog(error)
    }
}

impl Archive {
    /// Writes sidecar and sums anew. Done at the end of every run, so that a crash anywhere before is mended.
    pub(super) async fn write_sidecar(&self, token: &MinuteToken, place: &Place) -> Result<(), SidecarError> {
        let Some(recording) = self.catalog.recording(token).await? else { return Ok(()) };
        let artifacts = self.catalog.artifacts(token).await?;
        let sightings = self.catalog.sightings(token).await?;
        let owner = match recording.owner() {
            Some(owner) => self.catalog.member(&owner).await?.map(|member| member.name),
            None => None,
        };
        let sidecar = describe(&recording, owner.as_deref(), &artifacts, &sightings);
        let content = serde_json::to_vec_pretty(&sidecar).unwrap_or_default();
        let file_name = format!("{}.json", place.stem);
        let committed = self
            .store
            .put_small(&place.dir, &file_name, &content)
            .await
            .map_err(|error| SidecarError::Store(error.into()))?;
        let file = FinishedFile::new(file_name, committed.bytes, committed.sha256);
        self.catalog.artifact_done(token, ArtifactKind::Sidecar, &file, self.clock.now_ms()).await?;
        self.transfers.sums.write(&place.dir, async || self.write_folder_sums(&place.dir).await).await
    }

    async fn write_folder_sums(&self, dir: &Path) -> Result<(), SidecarError> {
        let files = self.catalog.files_in(&dir.to_string_lossy()).await?;
        let sums: Vec<(String, String)> =
            files.into_iter().map(|file| (file.file_name, file.sha256)).collect();
        write_sums(&self.store, dir, &sums).await.map_err(|error| SidecarError::Store(error.into()))?;
        Ok(())
    }
}

fn describe(
    recording: &Recording,
    owner: Option<&str>,
    artifacts: &[Artifact],
    sightings: &[SightingRow],
) -> Value {
    let (files, others): (Vec<_>, Vec<_>) = artifacts
        .iter()
        .filter(|artifact| artifact.kind != ArtifactKind::Sidecar)
        .partition(|artifact| artifact.state == ArtifactState::Done);
    json!({
        "minute_token": recording.minute_token.as_ref() as &str,
        "title": recording.title,
        "owner": { "open_id": recording.owner_id, "name": owner },
        "created_ms": recording.created_ms,
        "duration_ms": recording.duration_ms,
        "meeting_id": recording.meeting_id,
        "url": recording.url,
        "files": files.iter().map(|file| json!({
            "kind": file.kind,
            "file": file.file_name,
            "bytes": file.bytes,
            "sha256": file.sha256,
            "content_type": file.content_type,
            "plays_ms": file.play_ms,
            "fetched_with_grant_of": file.via,
            "fetched_at_ms": file.done_at,
        })).collect::<Vec<_>>(),
        "not_here": others.iter().map(|artifact| json!({
            "kind": artifact.kind,
            "state": artifact.state,
            "reason": artifact.reason,
            "detail": artifact.reason_detail,
        })).collect::<Vec<_>>(),
        "seen_by": sightings.iter().map(|seen| json!({
            "track": seen.track,
            "open_id": seen.open_id,
            "first_at_ms": seen.first_at,
        })).collect::<Vec<_>>(),
        "platform": recording.metadata.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok()),
        "written_by": concat!("minutes-vault ", env!("CARGO_PKG_VERSION")),
    })
}

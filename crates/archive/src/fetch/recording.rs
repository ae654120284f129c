//! One run over one recording: what is due is asked for, what comes is kept, what does not come is
//! written down with its reason and the time when it is asked for again. One artifact's trouble does
//! not keep the others out.

use std::time::Duration;

use feishu::Priority;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::miss::Miss;
use super::place::Place;
use super::reach::Reachers;
use super::sidecar::SidecarError;
use crate::Archive;
use crate::catalog::{ArtifactUpdate, CatalogError, FinishedFile, RecordingUpdate, SourceLook};
use crate::model::{
    Artifact, ArtifactKind, ArtifactState, MinuteToken, OpenId, Reason, Recording, RecordingState, to_ms,
};
use crate::queue::{CATALOG_TROUBLE, LONGEST_WAIT_MS, Next, Task};
use crate::verify::hash_file;

/// So long after it was made a recording may still get what it lacks.
const YOUNG_MS: i64 = 86_400_000;
const SHORT_MS: i64 = 5_000;
/// By [`Waits::not_ready`](crate::Waits) so many take some hours.
const ENOUGH_ATTEMPTS: i64 = 10;
/// Somebody makes room and expects that work goes on soon.
const DISK_WAIT_MS: i64 = 60_000;

impl Archive {
    /// Runs a task of kind `archive`.
    pub(crate) async fn work_on_recording(&self, task: &Task) -> Next {
        let Ok(token) = MinuteToken::parse(&task.subject) else { return Next::Done };
        match self.bring_in(&token, task.priority(), task.attempts).await {
            Ok(next) => next,
            Err(error) => Next::Failed {
                at: self.clock.now_ms() + self.waits.trouble.wait_ms(task.attempts),
                error: error.to_string(),
            },
        }
    }

    async fn bring_in(
        &self,
        token: &MinuteToken,
        priority: Priority,
        attempts: i64,
    ) -> Result<Next, CatalogError> {
        let Some(mut recording) = self.catalog.recording(token).await? else { return Ok(Next::Done) };
        // Whoever sees it now brings nothing of it back, not even its title.
        if recording.state.is_removed() {
            return Ok(Next::Done);
        }
        let mut reachers =
            Reachers { members: self.catalog.reachers(token, self.clock.now_ms()).await?, priority };
        if recording.metadata.is_none() {
            match self.fetch_metadata(token, &reachers).await {
                Ok(facts) => {
                    self.catalog.set_metadata(token, &facts).await?;
                    let Some(known) = self.catalog.recording(token).await? else { return Ok(Next::Done) };
                    recording = known;
                    // Now that the owner is known they come first.
                    reachers.members = self.catalog.reachers(token, self.clock.now_ms()).await?;
                }
                Err(miss) => {
                    return self.without_metadata(token, &recording, &reachers, &miss, attempts).await;
                }
            }
        }
        let place = self.place_of(token, &recording).await?;
        let hold = self.holds.begin(token, &self.stop);
        for artifact in self.catalog.artifacts(token).await? {
            if self.is_due(&artifact) && !hold.brake.is_cancelled() {
                self.bring_artifact(&recording, &reachers, &place, &artifact, &hold.brake).await?;
            }
        }
        if hold.brake.is_cancelled() {
            // Parked: what was not asked for is no reason to conclude anything.
            return Ok(Next::At(self.clock.now_ms()));
        }
        self.bring_cover(&recording, &place, &hold.brake).await?;
        self.settle(token, &reachers, &place, attempts).await
    }

    fn is_due(&self, artifact: &Artifact) -> bool {
        let now_ms = self.clock.now_ms();
        // Put off longer than by any policy: a clock that ran ahead did that.
        let is_time = artifact.due_at <= now_ms || artifact.due_at > now_ms + LONGEST_WAIT_MS;
        is_time
            && artifact.kind != ArtifactKind::Sidecar
            && artifact.state != ArtifactState::Done
            && artifact.state != ArtifactState::Absent
            && self.features.wants(artifact.kind)
    }

    async fn bring_artifact(
        &self,
        recording: &Recording,
        reachers: &Reachers,
        place: &Place,
        artifact: &Artifact,
        brake: &CancellationToken,
    ) -> Result<(), CatalogError> {
        let token = &recording.minute_token;
        let fetched = match artifact.kind {
            ArtifactKind::Media => self.fetch_media(recording, reachers, place, brake).await,
            ArtifactKind::Cover => self.fetch_cover(recording, place).await,
            kind => self.fetch_text(kind, token, recording, reachers, place).await,
        };
        match fetched {
            Ok(file) => self.note_done(token, artifact.kind, &file).await,
            Err(miss) => self.note_miss(recording, reachers, place, artifact, miss).await,
        }
    }

    /// What is here is not fetched once more because the catalogue is busy or its disk full: that only delays the
    /// note.
    async fn note_done(
        &self,
        token: &MinuteToken,
        kind: ArtifactKind,
        file: &FinishedFile,
    ) -> Result<(), CatalogError> {
        let mut troubles = 0;
        loop {
            match self.catalog.artifact_done(token, kind, file, self.clock.now_ms()).await {
                Err(error) if error.is_of_the_whole() && !self.stop.is_cancelled() => {
                    let wait_ms = CATALOG_TROUBLE.wait_ms(troubles);
                    troubles += 1;
                    warn!(recording = %token, artifact = %kind, %error, wait_ms,
                        "what was fetched cannot be noted; trying again");
                    tokio::select! {
                        () = tokio::time::sleep(Duration::from_millis(wait_ms.unsigned_abs())) => {}
                        () = self.stop.cancelled() => {}
                    }
                }
                noted => return noted,
            }
        }
    }

    async fn note_miss(
        &self,
        recording: &Recording,
        reachers: &Reachers,
        place: &Place,
        artifact: &Artifact,
        miss: Miss,
    ) -> Result<(), CatalogError> {
        let (token, now_ms) = (&recording.minute_token, self.clock.now_ms());
        let mut update = self.judge(recording, artifact, miss);
        if update.reason == Some(Reason::Deleted) {
            self.catalog.note_source(token, SourceLook::Gone, now_ms).await?;
        }
        // Asked for again by hand, and it cannot be had any more: what we kept is still good, if it is.
        let is_final = matches!(update.state, ArtifactState::Denied | ArtifactState::Absent)
            || update.reason == Some(Reason::NoGrant);
        if is_final && self.is_kept_intact(place, artifact).await {
            update.state = ArtifactState::Done;
        } else if is_final && artifact.kind == ArtifactKind::Cover {
            return self.catalog.forget_cover(token).await;
        } else if update.state == ArtifactState::Absent && artifact.file_name.is_some() {
            // It was here once. Whoever has a copy can put it back and ask for it again.
            update.reason = Some(Reason::Lost);
        }
        if update.state == ArtifactState::Failed {
            warn!(recording = %token, artifact = %artifact.kind, reason = update.reason.map(Reason::as_str),
                detail = update.detail, attempts = update.attempts, again_in_ms = update.due_at - now_ms,
                "an artifact could not be fetched");
            metrics::counter!("vault_fetch_failures_total", "reason" => update.reason.map_or("", Reason::as_str))
                .increment(1);
        }
        self.catalog.artifact_not_done(token, artifact.kind, &update, &reachers.members, now_ms).await
    }

    /// Whether the file of an earlier fetch is there, byte for byte.
    async fn is_kept_intact(&self, place: &Place, artifact: &Artifact) -> bool {
        let (Some(name), Some(sha256)) = (&artifact.file_name, &artifact.sha256) else { return false };
        let Ok(path) = self.store.locate(&place.dir.join(name)).await else { return false };
        hash_file(&path, |_| {}).await.is_ok_and(|kept| kept.sha256 == *sha256)
    }

    /// What a miss means for an artifact: its new state and when it is asked for again.
    fn judge(&self, recording: &Recording, artifact: &Artifact, mut miss: Miss) -> ArtifactUpdate {
        let now_ms = self.clock.now_ms();
        let age_ms = now_ms - recording.found_at;
        let made_ms = recording.created_ms.unwrap_or(recording.found_at);
        if miss.reason == Some(Reason::Empty) && now_ms - made_ms < YOUNG_MS {
            miss.state = ArtifactState::Waiting;
        }
        if miss.reason == Some(Reason::NotFound) && artifact.file_name.is_none() {
            if recording.metadata.is_some() {
                // The minute is there and its part is not: made later, or never.
                miss.reason = Some(Reason::NotReady);
                miss.state = ArtifactState::Waiting;
            } else if age_ms < YOUNG_MS {
                // The platform's parts do not learn of a new minute at the same moment.
                miss.state = ArtifactState::Waiting;
            }
        }
        // Recordings of a few seconds may never get a file.
        let is_short = recording.duration_ms.is_some_and(|duration_ms| duration_ms < SHORT_MS);
        let never_ms = if is_short { YOUNG_MS } else { to_ms(self.waits.never) };
        // A clock that jumps ahead makes it old, not often asked for.
        let is_asked_for_often = artifact.attempts >= ENOUGH_ATTEMPTS;
        if miss.state == ArtifactState::Waiting && age_ms > never_ms && is_asked_for_often {
            miss.state = ArtifactState::Absent;
            miss.reason = Some(Reason::NeverProduced);
        }
        // Denials come and go with people's settings: media, at least, is asked for again.
        let wait_ms = match (miss.wait, miss.state) {
            (Some(wait), _) => to_ms(wait),
            (None, _) if matches!(miss.reason, Some(Reason::DiskFull | Reason::ArchiveNotWritable)) => {
                self.waits.trouble.wait_ms(artifact.attempts).min(DISK_WAIT_MS)
            }
            (None, ArtifactState::Waiting) => self.waits.not_ready.wait_ms(artifact.attempts),
            (None, ArtifactState::Failed) => self.waits.trouble.wait_ms(artifact.attempts),
            (None, ArtifactState::Denied) => to_ms(self.waits.denied),
            (None, _) => 0,
        };
        // A limit is not a failure, and neither is being parked.
        let counts = !matches!(miss.reason, None | Some(Reason::RateLimited | Reason::NoGrant));
        ArtifactUpdate {
            state: miss.state,
            reason: miss.reason,
            detail: miss.detail,
            attempts: artifact.attempts + i64::from(counts),
            due_at: now_ms + wait_ms,
        }
    }

    /// Nothing can be fetched before the metadata is there; what holds it up holds up everything that is
    /// not here yet. What an import brought is here without any metadata.
    async fn without_metadata(
        &self,
        token: &MinuteToken,
        recording: &Recording,
        reachers: &Reachers,
        miss: &Miss,
        attempts: i64,
    ) -> Result<Next, CatalogError> {
        let artifacts = self.catalog.artifacts(token).await?;
        let is_open = |artifact: &&Artifact| {
            artifact.kind != ArtifactKind::Sidecar
                && !matches!(artifact.state, ArtifactState::Done | ArtifactState::Absent)
        };
        let place = match (&recording.dir, &recording.stem) {
            (Some(dir), Some(stem)) => Some(Place { dir: dir.into(), stem: stem.clone() }),
            _ => None,
        };
        for artifact in artifacts.iter().filter(is_open) {
            if let Some(place) = &place {
                self.note_miss(recording, reachers, place, artifact, miss.clone()).await?;
            } else {
                let update = self.judge(recording, artifact, miss.clone());
                let now_ms = self.clock.now_ms();
                self.catalog
                    .artifact_not_done(token, artifact.kind, &update, &reachers.members, now_ms)
                    .await?;
            }
        }
        match place {
            Some(place) => self.settle(token, reachers, &place, attempts).await,
            None => self.conclude(token, &reachers.members).await,
        }
    }

    /// Ends a run: sidecar and sums when there is something to describe, then the recording's own state.
    async fn settle(
        &self,
        token: &MinuteToken,
        reachers: &Reachers,
        place: &Place,
        attempts: i64,
    ) -> Result<Next, CatalogError> {
        let artifacts = self.catalog.artifacts(token).await?;
        if artifacts.iter().any(|artifact| artifact.state == ArtifactState::Done) {
            match self.write_sidecar(token, place).await {
                Ok(()) => {}
                Err(SidecarError::Catalog(error)) => return Err(error),
                Err(SidecarError::Store(miss)) => return self.without_sidecar(token, miss, attempts).await,
            }
        }
        self.conclude(token, &reachers.members).await
    }

    /// A recording is archived when sums prove it, not before; what holds them up is told.
    async fn without_sidecar(
        &self,
        token: &MinuteToken,
        miss: Miss,
        attempts: i64,
    ) -> Result<Next, CatalogError> {
        let error = miss.detail.unwrap_or_default();
        warn!(recording = %token, error, "sidecar and sums could not be written; trying again");
        let media = self.catalog.artifacts(token).await?;
        let media = media.iter().find(|artifact| artifact.kind == ArtifactKind::Media);
        let update = match media {
            Some(media) if media.state != ArtifactState::Done => RecordingUpdate {
                state: state_of(media),
                reason: media.reason(),
                detail: media.reason_detail.as_deref(),
            },
            _ => {
                let known = self.catalog.recording(token).await?.map(|recording| recording.state);
                let state = known.unwrap_or(RecordingState::Found);
                RecordingUpdate { state, reason: miss.reason, detail: Some(&error) }
            }
        };
        self.catalog.set_recording_state(token, update, self.clock.now_ms()).await?;
        let wait_ms = miss.wait.map_or_else(|| self.waits.trouble.wait_ms(attempts).min(DISK_WAIT_MS), to_ms);
        Ok(Next::Failed { at: self.clock.now_ms() + wait_ms, error })
    }

    /// Draws the recording's state from its media's, and the next run from what is still open.
    async fn conclude(&self, token: &MinuteToken, asked: &[OpenId]) -> Result<Next, CatalogError> {
        let artifacts: Vec<Artifact> = self
            .catalog
            .artifacts(token)
            .await?
            .into_iter()
            .filter(|artifact| artifact.kind != ArtifactKind::Sidecar && self.features.wants(artifact.kind))
            .collect();
        let Some(media) = artifacts.iter().find(|artifact| artifact.kind == ArtifactKind::Media) else {
            return Ok(Next::Done);
        };
        let update = RecordingUpdate {
            state: state_of(media),
            reason: media.reason(),
            detail: media.reason_detail.as_deref(),
        };
        self.catalog.set_recording_state(token, update, self.clock.now_ms()).await?;
        let unreached = matches!(update.state, RecordingState::Denied | RecordingState::NoGrant);
        if unreached
            && self
                .catalog
                .reachers(token, self.clock.now_ms())
                .await?
                .iter()
                .any(|member| !asked.contains(member))
        {
            // Somebody who may reach it turned up while we asked the others.
            self.catalog.reopen_artifacts(token, false).await?;
            return Ok(Next::At(self.clock.now_ms()));
        }
        let open = artifacts.iter().filter(|artifact| match artifact.state {
            ArtifactState::Done | ArtifactState::Absent => false,
            ArtifactState::Denied => artifact.kind == ArtifactKind::Media,
            // Whoever authorises calls for it.
            ArtifactState::Pending => artifact.reason() != Some(Reason::NoGrant),
            ArtifactState::Waiting | ArtifactState::Failed => true,
        });
        Ok(open.map(|artifact| artifact.due_at).min().map_or(Next::Done, Next::At))
    }
}

/// A recording stands where its media stands.
fn state_of(media: &Artifact) -> RecordingState {
    match (media.state, media.reason()) {
        (ArtifactState::Done, _) => RecordingState::Archived,
        (ArtifactState::Waiting, _) => RecordingState::Waiting,
        (ArtifactState::Denied, _) => RecordingState::Denied,
        (ArtifactState::Absent, Some(Reason::Lost)) => RecordingState::Lost,
        (ArtifactState::Absent, Some(Reason::Trashed)) => RecordingState::Trashed,
        (ArtifactState::Absent, Some(Reason::Purged)) => RecordingState::Purged,
        (ArtifactState::Absent, Some(Reason::Deleted | Reason::NotFound)) => RecordingState::Gone,
        // Not fetched by itself; the reason says why, and who wants it can have it fetched.
        (ArtifactState::Absent, Some(Reason::HeldElsewhere)) => RecordingState::Found,
        (ArtifactState::Absent, _) => RecordingState::NoMedia,
        (ArtifactState::Failed, _) => RecordingState::Failed,
        (ArtifactState::Pending, Some(Reason::NoGrant)) => RecordingState::NoGrant,
        (ArtifactState::Pending, _) => RecordingState::Found,
    }
}

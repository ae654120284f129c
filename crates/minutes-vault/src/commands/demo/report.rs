//! What came of the demonstration, held against what the stand-in knows to be true.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use archive::Archive;
use archive::catalog::RecordingFilter;
use archive::model::{ArtifactKind, ArtifactState, MinuteToken, OpenId, Recording, RecordingState};
use archive::verify::hash_file;
use serde::Serialize;
use web::words::Words;

use super::company::{Company, Truth};
use crate::print::{self, Table};

/// The demonstration's outcome.
#[derive(Debug, Serialize)]
pub struct Report {
    found: usize,
    archived: usize,
    /// The platform is not ready, or nobody who can see it has authorised.
    waiting: usize,
    denied: usize,
    gone: usize,
    no_media: usize,
    failed: usize,
    /// Recordings whose file was read again and is, byte for byte, what the platform has.
    verified: usize,
    /// Members whose grant the platform still honours, of all members.
    grants_alive: usize,
    members: usize,
    /// Media on disk.
    bytes: u64,
    /// Media received in this run.
    received_bytes: u64,
    seconds: f64,
    /// Recordings that ended otherwise than a careful person would expect, and how.
    unexpected: Vec<String>,
}

impl Report {
    /// Counts, reads every media file again, and compares with the truth.
    pub async fn draw(archive: &Archive, company: &Company, took: Duration) -> Result<Self> {
        let filter = RecordingFilter { limit: i64::MAX, ..RecordingFilter::default() };
        let recordings: BTreeMap<String, Recording> = archive
            .catalog
            .recordings(&filter)
            .await?
            .into_iter()
            .map(|recording| (recording.minute_token.to_string(), recording))
            .collect();
        let count = |state| recordings.values().filter(|recording| recording.state == state).count();
        let mut report = Self {
            found: recordings.len(),
            archived: count(RecordingState::Archived),
            waiting: count(RecordingState::Waiting)
                + count(RecordingState::NoGrant)
                + count(RecordingState::Found),
            denied: count(RecordingState::Denied),
            gone: count(RecordingState::Gone),
            no_media: count(RecordingState::NoMedia),
            failed: count(RecordingState::Failed),
            verified: 0,
            grants_alive: 0,
            members: 0,
            bytes: 0,
            received_bytes: archive.transfers.received_bytes(),
            seconds: took.as_secs_f64(),
            unexpected: Vec::new(),
        };
        for truth in company.truth().await? {
            report.hold_against(archive, recordings.get(&truth.token), &truth).await?;
        }
        for row in archive.catalog.members().await? {
            report.members += 1;
            report.grants_alive += usize::from(is_alive(archive, &row.member.open_id).await);
        }
        Ok(report)
    }

    async fn hold_against(
        &mut self,
        archive: &Archive,
        recording: Option<&Recording>,
        truth: &Truth,
    ) -> Result<()> {
        let Some(recording) = recording else {
            self.unexpected.push(format!("{}: never found", truth.token));
            return Ok(());
        };
        let is_expected = match truth.expect.as_deref() {
            Some("archived") => recording.state == RecordingState::Archived,
            Some("denied") => recording.state == RecordingState::Denied,
            Some("gone") => recording.state == RecordingState::Gone,
            Some("waiting") => matches!(recording.state, RecordingState::NoGrant | RecordingState::Waiting),
            // "Not ready" is all that the platform says; only time tells that nothing will come.
            Some("no_media") => matches!(recording.state, RecordingState::NoMedia | RecordingState::Waiting),
            _ => true,
        };
        if !is_expected {
            let expected = truth.expect.as_deref().unwrap_or_default();
            self.unexpected.push(format!("{}: {} instead of {expected}", truth.token, recording.state));
        }
        if recording.state == RecordingState::Archived {
            match self.read_again(archive, &recording.minute_token, recording, truth).await? {
                Ok(()) => self.verified += 1,
                Err(difference) => self.unexpected.push(format!("{}: {difference}", truth.token)),
            }
        }
        Ok(())
    }

    async fn read_again(
        &mut self,
        archive: &Archive,
        token: &MinuteToken,
        recording: &Recording,
        truth: &Truth,
    ) -> Result<Result<(), String>> {
        let artifacts = archive.catalog.artifacts(token).await?;
        let media =
            artifacts.iter().find(|a| a.kind == ArtifactKind::Media && a.state == ArtifactState::Done);
        let (Some(media), Some(dir), Some(file)) = (media, &recording.dir, &truth.file) else {
            return Ok(Err("archived without a file".to_owned()));
        };
        let name = media.file_name.as_deref().unwrap_or_default();
        let path = archive.store.root().join(dir).join(name);
        let read = match hash_file(&path, |_| {}).await {
            Ok(read) => read,
            Err(error) => return Ok(Err(format!("{}: {error}", path.display()))),
        };
        self.bytes += read.bytes;
        if read.sha256 != file.sha256
            || read.bytes != file.bytes
            || media.sha256.as_deref() != Some(&*file.sha256)
        {
            return Ok(Err(format!("{} is not what the platform has", path.display())));
        }
        Ok(Ok(()))
    }

    /// Whether everything that can be archived is, and verified, and no grant was lost.
    pub fn is_complete(&self) -> bool {
        self.unexpected.is_empty()
            && self.failed == 0
            && self.verified == self.archived
            && self.grants_alive == self.members
    }

    /// Prints it: one JSON object for programs, a few lines for people.
    pub fn print(&self, json: bool, words: Words) {
        if json {
            println!("{}", serde_json::to_string(self).unwrap_or_default());
            return;
        }
        println!();
        let mut facts = Table::facts();
        for (key, value) in [
            ("demo-found", self.found.to_string()),
            ("demo-archived", self.archived.to_string()),
            ("demo-verified", self.verified.to_string()),
            ("demo-waiting", self.waiting.to_string()),
            ("demo-denied", self.denied.to_string()),
            ("demo-gone", self.gone.to_string()),
            ("demo-no-media", self.no_media.to_string()),
            ("demo-failed", self.failed.to_string()),
            ("demo-grants", format!("{}/{}", self.grants_alive, self.members)),
            ("demo-bytes", print::size(self.bytes)),
            ("demo-received", print::size(self.received_bytes)),
            ("demo-seconds", format!("{:.1}", self.seconds)),
        ] {
            facts.row([words.say(key), value]);
        }
        facts.print();
        for line in &self.unexpected {
            println!("  ! {line}");
        }
        println!("{}", words.say(if self.is_complete() { "demo-complete" } else { "demo-incomplete" }));
    }
}

/// A grant is alive when the platform renews it.
async fn is_alive(archive: &Archive, member: &OpenId) -> bool {
    match archive.grants.access(member).await {
        Ok(access) => archive.grants.renew(member, access.version).await.is_ok(),
        Err(_) => false,
    }
}

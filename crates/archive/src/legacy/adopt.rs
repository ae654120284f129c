//! The script's recordings: all are noted as held, and those whose file is found whole are adopted.
//!
//! A file inside the archive folder is adopted where it lies. Any other is copied: a hard link would save
//! the room, but change with the original when the script writes to it once more.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use feishu::Priority;
use tokio::io::AsyncReadExt as _;

use super::files::{self, Found};
use super::history::Entry;
use super::{LegacyError, LegacyLine, LegacyReport, RecordingOutcome};
use crate::Archive;
use crate::catalog::{CatalogError, FinishedFile, Novelty, RecordingUpdate, Sighting, args, record_sighting};
use crate::model::{ArtifactKind, ArtifactState, MinuteToken, RecordingState, Track};
use crate::queue::{Call, TaskKind};
use crate::store::{QUARANTINE, TRASH};
use crate::verify::{MediaKind, check_mp4_file, hash_file};

/// Recordings noted in one transaction.
const CHUNK: usize = 200;
const BUFFER_BYTES: usize = 1 << 20;
/// A stem must leave room for the longest ending beside it (`.summary.md.99.part`) in 255 bytes.
const MOST_STEM_BYTES: usize = 236;
const FILES_A_PAGE: i64 = 1_000;

pub(super) async fn import(
    archive: &Archive,
    dir: &Path,
    history: &[Entry],
    report: &mut LegacyReport,
) -> Result<(), LegacyError> {
    let new = hold(archive, history).await?;
    let (looked_in, root) = (dir.to_owned(), archive.store.root().to_owned());
    let walk = tokio::task::spawn_blocking(move || files::walk(&[&looked_in, &root])).await;
    let Found { mut files, unreadable } = walk.unwrap_or_default();
    let held_already = archived_files(archive).await?;
    files.retain(|file| !held_already.contains(file) && !is_aside(archive.store.root(), file));
    report.lines.extend(unreadable.into_iter().map(|(path, why)| LegacyLine::FolderSkipped { path, why }));

    let mut candidates = files::matched(history, &files, dir);
    for entry in history {
        let token = &entry.minute_token;
        let mut outcome = if new.contains(token) { RecordingOutcome::Held } else { RecordingOutcome::Known };
        for file in candidates.remove(token).unwrap_or_default() {
            if has_media(archive, token).await? || was_removed(archive, token).await? {
                break;
            }
            match adopt(archive, token, &file).await {
                Ok((path, bytes)) => outcome = RecordingOutcome::Adopted { from: file, path, bytes },
                Err(Refused::Catalog(error)) => return Err(error.into()),
                Err(Refused::File(why)) => {
                    let minute_token = token.clone();
                    report.lines.push(LegacyLine::FileRefused { minute_token, path: file, why });
                }
            }
        }
        report.lines.push(LegacyLine::Recording { minute_token: token.clone(), outcome });
    }
    archive.queue.nudge(TaskKind::Archive);
    Ok(())
}

/// Notes all as held by the old installation, unless they are known; those that were not.
async fn hold(archive: &Archive, history: &[Entry]) -> Result<BTreeSet<MinuteToken>, CatalogError> {
    let now_ms = archive.clock.now_ms();
    let mut new = BTreeSet::new();
    // In one order everywhere, so that two writers of a chunk do not wait for each other.
    let mut entries: Vec<&Entry> = history.iter().collect();
    entries.sort_by_key(|entry| &entry.minute_token);
    for chunk in entries.chunks(CHUNK) {
        let mut tx = archive.catalog.db().begin().await?;
        for entry in chunk {
            let seen = Sighting {
                minute_token: entry.minute_token.clone(),
                track: Track::Import,
                member: None,
                owner: None,
                meeting_id: None,
                title: entry.title.clone(),
            };
            if record_sighting(&mut tx, &seen, now_ms).await? != Novelty::Recording {
                continue;
            }
            for held in [
                "UPDATE artifacts SET state = 'absent', reason = 'held_elsewhere' WHERE minute_token = $1",
                "UPDATE recordings SET reason = 'held_elsewhere' WHERE minute_token = $1",
            ] {
                tx.execute(held, args![&entry.minute_token]).await?;
            }
            new.insert(entry.minute_token.clone());
        }
        tx.commit().await?;
    }
    Ok(new)
}

enum Refused {
    Catalog(CatalogError),
    /// This file cannot be had, for this reason.
    File(String),
}

impl From<CatalogError> for Refused {
    fn from(error: CatalogError) -> Self {
        Self::Catalog(error)
    }
}

/// Takes a file into the archive; where it is there, and its length.
async fn adopt(archive: &Archive, token: &MinuteToken, file: &Path) -> Result<(PathBuf, u64), Refused> {
    let refuse = |why: &dyn std::fmt::Display| Refused::File(why.to_string());
    let kind = check_mp4_file(file).await.map_err(|fault| refuse(&fault))?.kind;
    let (dir, finished) = match place_inside(archive, token, file).await? {
        Some((dir, stem, file_name)) => {
            let hash = hash_file(file, |_| {}).await.map_err(|error| refuse(&error))?;
            let (fixed, _) = archive.catalog.fix_place(token, &dir, &stem).await?;
            (fixed.into(), FinishedFile::new(file_name, hash.bytes, hash.sha256))
        }
        None => copy(archive, token, file, kind).await?,
    };
    let now_ms = archive.clock.now_ms();
    archive.catalog.artifact_done(token, ArtifactKind::Media, &finished, now_ms).await?;
    let archived = RecordingUpdate { state: RecordingState::Archived, reason: None, detail: None };
    archive.catalog.set_recording_state(token, archived, now_ms).await?;
    // What the script never fetched comes when somebody's grant reaches it; sidecar and sums come at once.
    let texts = "UPDATE artifacts SET state = 'pending', reason = NULL
        WHERE minute_token = $1 AND kind <> 'media' AND reason = 'held_elsewhere'";
    archive.catalog.db().execute(texts, args![token]).await?;
    archive.queue.call(Call::new(TaskKind::Archive, token.as_str(), Priority::Backfill, now_ms)).await?;
    Ok((dir.join(&finished.file_name), finished.bytes.unsigned_abs()))
}

/// Folder, stem and name of a file that lies in the archive and can stay as it is.
async fn place_inside(
    archive: &Archive,
    token: &MinuteToken,
    file: &Path,
) -> Result<Option<(String, String, String)>, CatalogError> {
    let place = (|| {
        let inside = file.strip_prefix(archive.store.root()).ok()?;
        let stem = inside.file_stem()?.to_str().filter(|stem| stem.len() <= MOST_STEM_BYTES)?;
        let dir = inside.parent()?.to_str()?;
        Some((dir.to_owned(), stem.to_owned(), inside.file_name()?.to_str()?.to_owned()))
    })();
    let Some((dir, stem, _)) = &place else { return Ok(None) };
    let has_place = archive.catalog.recording(token).await?.is_some_and(|recording| recording.dir.is_some());
    // Sidecars are named by the stem: `a.mp4` and `a.m4a` cannot both stay.
    let others: Option<(i64,)> = archive
        .catalog
        .db()
        .row(
            "SELECT COUNT(*) FROM recordings WHERE dir = $1 AND stem = $2 AND minute_token <> $3",
            args![dir, stem, token],
        )
        .await?;
    let is_free = !has_place && others == Some((0,));
    Ok(place.filter(|_| is_free))
}

/// Copies a file to where the template puts its recording; the original stays.
async fn copy(
    archive: &Archive,
    token: &MinuteToken,
    file: &Path,
    kind: MediaKind,
) -> Result<(PathBuf, FinishedFile), Refused> {
    let refuse = |why: &dyn std::fmt::Display| Refused::File(why.to_string());
    let recording = archive.catalog.recording(token).await?;
    let recording = recording.ok_or_else(|| refuse(&"the recording has just been removed"))?;
    let place = archive.place_of(token, &recording).await?;
    let mut source = tokio::fs::File::open(file).await.map_err(|error| refuse(&error))?;
    let mut part = archive.store.begin(&place.dir, &place.stem).await.map_err(|error| refuse(&error))?;
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        let read = source.read(&mut buffer).await.map_err(|error| refuse(&error))?;
        if read == 0 {
            break;
        }
        let (piece, _) = buffer.split_at(read);
        part.write(piece).await.map_err(|error| refuse(&error))?;
    }
    let part = part.finish().await.map_err(|error| refuse(&error))?;
    let extension = match kind {
        MediaKind::Video => "mp4",
        MediaKind::Audio => "m4a",
    };
    let file_name = format!("{}.{extension}", place.stem);
    let committed = part.commit(&file_name).await.map_err(|error| refuse(&error))?;
    Ok((place.dir, FinishedFile::new(file_name, committed.bytes, committed.sha256)))
}

async fn has_media(archive: &Archive, token: &MinuteToken) -> Result<bool, CatalogError> {
    let artifacts = archive.catalog.artifacts(token).await?;
    Ok(artifacts.iter().any(|it| it.kind == ArtifactKind::Media && it.state == ArtifactState::Done))
}

/// Whether it lies in the archive's own trash or quarantine.
fn is_aside(root: &Path, file: &Path) -> bool {
    let first = file.strip_prefix(root).ok().and_then(|inside| inside.components().next());
    first.is_some_and(|first| [TRASH, QUARANTINE].iter().any(|aside| first.as_os_str() == *aside))
}

/// What somebody took out of the archive does not come back with old files.
async fn was_removed(archive: &Archive, token: &MinuteToken) -> Result<bool, CatalogError> {
    let recording = archive.catalog.recording(token).await?;
    Ok(recording.is_some_and(|recording| recording.state.is_removed()))
}

/// Files that are some recording's already, absolute.
async fn archived_files(archive: &Archive) -> Result<BTreeSet<PathBuf>, CatalogError> {
    let mut files = BTreeSet::new();
    let mut last = (String::new(), String::new());
    loop {
        let page = archive.catalog.files_after(&last.0, &last.1, FILES_A_PAGE).await?;
        let Some(end) = page.last() else { return Ok(files) };
        last = (end.minute_token.clone(), end.kind.to_string());
        files.extend(page.iter().map(|file| archive.store.root().join(&file.dir).join(&file.file_name)));
    }
}

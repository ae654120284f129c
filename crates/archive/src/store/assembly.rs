//! A file put together from pieces that come in any order, from several connections and over several runs.
//!
//! One thread writes and hashes. The hash follows the bytes from the front: what arrives there is hashed from memory,
//! what arrived early is read back, while the system still has it in memory. Behind it runs the sync, in steps, and
//! behind that the ledger ([`super::ledger`]): a kill costs what lies between. Nothing here knows where pieces come
//! from, but two pieces that both claim some bytes have to agree on them.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use super::disk::{LEDGER_SUFFIX, PART_SUFFIX, blocking};
use super::finished::{Claim, remove_if_there, single_name};
use super::ledger::{Entry, Ledger, Object};
use super::pieces::{Piece, Pieces, Queue};
use super::ranges::Ranges;
use super::room::Reservation;
use super::{FinishedPart, Store, StoreError};

/// So much is synced at once; a kill costs at most twice this, one step being synced and the next one written.
const STEP_BYTES: u64 = 4 << 20;
const READ_BYTES: usize = 256 << 10;

/// A file under construction. Dropping it keeps what is on disk, if there is a ledger.
#[derive(Debug)]
pub struct Assembly {
    pieces: Pieces,
    writer: JoinHandle<(Writer, io::Result<()>)>,
    object: Option<Object>,
    have: Ranges,
}

/// How the writing of pieces ended.
#[derive(Debug, thiserror::Error)]
pub enum AssemblyError {
    /// Two pieces say different things about the same bytes: at least one is from elsewhere.
    #[error("two answers disagree about the bytes at {at}")]
    Seam {
        /// Where.
        at: u64,
    },
    /// The disk.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Takes up what an earlier run left of `<name>.part`, if that belongs to `subject` and can be believed;
    /// removes it if not.
    pub async fn take_up(
        &self,
        dir: &Path,
        name: &str,
        subject: &str,
    ) -> Result<Option<Assembly>, StoreError> {
        let (store, dir, name, subject) = (self.clone(), dir.to_owned(), name.to_owned(), subject.to_owned());
        let buffers = self.buffers();
        let taken = blocking(move || Writer::take_up(store, dir, &name, &subject)).await?;
        Ok(taken.map(|writer| Assembly::start(writer, buffers)))
    }

    /// Starts `<name>.part` anew. Without an `object` there is no ledger: its length is unknown, or nothing says
    /// which version it is.
    pub async fn assemble(
        &self,
        dir: &Path,
        name: &str,
        subject: &str,
        object: Option<Object>,
    ) -> Result<Assembly, StoreError> {
        let (store, dir, name, subject) = (self.clone(), dir.to_owned(), name.to_owned(), subject.to_owned());
        let buffers = self.buffers();
        let writer = blocking(move || {
            store.make_folders(&dir)?;
            Writer::create(store, dir, &name, subject, object)
        })
        .await?;
        Ok(Assembly::start(writer, buffers))
    }
}

impl Assembly {
    fn start(writer: Writer, shared_room: Arc<Semaphore>) -> Self {
        let (pieces, queue) = Pieces::new(shared_room);
        let (object, have) = (writer.object.clone(), writer.have.clone());
        let writer = tokio::task::spawn_blocking(move || writer.run(queue));
        Self { pieces, writer, object, have }
    }

    /// Where pieces go.
    #[must_use]
    pub fn pieces(&self) -> &Pieces {
        &self.pieces
    }

    /// The version of the remote file that this is, if it is known.
    #[must_use]
    pub fn object(&self) -> Option<&Object> {
        self.object.as_ref()
    }

    /// What was on disk when it was opened.
    #[must_use]
    pub fn have(&self) -> &Ranges {
        &self.have
    }

    /// Writes out what was handed over, syncs it and notes it. What is there can be taken up again.
    pub async fn keep(self) -> Result<(), AssemblyError> {
        self.end().await.map(drop)
    }

    /// All pieces have been handed over: the whole, synced file and its hash.
    pub async fn finish(self) -> Result<FinishedPart, AssemblyError> {
        let writer = self.end().await?;
        Ok(blocking(move || writer.finish()).await?)
    }

    /// Removes the file and its ledger.
    pub async fn discard(self) -> Result<(), StoreError> {
        let (writer, _) = self.stop().await?;
        writer.claim.discard().await
    }

    async fn end(self) -> Result<Writer, AssemblyError> {
        let (writer, written) = self.stop().await?;
        match written {
            Ok(()) => Ok(writer),
            Err(error) => match error.downcast::<SeamBroken>() {
                Ok(SeamBroken { at }) => Err(AssemblyError::Seam { at }),
                Err(error) => Err(writer.claim.error("write", error).into()),
            },
        }
    }

    async fn stop(self) -> Result<(Writer, io::Result<()>), StoreError> {
        let Self { pieces, writer, .. } = self;
        drop(pieces);
        writer.await.map_err(|panic| StoreError::sort("write", Path::new(""), panic.into()))
    }
}

#[derive(Debug, thiserror::Error)]
#[error("two answers disagree about the bytes at {at}")]
struct SeamBroken {
    at: u64,
}

#[derive(Debug)]
struct Writer {
    claim: Claim,
    file: Arc<File>,
    subject: String,
    object: Option<Object>,
    have: Ranges,
    hashed_bytes: u64,
    hash: Sha256,
    /// What another piece has yet to confirm.
    seams: Vec<(u64, Bytes)>,
    unsynced_bytes: u64,
    /// None while it is being written.
    ledger: Option<Ledger>,
    syncing: Option<JoinHandle<io::Result<Option<Ledger>>>>,
    reservation: Reservation,
}

impl Writer {
    fn create(
        store: Store,
        dir: PathBuf,
        name: &str,
        subject: String,
        object: Option<Object>,
    ) -> Result<Self, StoreError> {
        let (mut claim, ledger_path) = claim(store, dir, name)?;
        let error = |claim: &Claim, error| claim.error("create", error);
        let file = File::options().read(true).write(true).create(true).truncate(false).open(&claim.path);
        let file = file.map_err(|e| error(&claim, e))?;
        lock(&file, &claim)?;
        // A ledger that says more than is there must not outlive the bytes.
        remove_if_there(&ledger_path).map_err(|e| error(&claim, e))?;
        file.set_len(0).map_err(|e| error(&claim, e))?;
        let reservation = claim.store.reserve(&file, object.as_ref().map_or(0, |object| object.bytes))?;
        let ledger = match &object {
            Some(_) => {
                let ledger = Ledger::create(&ledger_path).map_err(|e| error(&claim, e))?;
                claim.ledger = Some(ledger_path);
                Some(ledger)
            }
            None => None,
        };
        Ok(Self {
            claim,
            file: Arc::new(file),
            subject,
            object,
            have: Ranges::default(),
            hashed_bytes: 0,
            hash: Sha256::new(),
            seams: Vec::new(),
            unsynced_bytes: 0,
            ledger,
            syncing: None,
            reservation,
        })
    }

    fn take_up(store: Store, dir: PathBuf, name: &str, subject: &str) -> Result<Option<Self>, StoreError> {
        let (mut claim, ledger_path) = match claim(store, dir, name) {
            Err(StoreError::Missing { .. }) => return Ok(None),
            claimed => claimed?,
        };
        let error = |claim: &Claim, error| claim.error("take up", error);
        let file = match File::options().read(true).write(true).open(&claim.path) {
            Err(absent) if absent.kind() == io::ErrorKind::NotFound => {
                claim.path.clear();
                remove_if_there(&ledger_path).map_err(|e| error(&claim, e))?;
                return Ok(None);
            }
            opened => opened.map_err(|e| error(&claim, e))?,
        };
        lock(&file, &claim)?;
        let noted = Ledger::open(&ledger_path).map_err(|e| error(&claim, e))?;
        let length = file.metadata().map_err(|e| error(&claim, e))?.len();
        let believed = noted.filter(|(_, entry)| entry.subject == subject && entry.have.end() <= length);
        let Some((ledger, entry)) = believed else {
            remove_if_there(&ledger_path)
                .and_then(|()| remove_if_there(&claim.path))
                .map_err(|e| error(&claim, e))?;
            claim.path.clear();
            return Ok(None);
        };
        claim.ledger = Some(ledger_path);
        let reservation = claim.store.reserve(&file, entry.object.bytes - entry.have.bytes())?;
        Ok(Some(Self {
            claim,
            file: Arc::new(file),
            subject: entry.subject,
            object: Some(entry.object),
            have: entry.have,
            hashed_bytes: entry.hashed_bytes,
            hash: entry.hash,
            seams: Vec::new(),
            unsynced_bytes: 0,
            ledger: Some(ledger),
            syncing: None,
            reservation,
        }))
    }

    /// Writes pieces until nobody is left who could bring one; whatever happens, what is synced is noted.
    fn run(mut self, mut queue: Queue) -> (Self, io::Result<()>) {
        let mut written = Ok(());
        while let Some(piece) = queue.next() {
            written = self.take(piece);
            if written.is_err() {
                break;
            }
        }
        drop(queue);
        let settled = self.settle().and_then(|()| self.sync_rest());
        (self, written.and(settled))
    }

    fn take(&mut self, piece: Piece) -> io::Result<()> {
        let Piece { at, bytes, is_seam, room: _room } = piece;
        if is_seam {
            self.seams.push((at, bytes));
        } else {
            self.write(at, &bytes)?;
        }
        self.check_seams()?;
        if self.unsynced_bytes >= STEP_BYTES { self.sync_behind() } else { Ok(()) }
    }

    fn write(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        let end = at + bytes.len() as u64;
        self.file.write_all_at(bytes, at)?;
        self.reservation.used(bytes.len() as u64);
        self.have.insert(at..end);
        self.unsynced_bytes += bytes.len() as u64;
        if let Some(fresh) =
            self.hashed_bytes.checked_sub(at).and_then(|known| bytes.get(usize::try_from(known).ok()?..))
        {
            self.hash.update(fresh);
            self.hashed_bytes += fresh.len() as u64;
        }
        self.hash_what_came_early()
    }

    fn hash_what_came_early(&mut self) -> io::Result<()> {
        let end = self.have.run_from(self.hashed_bytes);
        if end == self.hashed_bytes {
            return Ok(());
        }
        let mut buffer =
            vec![0; READ_BYTES.min(usize::try_from(end - self.hashed_bytes).unwrap_or(READ_BYTES))];
        while self.hashed_bytes < end {
            let length = (end - self.hashed_bytes).min(buffer.len() as u64);
            let (bytes, _) = buffer.split_at_mut(usize::try_from(length).unwrap_or_default());
            self.file.read_exact_at(bytes, self.hashed_bytes)?;
            self.hash.update(&*bytes);
            self.hashed_bytes += length;
        }
        Ok(())
    }

    fn check_seams(&mut self) -> io::Result<()> {
        let have = &self.have;
        for (at, bytes) in self.seams.extract_if(.., |(at, bytes)| have.covers(&span(*at, bytes))) {
            let mut there = vec![0; bytes.len()];
            self.file.read_exact_at(&mut there, at)?;
            if there != bytes {
                return Err(io::Error::other(SeamBroken { at }));
            }
        }
        Ok(())
    }

    /// Starts the sync of what was written so far and lets the writing go on meanwhile.
    fn sync_behind(&mut self) -> io::Result<()> {
        self.settle()?;
        let (file, entry, ledger) = (Arc::clone(&self.file), self.entry(), self.ledger.take());
        self.unsynced_bytes = 0;
        self.syncing = Some(Handle::current().spawn_blocking(move || {
            file.sync_data()?;
            note(ledger, entry)
        }));
        Ok(())
    }

    /// Waits for the sync that is under way.
    fn settle(&mut self) -> io::Result<()> {
        if let Some(syncing) = self.syncing.take() {
            self.ledger = Handle::current().block_on(syncing)??;
        }
        Ok(())
    }

    fn sync_rest(&mut self) -> io::Result<()> {
        if self.unsynced_bytes > 0 && self.ledger.is_some() {
            self.file.sync_data()?;
            self.ledger = note(self.ledger.take(), self.entry())?;
            self.unsynced_bytes = 0;
        }
        Ok(())
    }

    fn entry(&self) -> Option<Entry> {
        let object = self.object.clone()?;
        let (subject, have) = (self.subject.clone(), self.have.clone());
        Some(Entry { subject, object, have, hashed_bytes: self.hashed_bytes, hash: self.hash.clone() })
    }

    fn finish(self) -> Result<FinishedPart, StoreError> {
        let bytes = self.object.as_ref().map_or(self.have.end(), |object| object.bytes);
        if self.hashed_bytes != bytes || !self.seams.is_empty() {
            return Err(self.claim.error("finish", io::Error::other("some bytes are missing")));
        }
        self.file
            .set_len(bytes)
            .and_then(|()| self.file.sync_all())
            .map_err(|e| self.claim.error("sync", e))?;
        Ok(FinishedPart { claim: self.claim, bytes, sha256: hex::encode(self.hash.finalize()) })
    }
}

fn note(ledger: Option<Ledger>, entry: Option<Entry>) -> io::Result<Option<Ledger>> {
    let (Some(mut ledger), Some(entry)) = (ledger, entry) else { return Ok(None) };
    ledger.note(entry)?;
    Ok(Some(ledger))
}

fn span(at: u64, bytes: &Bytes) -> Range<u64> {
    at..at + bytes.len() as u64
}

/// The part's place and that of its ledger; their folder must be there.
fn claim(store: Store, dir: PathBuf, name: &str) -> Result<(Claim, PathBuf), StoreError> {
    let folder = store.locate_now(&dir)?;
    let part_name = format!("{name}{PART_SUFFIX}");
    let path = folder.join(single_name(&part_name)?);
    let ledger_path = folder.join(single_name(&format!("{name}{LEDGER_SUFFIX}"))?);
    for path in [&path, &ledger_path] {
        match store.refuse_link(path, &dir.join(&part_name)) {
            Ok(()) | Err(StoreError::Missing { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    // Until it is known that the part is nobody else's it is not ours to remove.
    let ledger = Some(ledger_path.clone());
    Ok((Claim { store, dir, part_name, path, ledger }, ledger_path))
}

/// Two writers of one part would each believe the other's bytes to be their own.
fn lock(file: &File, claim: &Claim) -> Result<(), StoreError> {
    file.try_lock().map_err(|busy| claim.error("lock", busy.into()))
}

#[cfg(test)]
#[path = "assembly_tests.rs"]
mod tests;

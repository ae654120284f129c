//! Pieces of a file on their way to the disk. What waits for it is bounded, for each file and for all together.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

/// Bytes of one file that wait for the disk.
pub(super) const QUEUE_BYTES: usize = 2 << 20;
/// The largest piece that is handed over at once.
const PIECE_BYTES: usize = 256 << 10;
/// What comes is a slice of a receive buffer of up to 400 KiB, which stays in memory for as long as the slice waits. A
/// shorter slice than this is copied, or a hundred lines that each bring a little hold many times what they brought.
const WORTH_ITS_BUFFER_BYTES: usize = 192 << 10;
/// The most that one read of an answer brings: the largest receive buffer that hyper grows to by itself.
pub(super) const RECEIVED_BYTES: usize = 408 << 10;

/// Takes pieces. Cheap to clone: one for each connection.
#[derive(Debug, Clone)]
pub struct Pieces {
    sender: mpsc::UnboundedSender<Piece>,
    room: Arc<Semaphore>,
    shared_room: Arc<Semaphore>,
}

/// The disk takes no more; the end of the file's [`Assembly`](super::Assembly) says why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed;

/// Some bytes on their way to the disk.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) at: u64,
    pub(super) bytes: Bytes,
    /// These bytes only confirm what another piece brings, or brought.
    pub(super) is_seam: bool,
    pub(super) room: Room,
}

/// Memory set aside for a piece: of its file's share, and of what all files have together.
#[derive(Debug)]
pub struct Room {
    own: OwnedSemaphorePermit,
    shared: OwnedSemaphorePermit,
}

impl Pieces {
    /// With the writer's end of the queue.
    pub(super) fn new(shared_room: Arc<Semaphore>) -> (Self, Queue) {
        let (sender, pieces) = mpsc::unbounded_channel();
        let room = Arc::new(Semaphore::new(QUEUE_BYTES));
        let queue = Queue { pieces, room: Arc::clone(&room) };
        (Self { sender, room, shared_room }, queue)
    }

    /// Hands over bytes for `at`. Waits while the disk is behind.
    pub async fn put(&self, at: u64, bytes: Bytes) -> Result<(), Closed> {
        self.hand_over(at, bytes, false).await
    }

    /// Hands over bytes that must agree with those that are, or will be, at `at`.
    pub async fn confirm(&self, at: u64, bytes: Bytes) -> Result<(), Closed> {
        self.hand_over(at, bytes, true).await
    }

    /// Sets room aside for what is about to be received: what has been received takes up memory whether there is
    /// room or not. Waits while the disk is behind.
    pub async fn room(&self) -> Result<Room, Closed> {
        self.room_for(RECEIVED_BYTES).await
    }

    /// Hands over bytes that room was set aside for. More than it is for have been received all the same.
    pub fn put_into(&self, mut room: Room, at: u64, bytes: Bytes) -> Result<(), Closed> {
        for permit in [&mut room.own, &mut room.shared] {
            drop(permit.split(permit.num_permits().saturating_sub(bytes.len())));
        }
        self.send(Piece { at, bytes: compact(bytes), is_seam: false, room })
    }

    async fn hand_over(&self, mut at: u64, bytes: Bytes, is_seam: bool) -> Result<(), Closed> {
        let mut bytes = compact(bytes);
        while !bytes.is_empty() {
            let piece = bytes.split_to(bytes.len().min(PIECE_BYTES));
            let length = piece.len();
            let room = self.room_for(length).await?;
            self.send(Piece { at, bytes: piece, is_seam, room })?;
            at += length as u64;
        }
        Ok(())
    }

    async fn room_for(&self, bytes: usize) -> Result<Room, Closed> {
        let permits = u32::try_from(bytes).unwrap_or(u32::MAX);
        let take = |room: &Arc<Semaphore>| Arc::clone(room).acquire_many_owned(permits);
        let own = take(&self.room).await.map_err(|_| Closed)?;
        let shared = take(&self.shared_room).await.map_err(|_| Closed)?;
        Ok(Room { own, shared })
    }

    fn send(&self, piece: Piece) -> Result<(), Closed> {
        self.sender.send(piece).map_err(|_| Closed)
    }

    /// Whether the disk is behind: more or faster connections would bring nothing.
    #[must_use]
    pub fn is_backed_up(&self) -> bool {
        self.room.available_permits() < QUEUE_BYTES / 2
    }
}

/// The writer's end. Dropping it lets nobody wait for a writer that has ended.
pub(super) struct Queue {
    pieces: mpsc::UnboundedReceiver<Piece>,
    room: Arc<Semaphore>,
}

impl Queue {
    /// The next piece; none when nobody is left who could bring one.
    pub(super) fn next(&mut self) -> Option<Piece> {
        self.pieces.blocking_recv()
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        self.room.close();
    }
}

/// The same bytes, in a buffer that is worth keeping for them.
fn compact(bytes: Bytes) -> Bytes {
    if bytes.len() < WORTH_ITS_BUFFER_BYTES { Bytes::copy_from_slice(&bytes) } else { bytes }
}

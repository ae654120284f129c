//! One connection fetches one segment. It asks for a few bytes before its segment, too, which must agree with what
//! the neighbour brought: a host that sends bytes from elsewhere under the right name is found out.

use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use feishu::{ByteRange, MediaError, MediaResponse};
use futures_util::FutureExt as _;
use tokio::time::Instant;

use super::answer::{self, Answer};
use super::engine::Engine;
use super::plan::{Plan, SEAM_BYTES, SegmentId};
use super::source::Source;
use crate::fetch::miss::Miss;
use crate::fetch::transfers::Running;
use crate::model::Reason;
use crate::store::{Object, Pieces, Room};

/// Less than this in the time of a stall is a stall, too.
const CRAWL_BYTES: u64 = 64 << 10;

/// What the connections of one transfer share.
pub(super) struct Shared<'a> {
    pub(super) engine: &'a Engine,
    pub(super) client: &'a feishu::Client,
    pub(super) source: &'a Source<'a>,
    pub(super) pieces: &'a Pieces,
    pub(super) progress: &'a Running,
    pub(super) object: &'a Object,
    pub(super) plan: Mutex<Plan>,
    /// Since the last look.
    pub(super) waits: Mutex<Waits>,
}

/// How long connections have waited, in sum, and for what.
#[derive(Debug, Default)]
pub(super) struct Waits {
    pub(super) for_host: Duration,
    pub(super) for_bandwidth: Duration,
}

/// How a connection ended.
#[derive(Debug)]
pub(super) enum End {
    /// It brought what it could; what is missing of its segment is open again.
    Done,
    /// The host, or the line.
    Broke(MediaError),
    /// The address of this number is dead.
    Expired(u32),
    /// The answer contradicts the question or itself.
    Misstated(String),
    /// The answer is part of no file; what to say if none gets better.
    NoMedia(Miss),
    /// The answer belongs to another version of the file.
    OtherObject,
    /// There is no address to ask.
    NoAddress(Miss),
    /// The disk takes no more.
    Closed,
}

/// What a segment's answer is read with.
pub(super) fn asked(segment: &Range<u64>, whole_bytes: u64) -> ByteRange {
    let start = segment.start.saturating_sub(SEAM_BYTES);
    // To the end: then the connection may go on for as long as nobody takes the rest away from it.
    ByteRange { start, end: (segment.end < whole_bytes).then_some(segment.end) }
}

impl Shared<'_> {
    pub(super) fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens and fetches a segment.
    pub(super) async fn fetch(&self, id: SegmentId, segment: Range<u64>) -> End {
        let address = match self.source.address().await {
            Ok(address) => address,
            Err(miss) => return End::NoAddress(miss),
        };
        let asked = asked(&segment, self.object.bytes);
        let opened = self.client.open_media(&address.url, Some(asked), self.object.validator()).await;
        let response = match opened {
            Ok(response) => response,
            Err(MediaError::UrlExpired(_)) => return End::Expired(address.number),
            Err(error) => return End::Broke(error),
        };
        if let Some(looks) = answer::no_media(&response) {
            return End::NoMedia(looks.into());
        }
        match answer::read(&response, Some(asked)) {
            Ok(Answer::Part { object, .. }) if object == *self.object => {
                self.read(id, asked.start..segment.start, response).await
            }
            Ok(Answer::Whole { object: Some(object) }) if object == *self.object => {
                End::Misstated("the whole file came instead of a part".to_owned())
            }
            Ok(answer) if answer.is_nameless(self.object) => {
                End::NoMedia(Miss::failed(Reason::NotMedia, answer::NAMELESS))
            }
            Ok(Answer::Part { .. } | Answer::Whole { .. }) => End::OtherObject,
            Err(answer::Misstated(why)) => End::Misstated(why),
        }
    }

    /// Reads an answer that begins with the bytes of `seam` and goes on with those of the segment.
    pub(super) async fn read(&self, id: SegmentId, seam: Range<u64>, mut response: MediaResponse) -> End {
        let (mut seam, mut crawl) = (seam, Crawl::default());
        loop {
            // What comes first has to be confirmed and is not put as it is.
            let room = if seam.is_empty() { self.pieces.room().await.map(Some) } else { Ok(None) };
            let Ok(room) = room else { return End::Closed };
            let asked_at = Instant::now();
            let (chunk, room) = receive(&mut response, room).await;
            let waited = asked_at.elapsed();
            self.waits().for_host += waited;
            let mut chunk = match chunk {
                Ok(Some(chunk)) => chunk,
                Ok(None) => return End::Done,
                Err(error) => return End::Broke(error),
            };
            self.progress.add(chunk.len());
            let paid_at = Instant::now();
            self.engine.throttle.pay(chunk.len() as u64).await;
            self.waits().for_bandwidth += paid_at.elapsed();
            let confirms = chunk.len().min(usize::try_from(seam.end - seam.start).unwrap_or(usize::MAX));
            if confirms > 0 {
                let confirming = chunk.split_to(confirms);
                let at = seam.start;
                seam.start += confirms as u64;
                if self.pieces.confirm(at, confirming).await.is_err() {
                    return End::Closed;
                }
            }
            let (at, kept, has_all) = self.came(id, chunk.len() as u64);
            chunk.truncate(usize::try_from(kept).unwrap_or(usize::MAX));
            let put = match room {
                Some(room) => self.pieces.put_into(room, at, chunk),
                None => self.pieces.put(at, chunk).await,
            };
            if put.is_err() {
                return End::Closed;
            }
            if has_all && goes_on(&response, at + kept) {
                return End::Done;
            }
            if crawl.is_too_slow(kept, waited, self.engine.settings.stall) {
                return End::Broke(MediaError::Stalled);
            }
        }
    }

    fn came(&self, id: SegmentId, bytes: u64) -> (u64, u64, bool) {
        let mut plan = self.plan();
        let at = plan.next_byte(id);
        let kept = plan.came(id, bytes);
        (at, kept, plan.has_all(id))
    }

    pub(super) fn waits(&self) -> MutexGuard<'_, Waits> {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The next bytes, with the room for them where they were there at once: while we wait for the host, others may have
/// something to put into it.
async fn receive(
    response: &mut MediaResponse,
    room: Option<Room>,
) -> (Result<Option<Bytes>, MediaError>, Option<Room>) {
    if let Some(chunk) = response.chunk().now_or_never() {
        return (chunk, room);
    }
    drop(room);
    (response.chunk().await, None)
}

/// Whether a body has more than is wanted of it. One that is read to its end leaves its connection to the next
/// request.
fn goes_on(response: &MediaResponse, at: u64) -> bool {
    response.content_range.is_none_or(|range| range.end + 1 > at)
}

/// A host that sends a byte now and then never stalls, and never ends. Only the time counts in which we waited for
/// it, not that in which we let it wait.
#[derive(Default)]
struct Crawl {
    waited: Duration,
    bytes: u64,
}

impl Crawl {
    fn is_too_slow(&mut self, bytes: u64, waited: Duration, period: Duration) -> bool {
        self.bytes += bytes;
        self.waited += waited;
        if self.bytes >= CRAWL_BYTES {
            *self = Self::default();
        }
        self.waited > period
    }
}

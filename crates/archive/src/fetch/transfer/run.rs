//! One run over one file: connections are opened, watched and replaced until nothing is missing, or until going on
//! is of no use now.

use std::ops::Range;
use std::sync::Mutex;
use std::time::Duration;

use feishu::MediaError;
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::connection::{End, Shared, asked};
use super::engine::Connection;
use super::pace::{Pace, Sample, TICK};
use super::plan::{Plan, SegmentId};
use super::source::Source;
use super::{Answer, Job, Opened, Trust};
use crate::Archive;
use crate::fetch::miss::Miss;
use crate::fetch::transfers::Running;
use crate::model::Reason;
use crate::store::{Assembly, AssemblyError, Object, StoreError};

/// Less than this is not worth a connection of its own.
const WORTH_SHARING_BYTES: u64 = 4 << 20;
/// Incidents in a row without a mebibyte between them.
const PATIENCE: u32 = 5;
const PROGRESS_BYTES: u64 = 1 << 20;
pub(super) const FIRST_WAIT: Duration = Duration::from_millis(250);
/// A longer pause is the queue's business.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// Answers that contradict themselves, before the host is no longer asked for parts.
pub(super) const STRIKES: u32 = 3;
/// Dead addresses in a row.
const DEAD_ADDRESSES: u32 = 3;
/// The share of their time that connections wait for our own limit when it is what holds them back.
const HELD_BACK: f64 = 0.3;
const TICKS_BETWEEN_LOOKS_AT_THE_DISK: u32 = 8;

/// Why a run ended without a file.
#[derive(Debug)]
pub(super) enum Stop {
    /// What has come is kept for the next time.
    Miss(Miss),
    /// What has come is of no use; why.
    Again(String),
}

impl From<Miss> for Stop {
    fn from(miss: Miss) -> Self {
        Self::Miss(miss)
    }
}

impl From<AssemblyError> for Stop {
    fn from(error: AssemblyError) -> Self {
        match error {
            AssemblyError::Seam { .. } => Self::Again(error.to_string()),
            AssemblyError::Store(error) => Self::Miss(error.into()),
        }
    }
}

/// What a run is given.
pub(super) struct Run<'a> {
    pub(super) archive: &'a Archive,
    pub(super) job: &'a Job<'a>,
    pub(super) source: &'a Source<'a>,
    pub(super) progress: &'a Running,
    pub(super) trust: Trust,
}

impl Run<'_> {
    /// Brings what is missing; the assembly then lacks nothing.
    pub(super) async fn to_its_end(&self, assembly: Assembly, opened: Opened) -> Result<Assembly, Stop> {
        let ended = match assembly.object().cloned() {
            Some(object) => self.segments(&assembly, &object, opened).await,
            None => self.one_stream(&assembly, opened).await,
        };
        match ended {
            Ok(()) => Ok(assembly),
            Err(Ended::Stop(Stop::Again(why))) => {
                assembly.discard().await.map_err(Miss::from)?;
                Err(Stop::Again(why))
            }
            Err(Ended::Stop(stop)) => {
                assembly.keep().await?;
                Err(stop)
            }
            Err(Ended::DiskClosed) => {
                assembly.keep().await?;
                Err(Stop::Miss(Miss::parked()))
            }
        }
    }

    /// The length is not known: what comes is all there is.
    async fn one_stream(&self, assembly: &Assembly, mut opened: Opened) -> Result<(), Ended> {
        let mut at = 0;
        loop {
            let chunk = tokio::select! {
                biased;
                () = self.job.hold.cancelled() => return Err(Miss::parked().into()),
                chunk = opened.response.chunk() => chunk.map_err(Miss::from)?,
            };
            let Some(chunk) = chunk else { return Ok(()) };
            let bytes = chunk.len() as u64;
            self.progress.add(chunk.len());
            self.archive.engine.throttle.pay(bytes).await;
            assembly.pieces().put(at, chunk).await.map_err(|_| Ended::DiskClosed)?;
            at += bytes;
        }
    }

    async fn segments(&self, assembly: &Assembly, object: &Object, opened: Opened) -> Result<(), Ended> {
        let engine = &self.archive.engine;
        let host = opened.address.url.host().to_owned();
        let first = engine.first_connection(&host);
        // Without validators nothing says that two answers are of one version; with one stream it does not matter.
        let may_share = self.trust == Trust::Parts
            && matches!(opened.answer, Answer::Part { .. })
            && object.validator().is_some();
        let most = if may_share { engine.settings.connections_per_file } else { 1 };
        let shared = Shared {
            engine,
            client: &self.archive.client,
            source: self.source,
            pieces: assembly.pieces(),
            progress: self.progress,
            object,
            plan: Mutex::new(Plan::new(object.bytes, assembly.have())),
            waits: Mutex::default(),
        };
        let mut work = Work {
            run: self,
            shared: &shared,
            host,
            pace: Pace::new(engine.learned(opened.address.url.host()).min(most), most),
            running: FuturesUnordered::new(),
            troubles: Troubles::default(),
            strikes: 0,
            dead_addresses: 0,
            not_before: None,
            ticks: 0,
            ticked_at: Instant::now(),
            ticked_bytes: 0,
        };
        work.start_with(first, opened);
        work.until_complete().await
    }
}

/// How the inside of a run ended.
enum Ended {
    Stop(Stop),
    /// The assembly knows why.
    DiskClosed,
}

impl From<Miss> for Ended {
    fn from(miss: Miss) -> Self {
        Self::Stop(Stop::Miss(miss))
    }
}

impl From<StoreError> for Ended {
    fn from(error: StoreError) -> Self {
        Miss::from(error).into()
    }
}

struct Work<'a> {
    run: &'a Run<'a>,
    shared: &'a Shared<'a>,
    host: String,
    pace: Pace,
    running: FuturesUnordered<BoxFuture<'a, (SegmentId, End)>>,
    troubles: Troubles,
    strikes: u32,
    dead_addresses: u32,
    /// No connection is opened before.
    not_before: Option<Instant>,
    ticks: u32,
    ticked_at: Instant,
    ticked_bytes: u64,
}

impl Work<'_> {
    /// The answer that is open already is the first connection's; it takes all that is missing behind the front.
    fn start_with(&mut self, connection: Connection, opened: Opened) {
        let shared = self.shared;
        let Some((id, segment)) = shared.plan().take(1) else { return };
        let seam = match opened.answer {
            Answer::Part { .. } => asked(&segment, shared.object.bytes).start..segment.start,
            Answer::Whole { .. } => 0..0,
        };
        self.running.push(Box::pin(async move {
            let _counted = connection;
            (id, shared.read(id, seam, opened.response).await)
        }));
    }

    async fn until_complete(&mut self) -> Result<(), Ended> {
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            if self.shared.plan().is_complete() {
                self.shared.engine.learn(&self.host, self.pace.target());
                return Ok(());
            }
            self.open_more();
            tokio::select! {
                biased;
                () = self.run.job.hold.cancelled() => return Err(Miss::parked().into()),
                Some((id, end)) = self.running.next(), if !self.running.is_empty() => {
                    self.shared.plan().close(id);
                    self.judge(end)?;
                }
                _ = tick.tick() => self.tick().await?,
            }
        }
    }

    fn open_more(&mut self) {
        if self.not_before.is_some_and(|until| until > Instant::now()) {
            return;
        }
        while self.running.len() < self.pace.target() {
            let missing = self.shared.plan().missing_bytes();
            let is_first = self.running.is_empty();
            if !is_first && missing < WORTH_SHARING_BYTES {
                return;
            }
            let connection = if is_first {
                self.shared.engine.first_connection(&self.host)
            } else if let Some(connection) = self.shared.engine.another_connection(&self.host) {
                connection
            } else {
                return self.pace.settle_for(self.running.len());
            };
            let Some((id, segment)) = self.shared.plan().take(self.pace.target()) else { return };
            self.open(connection, id, segment);
        }
    }

    fn open(&mut self, connection: Connection, id: SegmentId, segment: Range<u64>) {
        let shared = self.shared;
        self.running.push(Box::pin(async move {
            let _counted = connection;
            (id, shared.fetch(id, segment).await)
        }));
    }

    fn judge(&mut self, end: End) -> Result<(), Ended> {
        match end {
            End::Done => {}
            End::Closed => return Err(Ended::DiskClosed),
            End::NoAddress(miss) => return Err(miss.into()),
            End::OtherObject => {
                return Err(Ended::Stop(Stop::Again("the file has changed while it was fetched".to_owned())));
            }
            End::Misstated(why) => {
                self.strikes += 1;
                if self.strikes >= STRIKES {
                    return Err(Ended::Stop(Stop::Again(why)));
                }
                self.pause(FIRST_WAIT);
            }
            End::Expired(number) => {
                self.dead_addresses += 1;
                if self.dead_addresses > DEAD_ADDRESSES {
                    let detail = "each new address of the recording is dead at once";
                    return Err(Miss::failed(Reason::PlatformTrouble, detail).into());
                }
                self.shared.source.expired(number);
            }
            End::Broke(MediaError::RateLimited { after }) => {
                self.shared.engine.block(&self.host, after);
                if after > LONGEST_WAIT {
                    return Err(Miss::from(MediaError::RateLimited { after }).into());
                }
                self.pause(after);
            }
            End::Broke(error @ MediaError::RangeNotSatisfiable { .. }) => {
                return Err(Ended::Stop(Stop::Again(error.to_string())));
            }
            End::Broke(error @ (MediaError::Transient(_) | MediaError::Stalled)) => {
                self.wait_out(error.into())?;
            }
            End::NoMedia(miss) => self.wait_out(miss)?,
            End::Broke(error) => return Err(Miss::from(error).into()),
        }
        Ok(())
    }

    /// Waits for trouble to pass, unless there was too much of it. All connections break together when the line
    /// does: one incident.
    fn wait_out(&mut self, miss: Miss) -> Result<(), Ended> {
        if self.not_before.is_none_or(|until| until <= Instant::now()) {
            let came_bytes = self.shared.plan().came_bytes();
            let Some(wait) = self.troubles.next_wait(came_bytes) else { return Err(miss.into()) };
            self.pause(wait);
        }
        Ok(())
    }

    fn pause(&mut self, wait: Duration) {
        self.not_before = self.not_before.max(Some(Instant::now() + wait));
    }

    async fn tick(&mut self) -> Result<(), Ended> {
        self.ticks += 1;
        if self.ticks.is_multiple_of(TICKS_BETWEEN_LOOKS_AT_THE_DISK) {
            let room = self.run.archive.store.room().await?;
            if room.free_bytes < room.floor_bytes {
                let (free_bytes, floor_bytes) = (room.free_bytes, room.floor_bytes);
                return Err(StoreError::NoRoom { wanted_bytes: 0, free_bytes, floor_bytes }.into());
            }
        }
        let came = self.shared.plan().came_bytes();
        let took = self.ticked_at.elapsed().as_secs_f64();
        let waits = std::mem::take(&mut *self.shared.waits());
        if came > self.ticked_bytes {
            self.dead_addresses = 0;
        }
        #[expect(clippy::cast_precision_loss, reason = "rates and shares")]
        let share =
            |time: Duration| time.as_secs_f64() / (took * self.running.len().max(1) as f64).max(0.001);
        #[expect(clippy::cast_precision_loss, reason = "rates and shares")]
        let sample = Sample {
            rate: (came - self.ticked_bytes) as f64 / took.max(0.001),
            waiting: share(waits.for_host),
            held_back: self.shared.pieces.is_backed_up() || share(waits.for_bandwidth) > HELD_BACK,
        };
        (self.ticked_at, self.ticked_bytes) = (Instant::now(), came);
        let is_waiting_out_trouble = self.not_before.is_some_and(|until| until > Instant::now());
        if !is_waiting_out_trouble {
            self.pace.tick(sample);
        }
        self.run.progress.segments(self.running.len(), self.shared.plan().come());
        Ok(())
    }
}

/// Incidents in a row.
#[derive(Debug, Default)]
struct Troubles {
    in_a_row: u32,
    came_bytes: u64,
}

impl Troubles {
    /// How long to wait this time; `None` when patience is at its end.
    fn next_wait(&mut self, came_bytes: u64) -> Option<Duration> {
        if came_bytes >= self.came_bytes + PROGRESS_BYTES {
            self.in_a_row = 0;
        }
        (self.in_a_row, self.came_bytes) = (self.in_a_row + 1, came_bytes);
        let wait = FIRST_WAIT * 2_u32.pow(self.in_a_row - 1);
        (self.in_a_row <= PATIENCE).then(|| wait.mul_f64(rand::random_range(0.5..1.5)))
    }
}

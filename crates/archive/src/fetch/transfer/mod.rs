//! The transfer of one recording's media: in segments over as many connections as bring something, from where an
//! earlier run left off, and whatever breaks, never with bytes of two versions in one file.
//!
//! [`plan`] says who fetches what, [`connection`] fetches it, [`answer`] reads what the host says, [`pace`] decides
//! how many connections there are, [`source`] knows the address, [`engine`] is what all transfers share. What is
//! written where is the business of [`crate::store`], whether the file is a recording that of [`crate::verify`].

mod answer;
mod connection;
mod engine;
mod pace;
mod plan;
mod run;
mod source;
mod throttle;

use feishu::MediaResponse;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

pub use engine::{Engine, TransferSettings};
pub use throttle::{Bandwidth, Hours};

use self::answer::{Answer, Misstated};
use self::run::{FIRST_WAIT, Run, STRIKES, Stop};
use self::source::{Address, Source};
use super::miss::Miss;
use super::place::Place;
use super::reach::Reachers;
use super::transfers::Running;
use crate::Archive;
use crate::model::{ArtifactState, MinuteToken, OpenId, Reason};
use crate::store::{Assembly, FinishedPart, Object, Ranges};

/// How often bytes are thrown away and fetched anew before it is left for later.
const FRESH_STARTS: u32 = 3;

/// What is to be fetched, and where to.
pub(super) struct Job<'a> {
    pub(super) token: &'a MinuteToken,
    pub(super) title: &'a str,
    pub(super) reachers: &'a Reachers,
    pub(super) place: &'a Place,
    /// Parks the transfer when cancelled.
    pub(super) hold: CancellationToken,
}

/// A whole file without its final name.
pub(super) struct Received {
    pub(super) part: FinishedPart,
    /// With whose grant the address was asked for; nobody's when all bytes were here already.
    pub(super) via: Option<OpenId>,
    pub(super) content_type: Option<String>,
}

/// How much the host is trusted with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// Several parts at once.
    Parts,
    /// The whole, in one stream.
    OneStream,
}

impl Archive {
    /// Fetches a recording's media, or what is missing of it. What has come stays on disk for the next time,
    /// unless it turned out to be of no use.
    pub(super) async fn transfer(&self, job: &Job<'_>) -> Result<Received, Miss> {
        let mut trust = Trust::Parts;
        let mut fresh_starts = 0;
        loop {
            match self.transfer_once(job, trust).await {
                Ok(received) => return Ok(received),
                Err(Stop::Miss(miss)) => {
                    if miss.state == ArtifactState::Absent {
                        self.throw_away(job).await?;
                    }
                    return Err(miss);
                }
                Err(Stop::Again(why)) => {
                    warn!(recording = %job.token, why, "the bytes received do not belong together; fetching anew");
                    metrics::counter!("vault_transfers_restarted_total").increment(1);
                    self.throw_away(job).await?;
                    fresh_starts += 1;
                    if fresh_starts == FRESH_STARTS {
                        return Err(Miss::failed(
                            Reason::PlatformTrouble,
                            format!("fetched anew in vain: {why}"),
                        ));
                    }
                    trust = Trust::OneStream;
                }
            }
        }
    }

    async fn transfer_once(&self, job: &Job<'_>, trust: Trust) -> Result<Received, Stop> {
        let Place { dir, stem } = job.place;
        let kept = self.store.take_up(dir, stem, job.token.as_ref()).await.map_err(Miss::from)?;
        let progress = self.transfers.begin(job.token, job.title, None);
        if let Some(assembly) = &kept
            && let Some(object) = assembly.object()
        {
            let have = assembly.have();
            progress.expect(Some(object.bytes), have.clone());
            info!(recording = %job.token, bytes = have.bytes(), of = object.bytes, "taking up a transfer");
            if have.covers(&(0..object.bytes)) {
                return finished(kept, None, None).await;
            }
        }
        let source = Source::new(self, job.token, job.reachers);
        let opened = self.open_first(job, &source, kept.as_ref(), trust).await?;
        let content_type = opened.response.content_type.clone();
        let via = opened.address.via.clone();
        let assembly = self.assembly_for(job, &progress, kept, &opened).await?;
        let run = Run { archive: self, job, source: &source, progress: &progress, trust };
        let assembly = run.to_its_end(assembly, opened).await?;
        finished(Some(assembly), Some(via), content_type).await
    }

    /// Asks for the first bytes that are missing. An address that has just died is asked for once more.
    async fn open_first(
        &self,
        job: &Job<'_>,
        source: &Source<'_>,
        kept: Option<&Assembly>,
        trust: Trust,
    ) -> Result<Opened, Stop> {
        let object = kept.and_then(Assembly::object);
        let asked = match (kept, object) {
            (Some(assembly), Some(object)) => {
                let gap = assembly.have().first_gap(0, object.bytes).unwrap_or(0..0);
                Some(connection::asked(&(gap.start..object.bytes), object.bytes))
            }
            _ if trust == Trust::Parts => Some(feishu::ByteRange { start: 0, end: None }),
            _ => None,
        };
        let validator = object.and_then(Object::validator);
        let (mut is_second, mut strikes) = (false, 0);
        loop {
            let address = source.address().await?;
            if let Some(until) = self.engine.blocked_until(address.url.host()) {
                let wait = until.saturating_duration_since(tokio::time::Instant::now());
                return Err(Stop::Miss(feishu::MediaError::RateLimited { after: wait }.into()));
            }
            let opened = tokio::select! {
                biased;
                () = job.hold.cancelled() => return Err(Stop::Miss(Miss::parked())),
                opened = self.client.open_media(&address.url, asked, validator) => opened,
            };
            match opened {
                Ok(response) => {
                    if let Some(looks) = answer::no_media(&response) {
                        return Err(Stop::Miss(looks.into()));
                    }
                    let why = match answer::read(&response, asked) {
                        Ok(answer) if object.is_some_and(|known| answer.is_nameless(known)) => {
                            answer::NAMELESS.to_owned()
                        }
                        Ok(answer) => return Ok(Opened { address, response, answer }),
                        Err(Misstated(why)) => why,
                    };
                    // One answer that makes no sense is no reason to throw away what is here.
                    strikes += 1;
                    if strikes == STRIKES {
                        return Err(Stop::Again(why));
                    }
                    tokio::time::sleep(FIRST_WAIT).await;
                }
                Err(feishu::MediaError::UrlExpired(_)) if !is_second => {
                    is_second = true;
                    source.expired(address.number);
                }
                // What is kept is longer than the file: it is of another version.
                Err(error @ feishu::MediaError::RangeNotSatisfiable { .. }) => {
                    return Err(Stop::Again(error.to_string()));
                }
                Err(error) => {
                    if let feishu::MediaError::RateLimited { after } = &error {
                        self.engine.block(address.url.host(), *after);
                    }
                    return Err(Stop::Miss(error.into()));
                }
            }
        }
    }

    /// What is kept, if the answer belongs to it; else a new file.
    async fn assembly_for(
        &self,
        job: &Job<'_>,
        progress: &Running,
        kept: Option<Assembly>,
        opened: &Opened,
    ) -> Result<Assembly, Stop> {
        let object = match &opened.answer {
            Answer::Part { object, .. } => Some(object),
            Answer::Whole { object } => object.as_ref(),
        };
        if let Some(kept) = kept {
            if let Answer::Part { object, .. } = &opened.answer
                && kept.object() == Some(object)
            {
                return Ok(kept);
            }
            debug!(recording = %job.token, "the file at the platform is not the one that was begun");
            kept.discard().await.map_err(Miss::from)?;
            if matches!(opened.answer, Answer::Part { .. }) {
                return Err(Stop::Again("the file has changed since it was begun".to_owned()));
            }
        }
        progress.expect(object.map(|object| object.bytes), Ranges::default());
        let Place { dir, stem } = job.place;
        let assembled = self.store.assemble(dir, stem, job.token.as_ref(), object.cloned()).await;
        Ok(assembled.map_err(Miss::from)?)
    }

    async fn throw_away(&self, job: &Job<'_>) -> Result<(), Miss> {
        let Place { dir, stem } = job.place;
        if let Some(assembly) = self.store.take_up(dir, stem, job.token.as_ref()).await? {
            assembly.discard().await?;
        }
        Ok(())
    }
}

/// The first answer of a run.
struct Opened {
    address: Address,
    response: MediaResponse,
    answer: Answer,
}

async fn finished(
    assembly: Option<Assembly>,
    via: Option<OpenId>,
    content_type: Option<String>,
) -> Result<Received, Stop> {
    let Some(assembly) = assembly else { return Err(Stop::Again("nothing was received".to_owned())) };
    let part = assembly.finish().await?;
    Ok(Received { part, via, content_type })
}

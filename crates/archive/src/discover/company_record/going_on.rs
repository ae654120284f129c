//! Following what goes on: a meeting that was in the list of those going on and is not any more has ended, and is
//! asked for its recording at once, however long ago it began.

use std::collections::HashSet;

use feishu::{Error, ListedMeeting, MeetingStage};
use tracing::warn;

use super::looks::FOLLOWED_AFTER_MS;
use super::pages::{Pages, Reader};
use super::{CHUNK, DAY_MS, ReconcileError};
use crate::Archive;
use crate::catalog::{CatalogError, MeetingFacts, note_end, note_going_on};
use crate::discover::meeting::ask_later;
use crate::model::Track;

/// The platform lets no meeting go on for longer.
const LONGEST_MS: i64 = DAY_MS;

impl Archive {
    /// Notes what goes on, and asks what no longer does. Up to when, by the platform's clock (unix ms), what goes on
    /// is followed now; none where the platform does not list it.
    pub(super) async fn follow(
        &self,
        reader: &Reader<'_>,
        their_ms: i64,
    ) -> Result<Option<i64>, ReconcileError> {
        let to_ms = their_ms - FOLLOWED_AFTER_MS;
        let mut pages = Pages::of(MeetingStage::GoingOn, (to_ms - LONGEST_MS, to_ms));
        let mut listed = Vec::new();
        loop {
            match self.next_page(reader, &mut pages).await {
                Ok(Some(page)) => listed.extend(page.meetings),
                Ok(None) => break,
                Err(ReconcileError::Platform(error @ (Error::Permanent(_) | Error::NotFound(_)))) => {
                    warn!(%error, "the company's record does not list what goes on");
                    return Ok(None);
                }
                Err(error) => return Err(error),
            }
        }
        self.note_changes(&listed, to_ms).await?;
        Ok(Some(their_ms))
    }

    /// `listed` is all that goes on of what began before `to_ms`, unix ms.
    async fn note_changes(&self, listed: &[ListedMeeting], to_ms: i64) -> Result<(), CatalogError> {
        let now_ms = self.clock.now_ms();
        let known: HashSet<_> = self.catalog.going_on(to_ms).await?.into_iter().collect();
        let goes_on: HashSet<_> = listed.iter().filter_map(|it| it.meeting_id.clone()).collect();
        let begun = listed.iter().filter_map(facts_of).filter(|it| !known.contains(&it.meeting_id));
        for chunk in begun.collect::<Vec<_>>().chunks(CHUNK) {
            let mut tx = self.catalog.db().begin().await?;
            for facts in chunk {
                note_going_on(&mut tx, facts, now_ms).await?;
            }
            tx.commit().await?;
        }
        for chunk in known.difference(&goes_on).collect::<Vec<_>>().chunks(CHUNK) {
            let mut tx = self.catalog.db().begin().await?;
            for &meeting_id in chunk {
                if note_end(&mut tx, meeting_id, now_ms).await? {
                    let facts = MeetingFacts::of(meeting_id.clone(), Track::CompanyRecord);
                    ask_later(&mut tx, &facts, now_ms).await?;
                }
            }
            tx.commit().await?;
        }
        Ok(())
    }
}

/// What a meeting that goes on tells of itself. When it ends and whether it is recorded is not known yet,
/// whatever stands there.
fn facts_of(meeting: &ListedMeeting) -> Option<MeetingFacts> {
    let facts = super::facts_of(meeting)?;
    Some(MeetingFacts { end_ms: None, is_recorded: None, ..facts })
}

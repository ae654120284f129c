//! Where facts live: members, sealed grants, recordings, sightings, artifacts, events, tasks.
//! SQLite by default, PostgreSQL when told; one set of statements for both. Bytes live in `store`.
//!
//! Invariant: a fact that work depends on is committed before the work starts, and a file is on disk,
//! synced and renamed before the catalogue says that it is there.

mod arg;
mod attempts;
mod attended;
mod backfills;
mod company_record;
mod coverage;
mod db;
mod error;
mod links;
mod log;
mod meetings;
mod members;
mod meta;
mod overview;
mod pauses;
mod recordings;
mod removals;
mod rounds;
mod sightings;
mod sources;
mod subscriptions;
mod turns;
mod unindexed;

pub use arg::Arg;
pub(crate) use arg::args;
pub use attempts::AttemptRow;
pub(crate) use attended::{Attended, note_attended};
pub use company_record::{CompanyRecord, RecordStanding, RecordedMeeting};
pub use coverage::{Counts, Coverage, CoverageQuery, PersonCoverage, WeekCoverage};
pub use db::{Db, Record, Tx};
pub use error::CatalogError;
pub use log::keep_log_short;
pub use meetings::MeetingFacts;
pub(crate) use meetings::{date_by_meeting, hear_of_meeting, note_end, note_going_on, set_recorded};
pub use members::MemberRow;
pub(crate) use members::{Standing, note_name, upsert_member};
pub use overview::{Growth, Overview, RecordingFilter, Tally};
pub use pauses::Pauses;
pub use recordings::{ArtifactUpdate, FileFact, FinishedFile, MetadataFacts, RecordingUpdate};
pub use removals::{Removal, RemovedFile};
pub use rounds::Patrolled;
pub(crate) use sightings::record_sighting;
pub use sightings::{Novelty, Sighting, SightingRow};
pub use sources::{Source, SourceLook};
pub(crate) use subscriptions::set_heard;
pub(crate) use unindexed::{mark_all_unindexed, mark_unindexed, mark_unindexed_of};

/// The catalogue: typed reads and writes over [`Db`]. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Catalog {
    db: Db,
}

impl Catalog {
    /// A catalogue over an open database.
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    /// The database itself, for rooms that keep their own tables (queue, grants, inbox).
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.db
    }
}

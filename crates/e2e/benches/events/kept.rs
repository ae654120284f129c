//! What the catalogue holds against what was acknowledged.

use std::collections::HashSet;

use archive::catalog::Db;
use e2e::Installation;

use crate::load::Outcome;
use crate::mix::Mix;
use crate::row;

/// Events that were answered with 200.
pub(crate) struct Kept {
    acknowledged: HashSet<String>,
}

impl Kept {
    pub(crate) fn new() -> Self {
        Self { acknowledged: HashSet::new() }
    }

    pub(crate) fn expect(&mut self, mix: &Mix, outcome: &Outcome) {
        self.acknowledged.extend(outcome.acknowledged.iter().map(|index| mix.event_ids[*index].clone()));
    }

    pub(crate) fn len(&self) -> usize {
        self.acknowledged.len()
    }

    pub(crate) fn count_among(&self, stored: &HashSet<String>) -> usize {
        self.acknowledged.intersection(stored).count()
    }

    /// The ids in the catalogue of a program that does not run.
    pub(crate) async fn stored(&self, installation: &Installation) -> HashSet<String> {
        let db = open(installation).await;
        let rows: Vec<(String,)> = db.rows("SELECT event_id FROM events", Vec::new()).await.expect("rows");
        let (rows_read, ids) = (rows.len(), rows.into_iter().map(|(id,)| id).collect::<HashSet<_>>());
        db.close().await;
        assert_eq!(ids.len(), rows_read, "an event is stored twice");
        ids
    }

    /// Each acknowledged event is there once, and each has made its recording.
    pub(crate) async fn prove(&self, installation: &Installation) {
        let stored = self.stored(installation).await;
        let lost = self.acknowledged.difference(&stored).count();
        row(
            "acknowledged events / of them in the catalogue, once / lost",
            format!("{} / {} / {lost}", self.acknowledged.len(), self.count_among(&stored)),
        );
        let db = open(installation).await;
        let counts: Option<(i64, i64)> = db
            .row(
                "SELECT (SELECT COUNT(*) FROM events WHERE handled_at IS NULL OR note IS NOT NULL),
                    (SELECT COUNT(*) FROM sightings WHERE track = 'minute_generated')",
                Vec::new(),
            )
            .await
            .expect("counts");
        db.close().await;
        let (open, sightings) = counts.expect("a row");
        assert_eq!((lost, open), (0, 0), "an event is lost or was not worked through");
        assert_eq!(
            usize::try_from(sightings).ok(),
            Some(stored.len()),
            "each event is about a recording of its own"
        );
    }
}

async fn open(installation: &Installation) -> Db {
    Db::open_sqlite(&installation.folder().join("data/catalogue.db")).await.expect("the catalogue opens")
}

//! The back-fill's part of `status`: everybody's history, and what came of it.

use anyhow::Result;
use archive::catalog::Catalog;
use archive::model::{Backfill, BackfillYield, MediaMeasure};
use serde_json::{Value, json};
use web::words::Words;

use crate::commands::members::still_to_come;
use crate::print::Moments;

/// How far everybody's history has been gone through, and what came of it.
pub struct History {
    members: usize,
    done: usize,
    /// The newest moment, unix ms, behind which not everybody's history is known.
    reached_ms: Option<i64>,
    came: BackfillYield,
    measure: MediaMeasure,
}

impl History {
    /// As the catalogue has it.
    pub async fn of(catalog: &Catalog) -> Result<Self> {
        let backfills = catalog.backfills().await?;
        let is_done = |it: &&Backfill| it.ended_at.is_some();
        Ok(Self {
            members: catalog.active_members().await?.len(),
            done: backfills.iter().filter(is_done).count(),
            reached_ms: backfills.iter().filter(|it| !is_done(it)).map(|it| it.reached_ms).max(),
            came: catalog.backfill_yield(None).await?,
            measure: catalog.media_measure().await?,
        })
    }

    /// Lines for people: the key of each and what it says.
    pub fn rows(&self, moments: &Moments, words: Words) -> Vec<(&'static str, String)> {
        let done = [("done", self.done.into()), ("members", self.members.into())];
        let mut rows = vec![("status-backfill", words.say_with("status-backfill-members", &done))];
        if self.done < self.members {
            let day = [("day", moments.say(self.reached_ms).into())];
            rows.push(("status-indent", words.say_with("backfill-reached", &day)));
        }
        if self.came.found > 0 {
            let counts = [("found", self.came.found.into()), ("archived", self.came.archived.into())];
            rows.push(("status-indent", words.say_with("status-backfill-counts", &counts)));
            rows.push(("status-indent", still_to_come(&self.came, &self.measure, words)));
        }
        rows
    }

    /// For programs.
    pub fn describe(&self, moments: &Moments) -> Value {
        let mut answer = json!({
            "members": self.members,
            "members_done": self.done,
            "found": self.came.found,
            "archived": self.came.archived,
            "open": self.came.open,
            "open_bytes": self.came.open_bytes(&self.measure),
        });
        if let Value::Object(object) = &mut answer {
            moments.put(object, "reached", self.reached_ms);
        }
        answer
    }
}

//! The one place that decides who may see what. A member sees and opens what they own or attended (somebody's sighting
//! through them); an administrator sees everybody's rows, and opens what a member opens; an auditor opens everything.
//! What was removed, and be it only to the trash, is there for nobody.

use crate::catalog::{Catalog, CatalogError, args};
use crate::model::{Artifact, MinuteToken, Recording, Viewer};

/// The minute_tokens that the person `$1` may open.
macro_rules! reached {
    () => {
        "SELECT minute_token FROM recordings WHERE owner_id = $1
         UNION SELECT minute_token FROM sightings WHERE open_id = $1"
    };
}
pub(super) use reached;

/// Whether the person `$1` may open the recording `r`: 1 or 0, `$2` being 1 for those who may open everything.
macro_rules! may_open {
    () => {
        "CASE WHEN $2 = 1 OR r.owner_id = $1
            OR EXISTS (SELECT 1 FROM sightings s WHERE s.open_id = $1 AND s.minute_token = r.minute_token)
         THEN 1 ELSE 0 END"
    };
}
pub(super) use may_open;

const MAY_OPEN: &str = concat!(
    "SELECT CAST(",
    may_open!(),
    " AS BIGINT) FROM recordings r WHERE r.minute_token = $3 AND r.state NOT IN ('trashed', 'purged')"
);

/// People whose recordings one list shows when their names have something in common.
const MOST_NAMESAKES: i64 = 500;

/// Somebody who owns or attended a recording.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Person {
    /// Who.
    pub open_id: String,
    /// Their name, once they have authorised.
    pub name: Option<String>,
}

/// A recording that somebody may open, with all that belongs to it.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The recording.
    pub recording: Recording,
    /// Its parts, in the order in which they are fetched.
    pub artifacts: Vec<Artifact>,
    /// Its owner first, then those who attended, by name.
    pub people: Vec<Person>,
}

impl Opened {
    /// The owner, when known.
    #[must_use]
    pub fn owner(&self) -> Option<&Person> {
        self.people.iter().find(|person| Some(&person.open_id) == self.recording.owner_id.as_ref())
    }
}

impl Catalog {
    /// Whether somebody may open a recording.
    pub async fn may_open(&self, viewer: &Viewer, token: &MinuteToken) -> Result<bool, CatalogError> {
        let everything = i64::from(viewer.may_open_everything());
        let row: Option<(i64,)> = self.db().row(MAY_OPEN, args![&viewer.open_id, everything, token]).await?;
        Ok(row.is_some_and(|(may_open,)| may_open == 1))
    }

    /// A recording for somebody who may open it; none when there is none, or when they may not.
    pub async fn opened(&self, viewer: &Viewer, token: &MinuteToken) -> Result<Option<Opened>, CatalogError> {
        if !self.may_open(viewer, token).await? {
            return Ok(None);
        }
        let Some(recording) = self.recording(token).await? else { return Ok(None) };
        let (artifacts, people) = (self.artifacts(token).await?, self.people_of(token).await?);
        Ok(Some(Opened { recording, artifacts, people }))
    }

    /// Those with this in their name who own something that the viewer may see, up to a bound.
    pub async fn owners_named(&self, viewer: &Viewer, name: &str) -> Result<Vec<String>, CatalogError> {
        let everything = i64::from(viewer.may_list_everything());
        // SQLite turns only the letters of ASCII into small ones, so the name counts as it is written, too.
        let plain = |text: String| text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let (small, written) = (plain(name.trim().to_lowercase()), plain(name.trim().to_owned()));
        let rows: Vec<(String,)> = self
            .db()
            .rows(
                concat!(
                    "SELECT m.open_id FROM members m
                     WHERE (LOWER(m.name) LIKE '%' || $2 || '%' ESCAPE '\\' OR m.name LIKE '%' || $5 || '%' ESCAPE '\\')
                        AND EXISTS (SELECT 1 FROM recordings r WHERE r.owner_id = m.open_id
                            AND ($3 = 1 OR r.minute_token IN (",
                    reached!(),
                    ")))
                     ORDER BY m.open_id LIMIT $4"
                ),
                args![&viewer.open_id, small, everything, MOST_NAMESAKES, written],
            )
            .await?;
        Ok(rows.into_iter().map(|(open_id,)| open_id).collect())
    }

    /// Its owner first, then those who attended, by name.
    pub(super) async fn people_of(&self, token: &MinuteToken) -> Result<Vec<Person>, CatalogError> {
        self.db()
            .rows(
                "SELECT p.open_id, m.name FROM (
                    SELECT owner_id AS open_id, 0 AS place FROM recordings
                    WHERE minute_token = $1 AND owner_id IS NOT NULL
                    UNION SELECT s.open_id, 1 FROM sightings s JOIN recordings r ON r.minute_token = s.minute_token
                    WHERE s.minute_token = $1 AND s.open_id <> '' AND s.open_id <> COALESCE(r.owner_id, '')
                 ) p LEFT JOIN members m ON m.open_id = p.open_id ORDER BY p.place, m.name, p.open_id",
                args![token],
            )
            .await
    }
}

//! Rules: what they would take, and whether they do. What is held, and what somebody has put back, they leave alone.

use super::holds::held;
use crate::audit::{self, Deed};
use crate::catalog::{Catalog, CatalogError, Tx, args};
use crate::library::Kind;
use crate::model::{MinuteToken, OpenId};

const DAY_MS: i64 = 86_400_000;

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct Rule {
    /// Its number.
    pub id: String,
    /// It takes what was made longer ago than so many days.
    pub age_days: i64,
    /// Only what this person owns.
    pub open_id: Option<String>,
    /// Only what is archived as this: a word of [`Kind`].
    pub kind: Option<String>,
    /// Who made it.
    pub made_by: String,
    /// Unix ms.
    pub made_at: i64,
    /// Who switched it on; none while it is off.
    pub on_by: Option<String>,
    /// Unix ms.
    pub on_at: Option<i64>,
}

impl Rule {
    /// Whether it takes anything.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.on_at.is_some()
    }

    /// `$1` to `$3` of [`taken`].
    fn bounds(&self, now_ms: i64) -> Vec<crate::catalog::Arg> {
        let made_before_ms = now_ms.saturating_sub(self.age_days.saturating_mul(DAY_MS));
        args![
            made_before_ms,
            self.open_id.as_deref().unwrap_or_default(),
            self.kind.as_deref().unwrap_or_default()
        ]
    }
}

/// What somebody wants a rule to take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRule {
    /// What was made longer ago than so many days.
    pub age_days: u32,
    /// Only what this person owns.
    pub owner: Option<OpenId>,
    /// Only what is archived as this.
    pub kind: Option<Kind>,
}

/// The sum of what a rule would take now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct WouldTake {
    /// Recordings.
    pub count: i64,
    /// Bytes of their files.
    pub bytes: i64,
}

/// One recording that a rule would take.
#[derive(Debug, Clone, serde::Serialize, sqlx::FromRow)]
pub struct Candidate {
    /// The recording.
    #[sqlx(try_from = "String")]
    pub minute_token: MinuteToken,
    /// Its title, when known.
    pub title: Option<String>,
    /// Its owner, when known.
    pub owner_id: Option<String>,
    /// Their name, once they have authorised.
    pub owner: Option<String>,
    /// When it was made, or found where nothing tells that, unix ms.
    pub made_ms: i64,
    /// Bytes of its files.
    pub bytes: i64,
}

/// A page of them, the oldest first.
#[derive(Debug, Clone)]
pub struct Candidates {
    /// Its rows.
    pub rows: Vec<Candidate>,
    /// What to ask for the next page after, if there is one.
    pub next: Option<String>,
}

/// What came of switching a rule on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switched {
    /// It is on.
    On,
    /// It would take more than whoever switched it on has seen; so many.
    More(i64),
    /// There is no such rule, or it is on already.
    Unknown,
}

/// `$1`: made before, unix ms; `$2`: the owner, or ''; `$3`: the kind, or ''. Read by time: nearly all are archived, and
/// an index of states would have them all sorted for each page. Its media is looked up among the files that are here,
/// whose index has their names; by its key SQLite would read each row.
macro_rules! taken {
    () => {
        concat!(
            " FROM recordings r WHERE r.state || '' = 'archived' AND COALESCE(r.created_ms, r.found_at) < $1
                AND ($2 = '' OR r.owner_id = $2)
                AND ($3 = '' OR EXISTS (SELECT 1 FROM artifacts f WHERE f.minute_token = r.minute_token
                    AND f.kind || '' = 'media' AND f.state = 'done'
                    AND CASE WHEN f.file_name LIKE '%.m4a' THEN 'audio' ELSE 'video' END = $3))
                AND NOT EXISTS (SELECT 1 FROM put_back b WHERE b.minute_token = r.minute_token)
                AND NOT ",
            held!()
        )
    };
}

/// Of the recording `r`.
macro_rules! bytes {
    () => {
        "(SELECT COALESCE(SUM(a.bytes), 0) FROM artifacts a WHERE a.minute_token = r.minute_token AND a.state = 'done')"
    };
}

const SUM: &str =
    concat!("SELECT COUNT(*) AS count, CAST(COALESCE(SUM(", bytes!(), "), 0) AS BIGINT) AS bytes", taken!());

/// First which rows; what belongs to them is looked up for these alone.
const PAGE: &str = concat!(
    "SELECT r.minute_token, r.title, r.owner_id, m.name AS owner, r.made_ms, CAST(",
    bytes!(),
    " AS BIGINT) AS bytes FROM (
        SELECT r.minute_token, r.title, r.owner_id, COALESCE(r.created_ms, r.found_at) AS made_ms",
    taken!(),
    " AND (COALESCE(r.created_ms, r.found_at), r.minute_token) > ($4, $5)
        ORDER BY COALESCE(r.created_ms, r.found_at), r.minute_token LIMIT $6
     ) r LEFT JOIN members m ON m.open_id = r.owner_id ORDER BY r.made_ms, r.minute_token"
);

/// Whether the rule takes this one still.
const ONE: &str = concat!("SELECT CAST(1 AS BIGINT)", taken!(), " AND r.minute_token = $4");

macro_rules! rules {
    ($rest:literal) => {
        concat!(
            "SELECT id, age_days, open_id, kind, made_by, made_at, on_by, on_at FROM retention_rules ",
            $rest
        )
    };
}

impl Catalog {
    /// All rules, the oldest first.
    pub async fn rules(&self) -> Result<Vec<Rule>, CatalogError> {
        self.db().rows(rules!("ORDER BY made_at, id"), args![]).await
    }

    /// One rule.
    pub async fn rule(&self, id: &str) -> Result<Option<Rule>, CatalogError> {
        self.db().row(rules!("WHERE id = $1"), args![id]).await
    }

    /// Makes a rule that is off, and writes the deed down; its number.
    pub async fn make_rule(&self, new: &NewRule, deed: &Deed) -> Result<String, CatalogError> {
        let id = uuid::Uuid::now_v7().to_string();
        let mut tx = self.db().begin().await?;
        audit::record_in(&mut tx, deed).await?;
        tx.execute(
            "INSERT INTO retention_rules (id, age_days, open_id, kind, made_by, made_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
            args![
                id.as_str(),
                i64::from(new.age_days),
                new.owner.as_ref().map(ToString::to_string),
                new.kind.map(Kind::as_str),
                &deed.actor,
                deed.at_ms
            ],
        )
        .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// What a rule would take at this time, unix ms.
    pub async fn would_take(&self, rule: &Rule, now_ms: i64) -> Result<WouldTake, CatalogError> {
        Ok(self.db().row(SUM, rule.bounds(now_ms)).await?.unwrap_or_default())
    }

    /// The same one by one, page by page: `after` is what the page before told.
    pub async fn candidates_of(
        &self,
        rule: &Rule,
        now_ms: i64,
        after: Option<&str>,
        limit: i64,
    ) -> Result<Candidates, CatalogError> {
        let (made, token) = after.and_then(|after| after.split_once('.')).unwrap_or_default();
        let mut values = rule.bounds(now_ms);
        values.extend(args![made.parse().unwrap_or(i64::MIN), token, limit]);
        let rows: Vec<Candidate> = self.db().rows(PAGE, values).await?;
        let is_full = i64::try_from(rows.len()).is_ok_and(|count| count >= limit);
        let next = rows.last().filter(|_| is_full).map(|row| format!("{}.{}", row.made_ms, row.minute_token));
        Ok(Candidates { rows, next })
    }

    /// Switches a rule on for somebody who has seen that it would take `seen` recordings, and writes the deed down.
    pub async fn switch_rule_on(&self, id: &str, seen: i64, deed: &Deed) -> Result<Switched, CatalogError> {
        let mut tx = self.db().begin().await?;
        audit::record_in(&mut tx, deed).await?;
        let rule: Option<Rule> = tx.row(rules!("WHERE id = $1 AND on_at IS NULL"), args![id]).await?;
        let Some(rule) = rule else { return Ok(Switched::Unknown) };
        let now: WouldTake = tx.row(SUM, rule.bounds(deed.at_ms)).await?.unwrap_or_default();
        if now.count > seen {
            return Ok(Switched::More(now.count));
        }
        let sql = "UPDATE retention_rules SET on_by = $2, on_at = $3 WHERE id = $1";
        tx.execute(sql, args![id, &deed.actor, deed.at_ms]).await?;
        tx.commit().await?;
        Ok(Switched::On)
    }

    /// Switches a rule off and writes the deed down; false when it is not on.
    pub async fn switch_rule_off(&self, id: &str, deed: &Deed) -> Result<bool, CatalogError> {
        let off = "UPDATE retention_rules SET on_by = NULL, on_at = NULL WHERE id = $1 AND on_at IS NOT NULL";
        self.change_rule(off, id, deed).await
    }

    /// Forgets a rule that is off and writes the deed down; false when there is none.
    pub async fn forget_rule(&self, id: &str, deed: &Deed) -> Result<bool, CatalogError> {
        self.change_rule("DELETE FROM retention_rules WHERE id = $1 AND on_at IS NULL", id, deed).await
    }

    async fn change_rule(&self, sql: &'static str, id: &str, deed: &Deed) -> Result<bool, CatalogError> {
        let mut tx = self.db().begin().await?;
        audit::record_in(&mut tx, deed).await?;
        if tx.execute(sql, args![id]).await? == 0 {
            return Ok(false);
        }
        tx.commit().await?;
        Ok(true)
    }
}

/// Whether this rule is still on and takes this recording at this time, within the transaction that is to take it.
pub(super) async fn takes(
    tx: &mut Tx,
    rule: &Rule,
    token: &MinuteToken,
    now_ms: i64,
) -> Result<bool, CatalogError> {
    let is_on: Option<Rule> =
        tx.row(rules!("WHERE id = $1 AND on_at IS NOT NULL"), args![rule.id.as_str()]).await?;
    let Some(present) = is_on else { return Ok(false) };
    let mut values = present.bounds(now_ms);
    values.extend(args![token]);
    Ok(tx.row::<(i64,)>(ONE, values).await?.is_some())
}

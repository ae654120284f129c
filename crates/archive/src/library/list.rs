//! Lists of recordings, page by page: each page begins after the last row of the one before, so that what comes in
//! meanwhile neither repeats nor hides a row.

use std::path::Path;

use super::reach::{may_open, reached};
use crate::catalog::{Catalog, CatalogError, args};
use crate::model::{MinuteToken, RecordingState, Viewer, text_enum};

text_enum! {
    /// Which recordings a list is of.
    pub enum Shelf {
        /// Those that the viewer owns.
        Mine = "mine",
        /// Those of others that the viewer attended.
        Shared = "shared",
        /// Those that the viewer may open.
        Open = "open",
        /// Everybody's, for those who may list everything; for others the same as `Open`.
        All = "all",
    }
}

text_enum! {
    /// What a list is sorted by.
    pub enum Sort {
        /// When the recording was made.
        Made = "made",
        /// How long it is.
        Length = "length",
        /// Its title, by the database's order of characters.
        Title = "title",
    }
}

text_enum! {
    /// In which direction.
    pub enum Order {
        /// The newest, the longest, the last of the alphabet first.
        Falling = "falling",
        /// The other way round.
        Rising = "rising",
    }
}

text_enum! {
    /// What is seen and heard.
    pub enum Kind {
        /// Pictures and sound.
        Video = "video",
        /// Sound alone.
        Audio = "audio",
    }
}

/// What somebody wishes to see listed.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Of which recordings.
    pub shelf: Shelf,
    /// Only these people's (open_id); empty: everybody's.
    pub owners: Vec<String>,
    /// Only what was made at this time or later, unix ms.
    pub from_ms: Option<i64>,
    /// Only what was made before this time, unix ms.
    pub until_ms: Option<i64>,
    /// Only what is at least so long, ms.
    pub shortest_ms: Option<i64>,
    /// Only what is at most so long, ms.
    pub longest_ms: Option<i64>,
    /// Only what is archived as this.
    pub kind: Option<Kind>,
    /// Only what has a transcript here.
    pub with_transcript: bool,
    /// Sorted by this.
    pub sort: Sort,
    /// In this direction.
    pub order: Order,
    /// After this row, as [`Listed::next`] told it.
    pub after: Option<String>,
    /// At most so many rows.
    pub limit: i64,
}

impl Default for Wish {
    fn default() -> Self {
        Self {
            shelf: Shelf::Open,
            owners: Vec::new(),
            from_ms: None,
            until_ms: None,
            shortest_ms: None,
            longest_ms: None,
            kind: None,
            with_transcript: false,
            sort: Sort::Made,
            order: Order::Falling,
            after: None,
            limit: 50,
        }
    }
}

/// One row of a list.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Item {
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
    /// How long it is, ms.
    pub duration_ms: Option<i64>,
    /// Where it stands.
    #[sqlx(try_from = "String")]
    pub state: RecordingState,
    /// The name of its media file, once it is here.
    pub file_name: Option<String>,
    /// That file's size.
    pub bytes: Option<i64>,
    /// Whether its transcript is here (1, 0).
    pub has_transcript: i64,
    /// Whether its summary is here (1, 0).
    pub has_summary: i64,
    /// Whether its cover is here (1, 0).
    pub has_cover: i64,
    /// Whether it has been deleted at its source (1, 0).
    pub is_only_here: i64,
    /// Whether the viewer may open it (1, 0).
    pub may_open: i64,
    /// Where it is in the order of the list.
    place: String,
}

impl Item {
    /// What its media file is, once it is here.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        self.file_name.as_deref().map(Kind::of)
    }
}

impl Kind {
    /// What a media file of the archive is: `fetch::media` names them by what is in them.
    #[must_use]
    pub fn of(file_name: &str) -> Self {
        let is_audio = Path::new(file_name).extension().is_some_and(|extension| extension == "m4a");
        if is_audio { Self::Audio } else { Self::Video }
    }
}

/// A page of a list.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Its rows.
    pub items: Vec<Item>,
    /// What [`Wish::after`] must say for the next page, if there is one.
    pub next: Option<String>,
}

macro_rules! columns {
    () => {
        concat!(
            "SELECT r.minute_token, r.title, r.owner_id, o.name AS owner, COALESCE(r.created_ms, r.found_at) AS made_ms,
                COALESCE(r.duration_ms, a.play_ms) AS duration_ms, r.state,
                a.file_name, a.bytes,
                CAST(CASE WHEN EXISTS (SELECT 1 FROM artifacts t WHERE t.minute_token = r.minute_token
                    AND t.kind IN ('transcript_txt', 'transcript_srt') AND t.state = 'done') THEN 1 ELSE 0 END AS BIGINT)
                    AS has_transcript,
                CAST(CASE WHEN EXISTS (SELECT 1 FROM artifacts t WHERE t.minute_token = r.minute_token
                    AND t.kind = 'summary' AND t.state = 'done') THEN 1 ELSE 0 END AS BIGINT) AS has_summary,
                CAST(CASE WHEN EXISTS (SELECT 1 FROM artifacts t WHERE t.minute_token = r.minute_token
                    AND t.kind = 'cover' AND t.state = 'done') THEN 1 ELSE 0 END AS BIGINT) AS has_cover,
                CAST(CASE WHEN EXISTS (SELECT 1 FROM sources q WHERE q.minute_token = r.minute_token
                    AND q.gone_at IS NOT NULL) THEN 1 ELSE 0 END AS BIGINT) AS is_only_here,
                CAST(", may_open!(), " AS BIGINT) AS may_open"
        )
    };
}

macro_rules! joined {
    () => {
        "LEFT JOIN members o ON o.open_id = r.owner_id
         LEFT JOIN artifacts a ON a.minute_token = r.minute_token AND a.kind = 'media' AND a.state = 'done' "
    };
}

/// BETWEEN, since for an equality SQLite takes the primary key, and then has to look into the table, too.
///
/// `$when`: empty, or `+` to keep the database from reading by time what is sorted otherwise.
macro_rules! filters {
    ($when:literal) => {
        concat!(
            " AND r.state NOT IN ('trashed', 'purged') AND ($3 = '' OR r.owner_id = $3 OR $3 LIKE '%' || r.owner_id || ' %')
          AND ",
            $when,
            "COALESCE(r.created_ms, r.found_at) >= $4
          AND ",
            $when,
            "COALESCE(r.created_ms, r.found_at) < $5
          AND ($6 = 0 OR r.duration_ms >= $6) AND ($7 = 0 OR r.duration_ms <= $7)
          AND ($8 = '' OR EXISTS (SELECT 1 FROM artifacts f WHERE f.minute_token = r.minute_token
            AND f.kind BETWEEN 'media' AND 'media' AND f.state = 'done'
            AND CASE WHEN f.file_name LIKE '%.m4a' THEN 'audio' ELSE 'video' END = $8))
          AND ($9 = 0 OR EXISTS (SELECT 1 FROM artifacts f WHERE f.minute_token = r.minute_token
            AND f.kind IN ('transcript_txt', 'transcript_srt') AND f.state = 'done')) "
        )
    };
}

/// The recordings `r` of each shelf. `$1`: the viewer; `$3`: whose, several with a space behind each, or ''.
macro_rules! mine {
    () => {
        "r.owner_id = $1"
    };
}
macro_rules! shared {
    () => {
        "r.minute_token IN (SELECT minute_token FROM sightings WHERE open_id = $1) AND COALESCE(r.owner_id, '') <> $1"
    };
}
macro_rules! open {
    () => {
        concat!("r.minute_token IN (", reached!(), ")")
    };
}
macro_rules! all {
    () => {
        "1 = 1"
    };
}
macro_rules! all_of_one {
    () => {
        "r.owner_id = $3"
    };
}

/// First which rows, by an index; what belongs to them is looked up for these alone.
macro_rules! page {
    ($when:literal, $rows:expr, $key:literal, $is_behind:literal, $direction:literal) => {
        concat!(
            columns!(),
            ", CAST(p.place AS TEXT) AS place FROM (SELECT r.minute_token, ",
            $key,
            " AS place
             FROM recordings r WHERE ",
            $rows,
            filters!($when),
            " AND ",
            $is_behind,
            " ORDER BY ",
            $key,
            " ",
            $direction,
            ", r.minute_token ",
            $direction,
            " LIMIT $12) p JOIN recordings r ON r.minute_token = p.minute_token ",
            joined!(),
            "ORDER BY p.place ",
            $direction,
            ", r.minute_token ",
            $direction
        )
    };
}

/// Sorted by something else than time: few rows of some days are sorted when they have been found, all rows are read
/// in their order.
macro_rules! page_by {
    ($is_dated:expr, $($parts:tt)*) => {
        if $is_dated { page!("", $($parts)*) } else { page!("+", $($parts)*) }
    };
}

macro_rules! pages {
    ($sort:expr, $order:expr, $is_dated:expr, $rows:expr) => {
        match ($sort, $order) {
            (Sort::Made, Order::Falling) => page!(
                "",
                $rows,
                "COALESCE(r.created_ms, r.found_at)",
                "(COALESCE(r.created_ms, r.found_at), r.minute_token) < ($10, $11)",
                "DESC"
            ),
            (Sort::Made, Order::Rising) => page!(
                "",
                $rows,
                "COALESCE(r.created_ms, r.found_at)",
                "(COALESCE(r.created_ms, r.found_at), r.minute_token) > ($10, $11)",
                "ASC"
            ),
            (Sort::Length, Order::Falling) => page_by!(
                $is_dated,
                $rows,
                "COALESCE(r.duration_ms, 0)",
                "COALESCE(r.duration_ms, 0) <= $10 AND (COALESCE(r.duration_ms, 0), r.minute_token) < ($10, $11)",
                "DESC"
            ),
            (Sort::Length, Order::Rising) => page_by!(
                $is_dated,
                $rows,
                "COALESCE(r.duration_ms, 0)",
                "COALESCE(r.duration_ms, 0) >= $10 AND (COALESCE(r.duration_ms, 0), r.minute_token) > ($10, $11)",
                "ASC"
            ),
            // No text is the last of every alphabet: the first page has no row before it.
            (Sort::Title, Order::Falling) => page_by!(
                $is_dated,
                $rows,
                "SUBSTR(COALESCE(r.title, ''), 1, 200)",
                "($11 = '' OR (SUBSTR(COALESCE(r.title, ''), 1, 200), r.minute_token) < ($10, $11))",
                "DESC"
            ),
            (Sort::Title, Order::Rising) => page_by!(
                $is_dated,
                $rows,
                "SUBSTR(COALESCE(r.title, ''), 1, 200)",
                "SUBSTR(COALESCE(r.title, ''), 1, 200) >= $10
                    AND (SUBSTR(COALESCE(r.title, ''), 1, 200), r.minute_token) > ($10, $11)",
                "ASC"
            ),
        }
    };
}

/// More rows than so many are not counted: nobody pages through them, and counting costs.
pub const COUNTED: i64 = 500;

macro_rules! count {
    ($rows:expr) => {
        concat!(
            "SELECT COUNT(*) FROM (SELECT 1 AS one FROM recordings r WHERE ",
            $rows,
            filters!(""),
            " AND $1 <> '' AND $2 >= 0 LIMIT $10) counted"
        )
    };
}

const ONE: &str = concat!(
    columns!(),
    ", '' AS place FROM recordings r ",
    joined!(),
    "WHERE r.minute_token = $3 AND r.state NOT IN ('trashed', 'purged') AND ($4 = 1 OR r.minute_token IN (",
    reached!(),
    "))"
);

impl Catalog {
    /// One page of what somebody wishes to see.
    pub async fn listed(&self, viewer: &Viewer, wish: &Wish) -> Result<Listed, CatalogError> {
        let (sort, order) = (wish.sort, wish.order);
        let is_dated = wish.from_ms.is_some() || wish.until_ms.is_some();
        let sql = match source(viewer, wish) {
            Source::Mine => pages!(sort, order, is_dated, mine!()),
            Source::Shared => pages!(sort, order, is_dated, shared!()),
            Source::Open => pages!(sort, order, is_dated, open!()),
            Source::All => pages!(sort, order, is_dated, all!()),
            Source::AllOfOne => pages!(sort, order, is_dated, all_of_one!()),
        };
        let after = wish.after.as_deref().and_then(|after| after.rsplit_once('.'));
        let (place, token) = after.unwrap_or_default();
        let before_all = if order == Order::Falling { i64::MAX } else { i64::MIN };
        let mut wish = wish.clone();
        if let (Sort::Made, Some(made_ms)) = (sort, place.parse::<i64>().ok()) {
            // Bounds of the index: from a pair alone the database would not see where to begin.
            match order {
                Order::Falling => {
                    let until_ms = made_ms.saturating_add(1);
                    wish.until_ms = Some(wish.until_ms.unwrap_or(until_ms).min(until_ms));
                }
                Order::Rising => wish.from_ms = wish.from_ms.max(Some(made_ms)),
            }
        }
        let mut values = filter_values(viewer, &wish);
        match sort {
            Sort::Title => values.extend(args![place, token, wish.limit]),
            Sort::Made | Sort::Length => {
                values.extend(args![place.parse().unwrap_or(before_all), token, wish.limit]);
            }
        }
        let items: Vec<Item> = self.db().rows(sql, values).await?;
        let is_full = i64::try_from(items.len()).is_ok_and(|count| count >= wish.limit);
        let next =
            items.last().filter(|_| is_full).map(|last| format!("{}.{}", last.place, last.minute_token));
        Ok(Listed { items, next })
    }

    /// How many rows all pages of a wish have, up to [`COUNTED`].
    pub async fn count_listed(&self, viewer: &Viewer, wish: &Wish) -> Result<i64, CatalogError> {
        let sql = match source(viewer, wish) {
            Source::Mine => count!(mine!()),
            Source::Shared => count!(shared!()),
            Source::Open => count!(open!()),
            Source::All => count!(all!()),
            Source::AllOfOne => count!(all_of_one!()),
        };
        let mut values = filter_values(viewer, wish);
        values.extend(args![COUNTED]);
        let row: Option<(i64,)> = self.db().row(sql, values).await?;
        Ok(row.map_or(0, |(count,)| count))
    }

    /// One recording as a row of a list, for whoever may see that.
    pub async fn listed_one(
        &self,
        viewer: &Viewer,
        token: &MinuteToken,
    ) -> Result<Option<Item>, CatalogError> {
        let (opens, lists) =
            (i64::from(viewer.may_open_everything()), i64::from(viewer.may_list_everything()));
        self.db().row(ONE, args![&viewer.open_id, opens, token, lists]).await
    }
}

/// What a list is read from.
enum Source {
    Mine,
    Shared,
    Open,
    All,
    AllOfOne,
}

fn source(viewer: &Viewer, wish: &Wish) -> Source {
    let everything = match wish.shelf {
        Shelf::Mine => return Source::Mine,
        Shelf::Shared => return Source::Shared,
        Shelf::Open => viewer.may_open_everything(),
        Shelf::All => viewer.may_list_everything(),
    };
    match (everything, wish.owners.len()) {
        (false, _) => Source::Open,
        (true, 1) => Source::AllOfOne,
        (true, _) => Source::All,
    }
}

/// `$1` to `$9`.
fn filter_values(viewer: &Viewer, wish: &Wish) -> Vec<crate::catalog::Arg> {
    let owners = match &*wish.owners {
        [one] => one.clone(),
        // Each with a space behind it, so that none is found in another.
        many => many.iter().flat_map(|owner| [owner.as_str(), " "]).collect(),
    };
    args![
        &viewer.open_id,
        i64::from(viewer.may_open_everything()),
        owners,
        wish.from_ms.unwrap_or(i64::MIN),
        wish.until_ms.unwrap_or(i64::MAX),
        wish.shortest_ms.unwrap_or_default(),
        wish.longest_ms.unwrap_or_default(),
        wish.kind.map(Kind::as_str).unwrap_or_default(),
        i64::from(wish.with_transcript)
    ]
}

//! Coverage: per person and week, what was recorded and what became of it, and how much of that can be known.
//!
//! Counting is the database's work. A week begins on Monday in the archive's time zone; where that zone changes
//! its offset within the time asked for, each stretch of one offset is counted by itself.

use std::collections::BTreeMap;

use jiff::civil::{Date, ISOWeekDate};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::Serialize;

use super::company_record::{CompanyRecord, RecordStanding};
use super::{Catalog, CatalogError, args};
use crate::model::{MemberState, OpenId, RecordingState, Track};

const WEEK_MS: i64 = 7 * 86_400_000;
/// The first Monday after the epoch.
const FIRST_MONDAY: Date = Date::constant(1970, 1, 5);

/// `$3` is the zone's offset, `$4` a person's open_id or empty for all of them.
const COUNTS: &str = "SELECT person, week, outcome, COUNT(*) FROM (
        SELECT COALESCE(owner_id, '') AS person, state AS outcome,
            (COALESCE(created_ms, found_at) + $3 - 345600000) / 604800000 AS week
        FROM recordings WHERE COALESCE(created_ms, found_at) >= $1 AND COALESCE(created_ms, found_at) < $2
        UNION ALL
        SELECT COALESCE(m.owner_id, ''), 'unknown', (m.start_ms + $3 - 345600000) / 604800000
        FROM meetings m WHERE m.is_recorded = 1 AND m.start_ms >= $1 AND m.start_ms < $2
            AND NOT EXISTS (SELECT 1 FROM recordings r WHERE r.meeting_id = m.meeting_id)
            AND NOT EXISTS (SELECT 1 FROM recordings r WHERE r.minute_token = m.minute_token)
    ) AS what WHERE $4 = '' OR person = $4 GROUP BY person, week, outcome";

/// When an event, of the tracks `$2` to `$4`, last told of a recording through whom; `$1` is a person's open_id or empty
/// for all of them. From one person to the next by the index: there are hundreds of sightings for each of them.
const LAST_EVENTS: &str = "WITH RECURSIVE heard (track, open_id) AS (
        SELECT t.track, CASE WHEN $1 <> '' THEN CAST($1 AS TEXT)
            ELSE (SELECT MIN(s.open_id) FROM sightings s WHERE s.track = t.track AND s.open_id > '') END
        FROM (SELECT CAST($2 AS TEXT) AS track UNION ALL SELECT $3 UNION ALL SELECT $4) t
        UNION ALL
        SELECT h.track, (SELECT MIN(s.open_id) FROM sightings s WHERE s.track = h.track AND s.open_id > h.open_id)
        FROM heard h WHERE h.open_id IS NOT NULL AND $1 = ''
    )
    SELECT open_id, MAX(last_at) FROM (
        SELECT h.open_id, (SELECT MAX(s.last_at) FROM sightings s WHERE s.track = h.track AND s.open_id = h.open_id)
            AS last_at
        FROM heard h WHERE h.open_id IS NOT NULL
    ) AS told WHERE last_at IS NOT NULL GROUP BY open_id";

/// What to count.
#[derive(Debug, Clone)]
pub struct CoverageQuery {
    /// From the week on in which this lies, unix ms.
    pub since_ms: i64,
    /// What time it is, unix ms.
    pub now_ms: i64,
    /// Where weeks begin.
    pub zone: TimeZone,
    /// Only this person.
    pub member: Option<OpenId>,
    /// Whose grants may open the company's record.
    pub administrators: Vec<OpenId>,
}

/// Recordings by what became of them. Together they are `recorded`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// All that are known of.
    pub recorded: i64,
    /// On disk, whole and hashed.
    pub archived: i64,
    /// Known and not here yet; work goes on by itself.
    pub waiting: i64,
    /// The platform never made a media file.
    pub no_media: i64,
    /// Nobody whose grant we hold may export it.
    pub denied: i64,
    /// Nobody who can see it has authorised.
    pub not_authorised: i64,
    /// Deleted before it could be fetched.
    pub deleted: i64,
    /// The last attempts failed, or its file was lost.
    pub failed: i64,
    /// Taken out of the archive on request.
    pub removed: i64,
    /// Recorded, as the company's record says, and nothing else is known. None where nobody can say.
    pub unknown: Option<i64>,
}

impl Counts {
    fn add(&mut self, outcome: &str, count: i64) {
        self.recorded += count;
        let Ok(state) = outcome.parse() else {
            // The word for what only the company's record knows; or one of a newer version.
            self.unknown = Some(self.unknown.unwrap_or_default() + count);
            return;
        };
        *match state {
            RecordingState::Archived => &mut self.archived,
            RecordingState::Found | RecordingState::Waiting => &mut self.waiting,
            RecordingState::NoMedia => &mut self.no_media,
            RecordingState::Denied => &mut self.denied,
            RecordingState::NoGrant => &mut self.not_authorised,
            RecordingState::Gone => &mut self.deleted,
            RecordingState::Failed | RecordingState::Lost => &mut self.failed,
            RecordingState::Trashed | RecordingState::Purged => &mut self.removed,
        } += count;
    }

    fn include(&mut self, other: &Self) {
        self.recorded += other.recorded;
        self.archived += other.archived;
        self.waiting += other.waiting;
        self.no_media += other.no_media;
        self.denied += other.denied;
        self.not_authorised += other.not_authorised;
        self.deleted += other.deleted;
        self.failed += other.failed;
        self.removed += other.removed;
        if let Some(unknown) = other.unknown {
            self.unknown = Some(self.unknown.unwrap_or_default() + unknown);
        }
    }

    /// Nothing unknown can be said where the whole is known.
    fn complete(mut self, is_complete: bool) -> Self {
        if is_complete {
            self.unknown.get_or_insert(0);
        }
        self
    }
}

/// One person's week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WeekCoverage {
    /// The year of the ISO week.
    pub year: i16,
    /// Its number.
    pub week: i8,
    /// Its Monday, 00:00, unix ms.
    pub from_ms: i64,
    /// Whether the company's record covers it, so that nothing recorded in a meeting is missing here.
    pub is_complete: bool,
    /// What was recorded.
    #[serde(flatten)]
    pub counts: Counts,
}

/// One person.
#[derive(Debug, Clone, Serialize)]
pub struct PersonCoverage {
    /// None: recordings whose owner nobody has told.
    pub open_id: Option<String>,
    /// As the platform last gave it.
    pub name: Option<String>,
    /// How their authorisation stands; none: they never authorised.
    pub standing: Option<MemberState>,
    /// When a patrol for them last ended well, unix ms.
    pub last_patrol_at: Option<i64>,
    /// When an event last told of a recording within their reach, unix ms.
    pub last_event_at: Option<i64>,
    /// All weeks together.
    #[serde(flatten)]
    pub counts: Counts,
    /// The weeks in which something was recorded, oldest first.
    pub weeks: Vec<WeekCoverage>,
}

/// The whole answer.
#[derive(Debug, Clone, Serialize)]
pub struct Coverage {
    /// From here on, unix ms; a Monday.
    pub since_ms: i64,
    /// Up to here, unix ms.
    pub until_ms: i64,
    /// Whether the company's record can be relied on, and if not, why.
    pub standing: RecordStanding,
    /// How far it has been read.
    pub record: CompanyRecord,
    /// Whether the company's record covers all of this time.
    pub is_complete: bool,
    /// Everybody together.
    pub total: Counts,
    /// Everybody of whom something is known, by name.
    pub people: Vec<PersonCoverage>,
}

#[derive(sqlx::FromRow)]
struct Person {
    open_id: String,
    name: String,
    #[sqlx(try_from = "String")]
    state: MemberState,
    patrolled_at: Option<i64>,
}

impl Catalog {
    /// Coverage since a moment. One pass over the recordings and meetings of that time.
    pub async fn coverage(&self, query: &CoverageQuery) -> Result<Coverage, CatalogError> {
        let record = self.company_record().await?;
        let since_ms = monday_before(query.since_ms, &query.zone);
        let standing = self.record_standing(&query.administrators, query.now_ms).await?;
        let mut weeks = BTreeMap::<String, BTreeMap<i64, Counts>>::new();
        let only = query.member.as_ref().map(ToString::to_string).unwrap_or_default();
        // What was made a little ahead of our clock is there, too.
        for (from_ms, to_ms, offset_ms) in stretches(since_ms, query.now_ms + WEEK_MS, &query.zone) {
            let args = args![from_ms, to_ms, offset_ms, only.as_str()];
            let rows: Vec<(String, i64, String, i64)> = self.db.rows(COUNTS, args).await?;
            for (person, week, outcome, count) in rows {
                weeks.entry(person).or_default().entry(week).or_default().add(&outcome, count);
            }
        }
        let covers = |from_ms, to_ms| record.covers(from_ms, to_ms, query.now_ms);
        let is_complete = covers(since_ms, query.now_ms);
        let mut people = self.people(&only, since_ms, weeks.keys()).await?;
        let mut total = Counts::default();
        for (open_id, person) in &mut people {
            for (number, counts) in weeks.remove(open_id).unwrap_or_default() {
                person.counts.include(&counts);
                let (from_ms, to_ms) = (monday(number, &query.zone), monday(number + 1, &query.zone));
                let is_complete = covers(from_ms, to_ms);
                let counts = counts.complete(is_complete);
                let ISOWeek { year, week } = ISOWeek::numbered(number);
                person.weeks.push(WeekCoverage { year, week, from_ms, is_complete, counts });
            }
            person.counts = person.counts.complete(is_complete);
            total.include(&person.counts);
        }
        let mut people: Vec<_> = people.into_values().collect();
        people.sort_by(|one, other| (&one.name, &one.open_id).cmp(&(&other.name, &other.open_id)));
        let total = total.complete(is_complete);
        let until_ms = query.now_ms;
        Ok(Coverage { since_ms, until_ms, standing, record, is_complete, total, people })
    }

    /// Everybody who is a member, held a recorded meeting or owns a recording, without counts, by open_id.
    async fn people(
        &self,
        only: &str,
        since_ms: i64,
        owners: impl Iterator<Item = &String>,
    ) -> Result<BTreeMap<String, PersonCoverage>, CatalogError> {
        let members: Vec<Person> = self
            .db
            .rows(
                "SELECT open_id, name, state, patrolled_at FROM members WHERE $1 = '' OR open_id = $1",
                args![only],
            )
            .await?;
        let mut people: BTreeMap<_, _> = members
            .into_iter()
            .map(|member| {
                let person = PersonCoverage {
                    name: Some(member.name),
                    standing: Some(member.state),
                    last_patrol_at: member.patrolled_at,
                    ..PersonCoverage::nobody(&member.open_id)
                };
                (member.open_id, person)
            })
            .collect();
        // Grouped by what no index has: SQLite would otherwise go through all meetings there ever were, by owner.
        let organizers: Vec<(String, Option<String>)> = self
            .db
            .rows(
                "SELECT MIN(owner_id), MAX(organizer) FROM meetings
                 WHERE is_recorded = 1 AND start_ms >= $2 AND owner_id IS NOT NULL AND ($1 = '' OR owner_id = $1)
                 GROUP BY owner_id || ''",
                args![only, since_ms],
            )
            .await?;
        for (open_id, name) in organizers {
            let person = people.entry(open_id.clone()).or_insert_with(|| PersonCoverage::nobody(&open_id));
            person.name = person.name.take().or(name);
        }
        for owner in owners {
            people.entry(owner.clone()).or_insert_with(|| PersonCoverage::nobody(owner));
        }
        let [ready, ended, generated] =
            [Track::RecordingReady, Track::MeetingEnded, Track::MinuteGenerated].map(Track::as_str);
        let args = args![only, ready, ended, generated];
        let events: Vec<(String, i64)> = self.db.rows(LAST_EVENTS, args).await?;
        for (open_id, at) in events {
            if let Some(person) = people.get_mut(&open_id) {
                person.last_event_at = Some(at);
            }
        }
        Ok(people)
    }
}

impl PersonCoverage {
    fn nobody(open_id: &str) -> Self {
        Self {
            open_id: Some(open_id.to_owned()).filter(|id| !id.is_empty()),
            name: None,
            standing: None,
            last_patrol_at: None,
            last_event_at: None,
            counts: Counts::default(),
            weeks: Vec::new(),
        }
    }
}

struct ISOWeek {
    year: i16,
    week: i8,
}

impl ISOWeek {
    fn numbered(number: i64) -> Self {
        let date: ISOWeekDate = date_of(number).iso_week_date();
        Self { year: date.year(), week: date.week() }
    }
}

/// The Monday of a week, counted from the first after the epoch.
fn date_of(week: i64) -> Date {
    // Weeks come out of counts of stored times: nonsense among those is shown as the first week.
    i32::try_from(week)
        .ok()
        .and_then(|weeks| FIRST_MONDAY.checked_add(weeks.weeks()).ok())
        .unwrap_or(FIRST_MONDAY)
}

/// When a week begins, unix ms.
fn monday(week: i64, zone: &TimeZone) -> i64 {
    let midnight = date_of(week).at(0, 0, 0, 0);
    zone.to_timestamp(midnight).map_or(week * WEEK_MS, Timestamp::as_millisecond)
}

/// When the week of a moment begins, unix ms; never before the first.
fn monday_before(at_ms: i64, zone: &TimeZone) -> i64 {
    let at = Timestamp::from_millisecond(at_ms.max(0)).unwrap_or_default();
    let days = zone.to_datetime(at).date().since(FIRST_MONDAY).map_or(0, |span| i64::from(span.get_days()));
    monday(days.div_euclid(7).max(0), zone)
}

/// The time between two moments in stretches of one offset: from, to, offset, all ms.
fn stretches(from_ms: i64, to_ms: i64, zone: &TimeZone) -> Vec<(i64, i64, i64)> {
    let at = |ms: i64| Timestamp::from_millisecond(ms).unwrap_or_default();
    let mut starts = vec![from_ms];
    starts.extend(
        zone.following(at(from_ms))
            .map(|change| change.timestamp().as_millisecond())
            .take_while(|ms| *ms < to_ms),
    );
    let ends = starts.iter().skip(1).copied().chain([to_ms]).collect::<Vec<_>>();
    let offset_ms = |ms| i64::from(zone.to_offset(at(ms)).seconds()) * 1_000;
    starts.into_iter().zip(ends).map(|(start, end)| (start, end, offset_ms(start))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn week_by_arithmetic(at_ms: i64, zone: &TimeZone) -> i64 {
        let stretches = stretches(at_ms - 200 * 86_400_000, at_ms + 1, zone);
        let (_, _, offset_ms) = stretches.last().unwrap();
        (at_ms + offset_ms - 345_600_000) / WEEK_MS
    }

    proptest! {
        /// 1971 to 2037, on both sides of every change of the clocks.
        #[test]
        fn the_databases_arithmetic_and_the_calendar_agree(
            at_ms in 31_536_000_000_i64..2_114_380_800_000,
            zone in prop::sample::select(vec!["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Asia/Kolkata"]),
        ) {
            let zone = TimeZone::get(zone).unwrap();
            let week = week_by_arithmetic(at_ms, &zone);
            let from_ms = monday(week, &zone);
            prop_assert!((from_ms..monday(week + 1, &zone)).contains(&at_ms));
            prop_assert_eq!(monday_before(at_ms, &zone), from_ms);
            let iso = zone.to_datetime(Timestamp::from_millisecond(at_ms).unwrap()).date().iso_week_date();
            let shown = ISOWeek::numbered(week);
            prop_assert_eq!((shown.year, shown.week), (iso.year(), iso.week()));
        }
    }
}

//! `GET /coverage`: people by weeks, what was recorded and what of it is here; and the same as a workbook. Where nobody
//! can say whether all is known, that is what is shown.

use std::collections::BTreeMap;

use archive::audit::Verb;
use archive::catalog::{Counts, Coverage, CoverageQuery, PersonCoverage, WeekCoverage};
use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use jiff::{Timestamp, ToSpan as _};
use serde::Deserialize;
use tracing::error;
use url::form_urlencoded;

use super::listing::Listing;
use super::{Rooms, not_now};
use crate::attachment::attached;
use crate::moments::Moments;
use crate::notice::Notice;
use crate::page::{Frame, show};
use crate::session::Overseer;
use crate::sheet::{head_line, rows, workbook};
use crate::visitor::Visitor;
use crate::words::Words;

const WEEK_MS: i64 = 7 * 86_400_000;
/// What one can ask for, in weeks.
const SPANS: [i64; 4] = [4, 12, 26, 52];
const USUAL_SPAN: i64 = 12;

pub(super) fn router() -> Router<Rooms> {
    Router::new().route("/coverage", get(page)).route("/coverage.xlsx", get(sheet))
}

/// One person's week.
struct Cell {
    text: String,
    class: &'static str,
    /// Where its recordings are listed.
    path: Option<String>,
    /// All counts in words, for whoever points at it.
    title: String,
}

struct Row {
    /// Empty: nobody has told it.
    name: String,
    open_id: String,
    cells: Vec<Cell>,
    all: Cell,
}

struct Span {
    weeks: i64,
    name: String,
    is_chosen: bool,
}

#[derive(Template)]
#[template(path = "coverage.html")]
struct CoveragePage<'a> {
    title: String,
    head: String,
    spans: Vec<Span>,
    chosen: i64,
    weeks: Vec<String>,
    listing: Listing,
    rows: Vec<Row>,
    frame: Frame<'a>,
}

#[derive(Default, Deserialize)]
struct Wish {
    weeks: Option<String>,
}

fn span(uri: &Uri) -> i64 {
    let wish = Query::<Wish>::try_from_uri(uri).map(|query| query.0).unwrap_or_default();
    let weeks = wish.weeks.and_then(|weeks| weeks.parse().ok());
    weeks.filter(|weeks| SPANS.contains(weeks)).unwrap_or(USUAL_SPAN)
}

async fn look(rooms: &Rooms, weeks: i64) -> Result<Coverage, Response> {
    let now_ms = rooms.clock.now_ms();
    let query = CoverageQuery {
        since_ms: now_ms - (weeks - 1) * WEEK_MS,
        now_ms,
        zone: rooms.office.zone.clone(),
        member: None,
        administrators: rooms.office.administrators.clone(),
    };
    rooms.catalog.coverage(&query).await.map_err(not_now)
}

async fn page(
    State(rooms): State<Rooms>,
    visitor: Visitor,
    uri: Uri,
    Overseer(who): Overseer,
) -> Result<Response, Response> {
    let chosen = span(&uri);
    let coverage = look(&rooms, chosen).await?;
    let (moments, words) = (rooms.company_moments(), visitor.words);
    let mondays = mondays(&rooms, &coverage);
    let days = rooms.moments(&visitor);
    let kept = vec![("weeks", chosen.to_string())];
    let (listing, people) = Listing::cut(&uri, kept, coverage.people.iter().collect(), |person| {
        [&person.name, &person.open_id].map(|text| text.as_deref().unwrap_or_default())
    });
    rooms.record(&who.deed(Verb::Viewed, "/coverage", None)).await?;
    let frame = Frame::of(&rooms.site, &visitor, &who, "/coverage");
    let name = |weeks: i64| words.say_with("coverage-weeks", &[("count", weeks.into())]);
    let page = CoveragePage {
        title: frame.say("coverage-title"),
        head: head_line(&coverage, &moments, words),
        spans: SPANS
            .map(|weeks| Span { weeks, name: name(weeks), is_chosen: weeks == chosen })
            .into_iter()
            .collect(),
        chosen,
        weeks: mondays.iter().map(|at| moments.day_of_year(*at)).collect(),
        listing,
        rows: people
            .into_iter()
            .map(|person| row(&rooms, &days, person, &coverage, &mondays, words))
            .collect(),
        frame,
    };
    Ok(show(StatusCode::OK, &page))
}

/// The beginning of each week from the first on, unix ms.
fn mondays(rooms: &Rooms, coverage: &Coverage) -> Vec<i64> {
    let Ok(first) = Timestamp::from_millisecond(coverage.since_ms) else { return Vec::new() };
    let zone = &rooms.office.zone;
    let first = zone.to_datetime(first).date();
    let monday = |weeks: i64| {
        let midnight = first.checked_add(weeks.weeks()).ok()?.at(0, 0, 0, 0);
        Some(zone.to_timestamp(midnight).ok()?.as_millisecond())
    };
    (0..).map_while(monday).take_while(|at| *at <= coverage.until_ms).collect()
}

fn row(
    rooms: &Rooms,
    moments: &Moments,
    person: &PersonCoverage,
    coverage: &Coverage,
    mondays: &[i64],
    words: Words,
) -> Row {
    let weeks: BTreeMap<i64, &WeekCoverage> = person.weeks.iter().map(|week| (week.from_ms, week)).collect();
    let listed = |cell: Cell, from_ms: i64, until_ms: i64| {
        let owner = person.open_id.as_deref().filter(|_| cell.class != "unknown" && cell.class != "h0");
        Cell { path: owner.map(|owner| list_of(rooms, moments, owner, from_ms, until_ms)), ..cell }
    };
    let cell = |at: &i64| {
        if let Some(week) = weeks.get(at) {
            return listed(counted(&week.counts, week.is_complete, words), *at, *at + WEEK_MS);
        }
        let is_complete = coverage.record.covers(*at, *at + WEEK_MS, coverage.until_ms);
        counted(&Counts::default(), is_complete, words)
    };
    let name = match (&person.name, &person.open_id) {
        (Some(name), _) => name.clone(),
        // Their id is all that is known.
        (None, Some(_)) => String::new(),
        (None, None) => words.say("coverage-owner-unknown"),
    };
    Row {
        name,
        open_id: person.open_id.clone().unwrap_or_default(),
        cells: mondays.iter().map(cell).collect(),
        all: listed(
            counted(&person.counts, coverage.is_complete, words),
            coverage.since_ms,
            coverage.until_ms + 3_600_001,
        ),
    }
}

/// The list of what somebody recorded on the days of this time, unix ms, as its reader tells them; an hour less at its end,
/// since weeks change their length.
fn list_of(rooms: &Rooms, moments: &Moments, owner: &str, from_ms: i64, until_ms: i64) -> String {
    let wish = form_urlencoded::Serializer::new(String::new())
        .append_pair("shelf", "all")
        .append_pair("owner", owner)
        .append_pair("from", &moments.day(from_ms))
        .append_pair("until", &moments.day(until_ms - 3_600_001))
        .finish();
    rooms.site.path(&format!("/recordings?{wish}"))
}

/// Never good without a ground for it: nothing known of a week that nobody can vouch for is unknown.
fn counted(counts: &Counts, is_complete: bool, words: Words) -> Cell {
    let known = [
        ("overview-archived", counts.archived),
        ("column-waiting", counts.waiting),
        ("column-no-media", counts.no_media),
        ("column-denied", counts.denied),
        ("column-not-authorised", counts.not_authorised),
        ("column-deleted", counts.deleted),
        ("column-failed", counts.failed),
        ("column-removed", counts.removed),
        ("column-unknown", counts.unknown.unwrap_or_default()),
    ];
    let mut title: Vec<String> = known
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(key, count)| format!("{} {count}", words.say(key)))
        .collect();
    if !is_complete {
        title.push(words.say("coverage-incomplete"));
    }
    // What nobody can bring here any more is not held against the archive.
    let wanted = counts.recorded - counts.no_media - counts.deleted - counts.removed;
    let (text, class) = match (counts.recorded, is_complete) {
        (0, true) => ("0".to_owned(), "h0"),
        (0, false) => ("?".to_owned(), "unknown"),
        _ => {
            let open = wanted - counts.archived - counts.waiting;
            let class = match (open, counts.waiting, is_complete) {
                (1.., _, _) => "h1",
                (_, 1.., _) => "h2",
                (_, _, false) => "h3",
                (_, _, true) => "h4",
            };
            let at_least = if is_complete { "" } else { "≥" };
            (format!("{}/{at_least}{}", counts.archived, counts.recorded), class)
        }
    };
    Cell { text, class, path: None, title: title.join("\n") }
}

async fn sheet(
    State(rooms): State<Rooms>,
    visitor: Visitor,
    uri: Uri,
    Overseer(who): Overseer,
) -> Result<Response, Response> {
    let weeks = span(&uri);
    rooms.record(&who.deed(Verb::Exported, "coverage", Some(format!("{weeks} weeks, xlsx")))).await?;
    let coverage = look(&rooms, weeks).await?;
    let (moments, words) = (rooms.company_moments(), visitor.words);
    let head = head_line(&coverage, &moments, words);
    let bytes = workbook(&head, &rows(&coverage, &moments, words), words).map_err(|error| {
        error!(%error, "a workbook could not be made");
        Notice::Broken.into_response()
    })?;
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    Ok(attached(&format!("coverage-{}.xlsx", moments.day(moments.now_ms)), kind, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn a_cell_is_good_only_where_that_is_known() {
        let class =
            |counts: Counts, is_complete| counted(&counts, is_complete, Words::new(Language::Chinese)).class;
        let all = Counts { recorded: 3, archived: 3, ..Counts::default() };
        assert_eq!((class(all, true), class(all, false)), ("h4", "h3"));
        let nothing = Counts::default();
        assert_eq!((class(nothing, true), class(nothing, false)), ("h0", "unknown"));
        let waiting = Counts { recorded: 3, archived: 2, waiting: 1, ..Counts::default() };
        assert_eq!(class(waiting, true), "h2");
        for open in [
            Counts { recorded: 1, denied: 1, ..Counts::default() },
            Counts { recorded: 1, not_authorised: 1, ..Counts::default() },
            Counts { recorded: 2, archived: 1, failed: 1, ..Counts::default() },
            Counts { recorded: 1, unknown: Some(1), ..Counts::default() },
        ] {
            assert_eq!(class(open, true), "h1");
        }
        let gone = Counts { recorded: 2, archived: 1, deleted: 1, ..Counts::default() };
        assert_eq!(class(gone, true), "h4", "nobody can bring it back");
    }
}

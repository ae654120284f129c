//! Coverage as rows of cells, for a terminal, a CSV file and a workbook alike: each person's weeks, then the
//! person, and the company last.

use std::fmt;

use archive::catalog::{Counts, Coverage, PersonCoverage, RecordStanding, WeekCoverage};
use rust_xlsxwriter::{Format, Workbook, XlsxError};

use crate::moments::Moments;
use crate::words::Words;

/// The keys of the columns' names.
pub const HEADER: [&str; 17] = [
    "column-name",
    "column-open-id",
    "column-authorisation",
    "column-week",
    "column-recorded",
    "overview-archived",
    "column-waiting",
    "column-no-media",
    "column-denied",
    "column-not-authorised",
    "column-deleted",
    "column-failed",
    "column-removed",
    "column-unknown",
    "column-patrolled",
    "column-last-event",
    "column-complete",
];
/// Columns of text in a workbook, in characters.
const WIDTHS: [(u16, f64); 6] = [(0, 16.0), (1, 38.0), (2, 14.0), (3, 12.0), (14, 18.0), (15, 18.0)];

/// One cell.
#[derive(Debug)]
pub enum Cell {
    /// Words.
    Text(String),
    /// A count.
    Number(i64),
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => number.fmt(f),
        }
    }
}

/// `2026-W48`
#[must_use]
pub fn iso_week(week: &WeekCoverage) -> String {
    format!("{}-W{:02}", week.year, week.week)
}

/// All rows, below the header.
#[must_use]
pub fn rows(coverage: &Coverage, moments: &Moments, words: Words) -> Vec<Vec<Cell>> {
    let mut rows = Vec::new();
    for person in &coverage.people {
        for week in &person.weeks {
            let mut row = who(person, words);
            row.push(Cell::Text(iso_week(week)));
            row.extend(counts(&week.counts, week.is_complete));
            row.extend([
                Cell::Text(String::new()),
                Cell::Text(String::new()),
                complete(week.is_complete, words),
            ]);
            rows.push(row);
        }
        let mut row = who(person, words);
        row.push(Cell::Text(words.say("coverage-all-weeks")));
        row.extend(counts(&person.counts, coverage.is_complete));
        row.extend([person.last_patrol_at, person.last_event_at].map(|at| Cell::Text(moments.say(at))));
        row.push(complete(coverage.is_complete, words));
        rows.push(row);
    }
    let mut row = vec![Cell::Text(words.say("coverage-company"))];
    row.extend([String::new(), String::new(), words.say("coverage-all-weeks")].map(Cell::Text));
    row.extend(counts(&coverage.total, coverage.is_complete));
    row.extend([Cell::Text(String::new()), Cell::Text(String::new()), complete(coverage.is_complete, words)]);
    rows.push(row);
    rows
}

fn who(person: &PersonCoverage, words: Words) -> Vec<Cell> {
    let name = person.name.clone().unwrap_or_else(|| match &person.open_id {
        Some(_) => "—".to_owned(),
        None => words.say("coverage-owner-unknown"),
    });
    let standing = match (person.standing, &person.open_id) {
        (Some(state), _) => words.member_state(state),
        (None, Some(_)) => words.say("coverage-never-authorised"),
        (None, None) => String::new(),
    };
    [name, person.open_id.clone().unwrap_or_default(), standing].map(Cell::Text).into()
}

fn counts(counts: &Counts, is_complete: bool) -> [Cell; 10] {
    // Where not all can be known, a number is the least that it can be.
    let at_least =
        |count: i64| if is_complete { Cell::Number(count) } else { Cell::Text(format!("≥{count}")) };
    [
        at_least(counts.recorded),
        Cell::Number(counts.archived),
        Cell::Number(counts.waiting),
        Cell::Number(counts.no_media),
        Cell::Number(counts.denied),
        Cell::Number(counts.not_authorised),
        Cell::Number(counts.deleted),
        Cell::Number(counts.failed),
        Cell::Number(counts.removed),
        counts.unknown.map_or_else(|| Cell::Text("?".to_owned()), at_least),
    ]
}

fn complete(is_complete: bool, words: Words) -> Cell {
    Cell::Text(words.say(if is_complete { "coverage-complete" } else { "coverage-incomplete" }))
}

/// What the numbers rest on, and what to do so that they rest on more.
#[must_use]
pub fn head_line(coverage: &Coverage, moments: &Moments, words: Words) -> String {
    if coverage.standing == RecordStanding::Available {
        let since = moments.say(coverage.record.since_ms);
        let key = if coverage.is_complete { "coverage-rests-on-record" } else { "coverage-rests-on-part" };
        return words.say_with(key, &[("since", since.into())]);
    }
    let why = words.record_standing(coverage.standing);
    let fix = words.record_standing_fix(coverage.standing);
    words.say_with("coverage-rests-on-members", &[("why", why.into()), ("fix", fix.into())])
}

/// A workbook (xlsx): the head line, the header, the rows. Every text is written as a text, whatever it begins with:
/// none becomes a formula.
pub fn workbook(head: &str, rows: &[Vec<Cell>], words: Words) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let bold = Format::new().set_bold();
    sheet.set_name(words.say("coverage-sheet"))?;
    sheet.write_string(0, 0, head)?;
    for (column, key) in (0..).zip(HEADER) {
        sheet.write_string_with_format(1, column, words.say(key), &bold)?;
    }
    for (line, row) in (2..).zip(rows) {
        for (column, cell) in (0..).zip(row) {
            match cell {
                Cell::Text(text) => sheet.write_string(line, column, text)?,
                #[expect(clippy::cast_precision_loss, reason = "nobody has 2^53 recordings")]
                Cell::Number(number) => sheet.write_number(line, column, *number as f64)?,
            };
        }
    }
    for (column, width) in WIDTHS {
        sheet.set_column_width(column, width)?;
    }
    sheet.set_freeze_panes(2, 1)?;
    workbook.save_to_buffer()
}

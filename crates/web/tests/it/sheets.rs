//! Workbooks and lists as another program reads them: every cell is what it should be, whatever people call things.

use std::io::Cursor;

use calamine::{Data, Reader as _, Xlsx};

use crate::house::{Browser, House};
use crate::player::bytes_of;
use crate::rooms::{ADMINISTRATOR, MEMBER, plan, say, signed_in};
use crate::shelf::token;

const FORMULA: &str = "=HYPERLINK(\"https://evil.test\",\"周会\")";

/// The only sheet: its rows, as they are stored.
async fn sheet(house: &House, browser: &Browser, path: &str) -> Vec<Vec<Data>> {
    let answer = bytes_of(house, browser, path).await;
    assert_eq!(answer.status, 200, "{path}");
    let mut book = Xlsx::new(Cursor::new(answer.body)).expect("a workbook");
    let names = book.sheet_names();
    assert_eq!(names.len(), 1, "{names:?}");
    for formula in book.worksheet_formula(&names[0]).expect("the sheet").cells() {
        assert!(formula.2.is_empty(), "a cell that is calculated: {formula:?}");
    }
    book.worksheet_range(&names[0]).expect("the sheet").rows().map(<[Data]>::to_vec).collect()
}

fn text(cell: &Data) -> &str {
    match cell {
        Data::String(text) => text,
        Data::Empty => "",
        other => panic!("{other:?} is no text"),
    }
}

#[tokio::test]
async fn the_librarys_workbook_has_a_row_for_each_recording_and_no_cell_that_is_calculated() {
    let house = plan().build().await;
    house.keep(1, MEMBER, FORMULA).await;
    house.keep(2, MEMBER, "周会 😀 \u{202e}gpj").await;
    let browser = signed_in(&house, MEMBER).await;
    let rows = sheet(&house, &browser, "/recordings.xlsx").await;
    assert_eq!(rows.len(), 3, "{rows:?}");
    let column = |key: &str| {
        let name = say(key);
        rows[0].iter().position(|cell| text(cell) == name).unwrap_or_else(|| panic!("{name}: {:?}", rows[0]))
    };
    let titles: Vec<&str> = rows[1..].iter().map(|row| text(&row[column("library-title")])).collect();
    assert!(titles.contains(&FORMULA) && titles.contains(&"周会 😀 \u{202e}gpj"), "{titles:?}");
    for row in &rows[1..] {
        assert_eq!(row[column("sheet-minutes")], Data::Float(10.0), "{row:?}");
        assert_eq!(text(&row[column("library-transcript")]), say("sheet-yes"));
        let named = text(&row[column("sheet-token")]);
        assert!([1, 2].map(|number| token(number).to_string()).contains(&named.to_owned()), "{named}");
        let address = text(&row[column("sheet-address")]);
        assert_eq!(address, format!("http://vault.test:29090/recordings/{named}"), "as the browser came");
    }
    let one = sheet(&house, &browser, &format!("/recordings.xlsx?r={}", token(2))).await;
    assert_eq!(one.len(), 2, "the ticked one alone: {one:?}");
}

#[tokio::test]
async fn the_coverages_workbook_counts_each_person_and_the_company() {
    let house = plan().build().await;
    for number in [1, 2, 3] {
        house.keep(number, MEMBER, "周会").await;
    }
    let lost = "UPDATE recordings SET state = 'failed' WHERE minute_token = $1";
    house.catalog.db().execute(lost, vec![token(3).as_str().into()]).await.unwrap();
    let mut browser = signed_in(&house, ADMINISTRATOR).await;
    let rows = sheet(&house, &browser, "/coverage.xlsx?weeks=4").await;
    let header = rows
        .iter()
        .position(|row| row.iter().any(|cell| text_is(cell, &say("column-failed"))))
        .unwrap_or_else(|| panic!("no header: {rows:?}"));
    let column = |key: &str| rows[header].iter().position(|cell| text_is(cell, &say(key))).expect("a column");
    let of = |who: &str| {
        let row = rows[header + 1..].iter().find(|row| {
            row.iter().any(|cell| text_is(cell, who))
                && row.iter().any(|cell| text_is(cell, &say("coverage-all-weeks")))
        });
        row.unwrap_or_else(|| panic!("nothing of {who}: {rows:?}"))
    };
    for who in [house.person(MEMBER), &say("coverage-company")] {
        let row = of(who);
        assert_eq!(row[column("overview-archived")], Data::Float(2.0), "{row:?}");
        assert_eq!(row[column("column-failed")], Data::Float(1.0), "{row:?}");
        // Nobody told all that there is: three is the least, and what is missing is not known.
        assert!(row.iter().any(|cell| text_is(cell, "≥3")), "{row:?}");
        assert_eq!(text(&row[column("column-unknown")]), "?", "{row:?}");
    }
    let log = browser.get(&house, "/audit?verb=exported").await.body;
    assert!(log.contains("4 周，xlsx"), "{log}");
}

fn text_is(cell: &Data, text: &str) -> bool {
    matches!(cell, Data::String(found) if found == text)
}

//! Coverage and `why` as an operator reads them: where the numbers come from is said, nobody's text becomes a
//! formula or moves the cursor, and every word has its text in both languages.

use archive::catalog::Arg;

use crate::installation::{ARCHIVED, Installation, NO_GRANT};

#[tokio::test]
async fn a_spreadsheet_gets_numbers_and_texts_and_no_formulas() {
    let here = Installation::new();
    here.seed().await;
    let catalog = here.catalog().await;
    let name = Arg::from("=HYPERLINK(\"http://evil\")");
    catalog.db().execute("UPDATE members SET name = $1", vec![name]).await.unwrap();
    catalog.db().close().await;
    let csv = here.run(&["coverage", "--since", "2020-01-01", "--csv"]);
    assert_eq!(csv.code, Some(0), "{csv:?}");
    assert!(csv.out.starts_with('\u{feff}'), "{csv:?}");
    assert!(csv.out.contains("\"'=HYPERLINK(\"\"http://evil\"\")\""), "{csv:?}");
    assert!(csv.err.contains("only on what authorised members can see"), "{csv:?}");
    for line in csv.out.trim_start_matches('\u{feff}').lines() {
        assert!(!line.split(',').any(|cell| cell.starts_with(['=', '+', '@'])), "{line}");
    }
    let file = here.at("coverage.xlsx");
    let written = here.run(&["coverage", "--since", "2020-01-01", "--xlsx", file.to_str().unwrap()]);
    assert_eq!(written.code, Some(0), "{written:?}");
    assert!(std::fs::read(file).unwrap().starts_with(b"PK"));
}

#[tokio::test]
async fn every_recording_is_in_the_json_and_unknown_stays_unknown() {
    let here = Installation::new();
    here.seed().await;
    let catalog = here.catalog().await;
    catalog.db().execute("UPDATE recordings SET found_at = 1780000000000", Vec::new()).await.unwrap();
    catalog.db().close().await;
    let coverage = here.json(&["coverage", "--since", "2026-01-01", "--json"]);
    assert_eq!(coverage["total"]["recorded"], 2);
    assert_eq!(
        (&coverage["total"]["archived"], &coverage["total"]["not_authorised"]),
        (&1.into(), &1.into())
    );
    assert!(coverage["total"]["unknown"].is_null() && coverage["is_complete"] == false);
    let people = coverage["people"].as_array().unwrap();
    let archived = people.iter().flat_map(|person| person["weeks"].as_array().unwrap());
    assert!(archived.into_iter().any(|week| week["iso_week"] == "2026-W22"), "{coverage}");
    assert_eq!(here.run(&["reconcile"]).code, Some(3), "nobody is named for the company's record");
}

#[tokio::test]
async fn why_answers_in_one_paragraph_in_both_languages() {
    let here = Installation::new();
    here.seed().await;
    for (what, code) in [(ARCHIVED, 0), (NO_GRANT, 0), ("obcnunknown0000000000009", 1), ("123 456 789", 1)] {
        for language in ["zh", "en"] {
            let why = here.run(&["why", what, "--lang", language]);
            assert_eq!(why.code, Some(code), "{why:?}");
            assert_eq!(why.out.trim().lines().count(), 1, "{why:?}");
            let has_key = ["why-", "coverage-", "record-", "state-"].iter().any(|key| why.out.contains(key));
            assert!(!has_key && !why.out.contains("{$") && !why.out.contains('\u{1b}'), "{why:?}");
        }
    }
    let archived = here.run(&["why", ARCHIVED]);
    assert!(archived.out.contains("with the grant of 王芳"), "{archived:?}");
    let waiting = here.run(&["why", NO_GRANT, "--lang", "zh"]);
    assert!(waiting.out.contains("/auth/start") && waiting.out.contains("ou_other"), "{waiting:?}");
}

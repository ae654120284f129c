//! `download_history.json` in the three shapes that the script's versions wrote: an array of tokens, an
//! array of objects with `object_token`, or a map keyed by token.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::LegacyError;
use super::read::{quoted, text};
use crate::model::MinuteToken;

pub(super) const FILE: &str = "download_history.json";

/// Under which names an entry tells where its file is.
const FILE_FIELDS: [&str; 8] =
    ["file", "path", "file_path", "filepath", "local_path", "save_path", "file_name", "filename"];
const TITLE_FIELDS: [&str; 3] = ["title", "name", "topic"];
const TOKEN_FIELDS: [&str; 3] = ["object_token", "minute_token", "token"];

/// What the script had downloaded.
#[derive(Debug, Default)]
pub(super) struct History {
    /// Each recording once, in the order of the file.
    pub(super) entries: Vec<Entry>,
    /// Entries that name no minute.
    pub(super) skipped: Vec<String>,
}

/// One recording that the script had downloaded.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) minute_token: MinuteToken,
    /// Path or name of its file, as the script wrote it.
    pub(super) file: Option<String>,
    pub(super) title: Option<String>,
}

pub(super) fn parse(json: Value, dir: &Path) -> Result<History, LegacyError> {
    let entries: Vec<(Option<String>, Value)> = match json {
        Value::Array(entries) => entries.into_iter().map(|entry| (token_of(&entry), entry)).collect(),
        Value::Object(entries) => entries.into_iter().map(|(token, entry)| (Some(token), entry)).collect(),
        _ => {
            let expected =
                "an array of tokens, an array of objects with object_token, or a map keyed by token";
            return Err(LegacyError::WrongShape { path: dir.join(FILE), expected });
        }
    };
    let mut history = History::default();
    let mut seen = BTreeSet::new();
    for (token, entry) in entries {
        let Some(minute_token) = token.as_deref().and_then(minute_token) else {
            let said = token.unwrap_or_else(|| entry.to_string());
            history.skipped.push(quoted(&said));
            continue;
        };
        if seen.insert(minute_token.clone()) {
            // In a map the value may be the path itself.
            let is_path = |text: &&str| !text.trim().is_empty() && *text != minute_token.as_str();
            let file = text(&entry, &FILE_FIELDS).or(entry.as_str().filter(is_path));
            let file = file.map(str::to_owned);
            let title = text(&entry, &TITLE_FIELDS).map(str::to_owned);
            history.entries.push(Entry { minute_token, file, title });
        }
    }
    Ok(history)
}

fn token_of(entry: &Value) -> Option<String> {
    entry.as_str().or_else(|| text(entry, &TOKEN_FIELDS)).map(str::to_owned)
}

fn minute_token(text: &str) -> Option<MinuteToken> {
    MinuteToken::parse(text.trim()).ok().or_else(|| MinuteToken::from_url(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    const A: &str = "obcn37dxcftoc3656rgyejm7";
    const B: &str = "obus00000000000000000002";

    fn entries(json: Value) -> Vec<(String, Option<String>, Option<String>)> {
        let history = parse(json, Path::new("")).unwrap();
        assert_eq!(history.skipped, Vec::<String>::new());
        history.entries.into_iter().map(|it| (it.minute_token.to_string(), it.file, it.title)).collect()
    }

    #[test]
    fn all_three_shapes_say_the_same() {
        let plain = vec![(A.to_owned(), None, None), (B.to_owned(), None, None)];
        assert_eq!(entries(json!([A, B])), plain);
        assert_eq!(entries(json!([{"object_token": A}, {"object_token": B, "ts": 1}])), plain);
        assert_eq!(entries(json!({A: {}, B: true})), plain);
        assert_eq!(entries(json!([A, {"object_token": A, "title": "again"}, B])), plain);
    }

    #[test]
    fn what_helps_to_find_the_file_is_kept() {
        let told = |file: &str, title: Option<&str>| {
            vec![(A.to_owned(), Some(file.to_owned()), title.map(str::to_owned))]
        };
        assert_eq!(
            entries(json!([{"object_token": A, "file": "d/x.mp4", "title": "周会"}])),
            told("d/x.mp4", Some("周会"))
        );
        assert_eq!(entries(json!({A: {"path": "/old/x.mp4"}})), told("/old/x.mp4", None));
        assert_eq!(entries(json!({A: "x.mp4"})), told("x.mp4", None));
        assert_eq!(entries(json!({A: " "})), [(A.to_owned(), None, None)]);
    }

    #[test]
    fn a_blank_field_does_not_hide_the_next() {
        let blank = json!([{"object_token": "", "token": A, "file": " ", "path": "x.mp4", "title": "", "topic": "周会"}]);
        assert_eq!(entries(blank), [(A.to_owned(), Some("x.mp4".to_owned()), Some("周会".to_owned()))]);
    }

    #[test]
    fn an_entry_without_a_minute_is_reported_and_the_others_go_on() {
        let history = parse(
            json!(["../../etc/passwd", 7, {"title": "x"}, format!("https://a.feishu.cn/minutes/{A}?x=1")]),
            Path::new(""),
        )
        .unwrap();
        assert_eq!(history.entries.len(), 1);
        assert_eq!(history.skipped, ["../../etc/passwd", "7", r#"{"title":"x"}"#]);
        assert!(matches!(parse(json!("x"), Path::new("")), Err(LegacyError::WrongShape { .. })));
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "\\PC{0,12}".prop_map(Value::from),
            "[a-z0-9]{24}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 40, 6, |inner| {
            let key = prop_oneof![
                Just("object_token".to_owned()),
                Just("name".to_owned()),
                Just("refresh_token".to_owned()),
                "[a-z0-9]{24}",
                any::<String>(),
            ];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec((key, inner), 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_json_is_read_or_refused(json in any_json()) {
            if let Ok(history) = parse(json.clone(), Path::new("")) {
                let tokens: BTreeSet<_> = history.entries.iter().map(|entry| &entry.minute_token).collect();
                prop_assert_eq!(tokens.len(), history.entries.len());
                prop_assert!(history.skipped.iter().all(|line| !line.contains(char::is_control) && line.chars().count() <= 81));
            }
            let members = super::super::tokens::parse(json.clone(), Path::new(""));
            prop_assert_eq!(members.map(|members| members.len()).ok(), json.as_object().map(serde_json::Map::len));
        }
    }
}

//! Reads fields as the platform really sends them: numbers as numbers or strings, anything missing or null.

use serde_json::Value;

/// The text of a field, if it is there and not empty; numbers count as their digits.
pub(crate) fn text(object: &Value, key: &str) -> Option<String> {
    match object.get(key)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A whole number, sent as a number or as its decimal text; fractions are cut off.
pub(crate) fn integer(object: &Value, key: &str) -> Option<i64> {
    match object.get(key)? {
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().and_then(whole)),
        Value::String(text) => {
            let text = text.trim();
            text.parse().ok().or_else(|| text.parse().ok().and_then(whole))
        }
        _ => None,
    }
}

/// True for `true`, `"true"`, `"True"` and `1`.
pub(crate) fn flag(object: &Value, key: &str) -> bool {
    match object.get(key) {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::String(text)) => text.eq_ignore_ascii_case("true") || text == "1",
        Some(Value::Number(number)) => number.as_i64() == Some(1),
        _ => false,
    }
}

/// The elements of a list; nothing when it is missing or not a list.
pub(crate) fn list<'a>(object: &'a Value, key: &str) -> &'a [Value] {
    object.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn whole(number: f64) -> Option<i64> {
    // 2^53: beyond it a float no longer names one integer.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "cutting the fraction is the point; the range is checked"
    )]
    (number.abs() <= EXACT).then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn numbers_come_as_the_platform_likes() {
        let object = json!({"a": 7, "b": "7", "c": 7.9, "d": " 7 ", "e": "7.5", "f": null, "g": "x", "h": [7], "i": 1e300});
        for key in ["a", "b", "c", "d", "e"] {
            assert_eq!(integer(&object, key), Some(7), "{key}");
        }
        for key in ["f", "g", "h", "i", "missing"] {
            assert_eq!(integer(&object, key), None, "{key}");
        }
        assert_eq!(
            text(&json!({"note_id": 6_911_188_411_934_433_028_u64}), "note_id").as_deref(),
            Some("6911188411934433028")
        );
        assert_eq!(text(&json!("not an object"), "note_id"), None);
    }

    proptest! {
        #[test]
        fn a_number_and_its_text_read_alike(number in any::<i64>()) {
            let object = json!({"n": number, "s": number.to_string()});
            prop_assert_eq!(integer(&object, "n"), Some(number));
            prop_assert_eq!(integer(&object, "s"), Some(number));
        }
    }
}

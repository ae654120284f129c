use bytes::Bytes;
use serde_json::Value;

use crate::Error;
use crate::envelope::Reply;
use crate::search::read_page;

/// The HTTP status, two bytes, then the body of a search's answer: every item is a token or counted as skipped;
/// a failure is told in one short line.
pub fn search_answer(input: &[u8]) {
    let Some((status, body)) = input.split_first_chunk() else { return };
    let status = u16::from_be_bytes(*status) % 600;
    let reply = || Reply {
        api: "POST search",
        status,
        content_type: None,
        log_id: None,
        retry_after: None,
        served_at_ms: Some(7),
        body: Bytes::copy_from_slice(body),
    };
    if let Ok(file) = reply().into_file() {
        assert!(status == 200 && file == body);
    }
    let envelope = match reply().into_envelope() {
        Ok(envelope) => envelope,
        Err(failure) => return is_told_in_a_line(&failure.into()),
    };
    assert!(status < 400, "{status} passed for a success");
    let data = match envelope.data() {
        Ok(data) => data,
        Err(failure) => return is_told_in_a_line(&failure.into()),
    };
    let page = read_page(data, envelope.served_at_ms);
    let items = data.get("items").and_then(Value::as_array).map_or(0, Vec::len);
    assert_eq!(page.tokens.len() + page.skipped_items, items);
    assert_eq!(page.served_at_ms, Some(7));
    let said = String::from_utf8_lossy(body);
    for token in &page.tokens {
        assert!((16..=64).contains(&token.as_str().len()), "{token}");
        // An escape in the JSON may spell a letter.
        assert!(said.contains(token.as_str()) || said.contains('\\'), "{token}");
    }
}

fn is_told_in_a_line(error: &Error) {
    let line = error.to_string();
    assert!(!line.contains(char::is_control) && line.chars().count() < 700, "{line:?}");
}

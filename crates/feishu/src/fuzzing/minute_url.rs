use url::Url;

use crate::{MeetingId, MinuteToken, OpenId};

/// An address or an id: what parses can neither leave a path nor change; a token found in an address stands
/// there, and is found in the plain address too.
pub fn minute_url(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    ids(&text);
    if let Some(token) = MinuteToken::from_url(&text) {
        let before_query = text.split(['?', '#']).next().unwrap_or_default();
        let behind_scheme = before_query.split_once("://").map_or(before_query, |(_, rest)| rest);
        assert!(behind_scheme.contains(&format!("/minutes/{token}")), "{text:?}");
        assert_eq!(MinuteToken::parse(token.as_str()).as_ref(), Ok(&token));
        let plain = format!("https://a.feishu.cn/minutes/{token}");
        assert_eq!(MinuteToken::from_url(&plain).as_ref(), Some(&token));
        assert_eq!(MinuteToken::from_url(token.as_str()), None);
    }
    // Where browsers see a minute's address, so do we.
    let Ok(url) = Url::parse(&text) else { return };
    if let Some(Ok(token)) = url.path().strip_prefix("/minutes/").map(MinuteToken::parse)
        && url.has_host()
    {
        assert_eq!(MinuteToken::from_url(url.as_str()), Some(token), "{url}");
    }
}

fn ids(text: &str) {
    let json = serde_json::Value::from(text);
    if let Ok(token) = MinuteToken::parse(text) {
        assert!((16..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_eq!(token.as_str(), text);
    }
    if let Ok(id) = OpenId::parse(text) {
        assert!((1..=128).contains(&text.len()) && !text.contains(['/', '\\', '.', '?', '#', '%', ' ', ':']));
        assert_eq!((id.to_string().as_str(), serde_json::to_value(&id).ok()), (text, Some(json.clone())));
    }
    assert_eq!(serde_json::from_value(json.clone()).ok(), MinuteToken::parse(text).ok());
    assert_eq!(serde_json::from_value(json.clone()).ok(), OpenId::parse(text).ok());
    assert_eq!(serde_json::from_value(json).ok(), MeetingId::parse(text).ok());
}

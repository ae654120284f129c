//! What people call a browser, from what it calls itself (RFC 9110 §10.1.5); a guess that only helps to tell two of
//! one's own apart.

use crate::words::Words;

/// Who says what, the more special first: nearly all of them also call themselves Chrome and Safari. Names that differ
/// by language are keys.
const BROWSERS: [(&str, &str); 8] = [
    ("Lark/", "agent-feishu"),
    ("Feishu/", "agent-feishu"),
    ("MicroMessenger/", "agent-wechat"),
    ("Edg/", "Edge"),
    ("Firefox/", "Firefox"),
    ("HeadlessChrome/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
];
const SYSTEMS: [(&str, &str); 6] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

/// `Chrome 148 · Linux`; what nobody knows stays as it is.
pub(super) fn browser(agent: &str, words: Words) -> String {
    let name = BROWSERS.iter().find_map(|(mark, name)| {
        let version = agent.split_once(mark)?.1;
        let version: String = version.chars().take_while(char::is_ascii_digit).take(4).collect();
        let name = if name.starts_with("agent-") { words.say(name) } else { (*name).to_owned() };
        Some(format!("{name} {version}"))
    });
    let Some(name) = name else { return agent.to_owned() };
    let system = SYSTEMS.iter().find(|(mark, _)| agent.contains(mark));
    system.map_or_else(|| name.trim().to_owned(), |(_, system)| format!("{} · {system}", name.trim()))
}

#[cfg(test)]
mod tests {
    use super::browser;
    use crate::words::{Language, Words};

    #[test]
    fn known_browsers_go_by_their_names() {
        for (agent, name) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Safari/537.36",
                "Chrome 148 · Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0",
                "Edge 140 · Windows",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
                "Safari 18 · macOS",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Mobile/15E148 Lark/7.31.8",
                "Feishu 7 · iPhone",
            ),
            ("curl/8.5.0", "curl/8.5.0"),
            ("", ""),
        ] {
            assert_eq!(browser(agent, Words::new(Language::English)), name);
        }
        let chinese = Words::new(Language::Chinese);
        assert_eq!(browser("Mozilla/5.0 (Windows NT 10.0) MicroMessenger/3.9", chinese), "微信 3 · Windows");
    }
}

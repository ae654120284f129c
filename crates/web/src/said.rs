//! What a page says after a form: the form's handler sends the browser back with a word and perhaps a number, and only
//! words that stand here are heard.

use url::form_urlencoded;

/// Each word, and the key of its text.
const SAID: [(&str, &str); 22] = [
    ("paused", "said-paused"),
    ("resumed", "said-resumed"),
    ("retried", "said-retried"),
    ("none-ticked", "said-none-ticked"),
    ("zip-empty", "said-zip-empty"),
    ("session-ended", "said-session-ended"),
    ("backed-up", "said-backed-up"),
    ("not-backed-up", "said-not-backed-up"),
    ("invited", "said-invited"),
    ("token-ended", "said-token-ended"),
    ("trashed", "said-trashed"),
    ("restored", "said-restored"),
    ("restoring", "said-restoring"),
    ("rule-made", "said-rule-made"),
    ("rule-on", "said-rule-on"),
    ("rule-more", "said-rule-more"),
    ("rule-off", "said-rule-off"),
    ("rule-forgotten", "said-rule-forgotten"),
    ("hold-placed", "said-hold-placed"),
    ("hold-lifted", "said-hold-lifted"),
    ("unknown-person", "said-unknown-person"),
    ("unknown-subject", "said-unknown-subject"),
];

/// Something that has just been done.
pub(crate) struct Said {
    pub(crate) key: &'static str,
    pub(crate) count: u64,
}

impl Said {
    /// From a query that begins with `?`.
    pub(crate) fn of(query: &str) -> Option<Self> {
        let pairs = || form_urlencoded::parse(query.trim_start_matches('?').as_bytes());
        let value = |wanted: &str| pairs().find(|(name, _)| name == wanted).map(|(_, value)| value);
        let word = value("said")?;
        let (_, key) = SAID.into_iter().find(|(known, _)| *known == word)?;
        let count = value("count").and_then(|count| count.parse().ok()).unwrap_or_default();
        Some(Self { key, count })
    }
}

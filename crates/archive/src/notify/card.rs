//! A card: what it says comes from whoever knows the languages, how it is built is here. All text is plain, so that no
//! name or title can draw links. Feishu docs: im-v1/message-card, card structure.

use std::sync::Arc;

use serde_json::{Value, json};
use url::Url;

use super::Notice;

/// Finds the words of a notice in the language of this tag; without one, in the company's.
pub type Wording = Arc<dyn Fn(Option<&str>, &Notice) -> Card + Send + Sync>;

/// How a card looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// It asks or tells.
    Plain,
    /// Something is wrong.
    Alarm,
    /// It is over, and all is well.
    Good,
}

/// What a card says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Its heading.
    pub title: String,
    /// Its paragraphs.
    pub lines: Vec<String>,
    /// What the button says that leads to the authorisation page.
    pub button: Option<String>,
    /// How it looks.
    pub tone: Tone,
}

impl Card {
    /// As the platform takes it. It may be updated later, which has to be said from the beginning.
    pub(super) fn build(&self, page: Option<&Url>) -> Value {
        let template = match self.tone {
            Tone::Plain => "blue",
            Tone::Alarm => "red",
            Tone::Good => "green",
        };
        let plain = |text: &str| json!({ "tag": "plain_text", "content": text });
        let mut elements: Vec<Value> =
            self.lines.iter().map(|line| json!({ "tag": "div", "text": plain(line) })).collect();
        if let (Some(button), Some(page)) = (&self.button, page) {
            let button =
                json!({ "tag": "button", "text": plain(button), "type": "primary", "url": page.as_str() });
            elements.push(json!({ "tag": "action", "actions": [button] }));
        }
        json!({
            "config": { "wide_screen_mode": true, "update_multi": true },
            "header": { "title": plain(&self.title), "template": template },
            "elements": elements,
        })
    }
}

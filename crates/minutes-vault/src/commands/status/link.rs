//! How a node's long connection stands, in a few rows and as JSON.

use archive::model::LinkStanding;
use serde_json::{Value, json};
use web::words::{Language, Words};

use crate::print::Moments;

/// Where it stands; since when and why, and when it is tried again; what somebody has to do.
pub fn rows(link: &LinkStanding, moments: &Moments, words: Words) -> Vec<(&'static str, String)> {
    let mut rows = vec![("status-long-connection", words.link_state(link.state))];
    let since = moments.say_with_distance(Some(link.state_at), words);
    let mut said = vec![words.say_with("status-link-since", &[("moment", since.into())])];
    if let Some(retry_at) = link.retry_at {
        let at = moments.say_with_distance(Some(retry_at), words);
        said.push(words.say_with("status-link-retry", &[("moment", at.into())]));
    }
    said.extend(link.detail.clone());
    rows.extend(said.into_iter().map(|said| ("status-indent", said)));
    if let Some(trouble) = link.trouble() {
        rows.push(("status-indent", words.link_trouble(trouble)));
        rows.push(("status-indent", words.link_trouble_fix(trouble)));
    }
    rows
}

/// As the catalogue has it, with times for people and what to do.
pub fn describe(link: &LinkStanding, moments: &Moments) -> Value {
    let english = Words::new(Language::English);
    let mut answer = json!({
        "node": link.node,
        "state": link.state,
        "trouble": link.trouble,
        "detail": link.detail,
        "fix": link.trouble().map(|trouble| english.link_trouble_fix(trouble)),
    });
    if let Value::Object(object) = &mut answer {
        moments.put(object, "state_at", Some(link.state_at));
        moments.put(object, "retry_at", link.retry_at);
        moments.put(object, "heard_at", link.heard_at);
    }
    answer
}

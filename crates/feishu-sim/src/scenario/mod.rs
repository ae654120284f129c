//! What a stand-in starts with: an app, people, meetings, minutes and how the platform behaves.
//!
//! A scenario is plain data, built in by name ([`Scenario::named`]) or read from a JSON file whose
//! every field has a default. People may be referred to by name or by open_id; ids that are left out
//! are derived, the same each time, by [`Scenario::resolved`].

mod app;
mod built_in;
mod company;
mod knobs;
mod minute;
mod person;
mod resolve;

use serde::{Deserialize, Serialize};

pub use app::{App, RedirectUris, Subscription, V1Tokens};
pub use knobs::{CoverAccess, Knobs, LinkKnobs, NoteId, PartOrder, Pong, TooManyAt};
pub use minute::{Access, Announce, Artifacts, Clip, Expect, MediaSpec, Meeting, Minute, MoovAt, Rights};
pub use person::Person;
pub(crate) use resolve::{Names, implied_meeting, resolve_meeting, resolve_minute, resolve_person};

/// Everything a stand-in starts with.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scenario {
    /// The app and its credentials.
    pub app: App,
    /// The tenant's people.
    pub people: Vec<Person>,
    /// Meetings beyond those that the minutes imply, such as meetings nobody recorded.
    pub meetings: Vec<Meeting>,
    /// The recordings.
    pub minutes: Vec<Minute>,
    /// How the platform behaves where its documentation leaves it open.
    pub knobs: Knobs,
    /// Where events go from the start.
    pub webhook: Option<String>,
    /// What the stand-in's clock shows at its start, in ms since the epoch; real time when absent.
    pub now_ms: Option<i64>,
    /// Makes tokens, codes and event ids repeat from run to run; random when absent.
    pub seed: Option<u64>,
}

/// Why a scenario could not be had.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// Neither a built-in name nor a file.
    #[error(
        "no built-in scenario is called {0:?} (there are empty, small, company, large:COUNT), nor is it a file"
    )]
    Unknown(String),
    /// The file could not be read.
    #[error("scenario file {path}: {source}")]
    Unreadable {
        /// The file.
        path: String,
        /// What reading it said.
        source: std::io::Error,
    },
    /// The file is not a scenario.
    #[error("scenario file {path}: {source}")]
    Malformed {
        /// The file.
        path: String,
        /// Where and why.
        source: serde_json::Error,
    },
}

impl Scenario {
    /// A built-in scenario (`empty`, `small`, `company`, `large:COUNT`), or the JSON file of that path.
    pub fn named(name: &str) -> Result<Self, ScenarioError> {
        if let Some(scenario) = built_in::find(name) {
            return Ok(scenario);
        }
        if !std::path::Path::new(name).is_file() {
            return Err(ScenarioError::Unknown(name.to_owned()));
        }
        let text = std::fs::read_to_string(name)
            .map_err(|source| ScenarioError::Unreadable { path: name.to_owned(), source })?;
        serde_json::from_str(&text)
            .map_err(|source| ScenarioError::Malformed { path: name.to_owned(), source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_scenarios_survive_their_own_file_format() {
        for name in ["empty", "small", "company", "large:7"] {
            let scenario = Scenario::named(name).unwrap();
            let text = serde_json::to_string(&scenario).unwrap();
            let again: Scenario = serde_json::from_str(&text).unwrap();
            assert_eq!(text, serde_json::to_string(&again).unwrap(), "{name}");
        }
    }

    #[test]
    fn an_unknown_name_lists_the_known_ones() {
        let error = Scenario::named("compny").unwrap_err().to_string();
        assert!(error.contains("compny") && error.contains("company"), "{error}");
    }

    #[test]
    fn a_file_needs_only_what_differs_and_a_misspelt_key_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("one.json");
        std::fs::write(&path, r#"{"people":[{"name":"王芳"}],"minutes":[{"owner":"王芳","title":"周会"}]}"#)
            .unwrap();
        let scenario = Scenario::named(path.to_str().unwrap()).unwrap();
        assert_eq!(scenario.minutes[0].title, "周会");

        std::fs::write(&path, r#"{"peple":[]}"#).unwrap();
        let error = Scenario::named(path.to_str().unwrap()).unwrap_err();
        assert!(matches!(error, ScenarioError::Malformed { .. }), "{error}");
    }
}

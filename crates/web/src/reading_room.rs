//! What it takes to read in the archive, and the one way in which a recording is opened here: whoever may not open it
//! is told that there is none, and that they tried is written down; so is each opening.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use archive::audit::{self, Deed, Verb};
use archive::catalog::{Catalog, CatalogError};
use archive::library::{IndexError, Opened};
use archive::members::Features;
use archive::model::{Artifact, ArtifactKind, ArtifactState, MinuteToken};
use archive::retention::Trash;
use archive::store::{Store, StoreError};
use axum::response::{IntoResponse as _, Response};
use jiff::tz::TimeZone;
use tracing::{error, warn};

use crate::moments::Moments;
use crate::notice::Notice;
use crate::session::SignedIn;
use crate::site::Site;
use crate::visitor::Visitor;
use crate::words::Words;
use crate::zip::Sums;

/// Whoever goes on for so long is noted anew.
const GOES_ON_MS: i64 = 3_600_000;
/// Of what was noted; then it is forgotten, and noted once more.
const MOST_NOTED: usize = 10_000;

/// What it takes to read in the archive. Cheap to clone.
#[derive(Clone)]
pub(crate) struct ReadingRoom {
    pub(crate) catalog: Catalog,
    pub(crate) store: Store,
    pub(crate) site: Arc<Site>,
    /// Where their owners put recordings that are to go.
    pub(crate) trash: Trash,
    /// In which times are told to whoever chose no other.
    pub(crate) zone: TimeZone,
    /// What is fetched, and so which scopes are needed.
    pub(crate) features: Features,
    /// Whether the viewer's name lies over what is played.
    pub(crate) watermark: bool,
    /// What was written down of files that come in many parts.
    pub(crate) noted: Noted,
    /// Of what was taken away in ZIP files.
    pub(crate) zip_sums: Sums,
}

/// Who was noted to play or to take away which file, and when: a player and a download that broke off ask for it in many
/// parts.
#[derive(Clone, Default)]
pub(crate) struct Noted(Arc<Mutex<HashMap<NotedKey, i64>>>);

#[derive(PartialEq, Eq, Hash)]
struct NotedKey {
    actor: String,
    verb: Verb,
    subject: String,
    from: String,
    file: &'static str,
}

impl NotedKey {
    fn of(deed: &Deed, file: &'static str) -> Self {
        let (actor, subject, from) = (deed.actor.to_string(), deed.subject.clone(), deed.from.clone());
        Self { actor, verb: deed.verb, subject, from, file }
    }
}

impl Noted {
    fn has(&self, key: &NotedKey, now_ms: i64) -> bool {
        let noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.get(key).is_some_and(|at_ms| (0..GOES_ON_MS).contains(&(now_ms - at_ms)))
    }

    fn note(&self, key: NotedKey, now_ms: i64) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.len() >= MOST_NOTED {
            noted.clear();
        }
        noted.insert(key, now_ms);
    }
}

impl ReadingRoom {
    /// A moment as this visitor reads it.
    pub(crate) fn say(&self, at_ms: Option<i64>, visitor: &Visitor) -> String {
        Moments { zone: visitor.zone_or(&self.zone).clone(), now_ms: 0 }.say(at_ms)
    }

    /// Opens a recording for somebody, or tells them that there is none.
    pub(crate) async fn open(&self, who: &SignedIn, token: &str, verb: Verb) -> Result<Opened, Response> {
        let opened = self.opened(who, token, verb).await?;
        self.note(who, verb, opened.recording.minute_token.as_ref(), None).await?;
        Ok(opened)
    }

    /// Writes down that a file of it (`media`, `zip`, a text's kind) is handed over; a later part of one that was written
    /// down within the hour is not noted anew, nor that a player begins again.
    pub(crate) async fn note_file(
        &self,
        who: &SignedIn,
        (verb, file): (Verb, &'static str),
        opened: &Opened,
        is_later_part: bool,
    ) -> Result<(), Response> {
        let deed = who.deed(verb, opened.recording.minute_token.as_ref() as &str, None);
        let key = NotedKey::of(&deed, file);
        let goes_on = is_later_part || verb == Verb::Played;
        if !(goes_on && self.noted.has(&key, deed.at_ms)) {
            audit::record(&self.catalog, &deed).await.map_err(not_now)?;
            self.noted.note(key, deed.at_ms);
        }
        Ok(())
    }

    /// The same for what lists show of it, which are written down themselves.
    pub(crate) async fn glance(&self, who: &SignedIn, token: &str) -> Result<Opened, Response> {
        self.opened(who, token, Verb::Viewed).await
    }

    /// The same for what is written down when it is handed over ([`Self::note_file`]); `verb` is what was wanted.
    pub(crate) async fn opened(&self, who: &SignedIn, token: &str, verb: Verb) -> Result<Opened, Response> {
        let Ok(token) = MinuteToken::parse(token) else { return Err(Notice::NotFound.into_response()) };
        let Some(opened) = self.catalog.opened(&who.viewer, &token).await.map_err(not_now)? else {
            warn!(recording = %token, who = %who.viewer.open_id, "asked for what is not theirs, or is not there");
            let refused = who.deed(Verb::Refused, token.as_ref() as &str, Some(verb.as_str().to_owned()));
            audit::record(&self.catalog, &refused).await.map_err(not_now)?;
            return Err(Notice::NotFound.into_response());
        };
        Ok(opened)
    }

    /// Writes down what somebody reads, plays, searches and takes away, but not that a member looked at the list of what
    /// is theirs.
    pub(crate) async fn note(
        &self,
        who: &SignedIn,
        verb: Verb,
        subject: &str,
        detail: Option<String>,
    ) -> Result<(), Response> {
        let is_page = verb == Verb::Viewed && subject.starts_with('/');
        if is_page && !who.viewer.may_list_everything() {
            return Ok(());
        }
        audit::record(&self.catalog, &who.deed(verb, subject, detail)).await.map_err(not_now)?;
        Ok(())
    }
}

/// The catalogue or the disk is in trouble.
#[expect(clippy::needless_pass_by_value, reason = "the end of an error")]
pub(crate) fn not_now(error: CatalogError) -> Response {
    error!(%error, "a page cannot be made now");
    Notice::NotNow.into_response()
}

/// The archive's disk is in trouble.
#[expect(clippy::needless_pass_by_value, reason = "the end of an error")]
pub(crate) fn unreadable(error: StoreError) -> Response {
    error!(%error, "a text of the archive cannot be read now");
    Notice::NotNow.into_response()
}

/// The catalogue or the archive's disk is in trouble.
#[expect(clippy::needless_pass_by_value, reason = "the end of an error")]
pub(crate) fn unsearchable(error: IndexError) -> Response {
    error!(%error, "nothing can be searched now");
    Notice::NotNow.into_response()
}

/// A title that people can see and press.
pub(crate) fn titled(title: Option<&str>, words: Words) -> String {
    title.filter(|title| !is_blank(title)).map_or_else(|| words.say("library-untitled"), str::to_owned)
}

/// Whether nothing of a text is to be seen: spaces, and marks that only turn the direction or join.
pub(crate) fn is_blank(text: &str) -> bool {
    let is_unseen = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    text.chars().all(is_unseen)
}

/// A part of a recording that is here.
pub(crate) fn done(opened: &Opened, kind: ArtifactKind) -> Option<&Artifact> {
    let is_done =
        |it: &&Artifact| it.kind == kind && it.state == ArtifactState::Done && it.file_name.is_some();
    opened.artifacts.iter().find(is_done)
}

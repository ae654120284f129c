//! What the buttons of the queue's page do.

use archive::audit::Verb;
use archive::fetch::{Again, try_again};
use archive::model::{MinuteToken, Reason};
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use super::super::piles::Listed;
use super::super::{Rooms, not_now};
use super::ROWS;
use crate::notice::Notice;
use crate::session::{Nothing, SignedIn, Submitted, administrators_only};

/// Of the form round the rows: one row's button brings its recording, those below the rows bring the ticked ones.
#[derive(Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    one: Option<String>,
    #[serde(default)]
    ticked: Vec<String>,
    /// The query of the page on which the form was.
    #[serde(default)]
    here: String,
}

impl Which {
    /// The recordings that are meant, all known to the catalogue.
    async fn recordings(&self, rooms: &Rooms) -> Result<Vec<MinuteToken>, Response> {
        let words = self.one.as_ref().map_or(&*self.ticked, std::slice::from_ref);
        // No page of ours has more rows to tick.
        if i64::try_from(words.len()).map_or(true, |count| count > ROWS) {
            return Err(Notice::BadForm.into_response());
        }
        let tokens: Result<Vec<_>, _> = words.iter().map(|word| MinuteToken::parse(word)).collect();
        let tokens = tokens.map_err(|_| Notice::BadForm.into_response())?;
        for token in &tokens {
            if rooms.catalog.recording(token).await.map_err(not_now)?.is_none() {
                return Err(Notice::NotFound.into_response());
            }
        }
        Ok(tokens)
    }
}

/// A button's own word: whether it pauses or lets go on.
#[derive(Debug, Clone, Copy)]
enum Brake {
    Pause,
    Resume,
}

impl Brake {
    fn word(self) -> &'static str {
        match self {
            Self::Pause => "paused",
            Self::Resume => "resumed",
        }
    }

    /// Pulls it for a recording, or for all fetching.
    async fn pull(self, rooms: &Rooms, who: &SignedIn, token: Option<&MinuteToken>) -> Result<(), Response> {
        let subject = token.map_or("queue", MinuteToken::as_str);
        let deed = who.deed(Verb::Changed, subject, Some(self.word().to_owned()));
        rooms.catalog.set_paused(token, matches!(self, Self::Pause), &deed).await.map_err(not_now)?;
        Ok(())
    }

    async fn pull_for(self, rooms: &Rooms, submitted: Submitted<Which>) -> Result<Response, Response> {
        let Submitted { who, form } = administrators_only(submitted).map_err(Notice::into_response)?;
        let tokens = form.recordings(rooms).await?;
        for token in &tokens {
            self.pull(rooms, &who, Some(token)).await?;
        }
        let said = if tokens.is_empty() { "none-ticked" } else { self.word() };
        Ok(rooms.back_to("/queue", &form.here, said, tokens.len() as u64))
    }

    async fn pull_for_all(self, rooms: &Rooms, submitted: Submitted<Nothing>) -> Result<Response, Response> {
        let Submitted { who, .. } = administrators_only(submitted).map_err(Notice::into_response)?;
        self.pull(rooms, &who, None).await?;
        Ok(rooms.back("/queue", self.word(), 0))
    }
}

pub(super) async fn pause(State(rooms): State<Rooms>, form: Submitted<Which>) -> Result<Response, Response> {
    Brake::Pause.pull_for(&rooms, form).await
}

pub(super) async fn resume(State(rooms): State<Rooms>, form: Submitted<Which>) -> Result<Response, Response> {
    Brake::Resume.pull_for(&rooms, form).await
}

pub(super) async fn pause_all(
    State(rooms): State<Rooms>,
    form: Submitted<Nothing>,
) -> Result<Response, Response> {
    Brake::Pause.pull_for_all(&rooms, form).await
}

pub(super) async fn resume_all(
    State(rooms): State<Rooms>,
    form: Submitted<Nothing>,
) -> Result<Response, Response> {
    Brake::Resume.pull_for_all(&rooms, form).await
}

pub(super) async fn retry(
    State(rooms): State<Rooms>,
    submitted: Submitted<Which>,
) -> Result<Response, Response> {
    let Submitted { who, form } = administrators_only(submitted).map_err(Notice::into_response)?;
    let tokens = form.recordings(&rooms).await?;
    let mut called = 0;
    for token in &tokens {
        let deed = who.deed(Verb::Changed, token.as_str(), Some("retry".to_owned()));
        let again = Again::Recording(token);
        called += try_again(&rooms.catalog, &rooms.office.queue, again, &deed).await.map_err(not_now)?;
    }
    let said = if tokens.is_empty() { "none-ticked" } else { "retried" };
    Ok(rooms.back_to("/queue", &form.here, said, called))
}

/// From which page, and what is missing for which reason.
#[derive(Deserialize)]
pub(super) struct AllOf {
    reason: String,
    from: String,
}

pub(super) async fn retry_cause(
    State(rooms): State<Rooms>,
    submitted: Submitted<AllOf>,
) -> Result<Response, Response> {
    let Submitted { who, form } = administrators_only(submitted).map_err(Notice::into_response)?;
    let Ok(reason) = form.reason.parse::<Reason>() else { return Err(Notice::BadForm.into_response()) };
    let deed = who.deed(Verb::Changed, "queue", Some(format!("retry {reason}")));
    let called =
        try_again(&rooms.catalog, &rooms.office.queue, Again::Cause(reason), &deed).await.map_err(not_now)?;
    let page = if form.from == "overview" { "/overview".to_owned() } else { Listed::Cause(reason).path() };
    let (path, query) = page.split_once('?').unwrap_or((&page, ""));
    Ok(rooms.back_to(path, query, "retried", called))
}

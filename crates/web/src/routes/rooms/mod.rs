//! Pages behind the sign-in. Each is made from the catalogue when somebody opens it; nothing is kept between two looks.

mod agent;
mod audit;
mod checks;
mod coverage;
mod first_run;
mod history;
mod listing;
mod overview;
mod people;
mod piles;
mod queue;
mod sessions;
mod settings;
mod storage;
mod tokens;
mod watch;

use std::collections::BTreeMap;
use std::sync::Arc;

use archive::audit::Deed;
use archive::catalog::Catalog;
use archive::members::Features;
use archive::model::{Clock, OpenId};
use archive::retention::Trash;
use axum::Router;
use axum::response::{IntoResponse as _, Redirect, Response};
use url::form_urlencoded;

use crate::moments::Moments;
use crate::office::Office;
use crate::reading_room::not_now;
use crate::session::Porter;
use crate::site::Site;
use crate::visitor::Visitor;

/// What all these pages share.
#[derive(Clone)]
pub(crate) struct Rooms {
    pub(crate) site: Arc<Site>,
    pub(crate) catalog: Catalog,
    pub(crate) porter: Porter,
    pub(crate) office: Office,
    pub(crate) trash: Trash,
    /// What is fetched, and so which scopes are needed.
    pub(crate) features: Features,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Rooms {
    /// Moments as this visitor tells them.
    fn moments(&self, visitor: &Visitor) -> Moments {
        Moments { zone: visitor.zone_or(&self.office.zone).clone(), now_ms: self.clock.now_ms() }
    }

    /// Moments as the company tells them: its weeks begin by them, and what is sent to others has them.
    fn company_moments(&self) -> Moments {
        Moments { zone: self.office.zone.clone(), now_ms: self.clock.now_ms() }
    }

    /// Names by open_id, of all who have authorised or ever signed in.
    async fn names(&self) -> Result<BTreeMap<String, String>, Response> {
        Ok(self.catalog.names().await.map_err(not_now)?.into_iter().collect())
    }

    /// Back to a page after a form, which then says what was done.
    fn back(&self, path: &str, said: &str, count: u64) -> Response {
        self.back_to(path, "", said, count)
    }

    /// The same to the part of the page on which the form was: `query`, as the form brought it.
    fn back_to(&self, path: &str, query: &str, said: &str, count: u64) -> Response {
        let was =
            form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "said" && name != "count");
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(was)
            .append_pair("said", said)
            .append_pair("count", &count.to_string())
            .finish();
        Redirect::to(&self.site.path(&format!("{path}?{query}"))).into_response()
    }

    /// Writes a deed down; what cannot be written down does not happen.
    async fn record(&self, deed: &Deed) -> Result<(), Response> {
        archive::audit::record(&self.catalog, deed).await.map_err(not_now)
    }
}

/// Somebody by their open_id or their name, if that is the name of one person alone.
fn person_named(names: &BTreeMap<String, String>, text: &str) -> Option<OpenId> {
    let text = text.trim();
    let mut called = names.iter().filter(|(id, name)| *id == text || *name == text);
    match (called.next(), called.next()) {
        (Some((id, _)), None) => OpenId::parse(id).ok(),
        // Who has never signed in or authorised may still own recordings.
        (None, _) => OpenId::parse(text).ok().filter(|id| id.as_str().starts_with("ou_")),
        (Some(_), Some(_)) => None,
    }
}

pub(crate) fn router(rooms: Rooms) -> Router {
    Router::new()
        .merge(overview::router())
        .merge(queue::router())
        .merge(history::router())
        .merge(people::router())
        .merge(coverage::router())
        .merge(checks::router())
        .merge(storage::router())
        .merge(audit::router())
        .merge(settings::router())
        .merge(sessions::router())
        .merge(tokens::router())
        .with_state(rooms)
}

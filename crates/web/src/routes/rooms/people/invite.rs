//! `POST /people/invite`: somebody, those who are ticked, or everybody who is missing, is asked to authorise by a card of
//! the bot.

use std::collections::BTreeSet;

use archive::audit::Verb;
use archive::members::{Footing, Standing};
use archive::model::OpenId;
use archive::notify::Invited;
use archive::queue::TaskKind;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use super::super::{Rooms, not_now};
use crate::notice::Notice;
use crate::session::{Submitted, administrators_only};

/// A page has no more to tick.
const MOST_NAMED: usize = 100;

#[derive(Deserialize)]
pub(super) struct Whom {
    /// `owners`: those who own what is not here; `lapsed`: those who must authorise again; else those who are named.
    #[serde(default, rename = "whom")]
    all_of: String,
    /// The person (open_id) beside whose name the button is.
    #[serde(default)]
    one: Option<String>,
    #[serde(default)]
    ticked: Vec<String>,
    /// The query of the page on which the form was.
    #[serde(default)]
    here: String,
}

pub(super) async fn invite(
    State(rooms): State<Rooms>,
    submitted: Submitted<Whom>,
) -> Result<Response, Response> {
    let Submitted { who, form } = administrators_only(submitted).map_err(Notice::into_response)?;
    let Whom { all_of, one, ticked, here } = form;
    let people: BTreeSet<OpenId> = match all_of.as_str() {
        "owners" => {
            let owners = rooms.catalog.unauthorised_owners().await.map_err(not_now)?;
            owners.into_iter().filter_map(|owner| OpenId::parse(&owner.open_id).ok()).collect()
        }
        "lapsed" => lapsed(&rooms).await?,
        _ => {
            let named = one.map_or(ticked, |one| vec![one]).into_iter();
            let named: Result<_, _> = named.map(|id| OpenId::parse(&id)).collect();
            named.map_err(|_| Notice::BadForm.into_response())?
        }
    };
    if all_of.is_empty() && people.len() > MOST_NAMED {
        return Err(Notice::BadForm.into_response());
    }
    if people.is_empty() {
        return Ok(rooms.back_to("/people", &here, "none-ticked", 0));
    }
    if !all_of.is_empty() {
        rooms.record(&who.deed(Verb::Changed, "invitations", Some(all_of.clone()))).await?;
    }
    let mut invited = 0;
    for person in &people {
        if all_of.is_empty() {
            rooms.record(&who.deed(Verb::Changed, person.as_str(), Some("invited".to_owned()))).await?;
        }
        let outcome =
            rooms.catalog.invite(person, rooms.features, rooms.clock.now_ms()).await.map_err(not_now)?;
        invited += u64::from(outcome == Invited::Invited);
    }
    rooms.office.queue.nudge(TaskKind::Notice);
    Ok(rooms.back_to("/people", &here, "invited", invited))
}

async fn lapsed(rooms: &Rooms) -> Result<BTreeSet<OpenId>, Response> {
    let members = rooms.catalog.members().await.map_err(not_now)?;
    let now_ms = rooms.clock.now_ms();
    let lapsed = members
        .into_iter()
        .filter(|row| Standing::of(&row.member, rooms.features, now_ms).footing == Footing::MustAuthorise);
    Ok(lapsed.map(|row| row.member.open_id).collect())
}

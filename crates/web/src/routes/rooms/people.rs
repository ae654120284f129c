//! `GET /people`: who has authorised, for how long, with what, and when that was last of use. `POST /people/invite`:
//! somebody, or everybody who is missing, is asked to authorise by a card of the bot.

use std::collections::BTreeSet;

use archive::audit::Verb;
use archive::catalog::MemberRow;
use archive::members::{Footing, Standing};
use archive::model::OpenId;
use archive::notify::Invited;
use archive::queue::TaskKind;
use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::first_run::Addresses;
use super::listing::Listing;
use super::{Rooms, not_now};
use crate::moments::Moments;
use crate::notice::Notice;
use crate::page::{Frame, show};
use crate::session::{Administrator, Submitted, administrators_only};
use crate::visitor::Visitor;
use crate::words::Words;

/// With so few days left the person should be asked again.
const SOON_DAYS: i64 = 30;

pub(super) fn router() -> Router<Rooms> {
    Router::new().route("/people", get(page)).route("/people/invite", post(invite))
}

/// A scope that is needed, and whether it was granted.
struct Needed {
    scope: &'static str,
    purpose: String,
    is_granted: bool,
}

struct Row {
    name: String,
    open_id: String,
    state: String,
    mood: &'static str,
    /// Why it stands so, and what to do.
    why: String,
    days_left: String,
    is_soon: bool,
    /// Whether asking them anew may help.
    can_invite: bool,
    granted: usize,
    needed: Vec<Needed>,
    /// Recordings archived, and owned.
    archived: i64,
    owned: i64,
    renewed: String,
    patrolled: String,
    heard: String,
}

#[derive(Template)]
#[template(path = "people.html")]
struct PeoplePage<'a> {
    title: String,
    /// Where people authorise.
    page: String,
    listing: Listing,
    rows: Vec<Row>,
    /// Owners of recordings that are not here, who have no grant that works.
    missing: usize,
    /// Of those who once authorised, how many must do so again.
    lapsed: usize,
    /// Whether cards can lead anywhere.
    has_address: bool,
    frame: Frame<'a>,
}

async fn page(
    State(rooms): State<Rooms>,
    visitor: Visitor,
    Administrator(who): Administrator,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Response> {
    let members = rooms.catalog.members().await.map_err(not_now)?;
    let moments = rooms.moments(&visitor);
    let lapsed = members.iter().filter(|member| has_lapsed(&rooms, member)).count();
    let (listing, members) = Listing::cut(&uri, Vec::new(), members, |row| {
        [row.member.name.as_str(), row.member.open_id.as_str()]
    });
    rooms.record(&who.deed(Verb::Viewed, "/people", None)).await?;
    let frame = Frame::of(&rooms.site, &visitor, &who, "/people");
    let missing = rooms.catalog.unauthorised_owners().await.map_err(not_now)?.len();
    let page = PeoplePage {
        title: frame.say("people-title"),
        page: Addresses::of(&rooms, &headers, &uri).authorise,
        lapsed,
        listing,
        rows: members.into_iter().map(|member| row(&rooms, member, &moments, visitor.words)).collect(),
        missing,
        has_address: rooms.site.public_url.is_some(),
        frame,
    };
    Ok(show(StatusCode::OK, &page))
}

fn row(rooms: &Rooms, row: MemberRow, moments: &Moments, words: Words) -> Row {
    let MemberRow { member, refreshed_at, owned, archived, .. } = row;
    let Standing { footing, reason, missing, until_ms } =
        Standing::of(&member, rooms.features, moments.now_ms);
    let needed: Vec<Needed> = rooms
        .features
        .user_scopes()
        .into_iter()
        .map(|scope| Needed { scope, purpose: words.scope(scope), is_granted: !missing.contains(&scope) })
        .collect();
    let is_of_use = matches!(footing, Footing::Active | Footing::Expiring);
    let days_left = until_ms.filter(|_| is_of_use).map(|until| moments.days_until(until));
    Row {
        state: words.footing(footing),
        mood: match footing {
            Footing::Active => "good",
            Footing::Expiring | Footing::MustAuthorise => "warn",
            Footing::Blocked | Footing::Departed => "bad",
        },
        why: reason
            .map(|reason| format!("{} {}", words.reason(reason), words.reason_fix(reason)))
            .or(member.patrol_error)
            .unwrap_or_default(),
        days_left: days_left
            .map_or_else(|| "—".to_owned(), |count| words.say_with("days-left", &[("count", count.into())])),
        can_invite: footing == Footing::MustAuthorise,
        is_soon: days_left.is_some_and(|days| days <= SOON_DAYS),
        granted: needed.iter().filter(|needed| needed.is_granted).count(),
        needed,
        archived,
        owned,
        renewed: moments.say_with_distance(refreshed_at, words),
        patrolled: moments.say_with_distance(member.patrolled_at, words),
        heard: moments.say_with_distance(member.heard_at, words),
        name: member.name,
        open_id: member.open_id.to_string(),
    }
}

#[derive(Deserialize)]
struct Whom {
    /// `owners`: those who own what is not here; `lapsed`: those who must authorise again; else one person's open_id.
    whom: String,
}

async fn invite(State(rooms): State<Rooms>, submitted: Submitted<Whom>) -> Result<Response, Response> {
    let Submitted { who, form } = administrators_only(submitted).map_err(Notice::into_response)?;
    let people = match form.whom.as_str() {
        "owners" => rooms.catalog.unauthorised_owners().await.map_err(not_now)?.into_iter().collect(),
        "lapsed" => lapsed(&rooms).await?,
        one => BTreeSet::from([OpenId::parse(one).map_err(|_| Notice::BadForm.into_response())?]),
    };
    rooms.record(&who.deed(Verb::Changed, "invitations", Some(form.whom))).await?;
    let mut invited = 0;
    for person in &people {
        let outcome = rooms.catalog.invite(person, rooms.clock.now_ms()).await.map_err(not_now)?;
        invited += u64::from(outcome == Invited::Invited);
    }
    rooms.office.queue.nudge(TaskKind::Notice);
    Ok(rooms.back("/people", "invited", invited))
}

async fn lapsed(rooms: &Rooms) -> Result<BTreeSet<OpenId>, Response> {
    let members = rooms.catalog.members().await.map_err(not_now)?;
    let lapsed = members.into_iter().filter(|member| has_lapsed(rooms, member));
    Ok(lapsed.map(|row| row.member.open_id).collect())
}

fn has_lapsed(rooms: &Rooms, row: &MemberRow) -> bool {
    Standing::of(&row.member, rooms.features, rooms.clock.now_ms()).footing == Footing::MustAuthorise
}

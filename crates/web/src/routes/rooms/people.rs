//! `GET /people`: who has authorised, for how long, with what, and when that was last of use; and whose recordings are
//! not here for want of that. `POST /people/invite`: somebody, those who are ticked, or everybody who is missing, is
//! asked to authorise by a card of the bot.

use std::collections::BTreeSet;

use archive::audit::Verb;
use archive::catalog::MemberRow;
use archive::members::{Footing, Standing};
use archive::model::OpenId;
use archive::notify::{Invited, OpenInvitation, UnauthorisedOwner};
use archive::queue::TaskKind;
use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
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

/// A page has no more to tick.
const MOST_NAMED: usize = 100;
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
    /// Since when they have been asked and have not come.
    invited: Option<String>,
    /// Whether asking them anew may help.
    can_invite: bool,
    granted: usize,
    needed: Vec<Needed>,
    /// Recordings archived, and owned.
    archived: i64,
    owned: i64,
    /// When their grant was last of use; none where there never was one.
    last: Option<LastUse>,
}

struct LastUse {
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
    /// Only those are shown whom asking may help.
    only_asked: bool,
    /// Whether there is somebody on this page who can be asked.
    can_tick: bool,
    /// The query of this page, for the forms on it.
    here: String,
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
    let missing = rooms.catalog.unauthorised_owners().await.map_err(not_now)?;
    let invitations = rooms.catalog.open_invitations().await.map_err(not_now)?;
    let moments = rooms.moments(&visitor);
    let lapsed = members.iter().filter(|member| has_lapsed(&rooms, member)).count();
    let owners = missing.len();
    // Those whose recordings are missing come first.
    let strangers = missing.into_iter().filter(|owner| owner.has_authorised == 0);
    let strangers = strangers.map(|owner| stranger(&rooms, owner, visitor.words));
    let members = members.into_iter().map(|member| row(&rooms, member, &moments, visitor.words));
    let only_asked =
        Query::<Wish>::try_from_uri(&uri).is_ok_and(|wish| wish.0.only.as_deref() == Some("ask"));
    let people = strangers.chain(members).filter(|row| row.can_invite || !only_asked).collect();
    let kept = if only_asked { vec![("only", "ask".to_owned())] } else { Vec::new() };
    let (listing, mut rows) = Listing::cut(&uri, kept, people, |row: &Row| [&row.name, &row.open_id]);
    for row in rows.iter_mut().filter(|row| row.can_invite) {
        let invitation = invitations.iter().find(|it| it.receiver == row.open_id);
        row.invited = invitation.map(|it| invited(it, &moments, visitor.words));
    }
    rooms.record(&who.deed(Verb::Viewed, "/people", None)).await?;
    let frame = Frame::of(&rooms.site, &visitor, &who, "/people");
    let page = PeoplePage {
        title: frame.say("people-title"),
        page: Addresses::of(&rooms, &headers, &uri).authorise,
        lapsed,
        listing,
        can_tick: rows.iter().any(|row| row.can_invite),
        rows,
        missing: owners,
        only_asked,
        here: uri.query().unwrap_or_default().to_owned(),
        has_address: rooms.site.public_url.is_some(),
        frame,
    };
    Ok(show(StatusCode::OK, &page))
}

#[derive(Deserialize)]
struct Wish {
    /// `ask`: only those whom asking may help.
    only: Option<String>,
}

/// How an invitation stands that nobody has answered.
fn invited(invitation: &OpenInvitation, moments: &Moments, words: Words) -> String {
    let reason = invitation.reason.as_deref().and_then(|word| word.parse().ok());
    match (invitation.sent_at, reason) {
        (Some(at_ms), _) => {
            let moment = moments.say_with_distance(Some(at_ms), words);
            words.say_with("people-invited", &[("moment", moment.into())])
        }
        (None, Some(reason)) => {
            words.say_with("people-not-invited", &[("reason", words.reason(reason).into())])
        }
        (None, None) => words.say("people-being-invited"),
    }
}

/// Somebody who has not authorised and owns what is not here.
fn stranger(rooms: &Rooms, owner: UnauthorisedOwner, words: Words) -> Row {
    let UnauthorisedOwner { open_id, name, owned, archived, missing, .. } = owner;
    let needed = rooms.features.user_scopes().into_iter();
    Row {
        name: name.unwrap_or_default(),
        open_id,
        state: words.say("people-never"),
        mood: "warn",
        why: words.say_with("people-never-why", &[("count", missing.into())]),
        days_left: "—".to_owned(),
        is_soon: false,
        invited: None,
        can_invite: true,
        granted: 0,
        needed: needed
            .map(|scope| Needed { scope, purpose: words.scope(scope), is_granted: false })
            .collect(),
        archived,
        owned,
        last: None,
    }
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
        mood: mood(footing),
        why: reason
            .map(|reason| format!("{} {}", words.reason(reason), words.reason_fix(reason)))
            .or(member.patrol_error)
            .unwrap_or_default(),
        days_left: days_left
            .map_or_else(|| "—".to_owned(), |count| words.say_with("days-left", &[("count", count.into())])),
        can_invite: footing == Footing::MustAuthorise,
        invited: None,
        is_soon: days_left.is_some_and(|days| days <= SOON_DAYS),
        granted: needed.iter().filter(|needed| needed.is_granted).count(),
        needed,
        archived,
        owned,
        last: Some(LastUse {
            renewed: moments.say_with_distance(refreshed_at, words),
            patrolled: moments.say_with_distance(member.patrolled_at, words),
            heard: moments.say_with_distance(member.heard_at, words),
        }),
        name: member.name,
        open_id: member.open_id.to_string(),
    }
}

/// How a footing is to be taken.
pub(super) fn mood(footing: Footing) -> &'static str {
    match footing {
        Footing::Active => "good",
        Footing::Expiring | Footing::MustAuthorise => "warn",
        Footing::Blocked | Footing::Departed => "bad",
    }
}

#[derive(Deserialize)]
struct Whom {
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

async fn invite(State(rooms): State<Rooms>, submitted: Submitted<Whom>) -> Result<Response, Response> {
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
        let outcome = rooms.catalog.invite(person, rooms.clock.now_ms()).await.map_err(not_now)?;
        invited += u64::from(outcome == Invited::Invited);
    }
    rooms.office.queue.nudge(TaskKind::Notice);
    Ok(rooms.back_to("/people", &here, "invited", invited))
}

async fn lapsed(rooms: &Rooms) -> Result<BTreeSet<OpenId>, Response> {
    let members = rooms.catalog.members().await.map_err(not_now)?;
    let lapsed = members.into_iter().filter(|member| has_lapsed(rooms, member));
    Ok(lapsed.map(|row| row.member.open_id).collect())
}

fn has_lapsed(rooms: &Rooms, row: &MemberRow) -> bool {
    Standing::of(&row.member, rooms.features, rooms.clock.now_ms()).footing == Footing::MustAuthorise
}

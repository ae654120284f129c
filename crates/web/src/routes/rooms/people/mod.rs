//! `GET /people`: who has authorised, for how long, with what, and when that was last of use; and whose recordings are
//! not here for want of that.

mod invite;
mod row;

use archive::audit::Verb;
use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;

use self::row::{Person, Row};
pub(super) use self::row::{SOON_DAYS, mood};
use super::first_run::Addresses;
use super::listing::Listing;
use super::{Rooms, not_now};
use crate::moments::Moments;
use crate::page::{Frame, show};
use crate::session::Administrator;
use crate::visitor::Visitor;

pub(super) fn router() -> Router<Rooms> {
    Router::new().route("/people", get(page)).route("/people/invite", post(invite::invite))
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
    /// Whom else one can look at: address and text.
    others: Vec<(String, String)>,
    /// What an empty table says.
    empty: &'static str,
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
    let owners = missing.len();
    // Those whose recordings are missing come first.
    let strangers = missing.into_iter().filter(|owner| owner.has_authorised == 0).map(Person::Stranger);
    let members = members.into_iter().map(|row| Person::member(&rooms, row, moments.now_ms));
    let mut people: Vec<Person> = strangers.chain(members).collect();
    let lapsed = people.iter().filter(|person| person.has_lapsed()).count();
    let only = Only::of(&uri);
    let others = Only::ALL
        .into_iter()
        .filter(|other| *other != only && people.iter().any(|person| other.shows(person, &moments)));
    let others =
        others.map(|other| (rooms.site.path(other.path()), visitor.words.say(other.key()))).collect();
    people.retain(|person| only.shows(person, &moments));
    if only == Only::Ending {
        people.sort_by_key(Person::ends_at);
    }
    let kept = only.word().map(|word| ("only", word.to_owned())).into_iter().collect();
    let empty = if only == Only::Nothing { "people-empty" } else { "listing-empty" };
    let (listing, people) = Listing::cut(&uri, kept, people, Person::known_as);
    let row = |person| Row::new(&rooms, person, &invitations, &moments, visitor.words);
    let rows: Vec<Row> = people.into_iter().map(row).collect();
    rooms.record(&who.deed(Verb::Viewed, "/people", None)).await?;
    let frame = Frame::of(&rooms.site, &visitor, &who, "/people");
    let page = PeoplePage {
        title: frame.say("people-title"),
        page: Addresses::of(&rooms, &headers, &uri).authorise,
        lapsed,
        empty: listing.none_of(empty),
        listing,
        can_tick: rows.iter().any(|row| row.can_invite),
        rows,
        missing: owners,
        others,
        here: uri.query().unwrap_or_default().to_owned(),
        has_address: rooms.site.public_url.is_some(),
        frame,
    };
    Ok(show(StatusCode::OK, &page))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wish {
    only: String,
}

/// Who alone is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Only {
    /// All are.
    Nothing,
    /// Those whom asking may help.
    Ask,
    /// Those whose authorisation ends soon, the next to end first.
    Ending,
}

impl Only {
    const ALL: [Self; 3] = [Self::Nothing, Self::Ask, Self::Ending];

    fn of(uri: &Uri) -> Self {
        let wish = Query::<Wish>::try_from_uri(uri).map(|query| query.0).unwrap_or_default();
        Self::ALL.into_iter().find(|it| it.word() == Some(&wish.only)).unwrap_or(Self::Nothing)
    }

    /// As the address says it.
    fn word(self) -> Option<&'static str> {
        match self {
            Self::Nothing => None,
            Self::Ask => Some("ask"),
            Self::Ending => Some("ending"),
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Nothing => "/people",
            Self::Ask => "/people?only=ask",
            Self::Ending => "/people?only=ending",
        }
    }

    /// What leads there is called by this.
    fn key(self) -> &'static str {
        match self {
            Self::Nothing => "people-show-all",
            Self::Ask => "people-show-asked",
            Self::Ending => "people-show-ending",
        }
    }

    fn shows(self, person: &Person, moments: &Moments) -> bool {
        match self {
            Self::Nothing => true,
            Self::Ask => person.can_invite(),
            Self::Ending => person.ends_soon(moments),
        }
    }
}

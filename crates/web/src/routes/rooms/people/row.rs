//! The rows of the table of people.

use archive::catalog::MemberRow;
use archive::members::{Footing, Standing};
use archive::notify::{OpenInvitation, UnauthorisedOwner};

use super::super::Rooms;
use crate::moments::Moments;
use crate::words::Words;

/// With so few days left the person should be asked again.
pub(in crate::routes::rooms) const SOON_DAYS: i64 = 30;

/// One of the table, before it is known which of them are shown.
pub(super) enum Person {
    /// Has not authorised and owns what is not here.
    Stranger(UnauthorisedOwner),
    Member(Box<MemberRow>, Standing),
}

impl Person {
    /// As they stand at `now_ms`.
    pub(super) fn member(rooms: &Rooms, row: MemberRow, now_ms: i64) -> Self {
        let standing = Standing::of(&row.member, rooms.features, now_ms);
        Self::Member(Box::new(row), standing)
    }

    /// Name and id.
    pub(super) fn known_as(&self) -> [&str; 2] {
        match self {
            Self::Stranger(owner) => [owner.name.as_deref().unwrap_or_default(), &owner.open_id],
            Self::Member(row, _) => [&row.member.name, row.member.open_id.as_str()],
        }
    }

    pub(super) fn has_lapsed(&self) -> bool {
        matches!(self, Self::Member(_, standing) if standing.footing == Footing::MustAuthorise)
    }

    /// Whether asking them anew may help.
    pub(super) fn can_invite(&self) -> bool {
        matches!(self, Self::Stranger(_)) || self.has_lapsed()
    }

    /// When an authorisation that is of use ends, unix ms.
    pub(super) fn ends_at(&self) -> Option<i64> {
        let Self::Member(_, standing) = self else { return None };
        standing.ends_at()
    }

    pub(super) fn ends_soon(&self, moments: &Moments) -> bool {
        self.ends_at().is_some_and(|at_ms| moments.days_until(at_ms) <= SOON_DAYS)
    }
}

/// A scope that is needed, and whether it was granted.
pub(super) struct Needed {
    pub(super) scope: &'static str,
    pub(super) purpose: String,
    pub(super) is_granted: bool,
}

pub(super) struct Row {
    pub(super) name: String,
    pub(super) open_id: String,
    pub(super) state: String,
    pub(super) mood: &'static str,
    /// Why it stands so, and what to do.
    pub(super) why: String,
    pub(super) days_left: String,
    pub(super) is_soon: bool,
    /// Since when they have been asked and have not come.
    pub(super) invited: Option<String>,
    /// Whether asking them anew may help.
    pub(super) can_invite: bool,
    pub(super) granted: usize,
    pub(super) needed: Vec<Needed>,
    /// Recordings archived, and owned.
    pub(super) archived: i64,
    pub(super) owned: i64,
    /// When their grant was last of use; none where there never was one.
    pub(super) last: Option<LastUse>,
}

pub(super) struct LastUse {
    pub(super) renewed: String,
    pub(super) patrolled: String,
    pub(super) heard: String,
}

impl Row {
    pub(super) fn new(
        rooms: &Rooms,
        person: Person,
        invitations: &[OpenInvitation],
        moments: &Moments,
        words: Words,
    ) -> Self {
        let (can_invite, is_soon, ends_at) =
            (person.can_invite(), person.ends_soon(moments), person.ends_at());
        let needed = |missing: &[&'static str]| -> Vec<Needed> {
            let scopes = rooms.features.user_scopes().into_iter();
            scopes
                .map(|scope| Needed {
                    scope,
                    purpose: words.scope(scope),
                    is_granted: !missing.contains(&scope),
                })
                .collect()
        };
        let days_left = ends_at.map_or_else(
            || "—".to_owned(),
            |at_ms| words.say_with("days-left", &[("count", moments.days_until(at_ms).into())]),
        );
        let invitation = invitations.iter().find(|it| can_invite && it.receiver == person.known_as()[1]);
        let invited = invitation.map(|it| invited(it, moments, words));
        match person {
            Person::Stranger(UnauthorisedOwner { open_id, name, owned, archived, missing, .. }) => Self {
                name: name.unwrap_or_default(),
                open_id,
                state: words.say("people-never"),
                mood: "warn",
                why: words.say_with("people-never-why", &[("count", missing.into())]),
                days_left,
                is_soon,
                invited,
                can_invite,
                granted: 0,
                needed: needed(&rooms.features.user_scopes()),
                archived,
                owned,
                last: None,
            },
            Person::Member(row, Standing { footing, reason, missing, .. }) => {
                let MemberRow { member, refreshed_at, owned, archived, .. } = *row;
                let needed = needed(&missing);
                Self {
                    state: words.footing(footing),
                    mood: mood(footing),
                    why: reason
                        .map(|reason| format!("{} {}", words.reason(reason), words.reason_fix(reason)))
                        .or(member.patrol_error)
                        .unwrap_or_default(),
                    days_left,
                    is_soon,
                    invited,
                    can_invite,
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
        }
    }
}

/// How a footing is to be taken.
pub(in crate::routes::rooms) fn mood(footing: Footing) -> &'static str {
    match footing {
        Footing::Active => "good",
        Footing::Expiring | Footing::MustAuthorise => "warn",
        Footing::Blocked | Footing::Departed => "bad",
    }
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

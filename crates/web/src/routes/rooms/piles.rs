//! The piles in which recordings lie on the overview, each of which the queue's page lists.

use archive::catalog::Overview;
use archive::model::{Reason, RecordingState};
use archive::queue::Waiting;

use crate::words::Words;

/// What lies on one pile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pile {
    ToArchive,
    Waiting,
    Blocked,
    Failed,
    Never,
}

impl Pile {
    pub(super) const ALL: [Self; 5] =
        [Self::ToArchive, Self::Waiting, Self::Blocked, Self::Failed, Self::Never];

    pub(super) fn states(self) -> [RecordingState; 2] {
        match self {
            Self::ToArchive => [RecordingState::Found; 2],
            Self::Waiting => [RecordingState::Waiting; 2],
            Self::Blocked => [RecordingState::Denied, RecordingState::NoGrant],
            Self::Failed => [RecordingState::Failed, RecordingState::Lost],
            Self::Never => [RecordingState::Gone, RecordingState::NoMedia],
        }
    }

    /// How many lie there.
    pub(super) fn lying(self, overview: &Overview) -> i64 {
        let [one, other] = self.states();
        let count =
            |state: RecordingState| overview.recordings.get(state.as_str()).copied().unwrap_or_default();
        if one == other { count(one) } else { count(one) + count(other) }
    }

    /// The key of its name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::ToArchive => "overview-to-archive",
            Self::Waiting => "overview-waiting",
            Self::Blocked => "overview-blocked",
            Self::Failed => "overview-failed",
            Self::Never => "overview-never",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::ToArchive => "to-archive",
            Self::Waiting => "waiting",
            Self::Blocked => "blocked",
            Self::Failed => "failed",
            Self::Never => "never",
        }
    }
}

/// What the queue's page lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Listed {
    Queue,
    Pile(Pile),
    Cause(Reason),
}

impl Listed {
    /// As the address has it: `of=blocked`, `of=cause.no_grant`; anything else is the queue.
    pub(super) fn of(word: &str) -> Self {
        if let Some(reason) = word.strip_prefix("cause.") {
            // What somebody has taken away is missing from nothing.
            let reason = reason.parse().ok();
            let reason = reason.filter(|reason| !matches!(reason, Reason::Trashed | Reason::Purged));
            return reason.map_or(Self::Queue, Self::Cause);
        }
        Pile::ALL.into_iter().find(|pile| pile.word() == word).map_or(Self::Queue, Self::Pile)
    }

    pub(super) fn word(self) -> String {
        match self {
            Self::Queue => String::new(),
            Self::Pile(pile) => pile.word().to_owned(),
            Self::Cause(reason) => format!("cause.{reason}"),
        }
    }

    /// What people call it.
    pub(super) fn name(self, words: Words) -> String {
        match self {
            Self::Queue => words.say("queue-waiting"),
            Self::Pile(pile) => words.say(pile.name()),
            Self::Cause(reason) => words.reason(reason),
        }
    }

    /// The page that lists it.
    pub(super) fn path(self) -> String {
        match self {
            Self::Queue => "/queue".to_owned(),
            _ => format!("/queue?of={}", self.word()),
        }
    }

    pub(super) fn waiting(self) -> Waiting {
        match self {
            Self::Queue => Waiting::Queued,
            Self::Pile(pile) => Waiting::At(pile.states()),
            Self::Cause(reason) => Waiting::For(reason),
        }
    }
}

/// Whether trying again may bring what is missing for this reason: what is gone stays gone.
pub(super) fn can_retry(reason: Reason) -> bool {
    !matches!(reason, Reason::Deleted | Reason::Empty | Reason::Lost)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_is_found_by_its_address_and_nothing_else_is_one() {
        let piles = Pile::ALL.into_iter().map(Listed::Pile);
        let causes = Reason::ALL.iter().copied().map(Listed::Cause);
        let is_taken_away = |it: &Listed| matches!(it, Listed::Cause(Reason::Trashed | Reason::Purged));
        let causes = causes.filter(|it| !is_taken_away(it));
        for listed in piles.chain(causes).chain([Listed::Queue]) {
            assert_eq!(Listed::of(&listed.word()), listed);
        }
        for odd in ["cause.", "cause.nothing", "blocked ", "../x", "cause.blocked", "cause.trashed"] {
            assert_eq!(Listed::of(odd), Listed::Queue, "{odd}");
        }
    }
}

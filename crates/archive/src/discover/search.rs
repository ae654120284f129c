//! One complete answer out of a search that silently truncates: a window of time that returns close to what
//! the platform ever returns, or whose pages cannot be read to the end, is halved and asked again. The walk
//! goes from the newest end back, and fits its windows to how much there is.

use std::collections::BTreeMap;

use feishu::{Client, Error, MinuteSearch};
use secrecy::SecretString;
use tracing::warn;

use crate::model::{MinuteToken, OpenId};

/// The platform was seen to stop at about 50 hits; from here on a window is not trusted.
const SUSPICIOUS_HITS: usize = 40;
/// What a window should hold: with room for chance, still one page of 30.
const WANTED_HITS: i64 = 24;
/// From one window to the next the width changes at most so many times.
const MOST_GROWTH: i64 = 4;
/// The platform was seen to drop items from wide windows.
pub(super) const WIDEST_MS: i64 = 31 * 86_400_000;
/// The platform's search knows whole seconds.
const NARROWEST_MS: i64 = 2_000;
/// Pages of one window; 30 hits each, so the platform's bound comes long before.
const MOST_PAGES: usize = 20;

/// Which of the minutes that somebody can see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// Those that they own.
    Owned,
    /// Those that they took part in, owned or not.
    Attended,
}

/// What a search found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Each minute once, and whether it was found as the member's own.
    pub(super) tokens: BTreeMap<MinuteToken, bool>,
    /// The platform's own time when the first page was served, unix ms.
    pub(super) served_at_ms: Option<i64>,
    /// Calls made.
    pub(super) searches: usize,
}

impl Found {
    /// Takes in what another search found.
    pub(super) fn absorb(&mut self, other: Self) {
        for (token, is_owned) in other.tokens {
            *self.tokens.entry(token).or_default() |= is_owned;
        }
        self.served_at_ms = self.served_at_ms.or(other.served_at_ms);
        self.searches += other.searches;
    }
}

/// What one window brought.
#[derive(Debug, Default)]
pub(super) struct Window {
    pub(super) found: Found,
    pub(super) hits: usize,
    /// More was promised than could be read.
    is_cut_short: bool,
}

impl Window {
    /// Whether this is all that there is in it.
    pub(super) fn is_trusted(&self) -> bool {
        // Where nothing came, narrower windows bring nothing either.
        self.hits == 0 || (self.hits < SUSPICIOUS_HITS && !self.is_cut_short)
    }

    /// The same window, also searched for others.
    pub(super) fn absorb(&mut self, other: Self) {
        self.found.absorb(other.found);
        self.hits = self.hits.max(other.hits);
        self.is_cut_short |= other.is_cut_short;
    }
}

/// A walk back through time, window by window.
#[expect(clippy::struct_field_names, reason = "each is a time, as in the table of back-fills")]
#[derive(Debug, Clone, Copy)]
pub(super) struct Walk {
    /// Where it ends, unix ms.
    pub(super) goal_ms: i64,
    /// Everything from here on has been looked through, unix ms.
    pub(super) reached_ms: i64,
    /// How much time the next window takes in.
    pub(super) span_ms: i64,
}

impl Walk {
    /// Back from `to_ms` to `from_ms`.
    pub(super) fn back(from_ms: i64, to_ms: i64) -> Self {
        Self { goal_ms: from_ms, reached_ms: to_ms, span_ms: WIDEST_MS }
    }

    pub(super) fn is_over(&self) -> bool {
        self.reached_ms <= self.goal_ms
    }

    /// The next window, unix ms.
    pub(super) fn window(&self) -> (i64, i64) {
        ((self.reached_ms - self.span_ms).max(self.goal_ms), self.reached_ms)
    }

    /// Goes on behind `window`, or narrows it; whether it is done with.
    pub(super) fn take(&mut self, (from_ms, to_ms): (i64, i64), brought: &Window) -> bool {
        let width_ms = to_ms - from_ms;
        if !brought.is_trusted() && width_ms > NARROWEST_MS {
            self.span_ms = (width_ms / 2).max(NARROWEST_MS);
            return false;
        }
        if !brought.is_trusted() {
            warn!(
                from_ms,
                to_ms, brought.hits, "more recordings in a moment than a search can be trusted to list"
            );
        }
        self.reached_ms = from_ms;
        let hits = i64::try_from(brought.hits).unwrap_or(i64::MAX).max(1);
        let fitting_ms = (width_ms * WANTED_HITS / hits).min(width_ms * MOST_GROWTH);
        self.span_ms = fitting_ms.clamp(NARROWEST_MS, WIDEST_MS);
        true
    }
}

/// One window of a member's minutes, page by page.
pub(super) async fn search_window(
    client: &Client,
    access: &SecretString,
    member: &OpenId,
    whose: Whose,
    (from_ms, to_ms): (i64, i64),
) -> Result<Window, Error> {
    let (owner_ids, participant_ids) = match whose {
        Whose::Owned => (vec![member.clone()], Vec::new()),
        Whose::Attended => (Vec::new(), vec![member.clone()]),
    };
    let search =
        MinuteSearch { owner_ids, participant_ids, from_ms: Some(from_ms), to_ms: Some(to_ms), query: None };
    let mut window = Window::default();
    let mut page_token: Option<String> = None;
    for _ in 0..MOST_PAGES {
        window.found.searches += 1;
        let page = match client.search_minutes(access, &search, page_token.as_deref()).await {
            Ok(page) => page,
            Err(error) if page_token.is_some() && error.is_end_of_pages() => {
                window.is_cut_short = true;
                break;
            }
            Err(error) => return Err(error),
        };
        if page.skipped_items > 0 {
            warn!(%member, items = page.skipped_items, "search returned items without a usable token");
        }
        window.found.served_at_ms = window.found.served_at_ms.or(page.served_at_ms);
        window.found.tokens.extend(page.tokens.into_iter().map(|token| (token, whose == Whose::Owned)));
        // A page that brings nothing new is the same page again.
        let brought_nothing = window.found.tokens.len() == window.hits;
        window.hits = window.found.tokens.len();
        window.is_cut_short = page.has_more;
        match page.page_token {
            // A window that is not trusted any more is not worth another page.
            Some(next) if page.has_more && !brought_nothing && window.hits < SUSPICIOUS_HITS => {
                page_token = Some(next);
            }
            _ => break,
        }
    }
    Ok(window)
}

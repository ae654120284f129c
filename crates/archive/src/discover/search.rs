//! One complete answer out of a search that silently truncates: a window that returns close to what the
//! platform ever returns is halved and asked again, until no window is near that bound.

use std::collections::BTreeSet;

use feishu::{Client, Error, MinuteSearch};
use secrecy::SecretString;
use tracing::warn;

use crate::model::{MinuteToken, OpenId};

/// The platform was seen to stop at about 50 hits; from here on a window is not trusted.
const SUSPICIOUS_HITS: usize = 40;
/// No window is halved below this.
const NARROWEST_MS: i64 = 60_000;
/// Pages of one window; 30 hits each, so the platform's bound comes long before.
const MOST_PAGES: usize = 20;

/// What a search found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Each minute once.
    pub(super) tokens: BTreeSet<MinuteToken>,
    /// The platform's own time when the first page was served, unix ms.
    pub(super) served_at_ms: Option<i64>,
}

/// Which of the minutes that somebody can see.
#[derive(Debug, Clone, Copy)]
pub(super) enum Whose<'a> {
    /// Those that they own.
    OwnedBy(&'a OpenId),
    /// Those that they took part in.
    AttendedBy(&'a OpenId),
}

/// Everything of that kind, created in [`from_ms`, `to_ms`).
pub(super) async fn search_all(
    client: &Client,
    access: &SecretString,
    whose: Whose<'_>,
    from_ms: i64,
    to_ms: i64,
) -> Result<Found, Error> {
    let mut found = Found::default();
    let mut windows = vec![(from_ms, to_ms)];
    while let Some((from_ms, to_ms)) = windows.pop() {
        let hits = search_window(client, access, whose, (from_ms, to_ms), &mut found).await?;
        if hits < SUSPICIOUS_HITS {
            continue;
        }
        let middle = from_ms + (to_ms - from_ms) / 2;
        if to_ms - from_ms <= NARROWEST_MS {
            warn!(
                ?whose,
                from_ms, to_ms, hits, "more recordings in a minute than a search can be trusted to list"
            );
        } else {
            windows.extend([(from_ms, middle), (middle, to_ms)]);
        }
    }
    Ok(found)
}

async fn search_window(
    client: &Client,
    access: &SecretString,
    whose: Whose<'_>,
    (from_ms, to_ms): (i64, i64),
    found: &mut Found,
) -> Result<usize, Error> {
    let (owner_ids, participant_ids) = match whose {
        Whose::OwnedBy(person) => (vec![person.clone()], Vec::new()),
        Whose::AttendedBy(person) => (Vec::new(), vec![person.clone()]),
    };
    let search =
        MinuteSearch { owner_ids, participant_ids, from_ms: Some(from_ms), to_ms: Some(to_ms), query: None };
    let mut hits = BTreeSet::new();
    let mut page_token: Option<String> = None;
    let mut is_cut_short = false;
    for _ in 0..MOST_PAGES {
        let page = client.search_minutes(access, &search, page_token.as_deref()).await?;
        if page.skipped_items > 0 {
            warn!(?whose, items = page.skipped_items, "search returned items without a usable token");
        }
        found.served_at_ms = found.served_at_ms.or(page.served_at_ms);
        let before = hits.len();
        hits.extend(page.tokens);
        // A page that brings nothing new is the same page again.
        let brought_nothing = hits.len() == before;
        is_cut_short = page.has_more;
        match page.page_token {
            Some(next) if page.has_more && !brought_nothing => page_token = Some(next),
            _ => break,
        }
    }
    // More was promised than came: narrower windows bring it. Where nothing came, nothing can be narrowed.
    let count = if is_cut_short && !hits.is_empty() { hits.len().max(SUSPICIOUS_HITS) } else { hits.len() };
    found.tokens.append(&mut hits);
    Ok(count)
}

//! The rows of the page for storage.

use std::collections::BTreeMap;

use archive::retention::{Hold, InTrash, OpenFault, Rule, TRASH_MS, WouldTake};

use crate::amounts::size;
use crate::moments::Moments;
use crate::reading_room::titled;
use crate::words::Words;

type Names = BTreeMap<String, String>;

pub(super) fn bytes(bytes: i64) -> String {
    size(bytes.unsigned_abs())
}

pub(super) fn named(names: &Names, id: &str) -> String {
    names.get(id).cloned().unwrap_or_else(|| id.to_owned())
}

/// One rule.
pub(super) struct RuleRow {
    pub(super) id: String,
    /// What it takes, as a sentence.
    pub(super) what: String,
    pub(super) is_on: bool,
    /// Who switched it on and when, or who made it and when.
    pub(super) by: String,
    pub(super) count: i64,
    pub(super) size: String,
}

impl RuleRow {
    pub(super) fn new(rule: Rule, would: WouldTake, names: &Names, moments: &Moments, words: Words) -> Self {
        let mut what = vec![words.say_with("storage-rule-age", &[("days", rule.age_days.into())])];
        if let Some(owner) = &rule.open_id {
            what.push(words.say_with("storage-rule-owner", &[("name", named(names, owner).into())]));
        }
        if let Some(kind) = &rule.kind {
            what.push(words.say(&format!("library-{kind}")));
        }
        let (who, when) = match (&rule.on_by, rule.on_at) {
            (Some(by), Some(at)) => (by, at),
            _ => (&rule.made_by, rule.made_at),
        };
        Self {
            what: what.join(" · "),
            is_on: rule.is_on(),
            by: format!("{} · {}", named(names, who), moments.say(Some(when))),
            count: would.count,
            size: bytes(would.bytes),
            id: rule.id,
        }
    }
}

/// A file that was found damaged or gone.
pub(super) struct FaultRow {
    pub(super) title: String,
    pub(super) token: String,
    pub(super) part: String,
    pub(super) why: String,
    /// Whether the reader may open its history.
    pub(super) has_history: bool,
}

impl FaultRow {
    pub(super) fn new(fault: &OpenFault, has_history: bool, words: Words) -> Self {
        Self {
            title: titled(fault.title.as_deref(), words),
            token: fault.minute_token.to_string(),
            part: words.artifact_kind(fault.kind),
            why: words.reason(fault.reason),
            has_history,
        }
    }
}

/// One hold.
pub(super) struct HoldRow {
    pub(super) id: String,
    /// The recording's title, or the person's name.
    pub(super) on: String,
    /// Its token, or their open_id.
    pub(super) subject: String,
    pub(super) is_on_person: bool,
    pub(super) reason: String,
    pub(super) placed: String,
    /// Who lifted it, when, and why; empty while it holds.
    pub(super) lifted: String,
}

impl HoldRow {
    pub(super) fn new(hold: Hold, names: &Names, moments: &Moments, words: Words) -> Self {
        let by = |who: &str, at| format!("{} · {}", named(names, who), moments.say(Some(at)));
        let lifted = hold.lifted_by.as_deref().zip(hold.lifted_at).map(|(who, at)| match &hold.lifted_why {
            Some(why) => format!("{} · {why}", by(who, at)),
            None => by(who, at),
        });
        let is_on_person = hold.open_id.is_some();
        let subject = hold.open_id.or(hold.minute_token).unwrap_or_default();
        Self {
            id: hold.id,
            on: if is_on_person { named(names, &subject) } else { titled(hold.title.as_deref(), words) },
            placed: by(&hold.placed_by, hold.placed_at),
            is_on_person,
            subject,
            reason: hold.reason,
            lifted: lifted.unwrap_or_default(),
        }
    }
}

/// One recording in the trash.
pub(super) struct TrashRow {
    pub(super) token: String,
    pub(super) title: String,
    pub(super) owner: String,
    pub(super) size: String,
    pub(super) since: String,
    /// Who put it there, and whether by a rule.
    pub(super) by: String,
    pub(super) left: String,
    pub(super) is_held: bool,
    pub(super) is_moving: bool,
}

impl TrashRow {
    pub(super) fn new(it: InTrash, names: &Names, moments: &Moments, words: Words) -> Self {
        let by = named(names, &it.trashed_by);
        let days = moments.days_until(it.trashed_at.saturating_add(TRASH_MS));
        Self {
            token: it.minute_token.to_string(),
            title: titled(it.title.as_deref(), words),
            owner: it.owner_id.map(|id| named(names, &id)).unwrap_or_default(),
            size: bytes(it.bytes),
            since: moments.say(Some(it.trashed_at)),
            by: match it.rule_id {
                Some(_) => words.say_with("storage-by-rule", &[("name", by.into())]),
                None => by,
            },
            left: words.say_with("days-left", &[("count", days.into())]),
            is_held: it.is_held == 1,
            is_moving: it.is_moving == 1,
        }
    }
}

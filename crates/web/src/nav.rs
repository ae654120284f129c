//! The navigation: which pages there are for whom.

use archive::model::Role;

/// One page.
pub(crate) struct Entry {
    pub(crate) path: &'static str,
    /// The key of its name.
    pub(crate) key: &'static str,
}

const fn entry(path: &'static str, key: &'static str) -> Entry {
    Entry { path, key }
}

/// The pages of somebody with this role, in the order of their use.
pub(crate) fn entries(role: Role) -> Vec<Entry> {
    let mut entries = vec![entry("/recordings", "nav-library"), entry("/search", "nav-search")];
    if role == Role::Administrator {
        entries.extend([
            entry("/overview", "nav-overview"),
            entry("/queue", "nav-queue"),
            entry("/people", "nav-people"),
            entry("/health", "nav-health"),
        ]);
    }
    if role != Role::Member {
        entries.extend([
            entry("/coverage", "nav-coverage"),
            entry("/storage", "nav-storage"),
            entry("/audit", "nav-audit"),
        ]);
    }
    if role == Role::Administrator {
        entries.push(entry("/settings", "nav-settings"));
    }
    entries.extend([entry("/sessions", "nav-sessions"), entry("/tokens", "nav-tokens")]);
    entries
}

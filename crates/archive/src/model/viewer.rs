//! Who looks at the archive, and what they may see of it.

use super::{OpenId, text_enum};

text_enum! {
    /// What somebody who has signed in is here for.
    pub enum Role {
        /// Sees what they own or attended.
        Member = "member",
        /// Runs the service: sees everybody's metadata, and as content no more than a member.
        Administrator = "administrator",
        /// May open everything; each opening is recorded.
        Auditor = "auditor",
    }
}

/// Somebody who has signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// Who.
    pub open_id: OpenId,
    /// As what.
    pub role: Role,
}

impl Viewer {
    /// Whether titles, owners, sizes and states of everybody's recordings are shown.
    #[must_use]
    pub fn may_list_everything(&self) -> bool {
        matches!(self.role, Role::Administrator | Role::Auditor)
    }

    /// Whether everybody's media, transcripts and summaries may be opened.
    #[must_use]
    pub fn may_open_everything(&self) -> bool {
        self.role == Role::Auditor
    }
}

//! Whose recordings are brought in.

use super::text_enum;

text_enum! {
    /// Which of the recordings that a member can see a search brings in. There is one copy of each, however
    /// many members see it.
    pub enum Scope {
        /// Those that they own.
        Owned = "owned",
        /// Also those of meetings in which they took part.
        OwnedAndAttended = "owned_and_attended",
    }
}

impl Scope {
    /// Whether a look with this scope has seen all that `wanted` asks for.
    #[must_use]
    pub fn covers(self, wanted: Self) -> bool {
        self == Self::OwnedAndAttended || wanted == Self::Owned
    }
}

//! How far it was looked for what a member attended.

use super::OpenId;

/// One member's looks for recordings of others. Times are the platform's, unix ms.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct AttendedLooks {
    /// The member.
    #[sqlx(try_from = "String")]
    pub open_id: OpenId,
    /// Up to here everything has been seen.
    pub seen_to_ms: i64,
    /// How far back their history is gone through.
    pub goal_ms: i64,
    /// How far back it has been gone through.
    pub reached_ms: i64,
    /// How much time the next window back takes in.
    pub span_ms: i64,
}

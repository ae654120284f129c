//! A member: an employee who has authorised us at least once, or whom an old installation knew.

use super::{OpenId, Reason, text_enum};

text_enum! {
    /// How a member's authorisation stands.
    pub enum MemberState {
        /// The grant works, as far as we know.
        Active = "active",
        /// The grant is over; only the person can give a new one.
        MustAuthorise = "must_authorise",
        /// The account is gone, frozen or out of the app's reach; the administrator should know.
        Departed = "departed",
    }
}

/// One member as the catalogue knows them. Tokens are not part of it.
#[derive(Debug, Clone, serde::Serialize, sqlx::FromRow)]
pub struct Member {
    /// The one id that is always there, per app.
    #[sqlx(try_from = "String")]
    pub open_id: OpenId,
    /// Name as the platform last gave it.
    pub name: String,
    /// Whether the grant can be used.
    #[sqlx(try_from = "String")]
    pub state: MemberState,
    /// Why the state is not `Active`, or what troubles an active grant.
    pub reason: Option<String>,
    /// Platform code, message and log id behind the reason.
    pub reason_detail: Option<String>,
    /// Since when that is the reason, unix ms.
    pub reason_at: Option<i64>,
    /// When the state last changed, unix ms.
    pub state_at: i64,
    /// When the person last clicked "allow", unix ms.
    pub authorised_at: Option<i64>,
    /// Scopes really granted, separated by spaces.
    pub scopes: String,
    /// Platform time up to which a patrol has seen everything, unix ms.
    pub patrolled_to: Option<i64>,
    /// When the last patrol ended well, by our clock, unix ms.
    pub patrolled_at: Option<i64>,
    /// What stopped the last patrol, when something did.
    pub patrol_error: Option<String>,
    /// The same as one of our words, where there is one for it.
    pub patrol_reason: Option<String>,
    /// Since when the platform tells us of this member's new minutes, as far as known, unix ms.
    pub subscribed_at: Option<i64>,
    /// When it was last asked to, unix ms.
    pub subscription_asked_at: Option<i64>,
    /// Why it refused the last time, if it did.
    pub subscription_reason: Option<String>,
    /// Platform code, message and log id behind that reason.
    pub subscription_error: Option<String>,
    /// When it last told us of a new minute of theirs, unix ms.
    pub heard_at: Option<i64>,
    /// Until when the last token of somebody who has left is still tried, unix ms.
    pub sweep_until: Option<i64>,
    /// In which language they read our pages: a short tag such as `zh` or `en`.
    pub language: Option<String>,
}

impl Member {
    /// The reason, typed, when this version knows the word.
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        self.reason.as_deref().and_then(|word| word.parse().ok())
    }

    /// Why the subscription was refused, typed, when this version knows the word.
    #[must_use]
    pub fn subscription_reason(&self) -> Option<Reason> {
        self.subscription_reason.as_deref().and_then(|word| word.parse().ok())
    }

    /// Why the last patrol failed, typed, when it did and this version knows the word.
    #[must_use]
    pub fn patrol_reason(&self) -> Option<Reason> {
        self.patrol_reason.as_deref().and_then(|word| word.parse().ok())
    }

    /// Granted scopes, one by one.
    pub fn granted(&self) -> impl Iterator<Item = &str> {
        self.scopes.split_whitespace()
    }
}

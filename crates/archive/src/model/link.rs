//! How the long connection to the platform stands.

use feishu::LinkRefusal;

use super::text_enum;

text_enum! {
    /// Where one node's long connection stands.
    pub enum LinkState {
        /// It is being opened.
        Connecting = "connecting",
        /// Events come over it.
        Connected = "connected",
        /// It was lost, or could not be opened; it is tried again by itself.
        Waiting = "waiting",
        /// It is refused until somebody acts; it is tried again all the same, calmly.
        Refused = "refused",
        /// The service has ended, or was told to do without.
        Closed = "closed",
    }
}

text_enum! {
    /// What an operator has to see to before there can be a long connection.
    pub enum LinkTrouble {
        /// The app's id or secret.
        Credentials = "credentials",
        /// The app may not receive events this way.
        Forbidden = "forbidden",
        /// Other programs have taken all connections of the app.
        TooManyConnections = "too_many_connections",
        /// The platform's address leads where our guard does not go.
        AddressRefused = "address_refused",
        /// A code that this version does not know.
        UnknownCode = "unknown_code",
    }
}

impl From<LinkRefusal> for LinkTrouble {
    fn from(refusal: LinkRefusal) -> Self {
        match refusal {
            LinkRefusal::Credentials => Self::Credentials,
            LinkRefusal::Forbidden => Self::Forbidden,
            LinkRefusal::TooMany => Self::TooManyConnections,
            LinkRefusal::Address => Self::AddressRefused,
            LinkRefusal::Unknown => Self::UnknownCode,
        }
    }
}

/// How one node's long connection stands, as it last noted it itself.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct LinkStanding {
    /// Which node's.
    pub node: String,
    /// Where it stands.
    #[sqlx(try_from = "String")]
    pub state: LinkState,
    /// Since when, unix ms.
    pub state_at: i64,
    /// What somebody has to see to; a word of [`LinkTrouble`].
    pub trouble: Option<String>,
    /// The platform's own words, its code and log id, or what broke.
    pub detail: Option<String>,
    /// When it is tried again, unix ms.
    pub retry_at: Option<i64>,
    /// When anything last came over it, unix ms.
    pub heard_at: Option<i64>,
    /// When this was written, unix ms.
    pub noted_at: i64,
}

impl LinkStanding {
    /// What somebody has to see to, typed, when this version knows the word.
    #[must_use]
    pub fn trouble(&self) -> Option<LinkTrouble> {
        self.trouble.as_deref().and_then(|word| word.parse().ok())
    }
}

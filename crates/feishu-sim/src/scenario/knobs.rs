//! What the platform's documentation leaves open, or what a test wants to turn: each has both answers.

use serde::{Deserialize, Serialize};

/// How the platform behaves where its documentation is silent or contradicts itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent switch of a control panel")]
pub struct Knobs {
    /// Whether the published rate limits hold.
    pub rate_limits: bool,
    /// 429, or 400 as older APIs answer.
    pub rate_limit_status: u16,
    /// `note_id` is a string in the documentation, an int in one SDK.
    pub note_id: NoteId,
    /// `create_time` and `duration` of a minute as strings (documented) or as numbers.
    pub string_numbers: bool,
    /// Leaves every field of a minute but `token` out.
    pub bare_minutes: bool,
    /// What the address of a minute's cover answers.
    pub cover: CoverAccess,
    /// Hits after which a search silently stops.
    pub search_hits: usize,
    /// Whether `minutes/search` takes a tenant token: one SDK lists it, the page does not.
    pub search_by_tenant: bool,
    /// Whether a tenant token may read every minute.
    pub minutes_by_tenant: bool,
    /// Whether `meeting_list` names organizers by the tenant's `user_id` whatever was asked for, as its example does.
    pub meeting_list_tenant_ids: bool,
    /// Whether the media host answers HEAD; else 405.
    pub media_head: bool,
    /// Whether the media host honours Range; else 200 and the whole body.
    pub media_ranges: bool,
    /// Per-connection speed limit of the media host.
    pub media_bytes_per_second: Option<u64>,
    /// How long a download URL lives.
    pub media_url_ttl_ms: i64,
    /// Waits this long before every API answer.
    pub latency_ms: u64,
    /// A used code answers 20003 (the platform page here) or 20065 (the official table).
    pub used_code: i64,
    /// A used refresh token answers 20064 or 20073; both are documented.
    pub used_refresh_token: i64,
    /// What the `Date` header adds to the stand-in's clock; absent: the header shows real time.
    pub date_skew_ms: Option<i64>,
    /// Whether an access token outlives the revocation of its authorisation until its own end.
    pub revoked_access_lives: bool,
    /// Accept tokens that this process does not remember but its app signed, as a platform that
    /// outlives the stand-in's restart would.
    pub remember_tokens: bool,
    /// The long connection.
    pub long_connection: LinkKnobs,
}

/// How long connections are kept, and how events come over them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LinkKnobs {
    /// Connections of the app at most.
    pub max_connections: usize,
    /// Where one too many is refused: the documentation does not say.
    pub too_many_at: TooManyAt,
    /// Into how many parts each event is cut.
    pub parts: usize,
    /// In which order they are sent.
    pub part_order: PartOrder,
    /// What answers a ping.
    pub pong: Pong,
    /// `ReconnectCount`; negative: for ever.
    pub reconnect_count: i64,
    /// `ReconnectInterval`, in seconds.
    pub reconnect_interval: u64,
    /// `ReconnectNonce`, in seconds.
    pub reconnect_nonce: u64,
    /// `PingInterval`, in seconds.
    pub ping_interval: u64,
}

/// Where one connection too many is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TooManyAt {
    /// When the address is asked for.
    Endpoint,
    /// When it is connected to.
    Upgrade,
}

/// In which order an event's parts are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartOrder {
    /// 0, 1, 2, …
    #[default]
    Straight,
    /// …, 2, 1, 0
    Reversed,
    /// Any.
    Shuffled,
}

/// What answers a ping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pong {
    /// A pong with the settings in it.
    Settings,
    /// A pong with nothing in it.
    Empty,
    /// Nothing.
    None,
}

/// Who may fetch the cover of a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CoverAccess {
    /// Whoever has its address.
    Open,
    /// Nobody: 403.
    Refused,
    /// Browsers that are signed in; others are led to a page.
    Login,
}

/// How a minute's `note_id` is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoteId {
    /// `"7616590025794260496"`
    String,
    /// `7616590025794260496`
    Int,
    /// Left out.
    Absent,
}

impl Default for Knobs {
    fn default() -> Self {
        Self {
            rate_limits: true,
            rate_limit_status: 429,
            note_id: NoteId::String,
            string_numbers: true,
            bare_minutes: false,
            cover: CoverAccess::Open,
            search_hits: 50,
            search_by_tenant: false,
            minutes_by_tenant: false,
            meeting_list_tenant_ids: false,
            media_head: true,
            media_ranges: true,
            media_bytes_per_second: None,
            media_url_ttl_ms: crate::clock::DAY,
            latency_ms: 0,
            used_code: 20_003,
            used_refresh_token: 20_064,
            date_skew_ms: None,
            revoked_access_lives: false,
            remember_tokens: true,
            long_connection: LinkKnobs::default(),
        }
    }
}

impl Default for LinkKnobs {
    fn default() -> Self {
        Self {
            max_connections: 50,
            too_many_at: TooManyAt::Upgrade,
            parts: 1,
            part_order: PartOrder::Straight,
            pong: Pong::Settings,
            reconnect_count: -1,
            reconnect_interval: 120,
            reconnect_nonce: 30,
            ping_interval: 120,
        }
    }
}

//! Why something stands where it stands. The word is stored; the sentence that a person reads is made
//! from it in their language (`web/locales`), so that a reason can be read in Chinese and in English.

use super::text_enum;

text_enum! {
    /// Every reason that a recording, an artifact or a member can have.
    pub enum Reason {
        /// 2091003: the platform is still working on it.
        NotReady = "not_ready",
        /// 2091005: may perhaps be viewed, may not be exported.
        ExportDenied = "export_denied",
        /// 2091004: deleted at the source.
        Deleted = "deleted",
        /// 2091002: the platform knows no such minute.
        NotFound = "not_found",
        /// Nobody who can see it has a working grant.
        NoGrant = "no_grant",
        /// 99991679: the person did not grant the scope.
        ScopeNotGranted = "scope_not_granted",
        /// 99991672: the app itself lacks the scope.
        AppLacksScope = "app_lacks_scope",
        /// The platform answered, and there is nothing in it.
        Empty = "empty",
        /// Still not ready after the longest time that we ask.
        NeverProduced = "never_produced",
        /// Network trouble, 5xx, or an answer that makes no sense.
        PlatformTrouble = "platform_trouble",
        /// The platform refused the request for good; the code is in the detail.
        PlatformRefused = "platform_refused",
        /// Too many requests; goes on by itself.
        RateLimited = "rate_limited",
        /// What came was not a media file (an error page, JSON, nothing).
        NotMedia = "not_media",
        /// Fewer or more bytes came than were promised, or the file ends inside a box.
        Truncated = "truncated",
        /// The download address points where we may not go.
        AddressRefused = "address_refused",
        /// The archive's disk is full.
        DiskFull = "disk_full",
        /// The archive folder cannot be written.
        ArchiveNotWritable = "archive_not_writable",
        /// A file of the archive was found to be other than what was archived; it is fetched again.
        FileDamaged = "file_damaged",
        /// A file of the archive was found to be gone; it is fetched again.
        FileMissing = "file_missing",
        /// It was archived, its file is damaged or gone, and the platform has it no more.
        Lost = "lost",
        /// Known as held by an old installation, but its file was not found.
        HeldElsewhere = "held_elsewhere",
        /// 20037: the authorisation has run its time.
        GrantExpired = "grant_expired",
        /// Less than 14 days are left of the 365.
        GrantEnding = "grant_ending",
        /// 20064 or the event: the authorisation was withdrawn.
        GrantRevoked = "grant_revoked",
        /// 20073: the refresh token had been used already, by another program or just before a crash.
        GrantUsedElsewhere = "grant_used_elsewhere",
        /// 20026: a token of the old kind.
        GrantTooOld = "grant_too_old",
        /// The platform gave no refresh token (offline_access missing).
        NoRefreshToken = "no_refresh_token",
        /// Taken over from an old installation; has to authorise once.
        Imported = "imported",
        /// The process that renews grants was ended in its work; whether it had done it is not known.
        RenewalInterrupted = "renewal_interrupted",
        /// The data folder cannot be written, or its disk is full; no token is spent till it can.
        DataDirNotWritable = "data_dir_not_writable",
        /// 20008, 20010, 20066: gone, frozen, or out of the app's reach.
        AccountUnavailable = "account_unavailable",
        /// 20002, 20048, 20069, 20009, 20074: the app's own settings stand in the way.
        AppMisconfigured = "app_misconfigured",
        /// The app's bot is off, or may not send.
        BotUnavailable = "bot_unavailable",
        /// 230013 and the like: this person gets no messages from the app.
        BotOutOfReach = "bot_out_of_reach",
        /// The operator's address takes no posts.
        WebhookFailed = "webhook_failed",
        /// It is in the trash.
        Trashed = "trashed",
        /// It was removed from the archive on purpose.
        Purged = "purged",
        /// 20001 and the like: the platform could not make sense of our request.
        RequestMalformed = "request_malformed",
    }
}

/// Whose move it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mover {
    /// Goes on by itself.
    Nobody,
    /// The employee must do something.
    Employee,
    /// The IT administrator must do something.
    Administrator,
}

impl Reason {
    /// Whose move it is.
    #[must_use]
    pub const fn mover(self) -> Mover {
        match self {
            Self::NotReady
            | Self::Deleted
            | Self::NotFound
            | Self::Empty
            | Self::NeverProduced
            | Self::PlatformTrouble
            | Self::RateLimited
            | Self::RenewalInterrupted
            | Self::Trashed
            | Self::Purged
            | Self::NotMedia
            | Self::FileDamaged
            | Self::FileMissing
            | Self::Truncated => Mover::Nobody,
            Self::NoGrant
            | Self::ExportDenied
            | Self::ScopeNotGranted
            | Self::GrantExpired
            | Self::GrantEnding
            | Self::GrantRevoked
            | Self::GrantUsedElsewhere
            | Self::GrantTooOld
            | Self::Imported => Mover::Employee,
            Self::AppLacksScope
            | Self::PlatformRefused
            | Self::AddressRefused
            | Self::DiskFull
            | Self::ArchiveNotWritable
            | Self::DataDirNotWritable
            | Self::HeldElsewhere
            | Self::Lost
            | Self::NoRefreshToken
            | Self::AccountUnavailable
            | Self::AppMisconfigured
            | Self::BotUnavailable
            | Self::BotOutOfReach
            | Self::WebhookFailed
            | Self::RequestMalformed => Mover::Administrator,
        }
    }
}

//! Which scopes are asked of a person: the fewest that the enabled features need.

use crate::model::ArtifactKind;

/// What the archive fetches beyond the media.
#[derive(Debug, Clone, Copy)]
pub struct Features {
    /// Transcripts, as text and as captions.
    pub transcripts: bool,
    /// Summary, chapters, to-dos.
    pub summaries: bool,
}

/// Scopes that the app itself uses, with a tenant token or for events; nobody is asked for them.
pub const APP_SCOPES: &[&str] =
    &["vc:record:readonly", "vc:meeting.all_meeting:readonly", "auth:user_access_token:read"];

/// What one administrator grants so that the company's own record of its meetings can be read; nobody else is
/// asked for it. They need the admin console's meeting-management right, too.
pub const COMPANY_RECORD_SCOPE: &str = "vc:rooms.room.detailinfo:read";

/// Events to subscribe to in the developer console.
pub const EVENTS: &[&str] = &[
    "vc.meeting.recording_ready_v1",
    "vc.meeting.all_meeting_ended_v1",
    "minutes.minute.generated_v1",
    "auth.user_access_token.revoked_v4",
];

impl Features {
    /// The scopes that a member has to grant. Without `offline_access` there is no refresh token.
    #[must_use]
    pub fn user_scopes(self) -> Vec<&'static str> {
        let mut scopes = vec![
            "offline_access",
            "minutes:minutes.basic:read",
            "minutes:minutes.search:read",
            "minutes:minutes.media:export",
        ];
        if self.transcripts {
            scopes.push("minutes:minutes.transcript:export");
        }
        if self.summaries {
            scopes.push("minutes:minutes.artifacts:read");
        }
        scopes
    }

    /// Whether this artifact is wanted at all.
    #[must_use]
    pub const fn wants(self, kind: ArtifactKind) -> bool {
        match kind {
            ArtifactKind::Media | ArtifactKind::Cover | ArtifactKind::Sidecar => true,
            ArtifactKind::TranscriptTxt | ArtifactKind::TranscriptSrt => self.transcripts,
            ArtifactKind::Summary => self.summaries,
        }
    }

    /// What is needed and was not granted.
    #[must_use]
    pub fn missing<'a>(self, granted: impl IntoIterator<Item = &'a str>) -> Vec<&'static str> {
        let granted: Vec<&str> = granted.into_iter().collect();
        self.user_scopes().into_iter().filter(|needed| !is_granted(needed, &granted)).collect()
    }
}

/// Whether a granted scope covers the needed one: some are covered by an older, wider one.
fn is_granted(needed: &str, granted: &[&str]) -> bool {
    granted.contains(&needed)
        || match needed {
            "minutes:minutes.basic:read" => granted.contains(&"minutes:minutes:readonly"),
            "minutes:minutes.media:export" => granted.contains(&"minutes:minute:download"),
            _ => false,
        }
}

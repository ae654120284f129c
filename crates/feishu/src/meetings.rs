//! Meetings (视频会议): which minute a meeting's recording became. Feishu docs: vc-v1/meeting-recording/get.

use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};

use crate::budget::Api;
use crate::client::Client;
use crate::error::Error;
use crate::ids::{MeetingId, MinuteToken};
use crate::lenient;

/// In whose name a meeting is asked about.
#[derive(Debug, Clone, Copy)]
pub enum Caller<'a> {
    /// The app: every meeting of the tenant.
    Tenant,
    /// A person: their own meetings.
    User(&'a SecretString),
}

/// A meeting's recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeetingRecording {
    /// The page of the recording.
    pub url: Option<String>,
    /// The minute behind that page, where the address names one.
    pub minute_token: Option<MinuteToken>,
    /// Length in milliseconds.
    pub duration_ms: Option<i64>,
}

impl Client {
    /// The recording of one meeting. [`Error::NotReady`] while it is made, [`Error::NotFound`] when there is
    /// none. Scope `vc:record:readonly`.
    pub async fn meeting_recording(
        &self,
        meeting: &MeetingId,
        caller: Caller<'_>,
    ) -> Result<MeetingRecording, Error> {
        let access = match caller {
            Caller::User(access) => return self.recording_with(meeting, access).await,
            Caller::Tenant => self.tenant_token().await?,
        };
        match self.recording_with(meeting, &access).await {
            Err(Error::Unauthorized(_)) => {
                self.forget_tenant_token(&access).await;
                self.recording_with(meeting, &self.tenant_token().await?).await
            }
            outcome => outcome,
        }
    }

    async fn recording_with(
        &self,
        meeting: &MeetingId,
        access: &SecretString,
    ) -> Result<MeetingRecording, Error> {
        let request = self
            .request(Method::GET, &format!("/open-apis/vc/v1/meetings/{meeting}/recording"))
            .bearer_auth(access.expose_secret());
        let answer = self.call(Api::MeetingRecording, request).await?;
        let recording = answer
            .data()?
            .get("recording")
            .filter(|recording| recording.is_object())
            .ok_or_else(|| answer.without("recording"))?;
        let url = lenient::text(recording, "url");
        Ok(MeetingRecording {
            minute_token: url.as_deref().and_then(MinuteToken::from_url),
            url,
            duration_ms: lenient::integer(recording, "duration"),
        })
    }
}

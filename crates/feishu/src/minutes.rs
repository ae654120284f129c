//! One minute (妙记): its metadata, the address of its media, its transcript, and what the platform's AI made
//! of it. Feishu docs: minutes-v1.

use bytes::Bytes;
use reqwest::{Method, RequestBuilder};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::budget::Api;
use crate::client::Client;
use crate::error::Error;
use crate::ids::{MinuteToken, OpenId};
use crate::lenient;
use crate::media::MediaUrl;

/// A transcript of many hours is a few megabytes; above this it is something else.
const MAX_TRANSCRIPT_BYTES: usize = 64 * 1024 * 1024;

/// A minute's metadata. Everything but the token may be missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Minute {
    /// The token asked for.
    pub token: MinuteToken,
    /// Whose it is.
    pub owner_id: Option<OpenId>,
    /// The title, as people wrote it.
    pub title: Option<String>,
    /// When it was made, Unix milliseconds.
    pub create_time_ms: Option<i64>,
    /// Its length in milliseconds.
    pub duration_ms: Option<i64>,
    /// Its page.
    pub url: Option<String>,
    /// Its picture.
    pub cover: Option<String>,
    /// The note that belongs to it.
    pub note_id: Option<String>,
    /// `data.minute` as it came.
    pub raw: Value,
}

/// The platform's two kinds of transcript file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TranscriptFormat {
    /// Plain text with speakers and times.
    Txt,
    /// Subtitles.
    Srt,
}

/// What the platform's AI made of a minute.
#[derive(Debug, Clone, PartialEq)]
pub struct Artifacts {
    /// The summary; Markdown may occur.
    pub summary: Option<String>,
    /// In the order the platform gives.
    pub chapters: Vec<Chapter>,
    /// In the order the platform gives.
    pub todos: Vec<Todo>,
    /// `data` as it came.
    pub raw: Value,
}

/// One part of a meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chapter {
    /// May be empty.
    pub title: String,
    /// Milliseconds from the start of the recording.
    pub start_ms: Option<i64>,
    /// Milliseconds from the start of the recording.
    pub stop_ms: Option<i64>,
    /// What was said.
    pub summary: Option<String>,
}

/// Something somebody is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Todo {
    /// What.
    pub content: String,
    /// Who, as names.
    pub assignees: Vec<String>,
}

impl Client {
    /// A minute's metadata. Scope `minutes:minutes.basic:read` or `minutes:minutes:readonly`.
    pub async fn minute(&self, access: &SecretString, token: &MinuteToken) -> Result<Minute, Error> {
        let request = self.minute_request(access, token, "").query(&[("user_id_type", "open_id")]);
        let answer = self.call(Api::Minute, request).await?;
        let minute = answer
            .data()?
            .get("minute")
            .filter(|minute| minute.is_object())
            .ok_or_else(|| answer.without("minute"))?;
        Ok(Minute {
            token: token.clone(),
            owner_id: lenient::text(minute, "owner_id").and_then(|id| OpenId::parse(&id).ok()),
            title: lenient::text(minute, "title"),
            create_time_ms: lenient::integer(minute, "create_time"),
            duration_ms: lenient::integer(minute, "duration"),
            url: lenient::text(minute, "url"),
            cover: lenient::text(minute, "cover"),
            note_id: lenient::text(minute, "note_id"),
            raw: minute.clone(),
        })
    }

    /// Where the media can be fetched for a day. Scope `minutes:minutes.media:export`.
    pub async fn media_url(&self, access: &SecretString, token: &MinuteToken) -> Result<MediaUrl, Error> {
        let answer = self.call(Api::MinuteMedia, self.minute_request(access, token, "/media")).await?;
        let url = lenient::text(answer.data()?, "download_url").and_then(|url| MediaUrl::parse(&url));
        Ok(url.ok_or_else(|| answer.without("download_url"))?)
    }

    /// The transcript file, with speakers and times; may be empty. Scope
    /// `minutes:minutes.transcript:export`.
    pub async fn transcript(
        &self,
        access: &SecretString,
        token: &MinuteToken,
        format: TranscriptFormat,
    ) -> Result<Bytes, Error> {
        let file_format = match format {
            TranscriptFormat::Txt => "txt",
            TranscriptFormat::Srt => "srt",
        };
        let request = self.minute_request(access, token, "/transcript").query(&[
            ("need_speaker", "true"),
            ("need_timestamp", "true"),
            ("file_format", file_format),
        ]);
        let timeout = self.inner.timeouts.transcript;
        Ok(self.call_for_file(Api::Transcript, request, timeout, MAX_TRANSCRIPT_BYTES).await?)
    }

    /// Summary, chapters and to-dos. Scope `minutes:minutes.artifacts:read`.
    pub async fn artifacts(&self, access: &SecretString, token: &MinuteToken) -> Result<Artifacts, Error> {
        let answer = self.call(Api::Artifacts, self.minute_request(access, token, "/artifacts")).await?;
        let data = answer.data()?;
        Ok(Artifacts {
            summary: lenient::text(data, "summary"),
            chapters: lenient::list(data, "minute_chapters").iter().map(read_chapter).collect(),
            todos: lenient::list(data, "minute_todos").iter().map(read_todo).collect(),
            raw: data.clone(),
        })
    }

    /// Asks the platform to send `minutes.minute.generated_v1` for this person; without it the event never
    /// comes. Asking again is harmless. Scope `minutes:minutes.basic:read`.
    pub async fn subscribe_to_minutes(&self, access: &SecretString) -> Result<(), Error> {
        self.set_subscription(access, "subscription").await
    }

    /// Asks the platform to send that event for this person no more.
    pub async fn unsubscribe_from_minutes(&self, access: &SecretString) -> Result<(), Error> {
        self.set_subscription(access, "unsubscription").await
    }

    async fn set_subscription(&self, access: &SecretString, verb: &str) -> Result<(), Error> {
        let request = self
            .request(Method::POST, &format!("/open-apis/minutes/v1/minutes/{verb}"))
            .bearer_auth(access.expose_secret())
            .json(&serde_json::json!({ "event_type": "minutes.minute.generated_v1" }));
        self.call(Api::Subscription, request).await?;
        Ok(())
    }

    fn minute_request(&self, access: &SecretString, token: &MinuteToken, part: &str) -> RequestBuilder {
        self.request(Method::GET, &format!("/open-apis/minutes/v1/minutes/{token}{part}"))
            .bearer_auth(access.expose_secret())
    }
}

fn read_chapter(chapter: &Value) -> Chapter {
    Chapter {
        title: lenient::text(chapter, "title").unwrap_or_default(),
        start_ms: lenient::integer(chapter, "start_ms"),
        stop_ms: lenient::integer(chapter, "stop_ms"),
        summary: lenient::text(chapter, "summary_content"),
    }
}

fn read_todo(todo: &Value) -> Todo {
    // Documented as a list of names; objects are tolerated, since other APIs send people that way.
    let name = |assignee: &Value| match assignee {
        Value::String(name) => Some(name.clone()),
        person => ["name", "open_id", "user_id"].iter().find_map(|key| lenient::text(person, key)),
    };
    Todo {
        content: lenient::text(todo, "content").unwrap_or_default(),
        assignees: lenient::list(todo, "assignees").iter().filter_map(name).collect(),
    }
}

//! The media file: streamed in constant memory into a `.part`, checked, hashed, synced, renamed.
//!
//! Invariant: a file under its final name is whole. An error page is never a video.

use feishu::{Client, MediaError, MediaResponse, MediaUrl};
use tracing::info;

use super::miss::Miss;
use super::place::Place;
use super::reach::Reachers;
use crate::Archive;
use crate::catalog::FinishedFile;
use crate::model::{MinuteToken, OpenId, Reason, Recording};
use crate::verify::{MediaKind, check_mp4_file, refuse_content_type};

impl Archive {
    pub(super) async fn fetch_media(
        &self,
        token: &MinuteToken,
        recording: &Recording,
        reachers: &Reachers,
        place: &Place,
    ) -> Result<FinishedFile, Miss> {
        let (via, response) = self.open_media(token, reachers).await?;
        let content_type = response.content_type.clone();
        let part = self.receive(token, recording, response, place).await?;
        let facts = match check_mp4_file(part.path()).await {
            Ok(facts) => facts,
            Err(fault) => {
                part.discard().await?;
                return Err(fault.into());
            }
        };
        let extension = match facts.kind {
            MediaKind::Video => "mp4",
            MediaKind::Audio => "m4a",
        };
        let file_name = format!("{}.{extension}", place.stem);
        let committed = part.commit(&file_name).await?;
        info!(recording = %token, bytes = committed.bytes, sha256 = %committed.sha256, member = %via, "media archived");
        metrics::counter!("vault_media_files_total").increment(1);
        Ok(FinishedFile {
            file_name,
            bytes: i64::try_from(committed.bytes).unwrap_or(i64::MAX),
            sha256: committed.sha256,
            content_type,
            via: Some(via.to_string()),
        })
    }

    /// Asks for the address and opens it; an address that has just died is asked for once more.
    async fn open_media(
        &self,
        token: &MinuteToken,
        reachers: &Reachers,
    ) -> Result<(OpenId, MediaResponse), Miss> {
        let ask = |client: Client, access| {
            let token = token.clone();
            async move { client.media_url(&access, &token).await }
        };
        let (via, url): (OpenId, MediaUrl) = self.ask_with_grants(reachers, ask).await?;
        match self.client.open_media(&url, None).await {
            Err(MediaError::UrlExpired(_)) => {
                let (via, url) = self.ask_with_grants(&reachers.only(&via), ask).await?;
                Ok((via, self.client.open_media(&url, None).await?))
            }
            opened => Ok((via, opened?)),
        }
    }

    async fn receive(
        &self,
        token: &MinuteToken,
        recording: &Recording,
        mut response: MediaResponse,
        place: &Place,
    ) -> Result<crate::store::FinishedPart, Miss> {
        if response.status != 200 {
            return Err(Miss::failed(
                Reason::PlatformTrouble,
                format!("the media host answered {} to a request for the whole file", response.status),
            ));
        }
        if let Some(looks) = response.content_type.as_deref().and_then(refuse_content_type) {
            return Err(looks.into());
        }
        let promised = response.content_length;
        let title = recording.title.as_deref().unwrap_or(token.as_ref());
        let progress = self.transfers.begin(token, title, promised);
        // Found out before the disk is full and not by filling it: others write there, too.
        let room = self.store.room().await?;
        if let Some(promised) = promised.filter(|promised| *promised > room) {
            let detail =
                format!("the recording has {promised} bytes, the archive's disk has room for {room}");
            return Err(Miss::failed(Reason::DiskFull, detail));
        }
        let mut part = self.store.begin(&place.dir, &place.stem).await?;
        loop {
            let chunk = tokio::select! {
                biased;
                () = self.stop.cancelled() => return Err(Miss::parked()),
                chunk = response.chunk() => chunk?,
            };
            let Some(chunk) = chunk else { break };
            part.write(&chunk).await?;
            progress.add(chunk.len());
        }
        if let Some(promised) = promised
            && promised != part.bytes()
        {
            let got = part.bytes();
            part.discard().await?;
            return Err(Miss::failed(Reason::Truncated, format!("{got} of {promised} bytes came")));
        }
        Ok(part.finish().await?)
    }
}

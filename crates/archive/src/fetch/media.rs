//! The media file: transferred into a `.part`, checked, renamed.
//!
//! Invariant: a file under its final name is whole. An error page is never a video.

use tracing::{info, warn};

use super::miss::Miss;
use super::place::Place;
use super::reach::Reachers;
use super::transfer::Job;
use crate::Archive;
use crate::catalog::FinishedFile;
use crate::model::{MinuteToken, Recording};
use crate::verify::{MediaKind, Mp4Fault, check_mp4_file};

impl Archive {
    pub(super) async fn fetch_media(
        &self,
        token: &MinuteToken,
        recording: &Recording,
        reachers: &Reachers,
        place: &Place,
    ) -> Result<FinishedFile, Miss> {
        let title = recording.title.as_deref().unwrap_or(token.as_ref());
        let job = Job { token, title, reachers, place, hold: self.stop.clone() };
        let received = self.transfer(&job).await?;
        let facts = match check_mp4_file(received.part.path()).await {
            Ok(facts) => facts,
            Err(Mp4Fault::Io(error)) => return Err(Mp4Fault::Io(error).into()),
            Err(fault) => {
                let kept = received.part.reject(token.as_ref(), &fault.to_string()).await?;
                warn!(recording = %token, %fault, kept = %kept.display(), "what came is no recording; set aside");
                return Err(fault.into());
            }
        };
        let extension = match facts.kind {
            MediaKind::Video => "mp4",
            MediaKind::Audio => "m4a",
        };
        let file_name = format!("{}.{extension}", place.stem);
        let committed = received.part.commit(&file_name).await?;
        info!(recording = %token, bytes = committed.bytes, sha256 = %committed.sha256, "media archived");
        metrics::counter!("vault_media_files_total").increment(1);
        Ok(FinishedFile {
            file_name,
            bytes: i64::try_from(committed.bytes).unwrap_or(i64::MAX),
            sha256: committed.sha256,
            content_type: received.content_type,
            via: received.via.map(|via| via.to_string()),
        })
    }
}

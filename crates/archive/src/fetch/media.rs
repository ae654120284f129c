//! The media file: transferred into a `.part`, checked, renamed.
//!
//! Invariant: a file under its final name is whole. An error page is never a video.

use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::miss::Miss;
use super::place::Place;
use super::reach::Reachers;
use super::transfer::Job;
use crate::Archive;
use crate::catalog::FinishedFile;
use crate::model::Recording;
use crate::verify::{MediaKind, Mp4Fault, check_mp4_file};

impl Archive {
    pub(super) async fn fetch_media(
        &self,
        recording: &Recording,
        reachers: &Reachers,
        place: &Place,
        brake: &CancellationToken,
    ) -> Result<FinishedFile, Miss> {
        let token = &recording.minute_token;
        let title = recording.title.as_deref().unwrap_or(token.as_ref());
        let job = Job { token, title, reachers, place, hold: brake.clone() };
        let received = self.transfer(&job).await?;
        let facts = match check_mp4_file(received.part.path()).await {
            Ok(facts) => facts,
            Err(Mp4Fault::Io(error)) => return Err(Mp4Fault::Io(error).into()),
            Err(fault) => {
                let said = fault.to_string();
                let miss = Miss::from(fault);
                let kept =
                    received.part.reject(token.as_ref(), miss.reason, &said, self.clock.now_ms()).await?;
                warn!(recording = %token, fault = said, kept = %kept.display(), "what came is no recording; set aside");
                return Err(miss);
            }
        };
        let extension = match facts.kind {
            MediaKind::Video => "mp4",
            MediaKind::Audio => "m4a",
        };
        let file_name = format!("{}.{extension}", place.stem);
        let committed = received.part.commit(&file_name).await?;
        let play_ms = facts.duration_ms.and_then(|ms| i64::try_from(ms).ok());
        if let (Some(plays), Some(said)) = (play_ms, recording.duration_ms)
            && is_much_shorter(plays, said)
        {
            // Its boxes are whole: this is what the platform has. Refusing it would leave nothing at all.
            warn!(recording = %token, plays_ms = plays, said_ms = said, "the file plays shorter than the platform says");
            metrics::counter!("vault_media_short_total").increment(1);
        }
        info!(recording = %token, bytes = committed.bytes, sha256 = %committed.sha256, "media archived");
        metrics::counter!("vault_media_files_total").increment(1);
        Ok(FinishedFile {
            content_type: received.content_type,
            via: received.via.map(|via| via.to_string()),
            play_ms,
            ..FinishedFile::new(file_name, committed.bytes, committed.sha256)
        })
    }
}

/// Rounding and the end of a meeting explain some seconds, or a fiftieth; not more.
fn is_much_shorter(plays_ms: i64, said_ms: i64) -> bool {
    said_ms - plays_ms > (said_ms / 50).max(5_000)
}

#[cfg(test)]
mod tests {
    use super::is_much_shorter;

    #[test]
    fn some_seconds_or_a_fiftieth_are_no_news() {
        for (plays, said, expected) in [
            (60_000, 60_000, false),
            (55_000, 60_000, false),
            (54_999, 60_000, true),
            (3_530_000, 3_600_000, false),
            (3_500_000, 3_600_000, true),
            (70_000, 60_000, false),
        ] {
            assert_eq!(is_much_shorter(plays, said), expected, "{plays} of {said}");
        }
    }
}

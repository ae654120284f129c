//! Tells the world of a recording, or of an ended grant.

use super::body;
use super::outbox::fire;
use crate::platform::Platform;
use crate::scenario::Announce;
use crate::world::{Revocation, World};

/// Plays a recording: its waits begin, and its event goes out. Gives the event's id, if there is one.
pub(crate) fn announce(platform: &Platform, world: &mut World, minute_token: &str) -> Option<String> {
    let row = world.minute_mut(minute_token)?;
    row.played_ms.get_or_insert(platform.now());
    let minute = row.minute.clone();
    let meeting = minute.meeting_id.as_deref().and_then(|id| world.meeting(id)).cloned();
    let (event_type, event) = match (minute.announce, meeting) {
        (Announce::RecordingReady, Some(meeting)) => {
            ("vc.meeting.recording_ready_v1", body::recording_ready(world, &meeting, &minute))
        }
        (Announce::MeetingEnded, Some(meeting)) => {
            ("vc.meeting.all_meeting_ended_v1", body::all_meeting_ended(world, &meeting))
        }
        (Announce::Generated, _) => {
            let subscribed = |open_id: &&String| world.people.get(*open_id).is_some_and(|row| row.subscribed);
            let subscribers: Vec<_> =
                std::iter::once(&minute.owner).chain(&minute.viewers).filter(subscribed).cloned().collect();
            if subscribers.is_empty() {
                return None;
            }
            ("minutes.minute.generated_v1", body::minute_generated(world, &minute, &subscribers))
        }
        (Announce::None | Announce::RecordingReady | Announce::MeetingEnded, _) => return None,
    };
    Some(fire(platform, world, event_type, &event))
}

/// Ends a person's grants and says so.
pub(crate) fn announce_revocation(
    platform: &Platform,
    world: &mut World,
    open_id: &str,
    by: Revocation,
) -> String {
    let event = body::token_revoked(world, open_id, by);
    world.revoke(open_id, by);
    fire(platform, world, "auth.user_access_token.revoked_v4", &event)
}

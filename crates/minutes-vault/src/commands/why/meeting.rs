//! Why a meeting's recording is where it is: was it recorded, what was asked, what came.

use anyhow::Result;
use archive::model::{Meeting, MeetingOutcome};
use serde_json::{Value, json};

use super::{Answer, Teller};

impl Teller<'_> {
    pub(super) async fn of_meeting(&self, meeting: &Meeting) -> Result<Answer> {
        let mut sentences = vec![self.which_meeting(meeting).await?];
        sentences.push(self.words.say(match meeting.is_recorded {
            Some(1) => "why-meeting-recorded",
            Some(_) => "why-meeting-not-recorded",
            None => "why-meeting-recorded-unknown",
        }));
        let token = self.catalog.recording_of_meeting(&meeting.meeting_id).await?;
        let recording = match &token {
            Some(token) => self.of_recording(token).await?,
            None => None,
        };
        let mut object = match json!(meeting) {
            Value::Object(object) => object,
            _ => serde_json::Map::new(),
        };
        if let Some(recording) = recording {
            sentences.extend(recording.sentences);
            object.insert("recording".to_owned(), Value::Object(recording.object));
        } else {
            sentences.push(self.what_came_of_asking(meeting));
            if meeting.is_recorded != Some(0) {
                sentences.push(self.words.say(match meeting.outcome {
                    MeetingOutcome::Refused => "why-meeting-refused-fix",
                    MeetingOutcome::GoingOn | MeetingOutcome::Asking => "why-by-itself",
                    _ => "why-meeting-none-fix",
                }));
            }
        }
        Ok(Answer { sentences, object })
    }

    async fn which_meeting(&self, meeting: &Meeting) -> Result<String> {
        let owner = match (&meeting.organizer, &meeting.owner_id) {
            (Some(name), _) => name.clone(),
            (None, Some(id)) => self.name_of(id).await?,
            (None, None) => self.words.say("coverage-owner-unknown"),
        };
        let dash = || "—".to_owned();
        let variables = [
            ("topic", meeting.topic.clone().unwrap_or_else(dash)),
            ("number", meeting.meeting_no.clone().unwrap_or_else(dash)),
            ("owner", owner),
            ("began", self.moments.say(meeting.start_ms)),
        ];
        Ok(self.say("why-meeting", &variables))
    }

    fn what_came_of_asking(&self, meeting: &Meeting) -> String {
        let Some(asked_at) = meeting.asked_at else { return self.words.say("why-meeting-not-asked") };
        let outcome = self.words.meeting_outcome(meeting.outcome);
        let came = match &meeting.outcome_detail {
            Some(detail) => self.say("why-with-detail", &[("what", outcome), ("detail", detail.clone())]),
            None => outcome,
        };
        let variables =
            [("times", meeting.times_asked.to_string()), ("when", self.when(asked_at)), ("came", came)];
        self.say("why-meeting-asked", &variables)
    }
}

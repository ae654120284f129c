//! What can and cannot be known of something that the catalogue does not have, and how to look.

use anyhow::Result;
use archive::model::MemberState;
use serde_json::{Map, json};

use super::{Answer, Teller};
use crate::cli::Subject;

impl Teller<'_> {
    pub(super) async fn of_unknown(&self, what: &Subject) -> Result<Answer> {
        let (key, name) = match what {
            Subject::Recording(token) => ("why-unknown-recording", token.to_string()),
            Subject::MeetingNumber(number) => ("why-unknown-meeting", number.clone()),
            Subject::Meeting(id) => ("why-unknown-meeting", id.to_string()),
        };
        let members = self.catalog.members().await?;
        let active = members.iter().filter(|row| row.member.state == MemberState::Active).count();
        let overview = self.catalog.overview().await?;
        let administrators = &self.config.company.administrators;
        let standing = self.catalog.record_standing(administrators, self.moments.now_ms).await?;

        let mut sentences = vec![self.say(key, &[("what", name.clone())])];
        sentences.push(self.say(
            "why-unknown-looked",
            &[
                ("members", active.to_string()),
                ("patrol", self.moments.say(overview.last_patrol_at)),
                ("event", self.moments.say(overview.last_event_at)),
            ],
        ));
        sentences.push(self.say(
            "why-unknown-record",
            &[
                ("standing", self.words.record_standing(standing)),
                ("fix", self.words.record_standing_fix(standing)),
            ],
        ));
        sentences.push(match what {
            Subject::Recording(_) => self.say("why-unknown-recording-fix", &[("url", self.start_page())]),
            _ => self.words.say("why-unknown-meeting-fix"),
        });
        let mut object = Map::new();
        for (name, value) in [
            ("asked_about", json!(name)),
            ("active_members", json!(active)),
            ("last_patrol_ms", json!(overview.last_patrol_at)),
            ("last_event_ms", json!(overview.last_event_at)),
            ("company_record", json!(standing)),
        ] {
            object.insert(name.to_owned(), value);
        }
        Ok(Answer { sentences, object })
    }
}

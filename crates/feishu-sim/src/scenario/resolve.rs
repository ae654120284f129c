//! Fills in what a scenario leaves out, the same way each time, so that ids survive a restart.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::{Access, Announce, Meeting, Minute, Person, Scenario};
use crate::clock::{HOUR, Ms};
use crate::media;

impl Scenario {
    /// The scenario with every id derived, every name turned into an open_id and every time absolute.
    #[must_use]
    pub fn resolved(mut self, now_ms: i64) -> Self {
        for person in &mut self.people {
            resolve_person(person);
        }
        let ids = Names::of(&self.people);
        for tokens in &mut self.app.v1_tokens {
            tokens.person = ids.open_id(&tokens.person);
        }
        for (index, minute) in self.minutes.iter_mut().enumerate() {
            resolve_minute(minute, index, now_ms, &ids);
        }
        for (index, meeting) in self.meetings.iter_mut().enumerate() {
            resolve_meeting(meeting, index, now_ms, &ids);
        }
        let implied: Vec<_> = self.minutes.iter().filter_map(implied_meeting).collect();
        for meeting in implied {
            if !self.meetings.iter().any(|known| known.id == meeting.id) {
                self.meetings.push(meeting);
            }
        }
        self
    }
}

/// Open ids by name.
pub(crate) struct Names(HashMap<String, String>);

impl Names {
    pub(crate) fn of<'a>(people: impl IntoIterator<Item = &'a Person>) -> Self {
        Self(people.into_iter().map(|person| (person.name.clone(), person.open_id.clone())).collect())
    }

    fn open_id(&self, name_or_id: &str) -> String {
        self.0.get(name_or_id).map_or_else(|| name_or_id.to_owned(), Clone::clone)
    }
}

pub(crate) fn resolve_person(person: &mut Person) {
    let name = person.name.clone();
    fill(&mut person.open_id, || format!("ou_{}", hex_digits("open", &name, 32)));
    fill(&mut person.union_id, || format!("on_{}", hex_digits("union", &name, 32)));
    fill(&mut person.user_id, || hex_digits("user", &name, 8));
    fill(&mut person.en_name, || name.clone());
}

pub(crate) fn resolve_minute(minute: &mut Minute, index: usize, now_ms: Ms, ids: &Names) {
    minute.owner = ids.open_id(&minute.owner);
    for viewer in &mut minute.viewers {
        *viewer = ids.open_id(viewer);
    }
    for access in [&mut minute.rights.media, &mut minute.rights.transcript, &mut minute.rights.artifacts] {
        if let Access::Only(people) = access {
            for person in people {
                *person = ids.open_id(person);
            }
        }
    }
    let key = format!("{index} {} {}", minute.owner, minute.title);
    fill(&mut minute.token, || format!("obcn{}", base36_digits("minute", &key, 20)));
    minute.created_ms.get_or_insert(now_ms - minute.created_ago_ms);
    let media_ms = minute.media.as_ref().map_or(3_000, media::duration_ms);
    minute.duration_ms.get_or_insert(media_ms);
    if matches!(minute.announce, Announce::RecordingReady | Announce::MeetingEnded) {
        minute.meeting_id.get_or_insert_with(|| decimal_digits("meeting", &minute.token, 19));
    }
}

pub(crate) fn resolve_meeting(meeting: &mut Meeting, index: usize, now_ms: Ms, ids: &Names) {
    meeting.owner = ids.open_id(&meeting.owner);
    for participant in &mut meeting.participants {
        *participant = ids.open_id(participant);
    }
    let key = format!("{index} {} {}", meeting.owner, meeting.topic);
    fill(&mut meeting.id, || decimal_digits("meeting", &key, 19));
    let id = meeting.id.clone();
    fill(&mut meeting.meeting_no, || decimal_digits("number", &id, 9));
    meeting.start_ms.get_or_insert(now_ms - HOUR);
}

/// The meeting a recording came from, when it names one.
pub(crate) fn implied_meeting(minute: &Minute) -> Option<Meeting> {
    let id = minute.meeting_id.clone()?;
    let duration_ms = minute.duration_ms.unwrap_or_default();
    Some(Meeting {
        meeting_no: decimal_digits("number", &id, 9),
        id,
        topic: minute.title.clone(),
        owner: minute.owner.clone(),
        participants: minute.viewers.clone(),
        start_ms: minute.created_ms,
        duration_ms,
        source: if minute.announce == Announce::RecordingReady { 4 } else { 1 },
        minute: Some(minute.token.clone()),
    })
}

fn fill(field: &mut String, value: impl FnOnce() -> String) {
    if field.is_empty() {
        *field = value();
    }
}

fn digest(kind: &str, key: &str) -> Vec<u8> {
    Sha256::digest(format!("{kind} {key}")).to_vec()
}

fn hex_digits(kind: &str, key: &str, length: usize) -> String {
    digits(kind, key, length, b"0123456789abcdef")
}

fn base36_digits(kind: &str, key: &str, length: usize) -> String {
    digits(kind, key, length, b"0123456789abcdefghijklmnopqrstuvwxyz")
}

/// Decimal digits whose first is 6: the value of 19 of them fits an i64, as meeting ids do.
fn decimal_digits(kind: &str, key: &str, length: usize) -> String {
    let mut text = digits(kind, key, length, b"0123456789");
    text.replace_range(..1, "6");
    text
}

fn digits(kind: &str, key: &str, length: usize, alphabet: &[u8]) -> String {
    digest(kind, key)
        .iter()
        .take(length)
        .map(|&byte| char::from(alphabet[usize::from(byte) % alphabet.len()]))
        .collect()
}

//! Why a known recording is where it is.

use std::sync::Arc;

use anyhow::Result;
use archive::catalog::{AttemptRow, SightingRow};
use archive::model::{
    Artifact, ArtifactKind, ArtifactState, MinuteToken, Reason, Recording, RecordingState, SystemClock, Track,
};
use archive::queue::{Queue, TaskKind, TaskRow};
use serde_json::{Map, json};

use super::{Answer, Teller};

/// Tries that are told one by one; the JSON has them all.
const MOST_TRIES: usize = 8;

impl Teller<'_> {
    pub(super) async fn of_recording(&self, token: &MinuteToken) -> Result<Option<Answer>> {
        let Some(recording) = self.catalog.recording(token).await? else { return Ok(None) };
        let sightings = self.catalog.sightings(token).await?;
        let attempts = self.catalog.attempts(token).await?;
        let artifacts = self.catalog.artifacts(token).await?;
        let queue = Queue::new(self.catalog.clone(), Arc::new(SystemClock), "command line");
        let task = queue.task(TaskKind::Archive, token.as_str()).await?;
        let paused = self.catalog.pauses().await?.hold(token);

        let mut sentences = vec![self.what_it_is(&recording).await?, self.who_saw_it(&sightings).await?];
        sentences.push(self.what_was_tried(&attempts).await?);
        sentences.push(self.where_it_stands(&recording));
        sentences.extend(self.what_else_lacks(&artifacts));
        if paused {
            sentences.push(self.say("why-paused", &[("token", token.to_string())]));
        }
        sentences.extend(task.as_ref().map(|task| self.what_comes_next(task)));
        sentences.push(self.whose_move(&recording).await?);
        let mut object = Map::new();
        for (name, value) in [
            ("minute_token", json!(recording.minute_token)),
            ("state", json!(recording.state)),
            ("reason", json!(recording.reason)),
            ("reason_detail", json!(recording.reason_detail)),
            ("owner_id", json!(recording.owner_id)),
            ("title", json!(recording.title)),
            ("meeting_id", json!(recording.meeting_id)),
            ("mover", json!(recording.reason().map(Reason::mover))),
            ("sightings", json!(sightings)),
            ("attempts", json!(attempts)),
            ("paused", json!(paused)),
            ("next_attempt_ms", json!(task.map(|task| task.run_at))),
        ] {
            object.insert(name.to_owned(), value);
        }
        Ok(Some(Answer { sentences, object }))
    }

    async fn what_it_is(&self, recording: &Recording) -> Result<String> {
        let owner = match &recording.owner_id {
            Some(id) => self.name_of(id).await?,
            None => self.words.say("coverage-owner-unknown"),
        };
        let title = recording.title.clone().unwrap_or_else(|| "—".to_owned());
        let made = self.when(recording.created_ms.unwrap_or(recording.found_at));
        let variables = [
            ("title", title),
            ("token", recording.minute_token.to_string()),
            ("owner", owner),
            ("made", made),
        ];
        Ok(self.say("why-recording", &variables))
    }

    async fn who_saw_it(&self, sightings: &[SightingRow]) -> Result<String> {
        let mut list = Vec::new();
        for seen in sightings {
            let track =
                seen.track.parse::<Track>().map_or_else(|_| seen.track.clone(), |it| self.words.track(it));
            let track_at =
                [("track", track), ("when", self.when(seen.first_at)), ("times", seen.times.to_string())];
            list.push(if seen.open_id.is_empty() {
                self.say("why-seen-by-nobody", &track_at)
            } else {
                let [track, when, times] = track_at;
                self.say("why-seen-by", &[track, when, times, ("who", self.name_of(&seen.open_id).await?)])
            });
        }
        Ok(self.say("why-seen", &[("list", self.listed(&list))]))
    }

    /// The media decides where a recording stands: its tries are the ones that are told.
    async fn what_was_tried(&self, attempts: &[AttemptRow]) -> Result<String> {
        let tries: Vec<_> =
            attempts.iter().filter(|attempt| attempt.artifact == ArtifactKind::Media).collect();
        let mut list = Vec::new();
        for attempt in tries.iter().skip(tries.len().saturating_sub(MOST_TRIES)) {
            let reason = attempt.reason.as_deref().and_then(|word| word.parse::<Reason>().ok());
            let mut came =
                reason.map_or_else(|| self.words.artifact_state(attempt.outcome), |it| self.words.reason(it));
            if let Some(detail) = attempt.detail.as_ref().filter(|_| attempt.outcome != ArtifactState::Done) {
                came = self.say("why-with-detail", &[("what", came), ("detail", detail.clone())]);
            }
            let mut via = Vec::new();
            for id in attempt.via.iter().flat_map(|via| via.split(' ')) {
                via.push(self.name_of(id).await?);
            }
            let when = match attempt.times {
                1 => self.when(attempt.last_at),
                times => self.say(
                    "why-tried-often",
                    &[
                        ("first", self.when(attempt.first_at)),
                        ("last", self.when(attempt.last_at)),
                        ("times", times.to_string()),
                    ],
                ),
            };
            list.push(if via.is_empty() {
                self.say("why-tried-with-nobody", &[("when", when), ("came", came)])
            } else {
                self.say("why-tried-with", &[("when", when), ("came", came), ("who", via.join(", "))])
            });
        }
        if list.is_empty() {
            return Ok(self.words.say("why-not-tried"));
        }
        Ok(self.say("why-tried", &[("list", self.listed(&list))]))
    }

    fn where_it_stands(&self, recording: &Recording) -> String {
        let state = self.words.recording_state(recording.state);
        match recording.reason() {
            Some(reason) => {
                self.say("why-stands-because", &[("state", state), ("why", self.words.reason(reason))])
            }
            None => self.say("why-stands", &[("state", state)]),
        }
    }

    /// Texts that are wanted and not here, beside a recording that is.
    fn what_else_lacks(&self, artifacts: &[Artifact]) -> Option<String> {
        let lacks = |artifact: &&Artifact| {
            !matches!(artifact.kind, ArtifactKind::Media | ArtifactKind::Sidecar)
                && artifact.state != ArtifactState::Done
                && self.config.features().wants(artifact.kind)
        };
        let list: Vec<_> = artifacts
            .iter()
            .filter(lacks)
            .map(|artifact| {
                let state = match artifact.reason() {
                    Some(reason) => self.words.reason(reason),
                    None => self.words.artifact_state(artifact.state),
                };
                self.say(
                    "why-lacks-one",
                    &[("what", self.words.artifact_kind(artifact.kind)), ("state", state)],
                )
            })
            .collect();
        (!list.is_empty()).then(|| self.say("why-lacks", &[("list", self.listed(&list))]))
    }

    fn what_comes_next(&self, task: &TaskRow) -> String {
        if task.lease_until.is_some_and(|until| until > self.moments.now_ms) {
            return self.words.say("why-at-work");
        }
        self.say("why-next", &[("when", self.moments.say_with_distance(Some(task.run_at), self.words))])
    }

    async fn whose_move(&self, recording: &Recording) -> Result<String> {
        let token = ("token", recording.minute_token.to_string());
        if recording.state == RecordingState::Archived {
            return Ok(self.say("why-archived", &[token]));
        }
        if recording.state == RecordingState::NoGrant {
            let owner = match &recording.owner_id {
                Some(id) => self.name_of(id).await?,
                None => self.words.say("coverage-owner-unknown"),
            };
            return Ok(self.say("why-authorise", &[("owner", owner), ("url", self.start_page())]));
        }
        let Some(reason) = recording.reason() else { return Ok(self.words.say("why-by-itself")) };
        if recording.state.is_removed() {
            return Ok(self.words.reason_fix(reason));
        }
        let (mover, fix) = (self.words.mover(reason.mover()), self.words.reason_fix(reason));
        Ok(self.say("why-move", &[("mover", mover), ("fix", fix), token]))
    }

    pub(super) fn listed(&self, list: &[String]) -> String {
        list.join(&self.words.say("why-and").replace('_', " "))
    }
}

//! `reconcile`: reads the company's own record of its meetings and says what was recorded, by whom, archived or not
//! and why not. Where the service runs it does the reading; otherwise this process does, in its place.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use archive::Waits;
use archive::catalog::{Catalog, CompanyRecord, RecordStanding, RecordedMeeting};
use archive::discover::look_since;
use archive::model::{Clock as _, RecordingState, SystemClock};
use archive::queue::{Call, Queue, TaskKind};
use feishu::Priority;
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;
use web::words::{Language, Words};

use super::{Outcome, moments};
use crate::cli::ReconcileArgs;
use crate::config::Config;
use crate::print::{self, Moments, Table};
use crate::startup;

/// How long a command waits for the service's look; the look goes on without it.
const PATIENCE: Duration = Duration::from_mins(10);
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Runs `reconcile`.
pub async fn run(config: &Config, args: &ReconcileArgs, words: Words) -> Result<Outcome> {
    let catalog = startup::open_existing_catalog(config).await?;
    let since_ms = args.since.at_ms(&moments(config));
    if !config.company.administrators.is_empty() {
        if startup::running_process(config).is_some() {
            have_it_read(&catalog, since_ms).await?;
        } else {
            read_it(config, since_ms).await?;
        }
    }
    let moments = moments(config);
    let report = Report {
        standing: catalog.record_standing(&config.company.administrators, moments.now_ms).await?,
        record: catalog.company_record().await?,
        meetings: catalog.recorded_meetings(since_ms).await?,
        since_ms,
    };
    catalog.db().close().await;
    if args.json {
        print::json(&report.describe(&moments));
    } else {
        report.show(&moments, words);
    }
    Ok(report.outcome())
}

async fn have_it_read(catalog: &Catalog, since_ms: i64) -> Result<()> {
    let queue = Queue::new(catalog.clone(), Arc::new(SystemClock), "command line");
    let subject = look_since(since_ms);
    let now_ms = SystemClock.now_ms();
    queue.call(Call::new(TaskKind::Reconcile, &subject, Priority::Person, now_ms)).await?;
    let asked_at = Instant::now();
    // The first failure is told; the service goes on trying.
    while asked_at.elapsed() < PATIENCE {
        match queue.task(TaskKind::Reconcile, &subject).await? {
            Some(task) if task.last_error.is_none() => tokio::time::sleep(LOOK_EVERY).await,
            _ => return Ok(()),
        }
    }
    Ok(())
}

async fn read_it(config: &Config, since_ms: i64) -> Result<()> {
    let _lock = startup::lock_data_dir(config)?;
    let archive = startup::open_archive(config, Waits::default(), CancellationToken::new()).await?;
    // What kept it from being read is kept with the record, and told with it.
    let _ = archive.reconcile(since_ms).await;
    archive.grants.settle().await;
    archive.catalog.db().close().await;
    Ok(())
}

struct Report {
    standing: RecordStanding,
    record: CompanyRecord,
    meetings: Vec<RecordedMeeting>,
    since_ms: i64,
}

impl Report {
    /// Nothing is amiss only where the record could be read and every recording is here, can never be, or was taken out.
    fn outcome(&self) -> Outcome {
        if self.standing != RecordStanding::Available {
            return Outcome::NotPossible;
        }
        Outcome::of(self.meetings.iter().all(|meeting| {
            use RecordingState::{Archived, Gone, NoMedia, Purged, Trashed};
            matches!(meeting.state(), Some(Archived | Gone | NoMedia | Trashed | Purged))
        }))
    }

    fn head_line(&self, moments: &Moments, words: Words) -> String {
        if self.standing == RecordStanding::Available {
            let archived = self
                .meetings
                .iter()
                .filter(|meeting| meeting.state() == Some(RecordingState::Archived))
                .count();
            return words.say_with(
                "reconcile-head",
                &[
                    ("since", moments.say(Some(self.since_ms)).into()),
                    ("recorded", self.meetings.len().into()),
                    ("archived", archived.into()),
                ],
            );
        }
        let variables = [
            ("why", words.record_standing(self.standing).into()),
            ("fix", words.record_standing_fix(self.standing).into()),
            ("detail", self.record.error.clone().unwrap_or_default().into()),
        ];
        words.say_with("reconcile-closed", &variables)
    }

    fn show(&self, moments: &Moments, words: Words) {
        print::line(print::harmless(&self.head_line(moments, words)));
        let header = [
            "column-began",
            "column-owner",
            "column-title",
            "column-number",
            "column-state",
            "column-reason",
        ];
        let mut table = Table::new(&header, words);
        for meeting in &self.meetings {
            let owner = meeting.organizer.as_ref().or(meeting.owner_id.as_ref());
            let (state, reason) = match meeting.state() {
                Some(state) => {
                    let reason = meeting.reason().map(|reason| words.reason(reason));
                    (words.recording_state(state), reason.unwrap_or_default())
                }
                None => (words.say("coverage-unknown"), words.meeting_outcome(meeting.outcome)),
            };
            table.row([
                moments.say(meeting.start_ms),
                owner.cloned().unwrap_or_else(|| "—".to_owned()),
                meeting.topic.clone().unwrap_or_default(),
                meeting.meeting_no.clone().unwrap_or_default(),
                state,
                reason,
            ]);
        }
        if !self.meetings.is_empty() {
            table.print();
        }
    }

    fn describe(&self, moments: &Moments) -> Value {
        let meetings: Vec<Value> = self
            .meetings
            .iter()
            .map(|meeting| {
                let mut object = match json!(meeting) {
                    Value::Object(object) => object,
                    _ => Map::new(),
                };
                moments.put(&mut object, "start", meeting.start_ms);
                Value::Object(object)
            })
            .collect();
        let mut answer = json!({
            "standing": self.standing,
            "record": self.record,
            "head": self.head_line(moments, Words::new(Language::English)),
            "meetings": meetings,
        });
        if let Value::Object(object) = &mut answer {
            moments.put(object, "since", Some(self.since_ms));
        }
        answer
    }
}

//! Live progress: bars on a terminal, a line per change elsewhere, nothing when a program reads us.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use archive::Archive;
use archive::catalog::RecordingFilter;
use archive::model::{MinuteToken, RecordingState};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use tokio::task::JoinHandle;
use web::words::Words;

use crate::wiring::Service;

const LOOK_EVERY: Duration = Duration::from_millis(200);
const MOST_RECORDINGS: i64 = 10_000;

/// A running display.
pub struct Progress {
    task: Option<JoinHandle<()>>,
    bars: MultiProgress,
}

impl Progress {
    /// Shows what `service` does until [`Progress::finish`].
    pub fn start(service: &Service, quiet: bool, words: Words) -> Self {
        let bars = MultiProgress::new();
        let task = (!quiet).then(|| {
            let display = Display::new(Arc::clone(&service.archive), bars.clone(), words);
            tokio::spawn(display.run())
        });
        Self { task, bars }
    }

    /// Takes the display away.
    pub fn finish(&self) {
        if let Some(task) = &self.task {
            task.abort();
        }
        let _ = self.bars.clear();
    }
}

struct Display {
    archive: Arc<Archive>,
    bars: MultiProgress,
    words: Words,
    whole: ProgressBar,
    transfers: BTreeMap<MinuteToken, ProgressBar>,
    states: BTreeMap<MinuteToken, RecordingState>,
}

impl Display {
    fn new(archive: Arc<Archive>, bars: MultiProgress, words: Words) -> Self {
        let whole = bars.add(ProgressBar::new(0));
        whole.set_style(style("{bar:40.cyan/dim} {pos}/{len} {msg}"));
        Self { archive, bars, words, whole, transfers: BTreeMap::new(), states: BTreeMap::new() }
    }

    async fn run(mut self) {
        loop {
            self.show_transfers();
            self.show_states().await;
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    fn show_transfers(&mut self) {
        let running = self.archive.transfers.running();
        self.transfers.retain(|token, bar| {
            let goes_on = running.iter().any(|(other, _)| other == token);
            if !goes_on {
                bar.finish_and_clear();
            }
            goes_on
        });
        for (token, transfer) in running {
            let bar = self.transfers.entry(token).or_insert_with(|| {
                let bar = self.bars.add(ProgressBar::new(transfer.total.unwrap_or_default()));
                bar.set_style(style(
                    "  {bar:24} {bytes:>10}/{total_bytes:10} {bytes_per_sec:>12} {eta:>4} {msg}",
                ));
                bar.set_message(one_line(&transfer.title));
                bar
            });
            bar.set_position(transfer.bytes);
        }
    }

    /// The catalogue may be busy for a moment: then this look is left out.
    async fn show_states(&mut self) {
        let filter = RecordingFilter { limit: MOST_RECORDINGS, ..RecordingFilter::default() };
        let Ok(recordings) = self.archive.catalog.recordings(&filter).await else { return };
        self.whole.set_length(recordings.len() as u64);
        let archived =
            recordings.iter().filter(|recording| recording.state == RecordingState::Archived).count();
        self.whole.set_position(archived as u64);
        self.whole.set_message(self.words.recording_state(RecordingState::Archived));
        for recording in recordings {
            let before = self.states.insert(recording.minute_token.clone(), recording.state);
            if before == Some(recording.state) || recording.state == RecordingState::Found {
                continue;
            }
            let title = one_line(recording.title.as_deref().unwrap_or(recording.minute_token.as_str()));
            let mut line = format!("{}  {title}", self.words.recording_state(recording.state));
            if recording.state != RecordingState::Archived
                && let Some(reason) = recording.reason()
            {
                line = format!("{line}  ({})", self.words.reason(reason));
            }
            if self.bars.is_hidden() {
                println!("{line}");
            } else {
                let _ = self.bars.println(line);
            }
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// A remote title on one line of a terminal: nothing in it may move the cursor or turn the direction.
fn one_line(title: &str) -> String {
    let is_harmless = |c: &char| {
        !c.is_control()
            && !matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let plain: String = title.chars().filter(is_harmless).take(48).collect();
    if plain.trim().is_empty() { "—".to_owned() } else { plain }
}

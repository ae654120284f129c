//! Who writes next. SQLite takes one writer at a time, and the platform waits three seconds for the answer
//! to an event: the inbox goes to the writer straight away, everybody else stands in one line before it, so
//! that at most one of them is ahead. While events stream in, that line also rests between two turns.
//! PostgreSQL needs none of this.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;
use tokio::time::{Instant, sleep};

/// From so many events in one [`WINDOW`] on, they stream in.
const STREAM: usize = 50;
const WINDOW: Duration = Duration::from_millis(100);
/// So many times as long as its last turn the line rests in a stream.
const REST: u32 = 4;
/// The line never rests longer: other work goes on, slowly, however many events come.
const LONGEST_REST: Duration = Duration::from_millis(50);
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// The line before a writer. Clones are the same line.
#[derive(Debug, Clone, Default)]
pub struct Turns {
    line: Arc<tokio::sync::Mutex<Line>>,
    stream: Arc<Mutex<Stream>>,
}

#[derive(Debug, Default)]
struct Line {
    rested_at: Option<Instant>,
}

/// Events counted in windows of time.
#[derive(Debug, Default)]
struct Stream {
    window: Option<Instant>,
    events: usize,
    before: usize,
}

/// A turn at the writer; dropping it lets the next one go.
#[derive(Debug)]
pub struct Turn {
    line: OwnedMutexGuard<Line>,
    began: Instant,
}

impl Turns {
    /// Waits for a turn in the line.
    pub(super) async fn take(&self) -> Turn {
        let line = Arc::clone(&self.line).lock_owned().await;
        while line.rested_at.is_some_and(|at| Instant::now() < at) && self.is_streaming() {
            sleep(LOOK_EVERY).await;
        }
        Turn { line, began: Instant::now() }
    }

    /// Notes that so many events go past the line.
    pub(super) fn count(&self, events: usize) {
        self.stream().add(events, Instant::now());
    }

    fn is_streaming(&self) -> bool {
        let mut stream = self.stream();
        stream.add(0, Instant::now());
        stream.events.max(stream.before) >= STREAM
    }

    fn stream(&self) -> std::sync::MutexGuard<'_, Stream> {
        self.stream.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stream {
    fn add(&mut self, events: usize, now: Instant) {
        let window = *self.window.get_or_insert(now);
        let age = now.saturating_duration_since(window);
        if age >= WINDOW {
            self.before = if age < 2 * WINDOW { self.events } else { 0 };
            self.events = 0;
            self.window = Some(now);
        }
        self.events += events;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let rest = (self.began.elapsed() * REST).min(LONGEST_REST);
        self.line.rested_at = Some(Instant::now() + rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_line_rests_only_while_events_stream_in() {
        let turns = Turns::default();
        let turn = turns.take().await;
        sleep(Duration::from_millis(5)).await;
        drop(turn);
        let calm = Instant::now();
        drop(turns.take().await);
        assert_eq!(calm.elapsed(), Duration::ZERO, "nobody else wants the writer");

        let turn = turns.take().await;
        sleep(Duration::from_millis(5)).await;
        drop(turn);
        turns.count(STREAM);
        let streaming = Instant::now();
        drop(turns.take().await);
        assert!(streaming.elapsed() >= Duration::from_millis(20), "{:?}", streaming.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_that_never_ends_holds_nobody_up_for_ever() {
        let turns = Turns::default();
        let streaming = turns.clone();
        tokio::spawn(async move {
            loop {
                streaming.count(STREAM);
                sleep(Duration::from_millis(1)).await;
            }
        });
        for _ in 0..3 {
            let turn = turns.take().await;
            sleep(Duration::from_secs(1)).await;
            drop(turn);
            let waiting = Instant::now();
            drop(turns.take().await);
            assert!(waiting.elapsed() <= LONGEST_REST + LOOK_EVERY);
        }
    }
}

//! Medians and words for them.

use std::time::Duration;

/// Figures of one kind, one a round.
#[derive(Default)]
pub(crate) struct Samples(Vec<f64>);

impl Samples {
    pub(crate) fn take(&mut self, figure: f64) {
        self.0.push(figure);
    }

    pub(crate) fn seconds(&mut self, wall: Duration) {
        self.take(wall.as_secs_f64());
    }

    pub(crate) fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted[sorted.len() / 2]
    }

    pub(crate) fn greatest(&self) -> f64 {
        self.0.iter().copied().fold(0.0, f64::max)
    }

    /// `median (least – greatest)`
    pub(crate) fn words(&self, unit: &str) -> String {
        let least = self.0.iter().copied().fold(f64::INFINITY, f64::min);
        format!("{:.2} {unit} ({least:.2}–{:.2})", self.median(), self.greatest())
    }
}

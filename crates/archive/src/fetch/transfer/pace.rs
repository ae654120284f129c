//! How many connections one file gets: as many as bring something. A host that limits each connection gets many, a
//! line or a disk that is full anyway few.
//!
//! Waiting connections are the sign that more of them may help; if the disk or a limit of ours is what they wait
//! for, they cannot. First the number doubles while that seems to help; after a while half of it is tried, and half of
//! that; later, from time to time, the double.

use std::time::Duration;

/// Between two decisions.
pub(super) const TICK: Duration = Duration::from_millis(150);
/// A doubling has helped if the rate grew by this factor.
const HELPED: f64 = 1.2;
/// Half as many are enough if they bring this share.
const ENOUGH: f64 = 0.92;
/// Connections that wait less than this share of the time are not what holds the transfer up.
const BUSY: f64 = 0.35;
/// Waiting this much they are limited by the host or the line, however the last window went: some hosts send the
/// first megabytes of each answer at once and then pause.
const IDLE: f64 = 0.8;
/// A rate over fewer ticks is noise.
const TICKS_OF_A_TRIAL: u32 = 14;
const TICKS_OF_A_REST: u32 = 100;
/// So long all connections are kept before it is asked whether half of them would do: a trial costs a throttled file
/// time, and most files are over by then.
const TICKS_BEFORE_PRUNING: u32 = 40;
/// So many idle ticks in a row are no chance.
const IDLE_TICKS: u32 = 2;

/// The state of one transfer's pace.
#[derive(Debug)]
pub(super) struct Pace {
    target: usize,
    most: usize,
    phase: Phase,
    /// Of the measurement under way: ticks, and the sum of their rates.
    ticks: u32,
    sum: f64,
    /// Ticks in a row in which the host was not what held us up.
    busy_ticks: u32,
    /// Ticks in a row in which the connections had next to nothing to do.
    idle_ticks: u32,
}

#[derive(Debug, Clone, Copy)]
enum Phase {
    /// Doubling at every tick; the rate before the last doubling.
    Growing { before: f64 },
    /// Measuring what the present number brings, to try another one then.
    Weighing { then: Trial },
    /// Measuring another number; the one before, and what it brought.
    Trying { trial: Trial, from: usize, rate: f64 },
    /// As many as there may be.
    Grown,
    /// Nothing is changed for a while. What the number is worth was measured, or the host has not been what held us up.
    Resting { is_measured: bool },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trial {
    Half,
    Double,
}

/// What a tick saw.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    /// Bytes a second.
    pub(super) rate: f64,
    /// The share of the time that connections waited for the host, 0 to 1.
    pub(super) waiting: f64,
    /// Whether the disk is behind or a limit of ours is reached.
    pub(super) held_back: bool,
}

impl Pace {
    /// Starts with what was enough for the host's last file.
    pub(super) fn new(learned: usize, most: usize) -> Self {
        let most = most.max(1);
        let phase = Phase::Growing { before: 0.0 };
        Self { target: learned.clamp(1, most), most, phase, ticks: 0, sum: 0.0, busy_ticks: 0, idle_ticks: 0 }
    }

    /// How many connections there should be.
    pub(super) fn target(&self) -> usize {
        self.target
    }

    /// More than these are not to be had now.
    pub(super) fn settle_for(&mut self, connections: usize) {
        self.target = connections.clamp(1, self.most);
        self.enter(Phase::Resting { is_measured: true });
    }

    /// Looks at what the last tick brought.
    pub(super) fn tick(&mut self, sample: Sample) {
        if sample.held_back || sample.waiting < BUSY {
            return self.not_the_host();
        }
        self.busy_ticks = 0;
        self.idle_ticks = if sample.waiting >= IDLE { self.idle_ticks + 1 } else { 0 };
        self.ticks += 1;
        self.sum += sample.rate;
        let mean = self.sum / f64::from(self.ticks);
        match self.phase {
            Phase::Growing { before } => self.grow(before, sample),
            Phase::Weighing { then } if self.ticks >= TICKS_OF_A_TRIAL => self.try_other(then, mean),
            Phase::Trying { trial, from, rate } if self.ticks >= TICKS_OF_A_TRIAL => {
                self.judge(trial, from, rate, mean);
            }
            Phase::Grown if self.ticks >= TICKS_BEFORE_PRUNING => {
                self.enter(Phase::Weighing { then: Trial::Half });
            }
            // It sent its first bytes as fast as we could take them, and has become slow since.
            Phase::Resting { is_measured: false } if self.idle_ticks >= IDLE_TICKS => self.grow(0.0, sample),
            Phase::Resting { .. } if self.ticks >= TICKS_OF_A_REST => {
                self.enter(Phase::Weighing { then: Trial::Double });
            }
            _ => {}
        }
    }

    /// Whatever was being measured means nothing; if it goes on, fewer connections do as well.
    fn not_the_host(&mut self) {
        self.busy_ticks += 1;
        self.idle_ticks = 0;
        if self.busy_ticks >= TICKS_OF_A_TRIAL {
            self.target = (self.target / 2).max(1);
            self.busy_ticks = 0;
        }
        match self.phase {
            Phase::Trying { from, .. } => {
                self.target = self.target.min(from);
                self.enter(Phase::Resting { is_measured: true });
            }
            Phase::Growing { .. } => self.enter(Phase::Resting { is_measured: false }),
            Phase::Weighing { .. } => self.enter(Phase::Resting { is_measured: true }),
            Phase::Grown | Phase::Resting { .. } => {}
        }
    }

    fn grow(&mut self, before: f64, sample: Sample) {
        let helps = sample.rate >= before * HELPED || sample.waiting >= IDLE;
        if helps && self.target < self.most {
            self.target = (self.target * 2).min(self.most);
            self.enter(Phase::Growing { before: sample.rate });
            return;
        }
        if helps {
            return self.enter(Phase::Grown);
        }
        self.target = (self.target / 2).max(1);
        self.enter(Phase::Weighing { then: Trial::Half });
    }

    fn try_other(&mut self, trial: Trial, rate: f64) {
        let from = self.target;
        self.target = match trial {
            Trial::Half => (from / 2).max(1),
            Trial::Double => (from * 2).min(self.most),
        };
        self.enter(if self.target == from {
            Phase::Resting { is_measured: true }
        } else {
            Phase::Trying { trial, from, rate }
        });
    }

    fn judge(&mut self, trial: Trial, from: usize, rate: f64, mean: f64) {
        let worth_it = match trial {
            Trial::Half => mean >= rate * ENOUGH,
            Trial::Double => mean >= rate * HELPED,
        };
        if worth_it {
            self.try_other(trial, mean);
        } else {
            self.target = from;
            self.enter(Phase::Resting { is_measured: true });
        }
    }

    fn enter(&mut self, phase: Phase) {
        (self.phase, self.ticks, self.sum) = (phase, 0, 0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs the pace against a host for so many ticks; the target at the end and the highest on the way.
    fn against(pace: &mut Pace, ticks: u32, host: impl Fn(usize) -> Sample) -> (usize, usize) {
        let mut highest = 0;
        for _ in 0..ticks {
            pace.tick(host(pace.target()));
            highest = highest.max(pace.target());
        }
        (pace.target(), highest)
    }

    fn sample(rate: f64, waiting: f64) -> Sample {
        Sample { rate, waiting, held_back: false }
    }

    #[expect(clippy::cast_precision_loss, reason = "a handful of connections")]
    fn throttled_each(connections: usize) -> Sample {
        sample(8.0 * connections as f64, 0.95)
    }

    #[test]
    fn a_host_that_limits_each_connection_gets_many_within_a_second() {
        let mut pace = Pace::new(1, 16);
        assert_eq!(against(&mut pace, 5, throttled_each).0, 16);
        assert_eq!(against(&mut pace, 1_000, throttled_each).1, 16);
        assert!(against(&mut pace, 1, throttled_each).0 >= 8, "it goes back to what brings more");
    }

    #[test]
    fn a_host_that_sends_its_first_bytes_at_once_is_not_taken_for_a_fast_one() {
        // A second's bytes with each answer, then nothing till the next second: nginx's limit_rate.
        for bursts in 1..4 {
            let mut pace = Pace::new(1, 16);
            let mut ticks = 0;
            while pace.target() < 16 {
                let is_burst = ticks % (bursts + 3) < bursts;
                pace.tick(if is_burst { sample(400.0, 0.1) } else { sample(0.0, 1.0) });
                ticks += 1;
                assert!(ticks < 40, "stuck at {} connections", pace.target());
            }
        }
    }

    #[test]
    fn a_full_line_gets_few_in_the_end() {
        let full_line = |_| sample(12.0, 0.9);
        let mut pace = Pace::new(1, 16);
        assert_eq!(against(&mut pace, 180, full_line).0, 1);
        let (_, highest) = against(&mut pace, 2_000, full_line);
        assert!(highest <= 2, "a trial now and then is all");
    }

    #[test]
    fn a_host_that_is_faster_than_our_disk_keeps_one_connection() {
        let mut pace = Pace::new(1, 16);
        assert_eq!(against(&mut pace, 500, |_| sample(400.0, 0.1)), (1, 1));
        let behind = |_| Sample { rate: 400.0, waiting: 0.9, held_back: true };
        assert_eq!(against(&mut pace, 500, behind), (1, 1));
    }

    #[test]
    fn a_sender_that_is_the_limit_itself_keeps_one_or_two() {
        let mut pace = Pace::new(1, 16);
        let (_, highest) = against(&mut pace, 1_000, |_| sample(100.0, 0.6));
        assert!(highest <= 2, "{highest}");
    }

    #[test]
    fn what_was_learned_too_high_is_unlearned() {
        let mut pace = Pace::new(16, 16);
        assert_eq!(against(&mut pace, 100, |_| sample(400.0, 0.1)).0, 1);
    }
}

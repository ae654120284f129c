//! One course of a day in a company, and what is measured of it.

use std::collections::BTreeMap;

use super::company::{Company, HOUR_MS, MINUTE_MS, Setting};
use super::day::{Day, Kind, Meeting, meetings};

/// Nobody waits longer for a look, so by then the last recording should be known.
const PATIENCE_MS: i64 = 4 * HOUR_MS;

/// What came of it.
pub(crate) struct Course {
    /// Each recording, and how long after its minute existed it became known, ms; none: it never did.
    pub(crate) recordings: Vec<(Meeting, Option<i64>)>,
    /// Calls of each API during the day.
    pub(crate) calls: BTreeMap<String, u64>,
    /// Answers of 429, all the time.
    pub(crate) over_limit: u64,
    /// The longest time for which anybody was not looked at, once everybody had been, ms; and for which anybody
    /// without a working subscription was not.
    pub(crate) longest_unseen_ms: [i64; 2],
}

impl Course {
    /// From the moment at which everybody authorises, through the day, until everything is known.
    pub(crate) async fn run(setting: &Setting, kind: &Kind) -> Self {
        let meetings = meetings(kind);
        let company = Company::start(setting).await;
        while company.now_ms() < kind.hours.start {
            company.step().await;
        }
        let mut longest_unseen_ms = [0; 2];
        let mut day = Day::of(&meetings);
        let (before, _) = company.calls().await;
        go_on(&company, &mut day, &mut longest_unseen_ms, kind.hours.end).await;
        let (after, _) = company.calls().await;
        for _ in 0..PATIENCE_MS / HOUR_MS * 4 {
            if company.known().await.len() >= meetings.len() {
                break;
            }
            let soon_ms = company.now_ms() + HOUR_MS / 4;
            go_on(&company, &mut day, &mut longest_unseen_ms, soon_ms).await;
        }
        let known = company.known().await;
        let (_, over_limit) = company.calls().await;
        company.stop().await;
        let called = |(api, count): (String, u64)| {
            let count = count - before.get(&api).copied().unwrap_or_default();
            (api, count)
        };
        let recordings = meetings.into_iter().map(|meeting| {
            let after_ms = known.get(&meeting.token).map(|at_ms| at_ms - meeting.exists_ms());
            (meeting, after_ms)
        });
        Self {
            recordings: recordings.collect(),
            calls: after.into_iter().map(called).filter(|(_, count)| *count > 0).collect(),
            over_limit,
            longest_unseen_ms,
        }
    }

    /// The waits of some recordings, shortest first, ms. All of them must have become known.
    pub(crate) fn waits_ms(&self, takes: impl Fn(&Meeting) -> bool) -> Vec<i64> {
        let chosen = self.recordings.iter().filter(|(meeting, _)| takes(meeting));
        let mut waits: Vec<i64> =
            chosen.map(|(meeting, wait)| wait.unwrap_or_else(|| panic!("{meeting:?}"))).collect();
        waits.sort_unstable();
        waits
    }
}

async fn go_on(company: &Company, day: &mut Day, longest_unseen_ms: &mut [i64; 2], until_ms: i64) {
    let mut look_ms = company.now_ms();
    while company.now_ms() < until_ms {
        day.happen(company).await;
        company.step().await;
        if company.now_ms() >= look_ms {
            look_ms += MINUTE_MS;
            for (longest, unseen) in longest_unseen_ms.iter_mut().zip(company.unseen_ms().await) {
                *longest = unseen.unwrap_or_default().max(*longest);
            }
        }
    }
}

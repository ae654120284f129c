//! A company's meetings: who holds them when, and what becomes of their events.

use std::collections::BTreeMap;
use std::ops::Range;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::json;

use super::company::{Company, HOUR_MS, MINUTE_MS, person};

/// The minute's address is there so long after the meeting's end, ms; the facts' "about ten seconds".
const MINUTE_AFTER_MS: i64 = 10_000;
/// The event comes so long after that, ms.
const EVENT_AFTER_MS: i64 = 2_000;

/// A meeting that is recorded.
#[derive(Debug, Clone)]
pub(crate) struct Meeting {
    pub(crate) token: String,
    id: String,
    owner: usize,
    others: Vec<usize>,
    start_ms: i64,
    pub(crate) end_ms: i64,
    /// All its events are lost.
    pub(crate) is_lost: bool,
    /// Its owner has no working subscription, and nobody else of the company is there: no event is sent.
    pub(crate) is_untold: bool,
}

impl Meeting {
    /// When its minute is there, unix ms.
    pub(crate) fn exists_ms(&self) -> i64 {
        self.end_ms + MINUTE_AFTER_MS
    }
}

/// How a day is.
pub(crate) struct Kind {
    pub(crate) meetings: usize,
    pub(crate) members: usize,
    pub(crate) untold: usize,
    /// Of a hundred meetings, how many lose their events.
    pub(crate) lost_percent: u32,
    /// When meetings begin, unix ms.
    pub(crate) hours: Range<i64>,
}

/// The meetings of a day in the order of their ends: nine in ten in the office hours of ten hours, most of them on
/// the hour or the half; half an hour long in the middle, some for hours; held by few often and by many seldom.
pub(crate) fn meetings(kind: &Kind) -> Vec<Meeting> {
    let mut random = StdRng::seed_from_u64(20_261_123);
    let mut meetings: Vec<_> = (0..kind.meetings).map(|number| meeting(kind, number, &mut random)).collect();
    meetings.sort_by_key(|meeting| meeting.end_ms);
    meetings
}

fn meeting(kind: &Kind, number: usize, random: &mut StdRng) -> Meeting {
    let told = kind.members - kind.untold;
    // Those of whom no event tells hold two in a hundred, so that there are enough to measure.
    let is_untold = kind.untold > 0 && random.random_range(0..50) == 0;
    let (owner, others) = if is_untold {
        (random.random_range(told..kind.members), Vec::new())
    } else {
        let few = random.random_range(1..=5);
        (often(told, random), (0..few).map(|_| random.random_range(0..told)).collect())
    };
    let start_ms = start(&kind.hours, random);
    // Log-normal: the median is half an hour.
    let minutes = (30.0_f64.ln() + 0.6 * bell(random)).exp().clamp(2.0, 300.0);
    #[expect(clippy::cast_possible_truncation, reason = "minutes")]
    let end_ms = start_ms + (minutes * 60.0) as i64 * 1_000;
    Meeting {
        token: format!("obcn{number:020}"),
        id: format!("{}", 7_000_000_000_000_000_000_u64 + number as u64),
        owner,
        others,
        start_ms,
        end_ms,
        is_lost: !is_untold && random.random_range(0..100) < kind.lost_percent,
        is_untold,
    }
}

/// Of those who hold meetings, few do it often.
fn often(told: usize, random: &mut StdRng) -> usize {
    let luck: f64 = random.random();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "a number below `told`"
    )]
    let number = (luck.powf(1.5) * told as f64) as usize;
    number.min(told - 1)
}

fn start(hours: &Range<i64>, random: &mut StdRng) -> i64 {
    let day_ms = hours.end - hours.start;
    if day_ms < 20 * HOUR_MS || random.random_range(0..10) == 0 {
        return random.random_range(hours.clone());
    }
    let slot = hours.start + 9 * HOUR_MS + random.random_range(0..20) * 30 * MINUTE_MS;
    match random.random_range(0..10) {
        0..7 => slot + random.random_range(0..4 * MINUTE_MS),
        _ => slot + random.random_range(0..30 * MINUTE_MS),
    }
}

/// The normal distribution, near enough.
fn bell(random: &mut StdRng) -> f64 {
    (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0
}

/// What is still to come of a day's meetings, in the order in which it does.
pub(crate) struct Day {
    begin: BTreeMap<(i64, usize), Meeting>,
    exist: BTreeMap<(i64, usize), Meeting>,
    told: BTreeMap<(i64, usize), Meeting>,
}

impl Day {
    pub(crate) fn of(meetings: &[Meeting]) -> Self {
        let by = |at_ms: fn(&Meeting) -> i64, takes: fn(&Meeting) -> bool| {
            let taken = meetings.iter().enumerate().filter(|(_, meeting)| takes(meeting));
            taken.map(|(number, meeting)| ((at_ms(meeting), number), meeting.clone())).collect()
        };
        Self {
            begin: by(|it| it.start_ms, |_| true),
            exist: by(Meeting::exists_ms, |_| true),
            told: by(|it| it.exists_ms() + EVENT_AFTER_MS, |it| !it.is_lost && !it.is_untold),
        }
    }

    /// Does what has fallen due.
    pub(crate) async fn happen(&mut self, company: &Company) {
        let now_ms = company.now_ms();
        for meeting in due(&mut self.begin, now_ms) {
            let body = json!({
                "id": meeting.id, "owner": person(meeting.owner), "topic": "周会", "start_ms": meeting.start_ms,
                "participants": meeting.others.iter().map(|it| person(*it)).collect::<Vec<_>>(),
                "duration_ms": meeting.end_ms - meeting.start_ms, "minute": meeting.token,
            });
            company.order("meetings", &body).await;
        }
        for meeting in due(&mut self.exist, now_ms) {
            let body = json!({
                "token": meeting.token, "owner": person(meeting.owner), "title": "周会", "announce": "generated",
                "viewers": meeting.others.iter().map(|it| person(*it)).collect::<Vec<_>>(),
                "created_ms": meeting.start_ms, "duration_ms": meeting.end_ms - meeting.start_ms,
                "meeting_id": meeting.id,
            });
            company.order("minutes", &body).await;
        }
        for meeting in due(&mut self.told, now_ms) {
            let people = std::iter::once(&meeting.owner).chain(&meeting.others);
            let body = json!({
                "minute_token": meeting.token,
                "minute_source": { "source_type": "meeting", "source_entity_id": meeting.id },
                "subscriber_ids": people.map(|it| json!({ "open_id": person(*it) })).collect::<Vec<_>>(),
            });
            company.hear(format!("event of {}", meeting.token), "minutes.minute.generated_v1", body).await;
        }
    }
}

fn due(waiting: &mut BTreeMap<(i64, usize), Meeting>, now_ms: i64) -> Vec<Meeting> {
    let later = waiting.split_off(&(now_ms + 1, 0));
    std::mem::replace(waiting, later).into_values().collect()
}

//! The turnstile in paused time: who goes, when, and that nobody is forgotten.

use std::future::Future;
use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use tokio::task::JoinHandle;
use tokio::time::{advance, sleep};

use super::super::{FIVE_A_SECOND, HUNDRED_A_MINUTE, Priority};
use super::*;

const SECOND: Duration = Duration::from_secs(1);
const A_MOMENT: Duration = Duration::from_millis(1);

/// A turnstile that writes down who went through, and when.
#[derive(Clone)]
struct Gate {
    turnstile: Arc<Turnstile>,
    opened: Instant,
    went: Arc<Mutex<Vec<(&'static str, Duration)>>>,
}

impl Gate {
    fn new(pace: Pace) -> Self {
        Self { turnstile: Arc::new(Turnstile::new(pace)), opened: Instant::now(), went: Arc::default() }
    }

    /// Used up, so that everybody who comes now has to wait.
    async fn busy(pace: Pace) -> Self {
        let gate = Self::new(pace);
        while gate.turnstile.state().schedule.opens_at(Instant::now()).is_none() {
            gate.turnstile.turn(Priority::Person).await.unwrap();
        }
        gate
    }

    /// Somebody who stands in line by the time this returns.
    async fn enter(&self, name: &'static str, priority: Priority) -> JoinHandle<Result<(), Duration>> {
        let gate = self.clone();
        let caller = tokio::spawn(async move {
            gate.turnstile.turn(priority).await?;
            gate.went.lock().unwrap().push((name, gate.opened.elapsed()));
            Ok(())
        });
        tokio::task::yield_now().await;
        caller
    }

    fn names(&self) -> Vec<&'static str> {
        self.went.lock().unwrap().iter().map(|(name, _)| *name).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn the_most_urgent_goes_first_and_the_first_come_among_equals() {
    let gate = Gate::busy(FIVE_A_SECOND).await;
    for (name, priority) in [
        ("history", Priority::Backfill),
        ("patrol", Priority::Patrol),
        ("event", Priority::Event),
        ("event, later", Priority::Event),
        ("click", Priority::Person),
    ] {
        gate.enter(name, priority).await;
    }
    sleep(10 * SECOND).await;
    assert_eq!(gate.names(), ["click", "event", "event, later", "patrol", "history"]);
    let times: Vec<_> = gate.went.lock().unwrap().iter().map(|(_, at)| at.as_millis()).collect();
    assert_eq!(times, [250, 500, 750, 1_000, 1_250], "at the pace and not at leisure");
}

#[tokio::test(start_paused = true)]
async fn whoever_comes_while_others_wait_overtakes_the_less_urgent() {
    let gate = Gate::busy(FIVE_A_SECOND).await;
    gate.enter("history", Priority::Backfill).await;
    advance(Duration::from_millis(249)).await;
    gate.enter("click", Priority::Person).await;
    sleep(SECOND).await;
    assert_eq!(gate.names(), ["click", "history"]);
}

#[tokio::test(start_paused = true)]
async fn however_much_comes_in_front_those_at_the_back_get_an_eighth() {
    let gate = Gate::busy(FIVE_A_SECOND).await;
    for _ in 0..5 {
        gate.enter("history", Priority::Backfill).await;
    }
    for _ in 0..80 {
        gate.enter("click", Priority::Person).await;
    }
    sleep(10 * SECOND + A_MOMENT).await;
    let names = gate.names();
    assert_eq!(names.len(), 40);
    assert_eq!(names.iter().filter(|name| **name == "history").count(), 5, "{names:?}");
}

#[tokio::test(start_paused = true)]
async fn whoever_goes_away_gives_their_place_to_the_next() {
    let gate = Gate::busy(FIVE_A_SECOND).await;
    let at_the_front = gate.enter("front", Priority::Person).await;
    let in_between = gate.enter("between", Priority::Event).await;
    gate.enter("back", Priority::Patrol).await;
    at_the_front.abort();
    in_between.abort();
    sleep(Duration::from_millis(250) + A_MOMENT).await;
    assert_eq!(gate.names(), ["back"], "and without a turn that nobody used");
    assert!(gate.turnstile.state().waiting.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_short_pause_holds_everybody_and_afterwards_they_come_one_by_one() {
    let gate = Gate::new(HUNDRED_A_MINUTE);
    gate.turnstile.pause(2 * SECOND);
    for _ in 0..3 {
        gate.enter("caller", Priority::Event).await;
    }
    sleep(10 * SECOND).await;
    let times: Vec<_> = gate.went.lock().unwrap().iter().map(|(_, at)| at.as_millis()).collect();
    assert_eq!(times, [2_000, 2_682, 3_364], "no burst: the platform has just said that it is too much");
}

#[tokio::test(start_paused = true)]
async fn a_long_pause_sends_everybody_away_with_the_rest_of_it() {
    let gate = Gate::busy(FIVE_A_SECOND).await;
    let first = gate.enter("first", Priority::Person).await;
    let second = gate.enter("second", Priority::Patrol).await;
    gate.turnstile.pause(60 * SECOND);
    gate.turnstile.pause(SECOND);
    let rest = Duration::from_millis(59_750);
    assert_eq!((first.await.unwrap(), second.await.unwrap()), (Err(rest), Err(rest)));
    sleep(30 * SECOND).await;
    assert_eq!(gate.turnstile.turn(Priority::Person).await, Err(Duration::from_millis(29_750)));
    sleep(27 * SECOND).await;
    gate.turnstile.turn(Priority::Person).await.expect("worth waiting for");
    assert_eq!(gate.opened.elapsed(), 60 * SECOND);
}

#[derive(Debug, Clone)]
struct Caller {
    comes_ms: u64,
    priority: Priority,
    /// Loses patience after so long.
    leaves_ms: Option<u64>,
}

fn callers() -> impl Strategy<Value = Vec<Caller>> {
    let priority = prop_oneof![
        Just(Priority::Person),
        Just(Priority::Event),
        Just(Priority::Patrol),
        Just(Priority::Backfill)
    ];
    let caller = (0_u64..8_000, priority, prop::option::of(0_u64..4_000));
    let caller = caller.prop_map(|(comes_ms, priority, leaves_ms)| Caller { comes_ms, priority, leaves_ms });
    prop::collection::vec(caller, 1..60)
}

fn in_paused_time<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(work)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whoever comes, overtakes or leaves: all who stay get through, no turn is lost and none is given twice.
    #[test]
    fn all_who_stay_get_through_at_the_full_pace(callers in callers(), pauses in prop::collection::vec((0_u64..8_000, 0_u64..3_000), 0..3)) {
        let (times, last_ms) = in_paused_time(async {
            let turnstile = Arc::new(Turnstile::new(FIVE_A_SECOND));
            let start = Instant::now();
            let work: Vec<_> = callers.iter().cloned().map(|caller| {
                let turnstile = Arc::clone(&turnstile);
                tokio::spawn(async move {
                    sleep(Duration::from_millis(caller.comes_ms)).await;
                    let patience = Duration::from_millis(caller.leaves_ms.unwrap_or(u64::MAX / 2));
                    let went = tokio::time::timeout(patience, turnstile.turn(caller.priority)).await;
                    (caller.leaves_ms.is_none(), went.is_ok().then(|| start.elapsed()))
                })
            }).collect();
            for (at_ms, wait_ms) in pauses.clone() {
                let turnstile = Arc::clone(&turnstile);
                tokio::spawn(async move {
                    sleep(Duration::from_millis(at_ms)).await;
                    turnstile.pause(Duration::from_millis(wait_ms));
                });
            }
            let mut times = Vec::new();
            for caller in work {
                let (stays, went) = caller.await.unwrap();
                assert!(!stays || went.is_some(), "somebody who stayed never got through");
                times.extend(went);
            }
            assert!(turnstile.state().waiting.is_empty());
            (times, start.elapsed().as_millis())
        });
        let mut times: Vec<_> = times.iter().map(Duration::as_millis).collect();
        times.sort_unstable();
        prop_assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= 250), "{times:?}");
        // All have come by 8 s, pauses included by 11 s, and then a turn is due every 250 ms.
        prop_assert!(last_ms <= 11_000 + 250 * (callers.len() as u128 + 1), "{last_ms}");
    }
}

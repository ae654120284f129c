//! The queue: one holder at a time, nothing forgotten, nothing finished by somebody who no longer holds it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use archive::catalog::Catalog;
use archive::model::{Clock, ManualClock};
use archive::queue::{Call, Next, Queue, Task, TaskKind, Worker};
use feishu::Priority;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::databases::Fresh;
use crate::installation::{DAY_MS, NOW_MS, eventually, minute};

const KIND: TaskKind = TaskKind::Meeting;
const LEASE_MS: i64 = 60_000;

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(NOW_MS))
}

fn queue(catalog: &Catalog, clock: &Arc<ManualClock>, node: &str) -> Queue {
    Queue::new(catalog.clone(), Arc::clone(clock) as Arc<dyn Clock>, node)
}

async fn claim(queue: &Queue) -> Option<Task> {
    queue.claim(KIND).await.unwrap()
}

async fn call(queue: &Queue, subject: &str, run_at: i64) {
    queue.call(Call::new(KIND, subject, Priority::Event, run_at)).await.unwrap();
}

on_each_database!(
    whoever_claims_at_once_each_task_has_one_holder,
    a_task_is_due_in_its_time_and_the_longest_due_comes_first,
    the_urgent_go_first_then_whoever_has_nothing_under_way_then_the_newest,
    nothing_waits_for_ever_while_others_keep_coming,
    what_is_paused_is_not_claimed_until_it_is_resumed,
    called_twice_it_is_one_task_at_the_earlier_time,
    a_lease_that_is_kept_holds_and_one_that_is_not_ends,
    an_old_holder_changes_nothing,
    an_old_holder_is_not_mistaken_for_that_of_the_next_task_of_this_name,
    what_is_called_for_while_it_runs_runs_once_more,
    put_back_it_comes_again_in_time_with_its_story,
    a_start_gives_back_this_nodes_leases_and_no_others,
    workers_do_all_and_one_that_breaks_down_takes_nobody_with_it,
);

async fn whoever_claims_at_once_each_task_has_one_holder(fresh: &Fresh) {
    const TASKS: usize = 60;
    let clock = clock();
    let beside = fresh.again().await;
    let first = queue(&fresh.catalog, &clock, "a");
    for number in 0..TASKS {
        call(&first, &format!("m{number}"), NOW_MS).await;
    }
    let held = Arc::new(Mutex::new(Vec::new()));
    let claimers = (0..8).map(|number| {
        let catalog = if number % 2 == 0 { &fresh.catalog } else { &beside };
        let (queue, held) = (queue(catalog, &clock, &format!("n{number}")), Arc::clone(&held));
        tokio::spawn(async move {
            // Two that reach for one task leave one of them with none, and others to be had.
            for _ in 0..1_000 {
                if held.lock().unwrap().len() >= TASKS {
                    return;
                }
                if let Some(task) = claim(&queue).await {
                    held.lock().unwrap().push(task.subject);
                }
            }
        })
    });
    for claimer in claimers.collect::<Vec<_>>() {
        claimer.await.unwrap();
    }
    assert!(claim(&first).await.is_none(), "one was left or let go");
    let held = held.lock().unwrap();
    assert_eq!((held.len(), held.iter().collect::<BTreeSet<_>>().len()), (TASKS, TASKS));
}

async fn a_task_is_due_in_its_time_and_the_longest_due_comes_first(fresh: &Fresh) {
    let clock = clock();
    let queue = queue(&fresh.catalog, &clock, "a");
    let longest = Duration::from_secs(5);
    assert_eq!(queue.until_next(KIND, longest).await.unwrap(), longest);
    call(&queue, "later", NOW_MS + 2_000).await;
    call(&queue, "latest", NOW_MS + 60_000).await;
    assert_eq!(queue.until_next(KIND, longest).await.unwrap(), Duration::from_secs(2));
    assert_eq!(queue.until_next(TaskKind::Patrol, longest).await.unwrap(), longest, "another kind's task");
    assert!(claim(&queue).await.is_none());
    clock.advance(60_000);
    assert_eq!(queue.until_next(KIND, longest).await.unwrap(), Duration::ZERO);
    assert_eq!(claim(&queue).await.unwrap().subject, "later");
    assert_eq!(claim(&queue).await.unwrap().subject, "latest");
    assert_eq!(queue.until_next(KIND, longest).await.unwrap(), longest, "all are held");
}

async fn the_urgent_go_first_then_whoever_has_nothing_under_way_then_the_newest(fresh: &Fresh) {
    let queue = queue(&fresh.catalog, &clock(), "a");
    let call = async |subject: &str, lane, party: &str, made_ms| {
        let call = Call::new(KIND, subject, lane, NOW_MS).of(Some(party)).made(made_ms);
        queue.call(call).await.unwrap();
    };
    call("history", Priority::Backfill, "idle", 9).await;
    for (subject, made_ms) in [("a1", 1), ("a3", 3), ("a2", 2)] {
        call(subject, Priority::Event, "busy", made_ms).await;
    }
    call("b", Priority::Event, "other", 0).await;
    call("click", Priority::Patrol, "busy", 0).await;
    call("click", Priority::Person, "", 0).await;
    let mut order = Vec::new();
    while let Some(task) = claim(&queue).await {
        order.push(task.subject);
    }
    assert_eq!(order, ["click", "b", "a3", "a2", "a1", "history"]);
}

async fn nothing_waits_for_ever_while_others_keep_coming(fresh: &Fresh) {
    let queue = queue(&fresh.catalog, &clock(), "a");
    let call = async |subject: &str, lane, run_at| {
        queue.call(Call::new(KIND, subject, lane, run_at).made(run_at)).await.unwrap();
    };
    call("old", Priority::Backfill, NOW_MS - 1).await;
    for turn in 0..20 {
        call(&format!("new{turn}"), Priority::Event, NOW_MS).await;
        let task = claim(&queue).await.unwrap();
        queue.finish(&task).await.unwrap();
        if task.subject == "old" {
            return;
        }
    }
    panic!("it was passed over twenty times");
}

async fn what_is_paused_is_not_claimed_until_it_is_resumed(fresh: &Fresh) {
    let queue = queue(&fresh.catalog, &clock(), "a");
    let (one, other) = (minute(1), minute(2));
    for token in [&one, &other] {
        queue.call(Call::new(TaskKind::Archive, token.as_str(), Priority::Event, NOW_MS)).await.unwrap();
    }
    call(&queue, "meeting", NOW_MS).await;
    let longest = Duration::from_secs(9);
    let archive = async || queue.claim(TaskKind::Archive).await.unwrap().map(|task| task.subject);

    assert!(fresh.catalog.pause(None, NOW_MS).await.unwrap());
    assert!(!fresh.catalog.pause(None, NOW_MS + 1).await.unwrap(), "it was paused already");
    assert_eq!(fresh.catalog.pauses().await.unwrap().everything_since, Some(NOW_MS));
    assert_eq!(archive().await, None);
    assert_eq!(
        queue.until_next(TaskKind::Archive, longest).await.unwrap(),
        longest,
        "nobody spins meanwhile"
    );
    assert!(claim(&queue).await.is_some(), "meetings are asked all the same");

    assert!(fresh.catalog.pause(Some(&one), NOW_MS).await.unwrap());
    assert!(fresh.catalog.resume(None).await.unwrap());
    assert_eq!(archive().await.as_deref(), Some(other.as_str()));
    assert_eq!(archive().await, None, "the other one was paused by name");
    assert!(fresh.catalog.resume(Some(&one)).await.unwrap());
    assert!(!fresh.catalog.resume(Some(&one)).await.unwrap());
    assert_eq!(archive().await.as_deref(), Some(one.as_str()));
}

async fn called_twice_it_is_one_task_at_the_earlier_time(fresh: &Fresh) {
    let queue = queue(&fresh.catalog, &clock(), "a");
    for run_at in [NOW_MS + 9_000, NOW_MS + 3_000, NOW_MS + 6_000] {
        call(&queue, "m", run_at).await;
    }
    let listed = queue.list(KIND, 10).await.unwrap();
    assert_eq!(
        listed.iter().map(|task| (task.subject.as_str(), task.run_at)).collect::<Vec<_>>(),
        [("m", NOW_MS + 3_000)]
    );
    assert_eq!(queue.task(KIND, "m").await.unwrap().unwrap().run_at, NOW_MS + 3_000);
    assert!(queue.task(KIND, "other").await.unwrap().is_none());
}

async fn a_lease_that_is_kept_holds_and_one_that_is_not_ends(fresh: &Fresh) {
    let clock = clock();
    let queue = queue(&fresh.catalog, &clock, "a");
    call(&queue, "m", NOW_MS).await;
    let held = claim(&queue).await.unwrap();
    clock.advance(LEASE_MS - 1);
    assert!(queue.heartbeat(&held).await.unwrap());
    clock.advance(LEASE_MS - 1);
    assert!(claim(&queue).await.is_none());
    clock.advance(2);
    assert_eq!(claim(&queue).await.unwrap().subject, "m");
    assert!(!queue.heartbeat(&held).await.unwrap(), "it is another's by now");
}

async fn an_old_holder_changes_nothing(fresh: &Fresh) {
    let clock = clock();
    let queue = queue(&fresh.catalog, &clock, "a");
    call(&queue, "m", NOW_MS).await;
    let old = claim(&queue).await.unwrap();
    clock.advance(LEASE_MS + 1);
    let present = claim(&queue).await.unwrap();
    queue.finish(&old).await.unwrap();
    queue.put_back(&old, NOW_MS, 7, Some("late")).await.unwrap();
    let row = queue.task(KIND, "m").await.unwrap().unwrap();
    assert_eq!((row.attempts, row.last_error), (0, None));
    assert!(queue.heartbeat(&present).await.unwrap());
    queue.finish(&present).await.unwrap();
    assert!(queue.task(KIND, "m").await.unwrap().is_none());
}

async fn an_old_holder_is_not_mistaken_for_that_of_the_next_task_of_this_name(fresh: &Fresh) {
    let clock = clock();
    let queue = queue(&fresh.catalog, &clock, "a");
    call(&queue, "m", NOW_MS).await;
    let old = claim(&queue).await.unwrap();
    clock.advance(LEASE_MS + 1);
    let present = claim(&queue).await.unwrap();
    queue.finish(&present).await.unwrap();
    call(&queue, "m", NOW_MS).await;
    for _ in 0..2 {
        // First as long as nobody holds the new one, then while somebody does.
        queue.finish(&old).await.unwrap();
        assert!(!queue.heartbeat(&old).await.unwrap());
        assert!(queue.task(KIND, "m").await.unwrap().is_some());
        let _ = claim(&queue).await;
    }
}

async fn what_is_called_for_while_it_runs_runs_once_more(fresh: &Fresh) {
    let queue = queue(&fresh.catalog, &clock(), "a");
    call(&queue, "m", NOW_MS).await;
    let running = claim(&queue).await.unwrap();
    call(&queue, "m", NOW_MS).await;
    assert!(claim(&queue).await.is_none(), "it runs already");
    queue.finish(&running).await.unwrap();
    let again = claim(&queue).await.expect("the call was not lost");
    call(&queue, "m", NOW_MS).await;
    queue.put_back(&again, NOW_MS + DAY_MS, 0, None).await.unwrap();
    let again = claim(&queue).await.expect("nor was this one put off");
    queue.finish(&again).await.unwrap();
    assert!(queue.list(KIND, 10).await.unwrap().is_empty());
}

async fn put_back_it_comes_again_in_time_with_its_story(fresh: &Fresh) {
    let clock = clock();
    let queue = queue(&fresh.catalog, &clock, "a");
    call(&queue, "m", NOW_MS).await;
    let task = claim(&queue).await.unwrap();
    queue.put_back(&task, NOW_MS + 5_000, 3, Some("微服务不可用\0")).await.unwrap();
    let row = queue.task(KIND, "m").await.unwrap().unwrap();
    assert_eq!((row.attempts, row.lease_until), (3, None));
    assert!(row.last_error.unwrap().starts_with("微服务不可用"));
    assert!(claim(&queue).await.is_none());
    clock.advance(5_000);
    let task = claim(&queue).await.unwrap();
    assert_eq!((task.attempts, task.created_at), (3, NOW_MS));
}

async fn a_start_gives_back_this_nodes_leases_and_no_others(fresh: &Fresh) {
    let clock = clock();
    let (dead, other) = (queue(&fresh.catalog, &clock, "dead"), queue(&fresh.catalog, &clock, "other"));
    call(&dead, "mine", NOW_MS).await;
    let _ = claim(&dead).await.unwrap();
    call(&dead, "theirs", NOW_MS).await;
    let theirs = claim(&other).await.unwrap();
    let reborn = queue(&fresh.catalog, &clock, "dead");
    assert_eq!(reborn.release_own_leases().await.unwrap(), 1);
    assert_eq!(claim(&reborn).await.unwrap().subject, "mine");
    assert!(claim(&reborn).await.is_none());
    assert!(other.heartbeat(&theirs).await.unwrap());
}

async fn workers_do_all_and_one_that_breaks_down_takes_nobody_with_it(fresh: &Fresh) {
    const TASKS: usize = 40;
    let clock = clock();
    let queue = queue(&fresh.catalog, &clock, "a");
    let (tracker, stop) = (TaskTracker::new(), CancellationToken::new());
    let done = Arc::new(Mutex::new(BTreeSet::new()));
    let seen = Arc::clone(&done);
    Worker::new(queue.clone(), KIND, stop.clone()).spawn(&tracker, 4, &move |task: Task| {
        let seen = Arc::clone(&seen);
        async move {
            assert!(task.subject != "m3", "a bug");
            if task.subject == "m5" {
                return Next::Failed { at: NOW_MS + DAY_MS, error: "no luck".to_owned() };
            }
            seen.lock().unwrap().insert(task.subject);
            Next::Done
        }
    });
    for number in 0..TASKS {
        call(&queue, &format!("m{number}"), NOW_MS).await;
    }
    eventually("all but two are done", async || {
        done.lock().unwrap().len() == TASKS - 2
            && queue.list(KIND, 100).await.unwrap().iter().all(|task| task.attempts == 1)
    })
    .await;
    let left = queue.list(KIND, 100).await.unwrap();
    let told: Vec<_> = left.iter().map(|task| (task.subject.as_str(), task.last_error.as_deref())).collect();
    assert_eq!(told, [("m3", Some("internal error")), ("m5", Some("no luck"))]);
    stop.cancel();
    tracker.close();
    tracker.wait().await;
}

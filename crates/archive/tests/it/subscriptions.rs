//! A member's subscription to the event of new minutes: nothing tells how it stands, so it is asked for again.

use archive::audit::Verb;
use archive::members::{Farewell, Parting, Seal};
use archive::model::{Reason, Track};
use archive::queue::TaskKind;
use serde_json::json;

use crate::databases::Fresh;
use crate::installation::{DAY_MS, HOUR_MS, Installation, NOW_MS, deed, eventually, minute, person};

on_each_database!(
    it_is_asked_for_with_each_authorisation_and_calmly_again,
    why_it_was_refused_is_kept_until_it_is_not,
    a_minute_of_which_no_event_told_makes_it_be_asked_for_at_once,
    a_start_asks_again_and_forgets_nothing,
    whoever_is_forgotten_is_unsubscribed_while_the_token_works,
);

async fn asked(installation: &Installation, times: usize) {
    installation.queue().nudge(TaskKind::Subscription);
    eventually("it was asked for", async || installation.platform.subscriptions().0 >= times).await;
    let now_ms = installation.archive.clock.now_ms();
    eventually("that is noted", async || {
        installation.member("ou_a").await.subscription_asked_at == Some(now_ms)
    })
    .await;
    eventually("the task rests", async || {
        let task = installation.queue().task(TaskKind::Subscription, "ou_a").await.unwrap();
        task.is_some_and(|task| task.lease_until.is_none())
    })
    .await;
    assert_eq!(installation.platform.subscriptions().0, times);
}

/// When it is next the task's turn, from now on.
async fn rests_for(installation: &Installation) -> i64 {
    let task = installation.queue().task(TaskKind::Subscription, "ou_a").await.unwrap().unwrap();
    task.run_at - installation.archive.clock.now_ms()
}

async fn it_is_asked_for_with_each_authorisation_and_calmly_again(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    installation.work_on(TaskKind::Subscription);
    installation.authorise("ou_a", "甲").await;
    asked(&installation, 1).await;
    assert_eq!(installation.platform.subscriptions().1, ["ou_a"]);
    let member = installation.member("ou_a").await;
    assert_eq!((member.subscribed_at, member.subscription_error), (Some(NOW_MS), None));
    assert_eq!(rests_for(&installation).await, DAY_MS);

    installation.clock.advance(DAY_MS);
    asked(&installation, 2).await;
    assert_eq!(installation.member("ou_a").await.subscribed_at, Some(NOW_MS), "it stood all the time");
    installation.clock.advance(HOUR_MS);
    installation.authorise("ou_a", "甲").await;
    asked(&installation, 3).await;
    assert_eq!(installation.member("ou_a").await.subscribed_at, Some(NOW_MS + DAY_MS + HOUR_MS));
}

async fn why_it_was_refused_is_kept_until_it_is_not(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    installation.work_on(TaskKind::Subscription);
    installation.platform.refuse_subscriptions(Some((400, 99_991_679)));
    installation.authorise("ou_a", "甲").await;
    asked(&installation, 1).await;
    let member = installation.member("ou_a").await;
    assert_eq!((member.subscribed_at, member.subscription_reason()), (None, Some(Reason::ScopeNotGranted)));
    assert!(member.subscription_error.unwrap().contains("99991679"));

    installation.platform.refuse_subscriptions(None);
    installation.clock.advance(DAY_MS);
    asked(&installation, 2).await;
    let member = installation.member("ou_a").await;
    assert_eq!((member.subscribed_at, member.subscription_reason()), (Some(NOW_MS + DAY_MS), None));
}

async fn a_minute_of_which_no_event_told_makes_it_be_asked_for_at_once(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    installation.work_on(TaskKind::Subscription);
    installation.work_on_events();
    installation.authorise("ou_a", "甲").await;
    asked(&installation, 1).await;

    // Of this one an event tells, late as it is.
    installation.clock.advance(HOUR_MS);
    let found = |number| {
        let mut seen = crate::installation::seen(minute(number), Track::Patrol, Some("ou_a"));
        seen.owner = Some(person("ou_a"));
        seen
    };
    let made = async |number: usize, made_ms: i64| {
        installation.sight(&found(number)).await;
        let facts = archive::catalog::MetadataFacts {
            raw: "{}".to_owned(),
            created_ms: Some(made_ms),
            ..archive::catalog::MetadataFacts::default()
        };
        installation.catalog().set_metadata(&minute(number), &facts).await.unwrap();
    };
    made(1, NOW_MS + HOUR_MS).await;
    let event = feishu::Event {
        id: "e".to_owned(),
        kind: "minutes.minute.generated_v1".to_owned(),
        created_ms: None,
        tenant_key: None,
        body: json!({"minute_token": minute(1).as_str(), "subscriber_ids": [{"open_id": "ou_a"}]}),
    };
    installation.inbox().accept(event).await.unwrap();
    eventually("it was heard", async || installation.member("ou_a").await.heard_at == Some(NOW_MS + HOUR_MS))
        .await;
    assert!(rests_for(&installation).await < HOUR_MS, "it is looked at sooner than in a day");
    installation.clock.advance(HOUR_MS);
    installation.queue().nudge(TaskKind::Subscription);
    eventually("all is well, and it rests again", async || rests_for(&installation).await > HOUR_MS).await;
    assert_eq!(installation.platform.subscriptions().0, 1);

    made(2, NOW_MS + 2 * HOUR_MS).await;
    installation.clock.advance(5 * 60_000);
    installation.queue().nudge(TaskKind::Subscription);
    assert_eq!(installation.platform.subscriptions().0, 1, "the event may still come");
    installation.clock.advance(6 * 60_000);
    asked(&installation, 2).await;
    let since = installation.member("ou_a").await.subscribed_at;
    assert_eq!(since, Some(installation.archive.clock.now_ms()), "what was before had lapsed");
}

async fn a_start_asks_again_and_forgets_nothing(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    installation.work_on(TaskKind::Subscription);
    installation.authorise("ou_a", "甲").await;
    asked(&installation, 1).await;
    installation.stop().await;
    installation.clock.advance(HOUR_MS);
    let reborn = installation.beside(fresh).await;
    reborn.archive.take_up().await.unwrap();
    reborn.work_on(TaskKind::Subscription);
    asked(&reborn, 2).await;
    assert_eq!(reborn.member("ou_a").await.subscribed_at, Some(NOW_MS));
}

async fn whoever_is_forgotten_is_unsubscribed_while_the_token_works(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    installation.work_on(TaskKind::Subscription);
    installation.authorise("ou_a", "甲").await;
    asked(&installation, 1).await;
    let forget = async |open_id: &str| {
        let parting = Parting {
            catalog: installation.catalog(),
            client: &installation.archive.client,
            seal: &Seal::new(&[7; 32]),
            person: &person(open_id),
            now_ms: installation.archive.clock.now_ms(),
        };
        parting.forget(&deed(Verb::Deleted, open_id)).await.unwrap()
    };
    assert_eq!(forget("ou_a").await, Farewell::Unsubscribed);
    assert!(installation.platform.subscriptions().1.is_empty());
    assert!(installation.catalog().members().await.unwrap().is_empty());
    for kind in [TaskKind::Patrol, TaskKind::Backfill, TaskKind::Subscription] {
        assert_eq!(installation.tasks(kind).await, 0, "{kind}");
    }
    installation.authorise("ou_b", "乙").await;
    // Nothing is under way or due that would have the token renewed.
    eventually("it was asked for", async || {
        installation.member("ou_b").await.subscription_asked_at.is_some()
    })
    .await;
    installation.clock.advance(3 * HOUR_MS);
    assert_eq!(forget("ou_b").await, Farewell::NoToken);
    assert!(installation.catalog().members().await.unwrap().is_empty());
}

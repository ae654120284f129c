//! What those who run the service do in a browser: sign in, pause, have things tried again; each with its deed.

use std::sync::Arc;

use archive::audit::{AuditFilter, Deed, Verb};
use archive::catalog::{ArtifactUpdate, Catalog, FinishedFile, Growth, RecordingUpdate, Sighting};
use archive::fetch::{Again, try_again};
use archive::members::{ApiScope, ApiTokens, Arrival, IDLE_MS, LIFETIME_MS, NewApiToken, Roster, Sessions};
use archive::model::{
    ArtifactKind, ArtifactState, Clock, ManualClock, MinuteToken, Reason, RecordingState, Role, Track,
};
use archive::queue::{Queue, RecordingTask, Waiting};

use crate::databases::Fresh;
use crate::installation::{DAY_MS, Installation, NOW_MS, minute, person, seen, sight_in};

on_each_database!(
    a_session_is_found_by_what_the_browser_holds_until_it_is_over,
    a_session_is_ended_by_its_owner_or_by_whoever_may_end_all,
    a_token_is_good_for_what_it_names_until_it_ends,
    whoever_leaves_the_company_is_out_even_if_they_never_authorised,
    the_configuration_says_who_is_who_and_else_the_first_link_does,
    the_first_who_comes_decides_which_company_it_is,
    a_cause_is_tried_again_and_nothing_else,
    one_recording_is_tried_again,
    the_queue_tells_of_its_recordings_and_of_what_is_paused,
    what_is_missing_is_listed_whether_it_is_queued_or_not,
    growth_is_what_came_since_then,
    owners_who_have_not_authorised_are_listed_whoever_else_is_unknown,
);

fn deed(verb: Verb) -> Deed {
    Deed {
        actor: person("ou_a"),
        verb,
        subject: "subject".to_owned(),
        detail: None,
        from: "10.0.0.1".to_owned(),
        at_ms: NOW_MS,
    }
}

async fn deeds(catalog: &Catalog) -> usize {
    let filter = AuditFilter { limit: 100, ..AuditFilter::default() };
    catalog.audit_rows(&filter).await.unwrap().len()
}

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(NOW_MS))
}

fn sessions(catalog: &Catalog, clock: &Arc<ManualClock>) -> Sessions {
    Sessions::new(catalog.clone(), Arc::clone(clock) as Arc<dyn Clock>)
}

fn queue(catalog: &Catalog) -> Queue {
    Queue::new(catalog.clone(), clock(), "node")
}

async fn begin(sessions: &Sessions, open_id: &str) -> secrecy::SecretString {
    let open_id = person(open_id);
    let arrival =
        Arrival { open_id: &open_id, name: "张伟", from: "10.0.0.1", agent: "a browser", instead_of: None };
    sessions.begin(arrival, &deed(Verb::SignedIn)).await.unwrap()
}

async fn a_session_is_found_by_what_the_browser_holds_until_it_is_over(fresh: &Fresh) {
    let clock = clock();
    let sessions = sessions(&fresh.catalog, &clock);
    let held = begin(&sessions, "ou_a").await;
    let session = sessions.find(&held).await.unwrap().unwrap();
    assert_eq!((session.open_id, session.name.as_str(), session.began_at), (person("ou_a"), "张伟", NOW_MS));
    assert!(sessions.find(&"something else".into()).await.unwrap().is_none());
    clock.advance(IDLE_MS);
    assert!(sessions.is_open(&session.hash).await.unwrap());
    assert_eq!(sessions.find(&held).await.unwrap().unwrap().seen_at, NOW_MS, "as it was before");
    assert_eq!(sessions.list(None).await.unwrap()[0].seen_at, NOW_MS + IDLE_MS);
    clock.advance(IDLE_MS + 1);
    assert!(sessions.find(&held).await.unwrap().is_none());
    assert!(!sessions.is_open(&session.hash).await.unwrap() && sessions.list(None).await.unwrap().is_empty());

    let held = begin(&sessions, "ou_a").await;
    for _ in 0..LIFETIME_MS / IDLE_MS {
        clock.advance(IDLE_MS);
        assert!(sessions.find(&held).await.unwrap().is_some());
    }
    clock.advance(1);
    assert!(sessions.find(&held).await.unwrap().is_none(), "never idle, and over");
    assert_eq!(deeds(&fresh.catalog).await, 2);
}

async fn a_session_is_ended_by_its_owner_or_by_whoever_may_end_all(fresh: &Fresh) {
    let sessions = sessions(&fresh.catalog, &clock());
    begin(&sessions, "ou_a").await;
    begin(&sessions, "ou_b").await;
    let (a, b) = (person("ou_a"), person("ou_b"));
    let of_b = sessions.list(Some(&b)).await.unwrap();
    assert_eq!((of_b.len(), sessions.list(None).await.unwrap().len()), (1, 2));
    assert!(!sessions.end(&of_b[0].hash, Some(&a), &deed(Verb::Deleted)).await.unwrap());
    assert_eq!(deeds(&fresh.catalog).await, 2, "what was not done is not written down");
    assert!(sessions.end(&of_b[0].hash, None, &deed(Verb::Deleted)).await.unwrap());
    assert!(!sessions.end(&of_b[0].hash, None, &deed(Verb::Deleted)).await.unwrap());
    fresh.catalog.remove_member(&a, None).await.unwrap();
    assert!(sessions.list(None).await.unwrap().is_empty(), "whoever is removed is out");
    assert_eq!(deeds(&fresh.catalog).await, 3);
}

async fn a_token_is_good_for_what_it_names_until_it_ends(fresh: &Fresh) {
    let clock = clock();
    let tokens = ApiTokens::new(fresh.catalog.clone(), Arc::clone(&clock) as Arc<dyn Clock>);
    let (a, b) = (person("ou_a"), person("ou_b"));
    let new = NewApiToken { open_id: &a, label: " 统计 ", scopes: &[ApiScope::Recordings], days: 30 };
    let made = tokens.make(new, &deed(Verb::Changed)).await.unwrap().unwrap();
    let found = tokens.find(&made).await.unwrap().unwrap();
    assert_eq!((&found.open_id, found.label.as_str()), (&a, "统计"));
    assert_eq!(found.scopes().collect::<Vec<_>>(), [ApiScope::Recordings]);
    assert!(tokens.find(&"mvt_other".into()).await.unwrap().is_none());
    assert_eq!(tokens.list(Some(&a)).await.unwrap()[0].used_at, Some(NOW_MS));
    assert!(tokens.list(Some(&b)).await.unwrap().is_empty());
    for nonsense in [NewApiToken { scopes: &[], ..new }, NewApiToken { days: 366, ..new }] {
        assert!(tokens.make(nonsense, &deed(Verb::Changed)).await.unwrap().is_none());
    }
    assert_eq!(deeds(&fresh.catalog).await, 1, "what was not made is not written down");

    assert!(!tokens.end(&found.hash, Some(&b), &deed(Verb::Deleted)).await.unwrap());
    clock.advance(30 * DAY_MS - 1);
    assert!(tokens.find(&made).await.unwrap().is_some());
    clock.advance(1);
    assert!(tokens.find(&made).await.unwrap().is_none() && tokens.list(None).await.unwrap().is_empty());
    let made = tokens.make(new, &deed(Verb::Changed)).await.unwrap().unwrap();
    let hash = &tokens.list(None).await.unwrap()[0].hash;
    assert!(tokens.end(hash, Some(&a), &deed(Verb::Deleted)).await.unwrap());
    assert!(tokens.find(&made).await.unwrap().is_none());
    tokens.make(new, &deed(Verb::Changed)).await.unwrap();
    fresh.catalog.remove_member(&a, None).await.unwrap();
    assert!(tokens.list(None).await.unwrap().is_empty(), "whoever is removed is out");
}

async fn whoever_leaves_the_company_is_out_even_if_they_never_authorised(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let clock = Arc::clone(&installation.clock) as Arc<dyn Clock>;
    let sessions = Sessions::new(installation.catalog().clone(), Arc::clone(&clock));
    let tokens = ApiTokens::new(installation.catalog().clone(), clock);
    let auditor = person("ou_a");
    let new = NewApiToken { open_id: &auditor, label: "x", scopes: &[ApiScope::Service], days: 365 };
    let token = tokens.make(new, &deed(Verb::Changed)).await.unwrap().unwrap();
    let held = begin(&sessions, "ou_a").await;
    let grants = installation.grants();
    grants.revoked(&auditor, "Revoked by user action.", None).await.unwrap();
    grants.revoked(&auditor, "User resigned", Some(NOW_MS - 1)).await.unwrap();
    assert!(sessions.find(&held).await.unwrap().is_some(), "they came back after that");
    grants.revoked(&auditor, "User resigned", Some(NOW_MS)).await.unwrap();
    assert!(sessions.find(&held).await.unwrap().is_none() && tokens.find(&token).await.unwrap().is_none());
}

async fn the_configuration_says_who_is_who_and_else_the_first_link_does(fresh: &Fresh) {
    let catalog = &fresh.catalog;
    let roles = async |roster: &Roster| {
        let mut roles = Vec::new();
        for id in ["ou_a", "ou_b", "ou_c"] {
            roles.push(roster.role(&person(id)).await.unwrap());
        }
        roles
    };
    let open = Roster::new(catalog.clone(), Vec::new(), vec![person("ou_b")]);
    assert_eq!(roles(&open).await, [Role::Member, Role::Auditor, Role::Member]);
    let void = open.first_link().await.unwrap().unwrap();
    let link = open.first_link().await.unwrap().unwrap();
    assert!(!open.claim(&void, &deed(Verb::Changed)).await.unwrap());
    assert!(open.claim(&link, &deed(Verb::Changed)).await.unwrap());
    assert!(!open.claim(&link, &deed(Verb::Changed)).await.unwrap(), "it works once");
    assert_eq!(roles(&open).await, [Role::Administrator, Role::Auditor, Role::Member]);
    assert!(open.first_link().await.unwrap().is_none());
    assert_eq!(deeds(catalog).await, 1);

    let named = Roster::new(catalog.clone(), vec![person("ou_c"), person("ou_b")], vec![person("ou_b")]);
    assert_eq!(roles(&named).await, [Role::Member, Role::Administrator, Role::Administrator]);
    assert!(named.first_link().await.unwrap().is_none());
}

async fn the_first_who_comes_decides_which_company_it_is(fresh: &Fresh) {
    let roster = Roster::new(fresh.catalog.clone(), Vec::new(), Vec::new());
    for (tenant_key, is_ours) in [
        (None, false),
        (Some(""), false),
        (Some("ours"), true),
        (Some("theirs"), false),
        (Some("ours"), true),
    ] {
        assert_eq!(roster.is_of_the_company(tenant_key).await.unwrap(), is_ours, "{tenant_key:?}");
    }
}

/// Its media failed for this reason, long after which it is due again.
async fn fail(catalog: &Catalog, token: &MinuteToken, reason: Reason) {
    sight_in(catalog, &seen(token.clone(), Track::Patrol, Some("ou_a")), NOW_MS).await;
    let (state, due_at) = (ArtifactState::Failed, NOW_MS + DAY_MS);
    let update = ArtifactUpdate { state, reason: Some(reason), detail: None, attempts: 5, due_at };
    catalog.artifact_not_done(token, ArtifactKind::Media, &update, &[], NOW_MS).await.unwrap();
    let update = RecordingUpdate { state: RecordingState::Failed, reason: Some(reason), detail: None };
    catalog.set_recording_state(token, update, NOW_MS).await.unwrap();
    catalog.db().execute("UPDATE tasks SET run_at = run_at + 1000000", Vec::new()).await.unwrap();
}

async fn media(catalog: &Catalog, number: usize) -> (ArtifactState, i64) {
    let artifacts = catalog.artifacts(&minute(number)).await.unwrap();
    let media = artifacts.iter().find(|artifact| artifact.kind == ArtifactKind::Media).unwrap();
    (media.state, media.attempts)
}

async fn a_cause_is_tried_again_and_nothing_else(fresh: &Fresh) {
    let catalog = &fresh.catalog;
    for (number, reason) in [(1, Reason::DiskFull), (2, Reason::DiskFull), (3, Reason::NotMedia)] {
        fail(catalog, &minute(number), reason).await;
    }
    let queue = queue(catalog);
    let count =
        try_again(catalog, &queue, Again::Cause(Reason::DiskFull), &deed(Verb::Changed)).await.unwrap();
    assert_eq!(count, 2);
    assert_eq!(media(catalog, 1).await, (ArtifactState::Pending, 0));
    assert_eq!(media(catalog, 2).await, (ArtifactState::Pending, 0));
    assert_eq!(media(catalog, 3).await, (ArtifactState::Failed, 5));
    let due = queue.waiting(Waiting::Queued, None, 9).await.unwrap().rows;
    let is_due = |task: &&RecordingTask| task.run_at.is_some_and(|at_ms| at_ms <= NOW_MS);
    let due: Vec<_> = due.iter().filter(is_due).map(|it| &it.minute_token).collect();
    assert_eq!(due.len(), 2, "{due:?}");
    assert_eq!(deeds(catalog).await, 1);
    let none = try_again(catalog, &queue, Again::Cause(Reason::Lost), &deed(Verb::Changed)).await.unwrap();
    assert_eq!(none, 0);
}

async fn one_recording_is_tried_again(fresh: &Fresh) {
    let catalog = &fresh.catalog;
    fail(catalog, &minute(1), Reason::DiskFull).await;
    fail(catalog, &minute(2), Reason::DiskFull).await;
    let token = minute(2);
    let what = Again::Recording(&token);
    assert_eq!(try_again(catalog, &queue(catalog), what, &deed(Verb::Changed)).await.unwrap(), 1);
    assert_eq!(media(catalog, 1).await, (ArtifactState::Failed, 5));
    assert_eq!(media(catalog, 2).await, (ArtifactState::Pending, 0));
}

async fn the_queue_tells_of_its_recordings_and_of_what_is_paused(fresh: &Fresh) {
    let catalog = &fresh.catalog;
    fail(catalog, &minute(1), Reason::DiskFull).await;
    assert!(catalog.set_paused(Some(&minute(1)), true, &deed(Verb::Changed)).await.unwrap());
    assert!(!catalog.set_paused(Some(&minute(1)), true, &deed(Verb::Changed)).await.unwrap());
    assert!(catalog.set_paused(None, true, &deed(Verb::Changed)).await.unwrap());
    let tasks = queue(catalog).waiting(Waiting::Queued, None, 9).await.unwrap().rows;
    assert_eq!(tasks.len(), 1);
    assert_eq!((tasks[0].state.as_deref(), tasks[0].paused_since), (Some("failed"), Some(NOW_MS)));
    assert_eq!(tasks[0].reason.as_deref(), Some("disk_full"));
    assert!(catalog.pauses().await.unwrap().everything_since.is_some());
    assert!(catalog.set_paused(None, false, &deed(Verb::Changed)).await.unwrap());
    assert!(catalog.set_paused(Some(&minute(1)), false, &deed(Verb::Changed)).await.unwrap());
    assert_eq!(catalog.pauses().await.unwrap(), archive::catalog::Pauses::default());
    assert_eq!(deeds(catalog).await, 5);
}

async fn what_is_missing_is_listed_whether_it_is_queued_or_not(fresh: &Fresh) {
    let catalog = &fresh.catalog;
    for number in 1..=7 {
        fail(catalog, &minute(number), if number == 7 { Reason::NotMedia } else { Reason::DiskFull }).await;
    }
    let unqueued =
        "DELETE FROM tasks WHERE subject IN ('obcn00000000000000000002', 'obcn00000000000000000005')";
    catalog.db().execute(unqueued, Vec::new()).await.unwrap();
    let state = "UPDATE recordings SET state = 'no_grant' WHERE minute_token = 'obcn00000000000000000005'";
    catalog.db().execute(state, Vec::new()).await.unwrap();
    let queue = queue(catalog);
    let all = async |which| {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let page = queue.waiting(which, after.as_deref(), 2).await.unwrap();
            assert!(page.rows.len() <= 2);
            all.extend(page.rows.into_iter().map(|row| (row.minute_token, row.run_at.is_some())));
            after = page.next;
            if after.is_none() {
                all.sort();
                return all;
            }
        }
    };
    let row = |number, is_queued| (minute(number).to_string(), is_queued);
    let queued = [1, 3, 4, 6, 7].map(|number| row(number, true));
    assert_eq!(all(Waiting::Queued).await, queued);
    let full = [(1, true), (2, false), (3, true), (4, true), (5, false), (6, true)];
    assert_eq!(all(Waiting::For(Reason::DiskFull)).await, full.map(|(number, is)| row(number, is)));
    assert_eq!(all(Waiting::For(Reason::NoGrant)).await, []);
    let blocked = Waiting::At([RecordingState::Denied, RecordingState::NoGrant]);
    assert_eq!(all(blocked).await, [row(5, false)]);
    let failed = [(1, true), (2, false), (3, true), (4, true), (6, true), (7, true)];
    assert_eq!(
        all(Waiting::At([RecordingState::Failed; 2])).await,
        failed.map(|(number, is)| row(number, is))
    );
    // What is at work stands first, and a page that ends among it leaves nothing out.
    let held = "UPDATE tasks SET lease_until = 5, run_at = 9000000000000 WHERE subject IN ($1, $2, $3)";
    let at_work = [7, 6, 3].map(|number| minute(number).to_string().into());
    catalog.db().execute(held, at_work.into()).await.unwrap();
    let (mut listed, mut after) = (Vec::new(), None);
    loop {
        let page = queue.waiting(Waiting::Queued, after.as_deref(), 2).await.unwrap();
        listed.extend(page.rows.into_iter().map(|row| row.minute_token));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(listed, [3, 6, 7, 4, 1].map(|number| minute(number).to_string()));
    let odd = queue.waiting(Waiting::For(Reason::DiskFull), Some("x"), 9).await.unwrap();
    assert_eq!(odd.rows.len(), 6, "what is no place is the beginning");
}

async fn growth_is_what_came_since_then(fresh: &Fresh) {
    let catalog = &fresh.catalog;
    assert_eq!(catalog.growth(0).await.unwrap(), Growth::default());
    for (number, at_ms) in [(1, NOW_MS - 3 * DAY_MS), (2, NOW_MS - DAY_MS), (3, NOW_MS)] {
        sight_in(catalog, &seen(minute(number), Track::Patrol, Some("ou_a")), at_ms).await;
        let file = FinishedFile::new("a.mp4".to_owned(), 100, "00".to_owned());
        catalog.artifact_done(&minute(number), ArtifactKind::Media, &file, at_ms).await.unwrap();
    }
    let growth = catalog.growth(NOW_MS - 2 * DAY_MS).await.unwrap();
    assert_eq!(growth, Growth { bytes: 200, first_at: Some(NOW_MS - DAY_MS) });
}

async fn owners_who_have_not_authorised_are_listed_whoever_else_is_unknown(fresh: &Fresh) {
    let catalog = &fresh.catalog;
    sight_in(catalog, &seen(minute(1), Track::MeetingEnded, None), NOW_MS).await;
    assert_eq!(catalog.unauthorised_owners().await.unwrap(), [], "of whom nothing is known");
    for number in [2, 3] {
        let sighting =
            Sighting { owner: Some(person("ou_b")), ..seen(minute(number), Track::MeetingEnded, None) };
        sight_in(catalog, &sighting, NOW_MS).await;
    }
    let owners = catalog.unauthorised_owners().await.unwrap();
    let told: Vec<_> = owners.iter().map(|it| (it.open_id.as_str(), it.owned, it.missing)).collect();
    assert_eq!(told, [("ou_b", 2, 2)]);
}

//! The life of an authorisation: its year, its end, who comes back, who leaves, who is removed.

use archive::audit::Verb;
use archive::members::{Farewell, Footing, Parting, Purged, Seal, Standing};
use archive::model::{MemberState, Reason, RecordingState};
use archive::verify::{Depth, Finding, Reading, audit};
use serde_json::json;

use crate::company::Company;
use crate::databases::Fresh;
use crate::installation::{DAY_MS, FEATURES, HOUR_MS, deed, eventually, person};

on_each_database!(
    one_click_in_january_lasts_a_year_and_the_next_catches_up,
    a_departed_members_last_token_brings_what_is_open,
    where_it_is_dead_at_once_the_administrator_hears_what_is_missing,
    who_withdraws_is_not_asked_once_more_and_is_asked_to_come_back_once,
    a_person_is_removed_with_files_and_a_record_and_may_come_back,
    a_link_in_a_files_place_leads_nowhere,
);

async fn is_archived(company: &Company, token: &str) -> bool {
    let token = token.parse().unwrap();
    company.catalog().recording(&token).await.unwrap().is_some_and(|it| it.state == RecordingState::Archived)
}

async fn archived(company: &Company, token: &str) {
    eventually("archived", async || {
        company.look().await;
        is_archived(company, token).await
    })
    .await;
}

async fn told_becomes(company: &Company, name: &str, expected: &[&str]) {
    eventually(&format!("{name} is told {expected:?}"), async || {
        company.look().await;
        company.told(name).await == expected
    })
    .await;
}

async fn standing(company: &Company, name: &str) -> Standing {
    Standing::of(&company.member(name).await, FEATURES, company.now_ms())
}

async fn one_click_in_january_lasts_a_year_and_the_next_catches_up(fresh: &Fresh) {
    let company = Company::new(fresh, None).await;
    company.work();
    company.authorise("张伟").await;
    company.live(350 * DAY_MS).await;
    let december = company.record("张伟", "年终会议").await;
    company.live(HOUR_MS).await;
    assert!(is_archived(&company, &december).await);
    assert_eq!(standing(&company, "张伟").await.footing, Footing::Active);
    assert!(company.told("张伟").await.is_empty(), "nobody is troubled before the time");

    // 13, 8 and 4 days are left, then less than three, then the last one.
    for (days, cards) in [(1, 1), (5, 1), (4, 1), (2, 2), (2, 3)] {
        company.live(days * DAY_MS).await;
        assert_eq!(company.told("张伟").await, vec!["ending/open"; cards]);
        let ending = standing(&company, "张伟").await;
        assert_eq!((ending.footing, ending.reason), (Footing::Expiring, Some(Reason::GrantEnding)));
    }
    let last = company.record("张伟", "最后一天的会议").await;
    company.live(HOUR_MS).await;
    assert!(is_archived(&company, &last).await, "on the last day it still works");

    // The day after the bound: the platform renews nothing any more.
    company.live(DAY_MS).await;
    let over = standing(&company, "张伟").await;
    assert_eq!((over.footing, over.reason), (Footing::MustAuthorise, Some(Reason::GrantExpired)));
    let member = company.member("张伟").await;
    assert_eq!((member.state, member.reason()), (MemberState::MustAuthorise, Some(Reason::GrantExpired)));
    assert!(member.reason_detail.unwrap().contains("20037"));
    let mut missed = Vec::new();
    for title in ["错过的会议", "又错过一次"] {
        missed.push(company.record("张伟", title).await);
        company.live(DAY_MS).await;
    }
    for token in &missed {
        assert!(!is_archived(&company, token).await);
    }
    assert_eq!(company.told("张伟").await, ["ending/open"; 3], "asked thrice is enough");

    company.authorise("张伟").await;
    company.settle().await;
    for token in &missed {
        assert!(is_archived(&company, token).await, "the gap is caught up with");
    }
    // What was sent more than 14 days ago can no longer be put right.
    assert_eq!(company.told("张伟").await, ["ending/open", "ending/over", "ending/over"]);
    let card = company.cards("张伟").await.pop().unwrap().to_string();
    assert!(card.contains(r#"\"count\":2"#), "{card}");
    assert_eq!(standing(&company, "张伟").await.footing, Footing::Active);
    company.live(30 * DAY_MS).await;
    assert_eq!(standing(&company, "张伟").await.footing, Footing::Active, "a new year has begun");
}

/// A member who has authorised, with one recording that the platform is not yet ready to hand out.
async fn with_something_open(company: &Company) -> String {
    let token = company.record("张伟", "最后一次会议").await;
    let fault = json!({ "kind": "code", "code": 2_091_003, "status": 400 });
    company.order("/_sim/faults", json!({ "api": "minutes.media", "times": 1, "fault": fault })).await;
    company.work();
    company.authorise("张伟").await;
    eventually("the platform is not ready", async || {
        let token = token.parse().unwrap();
        let known = company.catalog().recording(&token).await.unwrap();
        known.is_some_and(|it| it.state == RecordingState::Waiting)
    })
    .await;
    token
}

async fn leave(company: &Company, by: &str, words: &str) {
    let open_id = company.open_id("张伟");
    company.order(&format!("/_sim/people/{open_id}/revoke"), json!({ "by": by })).await;
    company.archive.grants.revoked(&person(&open_id), words, None).await.unwrap();
}

async fn a_departed_members_last_token_brings_what_is_open(fresh: &Fresh) {
    let company = Company::new(fresh, None).await;
    company.change("/_sim/knobs", json!({ "revoked_access_lives": true })).await;
    let token = with_something_open(&company).await;
    leave(&company, "resign", "Revoked by restriction action.").await;
    assert_eq!(company.member("张伟").await.state, MemberState::Departed);
    archived(&company, &token).await;
    assert!(company.told("李娜").await.is_empty(), "while it is tried nobody knows what is missing");
    company.pass(HOUR_MS).await;
    told_becomes(&company, "李娜", &["unreachable/open"]).await;
    let messages = company.see("/_sim/messages").await;
    assert!(messages["messages"][0]["content"].as_str().unwrap().contains("count"));
    let error = company.archive.grants.access(&person(&company.open_id("张伟"))).await;
    assert!(error.is_err(), "then it has ended");
}

async fn where_it_is_dead_at_once_the_administrator_hears_what_is_missing(fresh: &Fresh) {
    let company = Company::new(fresh, None).await;
    let token = with_something_open(&company).await;
    leave(&company, "resign", "Revoked by restriction action.").await;
    told_becomes(&company, "李娜", &["unreachable/open"]).await;
    assert!(!is_archived(&company, &token).await);
    assert!(company.told("张伟").await.is_empty(), "who has left is not written to");
}

async fn who_withdraws_is_not_asked_once_more_and_is_asked_to_come_back_once(fresh: &Fresh) {
    let company = Company::new(fresh, None).await;
    company.change("/_sim/knobs", json!({ "revoked_access_lives": true })).await;
    let token = with_something_open(&company).await;
    let asked = |seen: &serde_json::Value| seen["requests"].as_array().unwrap().len();
    let path = format!("/_sim/requests?api=minutes.media&minute_token={token}");
    let before = asked(&company.see(&path).await);
    leave(&company, "user", "Revoked by user action.").await;
    told_becomes(&company, "张伟", &["ended/open"]).await;
    told_becomes(&company, "李娜", &["unreachable/open"]).await;
    company.pass(HOUR_MS).await;
    assert_eq!(asked(&company.see(&path).await), before, "their token is left alone");
    company.authorise("张伟").await;
    archived(&company, &token).await;
    told_becomes(&company, "张伟", &["ended/over"]).await;
    told_becomes(&company, "李娜", &["unreachable/over"]).await;
}

/// Them and the files of what they own.
async fn purge(company: &Company, name: &str) -> Purged {
    let parting = Parting {
        catalog: company.catalog(),
        client: &company.archive.client,
        seal: &Seal::new(&[7; 32]),
        person: &person(&company.open_id(name)),
        now_ms: company.now_ms(),
    };
    parting.purge(Some(&company.archive.store), &deed(Verb::Deleted, "member")).await.unwrap()
}

async fn a_person_is_removed_with_files_and_a_record_and_may_come_back(fresh: &Fresh) {
    let company = Company::new(fresh, None).await;
    let (gone, kept) = (company.record("张伟", "要删除的").await, company.record("王芳", "留下的").await);
    company.work();
    for name in ["张伟", "王芳"] {
        company.authorise(name).await;
    }
    archived(&company, &gone).await;
    archived(&company, &kept).await;
    let store = &company.archive.store;
    let open_id = person(&company.open_id("张伟"));
    let files = company.catalog().files_of(&open_id).await.unwrap();
    assert!(files >= 2, "the media and its description");
    let purged = purge(&company, "张伟").await;
    assert_eq!((purged.files, purged.farewell), (files, Farewell::Unsubscribed));

    let mut bad = Vec::new();
    let reading = Reading { depth: Depth::Hashes, limit: None };
    let sum = audit(company.catalog(), store, &*company.archive.clock, reading, false, |finding| {
        if let Finding::Bad(fact, fault) = finding {
            bad.push(format!("{fact:?} {fault}"));
        }
    })
    .await
    .unwrap();
    assert!(bad.is_empty() && sum.good >= 2, "{bad:?}");
    assert!(!listed(company.root()).iter().any(|path| path.contains(&gone)), "a file is left");
    assert!(!listed(company.root()).iter().any(|path| path.contains("张伟")), "a folder is left");
    assert!(listed(company.root()).iter().any(|path| path.contains(&kept)));

    let removal = &company.catalog().removals().await.unwrap()[0];
    assert_eq!((removal.open_id.as_str(), removal.removed_by.as_str()), (open_id.as_str(), "root"));
    let record = company.catalog().removed_files(&removal.id).await.unwrap();
    assert_eq!(i64::try_from(record.len()).unwrap(), files);
    assert!(record.iter().all(|file| file.path.contains(&gone) && file.sha256.is_some()));
    for change in ["UPDATE removals SET name = 'x'", "DELETE FROM removed_files"] {
        assert!(company.catalog().db().execute(change, Vec::new()).await.is_err(), "{change}");
    }

    // Who comes back begins anew, and what was removed stays away.
    company.authorise("张伟").await;
    let new = company.record("张伟", "回来以后").await;
    company.pass(HOUR_MS).await;
    archived(&company, &new).await;
    let removed = company.catalog().recording(&gone.parse().unwrap()).await.unwrap().unwrap();
    assert_eq!((removed.state, removed.title), (RecordingState::Purged, None));
}

async fn a_link_in_a_files_place_leads_nowhere(fresh: &Fresh) {
    let company = Company::new(fresh, None).await;
    let token = company.record("张伟", "会议").await;
    company.work();
    company.authorise("张伟").await;
    archived(&company, &token).await;
    let outside = tempfile::tempdir().unwrap();
    let precious = outside.path().join("precious");
    std::fs::write(&precious, "not ours").unwrap();
    let file = listed(company.root()).into_iter().find(|path| path.contains("].mp4")).unwrap();
    std::fs::remove_file(&file).unwrap();
    std::os::unix::fs::symlink(&precious, &file).unwrap();
    purge(&company, "张伟").await;
    assert_eq!(std::fs::read_to_string(&precious).unwrap(), "not ours");
    assert!(std::fs::symlink_metadata(&file).is_ok(), "the link is not ours to remove either");
}

/// Files and folders.
fn listed(folder: &std::path::Path) -> Vec<String> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        files.push(path.display().to_string());
        if path.is_dir() {
            files.extend(listed(&path));
        }
    }
    files
}

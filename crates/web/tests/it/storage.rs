//! The page for storage: what takes up the room, rules, holds, the trash; who may do what there, and what is written
//! down of it.

use archive::audit::AuditFilter;
use archive::model::{Reason, RecordingState};
use web::words::{Language, Words};

use crate::house::{Answer, Browser, House, Plan};
use crate::player::bytes_of;
use crate::shelf::token;

const ADMINISTRATOR: &str = "张伟";
const AUDITOR: &str = "李娜";
const MEMBER: &str = "王芳";
const DAY_MS: i64 = 86_400_000;

async fn house() -> House {
    Plan { administrators: vec![ADMINISTRATOR], auditors: vec![AUDITOR], ..Plan::default() }.build().await
}

async fn signed_in(house: &House, name: &str) -> Browser {
    let mut browser = Browser::default();
    browser.sign_in(house, name).await;
    browser
}

fn say(key: &str) -> String {
    let said = Words::new(Language::Chinese).say(key);
    assert_ne!(said, key, "no such text");
    said
}

pub(crate) async fn post(
    browser: &mut Browser,
    house: &House,
    path: &str,
    fields: &[(&str, &str)],
) -> Answer {
    let csrf = browser.get(house, "/sessions").await.csrf();
    browser.post(house, path, &[fields, &[("csrf", csrf.as_str())]].concat()).await
}

async fn state(house: &House, number: usize) -> RecordingState {
    house.catalog.recording(&token(number)).await.unwrap().unwrap().state
}

/// Details of the deeds with this verb, the last one first.
async fn deeds(house: &House, verb: &str) -> Vec<String> {
    let filter = AuditFilter { verb: Some(verb.to_owned()), limit: 99, ..AuditFilter::default() };
    let rows = house.catalog.audit_rows(&filter).await.unwrap();
    rows.into_iter().map(|row| format!("{} {}", row.subject, row.detail.unwrap_or_default())).collect()
}

#[tokio::test]
async fn usage_room_and_quarantine_are_shown() {
    let house = house().await;
    for (number, owner) in [(1, ADMINISTRATOR), (2, MEMBER), (3, MEMBER)] {
        house.keep(number, owner, "周会").await;
    }
    let aside = house.folder.path().join("downloads/.quarantine/rejected-obcn9");
    std::fs::create_dir_all(&aside).unwrap();
    std::fs::write(aside.join("x.mp4"), "odd").unwrap();
    std::fs::write(aside.join("why.json"), r#"{"reason": "not_media", "why": "<b>no film</b>"}"#).unwrap();
    let page = signed_in(&house, ADMINISTRATOR).await.get(&house, "/storage").await.body;
    for expected in ["storage-kept", "storage-free", "storage-usable", "storage-scrub"] {
        assert!(page.contains(&say(expected)), "{expected} is not on {page}");
    }
    // Nobody of them has authorised: by their ids.
    let (first, second) = (house.person(MEMBER), house.person(ADMINISTRATOR));
    let people = page.split(&say("storage-months")).next().unwrap();
    assert!(people.contains(first) && people.contains(ADMINISTRATOR), "{second}: {people}");
    assert!(people.find(first) < people.find(&format!("<bdi>{ADMINISTRATOR}</bdi></td>")), "who has most");
    assert!(page.contains("2025-11") && page.contains(&say("storage-earlier")), "{page}");
    assert!(page.contains("rejected-obcn9/x.mp4") && page.contains("&#60;b&#62;no film"), "{page}");
    assert!(page.contains(&Words::new(Language::Chinese).reason(Reason::NotMedia)), "{page}");
}

#[tokio::test]
async fn a_rule_goes_from_its_form_over_the_dry_run_to_the_switch() {
    let house = house().await;
    for number in [1, 2] {
        house.keep(number, MEMBER, &format!("周会 {number}")).await;
    }
    house.clock.advance(400 * DAY_MS);
    let mut browser = signed_in(&house, ADMINISTRATOR).await;
    let member = house.person(MEMBER).to_owned();
    let form = [("days", "365"), ("person", member.as_str()), ("kind", "video")];
    let made = post(&mut browser, &house, "/storage/rules", &form).await;
    let at = made.header("location").to_owned();
    assert!(at.starts_with("/storage/rules/") && at.ends_with("?said=rule-made&count=0"), "{at}");
    let rule = house.catalog.rules().await.unwrap().remove(0);
    assert!(!rule.is_on() && rule.age_days == 365 && rule.made_by == house.person(ADMINISTRATOR));
    let page = browser.get(&house, &at).await.body;
    for expected in ["周会 1", "周会 2", &say("storage-rule-is-off"), "name=\"count\" value=\"2\""] {
        assert!(page.contains(expected), "{expected} is not on {page}");
    }
    let switch = async |browser: &mut Browser, count: &str| {
        let form = [("rule", rule.id.as_str()), ("count", count)];
        post(browser, &house, "/storage/rules/on", &form).await.header("location").to_owned()
    };
    assert!(switch(&mut browser, "1").await.ends_with("?said=rule-more&count=2"));
    assert!(!house.catalog.rules().await.unwrap()[0].is_on(), "it would take more than was seen");
    assert!(switch(&mut browser, "2").await.ends_with("?said=rule-on&count=0"));
    assert!(house.catalog.rules().await.unwrap()[0].is_on());
    let page = browser.get(&house, "/storage").await.body;
    assert!(page.contains(&say("storage-rule-is-on")), "{page}");
    let changed = deeds(&house, "changed").await;
    assert!(changed.len() == 2 && changed[0].contains(&format!("rule {} on: seen", rule.id)), "{changed:?}");

    let which = [("rule", rule.id.as_str())];
    assert_eq!(post(&mut browser, &house, "/storage/rules/forget", &which).await.status, 404, "it is on");
    assert_eq!(post(&mut browser, &house, "/storage/rules/off", &which).await.status, 303);
    assert_eq!(post(&mut browser, &house, "/storage/rules/forget", &which).await.status, 303);
    assert!(house.catalog.rules().await.unwrap().is_empty());
    assert_eq!(browser.get(&house, &format!("/storage/rules/{}", rule.id)).await.status, 404);
    for wrong in
        [[("days", "0"), ("kind", "")], [("days", "x"), ("kind", "")], [("days", "9"), ("kind", "film")]]
    {
        post(&mut browser, &house, "/storage/rules", &wrong).await.shows(400, "notice-bad-form-title");
    }
    let nobody = [("days", "9"), ("person", "某人")];
    let answer = post(&mut browser, &house, "/storage/rules", &nobody).await;
    assert_eq!(answer.header("location"), "/storage?said=unknown-person&count=0");
    assert!(house.catalog.rules().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_hold_is_placed_on_a_recording_or_a_person_and_lifted() {
    let house = house().await;
    let path = house.keep(1, MEMBER, "机密周会").await;
    let mut auditor = signed_in(&house, AUDITOR).await;
    signed_in(&house, MEMBER).await;
    let address = format!("https://acme.feishu.cn/minutes/{}", token(1));
    for (on, subject) in [
        (address.as_str(), token(1).to_string()),
        (MEMBER, house.person(MEMBER).to_owned()),
        (house.person(ADMINISTRATOR), house.person(ADMINISTRATOR).to_owned()),
    ] {
        let form = [("on", on), ("reason", "仲裁 <1>")];
        let answer = post(&mut auditor, &house, "/storage/holds", &form).await;
        assert_eq!(answer.header("location"), "/storage?said=hold-placed&count=0", "{on}");
        assert_eq!(deeds(&house, "changed").await[0], format!("{subject} hold placed: 仲裁 <1>"));
    }
    for form in [[("on", "某人"), ("reason", "x")], [("on", "obcnaaaaaaaaaaaaaaaaaaaa"), ("reason", "x")]] {
        let answer = post(&mut auditor, &house, "/storage/holds", &form).await;
        assert_eq!(answer.header("location"), "/storage?said=unknown-subject&count=0");
    }
    let without = [("on", MEMBER), ("reason", "  ")];
    post(&mut auditor, &house, "/storage/holds", &without).await.shows(400, "notice-bad-form-title");
    let page = auditor.get(&house, "/storage").await.body;
    assert!(page.contains("机密周会") && page.contains("仲裁 &#60;1&#62;"), "{page}");

    let mut owner = signed_in(&house, MEMBER).await;
    post(&mut owner, &house, &format!("{path}/trash"), &[]).await.shows(409, "notice-held-title");
    assert_eq!(state(&house, 1).await, RecordingState::Archived);
    for hold in house.catalog.holds(false).await.unwrap() {
        let form = [("hold", hold.id.as_str()), ("why", "结案")];
        assert_eq!(post(&mut auditor, &house, "/storage/holds/lift", &form).await.status, 303);
        assert!(deeds(&house, "changed").await[0].ends_with(&format!("hold {} lifted: 结案", hold.id)));
        assert_eq!(post(&mut auditor, &house, "/storage/holds/lift", &form).await.status, 404, "once");
    }
    assert_eq!(deeds(&house, "changed").await.len(), 6);
    let page = auditor.get(&house, "/storage").await.body;
    assert!(page.contains(&say("storage-holds-lifted")) && page.contains("结案"), "{page}");
    assert_eq!(post(&mut owner, &house, &format!("{path}/trash"), &[]).await.status, 303);
}

#[tokio::test]
async fn an_owner_puts_their_own_in_the_trash_and_an_administrator_puts_it_back() {
    let house = house().await;
    let path = house.keep(1, MEMBER, "机密周会").await;
    let mut owner = signed_in(&house, MEMBER).await;
    let mut administrator = signed_in(&house, ADMINISTRATOR).await;
    let page = owner.get(&house, &path).await;
    assert!(page.body.contains(&format!("action=\"{path}/trash\"")), "{}", page.body);
    owner.post(&house, &format!("{path}/trash"), &[]).await.shows(400, "notice-bad-form-title");
    assert_eq!(state(&house, 1).await, RecordingState::Archived, "not without its token");
    let form = [("csrf", page.csrf())];
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = owner.post(&house, &format!("{path}/trash"), &form).await;
    let away = answer.header("location").to_owned();
    assert_eq!(away, format!("/recordings?undo={}&said=trashed&count=1", token(1)));
    let list = owner.get(&house, &away).await.body;
    assert!(list.contains(&say("said-trashed")) && !list.contains("机密周会"), "{list}");
    let undo = format!("{path}/restore");
    assert!(list.contains(&format!("action=\"{undo}\"")) && list.contains(&say("library-undo")), "{list}");
    assert!(list.contains("href=\"/recordings?shelf=mine\""), "other lists say nothing of it: {list}");

    let mut auditor = signed_in(&house, AUDITOR).await;
    for (name, browser) in [("owner", &mut owner), ("auditor", &mut auditor), ("other", &mut administrator)] {
        for door in ["", "/media", "/captions.vtt", "/text/transcript_srt"] {
            assert_eq!(
                bytes_of(&house, browser, &format!("{path}{door}")).await.status,
                404,
                "{name} {door}"
            );
        }
        for listed in ["/recordings", "/recordings.csv", "/search?q=%E9%A2%84%E7%AE%97"] {
            assert!(!browser.get(&house, listed).await.body.contains("机密"), "{name} {listed}");
        }
    }
    // What they put there themselves they take out again; nobody else does by that door.
    for browser in [&mut auditor, &mut administrator] {
        assert_eq!(post(browser, &house, &undo, &[]).await.status, 404);
    }
    let back = post(&mut owner, &house, &undo, &[]).await;
    assert_eq!(back.header("location"), "/recordings?said=restored&count=1");
    assert_eq!(state(&house, 1).await, RecordingState::Archived);
    assert_eq!(bytes_of(&house, &owner, &format!("{path}/media")).await.status, 200);
    let twice = post(&mut owner, &house, &undo, &[]).await;
    assert_eq!(twice.header("location"), back.header("location"), "it is back already");
    let by_administrator = [("token", token(1).to_string())];
    let by_administrator: Vec<(&str, &str)> =
        by_administrator.iter().map(|(name, value)| (*name, value.as_str())).collect();
    post(&mut administrator, &house, "/storage/trash", &by_administrator).await;
    assert_eq!(post(&mut owner, &house, &undo, &[]).await.status, 404, "an administrator wanted it there");
    assert_eq!(state(&house, 1).await, RecordingState::Trashed);

    let page = administrator.get(&house, "/storage").await;
    for expected in ["机密周会", &format!("value=\"{}\"", token(1)), "<td data-label=\"剩余\">30 天</td>"]
    {
        assert!(page.body.contains(expected), "{expected} is not on {}", page.body);
    }
    let read_only = auditor.get(&house, "/storage").await.body;
    assert!(read_only.contains("机密周会") && !read_only.contains("/storage/restore"), "{read_only}");
    let which = [("token", token(1).to_string())];
    let which: Vec<(&str, &str)> = which.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = post(&mut administrator, &house, "/storage/restore", &which).await;
    assert_eq!(answer.header("location"), "/storage?said=restored&count=1");
    assert_eq!(bytes_of(&house, &owner, &format!("{path}/media")).await.status, 200);
    assert_eq!(post(&mut administrator, &house, "/storage/restore", &which).await.status, 404, "it is back");
    assert_eq!(deeds(&house, "deleted").await, vec![format!("{} trash", token(1)); 2]);
    assert_eq!(deeds(&house, "changed").await, vec![format!("{} restored from the trash", token(1)); 2]);
}

#[tokio::test]
async fn only_the_owner_puts_a_recording_in_the_trash_from_its_page() {
    let house = house().await;
    let path = house.keep(1, MEMBER, "机密周会").await;
    for name in [AUDITOR, ADMINISTRATOR] {
        let mut browser = signed_in(&house, name).await;
        let page = bytes_of(&house, &browser, &path).await;
        assert!(!String::from_utf8_lossy(&page.body).contains("/trash"), "{name}");
        let before = deeds(&house, "refused").await.len();
        assert_eq!(post(&mut browser, &house, &format!("{path}/trash"), &[]).await.status, 404, "{name}");
        assert_eq!(deeds(&house, "refused").await.len(), before + 1, "{name}");
    }
    assert_eq!(state(&house, 1).await, RecordingState::Archived);
}

#[tokio::test]
async fn each_form_works_for_those_whose_it_is_and_with_its_token_alone() {
    let house = house().await;
    house.keep(1, MEMBER, "周会").await;
    let administrator = signed_in(&house, ADMINISTRATOR).await;
    let mut member = signed_in(&house, MEMBER).await;
    let mut auditor = signed_in(&house, AUDITOR).await;
    let mut sleeper = administrator.clone();
    post(&mut sleeper, &house, "/storage/rules", &[("days", "9")]).await;
    let rule = house.catalog.rules().await.unwrap().remove(0).id;
    let first = token(1).to_string();
    let person = house.person(AUDITOR);
    let forms: [(&str, &[(&str, &str)]); 8] = [
        ("/storage/rules", &[("days", "30")]),
        ("/storage/rules/on", &[("rule", &rule), ("count", "9")]),
        ("/storage/rules/off", &[("rule", &rule)]),
        ("/storage/rules/forget", &[("rule", &rule)]),
        ("/storage/trash", &[("token", &first)]),
        ("/storage/restore", &[("token", &first)]),
        ("/storage/restore-all", &[("rule", &rule)]),
        ("/storage/holds", &[("on", person), ("reason", "x")]),
    ];
    let changed = deeds(&house, "changed").await;
    for (path, fields) in forms {
        let is_for_auditors = path == "/storage/holds";
        sleeper.post(&house, path, fields).await.shows(400, "notice-bad-form-title");
        let key = if is_for_auditors { "notice-overseers-only" } else { "notice-administrators-only" };
        post(&mut member, &house, path, fields).await.shows(403, &format!("{key}-title"));
        if !is_for_auditors {
            post(&mut auditor, &house, path, fields).await.shows(403, "notice-administrators-only-title");
        }
        assert_eq!(Browser::default().post(&house, path, fields).await.status, 303, "to the sign-in page");
    }
    assert_eq!(deeds(&house, "changed").await, changed, "nothing was changed");
    assert_eq!(state(&house, 1).await, RecordingState::Archived);

    // What cannot be written down does not happen.
    let csrf = sleeper.get(&house, "/sessions").await.csrf();
    house.catalog.db().execute("DROP TABLE audit", Vec::new()).await.unwrap();
    for (path, fields) in forms {
        let fields = [fields, &[("csrf", csrf.as_str())]].concat();
        assert_eq!(sleeper.post(&house, path, &fields).await.status, 503, "{path}");
    }
    assert_eq!(state(&house, 1).await, RecordingState::Archived);
    assert!(house.catalog.holds(true).await.unwrap().is_empty());
    assert_eq!(house.catalog.rules().await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_administrator_puts_in_the_trash_what_the_dry_run_lists() {
    let house = house().await;
    house.keep(1, MEMBER, "周会").await;
    house.clock.advance(400 * DAY_MS);
    let mut browser = signed_in(&house, ADMINISTRATOR).await;
    let made = post(&mut browser, &house, "/storage/rules", &[("days", "30")]).await;
    let page = browser.get(&house, made.header("location")).await;
    assert!(page.body.contains("action=\"/storage/trash\""), "{}", page.body);
    let (rule, first) = (house.catalog.rules().await.unwrap().remove(0).id, token(1).to_string());
    let form = [("token", first.as_str()), ("rule", rule.as_str())];
    let answer = post(&mut browser, &house, "/storage/trash", &form).await;
    assert_eq!(answer.header("location"), format!("/storage/rules/{rule}?said=trashed&count=1"));
    assert_eq!(state(&house, 1).await, RecordingState::Trashed);
    assert_eq!(post(&mut browser, &house, "/storage/trash", &form).await.status, 404, "once");
    // As if the rule had taken it.
    let by_rule = "UPDATE trash SET rule_id = $1";
    house.catalog.db().execute(by_rule, vec![rule.as_str().into()]).await.unwrap();
    let page = browser.get(&house, "/storage").await.body;
    assert!(
        page.contains("action=\"/storage/restore-all\"") && page.contains("恢复它移入的全部 1 条"),
        "{page}"
    );
    let all = [("rule", rule.as_str())];
    let answer = post(&mut browser, &house, "/storage/restore-all", &all).await;
    assert_eq!(answer.header("location"), "/storage?said=restoring&count=1");
    let page = browser.get(&house, "/storage").await.body;
    assert!(page.contains(&say("storage-moving")) && !page.contains("action=\"/storage/restore\""), "{page}");
    assert_eq!(post(&mut browser, &house, "/storage/restore-all", &all).await.status, 404, "once");
    let elsewhere = [("token", "obcnaaaaaaaaaaaaaaaaaaaa"), ("rule", "//evil.example")];
    assert_eq!(post(&mut browser, &house, "/storage/trash", &elsewhere).await.status, 404);
}

//! `GET /auth/callback`: each way that it can end.

use archive::audit::AuditFilter;
use archive::model::OpenId;
use serde_json::json;
use url::Url;
use web::words::{Language, Words};

use crate::house::{Browser, House, Plan};

fn without_scope(authorize_url: &Url, scope: &str) -> Url {
    let mut url = authorize_url.clone();
    let pairs: Vec<(String, String)> = authorize_url.query_pairs().into_owned().collect();
    url.query_pairs_mut().clear().extend_pairs(pairs.into_iter().map(|(name, value)| {
        let value = if name == "scope" { value.replace(scope, "") } else { value };
        (name, value)
    }));
    url
}

#[tokio::test]
async fn who_allows_is_welcomed_once() {
    let house = House::plain().await;
    let mut browser = Browser::default();
    let callback = browser.allow(&house, "王芳").await;
    let page = browser.get(&house, &callback).await;
    assert_eq!(page.status, 200);
    let title = Words::new(Language::Chinese).say_with("welcome-title", &[("name", "王芳".into())]);
    assert!(page.body.contains(&title), "{}", page.body);
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(house.members().await, ["王芳"]);
    assert!(browser.cookies.is_empty(), "the attempt is over");
    browser.get(&house, &callback).await.shows(400, "notice-not-yours-title");
    assert_eq!(house.members().await, ["王芳"]);
}

#[tokio::test]
async fn the_page_stays_in_the_language_of_the_start() {
    let house = House::plain().await;
    let mut browser = Browser { language: "zh-CN", ..Browser::default() };
    let button = browser.get(&house, "/auth/start?lang=en").await.authorize_url();
    let callback = house.decide(&button, "王芳", "allow").await;
    let page = browser.get(&house, &callback).await;
    assert!(page.body.contains("<html lang=\"en\">") && page.body.contains("you have authorised"));
}

#[tokio::test]
async fn who_refuses_is_told_so_and_may_change_their_mind() {
    let house = House::plain().await;
    let mut browser = Browser::default();
    let button = browser.start(&house).await;
    let declined = house.decide(&button, "李娜", "deny").await;
    browser.get(&house, &declined).await.shows(403, "notice-declined-title");
    assert!(house.members().await.is_empty());
    let allowed = house.decide(&button, "李娜", "allow").await;
    assert_eq!(browser.get(&house, &allowed).await.status, 200);
    assert_eq!(house.members().await, ["李娜"]);
}

#[tokio::test]
async fn another_error_is_shown_only_when_it_is_a_word() {
    let house = House::plain().await;
    for (error, shown) in
        [("invalid_scope", true), ("%3Cscript%3Ealert(1)%3C/script%3E", false), (&*"long".repeat(40), false)]
    {
        let mut browser = Browser::default();
        let button = browser.start(&house).await;
        let state = button.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        let page = browser.get(&house, &format!("/auth/callback?error={error}&state={state}")).await;
        page.shows(400, "notice-platform-title");
        assert_eq!(page.body.contains(error), shown, "{error}");
        assert!(!page.body.contains("alert(1)"));
    }
}

#[tokio::test]
async fn a_link_opened_in_another_browser_does_nothing() {
    let house = House::plain().await;
    let callback = Browser::default().allow(&house, "张伟").await;
    // The other browser is in the middle of an authorisation of its own.
    let mut other = Browser::default();
    other.start(&house).await;
    other.get(&house, &callback).await.shows(400, "notice-not-yours-title");
    Browser::default().get(&house, &callback).await.shows(400, "notice-not-yours-title");
    assert!(house.members().await.is_empty());
}

#[tokio::test]
async fn a_forged_state_does_nothing() {
    let house = House::plain().await;
    let mut browser = Browser::default();
    let callback = browser.allow(&house, "张伟").await;
    let (code, _) = callback.split_once("&state=").expect("a state behind the code");
    for forged in ["&state=forged", "&state=", "", "&state=%00&state=b"] {
        let page = browser.get(&house, &format!("{code}{forged}")).await;
        page.shows(400, "notice-not-yours-title");
    }
    assert!(house.members().await.is_empty());
    assert_eq!(browser.get(&house, &callback).await.status, 200, "the real one still works");
}

#[tokio::test]
async fn a_cookie_moved_to_another_name_does_not_open() {
    let house = House::plain().await;
    let (mut victim, mut thief) = (Browser::default(), Browser::default());
    let callback = thief.allow(&house, "张伟").await;
    victim.start(&house).await;
    let name = thief.cookies.keys().next().unwrap().clone();
    let own = victim.cookies.values().next().unwrap().clone();
    victim.cookies.insert(name, own);
    victim.get(&house, &callback).await.shows(400, "notice-not-yours-title");
}

#[tokio::test]
async fn an_attempt_grows_old() {
    let house = House::plain().await;
    let (mut slow, mut slower) = (Browser::default(), Browser::default());
    let in_time = slow.allow(&house, "张伟").await;
    let too_late = slower.allow(&house, "王芳").await;
    house.clock.advance(3_600_000);
    assert_eq!(slow.get(&house, &in_time).await.status, 200);
    house.clock.advance(1);
    slower.get(&house, &too_late).await.shows(400, "notice-stale-title");
    assert_eq!(house.members().await, ["张伟"]);
}

#[tokio::test]
async fn an_answer_without_a_code_is_incomplete() {
    let house = House::plain().await;
    let mut browser = Browser::default();
    let button = browser.start(&house).await;
    let state = button.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    for query in [format!("state={state}"), format!("code=&state={state}")] {
        browser.get(&house, &format!("/auth/callback?{query}")).await.shows(400, "notice-no-code-title");
    }
}

#[tokio::test]
async fn a_code_that_was_used_is_refused_calmly() {
    let house = House::plain().await;
    let mut browser = Browser::default();
    let callback = browser.allow(&house, "张伟").await;
    let mut twin = browser.clone();
    assert_eq!(browser.get(&house, &callback).await.status, 200);
    twin.get(&house, &callback).await.shows(400, "notice-code-refused-title");
    assert_eq!(house.members().await, ["张伟"]);
}

#[tokio::test]
async fn each_refusal_of_the_token_endpoint_has_its_page() {
    let house = House::plain().await;
    for (code, http, status, key, shows_code) in [
        (20003, 400, 400, "notice-code-refused-title", true),
        (20004, 400, 400, "notice-code-refused-title", true),
        (20049, 400, 400, "notice-code-refused-title", true),
        (20002, 400, 502, "notice-administrator-title", true),
        (20069, 400, 502, "notice-administrator-title", true),
        (20067, 400, 502, "notice-administrator-title", true),
        (20010, 400, 403, "notice-not-allowed-title", true),
        (20066, 400, 403, "notice-not-allowed-title", true),
        (20050, 500, 503, "notice-try-later-title", true),
        (20072, 503, 503, "notice-try-later-title", true),
    ] {
        let mut browser = Browser::default();
        let callback = browser.allow(&house, "张伟").await;
        house.order_fault("oauth.token", json!({"kind": "code", "code": code, "status": http})).await;
        let page = browser.get(&house, &callback).await;
        page.shows(status, key);
        assert_eq!(page.body.contains(&code.to_string()), shows_code, "{code}: {}", page.body);
        assert_eq!(page.header("retry-after").is_empty(), status != 503, "{code}");
        assert!(browser.cookies.is_empty(), "a state is good for one answer");
        assert!(page.body.contains("href=\"/auth/start?lang=zh\""), "a way to start again");
    }
    assert!(house.members().await.is_empty());
}

#[tokio::test]
async fn garbage_from_the_platform_is_its_trouble() {
    let house = House::plain().await;
    for fault in [
        json!({"kind": "error_page"}),
        json!({"kind": "answer", "status": 200, "body": "{\"code\":0}"}),
        json!({"kind": "reset"}),
    ] {
        let mut browser = Browser::default();
        let callback = browser.allow(&house, "张伟").await;
        house.order_fault("oauth.token", fault).await;
        browser.get(&house, &callback).await.shows(503, "notice-try-later-title");
    }
}

#[tokio::test]
async fn a_grant_that_cannot_be_stored_is_not_called_done() {
    let house = House::plain().await;
    let mut browser = Browser::default();
    let callback = browser.allow(&house, "张伟").await;
    house.catalog.db().close().await;
    let page = browser.get(&house, &callback).await;
    page.shows(503, "notice-not-stored-title");
    assert!(!page.body.contains(house.folder.path().to_str().unwrap()));
}

#[tokio::test]
async fn an_authorisation_is_written_down_or_not_given() {
    let house = House::plain().await;
    let mut browser = Browser::default();
    let callback = browser.allow(&house, "李娜").await;
    let away = "ALTER TABLE audit RENAME TO audit_away";
    house.catalog.db().execute(away, Vec::new()).await.unwrap();
    assert_eq!(browser.get(&house, &callback).await.status, 503);
    assert!(house.members().await.is_empty(), "nobody is a member of whom nothing says so");
    let back = "ALTER TABLE audit_away RENAME TO audit";
    house.catalog.db().execute(back, Vec::new()).await.unwrap();

    let callback = browser.allow(&house, "王芳").await;
    assert_eq!(browser.get(&house, &callback).await.status, 200);
    let filter = AuditFilter { limit: 9, ..AuditFilter::default() };
    let rows = house.catalog.audit_rows(&filter).await.unwrap();
    let told: Vec<_> =
        rows.iter().map(|row| (row.actor.as_str(), row.verb.as_str(), row.detail.as_deref())).collect();
    assert_eq!(told, [(house.person("王芳"), "changed", Some("authorised"))]);
    assert_eq!(rows[0].from_address, "?", "there is no connection here");
    // They leave, and the log says their name still.
    let gone = OpenId::parse(house.person("王芳")).unwrap();
    house.catalog.remove_member(&gone, None).await.unwrap();
    let names = house.catalog.names().await.unwrap();
    assert_eq!(names, [(gone.to_string(), "王芳".to_owned())]);
}

#[tokio::test]
async fn a_missing_permission_is_named_with_what_it_means() {
    let house = House::plain().await;
    let mut browser = Browser::default();
    let button = without_scope(&browser.start(&house).await, "minutes:minutes.transcript:export");
    let callback = house.decide(&button, "张伟", "allow").await;
    let page = browser.get(&house, &callback).await;
    assert_eq!(page.status, 200);
    let words = Words::new(Language::Chinese);
    for key in ["scope-minutes-minutes-transcript-export-missing", "welcome-missing-fix"] {
        assert!(page.body.contains(&words.say(key)), "{key}");
    }
    assert!(!page.body.contains("<code>minutes:minutes.media:export</code>"));
    assert!(!page.body.contains(&words.say("welcome-short")));
    assert_eq!(house.members().await, ["张伟"]);
}

#[tokio::test]
async fn a_grant_that_does_not_last_is_not_praised() {
    let house = House::plain().await;
    let mut browser = Browser::default();
    let button = without_scope(&browser.start(&house).await, "offline_access");
    let callback = house.decide(&button, "张伟", "allow").await;
    let page = browser.get(&house, &callback).await;
    let words = Words::new(Language::Chinese);
    assert!(page.body.contains(&words.say("welcome-short")), "{}", page.body);
    assert!(!page.body.contains(&words.say("welcome-what")));
}

#[tokio::test]
async fn a_name_is_only_ever_a_name() {
    let mut plan = Plan::default();
    plan.scenario.people[0].name = "<script>alert(1)</script>\u{202e}".to_owned();
    let name = plan.scenario.people[0].name.clone();
    plan.scenario.minutes.clear();
    let house = plan.build().await;
    let mut browser = Browser::default();
    let callback = browser.allow(&house, &name).await;
    let page = browser.get(&house, &callback).await;
    assert_eq!(page.status, 200);
    assert!(!page.body.contains("<script") && page.body.contains("&#60;script&#62;"));
}

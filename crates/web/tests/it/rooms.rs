//! Pages of those who run the service: who may open them, what they show, and what their buttons do.

use archive::audit::{Deed, Verb, record};
use archive::model::{ArtifactState, Clock as _, MinuteToken, OpenId, Reason};
use web::Setting;
use web::words::{Language, Words};

use crate::house::{Browser, House, Plan};

pub(crate) const ADMINISTRATOR: &str = "张伟";
const AUDITOR: &str = "李娜";
pub(crate) const MEMBER: &str = "王芳";
pub(crate) const TOKEN: &str = "obcn37dxcftoc3656rgyejm7";
const PAGES: [&str; 10] = [
    "/overview",
    "/queue",
    "/people",
    "/coverage",
    "/health",
    "/storage",
    "/audit",
    "/settings",
    "/sessions",
    "/tokens",
];

pub(crate) fn plan() -> Plan {
    Plan { administrators: vec![ADMINISTRATOR], auditors: vec![AUDITOR], ..Plan::default() }
}

pub(crate) async fn signed_in(house: &House, name: &str) -> Browser {
    let mut browser = Browser::default();
    browser.sign_in(house, name).await;
    browser
}

pub(crate) fn say(key: &str) -> String {
    let text = Words::new(Language::Chinese).say(key);
    assert_ne!(text, key, "no such text");
    text
}

/// A recording of this title and owner whose media failed for this reason.
pub(crate) async fn fail(house: &House, title: &str, owner: &str, reason: Reason) -> MinuteToken {
    fail_of(house, TOKEN, title, owner, reason).await
}

pub(crate) async fn fail_of(
    house: &House,
    token: &str,
    title: &str,
    owner: &str,
    reason: Reason,
) -> MinuteToken {
    let db = house.catalog.db();
    let recording = "INSERT INTO recordings (minute_token, state, reason, title, owner_id, found_at)
        VALUES ($1, 'failed', $2, $3, $4, $5)";
    let (title, owner, found_at) = (title.into(), house.person(owner).into(), house.clock.now_ms().into());
    db.execute(recording, vec![token.into(), reason.as_str().into(), title, owner, found_at]).await.unwrap();
    let media = "INSERT INTO artifacts (minute_token, kind, state, reason, attempts, due_at)
        VALUES ($1, 'media', 'failed', $2, 3, 9000000000000)";
    db.execute(media, vec![token.into(), reason.as_str().into()]).await.unwrap();
    let task = "INSERT INTO tasks (kind, subject, run_at, created_at, attempts)
        VALUES ('archive', $1, 9000000000000, 1, 3)";
    db.execute(task, vec![token.into()]).await.unwrap();
    MinuteToken::parse(token).unwrap()
}

#[tokio::test]
async fn each_page_opens_to_its_readers_and_to_nobody_else() {
    let house = plan().build().await;
    let mut nobody = Browser::default();
    for (name, open) in [
        (ADMINISTRATOR, &PAGES[..]),
        (AUDITOR, &["/coverage", "/storage", "/audit", "/sessions", "/tokens"]),
        (MEMBER, &["/sessions", "/tokens"]),
    ] {
        let mut browser = signed_in(&house, name).await;
        for path in PAGES.into_iter().chain(["/coverage.xlsx", "/queue/live"]) {
            assert_eq!(nobody.get(&house, path).await.status, 303, "{path}");
            // What is no page, of those who get it.
            if [
                (ADMINISTRATOR, "/queue/live"),
                (ADMINISTRATOR, "/coverage.xlsx"),
                (AUDITOR, "/coverage.xlsx"),
            ]
            .contains(&(name, path))
            {
                continue;
            }
            let page = browser.get(&house, path).await;
            if open.contains(&path) {
                assert_eq!(page.status, 200, "{name} {path}: {}", page.body);
                assert_eq!(page.header("cache-control"), "no-store");
                assert!(page.body.contains("aria-current=\"page\""), "{path}");
            } else {
                let is_for_both = ["/coverage", "/coverage.xlsx", "/storage", "/audit"].contains(&path);
                let key = if is_for_both { "notice-overseers-only" } else { "notice-administrators-only" };
                page.shows(403, &format!("{key}-title"));
                assert!(page.body.contains(house.person(name)), "the id that has to be written down");
            }
        }
    }
}

#[tokio::test]
async fn a_form_works_only_for_an_administrator_and_with_its_token() {
    let house = plan().build().await;
    let token = fail(&house, "周会", MEMBER, Reason::PlatformTrouble).await;
    let forms: [(&str, &[(&str, &str)]); 6] = [
        ("/queue/retry-cause", &[("reason", "platform_trouble"), ("from", "queue")]),
        ("/queue/pause-all", &[]),
        ("/queue/resume-all", &[]),
        ("/queue/pause", &[("one", TOKEN)]),
        ("/queue/resume", &[("ticked", TOKEN)]),
        ("/queue/retry", &[("ticked", TOKEN)]),
    ];
    let mut administrator = signed_in(&house, ADMINISTRATOR).await;
    let mut member = signed_in(&house, MEMBER).await;
    let csrf = member.get(&house, "/sessions").await.csrf();
    for (path, fields) in forms {
        administrator.post(&house, path, fields).await.shows(400, "notice-bad-form-title");
        let signed = [fields, &[("csrf", csrf.as_str())]].concat();
        member.post(&house, path, &signed).await.shows(403, "notice-administrators-only-title");
        administrator.post(&house, path, &signed).await.shows(400, "notice-bad-form-title");
    }
    assert!(house.catalog.pauses().await.unwrap().everything_since.is_none());
    let media = &house.catalog.artifacts(&token).await.unwrap()[0];
    assert_eq!(media.state, ArtifactState::Failed, "nothing was changed");
}

#[tokio::test]
async fn nothing_is_called_well_before_there_is_data() {
    let house = plan().build().await;
    let mut browser = signed_in(&house, ADMINISTRATOR).await;
    let overview = browser.get(&house, "/overview").await.body;
    for key in ["overview-empty", "overview-no-event", "overview-no-patrol", "overview-causes-unknown"] {
        assert!(overview.contains(&say(key)), "{key}");
    }
    assert!(!overview.contains("badge good"), "{overview}");
    assert!(browser.get(&house, "/people").await.body.contains(&say("people-empty")));
    assert!(browser.get(&house, "/coverage").await.body.contains(&say("coverage-empty")));
}

#[tokio::test]
async fn coverage_shows_what_is_unknown_as_unknown() {
    let house = plan().build().await;
    fail(&house, "周会", MEMBER, Reason::NoGrant).await;
    let mut member = Browser::default();
    let callback = member.allow(&house, MEMBER).await;
    member.get(&house, &callback).await;
    let mut browser = signed_in(&house, ADMINISTRATOR).await;
    let page = browser.get(&house, "/coverage?weeks=4").await.body;
    assert!(page.contains("class=\"unknown\"") && page.contains(">?</td>"), "{page}");
    assert!(!page.contains("class=\"h4\" title") && !page.contains("class=\"h0\" title"), "{page}");
}

#[tokio::test]
async fn hostile_texts_change_nothing_but_what_is_read() {
    let long = "字".repeat(300);
    for title in [
        "<script>alert(1)</script>",
        "\u{202e}gnp.exe\u{2066}",
        &long,
        "👨‍👩‍👧‍👦🇨🇳",
        "\"><img src=x onerror=a>",
        "'; DROP TABLE x",
    ] {
        let mut plan = plan();
        plan.scenario.people[0].name = title.to_owned();
        let house = Plan { administrators: vec![], ..plan }.build().await;
        house.catalog.set_meta("first_administrator", house.person(title)).await.unwrap();
        fail(&house, title, title, Reason::PlatformTrouble).await;
        let mut browser = Browser::default();
        browser.sign_in(&house, title).await;
        let actor = OpenId::parse(house.person(title)).unwrap();
        let deed = Deed {
            actor,
            verb: Verb::Searched,
            subject: title.to_owned(),
            detail: Some(title.to_owned()),
            from: title.to_owned(),
            at_ms: 1,
        };
        record(&house.catalog, &deed).await.unwrap();
        let history = format!("/queue/{TOKEN}");
        for path in PAGES.into_iter().chain([history.as_str()]) {
            let page = browser.get(&house, path).await;
            assert_eq!(page.status, 200, "{title} {path}");
            let body = page.body.replace("<script src=\"/static/", "");
            for trick in ["<script", "<img src=x", " onerror=a>", " style="] {
                assert!(!body.contains(trick), "{trick} on {path}: {body}");
            }
            assert_eq!(body.matches("<h1>").count(), 1);
        }
        let shown = browser.get(&house, "/queue").await.body;
        let escaped =
            title.replace('<', "&#60;").replace('>', "&#62;").replace('"', "&#34;").replace('\'', "&#39;");
        assert!(shown.contains(&format!("<bdi>{escaped}</bdi>")), "{shown}");
    }
}

#[tokio::test]
async fn the_settings_are_shown_as_they_came() {
    let setting = |key: &str, value: Option<&str>| Setting {
        key: key.to_owned(),
        value: value.map(str::to_owned),
        source: None,
    };
    let settings = vec![setting("feishu.app_secret", Some("******")), setting("company.name", None)];
    let house = Plan { settings, ..plan() }.build().await;
    let page = signed_in(&house, ADMINISTRATOR).await.get(&house, "/settings").await;
    assert!(page.body.contains("<code>feishu.app_secret</code>") && page.body.contains("******"));
    assert!(page.body.contains(&say("config-source-default")));
}

#[tokio::test]
async fn the_checklist_has_what_is_open_first_with_what_to_do() {
    let house = plan().build().await;
    let page = signed_in(&house, ADMINISTRATOR).await.get(&house, "/health").await.body;
    let place = |key: &str| page.find(&say(key)).unwrap_or_else(|| panic!("{key} is not on {page}"));
    assert!(place("doctor-members-none") < place("doctor-configuration"));
    assert!(place("doctor-members-none-fix") > place("doctor-members-none"));
}

#[tokio::test]
async fn the_log_is_filtered_and_each_look_is_in_it() {
    let house = plan().build().await;
    let mut browser = signed_in(&house, AUDITOR).await;
    signed_in(&house, MEMBER).await;
    let member = house.person(MEMBER).to_owned();
    let page = browser.get(&house, &format!("/audit?actor={member}&verb=signed_in")).await.body;
    assert_eq!(page.matches("<td class=\"figure\">").count(), 1, "{page}");
    let none = browser.get(&house, "/audit?since=2999-01-01").await.body;
    assert!(none.contains(&say("audit-empty")));
    let looks = browser.get(&house, "/audit?verb=viewed").await.body;
    assert_eq!(looks.matches("<td class=\"figure\">").count(), 3, "{looks}");
    assert!(looks.contains(&format!("{member} signed_in")), "what was looked for: {looks}");
}

#[tokio::test]
async fn the_log_is_taken_away_whole_by_those_who_may_read_it_and_that_is_in_it() {
    let house = plan().build().await;
    let mut browser = signed_in(&house, AUDITOR).await;
    // More than are read at a time.
    for number in 0..1_100 {
        browser.get(&house, &format!("/audit?subject={number}")).await;
    }
    let csv = browser.get(&house, "/audit.csv?verb=viewed").await;
    assert!(csv.header("content-disposition").contains("audit.csv"));
    let rows: Vec<&str> = csv.body.lines().skip(1).collect();
    assert_eq!(rows.len(), 1_100);
    let numbers: Vec<i64> = rows.iter().map(|row| row.split(',').next().unwrap().parse().unwrap()).collect();
    assert!(numbers.is_sorted_by(|one, next| one > next), "newest first, each once");
    let jsonl = browser.get(&house, "/audit.jsonl?verb=exported").await.body;
    let row: serde_json::Value = serde_json::from_str(jsonl.lines().next().unwrap()).unwrap();
    assert_eq!((row["verb"].as_str(), row["subject"].as_str()), (Some("exported"), Some("audit")), "{row}");
    assert_eq!(jsonl.lines().count(), 2, "the export as CSV, and this one");
    let mut member = signed_in(&house, MEMBER).await;
    for path in ["/audit.csv", "/audit.jsonl"] {
        assert_eq!(
            member.get(&house, path).await.status,
            member.get(&house, "/audit").await.status,
            "{path}"
        );
        assert!(!member.get(&house, path).await.body.contains("viewed"));
    }
}

#[tokio::test]
async fn a_session_is_ended_from_the_list_by_its_owner_or_an_administrator() {
    let house = plan().build().await;
    let mut administrator = signed_in(&house, ADMINISTRATOR).await;
    let mut member = signed_in(&house, MEMBER).await;
    let hash_of = |page: &str, at: usize| -> String {
        page.split("name=\"session\" value=\"").nth(at).unwrap().split('"').next().unwrap().to_owned()
    };
    let own = member.get(&house, "/sessions").await;
    assert_eq!(own.body.matches("name=\"session\"").count(), 1, "nobody else's");
    let all = administrator.get(&house, "/sessions").await;
    assert_eq!(all.body.matches("name=\"session\"").count(), 2);
    let mine = hash_of(&own.body, 1);
    let others: Vec<String> = (1..=2).map(|at| hash_of(&all.body, at)).filter(|hash| *hash != mine).collect();
    let form = [("csrf", own.csrf()), ("session", others[0].clone())];
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(member.post(&house, "/sessions/end", &form).await.status, 404, "not a member's to end");
    assert_eq!(administrator.get(&house, "/overview").await.status, 200);

    let form = [("csrf", all.csrf()), ("session", mine)];
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(administrator.post(&house, "/sessions/end", &form).await.status, 303);
    assert_eq!(member.get(&house, "/sessions").await.status, 303, "it is over");
}

#[tokio::test]
async fn the_other_language_is_one_click_away_and_stays() {
    let house = plan().build().await;
    let mut browser = signed_in(&house, ADMINISTRATOR).await;
    let page = browser.get(&house, "/audit?verb=viewed").await;
    assert!(page.body.contains("href=\"?verb=viewed&#38;lang=en\""), "{}", page.body);
    assert!(browser.get(&house, "/audit?verb=viewed&lang=en").await.body.contains("<html lang=\"en\">"));
    assert!(browser.get(&house, "/overview").await.body.contains("<html lang=\"en\">"), "it stays");
}

#[tokio::test]
async fn settings_tell_who_is_who_show_names_as_they_will_be_and_back_up() {
    let house = plan().build().await;
    house.keep(1, MEMBER, "<b>周会</b>/..").await;
    let mut browser = signed_in(&house, ADMINISTRATOR).await;
    let page = browser.get(&house, "/settings").await;
    assert!(page.body.contains(house.person(AUDITOR)) && page.body.contains(&say("role-auditor")));
    let tried =
        browser.get(&house, "/settings/template?template=%7Bdate%7D%2F%7Btitle%7D%5B%7Btoken%7D%5D").await;
    assert!(tried.body.contains("周会") && tried.body.contains(".mp4"), "{}", tried.body);
    assert!(!tried.body.contains("<b>") && !tried.body.contains("/.."), "{}", tried.body);
    let bad = browser.get(&house, "/settings/template?template=%7Btitle%7D").await;
    assert!(bad.body.contains("{token}"), "{}", bad.body);
    let csrf = page.csrf();
    let answer = browser.post(&house, "/settings/backup", &[("csrf", &csrf)]).await;
    assert_eq!(answer.header("location"), "/settings?said=backed-up&count=1");
    assert!(browser.get(&house, "/settings").await.body.contains("minutes-vault-2025"));
    let mut member = signed_in(&house, MEMBER).await;
    let csrf = member.get(&house, "/sessions").await.csrf();
    assert_eq!(member.post(&house, "/settings/backup", &[("csrf", &csrf)]).await.status, 403);
    assert_eq!(member.get(&house, "/settings/template?template=x").await.status, 403);
}

#[tokio::test]
async fn people_are_invited_one_by_one_and_all_at_once() {
    let mut plan = plan();
    plan.site.public_url = Some("https://vault.test".parse().unwrap());
    let house = plan.build().await;
    house.keep(1, MEMBER, "周会").await;
    let undone = "UPDATE recordings SET state = 'no_grant'";
    house.catalog.db().execute(undone, Vec::new()).await.unwrap();
    let mut browser = signed_in(&house, ADMINISTRATOR).await;
    let page = browser.get(&house, "/people").await;
    assert!(page.body.contains(&say("people-invite-owners")), "{}", page.body);
    let csrf = page.csrf();
    let send = async |browser: &mut Browser, whom: &str| {
        let fields = [("csrf", csrf.as_str()), ("whom", whom)];
        browser.post(&house, "/people/invite", &fields).await.header("location").to_owned()
    };
    assert_eq!(send(&mut browser, "owners").await, "/people?said=invited&count=1");
    let ticked =
        [("csrf", csrf.as_str()), ("ticked", house.person(MEMBER)), ("here", "only=ask&said=x&page=2")];
    let answer = browser.post(&house, "/people/invite", &ticked).await;
    assert_eq!(answer.header("location"), "/people?only=ask&page=2&said=invited&count=0", "none twice");
    let nobody = browser.post(&house, "/people/invite", &ticked[..1]).await;
    assert_eq!(nobody.header("location"), "/people?said=none-ticked&count=0");
    let odd = [("csrf", csrf.as_str()), ("ticked", "../x")];
    browser.post(&house, "/people/invite", &odd).await.shows(400, "notice-bad-form-title");
    let notices = house.catalog.notices(10).await.unwrap();
    assert_eq!((notices.len(), notices[0].receiver.as_str()), (1, house.person(MEMBER)));
    let mut member = signed_in(&house, MEMBER).await;
    let csrf = member.get(&house, "/sessions").await.csrf();
    let fields = [("csrf", csrf.as_str()), ("whom", "owners")];
    assert_eq!(member.post(&house, "/people/invite", &fields).await.status, 403);
}

#[tokio::test]
async fn everybody_reads_times_in_the_zone_that_they_chose() {
    let house = plan().build().await;
    let path = house.keep(1, MEMBER, "周会").await;
    let mut browser = signed_in(&house, MEMBER).await;
    assert!(browser.get(&house, &path).await.body.contains("2025-11-23 20:13"), "the archive's own zone");
    let page = browser.get(&house, "/sessions?zone=America%2FNew_York").await;
    assert!(page.body.contains("value=\"America/New_York\""), "{}", page.body);
    for path in [path.as_str(), "/recordings"] {
        assert!(browser.get(&house, path).await.body.contains("2025-11-23 07:13"), "{path}");
    }
    browser.get(&house, "/sessions?zone=Nowhere%2F..%2Fetc").await;
    assert!(browser.get(&house, &path).await.body.contains("2025-11-23 07:13"), "no zone is no choice");
}

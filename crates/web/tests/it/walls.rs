//! Nobody gets by an address what is not theirs, and that they tried is written down.

use archive::audit::AuditFilter;

use crate::house::{Browser, House, Plan};
use crate::player::bytes_of;
use crate::shelf::token;

const OWNER: &str = "张伟";
const OTHER: &str = "王芳";
const AUDITOR: &str = "李娜";

/// A house in which the other one is an administrator, or a member as the owner is.
async fn house(other_runs_it: bool) -> House {
    let administrators = if other_runs_it { vec![OTHER] } else { Vec::new() };
    Plan { administrators, auditors: vec![AUDITOR], ..Plan::default() }.build().await
}

async fn signed_in(house: &House, name: &str) -> Browser {
    let mut browser = Browser::default();
    browser.sign_in(house, name).await;
    browser
}

/// How many deeds of this verb were written down about the first recording.
async fn written_down(house: &House, verb: &str) -> usize {
    let filter = AuditFilter {
        verb: Some(verb.to_owned()),
        subject: Some(token(1).to_string()),
        limit: 1_000,
        ..AuditFilter::default()
    };
    house.catalog.audit_rows(&filter).await.expect("the log").len()
}

const DOORS: [&str; 6] =
    ["", "/media", "/media?download=1", "/captions.vtt", "/text/transcript_srt", "/text/summary"];

#[tokio::test]
async fn a_recording_opens_for_its_owner_and_for_auditors_alone() {
    for (other_runs_it, name, opens) in
        [(false, OWNER, true), (false, OTHER, false), (true, OTHER, false), (true, AUDITOR, true)]
    {
        let house = house(other_runs_it).await;
        let path = house.keep(1, OWNER, "机密周会").await;
        let browser = signed_in(&house, name).await;
        for door in DOORS {
            let before = written_down(&house, "refused").await;
            let answer = bytes_of(&house, &browser, &format!("{path}{door}")).await;
            assert_eq!(answer.status.as_u16(), if opens { 200 } else { 404 }, "{name} {door}");
            let refusals = written_down(&house, "refused").await - before;
            assert_eq!(refusals, usize::from(!opens), "{name} {door}");
        }
        let zip = bytes_of(&house, &browser, &format!("/recordings.zip?kind=video&r={}", token(1))).await;
        // Whoever may list everything has a row of it to tick, and is led back to the list.
        let expected = if opens {
            200
        } else if other_runs_it {
            303
        } else {
            404
        };
        assert_eq!(zip.status.as_u16(), expected, "{name}");
        let list = if expected == 303 { "/recordings?kind=video&said=zip-empty" } else { "" };
        assert_eq!(zip.header("location"), list, "{name}");
        let refusals = written_down(&house, "refused").await;
        assert_eq!(refusals > DOORS.len(), expected == 404, "{name}: a try of what has no row is one, too");
        assert_eq!(written_down(&house, "viewed").await > 0, opens, "{name}");
        // A player asks for a file in many parts; that is played once.
        for _ in 0..3 {
            bytes_of(&house, &browser, &format!("{path}/media")).await;
        }
        assert_eq!(written_down(&house, "played").await, usize::from(opens), "{name}");
        assert_eq!(written_down(&house, "exported").await > 0, opens, "{name}");
    }
}

#[tokio::test]
async fn nothing_is_opened_searched_or_taken_away_that_cannot_be_written_down() {
    let house = house(false).await;
    let path = house.keep(1, OWNER, "机密周会").await;
    for name in [OWNER, AUDITOR] {
        let browser = signed_in(&house, name).await;
        let doors = DOORS.map(|door| format!("{path}{door}"));
        let others =
            ["/recordings.csv", "/recordings.xlsx", "/search?q=%E9%A2%84%E7%AE%97"].map(str::to_owned);
        let zip = format!("/recordings.zip?r={}", token(1));
        let away = "ALTER TABLE audit RENAME TO audit_away";
        house.catalog.db().execute(away, Vec::new()).await.unwrap();
        for path in doors.into_iter().chain(others).chain([zip]) {
            let answer = bytes_of(&house, &browser, &path).await;
            assert_eq!(answer.status.as_u16(), 503, "{name} {path}");
            assert!(!String::from_utf8_lossy(&answer.body).contains("机密"), "{name} {path}");
        }
        let back = "ALTER TABLE audit_away RENAME TO audit";
        house.catalog.db().execute(back, Vec::new()).await.unwrap();
    }
}

#[tokio::test]
async fn without_a_session_every_door_leads_to_the_sign_in_page() {
    let house = house(false).await;
    let path = house.keep(1, OWNER, "机密周会").await;
    for door in DOORS {
        let answer = Browser::default().get(&house, &format!("{path}{door}")).await;
        assert!(answer.header("location").starts_with("/auth/sign-in?to="), "{door}");
        assert!(answer.body.is_empty());
    }
}

#[tokio::test]
async fn no_list_and_no_search_tells_of_what_is_not_theirs() {
    for (other_runs_it, name, lists, finds) in [
        (false, OWNER, true, true),
        (false, OTHER, false, false),
        (true, OTHER, true, false),
        (true, AUDITOR, true, true),
    ] {
        let house = house(other_runs_it).await;
        // Their name is known from then on.
        let mut owner = Browser::default();
        let callback = owner.allow(&house, OWNER).await;
        owner.get(&house, &callback).await;
        house.keep(1, OWNER, "机密周会").await;
        let mut browser = signed_in(&house, name).await;
        let one = format!("/recordings.csv?r={}", token(1));
        for path in [
            "/recordings",
            "/recordings?shelf=all",
            "/recordings?person=%E5%BC%A0%E4%BC%9F",
            "/recordings.csv",
            &one,
        ] {
            let answer = browser.get(&house, path).await;
            assert_eq!(answer.status, 200);
            assert_eq!(answer.body.contains("机密周会"), lists, "{name} {path}");
        }
        for query in ["%E9%A2%84%E7%AE%97", "%E5%91%A8%E4%BC%9A", "jm"] {
            let page = browser.get(&house, &format!("/search?q={query}")).await;
            assert_eq!(page.body.contains("机密"), finds, "{name} {query}");
            assert_eq!(page.body.contains("没有找到"), !finds, "{name} {query}");
        }
        let next =
            browser.get(&house, &format!("/search/next?q=%E9%A2%84%E7%AE%97&after={}", token(1))).await;
        assert!(!next.header("location").contains("obcn"), "{name}");
    }
}

#[tokio::test]
async fn who_may_list_everything_takes_away_what_they_may_open_and_what_they_filtered() {
    let house = house(true).await;
    house.keep(1, OWNER, "机密周会").await;
    house.keep(2, OTHER, "管理周会").await;
    let browser = signed_in(&house, OTHER).await;
    let zip = bytes_of(&house, &browser, &format!("/recordings.zip?r={}&r={}", token(1), token(2))).await;
    assert_eq!((zip.status.as_u16(), zip.header("content-type")), (200, "application/zip"));
    let names = String::from_utf8_lossy(&zip.body).into_owned();
    assert!(names.contains("2 周会.mp4") && !names.contains("1 周会.mp4"));
    let left_out = format!("机密周会 [{}]: 您无权打开", token(1));
    assert!(names.contains("未包含的文件.txt") && names.contains(&left_out), "{left_out}");
    assert_eq!(written_down(&house, "refused").await, 0, "to tick a row is no trespass");
    let all = bytes_of(&house, &browser, "/recordings.csv").await.body;
    assert!(String::from_utf8_lossy(&all).contains("机密周会"));
    for name in [OTHER, "没有这个人"] {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("person", name).finish();
        let some = bytes_of(&house, &browser, &format!("/recordings.csv?{query}")).await.body;
        assert!(!String::from_utf8_lossy(&some).contains("机密周会"), "{name}");
    }
}

//! The player's page and what it plays.

use archive::audit::AuditFilter;
use axum::body::Body;
use axum::http::header::{COOKIE, HOST, IF_MATCH, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, RANGE};
use axum::http::{HeaderName, Method, Request};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::house::{Answer, Browser, House, Plan};
use crate::shelf::media;

async fn reader(house: &House) -> (Browser, String) {
    let owner = house.sim.ready().users[0].name.clone();
    let path = house.keep(1, &owner, "周会").await;
    let mut browser = Browser { language: "en", ..Browser::default() };
    browser.sign_in(house, &owner).await;
    (browser, path)
}

async fn ask(
    house: &House,
    browser: &Browser,
    method: Method,
    path: &str,
    headers: &[(HeaderName, &str)],
) -> Answer<Vec<u8>> {
    let cookies: Vec<String> =
        browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let request = Request::builder().method(method).uri(path).header(HOST, "vault.test:29090");
    let mut request = request.header(COOKIE, cookies.join("; "));
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    house.send_for_bytes(request.body(Body::empty()).expect("a request")).await
}

/// What this browser gets from a door that need not send text.
pub(crate) async fn bytes_of(house: &House, browser: &Browser, path: &str) -> Answer<Vec<u8>> {
    ask(house, browser, Method::GET, path, &[]).await
}

#[tokio::test]
async fn a_zip_that_broke_off_goes_on_where_it_was() {
    let house = House::plain().await;
    let (browser, path) = reader(&house).await;
    let zip = path.replace("/recordings/", "/recordings.zip?r=");
    let whole = ask(&house, &browser, Method::GET, &zip, &[]).await;
    assert_eq!((whole.status.as_u16(), whole.header("accept-ranges")), (200, "bytes"));
    let etag = whole.header("etag").to_owned();
    for start in [1, 70_000, whole.body.len() - 1] {
        let range = format!("bytes={start}-");
        let headers = [(RANGE, range.as_str()), (IF_RANGE, &etag)];
        let rest = ask(&house, &browser, Method::GET, &zip, &headers).await;
        assert_eq!(rest.status.as_u16(), 206);
        assert!(rest.body == whole.body[start..], "from {start} on");
    }
    let headers = [(RANGE, "bytes=1-"), (IF_RANGE, "\"of other ticks\"")];
    let anew = ask(&house, &browser, Method::GET, &zip, &headers).await;
    assert_eq!((anew.status.as_u16(), anew.body.len()), (200, whole.body.len()));
    for (tag, status) in [("\"of other ticks\"", 412), (etag.as_str(), 206), ("*", 206)] {
        let headers = [(RANGE, "bytes=1-"), (IF_MATCH, tag)];
        let part = ask(&house, &browser, Method::GET, &zip, &headers).await;
        assert_eq!(part.status.as_u16(), status, "{tag}");
    }
    let exports = AuditFilter { verb: Some("exported".to_owned()), limit: 99, ..AuditFilter::default() };
    assert_eq!(
        house.catalog.audit_rows(&exports).await.unwrap().len(),
        3,
        "the whole twice, and a try of what there is not; going on is no export"
    );
}

#[tokio::test]
async fn a_range_is_answered_with_exactly_its_bytes() {
    let house = House::plain().await;
    let (browser, path) = reader(&house).await;
    let path = format!("{path}/media");
    let content = media();
    let whole = ask(&house, &browser, Method::GET, &path, &[]).await;
    assert_eq!((whole.status.as_u16(), &whole.body), (200, &content));
    assert_eq!((whole.header("accept-ranges"), whole.header("content-type")), ("bytes", "video/mp4"));
    assert!(whole.header("content-disposition").starts_with("inline; filename="));
    let head = ask(&house, &browser, Method::HEAD, &path, &[]).await;
    assert_eq!((head.status.as_u16(), head.body.len(), head.header("content-length")), (200, 0, "100000"));
    let etag = whole.header("etag").to_owned();
    assert_eq!(etag.len(), 66);

    let known = ask(&house, &browser, Method::GET, &path, &[(IF_NONE_MATCH, &etag)]).await;
    assert_eq!((known.status.as_u16(), known.body.len()), (304, 0));
    let modified = whole.header("last-modified").to_owned();
    for (condition, status) in [(etag.as_str(), 206), (&modified, 206), ("\"other\"", 200), ("W/\"x\"", 200)]
    {
        let headers = [(RANGE, "bytes=10-19"), (IF_RANGE, condition)];
        let answer = ask(&house, &browser, Method::GET, &path, &headers).await;
        assert_eq!(answer.status.as_u16(), status, "{condition}");
        let expected = if status == 206 { &content[10..20] } else { &content[..] };
        assert_eq!(answer.body, expected, "{condition}");
    }
    for (since, status) in [(modified.as_str(), 200), ("Sun, 06 Nov 1994 08:49:37 GMT", 412)] {
        let answer = ask(&house, &browser, Method::GET, &path, &[(IF_UNMODIFIED_SINCE, since)]).await;
        assert_eq!(answer.status.as_u16(), status, "{since}");
    }
    let beyond = ask(&house, &browser, Method::GET, &path, &[(RANGE, "bytes=100000-")]).await;
    assert_eq!((beyond.status.as_u16(), beyond.header("content-range")), (416, "bytes */100000"));
    let download = ask(&house, &browser, Method::GET, &format!("{path}?download=1"), &[]).await;
    assert!(
        download
            .header("content-disposition")
            .starts_with("attachment; filename=\"1 __.mp4\"; filename*=UTF-8''1%20")
    );
}

#[test]
fn whatever_range_is_asked_for_the_answer_agrees_with_itself() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (house, browser, path) = runtime.block_on(async {
        let house = House::plain().await;
        let (browser, path) = reader(&house).await;
        (house, browser, format!("{path}/media"))
    });
    let content = media();
    let mut runner = TestRunner::new(Config { cases: 64, ..Config::default() });
    let ranges = prop_oneof![
        (0..120_000_u32, 0..120_000_u32).prop_map(|(from, to)| format!("bytes={from}-{to}")),
        (0..120_000_u32).prop_map(|from| format!("bytes={from}-")),
        (0..120_000_u32).prop_map(|count| format!("bytes=-{count}")),
        "[ -~]{0,20}",
    ];
    runner
        .run(&ranges, |range| {
            let answer = runtime.block_on(ask(&house, &browser, Method::GET, &path, &[(RANGE, &range)]));
            match answer.status.as_u16() {
                200 => prop_assert_eq!(&answer.body, &content),
                206 => {
                    let told = answer
                        .header("content-range")
                        .strip_prefix("bytes ")
                        .unwrap()
                        .strip_suffix("/100000");
                    let (from, to) = told.unwrap().split_once('-').unwrap();
                    let (from, to): (usize, usize) = (from.parse().unwrap(), to.parse().unwrap());
                    prop_assert_eq!(&answer.body, &content[from..=to]);
                    prop_assert_eq!(answer.header("content-length"), answer.body.len().to_string());
                }
                416 => prop_assert!(answer.body.is_empty()),
                other => prop_assert!(false, "{} for {}", other, range),
            }
            Ok(())
        })
        .unwrap();
}

#[tokio::test]
async fn the_page_shows_what_was_said_and_what_proves_it() {
    let house = House::plain().await;
    let (mut browser, path) = reader(&house).await;
    let page = browser.get(&house, &format!("{path}?t=5&q=%E9%A2%84%E7%AE%97")).await;
    assert_eq!(page.status, 200);
    for expected in [
        "media#t=5",
        "大家好，今天讨论数据库",
        "<mark>预算</mark>",
        "data-at=\"5000\"",
        "写报告",
        "rel=\"next\"",
        "The transcript covers 1 of 10 minutes",
        "<rect x=",
        "captions.vtt",
    ] {
        assert!(page.body.contains(expected), "{expected} is not on {}", page.body);
    }
    let captions = browser.get(&house, &format!("{path}/captions.vtt")).await;
    assert!(captions.body.starts_with("WEBVTT\n") && captions.body.contains("<v 王芳>大家好"));
    let chinese = browser.get(&house, &format!("{path}?lang=zh")).await;
    assert!(chinese.body.contains("文件与证明") && chinese.body.contains("<html lang=\"zh-CN\">"));
    let list = browser.get(&house, "/recordings?lang=en").await;
    assert!(list.body.contains("One recording") && list.body.contains(&path), "{}", list.body);
}

#[tokio::test]
async fn hostile_words_change_nothing_but_the_text_shown() {
    let house = House::plain().await;
    let owner = house.sim.ready().users[0].name.clone();
    let title = format!("<script>alert(1)</script>\u{202e}\" onload=x {} 👍", "长".repeat(300));
    let srt =
        "1\n00:00:01,000 --> 00:00:04,000\n<img src=x onerror=y>: </bdi><script>z</script> 预算 --> &amp;\n";
    let notes = "# x\n\n## 摘要 Summary\n\n<iframe src=//e></iframe>\n\n## 待办 To-dos\n\n- [ ] <b onclick=q>（</li>）\n";
    let path = house.keep_with(1, &owner, &title, srt, notes).await;
    let mut browser = Browser::default();
    browser.sign_in(&house, &owner).await;
    for page in [
        &path,
        &format!("{path}?q=%22%3E%3Cscript%3E"),
        "/recordings",
        "/recordings?view=cards&owner=%22%3E%3Cscript%3E&person=%3Cscript%3E",
        "/search?q=%E9%A2%84%E7%AE%97",
        "/search?q=%22%3E%3Cscript%3Ealert",
    ] {
        let answer = browser.get(&house, page).await;
        assert_eq!(answer.status, 200, "{page}");
        for never in ["<script>", "<img src=x", "<iframe", "<b onclick", "\" onload"] {
            assert!(!answer.body.contains(never), "{never} is on {page}: {}", answer.body);
        }
    }
    let captions = browser.get(&house, &format!("{path}/captions.vtt")).await;
    assert_eq!(captions.body.matches("-->").count(), 1, "{}", captions.body);
}

#[tokio::test]
async fn where_it_is_wanted_the_viewers_name_lies_over_the_picture() {
    for watermark in [false, true] {
        let house = Plan { watermark, ..Plan::default() }.build().await;
        let (mut browser, path) = reader(&house).await;
        let name = &house.sim.ready().users[0];
        let page = browser.get(&house, &path).await.body;
        assert_eq!(page.contains("class=\"watermark\""), watermark);
        assert_eq!(page.contains("controlslist=\"nofullscreen\" disablepictureinpicture"), watermark);
        assert_eq!(page.contains(&format!("{} {}", name.name, name.open_id)), watermark);
    }
}

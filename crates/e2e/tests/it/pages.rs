//! What an administrator sees in a browser, from the sign-in on, and what the audit log has of it.

use e2e::{Installation, Platform, eventually};
use serde_json::Value;
use url::Url;

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_signs_in_and_sees_how_the_archive_stands() {
    let platform = Platform::named("small").await;
    let (administrator, member) = (&platform.ready().users[0].open_id, &platform.ready().users[1].open_id);
    let installation = Installation::new(platform.ready()).with("COMPANY_ADMINISTRATORS", administrator);
    let vault = installation.serve();
    let (browser, page) = platform.sign_in(&vault.site, administrator).await;
    assert_eq!((page.status.as_u16(), page.url.path()), (200, "/health"), "{}", page.html);
    assert!(page.html.contains("<h1>首次设置</h1>"), "nothing is called well yet: {}", page.html);

    let look = async |path: &str| {
        let address = Url::parse(&format!("{}{path}", vault.site)).unwrap();
        browser.visit(address).await.unwrap()
    };
    let empty = look("/overview").await.html;
    assert!(empty.contains("还没有发现任何录制"), "nothing is called well yet: {empty}");

    platform.post_events_to(&vault.site).await;
    platform.authorise(&vault.site, administrator).await;
    let token = platform.record(administrator, "周会 <b>1</b>", 200_000).await;
    platform.announce(&token).await;
    eventually("the recording, archived", async || {
        let archived = installation.json(&["recordings", "show", &token, "--json"])["state"] == "archived";
        archived.then_some(())
    })
    .await;
    let overview = look("/overview").await.html;
    assert!(!overview.contains("还没有发现任何录制") && overview.contains("<dt>已归档</dt>"), "{overview}");
    for path in ["/queue", "/people", "/coverage", "/health", "/storage", "/audit", "/settings", "/sessions"]
    {
        let page = look(path).await;
        assert_eq!((page.status.as_u16(), page.url.path()), (200, path));
    }
    let settings = look("/settings").await.html;
    assert!(settings.contains("feishu.app_secret") && !settings.contains(&platform.ready().app_secret));

    let (member_browser, page) = platform.sign_in(&vault.site, member).await;
    assert_eq!(page.url.path(), "/recordings");
    let closed = Url::parse(&format!("{}/overview", vault.site)).unwrap();
    assert_eq!(member_browser.visit(closed).await.unwrap().status.as_u16(), 403);

    let whole = installation.run(&["audit", "verify"]);
    assert_eq!(whole.status.code(), Some(0), "{}", String::from_utf8_lossy(&whole.stdout));
    let log = String::from_utf8(installation.run(&["audit", "export", "--jsonl"]).stdout).unwrap();
    let rows: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let signed_in: Vec<&str> = rows
        .iter()
        .filter(|row| row["verb"] == "signed_in")
        .filter_map(|row| row["actor"].as_str())
        .collect();
    assert_eq!(signed_in, [administrator, member]);
    let (export, others) = rows.split_last().unwrap();
    assert!(others.iter().all(|row| row["from_address"] == "127.0.0.1"), "{log}");
    assert_eq!((&export["verb"], &export["from_address"]), (&"exported".into(), &"command line".into()));
    let csv = String::from_utf8(installation.run(&["audit", "export", "--csv"]).stdout).unwrap();
    assert_eq!(csv.lines().count(), rows.len() + 2, "a header, and this export");
}

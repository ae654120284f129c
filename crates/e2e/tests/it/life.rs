//! Invitations, what people are told, and removals, with the real program.

use e2e::{Installation, Platform, eventually};
use serde_json::{Value, json};

use crate::grants::member;
use crate::proof::media_files;

async fn cards_of(platform: &Platform, open_id: &str) -> Vec<String> {
    let sent = platform.get("_sim/messages").await;
    let messages: Vec<Value> = sent["messages"].as_array().cloned().unwrap_or_default();
    let of_theirs = messages.iter().filter(|message| message["receive_id"] == open_id);
    of_theirs.map(|message| message["content"].as_str().unwrap_or_default().to_owned()).collect()
}

/// Where nobody listens: the address on the card has to be known before the program starts.
fn free_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invited_person_authorises_and_their_card_says_so() {
    let platform = Platform::named("small").await;
    let listen = free_address();
    let installation = Installation::new(platform.ready())
        .with("SERVER_LISTEN", &listen)
        .with("SERVER_PUBLIC_URL", &format!("http://{listen}"))
        .with("NOTIFY_QUIET_HOURS", "never");
    let person = platform.person("王芳");
    let department = json!({ "department": "od-sales" });
    platform.patch(&format!("_sim/people/{person}"), department).await;
    let vault = installation.serve();
    let invited = installation.json(&["invite", "--department", "od-sales", "--json"]);
    assert_eq!(invited["people"], json!([{ "open_id": person, "outcome": "invited" }]));
    let card = eventually("a card", async || cards_of(&platform, &person).await.pop()).await;
    assert!(card.contains(&format!("http://{listen}/auth/start")), "{card}");
    assert!(card.contains("Please let your meeting recordings be archived"), "{card}");
    assert_eq!(installation.json(&["status", "--json"])["messages"][0]["matter"], "invitation");
    platform.authorise(&vault.site, &person).await;
    eventually("the card says so, in the language of their browser", async || {
        let cards = cards_of(&platform, &person).await;
        cards[0].contains("授权已完成").then_some(())
    })
    .await;
    assert_eq!(cards_of(&platform, &person).await.len(), 1);
    assert_eq!(installation.json(&["status", "--json"])["messages"], json!([]));
    assert_eq!(vault.terminate(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_company_blocks_is_not_the_persons_move() {
    let platform = Platform::named("small").await;
    let installation = Installation::new(platform.ready()).with("PATROL_INTERVAL", "10s");
    let vault = installation.serve();
    let person = platform.ready().users[0].open_id.clone();
    platform.authorise(&vault.site, &person).await;
    let app = platform.get("_sim/app").await;
    let scopes: Vec<&Value> = app["scopes"].as_array().unwrap().iter().collect();
    let fewer: Vec<&&Value> =
        scopes.iter().filter(|scope| **scope != "minutes:minutes.search:read").collect();
    platform.patch("_sim/app", json!({ "scopes": fewer })).await;
    let shown = eventually("blocked", async || {
        let shown = member(&installation, &person);
        (shown["state"] == "blocked").then_some(shown)
    })
    .await;
    assert_eq!(shown["reason"], "app_lacks_scope");
    assert!(shown["patrol_error"].as_str().unwrap().contains("99991672"), "{shown}");
    platform.patch("_sim/app", json!({ "scopes": scopes })).await;
    eventually("active again", async || (member(&installation, &person)["state"] == "active").then_some(()))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_removed_with_their_files_while_the_service_runs() {
    let platform = Platform::named("small").await;
    let installation = Installation::new(platform.ready());
    let vault = installation.serve();
    let person = platform.ready().users[0].open_id.clone();
    let token = platform.record(&person, "要删除的会议", 1_000_000).await;
    platform.authorise(&vault.site, &person).await;
    eventually("archived", async || {
        let shown = installation.json(&["recordings", "show", &token, "--json"]);
        (shown["state"] == "archived").then_some(())
    })
    .await;
    let asked = installation.run(&["members", "remove", &person, "--purge", "--files"]);
    assert_eq!(asked.status.code(), Some(2), "nobody is there to answer");
    let removed = installation.json(&["members", "remove", &person, "--purge", "--files", "--yes", "--json"]);
    assert!(removed["files"].as_i64().unwrap() >= 2, "{removed}");
    assert!(!media_files(&installation.downloads()).contains_key(&token));
    let verified = installation.run(&["verify", "--all"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
    let record = installation.json(&["members", "removed", "--json"]);
    assert_eq!(record["removals"][0]["open_id"], person);
    assert_eq!(member(&installation, &person), Value::Null);
    assert_eq!(vault.terminate(), Some(0));
}

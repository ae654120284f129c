//! What the catalogue knows, as `status`, `members`, `recordings` and `doctor` tell it.

use archive::model::{MinuteToken, SystemClock};
use archive::queue::{Queue, TaskKind};

use crate::installation::{ARCHIVED, Installation, NO_GRANT, WANG_FANG, now_ms};

const READERS: [&[&str]; 4] = [&["status"], &["members", "list"], &["recordings", "list"], &["verify"]];

#[test]
fn without_a_catalogue_commands_say_so_and_make_none() {
    let here = Installation::new();
    for command in READERS {
        let english = here.run(command);
        assert_eq!(english.code, Some(3), "{english:?}");
        assert!(english.err.contains("There is no catalogue yet"), "{english:?}");
        assert!(here.run(&[command, &["--lang", "zh"]].concat()).err.contains("还没有目录库"));
    }
    assert!(!here.at("data").exists() && !here.at("downloads").exists());
}

#[tokio::test]
async fn an_empty_catalogue_is_told_plainly() {
    let here = Installation::new();
    here.catalog().await.db().close().await;
    std::fs::create_dir(here.at("downloads")).unwrap();
    for command in READERS {
        let said = here.run(command);
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
    }
    assert!(here.run(&["members", "list", "--lang", "zh"]).out.contains("还没有人授权"));
    assert_eq!(here.json(&["recordings", "list", "--json"])["recordings"], serde_json::json!([]));
    assert_eq!(here.json(&["status", "--json"])["recordings_total"], 0);
}

#[tokio::test]
async fn status_counts_and_says_whose_move_it_is() {
    let here = Installation::new();
    here.seed().await;
    let status = here.json(&["status", "--json"]);
    assert_eq!(status["recordings"], serde_json::json!({ "archived": 1, "no_grant": 1 }));
    let open = status["open"].as_array().unwrap();
    let of = |reason: &str| open.iter().find(|matter| matter["reason"] == reason).unwrap();
    assert_eq!(of("no_grant")["mover"], "employee");
    // An archived recording that lacks its captions is an open matter, too.
    assert_eq!(of("export_denied")["recordings"], 1);
    assert_eq!(status["running"], false);
    let untold = serde_json::json!({ "members": 1, "every_ms": 300_000 });
    assert_eq!(status["patrol"]["needs"]["untold"], untold, "no event has ever come");
    assert_eq!(
        (&status["patrol"]["is_stretched"], &status["patrol"]["never_seen"]),
        (&false.into(), &1.into())
    );
    assert!(status["last_event_at"].is_null());
    let chinese = here.run(&["status", "--lang", "zh"]).out;
    assert!(chinese.contains("1 位成员的事件不可依赖：每 5 分钟看一次"), "{chinese}");
    assert!(chinese.contains("1 已归档") && chinese.contains("请妙记所有者打开授权页"), "{chinese}");
}

#[tokio::test]
async fn members_are_shown_with_time_left_and_scopes_missing() {
    let here = Installation::new();
    here.seed().await;
    let member = &here.json(&["members", "list", "--json"])["members"][0];
    assert_eq!(member["name"], "王芳");
    assert_eq!(member["days_left"], 299);
    assert_eq!((&member["owned"], &member["archived"]), (&1.into(), &1.into()));
    let missing = ["minutes:minutes.transcript:export", "minutes:minutes.artifacts:read"];
    assert_eq!(member["scopes_missing"], serde_json::json!(missing));
    let since_ms = member["authorised_at_ms"].as_i64().unwrap();
    assert!(since_ms < now_ms() && member["authorised_at"].as_str().unwrap().ends_with("+08:00"));

    let shown = here.run(&["members", "show", WANG_FANG, "--lang", "zh"]);
    assert!(shown.out.contains("✗ minutes:minutes.artifacts:read"), "{shown:?}");
    assert!(shown.out.contains("✓ offline_access"), "{shown:?}");
    let shown = here.json(&["members", "show", WANG_FANG, "--json"]);
    assert!(shown["attended"].is_null(), "nobody has looked yet: {shown}");
    let unknown = here.run(&["members", "show", "ou_nobody"]);
    assert_eq!(unknown.code, Some(1));
    assert!(unknown.err.contains("There is no member ou_nobody"), "{unknown:?}");
}

#[tokio::test]
async fn a_member_is_removed_only_when_it_is_meant_and_recordings_stay() {
    let here = Installation::new();
    here.seed().await;
    let unasked = here.run(&["members", "remove", WANG_FANG]);
    assert_eq!(unasked.code, Some(2));
    assert_eq!(here.json(&["members", "list", "--json"])["members"].as_array().unwrap().len(), 1);
    let removed = here.json(&["members", "remove", WANG_FANG, "--yes", "--json"]);
    assert_eq!(removed["removed"], true);
    assert_eq!(here.json(&["members", "list", "--json"])["members"].as_array().unwrap().len(), 0);
    assert_eq!(here.json(&["recordings", "list", "--json"])["recordings"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn recordings_are_listed_by_state_and_no_title_reaches_the_terminal_raw() {
    let here = Installation::new();
    here.seed().await;
    let waiting = here.json(&["recordings", "list", "--state", "no_grant", "--json"]);
    assert_eq!(waiting["recordings"][0]["minute_token"], NO_GRANT);
    assert_eq!(waiting["recordings"].as_array().unwrap().len(), 1);
    let list = here.run(&["recordings", "list", "--lang", "zh"]).out;
    assert!(list.contains("已归档\t王芳") && list.contains("能看到它的人都还没有授权"), "{list}");
    assert!(!list.contains(['\u{1b}', '\u{202e}']), "{list:?}");
    assert_eq!(list.lines().count(), 3, "a title stays on its line: {list:?}");
    let one = here.run(&["recordings", "list", "--limit", "1"]).out;
    assert!(one.contains("newest 1;") && !one.contains(ARCHIVED), "{one}");
}

#[tokio::test]
async fn a_recording_is_shown_whole_by_token_and_by_address() {
    let here = Installation::new();
    here.seed().await;
    let address = format!("https://acme.feishu.cn/minutes/{ARCHIVED}?from=chat");
    let shown = here.json(&["recordings", "show", &address, "--json"]);
    assert_eq!(shown["state"], "archived");
    assert_eq!(shown["owner_name"], "王芳");
    let media = &shown["artifacts"][0];
    assert_eq!((&media["kind"], &media["state"]), (&"media".into(), &"done".into()));
    assert_eq!(media["path"], here.video().canonicalize().unwrap().to_str().unwrap());
    assert_eq!(media["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(shown["sightings"][0]["track"], "patrol");
    assert!(shown["task"].is_null());

    let said = here.run(&["recordings", "show", NO_GRANT, "--lang", "zh"]).out;
    assert!(said.contains("怎么办\t请妙记所有者打开授权页"), "{said}");
    let unknown = here.run(&["recordings", "show", "obcnunknown0000000000009"]);
    assert_eq!(unknown.code, Some(1));
    assert!(unknown.err.contains("no such recording"), "{unknown:?}");
}

#[tokio::test]
async fn refetch_sends_the_known_back_to_the_start_and_names_the_unknown() {
    let here = Installation::new();
    here.seed().await;
    let unknown = "obcnunknown0000000000009";
    let called = here.run(&["recordings", "refetch", ARCHIVED, unknown]);
    assert_eq!(called.code, Some(1), "{called:?}");
    assert!(called.out.contains(&format!("{ARCHIVED}: will be fetched again")), "{called:?}");
    assert!(called.out.contains("The service is not running"), "{called:?}");
    assert!(called.err.contains(unknown), "{called:?}");

    let catalog = here.catalog().await;
    let token = MinuteToken::parse(ARCHIVED).unwrap();
    let artifacts = catalog.artifacts(&token).await.unwrap();
    assert!(artifacts.iter().all(|artifact| artifact.state.as_str() == "pending"), "{artifacts:?}");
    let queue = Queue::new(catalog.clone(), std::sync::Arc::new(SystemClock), "test");
    let task = queue.task(TaskKind::Archive, ARCHIVED).await.unwrap();
    assert!(task.is_some_and(|task| task.run_at <= now_ms()));
    assert!(queue.task(TaskKind::Archive, unknown).await.unwrap().is_none());
    assert!(here.video().exists(), "what is there stays until what comes is whole");
}

#[tokio::test]
async fn the_doctor_names_what_is_wrong_and_the_fix() {
    let here = Installation::new();
    here.seed().await;
    let said = here.run(&["doctor", "--json"]);
    assert_eq!(said.code, Some(1), "nothing listens where the platform should be: {said:?}");
    let report: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    let checks = report["checks"].as_array().unwrap();
    let of = |id: &str| checks.iter().filter(|check| check["check"] == id).collect::<Vec<_>>();
    assert_eq!(of("credentials")[0]["mark"], "fail");
    assert_eq!(of("catalogue")[0]["mark"], "ok");
    assert_eq!(of("archive.dir")[0]["mark"], "ok");
    assert!(
        of("scopes")
            .iter()
            .any(|check| check["what"].to_string().contains("minutes.artifacts:read")
                && check["mark"] == "warn")
    );
    assert_eq!(of("service")[0]["mark"], "warn");
    for check in checks {
        let what = check["what"].as_str().unwrap();
        assert!(!what.starts_with("doctor-"), "{what} has no text");
        let fix = check["fix"].as_str().unwrap_or("");
        assert!(!fix.starts_with("doctor-"), "{fix} has no text");
        assert!(
            check["mark"] == "ok" || check["check"] == "configuration" || !fix.is_empty(),
            "{what} has no fix"
        );
    }
    assert!(here.run(&["doctor", "--lang", "zh"]).out.contains("✗ 无法询问平台"));
    assert!(!here.at("data/vault.key").exists(), "it looks, and makes nothing");
}

#[tokio::test]
async fn an_exposed_or_foreign_key_is_found() {
    use std::os::unix::fs::PermissionsExt as _;
    let here = Installation::new();
    let catalog = here.catalog().await;
    catalog.meta_or_insert("key_id", "of another key").await.unwrap();
    catalog.db().close().await;
    let key = here.at("data/vault.key");
    archive::members::load_or_make_key(None, &key).unwrap();
    let foreign = here.run(&["doctor"]);
    assert!(foreign.out.contains("✗ The key is not the one that sealed"), "{foreign:?}");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let exposed = here.run(&["doctor"]);
    assert!(exposed.out.contains("→ Run: chmod 600 ./data/vault.key"), "{exposed:?}");
}

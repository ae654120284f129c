//! What the command line changes or takes away is written down first, as the same is on a page.

use serde_json::Value;

use crate::installation::{ARCHIVED, Installation};

/// Each command, and what the log says of it: verb, subject, detail.
const DEEDS: [(&[&str], [&str; 3]); 7] = [
    (&["pause"], ["changed", "queue", "paused"]),
    (&["resume"], ["changed", "queue", "resumed"]),
    (&["pause", ARCHIVED], ["changed", ARCHIVED, "paused"]),
    (&["resume", ARCHIVED], ["changed", ARCHIVED, "resumed"]),
    (&["recordings", "refetch", ARCHIVED], ["changed", ARCHIVED, "retry"]),
    (&["verify", "--purge-quarantine"], ["deleted", "quarantine", "removed for good"]),
    (&["backup"], ["exported", "backup", "./data/backups"]),
];

#[tokio::test]
async fn each_deed_of_the_command_line_is_in_the_log() {
    let here = Installation::new();
    here.seed().await;
    for (command, _) in DEEDS {
        let said = here.run(command);
        assert!(said.code.is_some_and(|code| code <= 1), "{command:?}: {said:?}");
    }
    let log = here.run(&["audit", "export"]).out;
    let rows: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<[&str; 3]> =
        rows.iter().map(|row| ["verb", "subject", "detail"].map(|key| row[key].as_str().unwrap())).collect();
    let mut expected: Vec<[&str; 3]> = DEEDS.into_iter().map(|(_, deed)| deed).collect();
    expected.push(["exported", "audit", "jsonl"]);
    assert_eq!(told, expected);
    assert!(rows.iter().all(|row| row["from_address"] == "command line"), "{rows:?}");
    assert_eq!(here.run(&["audit", "verify"]).code, Some(0));
}

#[tokio::test]
async fn what_cannot_be_written_down_is_not_done() {
    let here = Installation::new();
    here.seed().await;
    for paused in [&["pause"][..], &["pause", ARCHIVED]] {
        assert_eq!(here.run(paused).code, Some(0));
    }
    std::fs::create_dir_all(here.at("downloads/.quarantine/rejected-obcn9")).unwrap();
    std::fs::write(here.at("downloads/.quarantine/rejected-obcn9/x.mp4"), "odd").unwrap();
    let before = here.json(&["status", "--json"]);
    let catalog = here.catalog().await;
    catalog.db().execute("ALTER TABLE audit RENAME TO audit_away", Vec::new()).await.unwrap();
    for (command, _) in DEEDS {
        let said = here.run(command);
        assert!(said.code.is_some_and(|code| code > 1), "{command:?}: {said:?}");
    }
    assert!(here.run(&["audit", "export"]).out.is_empty());
    catalog.db().execute("ALTER TABLE audit_away RENAME TO audit", Vec::new()).await.unwrap();
    let after = here.json(&["status", "--json"]);
    for key in ["recordings", "paused_recordings", "paused_at", "tasks"] {
        assert_eq!(before[key], after[key], "{key}");
    }
    assert!(!here.at("data/backups").exists(), "nothing was taken away");
    assert!(here.at("downloads/.quarantine/rejected-obcn9/x.mp4").exists(), "nor purged");
}

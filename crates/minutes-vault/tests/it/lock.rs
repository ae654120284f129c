//! One process works on a data folder; others may look.

use std::io::Write as _;

use crate::installation::Installation;

#[tokio::test]
async fn a_second_worker_refuses_and_names_the_first_while_readers_read() {
    let here = Installation::new();
    here.seed().await;
    let mut lock = std::fs::File::create(here.at("data/lock")).unwrap();
    lock.lock().unwrap();
    write!(lock, "4711").unwrap();

    for command in [&["serve"][..], &["import-legacy", "."]] {
        let english = here.run(command);
        assert_eq!(english.code, Some(3), "{english:?}");
        assert!(english.err.contains("Another minutes-vault (process 4711) works on"), "{english:?}");
        let chinese = here.run(&[command, &["--lang", "zh"]].concat());
        assert!(chinese.err.contains("另一个 minutes-vault（进程 4711）"), "{chinese:?}");
    }
    assert_eq!(here.json(&["status", "--json"])["running"], true);
    for command in [&["members", "list"][..], &["recordings", "list"], &["verify", "--all"]] {
        assert_eq!(here.run(command).code, Some(0));
    }
    drop(lock);
    assert_eq!(here.json(&["status", "--json"])["running"], false);
}

#[test]
fn an_import_from_a_folder_without_the_scripts_files_says_so() {
    let here = Installation::new();
    let said = here.run(&["import-legacy", "."]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("neither a user_tokens.json nor a download_history.json"), "{said:?}");
}

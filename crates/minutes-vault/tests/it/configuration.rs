//! `config`, and what every command says when it is wrong.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use crate::installation::{Installation, said};

#[test]
fn init_writes_a_private_file_once_and_check_reads_it() {
    let here = Installation::new();
    let init = said(here.bare(&["config", "init"]).output().unwrap());
    assert_eq!(init.code, Some(0), "{init:?}");
    let mode = std::fs::metadata(here.at("minutes-vault.toml")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let unfilled = said(here.bare(&["config", "check"]).output().unwrap());
    assert_eq!(unfilled.code, Some(2));
    assert!(unfilled.err.contains("feishu.app_id: is not set"), "{unfilled:?}");

    let filled = std::fs::read_to_string(here.at("minutes-vault.toml")).unwrap();
    let filled = filled
        .replace("feishu.app_id = \"\"", "feishu.app_id = \"cli_a\"")
        .replace("feishu.app_secret = \"\"", "feishu.app_secret = \"hunter2-hunter2\"");
    std::fs::write(here.at("minutes-vault.toml"), &filled).unwrap();
    let again = said(here.bare(&["config", "init", "--lang", "zh"]).output().unwrap());
    assert_eq!(again.code, Some(2));
    assert!(again.err.contains("已经存在"), "{again:?}");
    assert_eq!(std::fs::read_to_string(here.at("minutes-vault.toml")).unwrap(), filled, "left alone");

    let good = said(here.bare(&["config", "check"]).output().unwrap());
    assert_eq!(good.code, Some(0), "{good:?}");
    assert!(good.out.contains("feishu.app_secret\t******\tminutes-vault.toml:"), "{good:?}");
    assert!(!good.out.contains("hunter2") && !good.err.contains("hunter2"));

    let forced = said(here.bare(&["config", "init", "--force"]).output().unwrap());
    assert_eq!(forced.code, Some(0), "{forced:?}");
    assert!(!std::fs::read_to_string(here.at("minutes-vault.toml")).unwrap().contains("hunter2"));
}

#[test]
fn the_usual_files_are_found_and_the_second_one_is_said_to_be_left_aside() {
    let here = Installation::new();
    std::fs::write(here.at("config.json"), r#"{"app_id": "cli_json", "app_secret": "s"}"#).unwrap();
    let value = |key: &str| {
        let check = said(here.bare(&["config", "check", "--json"]).output().unwrap());
        assert_eq!(check.code, Some(0), "{check:?}");
        let check: Value = serde_json::from_str(&check.out).unwrap();
        let values = check["values"].as_array().unwrap();
        let value = values.iter().find(|value| value["key"] == key).unwrap()["value"].clone();
        (value, check["warnings"].to_string())
    };
    assert_eq!(value("feishu.app_id").0, "cli_json");

    std::fs::write(here.at("minutes-vault.toml"), "feishu = { app_id = 'cli_toml', app_secret = 's' }")
        .unwrap();
    let (app_id, warnings) = value("feishu.app_id");
    assert_eq!(app_id, "cli_toml");
    assert!(warnings.contains("config.json was not read"), "{warnings}");
}

#[test]
fn bad_configuration_stops_every_command_in_the_readers_language() {
    let here = Installation::new();
    std::fs::write(here.at("minutes-vault.toml"), "server.listen = 'everywhere'").unwrap();
    for command in [&["serve"][..], &["status"], &["doctor"], &["verify"], &["recordings", "list"]] {
        let english = said(here.bare(command).output().unwrap());
        assert_eq!(english.code, Some(2), "{english:?}");
        assert!(english.err.contains("server.listen = \"everywhere\" (minutes-vault.toml:1)"), "{english:?}");
        let chinese = said(here.bare(command).env("LC_ALL", "zh_CN.UTF-8").output().unwrap());
        assert!(chinese.err.contains("不是可以监听的地址"), "{chinese:?}");
        assert_eq!(chinese.out, "");
    }
    assert!(!here.at("data").exists(), "nothing was begun");
}

#[test]
fn help_speaks_both_languages_and_names_exit_codes() {
    let here = Installation::new();
    let english = said(here.bare(&["--help"]).output().unwrap());
    assert_eq!(english.code, Some(0));
    assert!(english.out.contains("Exit codes:") && english.out.contains("minutes-vault demo"), "{english:?}");
    let chinese = said(here.bare(&["recordings", "refetch", "--help", "--lang", "zh"]).output().unwrap());
    assert!(chinese.out.contains("重新下载"), "{chinese:?}");
    assert_eq!(said(here.bare(&["recordings", "refetch"]).output().unwrap()).code, Some(2));
}

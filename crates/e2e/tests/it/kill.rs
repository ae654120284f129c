//! `kill -9` at random moments: whatever the moment, the next start takes everything up.

use std::process::{Command, Stdio};
use std::time::Duration;

use e2e::binary;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::Value;

use crate::proof::{all_files, assert_sums_hold, media_files};

/// More of them: `MINUTES_VAULT_KILLS=1000 cargo nextest run -p e2e kill`.
const KILLS: u32 = 50;
/// The demonstration does most of its work in its first seconds.
const LONGEST_LIFE_MS: u64 = 5_000;

fn demo(folder: &std::path::Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command
        .args(["demo", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(folder)
        .args(arguments)
        .stdin(Stdio::null());
    command
}

#[test]
fn killed_at_random_moments_the_demo_ends_with_the_whole_archive() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seed = number("MINUTES_VAULT_KILL_SEED").unwrap_or_else(rand::random);
    let kills = number("MINUTES_VAULT_KILLS").unwrap_or(KILLS.into());
    println!("MINUTES_VAULT_KILL_SEED={seed}");
    let mut dice = StdRng::seed_from_u64(seed);
    let folder = tempfile::tempdir().unwrap();

    for _ in 0..kills {
        let mut child = demo(folder.path(), &[]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(dice.random_range(0..LONGEST_LIFE_MS)));
        child.kill().unwrap();
        child.wait().unwrap();
    }

    let output = demo(folder.path(), &["--exit-when-done", "--json"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let report: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}\n{said}"));
    assert!(output.status.success(), "seed {seed}: {report:#}\n{said}");
    assert_eq!(report["unexpected"], Value::Array(Vec::new()));
    assert_eq!(report["grants_alive"], report["members"], "a grant was lost");

    let archive = folder.path().join("downloads");
    assert_eq!(media_files(&archive).len() as u64, report["archived"].as_u64().unwrap());
    assert_sums_hold(&archive);
    let parts: Vec<_> = all_files(&archive)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|e| e == "part"))
        .collect();
    assert!(parts.is_empty(), "torn files: {parts:?}");
}

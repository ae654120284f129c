//! For scale: the official Python SDK behind Flask and waitress, which stores nothing.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use e2e::Platform;

use crate::load::Pace;
use crate::mix::Mix;
use crate::{MOST_A_SECOND, latencies, row, send_beside};

const SECONDS: u64 = 15;

pub(crate) async fn measure() {
    let Some(python) = python() else {
        row("Flask, waitress and the official SDK", "not measured: Python 3 with venv is missing");
        return;
    };
    let platform = Platform::named("small").await;
    let ready = platform.ready();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/events/peer.py");
    let mut server = Command::new(python)
        .arg(script)
        .args([&ready.encrypt_key, &ready.verification_token])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("Python starts");
    let mut line = String::new();
    let output = server.stdout.take().expect("its output");
    BufReader::new(output).read_line(&mut line).expect("its address");
    let site = line.trim().to_owned();
    let mix = Mix::new(&platform, &site, "peer", MOST_A_SECOND / 4 * usize::try_from(SECONDS).unwrap_or(1));
    let (_, outcome) = send_beside(&site, mix, Pace::Unpaced, Duration::from_secs(SECONDS)).await;
    row(
        &format!(
            "the official SDK behind Flask and waitress, storing nothing, without a schedule, {SECONDS} s"
        ),
        format!("{:.0}/s", outcome.per_second()),
    );
    latencies("its answer, from the sending", &outcome);
    row("its peak memory", format!("{:.0} MiB", e2e::memory_mib(server.id(), "VmHWM")));
    end(&mut server);
}

fn end(server: &mut Child) {
    let _ = server.kill();
    let _ = server.wait();
}

/// A Python with the packages, below the target directory; installed once.
fn python() -> Option<PathBuf> {
    let home = e2e::binary().parent()?.parent()?.join("events-peer");
    let python = home.join("bin/python");
    let runs = |command: &mut Command| command.status().is_ok_and(|status| status.success());
    let has_packages = || {
        runs(Command::new(&python).args(["-c", "import flask, waitress, lark_oapi"]).stderr(Stdio::null()))
    };
    if !has_packages() {
        let made = runs(Command::new("python3").args(["-m", "venv"]).arg(&home));
        let packages = ["flask==3.1.2", "waitress==3.0.2", "lark-oapi==1.7.5"];
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        if !made || !runs(Command::new(&python).args(install).args(packages)) {
            return None;
        }
    }
    Some(python)
}

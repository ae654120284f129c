//! The peers, as a shell would run them.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What a run took.
#[derive(Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) wall: Duration,
    /// User and system time of all processes.
    pub(crate) cpu: Duration,
}

/// Runs `script` in `folder`; `$1` and so on are `arguments`.
pub(crate) async fn shell(script: &str, folder: &Path, arguments: &[&str]) -> Cost {
    let mut command = Command::new("sh");
    command.args(["-ec", script, "sh"]).args(arguments).current_dir(folder);
    command.stdout(Stdio::null()).env("no_proxy", "*");
    tokio::task::spawn_blocking(move || {
        let cpu = cpu_of_children();
        let began = Instant::now();
        let status = command.status().expect("a shell");
        let wall = began.elapsed();
        assert!(status.success(), "a peer failed: {command:?}");
        Cost { wall, cpu: cpu_of_children().saturating_sub(cpu) }
    })
    .await
    .expect("no panic")
}

/// Of the children that have been waited for.
fn cpu_of_children() -> Duration {
    ticks("/proc/self/stat", 13)
}

/// Two neighbouring times of a `/proc/PID/stat`; `skip` counts from the field after the name.
pub(crate) fn ticks(path: &str, skip: usize) -> Duration {
    let stat = std::fs::read_to_string(path).expect("a running process");
    let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
    let ticks: u64 = fields.skip(skip).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

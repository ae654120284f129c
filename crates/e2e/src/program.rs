//! The built program as a user runs it: a process with its own folder and environment.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use feishu_sim::Ready;
use serde_json::Value;
use tempfile::TempDir;

use crate::{Machine, SmallDisk};

/// Of the log, when a test fails.
const LAST_LINES: usize = 50;

/// The program beside the running test binary. `scripts/test` builds it first.
#[must_use]
pub fn binary() -> PathBuf {
    let test = std::env::current_exe().expect("this binary has a path");
    let folder = test.ancestors().find(|folder| folder.join("minutes-vault").is_file());
    folder.expect("minutes-vault is not built: run cargo build --workspace first").join("minutes-vault")
}

/// A data folder, an archive folder and settings; the program can be run over it again and again.
pub struct Installation {
    folder: TempDir,
    settings: Vec<(String, String)>,
    /// Of `serve` alone: commands that only look are spared its faults.
    machine: Vec<(&'static str, PathBuf)>,
    disk: Option<SmallDisk>,
}

impl Installation {
    /// A fresh one that knows the stand-in at `ready`.
    #[must_use]
    pub fn new(ready: &Ready) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let settings = [
            ("FEISHU_APP_ID", ready.app_id.as_str()),
            ("FEISHU_APP_SECRET", &ready.app_secret),
            ("FEISHU_OPEN_BASE_URL", &ready.api_base),
            ("FEISHU_ACCOUNTS_BASE_URL", &ready.accounts_base),
            ("FEISHU_ALLOW_PRIVATE_MEDIA", "true"),
            ("EVENTS_ENCRYPT_KEY", &ready.encrypt_key),
            ("EVENTS_VERIFICATION_TOKEN", &ready.verification_token),
            ("SERVER_LISTEN", "127.0.0.1:0"),
            ("LANGUAGE", "en"),
        ];
        let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        Self { folder, settings, machine: Vec::new(), disk: None }
    }

    /// With one more setting: the variable's name without `MINUTES_VAULT_`.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.set(name, value);
        self
    }

    /// So that what no event tells of is not found all the same: one short look at each member, and no more.
    #[must_use]
    pub fn by_events_alone(self) -> Self {
        self.with("PATROL_INTERVAL", "1d").with("ARCHIVE_BACKFILL_SINCE", "1h")
    }

    /// Whether the first patrol of each member and the look through their history are over.
    #[must_use]
    pub fn has_looked(&self) -> bool {
        let members = self.json(&["members", "list", "--json"]);
        let backfill = self.json(&["status", "--json"])["backfill"].clone();
        let members = members["members"].as_array().map_or(&[][..], Vec::as_slice);
        backfill["members_done"] == members.len()
            && members.iter().all(|member| !member["patrolled_at"].is_null())
    }

    /// Changes a setting of what is started from now on.
    pub fn set(&mut self, name: &str, value: &str) {
        self.settings.retain(|(known, _)| known != name);
        self.settings.push((name.to_owned(), value.to_owned()));
    }

    /// With `serve` on a machine whose faults can be ordered.
    #[must_use]
    pub fn on(mut self, machine: &Machine) -> Self {
        self.machine = machine.environment().into();
        self
    }

    /// With a small disk of its own at a folder below [`Installation::folder`].
    #[must_use]
    pub fn with_disk(mut self, disk: SmallDisk) -> Self {
        self.disk = Some(disk);
        self
    }

    /// That disk.
    #[must_use]
    pub fn disk(&self) -> &SmallDisk {
        self.disk.as_ref().expect("an installation with a small disk")
    }

    /// The folder that holds everything; the program's working directory.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The archive's files.
    #[must_use]
    pub fn downloads(&self) -> PathBuf {
        let folder = self.folder.path().join("downloads");
        self.disk.as_ref().map_or(folder.clone(), |disk| disk.seen_from_outside(&folder))
    }

    /// The program with these arguments, not yet started.
    #[must_use]
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command =
            self.disk.as_ref().map_or_else(|| Command::new(binary()), |disk| disk.command(&binary()));
        command.args(arguments).current_dir(self.folder.path()).stdin(Stdio::null());
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("MINUTES_VAULT_")) {
            command.env_remove(name);
        }
        command.envs(self.settings.iter().map(|(name, value)| (format!("MINUTES_VAULT_{name}"), value)));
        command
    }

    /// Runs a command to its end.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the program starts")
    }

    /// Runs a command that prints JSON; null when it has nothing to tell.
    #[must_use]
    pub fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(arguments);
        if output.stdout.is_empty() && output.status.code() == Some(1) {
            return Value::Null;
        }
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
            panic!("{arguments:?}: {error}\n{}", String::from_utf8_lossy(&output.stderr))
        })
    }

    /// Starts `serve` and waits until it says where it listens.
    #[must_use]
    pub fn serve(&self) -> Vault {
        let mut vault = self.begin("");
        let mut lines = BufReader::new(vault.child.stdout.take().expect("its output")).lines();
        let site = lines.by_ref().map_while(Result::ok).find_map(|line| {
            let at = line.find("http://127.0.0.1:")?;
            line[at..].split("/auth").next().map(str::to_owned)
        });
        let Some(site) = site else {
            let _ = vault.child.wait();
            panic!("serve did not start:\n{}", self.log());
        };
        // Somebody has to read the rest, or the program blocks on a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        vault.site = site;
        vault
    }

    /// Starts `serve`, which is to listen at `site`, and waits for nothing.
    #[must_use]
    pub fn begin(&self, site: &str) -> Vault {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.folder.path().join("serve.log"))
            .expect("a log");
        let mut serve = self.command(&["serve"]);
        serve.stdout(Stdio::piped()).stderr(log).process_group(0);
        serve.envs(self.machine.iter().map(|(name, value)| (name, value)));
        Vault { child: serve.spawn().expect("the program starts"), site: site.to_owned() }
    }

    /// What `serve` has logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("serve.log")).unwrap_or_default()
    }
}

impl Drop for Installation {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<_> = log.lines().collect();
            eprintln!(
                "the last that serve said:\n{}",
                lines[lines.len().saturating_sub(LAST_LINES)..].join("\n")
            );
        }
    }
}

/// A running `serve`; killed when dropped.
pub struct Vault {
    child: Child,
    /// `http://127.0.0.1:PORT`
    pub site: String,
}

impl Vault {
    /// Its process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A line of its `/proc/PID/status` such as `VmRSS` or `VmHWM`, in MiB.
    #[must_use]
    pub fn memory_mib(&self, line: &str) -> f64 {
        memory_mib(self.pid(), line)
    }

    /// The processor time that it has used.
    #[must_use]
    pub fn cpu(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid())).expect("a running process");
        // Fields 14 and 15, counted from 1; the second one is the name in parentheses.
        let ticks = stat.rsplit(") ").next().map(|rest| rest.split(' ').skip(11).take(2));
        let ticks: u64 = ticks.into_iter().flatten().filter_map(|field| field.parse::<u64>().ok()).sum();
        Duration::from_millis(ticks * 10)
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// `kill -9` of its process group, as a terminal or a job scheduler does it.
    pub fn kill_group(mut self) {
        signal("KILL", format_args!("-{}", self.child.id()));
        let _ = self.child.wait();
    }

    /// SIGTERM; its exit code.
    #[must_use]
    pub fn terminate(mut self) -> Option<i32> {
        signal("TERM", self.child.id());
        self.child.wait().expect("it ends").code()
    }

    /// The process that renews grants for it, while there is one.
    #[must_use]
    pub fn courier(&self) -> Option<u32> {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.child.id())).ok()?;
        let children = threads.flatten().flat_map(|thread| {
            let pids = std::fs::read_to_string(thread.path().join("children")).unwrap_or_default();
            pids.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<u32>>()
        });
        // A process that has only just been forked still goes by its parent's name.
        let names_itself = |pid: &u32| {
            std::fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line.starts_with(b"grant-courier"))
        };
        children.into_iter().find(names_itself)
    }
}

/// Sends a signal to a process, or to a group (`-PGID`).
pub fn signal(name: &str, to: impl std::fmt::Display) {
    let sent = Command::new("kill").args(["-s", name, "--", &to.to_string()]).status();
    assert!(sent.is_ok_and(|status| status.success()), "SIG{name} could not be sent to {to}");
}

impl Drop for Vault {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A line of `/proc/PID/status` such as `VmRSS` or `VmHWM`, in MiB.
#[must_use]
pub fn memory_mib(pid: u32, line: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("a running process");
    let found =
        status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':')?.split_whitespace().next());
    found.and_then(|kib| kib.parse::<f64>().ok()).expect("a figure") / 1_024.0
}

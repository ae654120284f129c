//! `courier`: the process that renews grants for `serve` and outlives it (see `archive::members::courier`). Not for
//! people, so it is not among the commands of `--help`; what it needs comes through its standard input.

use std::io;
use std::os::fd::AsFd as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use archive::members::carry;
use archive::model::SystemClock;
use tokio::io::BufReader;
use tokio::net::unix::pipe::{Receiver, Sender};
use tokio::process::Command;
use tokio::signal::unix::{SignalKind, signal};

/// Its one argument.
pub const NAME: &str = "courier";
/// What process lists show. Not our own name, so that `killall -9 minutes-vault` leaves an exchange alone.
const TITLE: &str = "grant-courier";

/// This very program as a courier, also where its file has been replaced by a newer one.
pub fn program() -> Command {
    let file = if cfg!(target_os = "linux") {
        PathBuf::from("/proc/self/exe")
    } else {
        std::env::current_exe().unwrap_or_default()
    };
    let mut command = Command::new(file);
    command.arg0(TITLE).arg(NAME);
    // Our settings may be there, secrets among them, and it needs none.
    for (name, _) in
        std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("MINUTES_VAULT_"))
    {
        command.env_remove(name);
    }
    command
}

/// Carries until `serve` lets it go.
pub fn run() -> ExitCode {
    // Out of the service's session: what ends a terminal's or a job's processes does not end an exchange.
    let _ = rustix::process::setsid();
    let _ = std::fs::write("/proc/self/comm", TITLE);
    match serve_orders() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{TITLE}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve_orders() -> io::Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        // It ends when its orders end, and all that was begun is over; no signal but SIGKILL ends it before.
        let _deaf = [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()].map(signal);
        let orders = Receiver::from_owned_fd(io::stdin().as_fd().try_clone_to_owned()?)?;
        let reports = Sender::from_owned_fd(io::stdout().as_fd().try_clone_to_owned()?)?;
        carry(BufReader::new(orders), reports, Arc::new(SystemClock)).await
    })
}

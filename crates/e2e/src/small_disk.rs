//! A small file system of the program's own, in a mount namespace of its own: what is mounted there nobody else sees,
//! and it goes with its last process, however that ends.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

/// Makes a skipped test a failed one.
const REQUIRE_MOUNTS: &str = "MINUTES_VAULT_REQUIRE_MOUNTS";

/// A mounted file system.
pub struct SmallDisk {
    holder: Child,
    /// When this end is closed, on whatever way, the holder ends.
    _leash: ChildStdin,
    at: PathBuf,
}

impl SmallDisk {
    /// A file system in memory of so many MiB at `folder`, which is made. `None`, said loudly, where this machine does
    /// not let us mount.
    #[must_use]
    pub fn in_memory(folder: &Path, mib: u32) -> Option<Self> {
        let mount = format!("mount -t tmpfs -o size={mib}m tmpfs \"$1\"");
        Self::mount(folder, &mount)
    }

    /// An ext4 of so many MiB in a file beside `folder`, which is made.
    #[must_use]
    pub fn ext4(folder: &Path, mib: u32) -> Option<Self> {
        let make = format!("truncate -s {mib}M \"$1.img\" && mkfs.ext4 -q -m 0 \"$1.img\"");
        Self::mount(folder, &format!("{make} && mount -o loop \"$1.img\" \"$1\""))
    }

    fn mount(folder: &Path, mount: &str) -> Option<Self> {
        std::fs::create_dir_all(folder).expect("a folder");
        let mut holder = Command::new("unshare")
            .args(["--mount", "sh", "-c", &format!("({mount}) >&2 && echo mounted && exec cat"), "sh"])
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        let (leash, said) = (holder.stdin.take()?, holder.stdout.take()?);
        let mut line = String::new();
        let read = BufReader::new(said).read_line(&mut line);
        if read.is_ok() && line == "mounted\n" {
            return Some(Self { holder, _leash: leash, at: folder.to_owned() });
        }
        let _ = holder.wait();
        assert!(
            std::env::var_os(REQUIRE_MOUNTS).is_none(),
            "{REQUIRE_MOUNTS} is set, and nothing can be mounted"
        );
        eprintln!(
            "SKIPPED: this machine does not let us mount a file system (root and CAP_SYS_ADMIN are needed)"
        );
        None
    }

    /// What will run where the file system is, in the folder above it.
    #[must_use]
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--mount=/proc/{}/ns/mnt", self.holder.id()));
        // One becomes the next: same process id, same environment. Entering leaves us at the root.
        command.args(["--", "sh", "-c", "cd \"$0\" && exec \"$@\""]);
        command.arg(self.at.parent().unwrap_or(Path::new("/"))).arg(program);
        command
    }

    /// The same file or folder, for those outside.
    #[must_use]
    pub fn seen_from_outside(&self, path: &Path) -> PathBuf {
        let inside = path.strip_prefix("/").unwrap_or(path);
        PathBuf::from(format!("/proc/{}/root", self.holder.id())).join(inside)
    }

    /// Where it is mounted, for those outside.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.seen_from_outside(&self.at)
    }

    /// Mounts it anew with other options, such as `ro`.
    pub fn remount(&self, options: &str) {
        let options = format!("remount,{options}");
        let remounted = self.command(Path::new("mount")).args(["-o", &options]).arg(&self.at).status();
        assert!(remounted.is_ok_and(|status| status.success()), "it could not be mounted with {options}");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

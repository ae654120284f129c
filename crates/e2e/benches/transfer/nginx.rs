//! Debian's nginx on loopback: one port as fast as it can, one with 8 MB/s for each connection. Whatever
//! stands between `/as/` and the file's name makes another address of the same file.

use std::fmt::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use feishu_sim::Scenario;
use serde_json::json;
use tempfile::TempDir;

use e2e::Platform;

/// What the throttled port gives each connection, in nginx's words.
const LIMIT: &str = "8m";

pub(crate) struct Nginx {
    child: Child,
    folder: TempDir,
    fast: u16,
    throttled: u16,
}

impl Nginx {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (fast, throttled) = (free_port(), free_port());
        let at = folder.path().display();
        let mut servers = String::new();
        for (port, limit) in [(fast, ""), (throttled, LIMIT)] {
            let limit = if limit.is_empty() { String::new() } else { format!("limit_rate {limit};") };
            let _ = write!(
                servers,
                "server {{ listen 127.0.0.1:{port} backlog=1024; root {at}/files; {limit}
                   rewrite ^/as/[^/]+/(.*)$ /$1 last; types {{ video/mp4 mp4; }} }}\n"
            );
        }
        let config = format!(
            "daemon off; worker_processes 1; pid {at}/nginx.pid; error_log {at}/error.log;
             {user}
             events {{ worker_connections 4096; }}
             http {{
               log_format bytes '$request_uri $status $body_bytes_sent';
               access_log {at}/access.log bytes;
               sendfile on; tcp_nopush on; keepalive_requests 100000;
               client_body_temp_path {at}/t1; proxy_temp_path {at}/t2; fastcgi_temp_path {at}/t3;
               uwsgi_temp_path {at}/t4; scgi_temp_path {at}/t5;
               {servers}
             }}",
            // Started by root, its workers would become somebody who may not enter the folder.
            user = if is_root() { "user root;" } else { "" },
        );
        std::fs::create_dir(folder.path().join("files")).expect("a folder");
        let written = folder.path().join("nginx.conf");
        std::fs::write(&written, config).expect("written");
        let child = Command::new("nginx")
            .arg("-c")
            .arg(&written)
            .spawn()
            .expect("nginx is not installed: scripts/bench-transfer does that");
        while std::net::TcpStream::connect(("127.0.0.1", throttled)).is_err() {
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { child, folder, fast, throttled }
    }

    /// Puts a file of `bytes` there, made by the stand-in: real boxes around bytes that do not compress.
    pub(crate) async fn offer(&self, bytes: u64) -> File<'_> {
        let name = format!("{bytes}.mp4");
        let path = self.folder.path().join("files").join(&name);
        if !path.exists() {
            make(&path, bytes).await;
        }
        File { nginx: self, name }
    }

    /// Bytes of bodies sent so far for addresses that contain `part`.
    pub(crate) fn sent(&self, part: &str) -> u64 {
        let log = std::fs::read_to_string(self.folder.path().join("access.log")).unwrap_or_default();
        let lines = log.lines().filter(|line| line.contains(part));
        lines.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Its master ends the workers; killed, it would leave them behind.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

/// A file that nginx has.
pub(crate) struct File<'a> {
    nginx: &'a Nginx,
    name: String,
}

impl File<'_> {
    /// An address of its own for each `label`.
    pub(crate) fn url(&self, label: &str) -> String {
        format!("http://127.0.0.1:{}/as/{label}/{}", self.nginx.fast, self.name)
    }

    /// The same, at 8 MB/s for each connection.
    pub(crate) fn throttled_url(&self, label: &str) -> String {
        format!("http://127.0.0.1:{}/as/{label}/{}", self.nginx.throttled, self.name)
    }
}

async fn make(path: &Path, bytes: u64) {
    let mut scenario = Scenario::named("small").expect("built in");
    scenario.knobs.rate_limits = false;
    let platform = Platform::start(scenario).await;
    let owner = platform.ready().users[0].open_id.clone();
    let token = platform.record(&owner, "样本", bytes).await;
    let pair = platform.post(&format!("_sim/people/{owner}/tokens"), json!({})).await;
    let url = platform.download_url(&token, pair["access_token"].as_str().expect("a token")).await;
    let path: PathBuf = path.to_owned();
    let fetched = tokio::task::spawn_blocking(move || {
        Command::new("curl").args(["-sS", "--fail", "--noproxy", "*", "-o"]).arg(path).arg(url).status()
    });
    assert!(fetched.await.expect("no panic").is_ok_and(|status| status.success()), "curl failed");
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).and_then(|socket| socket.local_addr()).expect("a port").port()
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

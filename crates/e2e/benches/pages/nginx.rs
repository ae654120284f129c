//! Debian's nginx over the archive's own folder.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

use tempfile::TempDir;

pub(crate) struct Nginx {
    child: Child,
    port: u16,
    _folder: TempDir,
}

impl Nginx {
    pub(crate) fn start(root: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let port = listener.local_addr().expect("an address").port();
        drop(listener);
        let (at, root) = (folder.path().display(), root.display());
        let is_root = std::env::var("USER").map_or(true, |user| user == "root");
        let config = format!(
            "daemon off; worker_processes 1; pid {at}/nginx.pid; error_log {at}/error.log; {user}
             events {{ worker_connections 64; }}
             http {{ access_log off; sendfile on; tcp_nopush on;
               client_body_temp_path {at}/t1; proxy_temp_path {at}/t2; fastcgi_temp_path {at}/t3;
               uwsgi_temp_path {at}/t4; scgi_temp_path {at}/t5;
               server {{ listen 127.0.0.1:{port}; root {root}; }} }}",
            user = if is_root { "user root;" } else { "" },
        );
        let written = folder.path().join("nginx.conf");
        std::fs::write(&written, config).expect("written");
        let child = Command::new("nginx").arg("-c").arg(&written).spawn().expect("nginx is installed");
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { child, port, _folder: folder }
    }

    pub(crate) fn site(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Its master ends the workers; killed, it would leave them behind.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

//! Somebody who reads pages over one connection, and how long that takes.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A connection of somebody who has signed in.
pub(crate) struct Reader {
    stream: TcpStream,
    held: String,
    buffer: Vec<u8>,
}

impl Reader {
    pub(crate) async fn new(site: &str, held: &str) -> Self {
        let stream = TcpStream::connect(site.trim_start_matches("http://")).await.expect("a connection");
        stream.set_nodelay(true).expect("no delay");
        Self { stream, held: held.to_owned(), buffer: vec![0; 1 << 20] }
    }

    async fn ask(&mut self, path: &str) {
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: vault\r\naccept: text/html\r\ncookie: mv_session={}\r\n\r\n",
            self.held
        );
        self.stream.write_all(request.as_bytes()).await.expect("sent");
    }

    /// The answer's head, and what came of the body with it, and the body's length.
    async fn head(&mut self) -> (String, Vec<u8>, usize) {
        let mut got = Vec::new();
        loop {
            let count = self.stream.read(&mut self.buffer).await.expect("an answer");
            assert!(count > 0, "the connection ended");
            got.extend_from_slice(&self.buffer[..count]);
            let Some(end) = got.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
            let head = String::from_utf8_lossy(&got[..end]).to_lowercase();
            let length =
                head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            return (head, got.split_off(end + 4), length.expect("a length"));
        }
    }

    /// A page.
    pub(crate) async fn get(&mut self, path: &str) -> String {
        self.ask(path).await;
        let (head, mut body, length) = self.head().await;
        while body.len() < length {
            let count = self.stream.read(&mut self.buffer).await.expect("the rest");
            body.extend_from_slice(&self.buffer[..count]);
        }
        assert!(head.starts_with("http/1.1 200"), "{path}: {head}");
        String::from_utf8_lossy(&body).into_owned()
    }

    /// Reads a file and keeps nothing of it: its length and the time.
    pub(crate) async fn download(&mut self, path: &str) -> (usize, Duration) {
        let began = Instant::now();
        self.ask(path).await;
        let (_, body, length) = self.head().await;
        let mut got = body.len();
        while got < length {
            got += self.stream.read(&mut self.buffer).await.expect("the rest");
        }
        (got, began.elapsed())
    }

    /// Asks so often; p50 / p95.
    pub(crate) async fn times(&mut self, count: usize, path: impl Fn(usize) -> String) -> String {
        let mut times = Vec::with_capacity(count);
        for number in 0..count {
            let began = Instant::now();
            self.get(&path(number)).await;
            times.push(began.elapsed());
        }
        percentiles(times)
    }
}

pub(crate) fn percentiles(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at =
        |per_cent: usize| times[(times.len() * per_cent / 100).min(times.len() - 1)].as_secs_f64() * 1_000.0;
    format!("{:.1} / {:.1} ms", at(50), at(95))
}

/// Where "next page" leads.
pub(crate) fn next_link(page: &str) -> Option<String> {
    let link = page.split("rel=\"next\" href=\"").nth(1)?.split('"').next()?;
    Some(link.replace("&#38;", "&"))
}

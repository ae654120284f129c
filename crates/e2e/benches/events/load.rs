//! The sender: few connections, next to no work of its own, on one thread. Requests are whole before the
//! clock starts; answers are read to their end and counted.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

/// HTTP/1.1 requests, back to back.
#[derive(Default)]
pub(crate) struct Requests {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Requests {
    pub(crate) fn push(&mut self, request: &str) {
        self.bytes.extend_from_slice(request.as_bytes());
        self.ends.push(self.bytes.len());
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    fn get(&self, index: usize) -> &[u8] {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.bytes[start..self.ends[index]]
    }
}

/// When the next request goes out.
#[derive(Clone, Copy)]
pub(crate) enum Pace {
    /// On schedule, whether or not earlier ones are answered; latency counts from the due time.
    PerSecond(u32),
    /// As soon as the connection's last one is answered.
    Unpaced,
}

/// What came of it.
#[derive(Default)]
pub(crate) struct Outcome {
    /// Requests that were answered with 200, by index.
    pub(crate) acknowledged: Vec<usize>,
    /// Answers other than 200.
    pub(crate) refused: usize,
    /// From the due time to the last byte of the answer, shortest first.
    pub(crate) latencies: Vec<Duration>,
    /// From the first request to the last answer.
    pub(crate) took: Duration,
}

impl Outcome {
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    pub(crate) fn per_second(&self) -> f64 {
        self.acknowledged.len() as f64 / self.took.as_secs_f64()
    }

    pub(crate) fn latency_ms(&self, per_mille: usize) -> f64 {
        let last = self.latencies.len().saturating_sub(1);
        let at = (self.latencies.len() * per_mille / 1_000).min(last);
        self.latencies.get(at).copied().unwrap_or_default().as_secs_f64() * 1_000.0
    }
}

struct Sender<'a> {
    requests: &'a Requests,
    pace: Pace,
    began: Instant,
    until: Instant,
    next: Cell<usize>,
    outcome: RefCell<Outcome>,
}

/// Sends until the requests or the time run out, or until the other side goes away.
pub(crate) fn send(
    site: &str,
    requests: &Requests,
    connections: usize,
    pace: Pace,
    longest: Duration,
) -> Outcome {
    let address = site.trim_start_matches("http://");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let outcome = LocalSet::new().block_on(&runtime, async {
        let mut streams = Vec::new();
        for _ in 0..connections {
            let stream = TcpStream::connect(address).await.expect("a connection");
            stream.set_nodelay(true).expect("no delay");
            streams.push(stream);
        }
        let began = Instant::now();
        let sender = Rc::new(Sender {
            requests,
            pace,
            began,
            until: began + longest,
            next: Cell::default(),
            outcome: RefCell::default(),
        });
        futures_util::future::join_all(streams.into_iter().map(|stream| sender.work(stream))).await;
        let mut outcome = sender.outcome.take();
        outcome.took = began.elapsed();
        outcome
    });
    let mut outcome = outcome;
    outcome.latencies.sort_unstable();
    outcome
}

impl Sender<'_> {
    async fn work(&self, mut stream: TcpStream) {
        let mut answer = [0; 4_096];
        loop {
            let index = self.next.get();
            if index >= self.requests.len() {
                return;
            }
            self.next.set(index + 1);
            let due = self.due(index);
            if due > self.until {
                return;
            }
            tokio::time::sleep_until(due.into()).await;
            let status = exchange(&mut stream, self.requests.get(index), &mut answer).await;
            let mut outcome = self.outcome.borrow_mut();
            match status {
                Some(true) => {
                    outcome.acknowledged.push(index);
                    outcome.latencies.push(due.elapsed());
                }
                Some(false) => outcome.refused += 1,
                None => return,
            }
        }
    }

    fn due(&self, index: usize) -> Instant {
        match self.pace {
            Pace::PerSecond(rate) => {
                self.began + Duration::from_secs(1) / rate * u32::try_from(index).unwrap_or(u32::MAX)
            }
            Pace::Unpaced => Instant::now(),
        }
    }
}

/// One request and its answer; whether that was a 200, or none when the other side went away.
async fn exchange(stream: &mut TcpStream, request: &[u8], answer: &mut [u8]) -> Option<bool> {
    stream.write_all(request).await.ok()?;
    let mut got = 0;
    loop {
        match stream.read(&mut answer[got..]).await {
            Ok(0) | Err(_) => return None,
            Ok(bytes) => got += bytes,
        }
        let Ok(text) = std::str::from_utf8(&answer[..got]) else { return Some(false) };
        let Some(head) = text.find("\r\n\r\n") else { continue };
        if got >= head + 4 + content_length(&text[..head]) {
            return Some(text.starts_with("HTTP/1.1 200"));
        }
    }
}

fn content_length(head: &str) -> usize {
    let line = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    line.unwrap_or(0)
}

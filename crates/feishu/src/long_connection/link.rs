//! One open connection: what it brings, what is answered, and when it counts as dead.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::{self, Message};

use super::endpoint::LinkAddress;
use super::error::LinkError;
use super::frame::{BadFrame, Frame, FrameKind, Verdict};
use super::parts::Parts;
use super::settings::LinkSettings;
use super::upgrade::{Socket, broken};
use crate::client::Client;
use crate::redact;

/// A line that takes no more bytes for so long is dead.
const WRITE_PATIENCE: Duration = Duration::from_secs(10);

/// One open connection. Keep calling [`Link::next`]: pings and answers go out only meanwhile.
pub struct Link {
    socket: Socket,
    service: i32,
    settings: LinkSettings,
    parts: Parts,
    answer: mpsc::UnboundedSender<Frame>,
    /// No more than there are deliveries.
    answers: mpsc::UnboundedReceiver<Frame>,
    ping_at: Instant,
    heard_at: Instant,
}

/// What a connection has to tell.
#[derive(Debug)]
pub enum News {
    /// An event, whole: store it durably and answer it, within three seconds.
    Event(Delivery),
    /// The other side answered a ping.
    Alive,
    /// A message that cannot be used; the connection goes on, and the platform sends what is not answered again.
    Unusable(BadFrame),
}

/// An event that came over a connection. Dropped without an answer, it comes again.
#[derive(Debug)]
pub struct Delivery {
    frame: Frame,
    arrived_at: Instant,
    answer: mpsc::UnboundedSender<Frame>,
}

impl Delivery {
    /// The event's JSON, as by webhook but in the clear: for [`EventVerifier::read_unsealed`](crate::EventVerifier).
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        self.frame.payload()
    }

    /// What to follow it in logs by.
    #[must_use]
    pub fn trace_id(&self) -> Option<&str> {
        self.frame.trace_id()
    }

    /// Answers it, once. On a connection that is gone by now the answer is lost, and the event comes again.
    pub fn answer(self, verdict: Verdict) {
        let answer = self.frame.answer(verdict, self.arrived_at.elapsed());
        let _ = self.answer.send(answer);
    }
}

impl Client {
    /// Opens a connection; an address serves once.
    pub async fn open_link(&self, address: LinkAddress) -> Result<Link, LinkError> {
        let socket = self.open_socket(&address).await?;
        let (answer, answers) = mpsc::unbounded_channel();
        let now = Instant::now();
        Ok(Link {
            socket,
            service: address.service,
            settings: address.settings(),
            parts: Parts::default(),
            answer,
            answers,
            // At once, as the official clients do: the pong brings the newest settings.
            ping_at: now,
            heard_at: now,
        })
    }
}

impl Link {
    /// How the platform wants it kept, as of the last pong.
    #[must_use]
    pub fn settings(&self) -> LinkSettings {
        self.settings
    }

    /// Waits for what comes next; an error is the end of this connection.
    pub async fn next(&mut self) -> Result<News, LinkError> {
        loop {
            let silence_ends = self.heard_at + self.settings.ping_interval * 2;
            tokio::select! {
                // In this order: an answer has three seconds, and whatever has come in proves that the link lives,
                // however late it is read.
                biased;
                Some(answer) = self.answers.recv() => self.send(&answer).await?,
                () = sleep_until(self.ping_at) => {
                    self.send(&Frame::ping(self.service)).await?;
                    self.ping_at = Instant::now() + self.settings.ping_interval;
                }
                message = self.socket.next() => if let Some(news) = self.take(message)? {
                    return Ok(news);
                },
                () = sleep_until(silence_ends) => {
                    return Err(broken("nothing came for two ping intervals: the connection is dead"));
                }
            }
        }
    }

    /// Ends it politely: waits up to `patience` for the answers to what has come, sends them, and closes.
    pub async fn close(self, patience: Duration) {
        let Self { mut socket, answer, mut answers, .. } = self;
        drop(answer);
        let goodbye = async {
            while let Some(answer) = answers.recv().await {
                socket.send(Message::Binary(answer.encode())).await?;
            }
            socket.close(None).await
        };
        // It ends either way.
        let _ = timeout(patience, goodbye).await;
    }

    fn take(
        &mut self,
        message: Option<Result<Message, tungstenite::Error>>,
    ) -> Result<Option<News>, LinkError> {
        let message = match message {
            None => return Err(broken("the connection ended")),
            Some(Err(error)) => return Err(broken(&redact::plain(&error.to_string()))),
            Some(Ok(Message::Close(close))) => {
                let why = close.map(|close| close.reason.to_string()).unwrap_or_default();
                return Err(broken(
                    redact::plain(&format!("the platform closed the connection {why}")).trim(),
                ));
            }
            Some(Ok(message)) => message,
        };
        self.heard_at = Instant::now();
        match message {
            Message::Binary(bytes) => Ok(self.read(bytes).unwrap_or_else(|bad| Some(News::Unusable(bad)))),
            // The WebSocket's own pings are answered below us; text is nothing of this protocol.
            _ => Ok(None),
        }
    }

    fn read(&mut self, bytes: Bytes) -> Result<Option<News>, BadFrame> {
        let frame = Frame::decode(bytes)?;
        match frame.kind() {
            FrameKind::Pong => {
                self.heed(frame.payload());
                Ok(Some(News::Alive))
            }
            FrameKind::Event => Ok(self.parts.put(frame, self.heard_at)?.map(|frame| {
                let (arrived_at, answer) = (self.heard_at, self.answer.clone());
                News::Event(Delivery { frame, arrived_at, answer })
            })),
            // Cards are nothing of ours; the official clients leave them unanswered, too.
            FrameKind::Ping | FrameKind::Card | FrameKind::Other => Ok(None),
        }
    }

    /// Takes over what a pong carries; it may carry nothing.
    fn heed(&mut self, payload: &[u8]) {
        if let Ok(config) = serde_json::from_slice(payload) {
            self.settings = self.settings.changed_by(&config);
            self.ping_at = self.ping_at.min(self.heard_at + self.settings.ping_interval);
        }
    }

    async fn send(&mut self, frame: &Frame) -> Result<(), LinkError> {
        match timeout(WRITE_PATIENCE, self.socket.send(Message::Binary(frame.encode()))).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(broken(&redact::plain(&error.to_string()))),
            Err(_) => Err(broken("the connection takes no more bytes")),
        }
    }
}

/// Without the address.
impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link").field("settings", &self.settings).finish_non_exhaustive()
    }
}

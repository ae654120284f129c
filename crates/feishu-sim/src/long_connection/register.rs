//! Which connections there are and were, and what went over them: the truth that tests ask for.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use bytes::Bytes;
use rand::RngExt as _;
use rand::rngs::StdRng;
use serde::Serialize;
use tokio::sync::{mpsc, oneshot};

use crate::clock::Ms;

/// Connections, and messages, remembered one by one.
const REMEMBERED: usize = 20_000;

/// What the connection's own task is told to do.
pub(crate) enum Order {
    Send(Vec<Bytes>),
    /// A reset, as of a line that broke.
    Reset,
    /// A polite end.
    Close,
    /// It stays open, and nothing moves on it any more: what a lost route looks like.
    Silence,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Connection {
    pub(crate) id: u64,
    /// A part of the secret address, so that a test can look for it where it must not be.
    ticket: String,
    opened_ms: Ms,
    closed_ms: Option<Ms>,
    pings: u64,
    messages: u64,
}

/// One message: an event on its way over one connection.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Sent {
    event_id: String,
    message_id: String,
    connection: u64,
    /// `seq` of each part, in the order in which they went; what a fault swallowed is missing.
    parts: Vec<usize>,
    sum: usize,
    at_ms: Ms,
    answers: Vec<Answer>,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Answer {
    pub(crate) at_ms: Ms,
    pub(crate) code: Option<i64>,
    /// As the client wrote it.
    pub(crate) biz_rt: Option<String>,
    /// Somebody still waited for it.
    pub(crate) in_time: bool,
}

#[derive(Default)]
pub(crate) struct Register {
    /// Of addresses that were given out and not connected to. Each serves once.
    tickets: HashSet<String>,
    pub(crate) connections: VecDeque<Connection>,
    live: BTreeMap<u64, mpsc::UnboundedSender<Order>>,
    pub(crate) sent: VecDeque<Sent>,
    /// Who waits for the answer to which message, over which connection.
    waiting: HashMap<String, (u64, oneshot::Sender<i64>)>,
    last_id: u64,
}

impl Register {
    pub(crate) fn live(&self) -> usize {
        self.live.len()
    }

    pub(crate) fn is_live(&self, id: u64) -> bool {
        self.live.contains_key(&id)
    }

    pub(super) fn issue(&mut self, ticket: &str) {
        self.tickets.insert(ticket.to_owned());
    }

    /// True, once, for a ticket that was given out.
    pub(super) fn redeem(&mut self, ticket: &str) -> bool {
        self.tickets.remove(ticket)
    }

    pub(super) fn open(&mut self, ticket: &str, now: Ms) -> (u64, mpsc::UnboundedReceiver<Order>) {
        self.last_id += 1;
        let id = self.last_id;
        let (orders, received) = mpsc::unbounded_channel();
        self.live.insert(id, orders);
        remember(
            &mut self.connections,
            Connection {
                id,
                ticket: ticket.to_owned(),
                opened_ms: now,
                closed_ms: None,
                pings: 0,
                messages: 0,
            },
        );
        (id, received)
    }

    pub(super) fn closed(&mut self, id: u64, now: Ms) {
        self.live.remove(&id);
        // Whoever waits for an answer over it need not wait on.
        self.waiting.retain(|_, (connection, _)| *connection != id);
        if let Some(row) = self.row(id) {
            row.closed_ms = Some(now);
        }
    }

    pub(super) fn pinged(&mut self, id: u64) {
        if let Some(row) = self.row(id) {
            row.pings += 1;
        }
    }

    /// One of the open connections, by chance.
    pub(super) fn choose(&self, random: &mut StdRng) -> Option<u64> {
        let place = random.random_range(0..self.live.len().max(1));
        self.live.keys().nth(place).copied()
    }

    /// Tells a connection what to do; false when it is no more.
    pub(crate) fn order(&self, id: u64, order: Order) -> bool {
        self.live.get(&id).is_some_and(|orders| orders.send(order).is_ok())
    }

    pub(crate) fn live_ids(&self) -> Vec<u64> {
        self.live.keys().copied().collect()
    }

    /// Notes a message that goes out; its answer comes by the receiver, and its connection's end closes that.
    pub(super) fn send(&mut self, message: Outgoing, now: Ms) -> oneshot::Receiver<i64> {
        let Outgoing { event_id, message_id, connection, parts, sum, frames } = message;
        let (answer, answered) = oneshot::channel();
        if self.order(connection, Order::Send(frames)) {
            self.waiting.insert(message_id.clone(), (connection, answer));
        }
        if let Some(row) = self.row(connection) {
            row.messages += 1;
        }
        let sent = Sent { event_id, message_id, connection, parts, sum, at_ms: now, answers: Vec::new() };
        remember(&mut self.sent, sent);
        answered
    }

    /// Nobody waits for this answer any more.
    pub(super) fn too_late(&mut self, message_id: &str) {
        self.waiting.remove(message_id);
    }

    pub(super) fn answered(&mut self, message_id: &str, code: Option<i64>, biz_rt: Option<String>, now: Ms) {
        let waiting = self.waiting.remove(message_id);
        let in_time = waiting.is_some();
        if let (Some((_, answer)), Some(code)) = (waiting, code) {
            let _ = answer.send(code);
        }
        if let Some(sent) = self.sent.iter_mut().rev().find(|sent| sent.message_id == message_id) {
            sent.answers.push(Answer { at_ms: now, code, biz_rt, in_time });
        }
    }

    fn row(&mut self, id: u64) -> Option<&mut Connection> {
        self.connections.iter_mut().rev().find(|row| row.id == id)
    }
}

/// A message that is to go out.
pub(super) struct Outgoing {
    pub(super) event_id: String,
    pub(super) message_id: String,
    pub(super) connection: u64,
    pub(super) parts: Vec<usize>,
    pub(super) sum: usize,
    pub(super) frames: Vec<Bytes>,
}

fn remember<T>(rows: &mut VecDeque<T>, row: T) {
    if rows.len() == REMEMBERED {
        rows.pop_front();
    }
    rows.push_back(row);
}

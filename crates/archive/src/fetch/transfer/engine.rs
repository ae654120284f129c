//! What all transfers share: the bandwidth, the number of connections, and what was learnt about each media host.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::tz::TimeZone;
use tokio::time::Instant;

use super::throttle::{Bandwidth, Throttle};
use crate::model::Clock;

/// Hosts that are remembered; there is one, or a few behind redirects.
const REMEMBERED_HOSTS: usize = 64;

/// How media is fetched.
#[derive(Debug, Clone)]
pub struct TransferSettings {
    /// Connections of one file at most.
    pub connections_per_file: usize,
    /// Connections to one host at most; a transfer always has one.
    pub connections_per_host: usize,
    /// Connections in all at most; a transfer always has one.
    pub connections: usize,
    /// How fast media may come in.
    pub bandwidth: Bandwidth,
    /// A connection that brings less than 64 KiB in this time is given up.
    pub stall: Duration,
}

impl Default for TransferSettings {
    fn default() -> Self {
        Self {
            connections_per_file: 16,
            connections_per_host: 64,
            connections: 128,
            bandwidth: Bandwidth::default(),
            stall: Duration::from_mins(1),
        }
    }
}

/// What all transfers share. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    pub(super) settings: Arc<TransferSettings>,
    pub(super) throttle: Throttle,
    hosts: Arc<Mutex<HashMap<String, Host>>>,
}

#[derive(Debug, Default)]
struct Host {
    connections: usize,
    /// What was enough for its last file.
    learned: usize,
    /// It asked to be left alone until then.
    blocked_until: Option<Instant>,
}

impl Engine {
    /// An engine; `zone` is that of the hours in the settings.
    #[must_use]
    pub fn new(settings: TransferSettings, clock: Arc<dyn Clock>, zone: TimeZone) -> Self {
        let throttle = Throttle::new(settings.bandwidth.clone(), clock, zone);
        Self { settings: Arc::new(settings), throttle, hosts: Arc::default() }
    }

    /// A transfer's first connection, which it always gets.
    pub(super) fn first_connection(&self, host: &str) -> Connection {
        self.with_host(host, |host| host.connections += 1);
        Connection { engine: self.clone(), host: host.to_owned() }
    }

    /// One more, if the limits allow it.
    pub(super) fn another_connection(&self, host: &str) -> Option<Connection> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let in_all: usize = hosts.values().map(|host| host.connections).sum();
        let known = hosts.get_mut(host)?;
        if in_all >= self.settings.connections || known.connections >= self.settings.connections_per_host {
            return None;
        }
        known.connections += 1;
        Some(Connection { engine: self.clone(), host: host.to_owned() })
    }

    /// With how many connections a file from this host is begun.
    pub(super) fn learned(&self, host: &str) -> usize {
        self.with_host(host, |host| host.learned).max(1)
    }

    pub(super) fn learn(&self, host: &str, connections: usize) {
        self.with_host(host, |host| host.learned = connections);
    }

    /// The host asked for a pause: nobody asks it for anything until it is over.
    pub(super) fn block(&self, host: &str, wait: Duration) {
        let until = Instant::now() + wait;
        self.with_host(host, |host| host.blocked_until = host.blocked_until.max(Some(until)));
    }

    /// Until when the host wants to be left alone, if it does.
    pub(super) fn blocked_until(&self, host: &str) -> Option<Instant> {
        self.with_host(host, |host| host.blocked_until).filter(|until| *until > Instant::now())
    }

    fn with_host<T>(&self, name: &str, change: impl FnOnce(&mut Host) -> T) -> T {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() >= REMEMBERED_HOSTS && !hosts.contains_key(name) {
            hosts.retain(|_, host| host.connections > 0);
        }
        change(hosts.entry(name.to_owned()).or_default())
    }
}

/// A connection that counts; no longer when dropped.
pub(super) struct Connection {
    engine: Engine,
    host: String,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.engine.with_host(&self.host, |host| host.connections = host.connections.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SystemClock;

    #[tokio::test]
    async fn connections_are_limited_by_host_and_in_all_but_each_transfer_has_one() {
        let settings =
            TransferSettings { connections_per_host: 2, connections: 3, ..TransferSettings::default() };
        let engine = Engine::new(settings, Arc::new(SystemClock), TimeZone::UTC);
        let one = engine.first_connection("a");
        let two = engine.another_connection("a").unwrap();
        assert!(engine.another_connection("a").is_none(), "the host's limit");
        let _other = engine.first_connection("b");
        assert!(engine.another_connection("b").is_none(), "the limit of all");
        let _third = engine.first_connection("a");
        drop((one, two));
        assert!(engine.another_connection("a").is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_is_left_alone_as_long_as_it_asked() {
        let engine = Engine::new(TransferSettings::default(), Arc::new(SystemClock), TimeZone::UTC);
        engine.block("a", Duration::from_secs(9));
        engine.block("a", Duration::from_secs(3));
        assert_eq!(engine.blocked_until("a"), Some(Instant::now() + Duration::from_secs(9)));
        assert_eq!(engine.blocked_until("b"), None);
        tokio::time::advance(Duration::from_secs(9)).await;
        assert_eq!(engine.blocked_until("a"), None);
    }
}

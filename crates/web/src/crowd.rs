//! How often one address may try to sign in, since each try costs the platform's patience, too; and how often one
//! session or one program may come.

use std::collections::HashMap;
use std::net::Ipv6Addr;
use std::sync::{Mutex, PoisonError};

/// Tries to sign in from one address in a window: a whole office may be behind it.
pub(crate) const ARRIVALS: u32 = 60;
/// Requests with one session in a window: a page full of covers is a hundred, and nobody turns over one each second.
pub(crate) const STEPS: u32 = 6_000;
/// Requests with one token in a window.
pub(crate) const CALLS: u32 = 1_200;
/// A window, in ms.
const WINDOW_MS: i64 = 60_000;
/// Addresses, sessions or tokens that are remembered; beyond that those whose time is over are forgotten.
const REMEMBERED: usize = 10_000;

/// Counts tries by address, session or token, in memory.
#[derive(Debug)]
pub(crate) struct Crowd {
    /// Of one, in a window.
    most: u32,
    tries: Mutex<HashMap<String, Tries>>,
}

#[derive(Debug)]
struct Tries {
    since_ms: i64,
    count: u32,
}

impl Crowd {
    pub(crate) fn new(most: u32) -> Self {
        Self { most, tries: Mutex::default() }
    }

    /// Counts a try; false when there were too many.
    pub(crate) fn admits(&self, from: &str, now_ms: i64) -> bool {
        let from = neighbourhood(from);
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = |it: &Tries| it.since_ms.abs_diff(now_ms) >= WINDOW_MS.unsigned_abs();
        if tries.len() >= REMEMBERED {
            tries.retain(|_, it| !is_over(it));
        }
        if tries.len() >= REMEMBERED && !tries.contains_key(&from) {
            return false;
        }
        let it = tries.entry(from).or_insert(Tries { since_ms: now_ms, count: 0 });
        if is_over(it) {
            *it = Tries { since_ms: now_ms, count: 0 };
        }
        it.count += 1;
        it.count <= self.most
    }
}

/// Whoever has one address of IPv6 has as many as they like beside it (RFC 6177).
fn neighbourhood(from: &str) -> String {
    match from.parse::<Ipv6Addr>() {
        Ok(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).to_string(),
        Err(_) => from.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_tries_wait_for_the_next_minute_and_disturb_nobody_else() {
        let crowd = Crowd::new(ARRIVALS);
        let admitted = (0..100).filter(|_| crowd.admits("10.0.0.1", 5)).count();
        assert_eq!(admitted, 60);
        assert!(crowd.admits("10.0.0.2", 5));
        assert!(!crowd.admits("10.0.0.1", 5 + WINDOW_MS - 1));
        assert!(crowd.admits("10.0.0.1", 5 + WINDOW_MS));
        assert!(crowd.admits("10.0.0.1", 4), "a clock that is set back locks nobody out");
        let one_office =
            (0..100).filter(|number| crowd.admits(&format!("2001:db8:1:2::{number:x}"), 5)).count();
        assert_eq!(one_office, 60, "as many addresses as they like");
    }

    #[test]
    fn a_flood_of_addresses_takes_no_more_memory_and_ends() {
        let crowd = Crowd::new(ARRIVALS);
        for number in 0..REMEMBERED + 100 {
            crowd.admits(&number.to_string(), 0);
        }
        assert_eq!(crowd.tries.lock().unwrap().len(), REMEMBERED);
        assert!(crowd.admits("somebody", WINDOW_MS));
    }
}

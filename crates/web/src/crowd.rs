//! How often one address may try to sign in: each try costs the platform's patience, too.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// A whole office may be behind one address.
const MOST: u32 = 60;
/// For so long, in ms.
const WINDOW_MS: i64 = 60_000;
/// Addresses that are remembered; beyond that those whose time is over are forgotten.
const REMEMBERED: usize = 10_000;

/// Counts tries by address, in memory.
#[derive(Debug, Default)]
pub(crate) struct Crowd(Mutex<HashMap<String, Tries>>);

#[derive(Debug)]
struct Tries {
    since_ms: i64,
    count: u32,
}

impl Crowd {
    /// Counts a try; false when there were too many.
    pub(crate) fn admits(&self, from: &str, now_ms: i64) -> bool {
        let mut tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = |it: &Tries| it.since_ms.abs_diff(now_ms) >= WINDOW_MS.unsigned_abs();
        if tries.len() >= REMEMBERED {
            tries.retain(|_, it| !is_over(it));
        }
        if tries.len() >= REMEMBERED && !tries.contains_key(from) {
            return false;
        }
        let it = tries.entry(from.to_owned()).or_insert(Tries { since_ms: now_ms, count: 0 });
        if is_over(it) {
            *it = Tries { since_ms: now_ms, count: 0 };
        }
        it.count += 1;
        it.count <= MOST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_tries_wait_for_the_next_minute_and_disturb_nobody_else() {
        let crowd = Crowd::default();
        let admitted = (0..100).filter(|_| crowd.admits("10.0.0.1", 5)).count();
        assert_eq!(admitted, 60);
        assert!(crowd.admits("10.0.0.2", 5));
        assert!(!crowd.admits("10.0.0.1", 5 + WINDOW_MS - 1));
        assert!(crowd.admits("10.0.0.1", 5 + WINDOW_MS));
        assert!(crowd.admits("10.0.0.1", 4), "a clock that is set back locks nobody out");
    }

    #[test]
    fn a_flood_of_addresses_takes_no_more_memory_and_ends() {
        let crowd = Crowd::default();
        for number in 0..REMEMBERED + 100 {
            crowd.admits(&number.to_string(), 0);
        }
        assert_eq!(crowd.0.lock().unwrap().len(), REMEMBERED);
        assert!(crowd.admits("somebody", WINDOW_MS));
    }
}

//! Which connection fetches which bytes. From the front to the back, so that the hash can follow; the connection
//! that is alone takes all there is, several take pieces of a size that lets them end together.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::store::Ranges;

/// Shorter requests are more asking than fetching.
const SHORTEST_BYTES: u64 = 1 << 20;
/// So many bytes of its neighbour a segment confirms.
pub(super) const SEAM_BYTES: u64 = 4 << 10;
/// Longer ones would let the back of the file run away from the front. With its seam a request is for 8 MiB.
const LONGEST_BYTES: u64 = (8 << 20) - SEAM_BYTES;

/// One connection's share: what of it has come, and where it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SegmentId(u32);

/// The plan of one file whose length is known.
#[derive(Debug)]
pub(super) struct Plan {
    bytes: u64,
    /// What has come or is on its way.
    claimed: Ranges,
    /// What is on its way: the next byte and the end of each segment.
    running: BTreeMap<SegmentId, Range<u64>>,
    next_id: u32,
    /// What has come in this run.
    came_bytes: u64,
}

impl Plan {
    pub(super) fn new(bytes: u64, have: &Ranges) -> Self {
        Self { bytes, claimed: have.clone(), running: BTreeMap::new(), next_id: 0, came_bytes: 0 }
    }

    /// The next segment for one of so many connections; `None` when the rest is not worth sharing.
    pub(super) fn take(&mut self, connections: usize) -> Option<(SegmentId, Range<u64>)> {
        let gap = match self.claimed.first_gap(0, self.bytes) {
            Some(gap) => gap,
            None => self.cut_longest(connections)?,
        };
        let end = if connections <= 1 { gap.end } else { gap.end.min(gap.start + self.share(connections)) };
        let segment = gap.start..end;
        self.claimed.insert(segment.clone());
        let id = SegmentId(self.next_id);
        self.next_id += 1;
        self.running.insert(id, segment.clone());
        Some((id, segment))
    }

    /// The next byte that a segment wants.
    pub(super) fn next_byte(&self, id: SegmentId) -> u64 {
        self.running.get(&id).map_or(self.bytes, |segment| segment.start)
    }

    /// So many bytes have come for a segment; how many of them it may keep: its end may have moved.
    pub(super) fn came(&mut self, id: SegmentId, bytes: u64) -> u64 {
        let Some(segment) = self.running.get_mut(&id) else { return 0 };
        let kept = bytes.min(segment.end - segment.start);
        segment.start += kept;
        self.came_bytes += kept;
        kept
    }

    /// Whether a segment has all it wants.
    pub(super) fn has_all(&self, id: SegmentId) -> bool {
        self.running.get(&id).is_none_or(Range::is_empty)
    }

    /// A connection has ended: what it did not bring is open again.
    pub(super) fn close(&mut self, id: SegmentId) {
        if let Some(rest) = self.running.remove(&id) {
            self.claimed.remove(&rest);
        }
    }

    /// Whether nothing is missing and nothing is on its way.
    pub(super) fn is_complete(&self) -> bool {
        self.running.is_empty() && self.claimed.covers(&(0..self.bytes))
    }

    /// Bytes that have come in this run.
    pub(super) fn came_bytes(&self) -> u64 {
        self.came_bytes
    }

    /// What has come, in this run and before.
    pub(super) fn come(&self) -> Ranges {
        let mut come = self.claimed.clone();
        for rest in self.running.values() {
            come.remove(rest);
        }
        come
    }

    /// Bytes that have not come yet.
    pub(super) fn missing_bytes(&self) -> u64 {
        let under_way: u64 = self.running.values().map(|segment| segment.end - segment.start).sum();
        self.bytes - self.claimed.bytes() + under_way
    }

    fn share(&self, connections: usize) -> u64 {
        (self.missing_bytes() / (2 * connections as u64)).clamp(SHORTEST_BYTES, LONGEST_BYTES)
    }

    /// Takes the back of the longest segment away from its connection, if both parts are worth a request.
    fn cut_longest(&mut self, connections: usize) -> Option<Range<u64>> {
        let share = self.share(connections);
        let segment = self.running.values_mut().max_by_key(|segment| segment.end - segment.start)?;
        let length = segment.end - segment.start;
        if length < 2 * SHORTEST_BYTES {
            return None;
        }
        let cut = segment.start + share.min(length / 2);
        let back = cut..segment.end;
        segment.end = cut;
        self.claimed.remove(&back);
        Some(back)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug, Clone)]
    enum Step {
        Take(usize),
        Came(usize, u64),
        Close(usize),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            (1_usize..20).prop_map(Step::Take),
            (0_usize..8, 1_u64..(3 << 20)).prop_map(|(which, bytes)| Step::Came(which, bytes)),
            (0_usize..8).prop_map(Step::Close),
        ];
        prop::collection::vec(step, 0..80)
    }

    proptest! {
        #[test]
        fn every_byte_comes_exactly_once_whatever_breaks(
            bytes in 1_u64..(40 << 20), have in prop::collection::vec((0_u64..(40 << 20), 1_u64..(4 << 20)), 0..4),
            steps in steps(),
        ) {
            let mut kept = Ranges::default();
            for (start, length) in have {
                kept.insert(start.min(bytes)..(start + length).min(bytes));
            }
            let mut plan = Plan::new(bytes, &kept);
            // What has really come: each connection at its own place.
            let mut at: Vec<(SegmentId, u64)> = Vec::new();
            let came = |plan: &mut Plan, kept: &mut Ranges, at: &mut (SegmentId, u64), bytes: u64| {
                let keeps = plan.came(at.0, bytes);
                let new = at.1..at.1 + keeps;
                for byte in [new.start, new.end.saturating_sub(1)] {
                    if !new.is_empty() {
                        assert!(!kept.covers(&(byte..byte + 1)), "{byte} came twice");
                    }
                }
                kept.insert(new.clone());
                at.1 = new.end;
            };
            for step in steps {
                match step {
                    Step::Take(connections) => {
                        if let Some((id, segment)) = plan.take(connections) {
                            prop_assert!(segment.end <= bytes && !segment.is_empty());
                            at.push((id, segment.start));
                        }
                    }
                    Step::Came(which, bytes) => {
                        if let Some(at) = at.get_mut(which) {
                            came(&mut plan, &mut kept, at, bytes);
                        }
                    }
                    Step::Close(which) if which < at.len() => plan.close(at.remove(which).0),
                    Step::Close(_) => {}
                }
                prop_assert_eq!(&plan.come(), &kept);
            }
            // In the end one patient connection brings what is left.
            for (id, _) in at.drain(..) {
                plan.close(id);
            }
            while let Some((id, segment)) = plan.take(1) {
                let mut at = (id, segment.start);
                came(&mut plan, &mut kept, &mut at, u64::MAX);
                prop_assert!(plan.has_all(id));
                plan.close(id);
            }
            prop_assert!(plan.is_complete() && plan.missing_bytes() == 0);
            prop_assert!(kept.covers(&(0..bytes)) && kept.bytes() == bytes);
        }
    }

    #[test]
    fn alone_it_takes_all_and_gives_away_what_others_can_fetch() {
        let mut plan = Plan::new(100 << 20, &Ranges::default());
        let (first, segment) = plan.take(1).unwrap();
        assert_eq!(segment, 0..100 << 20);
        plan.came(first, 5 << 20);
        let (_, second) = plan.take(2).unwrap();
        let cut = (5 << 20) + LONGEST_BYTES;
        assert_eq!(second, cut..cut + LONGEST_BYTES, "next to the front, so that the hash can follow");
        assert_eq!(plan.came(first, 20 << 20), LONGEST_BYTES, "the first ends where the second begins");
        assert!(plan.has_all(first));
    }

    #[test]
    fn the_last_bytes_are_not_worth_another_request() {
        let mut plan = Plan::new(2 << 20, &Ranges::default());
        let (first, _) = plan.take(1).unwrap();
        assert!(plan.take(2).is_some());
        plan.came(first, 512 << 10);
        assert!(plan.take(16).is_none());
    }
}

//! Which bytes of a file are there: a set of offsets, kept as sorted ranges that neither overlap nor touch.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// A set of byte offsets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<(u64, u64)>", into = "Vec<(u64, u64)>")]
pub struct Ranges(Vec<Range<u64>>);

impl Ranges {
    /// Adds `new`; what was there already stays.
    pub fn insert(&mut self, new: Range<u64>) {
        if new.is_empty() {
            return;
        }
        let first = self.0.partition_point(|range| range.end < new.start);
        let behind = self.0.partition_point(|range| range.start <= new.end);
        let merged = self
            .0
            .get(first..behind)
            .unwrap_or_default()
            .iter()
            .fold(new, |merged, range| merged.start.min(range.start)..merged.end.max(range.end));
        self.0.splice(first..behind, [merged]);
    }

    /// Takes `gone` out.
    pub fn remove(&mut self, gone: &Range<u64>) {
        let cut = |range: &Range<u64>| {
            let before = range.start..range.end.min(gone.start);
            let after = range.start.max(gone.end)..range.end;
            [before, after].into_iter().filter(|rest| !rest.is_empty())
        };
        self.0 =
            if gone.is_empty() { std::mem::take(&mut self.0) } else { self.0.iter().flat_map(cut).collect() };
    }

    /// Whether all of `wanted` is there.
    #[must_use]
    pub fn covers(&self, wanted: &Range<u64>) -> bool {
        wanted.is_empty() || self.run_from(wanted.start) >= wanted.end
    }

    /// Where the bytes that are there from `at` on without a hole end; `at` itself when it is not there.
    #[must_use]
    pub fn run_from(&self, at: u64) -> u64 {
        let run = self.0.get(self.0.partition_point(|range| range.end <= at));
        run.filter(|range| range.start <= at).map_or(at, |range| range.end)
    }

    /// The first bytes behind `from` that are missing, up to the next that are there or to `end`.
    #[must_use]
    pub fn first_gap(&self, from: u64, end: u64) -> Option<Range<u64>> {
        let start = self.run_from(from);
        let next = self.0.get(self.0.partition_point(|range| range.start < start));
        let gap = start..next.map_or(end, |range| range.start.min(end));
        (!gap.is_empty()).then_some(gap)
    }

    /// How many bytes are there.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.0.iter().map(|range| range.end - range.start).sum()
    }

    /// The ranges, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Range<u64>> {
        self.0.iter()
    }

    /// How many ranges there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The first byte behind all.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.0.last().map_or(0, |range| range.end)
    }

    /// Forgets all but the first `count` ranges.
    pub fn truncate(&mut self, count: usize) {
        self.0.truncate(count);
    }
}

impl From<Ranges> for Vec<(u64, u64)> {
    fn from(ranges: Ranges) -> Self {
        ranges.0.into_iter().map(|range| (range.start, range.end)).collect()
    }
}

/// Written down by an earlier run and read back: taken only as it was written.
impl TryFrom<Vec<(u64, u64)>> for Ranges {
    type Error = &'static str;

    fn try_from(pairs: Vec<(u64, u64)>) -> Result<Self, Self::Error> {
        let in_order = pairs.iter().all(|(start, end)| start < end)
            && pairs.windows(2).all(|pair| matches!(pair, [(_, end), (start, _)] if end < start));
        if !in_order {
            return Err("the ranges are not in order");
        }
        Ok(Self(pairs.into_iter().map(|(start, end)| start..end).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn steps() -> impl Strategy<Value = Vec<(bool, u64, u64)>> {
        prop::collection::vec((any::<bool>(), 0_u64..60, 0_u64..12), 0..24)
    }

    proptest! {
        #[test]
        fn it_is_the_set_of_what_was_put_in_and_not_taken_out(steps in steps()) {
            let (mut ranges, mut set) = (Ranges::default(), BTreeSet::new());
            for (insert, start, length) in steps {
                let range = start..start + length;
                if insert {
                    set.extend(range.clone());
                    ranges.insert(range);
                } else {
                    set.retain(|at| !range.contains(at));
                    ranges.remove(&range);
                }
            }
            prop_assert_eq!(ranges.bytes(), set.len() as u64);
            prop_assert_eq!(ranges.end(), set.last().map_or(0, |last| last + 1));
            for at in 0..80 {
                prop_assert_eq!(ranges.covers(&(at..at + 1)), set.contains(&at));
                let run = (at..100).find(|at| !set.contains(at)).unwrap();
                prop_assert_eq!(ranges.run_from(at), run);
                let gap = ranges.first_gap(at, 75);
                let start = (at..75).find(|at| !set.contains(at));
                prop_assert_eq!(gap.as_ref().map(|gap| gap.start), start);
                if let Some(gap) = gap {
                    prop_assert!(gap.clone().all(|at| !set.contains(&at)));
                    prop_assert!(gap.end == 75 || set.contains(&gap.end));
                }
            }
            let written = serde_json::to_string(&ranges).unwrap();
            prop_assert_eq!(serde_json::from_str::<Ranges>(&written).unwrap(), ranges);
        }
    }

    #[test]
    fn what_no_set_would_write_is_not_read() {
        for bad in ["[[5,5]]", "[[5,4]]", "[[0,5],[5,9]]", "[[4,6],[0,2]]", "[[0,9],[3,4]]"] {
            assert!(serde_json::from_str::<Ranges>(bad).is_err(), "{bad}");
        }
    }
}

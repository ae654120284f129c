//! The fuzz targets as ordinary tests, on any toolchain; included by the rooms that have targets.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::{Index, select};

/// A target: its name, and what must not panic.
pub(super) type Target = (&'static str, fn(&[u8]));

/// Tries the seeds of each as they are.
pub(super) fn try_seeds(targets: &[Target]) {
    for (name, target) in targets {
        for seed in seeds(name) {
            target(&seed);
        }
    }
}

/// Tries changes of the seeds of each.
pub(super) fn try_changed_seeds(targets: &[Target]) {
    for (name, target) in targets {
        // What breaks becomes a seed, and is kept so.
        let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
        proptest!(config, |(input in changed_seeds(name))| target(&input));
    }
}

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    // A failure is found again by proptest's own seed only if they come in one order.
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// Seeds with a few bytes changed, taken out or put in, and some bytes from nowhere.
fn changed_seeds(target: &str) -> impl Strategy<Value = Vec<u8>> + use<> {
    let byte = prop_oneof![any::<u8>(), select(b"\0\n \"%&'*+,-./0123456789:;=?[\\]{}\xFF".to_vec())];
    let change = (any::<Index>(), 0..3_usize, prop::collection::vec(byte, 0..3));
    let changed =
        (select(seeds(target)), prop::collection::vec(change, 0..6)).prop_map(|(mut input, changes)| {
            for (at, taken_out, put_in) in changes {
                let start = at.index(input.len() + 1);
                let end = input.len().min(start + taken_out);
                input.splice(start..end, put_in);
            }
            input
        });
    prop_oneof![9 => changed, 1 => prop::collection::vec(any::<u8>(), 0..200)]
}

//! Pseudo-random bytes by offset, as fast as memory: slices of one shared buffer.
//!
//! The bytes of a file are cut into tiles of 1 MiB, and each tile is the same random MiB rotated by an
//! amount that depends on the file's seed and the tile's number. So any range costs only its own
//! length, nothing is copied, and a range put in a wrong place, or taken from another file, shows in a hash.

use std::sync::OnceLock;

use bytes::Bytes;

const TILE: u64 = 1024 * 1024;

/// The bytes from `offset` on, at least one and at most `limit`.
pub(super) fn bytes_at(seed: u64, offset: u64, limit: u64) -> Bytes {
    let within = offset % TILE;
    let length = limit.min(TILE - within);
    let start = rotation(seed, offset / TILE) + within;
    twice().slice(index(start)..index(start + length))
}

fn rotation(seed: u64, tile: u64) -> u64 {
    mix(seed ^ mix(tile)) % TILE
}

/// The random MiB, twice, so that each rotation of it is one slice.
fn twice() -> &'static Bytes {
    static BYTES: OnceLock<Bytes> = OnceLock::new();
    BYTES.get_or_init(|| {
        let once: Vec<u8> = (0..TILE / 8).flat_map(|word| mix(word).to_le_bytes()).collect();
        Bytes::from([once.as_slice(), once.as_slice()].concat())
    })
}

/// The finaliser of SplitMix64: close inputs give unrelated outputs.
pub(super) fn mix(input: u64) -> u64 {
    let mut z = input.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn index(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(seed: u64, mut offset: u64, end: u64) -> Vec<u8> {
        let mut all = Vec::new();
        while offset < end {
            let bytes = bytes_at(seed, offset, end - offset);
            offset += bytes.len() as u64;
            all.extend_from_slice(&bytes);
        }
        all
    }

    #[test]
    fn a_range_is_the_same_bytes_however_it_is_read() {
        let whole = read(7, TILE - 1_000, 2 * TILE + 1_000);
        let parts = [read(7, TILE - 1_000, TILE + 5), read(7, TILE + 5, 2 * TILE + 1_000)].concat();
        assert!(whole == parts);
    }

    #[test]
    fn other_offsets_and_other_seeds_give_other_bytes() {
        assert_ne!(bytes_at(1, 0, 64), bytes_at(1, TILE, 64));
        assert_ne!(bytes_at(1, 0, 64), bytes_at(1, 64, 64));
        assert_ne!(bytes_at(1, 0, 64), bytes_at(2, 0, 64));
    }
}

//! Writes the boxes of a structurally valid MP4 of any size round random samples.
//!
//! ISO/IEC 14496-12. One track, one chunk, samples of equal size: the index stays small however large
//! the file is. The samples themselves decode to nothing.

use bytes::Bytes;

use super::codec;
use super::file::Segment;
use crate::scenario::MoovAt;

/// One sample a second, in units of 1 ms.
const TIMESCALE: u32 = 1_000;
const SAMPLE_MS: u32 = 1_000;
/// A box longer than this states its length in 64 bits.
const LARGE: u64 = 0xffff_0000;

/// A file of exactly `length` bytes, or of the smallest valid length when that is more.
pub(super) fn generate(length: u64, duration_ms: i64, moov: MoovAt, audio: bool, seed: u64) -> Vec<Segment> {
    let samples = u32::try_from(duration_ms.max(1_000) / i64::from(SAMPLE_MS)).unwrap_or(u32::MAX);
    let ftyp = ftyp(audio);
    let moov_length = index(samples, 0, 0, audio, false).len() as u64;
    // The moov's length does not depend on the values in it, except for the width of the chunk offset.
    let large = length > LARGE;
    let moov_length = moov_length + if large { 4 } else { 0 };
    let header_length: u64 = if large { 16 } else { 8 };
    let fixed = ftyp.len() as u64 + moov_length + header_length + FREE_HEADER;
    let sample_length = length.saturating_sub(fixed) / u64::from(samples);
    let sample_length = u32::try_from(sample_length).unwrap_or(u32::MAX);
    let payload = u64::from(sample_length) * u64::from(samples);
    let rest = length.saturating_sub(fixed + payload);

    let before_samples = match moov {
        MoovAt::Front => ftyp.len() as u64 + moov_length + header_length,
        MoovAt::End => ftyp.len() as u64 + header_length,
    };
    let moov_box = Segment::Bytes(index(samples, sample_length, before_samples, audio, large).into());
    let mdat = [Segment::Bytes(mdat_header(payload, large)), Segment::Random { seed, length: payload }];
    // What does not divide evenly among the samples goes into a free box.
    let free = [Segment::Bytes(free_header(rest)), Segment::Random { seed: !seed, length: rest }];
    let mut segments = vec![Segment::Bytes(ftyp.into())];
    match moov {
        MoovAt::Front => {
            segments.push(moov_box);
            segments.extend(mdat);
        }
        MoovAt::End => {
            segments.extend(mdat);
            segments.push(moov_box);
        }
    }
    segments.extend(free);
    segments
}

const FREE_HEADER: u64 = 8;

/// A trailing `free` box: players skip it. It names the minute, so that no two files are equal.
pub(super) fn free_box(minute_token: &str, version: u64, seed: u64, pad_bytes: u64) -> Vec<Segment> {
    let label = format!("{minute_token} {version:016x}");
    let head = [free_header(label.len() as u64 + pad_bytes).as_ref(), label.as_bytes()].concat();
    vec![Segment::Bytes(head.into()), Segment::Random { seed, length: pad_bytes }]
}

fn free_header(content: u64) -> Bytes {
    let length = u32::try_from(content + FREE_HEADER).unwrap_or(u32::MAX);
    [length.to_be_bytes().as_slice(), b"free"].concat().into()
}

fn mdat_header(payload: u64, large: bool) -> Bytes {
    if large {
        [&1_u32.to_be_bytes()[..], b"mdat", &(payload + 16).to_be_bytes()].concat().into()
    } else {
        let length = u32::try_from(payload + 8).unwrap_or(u32::MAX);
        [&length.to_be_bytes()[..], b"mdat"].concat().into()
    }
}

fn ftyp(audio: bool) -> Vec<u8> {
    let brand: &[u8] = if audio { b"M4A " } else { b"isom" };
    boxed(*b"ftyp", &[brand, &512_u32.to_be_bytes(), brand, b"iso2mp41"])
}

/// The `moov` box.
fn index(samples: u32, sample_length: u32, chunk_at: u64, audio: bool, large: bool) -> Vec<u8> {
    let duration = samples.saturating_mul(SAMPLE_MS);
    let mvhd = boxed(
        *b"mvhd",
        &[
            &[0; 12],
            &TIMESCALE.to_be_bytes(),
            &duration.to_be_bytes(),
            &0x0001_0000_u32.to_be_bytes(),
            &0x0100_u16.to_be_bytes(),
            &[0; 10],
            &MATRIX,
            &[0; 24],
            &2_u32.to_be_bytes(),
        ],
    );
    let (width, height): (u32, u32) = if audio { (0, 0) } else { (640, 360) };
    let tkhd = boxed(
        *b"tkhd",
        &[
            // Version 0; the track is enabled and in the movie.
            &[0, 0, 0, 3],
            &[0; 8],
            &1_u32.to_be_bytes(),
            &[0; 4],
            &duration.to_be_bytes(),
            &[0; 12],
            if audio { &[1, 0] } else { &[0, 0] },
            &[0; 2],
            &MATRIX,
            &(width << 16).to_be_bytes(),
            &(height << 16).to_be_bytes(),
        ],
    );
    let media_times = boxed(
        *b"mdhd",
        // 0x55c4: language undetermined.
        &[&[0; 12], &TIMESCALE.to_be_bytes(), &duration.to_be_bytes(), &[0x55, 0xc4, 0, 0]],
    );
    let stbl = sample_table(samples, sample_length, chunk_at, audio, large);
    let media_header =
        if audio { boxed(*b"smhd", &[&[0; 8]]) } else { boxed(*b"vmhd", &[&[0, 0, 0, 1], &[0; 8]]) };
    let handler: &[u8; 4] = if audio { b"soun" } else { b"vide" };
    let hdlr = boxed(*b"hdlr", &[&[0; 8], handler, &[0; 12], b"sim\0"]);
    let url = boxed(*b"url ", &[&[0, 0, 0, 1]]);
    let dref = boxed(*b"dref", &[&[0; 4], &1_u32.to_be_bytes(), &url]);
    let minf = boxed(*b"minf", &[&media_header, &boxed(*b"dinf", &[&dref]), &stbl]);
    let mdia = boxed(*b"mdia", &[&media_times, &hdlr, &minf]);
    boxed(*b"moov", &[&mvhd, &boxed(*b"trak", &[&tkhd, &mdia])])
}

fn sample_table(samples: u32, sample_length: u32, chunk_at: u64, audio: bool, large: bool) -> Vec<u8> {
    let entry = if audio { codec::aac_entry() } else { codec::h264_entry() };
    let one = 1_u32.to_be_bytes();
    let entries = boxed(*b"stsd", &[&[0; 4], &one, &entry]);
    let times = boxed(*b"stts", &[&[0; 4], &one, &samples.to_be_bytes(), &SAMPLE_MS.to_be_bytes()]);
    let chunks = boxed(*b"stsc", &[&[0; 4], &one, &one, &samples.to_be_bytes(), &one]);
    let sizes = boxed(*b"stsz", &[&[0; 4], &sample_length.to_be_bytes(), &samples.to_be_bytes()]);
    let offsets = if large {
        boxed(*b"co64", &[&[0; 4], &one, &chunk_at.to_be_bytes()])
    } else {
        let chunk_at = u32::try_from(chunk_at).unwrap_or(u32::MAX);
        boxed(*b"stco", &[&[0; 4], &one, &chunk_at.to_be_bytes()])
    };
    boxed(*b"stbl", &[&entries, &times, &chunks, &sizes, &offsets])
}

/// The unity transformation of pictures.
const MATRIX: [u8; 36] = {
    let mut matrix = [0; 36];
    matrix[1] = 1;
    matrix[17] = 1;
    matrix[32] = 0x40;
    matrix
};

pub(super) fn boxed(kind: [u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let content: usize = parts.iter().map(|part| part.len()).sum();
    let length = u32::try_from(content + 8).unwrap_or(u32::MAX);
    let mut bytes = Vec::with_capacity(content + 8);
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(&kind);
    for part in parts {
        bytes.extend_from_slice(part);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The top-level boxes, as (kind, length), told by their headers alone.
    fn boxes(segments: &[Segment]) -> Vec<(String, u64)> {
        let total: u64 = segments.iter().map(Segment::length).sum();
        let mut found = Vec::new();
        let mut at = 0;
        while at < total {
            let header = read(segments, at, 16);
            let short = u32::from_be_bytes(header[..4].try_into().unwrap());
            let length = match short {
                1 => u64::from_be_bytes(header[8..16].try_into().unwrap()),
                short => u64::from(short),
            };
            found.push((String::from_utf8_lossy(&header[4..8]).into_owned(), length));
            at += length;
        }
        assert_eq!(at, total, "the boxes end where the file does");
        found
    }

    fn read(segments: &[Segment], at: u64, length: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut start = 0;
        for segment in segments {
            for offset in 0..segment.length().min(64 * 1024) {
                if (at..at + length).contains(&(start + offset)) {
                    bytes.push(match segment {
                        Segment::Bytes(all) => all[usize::try_from(offset).unwrap()],
                        Segment::Random { .. } => 0,
                    });
                }
            }
            start += segment.length();
        }
        bytes
    }

    #[test]
    fn a_file_is_exactly_as_long_as_asked() {
        for moov in [MoovAt::Front, MoovAt::End] {
            for length in [1_500, 65_536, 1_000_003, 5 << 30] {
                let segments = generate(length, 60_000, moov, false, 1);
                let total: u64 = segments.iter().map(Segment::length).sum();
                assert_eq!(total, length);
            }
        }
    }

    #[test]
    fn boxes_follow_each_other_in_both_layouts() {
        let kinds = |segments: &[Segment]| {
            boxes(segments).into_iter().map(|(kind, _)| kind).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(kinds(&generate(100_000, 9_000, MoovAt::Front, true, 1)), "ftyp moov mdat free");
        assert_eq!(kinds(&generate(100_000, 9_000, MoovAt::End, false, 1)), "ftyp mdat moov free");
        assert_eq!(kinds(&generate(6 << 30, 9_000, MoovAt::Front, false, 1)), "ftyp moov mdat free");
    }

    #[test]
    fn the_chunk_offset_points_at_the_samples() {
        for (moov, length, table) in [
            (MoovAt::Front, 50_000, b"stco"),
            (MoovAt::End, 50_000, b"stco"),
            (MoovAt::Front, 6 << 30, b"co64"),
        ] {
            let segments = generate(length, 9_000, moov, false, 1);
            let mut at = 0;
            let mut samples_at = 0;
            let mut said = 0;
            for segment in &segments {
                match segment {
                    Segment::Random { .. } if samples_at == 0 => samples_at = at,
                    Segment::Bytes(bytes) => {
                        if let Some(found) = bytes.windows(4).position(|name| name == table) {
                            let offset = &bytes[found + 12..];
                            said = match table {
                                b"stco" => u64::from(u32::from_be_bytes(offset[..4].try_into().unwrap())),
                                _ => u64::from_be_bytes(offset[..8].try_into().unwrap()),
                            };
                        }
                    }
                    Segment::Random { .. } => {}
                }
                at += segment.length();
            }
            assert_eq!(said, samples_at, "{moov:?} {length}");
        }
    }
}

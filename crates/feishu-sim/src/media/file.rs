//! One recording's file: a list of segments, read by offset, never held as a whole.

use std::ops::Range;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::{mp4, tile};
use crate::scenario::{Clip, MediaSpec};

const MEETING: &[u8] = include_bytes!("clips/meeting.mp4");
const BARS: &[u8] = include_bytes!("clips/bars.mp4");
const VOICE: &[u8] = include_bytes!("clips/voice.m4a");

/// Generated video runs at about this rate, so that sizes and lengths look like real ones.
const BYTES_PER_SECOND: u64 = 250_000;

#[derive(Clone, Debug)]
pub(super) enum Segment {
    Bytes(Bytes),
    Random { seed: u64, length: u64 },
}

impl Segment {
    pub(super) fn length(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Random { length, .. } => *length,
        }
    }
}

/// A file whose bytes follow from its description and its minute's token.
#[derive(Clone, Debug)]
pub(crate) struct MediaFile {
    segments: Vec<Segment>,
    length: u64,
    audio: bool,
    seed: u64,
}

impl MediaFile {
    /// `version` 0 is the recording's own file; others are different files of the same length.
    pub(crate) fn new(spec: &MediaSpec, minute_token: &str, version: u64) -> Self {
        let seed = seed_of(minute_token) ^ version;
        let segments = match spec {
            MediaSpec::Clip { clip, pad_bytes } => {
                let bytes = Bytes::from_static(clip_bytes(*clip));
                [vec![Segment::Bytes(bytes)], mp4::free_box(minute_token, version, seed, *pad_bytes)].concat()
            }
            MediaSpec::Generated { bytes, moov, audio } => {
                mp4::generate(*bytes, duration_ms(spec), *moov, *audio, seed)
            }
        };
        let length = segments.iter().map(Segment::length).sum();
        Self { segments, length, audio: is_audio(spec), seed }
    }

    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    pub(crate) fn content_type(&self) -> &'static str {
        if self.audio { "audio/mp4" } else { "video/mp4" }
    }

    pub(crate) fn extension(&self) -> &'static str {
        if self.audio { "m4a" } else { "mp4" }
    }

    pub(crate) fn etag(&self) -> String {
        format!("\"{:016x}-{:x}\"", self.seed, self.length)
    }

    /// Some bytes from `range.start` on, none beyond `range.end`, at most `limit`. Empty at the end.
    pub(crate) fn read(&self, range: &Range<u64>, limit: u64) -> Bytes {
        let mut start = 0;
        for segment in &self.segments {
            let end = start + segment.length();
            if range.start < end {
                let offset = range.start - start;
                let length = limit.min(end.min(range.end).saturating_sub(range.start));
                return match segment {
                    Segment::Random { seed, .. } => tile::bytes_at(*seed, offset, length),
                    Segment::Bytes(bytes) => {
                        let from = usize::try_from(offset).unwrap_or(usize::MAX);
                        let length = usize::try_from(length).unwrap_or(usize::MAX);
                        bytes.slice(from..from + length)
                    }
                };
            }
            start = end;
        }
        Bytes::new()
    }

    /// The hash of the whole file. Takes about a second per GiB: not for an async thread.
    pub(crate) fn sha256(&self) -> String {
        let mut hash = Sha256::new();
        let mut at = 0;
        while at < self.length {
            let bytes = self.read(&(at..self.length), u64::MAX);
            hash.update(&bytes);
            at += bytes.len() as u64;
        }
        hex::encode(hash.finalize())
    }
}

fn seed_of(minute_token: &str) -> u64 {
    minute_token.bytes().fold(0, |seed, byte| tile::mix(seed ^ u64::from(byte)))
}

fn clip_bytes(clip: Clip) -> &'static [u8] {
    match clip {
        Clip::Meeting => MEETING,
        Clip::Bars => BARS,
        Clip::Voice => VOICE,
    }
}

fn is_audio(spec: &MediaSpec) -> bool {
    match spec {
        MediaSpec::Clip { clip, .. } => *clip == Clip::Voice,
        MediaSpec::Generated { audio, .. } => *audio,
    }
}

/// How long the recording plays.
pub(crate) fn duration_ms(spec: &MediaSpec) -> i64 {
    match spec {
        MediaSpec::Clip { clip: Clip::Meeting, .. } => 12_000,
        MediaSpec::Clip { clip: Clip::Bars, .. } => 20_000,
        MediaSpec::Clip { clip: Clip::Voice, .. } => 30_000,
        MediaSpec::Generated { bytes, .. } => {
            i64::try_from((bytes / BYTES_PER_SECOND).max(6)).unwrap_or(i64::MAX / 1_000) * 1_000
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::scenario::MoovAt;

    fn files() -> Vec<MediaFile> {
        let generated = |moov, audio| MediaSpec::Generated { bytes: 3_000_000, moov, audio };
        [
            MediaSpec::Clip { clip: Clip::Meeting, pad_bytes: 0 },
            MediaSpec::Clip { clip: Clip::Voice, pad_bytes: 2_000_000 },
            generated(MoovAt::Front, false),
            generated(MoovAt::End, true),
        ]
        .iter()
        .map(|spec| MediaFile::new(spec, "obcntesttesttesttesttest", 0))
        .collect()
    }

    fn read_all(file: &MediaFile, range: Range<u64>, limit: u64) -> Vec<u8> {
        let mut all = Vec::new();
        let mut at = range.start;
        while at < range.end {
            let bytes = file.read(&(at..range.end), limit);
            assert!(!bytes.is_empty());
            at += bytes.len() as u64;
            all.extend_from_slice(&bytes);
        }
        all
    }

    proptest! {
        #[test]
        fn a_range_is_that_part_of_the_whole(start in 0..3_000_000_u64, length in 1..300_000_u64, limit in 1_000..400_000_u64) {
            for file in files() {
                let end = (start + length).min(file.length());
                let start = start.min(end);
                let whole = read_all(&file, 0..file.length(), u64::MAX);
                let part = read_all(&file, start..end, limit);
                let (from, to) = (usize::try_from(start).unwrap(), usize::try_from(end).unwrap());
                prop_assert!(part == whole[from..to]);
            }
        }
    }

    #[test]
    fn two_minutes_with_one_clip_are_two_files() {
        let spec = MediaSpec::Clip { clip: Clip::Bars, pad_bytes: 0 };
        let one = MediaFile::new(&spec, "obcn00000000000000000001", 0);
        let other = MediaFile::new(&spec, "obcn00000000000000000002", 0);
        assert_ne!(one.sha256(), other.sha256());
        let changed = MediaFile::new(&spec, "obcn00000000000000000001", 1);
        assert_ne!(one.sha256(), changed.sha256());
        assert_eq!(one.length(), changed.length());
        assert_ne!(one.etag(), changed.etag());
    }

    #[test]
    fn the_clips_last_as_long_as_said() {
        // `mvhd` version 0: timescale and duration follow two 32-bit times.
        for (clip, spec) in [MEETING, BARS, VOICE].iter().zip([Clip::Meeting, Clip::Bars, Clip::Voice]) {
            let at = clip.windows(4).position(|bytes| bytes == b"mvhd").unwrap();
            let number = |from: usize| u32::from_be_bytes(clip[at + from..at + from + 4].try_into().unwrap());
            let (timescale, duration) = (number(16), number(20));
            let length_ms = i64::from(duration) * 1_000 / i64::from(timescale);
            let said_ms = duration_ms(&MediaSpec::Clip { clip: spec, pad_bytes: 0 });
            assert!((length_ms - said_ms).abs() < 200, "{spec:?}: {length_ms}");
        }
    }
}

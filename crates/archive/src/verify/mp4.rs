//! A short walk over the boxes of an MP4 or M4A file: is it one, is it whole, what does it hold, how long is it?
//!
//! Reads box headers and two small boxes, kilobytes in all, whatever the size of the file. It does not decode: a
//! file with the right boxes and wrong samples passes. Structure: ISO/IEC 14496-12 §4.2, §8.

use std::{
    fmt,
    fs::File,
    io::{self, ErrorKind, Read, Seek, SeekFrom},
    path::Path,
};

use super::sniff::Looks;

/// Ten hours in fragments of a second have under 75,000 boxes; a file of nothing but tiny boxes is an attack.
const MAX_BOXES: u32 = 1 << 18;

/// Enough of the start of a file to see an error page.
const HEAD_BYTES: u64 = 512;

/// What a whole file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mp4Facts {
    /// The file type it declares, four printable characters such as `isom` or `M4A `.
    pub major_brand: String,
    /// Whether there is a picture.
    pub kind: MediaKind,
    /// Playing time as the file declares it; `None` when it does not.
    pub duration_ms: Option<u64>,
    /// Length of the index (`moov`), header included.
    pub moov_bytes: u64,
    /// Length of the media data (all `mdat`), headers not included.
    pub mdat_bytes: u64,
}

/// Whether a recording is to be kept as `.mp4` or as `.m4a`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaKind {
    /// Sound only.
    Audio,
    /// Picture, nearly always with sound.
    Video,
}

/// Why a file is not a whole recording. All but `Io`: what was received is bad, fetch it again; `NotMp4` more often
/// means that the platform answered with something else.
#[derive(Debug, thiserror::Error)]
pub enum Mp4Fault {
    /// It does not start like MP4.
    #[error("this is not a recording but {0}")]
    NotMp4(Looks),
    /// It ends inside a box.
    #[error("the file is cut off inside \"{in_box}\": it has {has} bytes and needs at least {needs}")]
    Truncated {
        /// The box that ends too late.
        in_box: BoxType,
        /// Length the file would have at the end of that box.
        needs: u64,
        /// Length it has.
        has: u64,
    },
    /// There is no index, so no player can open it.
    #[error("the recording has no index (moov): it cannot be played")]
    MissingMoov,
    /// There is an index, but no media data or only empty ones.
    #[error("the recording has no content (mdat)")]
    MissingMdat,
    /// The index lists neither sound nor picture.
    #[error("the recording has neither a sound nor a picture track")]
    MissingTrack,
    /// Boxes contradict each other.
    #[error("the structure is damaged at byte {at}: {why}")]
    BadBox {
        /// Where the bad box starts.
        at: u64,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The file could not be read: says nothing about its content.
    #[error("could not read the file: {0}")]
    Io(#[from] io::Error),
}

/// The four-letter type of a box.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct BoxType([u8; 4]);

impl fmt::Display for BoxType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(self.0))
    }
}

impl fmt::Debug for BoxType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", printable(self.0))
    }
}

/// [`check_mp4`] for a file on disk, off the async threads.
pub async fn check_mp4_file(path: &Path) -> Result<Mp4Facts, Mp4Fault> {
    let path = path.to_owned();
    let check = move || {
        let file = File::open(path)?;
        let len = file.metadata()?.len();
        check_mp4(file, len)
    };
    tokio::task::spawn_blocking(check).await.map_err(io::Error::from)?
}

/// Walks `file`, whose real length is `len`. Blocking.
pub fn check_mp4(file: impl Read + Seek, len: u64) -> Result<Mp4Facts, Mp4Fault> {
    let mut walk = Walk { file, boxes: 0 };
    let looks = Looks::of(&walk.head(len)?);
    if looks != Looks::Mp4 {
        return Err(Mp4Fault::NotMp4(looks));
    }
    let mut major_brand = None;
    let mut moov = None;
    let mut mdat_bytes = 0_u64;
    let mut at = 0;
    while at < len {
        let found = walk.header(at, len)?;
        match &found.kind.0 {
            b"ftyp" if major_brand.is_none() => major_brand = Some(walk.major_brand(&found)?),
            b"moov" if moov.is_none() => moov = Some(found),
            b"mdat" => mdat_bytes = mdat_bytes.saturating_add(found.end - found.body),
            _ => {}
        }
        at = found.end;
    }
    let moov = moov.ok_or(Mp4Fault::MissingMoov)?;
    if mdat_bytes == 0 {
        return Err(Mp4Fault::MissingMdat);
    }
    let index = walk.index(&moov).map_err(|fault| match fault {
        // The walk above saw the file's end; what is too long in here is too long for its parent.
        Mp4Fault::Truncated { .. } => bad(moov.start, "the index (moov) contradicts itself"),
        other => other,
    })?;
    Ok(Mp4Facts {
        // ISO/IEC 14496-12 §4.3: a file without a declared type is to be read as this one.
        major_brand: major_brand.unwrap_or_else(|| "mp41".to_owned()),
        kind: index.kind.ok_or(Mp4Fault::MissingTrack)?,
        duration_ms: index.duration_ms,
        moov_bytes: moov.end - moov.start,
        mdat_bytes,
    })
}

struct Walk<F> {
    file: F,
    boxes: u32,
}

/// A box whose three offsets lie inside the file, in this order.
#[derive(Clone, Copy)]
struct FoundBox {
    kind: BoxType,
    start: u64,
    body: u64,
    end: u64,
}

#[derive(Default)]
struct Index {
    kind: Option<MediaKind>,
    duration_ms: Option<u64>,
}

impl<F: Read + Seek> Walk<F> {
    fn head(&mut self, len: u64) -> io::Result<Vec<u8>> {
        let mut head = Vec::new();
        self.file.seek(SeekFrom::Start(0))?;
        self.file.by_ref().take(len.min(HEAD_BYTES)).read_to_end(&mut head)?;
        Ok(head)
    }

    /// The box at `start`, which must end by `limit`: the file's end, or its parent's.
    fn header(&mut self, start: u64, limit: u64) -> Result<FoundBox, Mp4Fault> {
        self.boxes += 1;
        if self.boxes > MAX_BOXES {
            return Err(bad(start, "too many boxes"));
        }
        let mut kind = BoxType(*b"????");
        let [s0, s1, s2, s3, k0, k1, k2, k3] = self.read(start, limit, kind)?;
        kind = BoxType([k0, k1, k2, k3]);
        if !kind.0.iter().all(|byte| matches!(byte, b' '..=b'~' | 0xA9)) {
            return Err(bad(start, "not a box"));
        }
        let (header_bytes, size) = match u32::from_be_bytes([s0, s1, s2, s3]) {
            0 => (8, limit - start),
            1 => (16, u64::from_be_bytes(self.read(start + 8, limit, kind)?)),
            size => (8, u64::from(size)),
        };
        if size < header_bytes {
            return Err(bad(start, "a box shorter than its own header"));
        }
        let end = start.checked_add(size).ok_or(bad(start, "a box longer than any disk"))?;
        if end > limit {
            return Err(Mp4Fault::Truncated { in_box: kind, needs: end, has: limit });
        }
        Ok(FoundBox { kind, start, body: start + header_bytes, end })
    }

    /// Exactly `N` bytes at `at`, all before `limit`.
    fn read<const N: usize>(&mut self, at: u64, limit: u64, in_box: BoxType) -> Result<[u8; N], Mp4Fault> {
        let end = at.saturating_add(N as u64);
        if end > limit {
            return Err(Mp4Fault::Truncated { in_box, needs: end, has: limit });
        }
        let mut bytes = [0; N];
        self.file.seek(SeekFrom::Start(at))?;
        match self.file.read_exact(&mut bytes) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                Err(Mp4Fault::Truncated { in_box, needs: end, has: at })
            }
            read => Ok(read.map(|()| bytes)?),
        }
    }

    fn major_brand(&mut self, ftyp: &FoundBox) -> Result<String, Mp4Fault> {
        self.read(ftyp.body, ftyp.end, ftyp.kind).map(printable)
    }

    fn index(&mut self, moov: &FoundBox) -> Result<Index, Mp4Fault> {
        let mut index = Index::default();
        let mut timescale = None;
        let mut fragments_last = None;
        self.each_child(moov, &mut |walk, child| {
            match &child.kind.0 {
                b"mvhd" => {
                    let (scale, duration) = walk.movie_header(child)?;
                    timescale = Some(scale);
                    index.duration_ms = to_ms(duration, scale);
                }
                b"mvex" => fragments_last = walk.fragments_duration(child)?.or(fragments_last),
                b"trak" => index.kind = stronger(index.kind, walk.track_kind(child)?),
                _ => {}
            }
            Ok(())
        })?;
        // In a fragmented file the movie header often says 0 and leaves the sum to the extension.
        index.duration_ms = index
            .duration_ms
            .or_else(|| fragments_last.zip(timescale).and_then(|(last, scale)| to_ms(last, scale)));
        Ok(index)
    }

    fn each_child(
        &mut self,
        parent: &FoundBox,
        visit: &mut dyn FnMut(&mut Self, &FoundBox) -> Result<(), Mp4Fault>,
    ) -> Result<(), Mp4Fault> {
        let mut at = parent.body;
        // Some writers end a list of boxes with four zero bytes.
        while parent.end - at >= 8 {
            let child = self.header(at, parent.end)?;
            visit(self, &child)?;
            at = child.end;
        }
        Ok(())
    }

    /// Time units a second, and duration in them; §8.2.2.
    fn movie_header(&mut self, mvhd: &FoundBox) -> Result<(u32, u64), Mp4Fault> {
        let [version] = self.read(mvhd.body, mvhd.end, mvhd.kind)?;
        if version == 1 {
            let scale = self.read(mvhd.body + 20, mvhd.end, mvhd.kind)?;
            let duration = self.read(mvhd.body + 24, mvhd.end, mvhd.kind)?;
            Ok((u32::from_be_bytes(scale), u64::from_be_bytes(duration)))
        } else {
            let scale = self.read(mvhd.body + 12, mvhd.end, mvhd.kind)?;
            let duration = self.read(mvhd.body + 16, mvhd.end, mvhd.kind)?;
            Ok((u32::from_be_bytes(scale), widen(u32::from_be_bytes(duration))))
        }
    }

    /// Duration of the whole movie, fragments included; §8.8.2.
    fn fragments_duration(&mut self, mvex: &FoundBox) -> Result<Option<u64>, Mp4Fault> {
        let mut duration = None;
        self.each_child(mvex, &mut |walk, mehd| {
            if &mehd.kind.0 == b"mehd" {
                let [version] = walk.read(mehd.body, mehd.end, mehd.kind)?;
                duration = Some(if version == 1 {
                    u64::from_be_bytes(walk.read(mehd.body + 4, mehd.end, mehd.kind)?)
                } else {
                    widen(u32::from_be_bytes(walk.read(mehd.body + 4, mehd.end, mehd.kind)?))
                });
            }
            Ok(())
        })?;
        Ok(duration)
    }

    /// Sound, picture or neither, by the track's handler; §8.4.3.
    fn track_kind(&mut self, trak: &FoundBox) -> Result<Option<MediaKind>, Mp4Fault> {
        let mut kind = None;
        self.each_child(trak, &mut |walk, mdia| {
            if &mdia.kind.0 != b"mdia" {
                return Ok(());
            }
            walk.each_child(mdia, &mut |walk, hdlr| {
                if &hdlr.kind.0 == b"hdlr" {
                    kind = match &walk.read(hdlr.body + 8, hdlr.end, hdlr.kind)? {
                        b"vide" => Some(MediaKind::Video),
                        b"soun" => Some(MediaKind::Audio),
                        _ => None,
                    };
                }
                Ok(())
            })
        })?;
        Ok(kind)
    }
}

fn bad(at: u64, why: &'static str) -> Mp4Fault {
    Mp4Fault::BadBox { at, why }
}

/// One picture track makes a video, however many sound tracks there are.
fn stronger(one: Option<MediaKind>, other: Option<MediaKind>) -> Option<MediaKind> {
    if one == Some(MediaKind::Video) { one } else { other.or(one) }
}

/// All ones mean "unknown" in either width.
fn widen(duration: u32) -> u64 {
    if duration == u32::MAX { u64::MAX } else { duration.into() }
}

fn to_ms(duration: u64, timescale: u32) -> Option<u64> {
    if duration == 0 || duration == u64::MAX {
        return None;
    }
    let ms = (u128::from(duration) * 1000).checked_div(timescale.into())?;
    u64::try_from(ms).ok()
}

/// Strangers' bytes on their way to a person's eyes.
fn printable(bytes: [u8; 4]) -> String {
    bytes.map(|byte| if matches!(byte, b' '..=b'~') { char::from(byte) } else { '?' }).iter().collect()
}

#[cfg(test)]
#[path = "mp4_tests.rs"]
mod tests;

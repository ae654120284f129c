use std::io::{self, Read, Seek, SeekFrom};

use crate::verify::{Mp4Facts, Mp4Fault, check_mp4};

/// The header of a box as long as a disk, of which nothing else is to be read.
const HUGE_BOX: [u8; 16] = *b"\0\0\0\x01free\0\0\x01\0\0\0\0\0";
const HUGE_BYTES: u64 = 1 << 40;

/// A file: little of it is read however long it is, and a whole one is not whole when it is cut inside a box or
/// shorter than it should be.
pub fn mp4(input: &[u8]) {
    let len = input.len() as u64;
    let mut file = Holed { bytes: input, len, at: 0, read: 0 };
    let verdict = check_mp4(&mut file, len);
    // The head, then each byte at most once as a header on each of five levels, and once as a field.
    assert!(file.read <= 512 + 6 * len, "{} bytes were read of {len}", file.read);
    let _ = check_mp4(Holed { bytes: input, len, at: 0, read: 0 }, u64::MAX);
    match verdict {
        Ok(facts) => is_whole(input, &facts),
        Err(fault) => is_told(&fault),
    }
}

fn is_told(fault: &Mp4Fault) {
    let line = fault.to_string();
    assert!(!line.contains(char::is_control) && line.len() < 200, "{line:?}");
    assert!(!matches!(fault, Mp4Fault::Io(_)), "{line}");
    if let Mp4Fault::Truncated { needs, has, .. } = fault {
        assert!(needs > has, "{line}");
    }
}

fn is_whole(file: &[u8], facts: &Mp4Facts) {
    let len = file.len() as u64;
    assert!(facts.moov_bytes + facts.mdat_bytes <= len && facts.mdat_bytes > 0, "{facts:?}");
    assert!(facts.major_brand.len() == 4 && !facts.major_brand.contains(char::is_control), "{facts:?}");
    assert!(facts.duration_ms.is_none_or(|ms| ms < u64::MAX), "{facts:?}");

    let Boxes { ends, last_start, last_is_endless } = Boxes::of(file);
    let shorter =
        |cut: usize| check_mp4(Holed { bytes: &file[..cut], len: cut as u64, at: 0, read: 0 }, cut as u64);
    let near_ends = ends.iter().take(8).flat_map(|end| [end - 1, end + 1]);
    for cut in near_ends.chain((0..8).map(|eighth| file.len() * eighth / 8)) {
        // A box that ends with the file has no end of its own, and behind a box nothing is missed.
        let is_noticeable =
            cut < file.len() && !ends.contains(&cut) && !(last_is_endless && cut >= last_start + 8);
        assert!(!is_noticeable || shorter(cut).is_err(), "{cut} of {len} bytes pass for the whole file");
    }
    if last_is_endless {
        return;
    }
    assert!(check_mp4(Holed { bytes: file, len, at: 0, read: 0 }, len + 1).is_err());
    let longer = [file, &HUGE_BOX].concat();
    let len = len + HUGE_BYTES;
    let mut longer = Holed { bytes: &longer, len, at: 0, read: 0 };
    assert_eq!(check_mp4(&mut longer, len).as_ref().ok(), Some(facts));
    assert!(longer.read <= 512 + 6 * file.len() as u64 + 32, "{} bytes were read", longer.read);
}

/// Where the outermost boxes of a whole file end.
struct Boxes {
    ends: Vec<usize>,
    last_start: usize,
    last_is_endless: bool,
}

impl Boxes {
    fn of(file: &[u8]) -> Self {
        let number = |at: usize, bytes: usize| {
            file[at..at + bytes].iter().fold(0_usize, |number, byte| number << 8 | usize::from(*byte))
        };
        let mut boxes = Self { ends: Vec::new(), last_start: 0, last_is_endless: false };
        let mut at = 0;
        while at < file.len() {
            boxes.last_start = at;
            at = match number(at, 4) {
                0 => {
                    boxes.last_is_endless = true;
                    file.len()
                }
                1 => at + number(at + 8, 8),
                size => at + size,
            };
            boxes.ends.push(at);
        }
        boxes
    }
}

/// A file with nothing but a hole behind its first bytes; counts what is read of it.
struct Holed<'a> {
    bytes: &'a [u8],
    len: u64,
    at: u64,
    read: u64,
}

impl Read for Holed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut read = 0;
        for (place, at) in buffer.iter_mut().zip(self.at..self.len) {
            *place = usize::try_from(at).ok().and_then(|at| self.bytes.get(at)).copied().unwrap_or(0);
            read += 1;
        }
        self.at += read as u64;
        self.read += read as u64;
        Ok(read)
    }
}

impl Seek for Holed<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let SeekFrom::Start(at) = to else { return Err(io::ErrorKind::Unsupported.into()) };
        self.at = at;
        Ok(at)
    }
}

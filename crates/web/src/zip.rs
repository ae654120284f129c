//! ZIP files (APPNOTE 6.3.10) that are made while they are sent: stored, not compressed, since media does not become
//! smaller; always ZIP64; names in UTF-8. Lengths are known before, so that a browser can show how far it is; sums
//! follow each file. Any part of it can be made alone, so that a download that broke off goes on where it was.

use std::collections::{HashMap, HashSet};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use archive::store::Store;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream::unfold};
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;
use tracing::error;

use crate::streaming;

const LOCAL_BYTES: u64 = 30 + 20;
const DESCRIPTOR_BYTES: u64 = 24;
const CENTRAL_BYTES: u64 = 46 + 28;
const END_BYTES: u64 = 56 + 20 + 22;
/// UTF-8 names, and sums that follow the bytes.
const FLAGS: u16 = 1 << 11 | 1 << 3;
const VERSION: u16 = 45;
/// Pieces that wait for a slow reader.
const WAITING: usize = 2;
/// Sums that are kept; then they are made anew.
const MOST_SUMS: usize = 10_000;

/// What a file holds.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// What lies there in the archive.
    Stored(PathBuf),
    /// This text.
    Text(Bytes),
}

/// One file that is to go in.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    /// Its name in the ZIP file.
    pub(crate) name: String,
    pub(crate) content: Content,
    /// Its SHA-256, as the catalogue has it.
    pub(crate) sha256: String,
    /// Its size.
    pub(crate) bytes: u64,
    /// When it was archived, in the archive's own time zone.
    pub(crate) at: jiff::civil::DateTime,
}

impl Member {
    /// A text that is in no archive.
    pub(crate) fn of_text(name: String, text: String, at: jiff::civil::DateTime) -> Self {
        let (sha256, bytes) = (hex::encode(Sha256::digest(&text)), text.len() as u64);
        Self { name, content: Content::Text(text.into()), sha256, bytes, at }
    }
}

/// Gives every member a name of its own.
pub(crate) fn make_unique(members: &mut [Member]) {
    let mut taken = HashSet::new();
    for member in members {
        let (stem, extension) = match member.name.split_once('.') {
            Some((stem, extension)) => (stem.to_owned(), format!(".{extension}")),
            None => (member.name.clone(), String::new()),
        };
        let mut number = 1;
        // On some disks these two are one file.
        while !taken.insert(member.name.to_lowercase()) {
            number += 1;
            member.name = format!("{stem} ({number}){extension}");
        }
    }
}

/// The length of the whole ZIP file.
pub(crate) fn length(members: &[Member]) -> u64 {
    let of_one = |member: &Member| in_front(member) + CENTRAL_BYTES + member.name.len() as u64;
    members.iter().map(of_one).sum::<u64>() + END_BYTES
}

/// How much a member takes up in front of the directory.
fn in_front(member: &Member) -> u64 {
    LOCAL_BYTES + member.name.len() as u64 + member.bytes + DESCRIPTOR_BYTES
}

/// A new one for each way of laying it out: parts of two must not be put together.
const LAYOUT: &str = "1";

/// What tells this ZIP file from every other, as an ETag.
pub(crate) fn tag(members: &[Member]) -> String {
    let mut hash = Sha256::new_with_prefix(LAYOUT);
    for Member { name, sha256, bytes, at, .. } in members {
        hash.update(format!("{name}\0{sha256}\0{bytes}\0{at}\0"));
    }
    format!("\"{}\"", URL_SAFE_NO_PAD.encode(hash.finalize()))
}

/// The CRC-32 of files that went into a ZIP file, by their SHA-256: whoever goes on does not wait until all that
/// they have is read once more. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Sums(Arc<Mutex<HashMap<String, u32>>>);

impl Sums {
    fn of(&self, member: &Member) -> Option<u32> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&member.sha256).copied()
    }

    fn note(&self, member: &Member, sum: u32) {
        let mut sums = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sums.len() >= MOST_SUMS {
            sums.clear();
        }
        if !member.sha256.is_empty() {
            sums.insert(member.sha256.clone(), sum);
        }
    }
}

/// These bytes of the ZIP file; an error ends it early when a file is not what the catalogue says.
pub(crate) fn stream(
    store: Store,
    sums: Sums,
    members: Vec<Member>,
    wanted: Range<u64>,
) -> impl Stream<Item = io::Result<Bytes>> + Send {
    let (pieces, receiver) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        let mut writer = Writer { store, sums, pieces, at: 0, wanted };
        if let Err(error) = writer.write(&members).await {
            if error.kind() != io::ErrorKind::BrokenPipe {
                error!(%error, "a ZIP file could not be made to its end");
            }
            // Nobody to tell when they have gone away.
            let _ = writer.pieces.send(Err(error)).await;
        }
    });
    unfold(receiver, |mut receiver| async move { receiver.recv().await.map(|piece| (piece, receiver)) })
}

/// Makes the whole file and sends what is wanted of it.
struct Writer {
    store: Store,
    sums: Sums,
    pieces: mpsc::Sender<io::Result<Bytes>>,
    /// How far it is made.
    at: u64,
    wanted: Range<u64>,
}

impl Writer {
    async fn write(&mut self, members: &[Member]) -> io::Result<()> {
        let mut central = Vec::new();
        let directory = members.iter().map(in_front).sum();
        for member in members {
            let offset = self.at;
            self.send(local_header(member)).await?;
            // Without these nobody asks for its sum.
            let is_summed = self.wants(self.at + member.bytes..self.at + member.bytes + DESCRIPTOR_BYTES)
                || self.wanted.end > directory;
            let sum = match &member.content {
                Content::Stored(path) => self.send_stored(member, path, is_summed).await?,
                Content::Text(text) => {
                    self.send(text.clone()).await?;
                    crc32fast::hash(text)
                }
            };
            self.send(descriptor(member, sum)).await?;
            central.extend(central_header(member, sum, offset));
            if self.at >= self.wanted.end {
                return Ok(());
            }
        }
        let (offset, central_bytes) = (self.at, central.len() as u64);
        central.extend(end(members.len() as u64, central_bytes, offset));
        self.send(central).await
    }

    /// Sends a file and tells its sum. It is read as a whole only where its sum is wanted and not known; then it must be
    /// what the catalogue says.
    async fn send_stored(&mut self, member: &Member, path: &Path, is_summed: bool) -> io::Result<u32> {
        let (start, end) = (self.at, self.at + member.bytes);
        let known = self.sums.of(member);
        let range = if is_summed && known.is_none() { 0..member.bytes } else { self.wanted_of(start..end) };
        let is_whole = range == (0..member.bytes);
        let (mut sum, mut hash) = (crc32fast::Hasher::new(), Sha256::new());
        if is_whole || !range.is_empty() {
            let file = self.store.open_read(path).await.map_err(io::Error::other)?.into_std().await;
            if file.metadata()?.len() != member.bytes {
                return Err(spoilt(path, "is not as long as it was archived"));
            }
            self.at += range.start;
            let mut content = Box::pin(streaming::stream(file, range));
            while let Some(piece) = content.next().await {
                let piece = piece?;
                if is_whole {
                    sum.update(&piece);
                    hash.update(&piece);
                }
                self.send(piece).await?;
            }
        }
        self.at = end;
        if !is_whole {
            return Ok(known.unwrap_or_default());
        }
        if !member.sha256.is_empty() && hex::encode(hash.finalize()) != member.sha256 {
            return Err(spoilt(path, "is not what was archived"));
        }
        let sum = sum.finalize();
        self.sums.note(member, sum);
        Ok(sum)
    }

    /// Sends what is wanted of the next bytes.
    async fn send(&mut self, piece: impl Into<Bytes>) -> io::Result<()> {
        let piece: Bytes = piece.into();
        let end = self.at + piece.len() as u64;
        let wanted = self.wanted_of(self.at..end);
        self.at = end;
        // Within a piece in memory, so that it fits.
        let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
        let is_gone = if wanted.is_empty() {
            self.pieces.is_closed()
        } else {
            let piece = piece.slice(place(wanted.start)..place(wanted.end));
            self.pieces.send(Ok(piece)).await.is_err()
        };
        if is_gone { Err(io::ErrorKind::BrokenPipe.into()) } else { Ok(()) }
    }

    fn wants(&self, there: Range<u64>) -> bool {
        !self.wanted_of(there).is_empty()
    }

    /// What is wanted of bytes that lie there, counted from their first.
    fn wanted_of(&self, there: Range<u64>) -> Range<u64> {
        let within = |at: u64| at.clamp(there.start, there.end) - there.start;
        within(self.wanted.start)..within(self.wanted.end)
    }
}

fn spoilt(path: &Path, how: &str) -> io::Error {
    io::Error::other(format!("{} {how}", path.display()))
}

/// Little-endian fields, one after the other.
#[derive(Default)]
struct Fields(Vec<u8>);

impl Fields {
    fn two(mut self, value: u16) -> Self {
        self.0.extend(value.to_le_bytes());
        self
    }

    fn four(mut self, value: u32) -> Self {
        self.0.extend(value.to_le_bytes());
        self
    }

    fn eight(mut self, value: u64) -> Self {
        self.0.extend(value.to_le_bytes());
        self
    }

    fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend(bytes);
        self
    }

    /// Version, flags, stored, time and date.
    fn common(self, member: &Member) -> Self {
        let (time, date) = dos_time(&member.at);
        self.two(VERSION).two(FLAGS).two(0).two(time).two(date)
    }
}

fn name_bytes(member: &Member) -> u16 {
    u16::try_from(member.name.len()).unwrap_or(u16::MAX)
}

fn local_header(member: &Member) -> Vec<u8> {
    let fields = Fields::default().four(0x0403_4b50).common(member);
    let fields = fields.four(0).four(u32::MAX).four(u32::MAX).two(name_bytes(member)).two(20);
    let fields = fields.bytes(member.name.as_bytes());
    fields.two(1).two(16).eight(member.bytes).eight(member.bytes).0
}

fn descriptor(member: &Member, sum: u32) -> Vec<u8> {
    Fields::default().four(0x0807_4b50).four(sum).eight(member.bytes).eight(member.bytes).0
}

fn central_header(member: &Member, sum: u32, offset: u64) -> Vec<u8> {
    let fields = Fields::default().four(0x0201_4b50).two(3 << 8 | VERSION).common(member);
    let fields = fields.four(sum).four(u32::MAX).four(u32::MAX).two(name_bytes(member)).two(28);
    // No comment, the first disk, a binary file that everybody may read.
    let fields = fields.two(0).two(0).two(0).four(0o100_644 << 16).four(u32::MAX);
    let fields = fields.bytes(member.name.as_bytes());
    fields.two(1).two(24).eight(member.bytes).eight(member.bytes).eight(offset).0
}

fn end(count: u64, central_bytes: u64, offset: u64) -> Vec<u8> {
    let zip64 = Fields::default().four(0x0606_4b50).eight(44).two(3 << 8 | VERSION).two(VERSION);
    let zip64 = zip64.four(0).four(0).eight(count).eight(count).eight(central_bytes).eight(offset);
    let locator = zip64.four(0x0706_4b50).four(0).eight(offset + central_bytes).four(1);
    let few = u16::try_from(count).unwrap_or(u16::MAX);
    locator.four(0x0605_4b50).two(0).two(0).two(few).two(few).four(u32::MAX).four(u32::MAX).two(0).0
}

/// Years from 1980 to 2107, every other second.
fn dos_time(at: &jiff::civil::DateTime) -> (u16, u16) {
    let part = |value: i16| u16::try_from(value).unwrap_or_default();
    let time = part(at.hour().into()) << 11 | part(at.minute().into()) << 5 | (part(at.second().into()) / 2);
    let year = part(at.year().clamp(1_980, 2_107) - 1_980);
    (time, year << 9 | part(at.month().into()) << 5 | part(at.day().into()))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use futures_util::TryStreamExt as _;

    use super::*;

    /// A file that is stored at this path, with this content.
    fn member(store: &Store, name: &str, path: &str, content: &[u8]) -> Member {
        std::fs::write(store.root().join(path), content).unwrap();
        let at = jiff::civil::date(2026, 11, 23).at(18, 0, 2, 0);
        let sha256 = hex::encode(Sha256::digest(content));
        Member {
            name: name.to_owned(),
            content: Content::Stored(path.into()),
            sha256,
            bytes: content.len() as u64,
            at,
        }
    }

    async fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("archive")).await.unwrap();
        (folder, store)
    }

    async fn made(store: &Store, sums: &Sums, members: &[Member], wanted: Range<u64>) -> io::Result<Vec<u8>> {
        stream(store.clone(), sums.clone(), members.to_vec(), wanted)
            .try_fold(Vec::new(), |mut all, piece| async move {
                all.extend_from_slice(&piece);
                Ok(all)
            })
            .await
    }

    #[test]
    fn no_two_members_have_one_name() {
        let mut members = ["a.mp4", "A.mp4", "a.summary.md", "a (2).mp4", "a.mp4"]
            .map(|name| Member::of_text(name.to_owned(), String::new(), jiff::civil::DateTime::ZERO));
        make_unique(&mut members);
        let names: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
        assert_eq!(names, ["a.mp4", "A (2).mp4", "a.summary.md", "a (2) (2).mp4", "a (3).mp4"]);
    }

    #[tokio::test]
    async fn what_python_unpacks_is_what_was_packed_and_as_long_as_was_said() {
        let (folder, store) = store().await;
        let content: Vec<u8> = (0..600_000_u32).map(|number| number.to_le_bytes()[0]).collect();
        let at = jiff::civil::date(2026, 11, 23).at(18, 0, 2, 0);
        let members = vec![
            member(&store, "周会 👍.mp4", "one", &content),
            member(&store, "空.txt", "two", b""),
            Member::of_text("注.txt".to_owned(), "少了一个".to_owned(), at),
        ];
        let expected = length(&members);
        let zip = made(&store, &Sums::default(), &members, 0..expected).await.unwrap();
        assert_eq!(zip.len() as u64, expected);
        let path = folder.path().join("all.zip");
        std::fs::write(&path, zip).unwrap();
        let script = "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\n\
            print([(i.filename, i.file_size, i.date_time[:5]) for i in z.infolist()], z.read('注.txt').decode())\n\
            assert z.read(z.namelist()[0]) == bytes(i % 256 for i in range(600000))";
        let told = Command::new("python3").args(["-X", "utf8", "-c", script]).arg(&path).output().unwrap();
        assert_eq!(
            String::from_utf8_lossy(&told.stdout).trim(),
            "[('周会 👍.mp4', 600000, (2026, 11, 23, 18, 0)), ('空.txt', 0, (2026, 11, 23, 18, 0)), \
             ('注.txt', 12, (2026, 11, 23, 18, 0))] 少了一个",
            "{}",
            String::from_utf8_lossy(&told.stderr)
        );
    }

    #[tokio::test]
    async fn a_file_that_is_not_what_was_archived_ends_it_with_an_error_and_is_not_remembered() {
        let (_folder, store) = store().await;
        let good = member(&store, "a", "one", b"abc");
        let (end, sums) = (length(std::slice::from_ref(&good)), Sums::default());
        let bad: [&dyn Fn(); 3] = [
            &|| std::fs::remove_file(store.root().join("one")).unwrap(),
            &|| std::fs::write(store.root().join("one"), b"abcd").unwrap(),
            &|| std::fs::write(store.root().join("one"), b"abd").unwrap(),
        ];
        for spoil in bad {
            spoil();
            assert!(made(&store, &sums, std::slice::from_ref(&good), 0..end).await.is_err());
        }
        std::fs::write(store.root().join("one"), b"abc").unwrap();
        let zip = made(&store, &sums, std::slice::from_ref(&good), 0..end).await.unwrap();
        assert_eq!(zip, made(&store, &Sums::default(), &[good], 0..end).await.unwrap());
    }

    #[tokio::test]
    async fn every_part_is_what_the_whole_has_there_with_and_without_the_sums_of_before() {
        let (_folder, store) = store().await;
        let at = jiff::civil::DateTime::ZERO;
        let members = [
            member(&store, "one", "one", &[b'a'; 700]),
            Member::of_text("two".to_owned(), "b".repeat(700), at),
            member(&store, "three", "three", &[b'c'; 700]),
        ];
        let (end, used) = (length(&members), Sums::default());
        let whole = made(&store, &used, &members, 0..end).await.unwrap();
        for start in (0..end).step_by(97).chain([end - 1]) {
            for end in [start + 1, (start + 800).min(end), end] {
                let expected = &whole[usize::try_from(start).unwrap()..usize::try_from(end).unwrap()];
                for sums in [&used, &Sums::default()] {
                    let part = made(&store, sums, &members, start..end).await.unwrap();
                    assert!(part == expected, "{start}..{end}");
                }
            }
        }
    }

    #[tokio::test]
    async fn what_one_has_is_not_read_once_more() {
        let (_folder, store) = store().await;
        let members = ["one", "two"].map(|name| member(&store, name, name, &[b'a'; 700]));
        let (end, sums) = (length(&members), Sums::default());
        let whole = made(&store, &sums, &members, 0..end).await.unwrap();
        std::fs::remove_file(store.root().join("one")).unwrap();
        let behind = in_front(&members[0]) + 5;
        let rest = made(&store, &sums, &members, behind..end).await.unwrap();
        assert!(rest == whole[usize::try_from(behind).unwrap()..]);
        assert!(made(&store, &Sums::default(), &members, behind..end).await.is_err(), "without its sum");
    }

    #[tokio::test]
    async fn another_file_has_another_tag() {
        let (_folder, store) = store().await;
        let members = ["one", "two"].map(|name| member(&store, name, name, b"abc"));
        let mut other = members.clone();
        other[1].sha256.push('0');
        assert_eq!(tag(&members), tag(&members.clone()));
        assert_ne!(tag(&members), tag(&other));
        assert_ne!(tag(&members), tag(&members[..1]));
    }
}

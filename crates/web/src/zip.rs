//! ZIP files (APPNOTE 6.3.10) that are made while they are sent: stored, not compressed, since media does not become
//! smaller; always ZIP64; names in UTF-8. Lengths are known before, so that a browser can show how far it is; sums
//! follow each file.

use std::collections::HashSet;
use std::io;
use std::path::PathBuf;

use archive::store::Store;
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream::unfold};
use tokio::sync::mpsc;

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

/// One file that is to go in.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    /// Its name in the ZIP file.
    pub(crate) name: String,
    /// Where it is in the archive.
    pub(crate) path: PathBuf,
    /// Its size.
    pub(crate) bytes: u64,
    /// When it was archived, in the archive's own time zone.
    pub(crate) at: jiff::civil::DateTime,
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
    let of_one = |member: &Member| {
        LOCAL_BYTES + DESCRIPTOR_BYTES + CENTRAL_BYTES + 2 * member.name.len() as u64 + member.bytes
    };
    members.iter().map(of_one).sum::<u64>() + END_BYTES
}

/// The ZIP file; an error ends it early when a file is not what the catalogue says.
pub(crate) fn stream(store: Store, members: Vec<Member>) -> impl Stream<Item = io::Result<Bytes>> + Send {
    let (pieces, receiver) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        if let Err(error) = write(&store, &members, &pieces).await {
            // Nobody to tell when they have gone away.
            let _ = pieces.send(Err(error)).await;
        }
    });
    unfold(receiver, |mut receiver| async move { receiver.recv().await.map(|piece| (piece, receiver)) })
}

type Pieces = mpsc::Sender<io::Result<Bytes>>;

async fn write(store: &Store, members: &[Member], pieces: &Pieces) -> io::Result<()> {
    let mut offset = 0;
    let mut central = Vec::new();
    for member in members {
        let local = local_header(member);
        let header_bytes = local.len() as u64;
        send(pieces, local).await?;
        let sum = send_file(store, member, pieces).await?;
        send(pieces, descriptor(member, sum)).await?;
        central.extend(central_header(member, sum, offset));
        offset += header_bytes + member.bytes + DESCRIPTOR_BYTES;
    }
    let central_bytes = central.len() as u64;
    central.extend(end(members.len() as u64, central_bytes, offset));
    send(pieces, central).await
}

async fn send_file(store: &Store, member: &Member, pieces: &Pieces) -> io::Result<u32> {
    let file = store.open_read(&member.path).await.map_err(io::Error::other)?.into_std().await;
    let mut sum = crc32fast::Hasher::new();
    let mut content = Box::pin(streaming::stream(file, 0..member.bytes));
    while let Some(piece) = content.next().await {
        let piece = piece?;
        sum.update(&piece);
        send(pieces, piece).await?;
    }
    Ok(sum.finalize())
}

async fn send(pieces: &Pieces, piece: impl Into<Bytes>) -> io::Result<()> {
    pieces.send(Ok(piece.into())).await.map_err(|_| io::ErrorKind::BrokenPipe.into())
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

    fn member(name: &str, path: &str, bytes: usize) -> Member {
        let at = jiff::civil::date(2026, 11, 23).at(18, 0, 2, 0);
        Member { name: name.to_owned(), path: path.into(), bytes: bytes as u64, at }
    }

    #[test]
    fn no_two_members_have_one_name() {
        let mut members =
            ["a.mp4", "A.mp4", "a.summary.md", "a (2).mp4", "a.mp4"].map(|name| member(name, "", 0));
        make_unique(&mut members);
        let names: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
        assert_eq!(names, ["a.mp4", "A (2).mp4", "a.summary.md", "a (2) (2).mp4", "a (3).mp4"]);
    }

    #[tokio::test]
    async fn what_python_unpacks_is_what_was_packed_and_as_long_as_was_said() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("archive")).await.unwrap();
        let content: Vec<u8> = (0..600_000_u32).map(|number| number.to_le_bytes()[0]).collect();
        std::fs::write(store.root().join("one"), &content).unwrap();
        std::fs::write(store.root().join("two"), b"").unwrap();
        let members = vec![member("周会 👍.mp4", "one", content.len()), member("空.txt", "two", 0)];
        let expected = length(&members);
        let zip: Vec<u8> = stream(store, members)
            .try_fold(Vec::new(), |mut all, piece| async move {
                all.extend_from_slice(&piece);
                Ok(all)
            })
            .await
            .unwrap();
        assert_eq!(zip.len() as u64, expected);
        let path = folder.path().join("all.zip");
        std::fs::write(&path, zip).unwrap();
        let script = "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\n\
            print([(i.filename, i.file_size, i.date_time[:5]) for i in z.infolist()])\n\
            assert z.read(z.namelist()[0]) == bytes(i % 256 for i in range(600000))";
        let told = Command::new("python3").args(["-c", script]).arg(&path).output().unwrap();
        assert_eq!(
            String::from_utf8_lossy(&told.stdout).trim(),
            "[('周会 👍.mp4', 600000, (2026, 11, 23, 18, 0)), ('空.txt', 0, (2026, 11, 23, 18, 0))]",
            "{}",
            String::from_utf8_lossy(&told.stderr)
        );
    }

    #[tokio::test]
    async fn a_file_that_is_not_there_ends_it_with_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("archive")).await.unwrap();
        let pieces: Result<Vec<Bytes>, _> = stream(store, vec![member("a", "gone", 3)]).try_collect().await;
        assert!(pieces.is_err());
    }
}

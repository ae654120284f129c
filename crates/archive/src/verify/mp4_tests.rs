use std::io::Cursor;

use proptest::prelude::*;

use super::*;

fn make_box(kind: &[u8], body: &[u8]) -> Vec<u8> {
    let size = u32::try_from(body.len() + 8).unwrap();
    [&size.to_be_bytes(), kind, body].concat()
}

fn make_wide_box(kind: &[u8], body: &[u8]) -> Vec<u8> {
    let size = body.len() as u64 + 16;
    [&1_u32.to_be_bytes(), kind, &size.to_be_bytes(), body].concat()
}

fn make_endless_box(kind: &[u8], body: &[u8]) -> Vec<u8> {
    [&0_u32.to_be_bytes(), kind, body].concat()
}

fn ftyp() -> Vec<u8> {
    make_box(b"ftyp", b"isom\0\0\x02\0isommp41")
}

fn mvhd(timescale: u32, duration: u32) -> Vec<u8> {
    make_box(b"mvhd", &[&[0; 12][..], &timescale.to_be_bytes(), &duration.to_be_bytes(), &[0; 80]].concat())
}

fn wide_mvhd(timescale: u32, duration: u64) -> Vec<u8> {
    make_box(
        b"mvhd",
        &[&[1, 0, 0, 0], &[0; 16][..], &timescale.to_be_bytes(), &duration.to_be_bytes(), &[0; 80]].concat(),
    )
}

fn trak(handler: &[u8]) -> Vec<u8> {
    let hdlr = make_box(b"hdlr", &[&[0; 8], handler, &[0; 13]].concat());
    let mdia = make_box(b"mdia", &[make_box(b"mdhd", &[0; 24]), hdlr, make_box(b"minf", &[0; 20])].concat());
    make_box(b"trak", &[make_box(b"tkhd", &[0; 84]), mdia].concat())
}

fn moov() -> Vec<u8> {
    make_box(
        b"moov",
        &[mvhd(1000, 61_500), trak(b"soun"), trak(b"vide"), make_box(b"udta", &[0; 4])].concat(),
    )
}

fn mdat() -> Vec<u8> {
    make_box(b"mdat", &[7; 100])
}

fn check(file: &[u8]) -> Result<Mp4Facts, Mp4Fault> {
    check_mp4(Cursor::new(file), file.len() as u64)
}

fn join(boxes: &[Vec<u8>]) -> Vec<u8> {
    boxes.concat()
}

#[test]
fn the_index_may_come_before_or_after_the_data_in_any_box_form() {
    let expected = Mp4Facts {
        major_brand: "isom".to_owned(),
        kind: MediaKind::Video,
        duration_ms: Some(61_500),
        moov_bytes: moov().len() as u64,
        mdat_bytes: 100,
    };
    let free = make_box(b"free", b"");
    let uuid = make_box(b"uuid", &[9; 30]);
    for file in [
        join(&[ftyp(), moov(), mdat()]),
        join(&[ftyp(), free.clone(), mdat(), moov(), uuid.clone()]),
        join(&[ftyp(), make_wide_box(b"mdat", &[7; 100]), moov()]),
        join(&[ftyp(), moov(), make_endless_box(b"mdat", &[7; 100])]),
        join(&[ftyp(), make_box(b"mdat", &[7; 60]), make_box(b"mdat", &[7; 40]), moov()]),
        join(&[free, uuid, ftyp(), mdat(), moov()]),
    ] {
        assert_eq!(check(&file).unwrap(), expected);
    }
}

#[test]
fn sound_without_picture_is_audio() {
    let brand = make_box(b"ftyp", b"M4A \0\0\x02\0");
    let index = make_box(b"moov", &[wide_mvhd(44_100, 441_000), trak(b"text"), trak(b"soun")].concat());
    let facts = check(&join(&[brand, index, mdat()])).unwrap();
    assert_eq!(
        (facts.kind, facts.duration_ms, facts.major_brand.as_str()),
        (MediaKind::Audio, Some(10_000), "M4A ")
    );
}

#[test]
fn fragments_count_as_data_and_may_carry_the_duration() {
    let mvex = make_box(b"mvex", &make_box(b"mehd", &[&[0; 4][..], &9000_u32.to_be_bytes()].concat()));
    for children in [[mvhd(1000, 0), trak(b"vide"), mvex.clone()], [mvex, mvhd(1000, 0), trak(b"vide")]] {
        let index = make_box(b"moov", &children.concat());
        let moof = make_box(b"moof", &[0; 40]);
        let file = join(&[ftyp(), index, moof.clone(), mdat(), moof, mdat()]);
        let facts = check(&file).unwrap();
        assert_eq!((facts.duration_ms, facts.mdat_bytes), (Some(9000), 200));
    }
}

#[test]
fn an_undeclared_duration_is_unknown() {
    for header in [mvhd(1000, 0), mvhd(0, 5), mvhd(1000, u32::MAX), wide_mvhd(1000, u64::MAX)] {
        let index = make_box(b"moov", &[header, trak(b"vide")].concat());
        assert_eq!(check(&join(&[ftyp(), index, mdat()])).unwrap().duration_ms, None);
    }
}

#[test]
fn error_pages_are_named() {
    for (body, looks) in [
        (&b""[..], Looks::Empty),
        (b"{\"code\":2091005,\"msg\":\"permission deny\"}", Looks::Json),
        (b"<!doctype html><html><body>502</body></html>", Looks::Html),
        (b"expired", Looks::Text),
        (b"\0\0\0\x20ftyp"[..7].as_ref(), Looks::Unknown),
    ] {
        assert!(matches!(check(body), Err(Mp4Fault::NotMp4(found)) if found == looks), "{looks}");
    }
}

#[test]
fn missing_parts_are_named() {
    assert!(matches!(check(&join(&[ftyp(), mdat()])), Err(Mp4Fault::MissingMoov)));
    assert!(matches!(check(&join(&[ftyp(), moov()])), Err(Mp4Fault::MissingMdat)));
    assert!(matches!(check(&join(&[ftyp(), moov(), make_box(b"mdat", b"")])), Err(Mp4Fault::MissingMdat)));
    let index = make_box(b"moov", &[mvhd(1, 1), trak(b"text")].concat());
    assert!(matches!(check(&join(&[ftyp(), index, mdat()])), Err(Mp4Fault::MissingTrack)));
}

#[test]
fn contradictions_are_damage_not_truncation() {
    let too_long_child = make_box(b"moov", &[&mvhd(1, 1)[..], b"\0\0\x01\0trak"].concat());
    let no_handler = make_box(b"moov", &make_box(b"trak", &make_box(b"mdia", &make_box(b"hdlr", b"\0"))));
    for damaged in [
        join(&[ftyp(), mdat(), too_long_child]),
        join(&[ftyp(), mdat(), no_handler]),
        join(&[ftyp(), b"\0\0\0\x07free".to_vec()]),
        join(&[ftyp(), b"\0\0\0\x01free\0\0\0\0\0\0\0\x0f".to_vec()]),
        join(&[ftyp(), b"\0\0\0\x01free\xff\xff\xff\xff\xff\xff\xff\xff".to_vec()]),
        join(&[ftyp(), moov(), mdat(), vec![0; 16]]),
    ] {
        assert!(matches!(check(&damaged), Err(Mp4Fault::BadBox { .. })), "{:?}", check(&damaged));
    }
}

#[test]
fn endless_small_boxes_are_given_up() {
    let many = make_box(b"free", b"").repeat(MAX_BOXES as usize + 1);
    assert!(matches!(check(&many), Err(Mp4Fault::BadBox { why: "too many boxes", .. })));
}

#[test]
fn truncation_tells_what_is_missing() {
    let file = join(&[ftyp(), moov(), mdat()]);
    let cut = &file[..file.len() - 1];
    let fault = check(cut).unwrap_err().to_string();
    let (has, needs) = (cut.len(), file.len());
    assert_eq!(
        fault,
        format!("the file is cut off inside \"mdat\": it has {has} bytes and needs at least {needs}")
    );
}

/// Counts what is read of a file that is mostly hole.
struct Counted(Cursor<Vec<u8>>, u64);

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(buffer)?;
        self.1 += read as u64;
        Ok(read)
    }
}

impl Seek for Counted {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

#[test]
fn a_large_file_costs_a_few_hundred_bytes() {
    let file = join(&[ftyp(), make_box(b"mdat", &vec![1; 8 << 20]), moov()]);
    let len = file.len() as u64;
    let mut counted = Counted(Cursor::new(file), 0);
    check_mp4(&mut counted, len).unwrap();
    assert!(counted.1 < 2048, "{} bytes were read", counted.1);
}

#[tokio::test]
async fn files_on_disk_are_checked_at_their_own_length() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("周会.mp4.part");
    std::fs::write(&path, join(&[ftyp(), moov(), mdat()])).unwrap();
    assert_eq!(check_mp4_file(&path).await.unwrap().kind, MediaKind::Video);
    let gone = check_mp4_file(&folder.path().join("gone")).await;
    assert!(matches!(gone, Err(Mp4Fault::Io(error)) if error.kind() == ErrorKind::NotFound));
}

/// Top-level boxes of a whole file, in an order and form that some writer uses.
fn whole_files() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let data = prop::collection::vec(any::<u8>(), 1..200);
    let padding = prop::sample::select(vec![
        make_box(b"free", &[0; 5]),
        make_box(b"uuid", &[1; 16]),
        make_box(b"wide", b""),
    ]);
    (data, any::<bool>(), prop::collection::vec(padding, 0..3), any::<bool>()).prop_map(
        |(data, wide, padding, index_first)| {
            let mdat = if wide { make_wide_box(b"mdat", &data) } else { make_box(b"mdat", &data) };
            let (first, last) = if index_first { (moov(), mdat) } else { (mdat, moov()) };
            [vec![ftyp()], padding, vec![first, last]].concat()
        },
    )
}

proptest! {
    #[test]
    fn a_cut_anywhere_is_noticed((boxes, cut) in whole_files().prop_flat_map(|boxes| {
        let len = boxes.concat().len();
        (Just(boxes), 0..len)
    })) {
        let file = boxes.concat();
        prop_assert!(check(&file).is_ok());
        prop_assert!(check(&file[..cut]).is_err());
    }

    #[test]
    fn any_bytes_end_in_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = check(&bytes);
    }

    #[test]
    fn damage_in_a_real_file_ends_in_an_answer(
        boxes in whole_files(), hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        claimed in any::<u64>(),
    ) {
        let mut file = boxes.concat();
        for (at, byte) in hits {
            *at.get_mut(&mut file) = byte;
        }
        let _ = check(&file);
        // A wrong length from the caller is no reason to panic, either.
        let _ = check_mp4(Cursor::new(&file), claimed);
    }
}

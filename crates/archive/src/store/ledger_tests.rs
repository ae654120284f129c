use proptest::prelude::*;

use super::*;

fn entry(upto: u64) -> Entry {
    let mut have = Ranges::default();
    have.insert(0..upto);
    let object = Object::new(1_000, Some("\"v1\"".to_owned()), None);
    Entry { subject: "obcn1".to_owned(), object, have, hashed_bytes: upto, hash: Sha256::new() }
}

fn latest(path: &Path) -> Option<u64> {
    Ledger::open(path).unwrap().map(|(_, entry)| entry.hashed_bytes)
}

#[test]
fn the_hash_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.ledger");
    let mut first = entry(3);
    first.hash.update(b"abc");
    Ledger::create(&path).unwrap().note(first).unwrap();
    let (mut ledger, mut entry) = Ledger::open(&path).unwrap().unwrap();
    assert_eq!((entry.subject.as_str(), entry.object.validator()), ("obcn1", Some("\"v1\"")));
    entry.hash.update(b"def");
    assert_eq!(entry.hash.clone().finalize(), Sha256::digest(b"abcdef"));
    entry.have.insert(3..6);
    entry.hashed_bytes = 6;
    ledger.note(entry).unwrap();
    assert_eq!(latest(&path), Some(6));
}

#[test]
fn the_longest_entry_fits() {
    let folder = tempfile::tempdir().unwrap();
    let mut longest = entry(1);
    longest.object = Object::new(u64::MAX, Some("é".repeat(256)), Some("\\".repeat(512)));
    longest.subject = "o".repeat(128);
    for step in 0..5_000 {
        let start = u64::MAX - 10 * (step + 1);
        longest.have.insert(start..start + 5);
    }
    let path = folder.path().join("x.ledger");
    Ledger::create(&path).unwrap().note(longest).unwrap();
    assert!(Ledger::open(&path).unwrap().is_some());
}

#[test]
fn an_entry_that_claims_too_much_is_not_believed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.ledger");
    for bad in
        [Entry { hashed_bytes: 11, ..entry(10) }, Entry { object: Object::new(9, None, None), ..entry(10) }]
    {
        Ledger::create(&path).unwrap().note(bad).unwrap();
        assert_eq!(latest(&path), None);
    }
}

proptest! {
    #[test]
    fn a_damaged_slot_leaves_the_other(place in 0..SLOT_BYTES, value in any::<u8>(), entries in 1_u64..5) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.ledger");
        let mut ledger = Ledger::create(&path).unwrap();
        for upto in 1..=entries {
            ledger.note(entry(upto)).unwrap();
        }
        let at = (entries % 2) * SLOT_BYTES as u64 + place as u64;
        ledger.file.write_all_at(&[value], at).unwrap();
        let believed = latest(&path);
        prop_assert!(believed == Some(entries) || believed == (entries > 1).then_some(entries - 1), "{believed:?}");
    }

    #[test]
    fn any_bytes_are_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.ledger");
        std::fs::write(&path, bytes).unwrap();
        prop_assert!(Ledger::open(&path).unwrap().is_none());
    }
}

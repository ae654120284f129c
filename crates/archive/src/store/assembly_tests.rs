use futures_util::FutureExt as _;
use proptest::prelude::*;

use super::*;
use crate::store::KeepFree;
use crate::store::disk::BUFFERED_BYTES;
use crate::store::pieces::{QUEUE_BYTES, RECEIVED_BYTES};

const DIR: &str = "王芳/2026-11";
const TOKEN: &str = "obcn37dxcftoc3656rgyejm7";

async fn opened() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path().join("downloads")).await.unwrap();
    (folder, store.keeping_free(KeepFree::NOTHING))
}

fn object(bytes: usize) -> Object {
    Object::new(bytes as u64, Some("\"v1\"".to_owned()), None)
}

fn content(bytes: usize) -> Bytes {
    (0..=250_u8).cycle().take(bytes).collect()
}

async fn begin(store: &Store, bytes: usize) -> Assembly {
    store.assemble(Path::new(DIR), "x", TOKEN, Some(object(bytes))).await.unwrap()
}

async fn take_up(store: &Store) -> Option<Assembly> {
    store.take_up(Path::new(DIR), "x", TOKEN).await.unwrap()
}

/// Every file below the root, by its end.
fn names(store: &Store) -> Vec<String> {
    let entries = std::fs::read_dir(store.root().join(DIR)).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn pieces_of_several_runs_in_any_order_make_the_file() {
    let (_folder, store) = opened().await;
    let all = content(20 << 20);
    let first = begin(&store, all.len()).await;
    first.pieces().put(0, all.slice(..5 << 20)).await.unwrap();
    first.pieces().put(12 << 20, all.slice(12 << 20..18 << 20)).await.unwrap();
    first.keep().await.unwrap();
    assert_eq!(names(&store), ["x.part", "x.part.ledger"]);

    let second = take_up(&store).await.unwrap();
    assert_eq!(second.object(), Some(&object(all.len())));
    assert_eq!(second.have().first_gap(0, 20 << 20), Some(5 << 20..12 << 20));
    second.pieces().put(18 << 20, all.slice(18 << 20..)).await.unwrap();
    second.pieces().put(5 << 20, all.slice(5 << 20..12 << 20)).await.unwrap();
    let finished = second.finish().await.unwrap();
    assert_eq!(finished.sha256(), hex::encode(Sha256::digest(&all)));
    assert!(std::fs::read(finished.path()).unwrap() == all);
    finished.commit("x.mp4").await.unwrap();
    assert_eq!(names(&store), ["x.mp4"]);
}

#[tokio::test]
async fn a_whole_file_that_was_not_committed_is_taken_up_whole() {
    let (_folder, store) = opened().await;
    let all = content(100_000);
    let assembly = begin(&store, all.len()).await;
    assembly.pieces().put(0, all.clone()).await.unwrap();
    drop(assembly.finish().await.unwrap());
    let again = take_up(&store).await.unwrap();
    assert!(again.have().covers(&(0..100_000)));
    assert_eq!(again.finish().await.unwrap().sha256(), hex::encode(Sha256::digest(&all)));
}

#[tokio::test]
async fn what_is_written_and_not_finished_is_kept_even_when_dropped() {
    let (_folder, store) = opened().await;
    let assembly = begin(&store, 10 << 20).await;
    assembly.pieces().put(0, content(9 << 20)).await.unwrap();
    drop(assembly);
    let again = loop {
        // The writer ends by itself; until then the file is its own.
        match store.take_up(Path::new(DIR), "x", TOKEN).await {
            Err(StoreError::Busy { .. }) => tokio::task::yield_now().await,
            taken => break taken.unwrap().unwrap(),
        }
    };
    assert!(again.have().covers(&(0..9 << 20)));
}

#[tokio::test]
async fn answers_that_disagree_are_found_out_in_either_order() {
    let (_folder, store) = opened().await;
    let all = content(10_000);
    for seam_first in [true, false] {
        for (seam, agrees) in [(all.slice(4_000..5_000), true), (all.slice(4_001..5_001), false)] {
            let assembly = begin(&store, all.len()).await;
            if seam_first {
                assembly.pieces().confirm(4_000, seam.clone()).await.unwrap();
            }
            // The writer may find out, and close, before all is handed over.
            let _ = assembly.pieces().put(5_000, all.slice(5_000..)).await;
            let _ = assembly.pieces().put(0, all.slice(..5_000)).await;
            if !seam_first {
                let _ = assembly.pieces().confirm(4_000, seam).await;
            }
            let finished = assembly.finish().await;
            match finished {
                Ok(_) => assert!(agrees),
                Err(AssemblyError::Seam { at }) => assert!(!agrees && at == 4_000),
                Err(error) => panic!("{error}"),
            }
        }
    }
}

#[tokio::test]
async fn a_file_with_a_hole_is_not_finished() {
    let (_folder, store) = opened().await;
    let assembly = begin(&store, 10_000).await;
    assembly.pieces().put(0, content(4_000)).await.unwrap();
    assembly.pieces().put(4_001, content(5_999)).await.unwrap();
    assert!(matches!(assembly.finish().await, Err(AssemblyError::Store(StoreError::Io { .. }))));
}

#[tokio::test]
async fn the_part_of_another_recording_is_not_taken_up() {
    let (_folder, store) = opened().await;
    let assembly = begin(&store, 10_000).await;
    assembly.pieces().put(0, content(4_000)).await.unwrap();
    assembly.keep().await.unwrap();
    assert!(store.take_up(Path::new(DIR), "x", "another").await.unwrap().is_none());
    assert!(names(&store).is_empty());
    assert!(store.take_up(Path::new("never/made"), "x", TOKEN).await.unwrap().is_none());
}

#[tokio::test]
async fn one_part_has_one_writer() {
    let (_folder, store) = opened().await;
    let assembly = begin(&store, 10_000).await;
    let second = store.assemble(Path::new(DIR), "x", TOKEN, Some(object(10_000))).await;
    assert!(matches!(second, Err(StoreError::Busy { .. })));
    let taken = store.take_up(Path::new(DIR), "x", TOKEN).await;
    assert!(matches!(taken, Err(StoreError::Busy { .. })));
    assembly.pieces().put(0, content(10_000)).await.unwrap();
    assembly.finish().await.unwrap().commit("x.mp4").await.unwrap();
}

#[tokio::test]
async fn a_part_shorter_than_its_ledger_says_is_not_believed() {
    let (_folder, store) = opened().await;
    let assembly = begin(&store, 10_000).await;
    assembly.pieces().put(0, content(4_000)).await.unwrap();
    assembly.keep().await.unwrap();
    File::options().write(true).open(store.root().join(DIR).join("x.part")).unwrap().set_len(3_999).unwrap();
    assert!(take_up(&store).await.is_none());
    assert!(names(&store).is_empty());
}

#[tokio::test]
async fn the_sweep_lists_what_can_be_taken_up_and_removes_the_rest() {
    let (_folder, store) = opened().await;
    let assembly = begin(&store, 10_000).await;
    assembly.pieces().put(0, content(4_000)).await.unwrap();
    assembly.keep().await.unwrap();
    for orphan in ["y.part.ledger", "z.part", "a.part", "a.part.ledger"] {
        std::fs::write(store.root().join(DIR).join(orphan), "nonsense").unwrap();
    }
    let (removed, mut unfinished) = store.sweep_parts().await.unwrap();
    assert!(removed >= 3, "{removed}");
    assert_eq!(names(&store), ["x.part", "x.part.ledger"]);
    let left = unfinished.remove(0);
    assert_eq!((left.subject.as_str(), left.bytes), (TOKEN, 4_000));
    store.give_up(left).await.unwrap();
    assert!(names(&store).is_empty());
}

#[tokio::test]
async fn room_is_set_aside_before_anything_is_received_and_what_is_not_needed_given_back() {
    let (_folder, store) = opened().await;
    let all = content(10 << 20);
    let assembly = begin(&store, all.len()).await;
    let pieces = assembly.pieces();
    let mut rooms = Vec::new();
    while let Some(room) = pieces.room().now_or_never() {
        rooms.push(room.unwrap());
    }
    assert_eq!(rooms.len(), QUEUE_BYTES / RECEIVED_BYTES);
    assert!(pieces.is_backed_up());
    pieces.put_into(rooms.pop().unwrap(), 0, all.slice(..10)).unwrap();
    rooms.push(pieces.room().await.unwrap());
    drop(rooms);
    // More than room was set aside for.
    let room = pieces.room().await.unwrap();
    pieces.put_into(room, 10, all.slice(10..)).unwrap();
    let finished = assembly.finish().await.unwrap();
    assert_eq!(finished.sha256(), hex::encode(Sha256::digest(&all)));
    assert_eq!(store.buffers().available_permits(), BUFFERED_BYTES, "nothing is kept from the next");
}

#[tokio::test]
async fn a_full_disk_is_told_as_such_and_nobody_waits_for_it() {
    let (_folder, store) = opened().await;
    let assembly = begin(&store, 64 << 20).await;
    // Swapped under the writer's feet: /dev/full refuses every byte.
    let Assembly { pieces, writer, .. } = assembly;
    drop(pieces);
    let (mut writer, _) = writer.await.unwrap();
    writer.file = Arc::new(File::options().read(true).write(true).open("/dev/full").unwrap());
    let assembly = Assembly::start(writer, store.buffers());
    let mut refused = false;
    for _ in 0..64 {
        refused = refused || assembly.pieces().put(0, content(1 << 20)).await.is_err();
    }
    assert!(refused, "whoever brings more is told");
    assert!(matches!(assembly.keep().await, Err(AssemblyError::Store(StoreError::DiskFull { .. }))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever was written and wherever it was cut off, the ledger never says more than is there.
    #[test]
    fn any_order_and_any_interruption_end_in_the_same_file(
        cuts in prop::collection::btree_set(1_usize..300_000, 0..12), order in any::<u64>(), runs in 1_usize..4,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (_folder, store) = opened().await;
            let all = content(300_000);
            let edges: Vec<usize> = std::iter::once(0).chain(cuts).chain([300_000]).collect();
            let mut pieces: Vec<_> = edges.windows(2).map(|pair| pair[0]..pair[1]).collect();
            let mut state = order | 1;
            pieces.sort_by_cached_key(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                state >> 33
            });
            let per_run = pieces.len().div_ceil(runs);
            let mut assembly = begin(&store, all.len()).await;
            for some in pieces.chunks(per_run) {
                for piece in some {
                    assembly.pieces().put(piece.start as u64, all.slice(piece.clone())).await.unwrap();
                }
                assembly.keep().await.unwrap();
                assembly = take_up(&store).await.unwrap();
            }
            let finished = assembly.finish().await.unwrap();
            assert_eq!(finished.sha256(), hex::encode(Sha256::digest(&all)));
            assert!(std::fs::read(finished.path()).unwrap() == all);
        });
    }
}

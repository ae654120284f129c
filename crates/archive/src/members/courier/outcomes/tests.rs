//! What the folder promises.

use std::os::unix::fs::PermissionsExt as _;

use proptest::prelude::*;

use super::*;

pub(in crate::members::courier) fn renewal(open_id: &str, version: i64) -> Renewal {
    Renewal { open_id: OpenId::parse(open_id).unwrap(), version }
}

pub(in crate::members::courier) fn renewed(refresh_token: &str) -> Renewed {
    let pair = feishu::TokenPair {
        access_token: "the-access-token".into(),
        expires_in: Duration::from_hours(2),
        refresh_token: Some(refresh_token.into()),
        refresh_expires_in: Some(Duration::from_hours(168)),
        scopes: vec!["offline_access".to_owned()],
    };
    Renewed { pair, received_at: 1_795_428_000_000 }
}

pub(in crate::members::courier) async fn keep(outcomes: &Outcomes, renewal: &Renewal, renewed: &Renewed) {
    let room = outcomes.reserve(renewal).await.unwrap();
    room.keep(&room.seal(renewed)).await.unwrap();
}

#[tokio::test]
async fn an_outcome_is_private_sealed_and_found_again_until_it_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let outcomes = Outcomes::open(folder.path().join("renewals"), [7; 32]).unwrap();
    let (this, other) = (renewal("ou_a", 3), renewal("ou_a", 4));
    keep(&outcomes, &this, &renewed("the-refresh-token")).await;
    // Longer than the room that was made for it.
    let long = "x".repeat(100_000);
    keep(&outcomes, &other, &renewed(&long)).await;

    for path in outcomes.paths("pair").unwrap() {
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let text = std::fs::read_to_string(path).unwrap();
        assert!(!text.contains("the-access-token") && !text.contains("the-refresh-token"));
    }
    assert_eq!(std::fs::metadata(outcomes.folder()).unwrap().permissions().mode() & 0o777, 0o700);

    let again = Outcomes::open(folder.path().join("renewals"), [7; 32]).unwrap();
    assert_eq!(again.waiting().await.unwrap().len(), 2);
    let read = again.read(&this).await.unwrap().unwrap();
    assert_eq!(read.pair.refresh_token.unwrap().expose_secret(), "the-refresh-token");
    assert_eq!((read.pair.expires_in, read.received_at), (Duration::from_hours(2), 1_795_428_000_000));
    let read = again.read(&other).await.unwrap().unwrap();
    assert_eq!(read.pair.refresh_token.unwrap().expose_secret(), long);

    again.remove(&this).await.unwrap();
    again.remove(&this).await.unwrap();
    assert!(again.read(&this).await.unwrap().is_none());
    assert_eq!(again.waiting().await.unwrap(), [other]);
}

#[tokio::test]
async fn an_outcome_opens_nowhere_else_and_with_no_other_key() {
    let folder = tempfile::tempdir().unwrap();
    let outcomes = Outcomes::open(folder.path().to_owned(), [7; 32]).unwrap();
    let (this, elsewhere) = (renewal("ou_a", 3), renewal("ou_b", 3));
    keep(&outcomes, &this, &renewed("rt")).await;
    std::fs::copy(outcomes.path(&this, "pair"), outcomes.path(&elsewhere, "pair")).unwrap();
    assert!(matches!(outcomes.read(&elsewhere).await, Err(OpenError::Damaged)));
    assert_eq!(outcomes.waiting().await.unwrap(), [this], "a file under another's name is nobody's");

    let stranger = Outcomes::open(folder.path().to_owned(), [8; 32]).unwrap();
    assert!(stranger.waiting().await.unwrap().is_empty());
}

#[tokio::test]
async fn one_courier_works_at_a_time_and_clears_away_what_a_killed_one_left() {
    let folder = tempfile::tempdir().unwrap();
    let outcomes = Outcomes::open(folder.path().to_owned(), [7; 32]).unwrap();
    let first = outcomes.lock().await.unwrap();
    let left = outcomes.reserve(&renewal("ou_a", 1)).await.unwrap();
    let successor = outcomes.clone();
    let second = tokio::spawn(async move { successor.lock().await.map(drop) });
    tokio::time::sleep(3 * Duration::from_millis(20)).await;
    assert!(!second.is_finished());
    assert!(left.path.exists());
    drop(first);
    second.await.unwrap().unwrap();
    assert!(!left.path.exists());
}

proptest! {
    #[test]
    fn damage_is_seen_and_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let folder = tempfile::tempdir().unwrap();
        let outcomes = Outcomes::open(folder.path().to_owned(), [7; 32]).unwrap();
        prop_assert!(outcomes.unseal(&renewal("ou_a", 1), &bytes).is_none());
    }
}

//! Whatever is added, let go and merged in whatever order, each word is found in the documents that have it now.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use proptest::collection::{btree_map, btree_set, vec};
use proptest::prelude::*;

use super::table::segments;
use super::*;
use crate::catalog::{Arg, Catalog, Db};
use crate::library::words::{Sought, Words};

/// Documents by number, each with its words.
type Texts = BTreeMap<u32, BTreeSet<String>>;

fn texts() -> impl Strategy<Value = Texts> {
    btree_map(0_u32..40, btree_set("[一-三]{1,2}|[ab]{1,3}", 0..6), 0..6)
}

async fn catalogue(folder: &tempfile::TempDir) -> Catalog {
    Catalog::new(Db::open_sqlite(&folder.path().join("catalogue.db")).await.unwrap())
}

/// Adds documents, or writes them anew.
async fn put(catalog: &Catalog, texts: &Texts) {
    let mut inverted = Inverted::default();
    for text in texts.values() {
        let mut words = Words::default();
        for word in text {
            words.take(word);
        }
        inverted.take(&words.settled());
    }
    let mut tx = catalog.db().begin().await.unwrap();
    let_go(&mut tx, &texts.keys().copied().collect()).await.unwrap();
    add(&mut tx, &Numbers::new(texts.keys().copied().collect()), inverted.pages()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn merge_all(catalog: &Catalog) {
    while merge_some(catalog).await.unwrap() {}
}

async fn count_of_segments(catalog: &Catalog) -> usize {
    segments(catalog).await.unwrap().len()
}

fn whole(word: &str) -> Sought {
    Sought::Whole(word.to_owned())
}

async fn demand_found(catalog: &Catalog, texts: &Texts) {
    for word in ["一", "二", "三", "一二", "二三", "三一", "a", "ab", "bba"] {
        let with: Vec<u32> = texts
            .iter()
            .filter(|(_, text)| text.iter().any(|it| it == word || (it.contains(word) && !word.is_ascii())))
            .map(|(number, _)| *number)
            .collect();
        assert_eq!(catalog.documents_with(&whole(word)).await.unwrap(), with, "{word}");
    }
    let with: Vec<u32> = texts
        .iter()
        .filter(|(_, text)| text.iter().any(|it| it.starts_with("ab")))
        .map(|(number, _)| *number)
        .collect();
    assert_eq!(catalog.documents_with(&Sought::Beginning("ab".to_owned())).await.unwrap(), with);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn each_word_is_found_where_it_is_now(
        steps in vec((texts(), btree_set(0_u32..40, 0..3), 0..3), 1..14),
    ) {
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let catalog = catalogue(&folder).await;
            let mut now = Texts::new();
            for (fresh, gone, upkeep) in steps {
                put(&catalog, &fresh).await;
                now.extend(fresh);
                let mut tx = catalog.db().begin().await.unwrap();
                let_go(&mut tx, &gone.iter().copied().collect::<HashSet<_>>()).await.unwrap();
                tx.commit().await.unwrap();
                now.retain(|number, _| !gone.contains(number));
                match upkeep {
                    1 => merge_all(&catalog).await,
                    2 => while clear_some(&catalog).await.unwrap() {},
                    _ => {}
                }
                demand_found(&catalog, &now).await;
            }
            merge_all(&catalog).await;
            demand_found(&catalog, &now).await;
            assert!(count_of_segments(&catalog).await < 15);
        });
    }
}

/// A text with words of its own, so many that a segment has pages.
fn long_text(number: u32) -> Texts {
    let words = (0..900).map(|at| format!("w{}", at * 7 + number)).collect();
    Texts::from([(number, words)])
}

#[tokio::test]
async fn segments_of_many_pages_become_one() {
    let folder = tempfile::tempdir().unwrap();
    let catalog = catalogue(&folder).await;
    for number in 0..64 {
        put(&catalog, &long_text(number)).await;
        merge_all(&catalog).await;
        assert!(
            count_of_segments(&catalog).await <= 15,
            "seven of each size, and the one that they are part of"
        );
    }
    assert_eq!(count_of_segments(&catalog).await, 1);
    let (pages,): (i64,) =
        catalog.db().row("SELECT COUNT(*) FROM index_pages", Vec::new()).await.unwrap().unwrap();
    assert!(pages > 2, "{pages}");
    for word in ["w70", "w6363"] {
        let with: Vec<u32> = (0..64).filter(|number| long_text(*number)[number].contains(word)).collect();
        assert_eq!(catalog.documents_with(&whole(word)).await.unwrap(), with, "{word}");
    }
    let all: Vec<u32> = (0..64).collect();
    assert_eq!(catalog.documents_with(&Sought::Beginning("w6".to_owned())).await.unwrap(), all);
}

#[tokio::test]
async fn the_words_of_what_is_gone_are_cleared() {
    let folder = tempfile::tempdir().unwrap();
    let catalog = catalogue(&folder).await;
    let word = |word: &str| BTreeSet::from([word.to_owned()]);
    put(&catalog, &(0..8).map(|number| (number, word("ab"))).chain([(9, word("secret"))]).collect()).await;
    let mut tx = catalog.db().begin().await.unwrap();
    let_go(&mut tx, &HashSet::from([9])).await.unwrap();
    tx.commit().await.unwrap();
    let is_there = async || {
        let pages: Vec<(Vec<u8>,)> =
            catalog.db().rows("SELECT content FROM index_pages", Vec::new()).await.unwrap();
        pages.iter().any(|(content,)| content.windows(6).any(|bytes| bytes == b"secret"))
    };
    merge_all(&catalog).await;
    assert!(is_there().await, "little of it is gone");
    while clear_some(&catalog).await.unwrap() {}
    merge_all(&catalog).await;
    assert!(!is_there().await);
    assert_eq!(catalog.documents_with(&whole("ab")).await.unwrap(), (0..8).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_a_kill_left_of_a_merge_is_removed_and_found_by_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let catalog = catalogue(&folder).await;
    let texts = Texts::from([(1, BTreeSet::from(["ab".to_owned()]))]);
    put(&catalog, &texts).await;
    for sql in [
        "INSERT INTO index_segments (documents) VALUES ($1)",
        "INSERT INTO index_pages (segment, first_word, content)
         SELECT (SELECT MAX(segment) FROM index_segments), first_word, content FROM index_pages WHERE $1 = $1",
    ] {
        catalog.db().execute(sql, vec![Arg::from(Vec::new())]).await.unwrap();
    }
    demand_found(&catalog, &texts).await;
    merge_all(&catalog).await;
    demand_found(&catalog, &texts).await;
    assert_eq!(count_of_segments(&catalog).await, 1);
}

#[tokio::test]
async fn a_damaged_page_is_told_and_not_taken_for_an_empty_one() {
    let folder = tempfile::tempdir().unwrap();
    let catalog = catalogue(&folder).await;
    put(&catalog, &Texts::from([(1, BTreeSet::from(["ab".to_owned()]))])).await;
    let damage = "UPDATE index_pages SET content = $1";
    catalog.db().execute(damage, vec![Arg::from(vec![0, 2, b'a'])]).await.unwrap();
    let error = catalog.documents_with(&whole("ab")).await.unwrap_err();
    assert!(error.to_string().contains("damaged"), "{error}");
}

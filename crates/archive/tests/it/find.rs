//! The search: what stands in titles, names, transcripts and notes is found by those who may open it, and by nobody
//! else; and the index holds what is there, whatever comes in between.

use archive::audit::Verb;
use archive::catalog::{Arg, FinishedFile, MetadataFacts};
use archive::library::{Indexer, Page, SearchQuery};
use archive::members::{Parting, Seal};
use archive::model::{ArtifactKind, Role, Track};
use tokio_util::sync::CancellationToken;

use crate::databases::Fresh;
use crate::installation::{DAY_MS, Installation, NOW_MS, deed, minute, person, seen};
use crate::library::{make, viewer};

on_each_database!(
    chinese_of_two_characters_mixed_words_and_phrases_are_found,
    titles_and_names_are_found_by_their_initials,
    nobody_finds_what_they_may_not_open,
    what_changes_is_indexed_anew_and_once,
    whoever_was_removed_with_their_files_is_found_no_more,
    a_text_that_cannot_be_read_keeps_nothing_else_from_being_found,
    pages_go_from_the_newest_to_the_oldest,
    many_are_indexed_at_once_and_each_is_found_as_it_is_now,
    hostile_texts_are_only_texts,
    a_damaged_index_is_made_anew,
);

const SRT: &str = "1\n00:00:01,000 --> 00:00:04,000\n王芳: 大家好，今天讨论数据库\n\n2\n00:00:05,000 --> 00:00:09,000\n李雷: 中文GPT5模型与 machine learning 的预算\n\n3\n00:01:09,000 --> 00:01:12,000\n王芳: 散会\n";

async fn index(installation: &Installation) -> usize {
    let mut indexed = 0;
    let mut keeper = Indexer::new(
        installation.catalog().clone(),
        installation.archive.store.clone(),
        CancellationToken::new(),
    );
    loop {
        match keeper.index_some().await.unwrap() {
            0 => return indexed,
            count => indexed += count,
        }
    }
}

async fn write(installation: &Installation, number: usize, kind: ArtifactKind, name: &str, content: &str) {
    let (dir, _) = installation.catalog().fix_place(&minute(number), "王芳", "x").await.unwrap();
    let store = &installation.archive.store;
    let file = store.put_small(dir.as_ref(), name, content.as_bytes()).await.unwrap();
    let file = FinishedFile::new(name.to_owned(), file.bytes, file.sha256);
    installation.catalog().artifact_done(&minute(number), kind, &file, NOW_MS).await.unwrap();
}

async fn find(installation: &Installation, open_id: &str, role: Role, query: &str) -> Page {
    let query = SearchQuery::parse(query).expect("a query");
    let viewer = viewer(open_id, role);
    installation.catalog().search(&installation.archive.store, &viewer, &query, None, 20).await.unwrap()
}

async fn found(installation: &Installation, query: &str) -> Vec<usize> {
    let page = find(installation, "ou_a", Role::Member, query).await;
    let is_it =
        |number: &usize| page.found.iter().any(|it| it.opened.recording.minute_token == minute(*number));
    assert_eq!(page.count, page.found.len());
    (0..100).filter(is_it).collect()
}

async fn chinese_of_two_characters_mixed_words_and_phrases_are_found(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    make(installation.catalog(), 1, "ou_a", &[]).await;
    write(&installation, 1, ArtifactKind::TranscriptSrt, "1.srt", SRT).await;
    make(installation.catalog(), 2, "ou_a", &[]).await;
    let notes = "# x\n\n## 摘要 Summary\n\n讨论了火星计划\n\n## 章节 Chapters\n\n### 00:02:00 登月\n\n细节\n";
    write(&installation, 2, ArtifactKind::Summary, "2.summary.md", notes).await;
    index(&installation).await;
    for query in [
        "数据",
        "据库",
        "好",
        "GPT5",
        "gpt",
        "中文GPT5模型",
        "ＧＰＴ５",
        "machine learn",
        "\"machine learning\"",
        "预算 散会",
        "李雷",
    ] {
        assert_eq!(found(&installation, query).await, [1], "{query}");
    }
    for query in ["火星", "火星计划", "登月"] {
        assert_eq!(found(&installation, query).await, [2], "{query}");
    }
    assert_eq!(found(&installation, "讨论").await, [1, 2]);
    for query in ["据大", "\"learning machine\"", "learning的 火星", "achine", "数据库预算"] {
        assert_eq!(found(&installation, query).await, [0_usize; 0], "{query}");
    }
    let page = find(&installation, "ou_a", Role::Member, "预算").await;
    let excerpt = &page.found[0].excerpts.excerpts[0];
    assert_eq!((excerpt.at_ms, excerpt.speaker.as_deref()), (Some(5_000), Some("李雷")));
    assert_eq!((excerpt.before.as_str(), excerpt.after.as_str()), ("大家好，今天讨论数据库", "散会"));
    let page = find(&installation, "ou_a", Role::Member, "登月").await;
    assert_eq!(page.found[0].excerpts.excerpts[0].at_ms, Some(120_000));
}

async fn titles_and_names_are_found_by_their_initials(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    installation.authorise("ou_a", "陈一鸣").await;
    make(installation.catalog(), 1, "ou_a", &[]).await;
    make(installation.catalog(), 2, "ou_b", &["ou_a"]).await;
    index(&installation).await;
    assert_eq!(found(&installation, "zh").await, [1, 2], "周会");
    assert_eq!(found(&installation, "cym").await, [1, 2]);
    assert_eq!(found(&installation, "陈一").await, [1, 2]);
    assert_eq!(found(&installation, "wf").await, [0_usize; 0]);
    // A name that is known at last is found at last.
    installation.authorise("ou_b", "王芳").await;
    index(&installation).await;
    assert_eq!(found(&installation, "wf").await, [2]);
}

async fn nobody_finds_what_they_may_not_open(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    make(installation.catalog(), 1, "ou_a", &["ou_b"]).await;
    write(&installation, 1, ArtifactKind::TranscriptSrt, "1.srt", SRT).await;
    index(&installation).await;
    for (open_id, role, count) in [
        ("ou_a", Role::Member, 1),
        ("ou_b", Role::Member, 1),
        ("ou_c", Role::Member, 0),
        ("ou_c", Role::Administrator, 0),
        ("ou_c", Role::Auditor, 1),
    ] {
        for query in ["数据", "周会", "gpt5"] {
            let page = find(&installation, open_id, role, query).await;
            assert_eq!((page.found.len(), page.count), (count, count), "{open_id} {role}");
        }
        let document =
            installation.catalog().document_number(&viewer(open_id, role), &minute(1)).await.unwrap();
        assert_eq!(document.is_some(), count == 1);
    }
}

async fn whoever_was_removed_with_their_files_is_found_no_more(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    installation.authorise("ou_a", "陈一鸣").await;
    make(installation.catalog(), 1, "ou_a", &[]).await;
    make(installation.catalog(), 2, "ou_b", &["ou_a"]).await;
    write(&installation, 1, ArtifactKind::TranscriptSrt, "1.srt", SRT).await;
    index(&installation).await;
    let everywhere = async |query: &str| find(&installation, "ou_x", Role::Auditor, query).await.found.len();
    assert_eq!((everywhere("GPT5").await, everywhere("cym").await), (1, 2));
    let parting = Parting {
        catalog: installation.catalog(),
        client: &installation.archive.client,
        seal: &Seal::new(&[7; 32]),
        person: &person("ou_a"),
        now_ms: NOW_MS,
    };
    parting.purge(Some(&installation.archive.store), &deed(Verb::Deleted, "member")).await.unwrap();
    assert_eq!(everywhere("GPT5").await, 0, "at once, not when it is indexed next");
    index(&installation).await;
    assert_eq!((everywhere("GPT5").await, everywhere("cym").await, everywhere("周会").await), (0, 0, 1));
}

async fn a_text_that_cannot_be_read_keeps_nothing_else_from_being_found(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    for number in [1, 2] {
        make(installation.catalog(), number, "ou_a", &[]).await;
        write(&installation, number, ArtifactKind::TranscriptSrt, &format!("{number}.srt"), SRT).await;
    }
    let recording = installation.catalog().recording(&minute(1)).await.unwrap().unwrap();
    let text = installation.archive.store.root().join(recording.dir.unwrap()).join("1.srt");
    std::fs::remove_file(&text).unwrap();
    std::fs::create_dir(&text).unwrap();
    assert_eq!(index(&installation).await, 2);
    assert_eq!(found(&installation, "GPT5").await, [2]);
    assert_eq!(found(&installation, "周会").await, [1, 2], "its title is known all the same");
}

async fn what_changes_is_indexed_anew_and_once(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let catalog = installation.catalog();
    make(catalog, 1, "ou_a", &[]).await;
    assert_eq!(index(&installation).await, 1);
    assert_eq!((index(&installation).await, catalog.unindexed().await.unwrap()), (0, 0));
    write(&installation, 1, ArtifactKind::TranscriptSrt, "1.srt", SRT).await;
    assert_eq!((index(&installation).await, found(&installation, "数据").await), (1, vec![1]));
    write(&installation, 1, ArtifactKind::TranscriptSrt, "1.srt", &SRT.replace("数据库", "天气")).await;
    assert_eq!(index(&installation).await, 1);
    assert_eq!((found(&installation, "数据").await, found(&installation, "天气").await), (vec![], vec![1]));
    // A new title, and a time that puts it elsewhere in the order.
    let facts = MetadataFacts {
        title: Some("季度复盘".to_owned()),
        created_ms: Some(NOW_MS - 100 * DAY_MS),
        raw: "{}".to_owned(),
        ..MetadataFacts::default()
    };
    catalog.set_metadata(&minute(1), &facts).await.unwrap();
    assert_eq!(index(&installation).await, 1);
    assert_eq!((found(&installation, "季度").await, found(&installation, "周会").await), (vec![1], vec![]));
    // What changes nothing that is written changes nothing here.
    let mut again = seen(minute(1), Track::Patrol, Some("ou_a"));
    (again.owner, again.title) = (Some(person("ou_a")), Some("周会".to_owned()));
    installation.sight(&again).await;
    assert_eq!(index(&installation).await, 0);
    // A file that is gone takes its words with it when somebody looks, and stops nothing.
    std::fs::remove_file(installation.downloads().join("王芳/1.srt")).unwrap();
    assert_eq!(found(&installation, "天气").await, [0_usize; 0]);
    assert_eq!(found(&installation, "季度").await, [1]);
}

async fn pages_go_from_the_newest_to_the_oldest(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    for number in 1..10 {
        make(installation.catalog(), number, "ou_a", &[]).await;
    }
    index(&installation).await;
    let query = SearchQuery::parse("周会").unwrap();
    let (mut before, mut made) = (None, Vec::new());
    loop {
        let (store, viewer) = (&installation.archive.store, viewer("ou_a", Role::Member));
        let page = installation.catalog().search(store, &viewer, &query, before, 2).await.unwrap();
        made.extend(page.found.iter().map(|found| found.opened.recording.created_ms.unwrap()));
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(made.len(), 8, "all but the one without a title");
    assert!(made.is_sorted_by(|one, next| one >= next), "{made:?}");
}

async fn many_are_indexed_at_once_and_each_is_found_as_it_is_now(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    for number in 1..150 {
        let mut sighting = seen(minute(number), Track::Patrol, Some("ou_a"));
        (sighting.owner, sighting.title) = (Some(person("ou_a")), Some(format!("周会 {number}")));
        installation.sight(&sighting).await;
    }
    assert_eq!(index(&installation).await, 149);
    let count = async |query: &str| find(&installation, "ou_a", Role::Member, query).await.count;
    assert_eq!((count("周会").await, count("复盘").await, count("周会 149").await), (149, 0, 1));
    for number in 1..150 {
        let title =
            Some(if number % 3 == 0 { format!("周会 {number}") } else { format!("复盘 {number}") });
        let facts = MetadataFacts { title, raw: "{}".to_owned(), ..MetadataFacts::default() };
        installation.catalog().set_metadata(&minute(number), &facts).await.unwrap();
        if number % 40 == 0 {
            index(&installation).await;
        }
    }
    index(&installation).await;
    assert_eq!((count("周会").await, count("复盘").await, count("复盘 149").await), (49, 100, 1));
}

async fn hostile_texts_are_only_texts(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let catalog = installation.catalog();
    let mut sighting = seen(minute(1), Track::Patrol, Some("ou_a"));
    sighting.owner = Some(person("ou_a"));
    sighting.title = Some(format!("<script>\0'; DROP TABLE words; -- \u{202e}{} 👍", "a".repeat(5_000)));
    installation.sight(&sighting).await;
    let srt = format!(
        "1\n00:00:01,000 --> 00:00:04,000\n<b>: {} \" OR * NEAR( {}\n",
        "字".repeat(300),
        "z".repeat(300)
    );
    write(&installation, 1, ArtifactKind::TranscriptSrt, "1.srt", &srt).await;
    assert_eq!(index(&installation).await, 1);
    for query in ["script", "drop TABLE", &"字".repeat(60), &"z".repeat(150), "near", "' OR", "\"* near\""] {
        assert_eq!(found(&installation, query).await, [1], "{query}");
    }
    assert_eq!(catalog.unindexed().await.unwrap(), 0);
}

async fn a_damaged_index_is_made_anew(fresh: &Fresh) {
    let installation = Installation::new(fresh).await;
    let catalog = installation.catalog();
    for number in [1, 2] {
        make(catalog, number, "ou_a", &[]).await;
        write(&installation, number, ArtifactKind::TranscriptSrt, &format!("{number}.srt"), SRT).await;
    }
    index(&installation).await;
    let damage = "UPDATE index_pages SET content = $1";
    catalog.db().execute(damage, vec![Arg::from(vec![0, 2, b'a'])]).await.unwrap();
    let (store, viewer) = (&installation.archive.store, viewer("ou_a", Role::Member));
    let query = SearchQuery::parse("数据").unwrap();
    let error = catalog.search(store, &viewer, &query, None, 20).await.unwrap_err();
    assert!(error.to_string().contains("damaged"), "{error}");
    assert_eq!(catalog.unindexed().await.unwrap(), 2, "which the search's page tells");
    assert_eq!((index(&installation).await, found(&installation, "数据").await), (2, vec![1, 2]));
    // Found by the index itself, when it is to let go of something.
    let damage = "UPDATE index_segments SET documents = $1";
    catalog.db().execute(damage, vec![Arg::from(vec![1, 2, 3])]).await.unwrap();
    write(&installation, 1, ArtifactKind::TranscriptSrt, "1.srt", &SRT.replace("数据库", "天气")).await;
    Indexer::new(catalog.clone(), store.clone(), CancellationToken::new()).index_some().await.unwrap_err();
    index(&installation).await;
    assert_eq!((found(&installation, "数据").await, found(&installation, "天气").await), (vec![2], vec![1]));
}

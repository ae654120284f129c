//! Lists and openings: each person sees what is theirs to see, on every shelf, in every order, page by page.

use std::collections::BTreeSet;

use archive::catalog::{Catalog, FinishedFile, MetadataFacts};
use archive::library::{Kind, Order, Shelf, Sort, Wish};
use archive::model::{ArtifactKind, MinuteToken, Role, Track, Viewer};

use crate::databases::Fresh;
use crate::installation::{HOUR_MS, NOW_MS, minute, person, seen, sight_in};

on_each_database!(
    everybody_sees_on_each_shelf_what_is_theirs,
    only_what_somebody_may_open_is_opened,
    pages_neither_repeat_nor_hide_a_row_in_any_order,
    a_row_that_comes_in_meanwhile_moves_no_other,
    a_page_of_some_days_goes_on_within_them,
    filters_leave_what_they_say,
    people_are_found_by_a_part_of_their_name_and_namesakes_together,
);

pub(crate) fn viewer(open_id: &str, role: Role) -> Viewer {
    Viewer { open_id: person(open_id), role }
}

/// A recording with this owner, attended by these.
pub(crate) async fn make(catalog: &Catalog, number: usize, owner: &str, attended: &[&str]) -> MinuteToken {
    let token = minute(number);
    let mut sighting = seen(token.clone(), Track::Patrol, Some(owner));
    sighting.owner = Some(person(owner));
    sight_in(catalog, &sighting, NOW_MS).await;
    for open_id in attended {
        sight_in(catalog, &seen(token.clone(), Track::Patrol, Some(open_id)), NOW_MS).await;
    }
    let hours = i64::try_from(number).unwrap();
    let facts = MetadataFacts {
        // Three of one moment, two of one length, and titles that repeat.
        created_ms: Some(NOW_MS - hours / 3 * HOUR_MS),
        duration_ms: Some(hours / 2 * 60_000),
        title: (!number.is_multiple_of(5)).then(|| format!("周会 {}", number % 4)),
        raw: "{}".to_owned(),
        ..MetadataFacts::default()
    };
    catalog.set_metadata(&token, &facts).await.unwrap();
    token
}

async fn tokens(catalog: &Catalog, viewer: &Viewer, wish: &Wish) -> Vec<MinuteToken> {
    let (mut wish, mut all) = (wish.clone(), Vec::new());
    loop {
        let listed = catalog.listed(viewer, &wish).await.unwrap();
        assert!(listed.items.len() <= usize::try_from(wish.limit).unwrap());
        all.extend(listed.items.into_iter().map(|item| item.minute_token));
        wish.after = listed.next;
        if wish.after.is_none() {
            return all;
        }
    }
}

fn shelf(shelf: Shelf) -> Wish {
    Wish { shelf, limit: 3, ..Wish::default() }
}

async fn everybody_sees_on_each_shelf_what_is_theirs(fresh: &Fresh) {
    let catalog = &fresh.catalog;
    for (number, owner, attended) in
        [(0, "ou_a", &["ou_b"][..]), (1, "ou_a", &[]), (2, "ou_b", &["ou_a", "ou_c"]), (3, "ou_c", &[])]
    {
        make(catalog, number, owner, attended).await;
    }
    // Found by an event that names nobody: for those alone who may see everything.
    sight_in(catalog, &seen(minute(4), Track::MeetingEnded, None), NOW_MS).await;
    for (open_id, role, mine, shared, open, all) in [
        ("ou_a", Role::Member, vec![0, 1], vec![2], vec![0, 1, 2], vec![0, 1, 2]),
        ("ou_b", Role::Member, vec![2], vec![0], vec![0, 2], vec![0, 2]),
        ("ou_x", Role::Member, vec![], vec![], vec![], vec![]),
        ("ou_a", Role::Administrator, vec![0, 1], vec![2], vec![0, 1, 2], vec![0, 1, 2, 3, 4]),
        ("ou_x", Role::Auditor, vec![], vec![], vec![0, 1, 2, 3, 4], vec![0, 1, 2, 3, 4]),
    ] {
        let viewer = viewer(open_id, role);
        for (it, expected) in
            [(Shelf::Mine, mine), (Shelf::Shared, shared), (Shelf::Open, open.clone()), (Shelf::All, all)]
        {
            let listed: BTreeSet<_> = tokens(catalog, &viewer, &shelf(it)).await.into_iter().collect();
            let expected: BTreeSet<_> = expected.into_iter().map(minute).collect();
            assert_eq!(listed, expected, "{open_id} as {role} on {it}");
            let count = catalog.count_listed(&viewer, &shelf(it)).await.unwrap();
            assert_eq!(usize::try_from(count).unwrap(), expected.len(), "{open_id} as {role} on {it}");
        }
        let listed = catalog.listed(&viewer, &Wish { limit: 9, ..shelf(Shelf::All) }).await.unwrap();
        for item in listed.items {
            let may_open = open.iter().any(|number| minute(*number) == item.minute_token);
            assert_eq!(item.may_open == 1, may_open, "{open_id} as {role}: {}", item.minute_token);
        }
    }
}

async fn only_what_somebody_may_open_is_opened(fresh: &Fresh) {
    let catalog = &fresh.catalog;
    let token = make(catalog, 0, "ou_a", &["ou_b"]).await;
    for (open_id, role, opens, lists) in [
        ("ou_a", Role::Member, true, true),
        ("ou_b", Role::Member, true, true),
        ("ou_c", Role::Member, false, false),
        ("ou_c", Role::Administrator, false, true),
        ("ou_c", Role::Auditor, true, true),
    ] {
        let viewer = viewer(open_id, role);
        let opened = catalog.opened(&viewer, &token).await.unwrap();
        assert_eq!(opened.is_some(), opens, "{open_id} as {role}");
        assert_eq!(
            catalog.listed_one(&viewer, &token).await.unwrap().is_some(),
            lists,
            "{open_id} as {role}"
        );
        if let Some(opened) = opened {
            let people: Vec<_> = opened.people.iter().map(|person| person.open_id.as_str()).collect();
            assert_eq!(people, ["ou_a", "ou_b"]);
        }
        assert!(catalog.opened(&viewer, &minute(9)).await.unwrap().is_none());
        let owner = Wish { owners: vec!["ou_a".to_owned()], ..shelf(Shelf::All) };
        assert_eq!(tokens(catalog, &viewer, &owner).await.len(), usize::from(lists), "{open_id} as {role}");
    }
}

async fn pages_neither_repeat_nor_hide_a_row_in_any_order(fresh: &Fresh) {
    let catalog = &fresh.catalog;
    for number in 0..20 {
        make(catalog, number, if number % 2 == 0 { "ou_a" } else { "ou_b" }, &["ou_b"]).await;
    }
    for (viewer, count) in [
        (viewer("ou_a", Role::Member), 10),
        (viewer("ou_b", Role::Member), 20),
        (viewer("ou_x", Role::Auditor), 20),
    ] {
        for sort in Sort::ALL {
            let mut both = Vec::new();
            for order in Order::ALL {
                let wish = Wish { sort: *sort, order: *order, ..shelf(Shelf::All) };
                let paged = tokens(catalog, &viewer, &wish).await;
                let whole = tokens(catalog, &viewer, &Wish { limit: 100, ..wish }).await;
                assert_eq!(paged, whole, "by {sort}, {order}");
                assert_eq!(paged.iter().collect::<BTreeSet<_>>().len(), count, "by {sort}, {order}");
                both.push(paged);
            }
            both[0].reverse();
            assert_eq!(both[0], both[1], "by {sort}");
        }
    }
}

async fn a_row_that_comes_in_meanwhile_moves_no_other(fresh: &Fresh) {
    let catalog = &fresh.catalog;
    for number in 3..12 {
        make(catalog, number, "ou_a", &[]).await;
    }
    let viewer = viewer("ou_a", Role::Member);
    let first = catalog.listed(&viewer, &shelf(Shelf::Mine)).await.unwrap();
    make(catalog, 0, "ou_a", &[]).await;
    let rest = Wish { after: first.next, limit: 100, ..shelf(Shelf::Mine) };
    let mut all: Vec<_> = first.items.into_iter().map(|item| item.minute_token).collect();
    all.extend(tokens(catalog, &viewer, &rest).await);
    let seen: BTreeSet<_> = all.iter().cloned().collect();
    assert_eq!((all.len(), seen), (9, (3..12).map(minute).collect()));
}

async fn a_page_of_some_days_goes_on_within_them(fresh: &Fresh) {
    let catalog = &fresh.catalog;
    for number in 0..20 {
        make(catalog, number, "ou_a", &[]).await;
    }
    let viewer = viewer("ou_a", Role::Member);
    let (from_ms, until_ms) = (Some(NOW_MS - 4 * HOUR_MS), Some(NOW_MS - HOUR_MS));
    for &order in Order::ALL {
        let wish = Wish { from_ms, until_ms, order, ..shelf(Shelf::Mine) };
        let paged: BTreeSet<_> = tokens(catalog, &viewer, &wish).await.into_iter().collect();
        assert_eq!(paged, (6..15).map(minute).collect(), "{order}");
        // Whatever an address says.
        for after in ["9223372036854775807.x", "-9223372036854775808.x", "x", ".", "1e9.x"] {
            for &sort in Sort::ALL {
                let wish = Wish { after: Some(after.to_owned()), sort, ..wish.clone() };
                catalog.listed(&viewer, &wish).await.unwrap();
            }
        }
    }
}

async fn filters_leave_what_they_say(fresh: &Fresh) {
    let catalog = &fresh.catalog;
    for number in 0..8 {
        let token = make(catalog, number, "ou_a", &[]).await;
        let file = |name: &str| FinishedFile::new(name.to_owned(), 1, "00".to_owned());
        let media = file(if number % 2 == 0 { "x.m4a" } else { "x.mp4" });
        if number < 6 {
            catalog.artifact_done(&token, ArtifactKind::Media, &media, NOW_MS).await.unwrap();
        }
        if number > 4 {
            catalog.artifact_done(&token, ArtifactKind::TranscriptSrt, &file("x.srt"), NOW_MS).await.unwrap();
        }
    }
    let numbers = async |wish: Wish| {
        let listed = tokens(catalog, &viewer("ou_a", Role::Member), &wish).await;
        (0..8).filter(|number| listed.contains(&minute(*number))).collect::<Vec<_>>()
    };
    let mine = || shelf(Shelf::Mine);
    assert_eq!(numbers(Wish { kind: Some(Kind::Audio), ..mine() }).await, [0, 2, 4]);
    assert_eq!(numbers(Wish { kind: Some(Kind::Video), ..mine() }).await, [1, 3, 5]);
    assert_eq!(numbers(Wish { with_transcript: true, ..mine() }).await, [5, 6, 7]);
    assert_eq!(numbers(Wish { from_ms: Some(NOW_MS), ..mine() }).await, [0, 1, 2]);
    assert_eq!(numbers(Wish { until_ms: Some(NOW_MS - HOUR_MS), ..mine() }).await, [6, 7]);
    assert_eq!(numbers(Wish { shortest_ms: Some(120_000), ..mine() }).await, [4, 5, 6, 7]);
    assert_eq!(numbers(Wish { longest_ms: Some(60_000), ..mine() }).await, [0, 1, 2, 3]);
    assert_eq!(numbers(Wish { owners: vec!["ou_b".to_owned()], ..shelf(Shelf::Open) }).await, [0_usize; 0]);
}

async fn people_are_found_by_a_part_of_their_name_and_namesakes_together(fresh: &Fresh) {
    let catalog = &fresh.catalog;
    for (open_id, name) in
        [("ou_a", "张伟"), ("ou_aa", "张伟（销售）"), ("ou_b", "Li Wei"), ("ou_c", "100%_张")]
    {
        let member =
            "INSERT INTO members (open_id, name, state, state_at, scopes) VALUES ($1, $2, 'active', 0, '')";
        catalog.db().execute(member, vec![open_id.into(), name.into()]).await.unwrap();
    }
    for (number, owner) in [(0, "ou_a"), (1, "ou_aa"), (2, "ou_b"), (3, "ou_a"), (4, "ou_x")] {
        make(catalog, number, owner, &["ou_m"]).await;
    }
    make(catalog, 5, "ou_c", &[]).await;
    let (boss, member) = (viewer("ou_boss", Role::Administrator), viewer("ou_m", Role::Member));
    let named = async |who: &Viewer, name: &str| catalog.owners_named(who, name).await.unwrap();
    assert_eq!(named(&boss, " 张伟 ").await, ["ou_a", "ou_aa"]);
    assert_eq!(named(&boss, "li w").await, ["ou_b"]);
    assert_eq!(named(&boss, "%").await, ["ou_c"], "no sign stands for others");
    assert_eq!(named(&member, "张").await, ["ou_a", "ou_aa"], "nothing of the third is theirs to see");
    for who in [&boss, &member] {
        let owners = vec!["ou_a".to_owned(), "ou_aa".to_owned()];
        let wish = Wish { owners, ..shelf(Shelf::All) };
        let listed: BTreeSet<_> = tokens(catalog, who, &wish).await.into_iter().collect();
        assert_eq!(listed, BTreeSet::from([0, 1, 3].map(minute)));
        assert_eq!(catalog.count_listed(who, &wish).await.unwrap(), 3);
    }
    let one = Wish { owners: vec!["ou_a".to_owned()], ..shelf(Shelf::All) };
    assert_eq!(tokens(catalog, &boss, &one).await.len(), 2, "one of them alone");
}

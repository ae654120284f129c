//! The audit log: what was written stays as it was, or shows that it did not.

use archive::audit::{AuditFilter, AuditRow, Break, Deed, Verb, prune, record, record_in, verify};
use archive::catalog::{Arg, Catalog, Db};

use crate::databases::Fresh;
use crate::installation::{DAY_MS, NOW_MS, person};

on_each_database!(
    a_log_that_nobody_touched_is_whole,
    a_changed_row_is_found,
    a_row_that_is_gone_is_found,
    rows_that_changed_places_are_found,
    a_row_that_was_slipped_in_is_found,
    what_is_not_committed_leaves_no_gap,
    writers_at_once_make_one_chain,
    pruning_keeps_the_rest_verifiable,
    the_database_itself_changes_no_row_and_lets_none_go,
    a_text_without_bounds_is_written_down_and_found,
    whatever_is_asked_for_is_found_and_nothing_else,
);

fn deed(number: i64) -> Deed {
    Deed {
        actor: person("ou_a"),
        verb: Verb::Viewed,
        subject: format!("minute {number} \0 <script>"),
        detail: (number % 2 == 0).then(|| "detail".to_owned()),
        from: "10.0.0.1".to_owned(),
        at_ms: NOW_MS + number * DAY_MS,
    }
}

async fn write(catalog: &Catalog, count: i64) {
    for number in 1..=count {
        record(catalog, &deed(number)).await.unwrap();
    }
}

/// As somebody does who has the database in their hands.
async fn meddle(catalog: &Catalog, sql: &'static str, args: Vec<Arg>) {
    let unguarded: &[&'static str] = match catalog.db() {
        Db::Sqlite { .. } => &[
            "DROP TRIGGER IF EXISTS audit_no_update",
            "DROP TRIGGER IF EXISTS audit_no_delete",
            "DROP TRIGGER IF EXISTS audit_no_replace",
        ],
        Db::Postgres(_) => &["DROP TRIGGER IF EXISTS audit_kept ON audit"],
    };
    for sql in unguarded {
        catalog.db().execute(sql, Vec::new()).await.unwrap();
    }
    assert!(catalog.db().execute(sql, args).await.unwrap() > 0, "nothing was meddled with");
}

async fn broken(catalog: &Catalog) -> Option<Break> {
    verify(catalog).await.unwrap().broken
}

async fn a_log_that_nobody_touched_is_whole(fresh: &Fresh) {
    let catalog = &fresh.catalog;
    assert_eq!(broken(catalog).await, None, "an empty log");
    // More than are read at a time.
    write(catalog, 1_203).await;
    let report = verify(catalog).await.unwrap();
    assert_eq!((report.rows, report.dropped, report.broken), (1_203, 0, None));
    let filter = AuditFilter { limit: 1, ..AuditFilter::default() };
    assert_eq!(report.last_hash, catalog.audit_rows(&filter).await.unwrap()[0].hash);
}

async fn a_changed_row_is_found(fresh: &Fresh) {
    let catalog = &fresh.catalog;
    write(catalog, 6).await;
    for (change, back) in [
        (
            "UPDATE audit SET actor = 'ou_b' WHERE number = 3",
            "UPDATE audit SET actor = 'ou_a' WHERE number = 3",
        ),
        ("UPDATE audit SET detail = '' WHERE number = 3", "UPDATE audit SET detail = NULL WHERE number = 3"),
        (
            "UPDATE audit SET at_ms = at_ms + 1 WHERE number = 3",
            "UPDATE audit SET at_ms = at_ms - 1 WHERE number = 3",
        ),
        (
            "UPDATE audit SET verb = 'played' WHERE number = 3",
            "UPDATE audit SET verb = 'viewed' WHERE number = 3",
        ),
        (
            "UPDATE audit SET from_address = '' WHERE number = 3",
            "UPDATE audit SET from_address = '10.0.0.1' WHERE number = 3",
        ),
    ] {
        meddle(catalog, change, Vec::new()).await;
        assert_eq!(broken(catalog).await, Some(Break::Changed { number: 3 }), "{change}");
        meddle(catalog, back, Vec::new()).await;
        assert_eq!(broken(catalog).await, None, "{back}");
    }
    meddle(catalog, "UPDATE audit SET subject = '' WHERE number = 6", Vec::new()).await;
    assert_eq!(broken(catalog).await, Some(Break::Changed { number: 6 }), "the newest");
}

async fn a_row_that_is_gone_is_found(fresh: &Fresh) {
    let catalog = &fresh.catalog;
    write(catalog, 6).await;
    meddle(catalog, "DELETE FROM audit WHERE number = 6", Vec::new()).await;
    assert_eq!(broken(catalog).await, Some(Break::Missing { number: 6 }), "the newest");
    meddle(catalog, "DELETE FROM audit WHERE number = 4", Vec::new()).await;
    assert_eq!(broken(catalog).await, Some(Break::Missing { number: 4 }), "one between others");
    meddle(catalog, "DELETE FROM audit WHERE number = 1", Vec::new()).await;
    assert_eq!(broken(catalog).await, Some(Break::Missing { number: 1 }), "the oldest");
    meddle(catalog, "DELETE FROM audit", Vec::new()).await;
    assert_eq!(broken(catalog).await, Some(Break::Missing { number: 1 }), "all of them");
}

async fn rows_that_changed_places_are_found(fresh: &Fresh) {
    let catalog = &fresh.catalog;
    write(catalog, 4).await;
    for sql in [
        "UPDATE audit SET number = 99 WHERE number = 2",
        "UPDATE audit SET number = 2 WHERE number = 3",
        "UPDATE audit SET number = 3 WHERE number = 99",
    ] {
        meddle(catalog, sql, Vec::new()).await;
    }
    assert_eq!(broken(catalog).await, Some(Break::Changed { number: 2 }));
}

async fn a_row_that_was_slipped_in_is_found(fresh: &Fresh) {
    let catalog = &fresh.catalog;
    write(catalog, 3).await;
    let copy =
        "INSERT INTO audit SELECT $1, at_ms, actor, verb, subject, detail, from_address, hash FROM audit
        WHERE number = 2";
    meddle(catalog, copy, vec![Arg::from(4)]).await;
    assert_eq!(broken(catalog).await, Some(Break::TooMany { number: 4 }));
    meddle(catalog, "DELETE FROM audit WHERE number = 4", Vec::new()).await;
    meddle(catalog, copy, vec![Arg::from(0)]).await;
    assert_eq!(broken(catalog).await, Some(Break::Changed { number: 0 }));
}

async fn what_is_not_committed_leaves_no_gap(fresh: &Fresh) {
    let catalog = &fresh.catalog;
    write(catalog, 1).await;
    let mut tx = catalog.db().begin().await.unwrap();
    record_in(&mut tx, &deed(2)).await.unwrap();
    drop(tx);
    record(catalog, &deed(3)).await.unwrap();
    let report = verify(catalog).await.unwrap();
    assert_eq!((report.rows, report.broken), (2, None));
}

async fn writers_at_once_make_one_chain(fresh: &Fresh) {
    let writers = (0..4).map(|writer| {
        let catalog = fresh.catalog.clone();
        tokio::spawn(async move {
            for number in 0..20 {
                record(&catalog, &deed(writer * 100 + number)).await.unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let report = verify(&fresh.catalog).await.unwrap();
    assert_eq!((report.rows, report.broken), (80, None));
}

async fn pruning_keeps_the_rest_verifiable(fresh: &Fresh) {
    let catalog = &fresh.catalog;
    write(catalog, 10).await;
    // A clock that was set back: this row is old and stands behind young ones, so it stays.
    record(catalog, &deed(0)).await.unwrap();
    assert_eq!(prune(catalog, NOW_MS).await.unwrap(), 0);
    assert_eq!(prune(catalog, NOW_MS + 5 * DAY_MS).await.unwrap(), 4);
    let report = verify(catalog).await.unwrap();
    assert_eq!((report.rows, report.dropped, report.broken), (7, 4, None));
    record(catalog, &deed(11)).await.unwrap();
    assert_eq!(broken(catalog).await, None);
    meddle(catalog, "DELETE FROM audit WHERE number = 5", Vec::new()).await;
    assert_eq!(broken(catalog).await, Some(Break::Missing { number: 5 }), "the first of those that are kept");

    assert_eq!(prune(catalog, NOW_MS + 99 * DAY_MS).await.unwrap(), 7);
    assert_eq!(broken(catalog).await, None, "nothing is left, and that is right");
    record(catalog, &deed(12)).await.unwrap();
    assert_eq!(verify(catalog).await.unwrap().rows, 1);
}

/// Seven people, five verbs, three subjects; and now and then the clock is set back.
async fn whatever_is_asked_for_is_found_and_nothing_else(fresh: &Fresh) {
    let catalog = &fresh.catalog;
    for number in 1..=200_i64 {
        let deed = Deed {
            actor: person(&format!("ou_{}", number % 7)),
            verb: Verb::ALL[usize::try_from(number * number % 5).unwrap()],
            subject: format!("subject {}", number % 3),
            at_ms: NOW_MS + number * 1_000 - i64::from(number % 50 == 0) * 60_000,
            ..deed(number)
        };
        record(catalog, &deed).await.unwrap();
    }
    let all = AuditFilter { limit: 1_000, ..AuditFilter::default() };
    let everything = catalog.audit_rows(&all).await.unwrap();
    assert_eq!(everything.len(), 200);
    let (actors, verbs) =
        ([vec![], vec!["ou_3"], vec!["ou_5", "ou_2", "ou_5"], vec!["ou_9"]], [None, Some("viewed")]);
    let subjects = [None, Some("subject 1"), Some("subject"), Some("")];
    let times = [(None, None), (Some(20), Some(160)), (Some(90), None), (None, Some(45)), (Some(900), None)];
    let mut asked = 0;
    let mut wishes = Vec::new();
    for actors in &actors {
        for (verb, subject) in verbs.iter().flat_map(|verb| subjects.iter().map(move |it| (*verb, *it))) {
            wishes.extend(times.iter().map(|time| (actors, verb, subject, *time, None)));
            wishes.extend(times.iter().map(|time| (actors, verb, subject, *time, Some(120))));
        }
    }
    for (actors, verb, subject, (since, until), before) in wishes {
        let at = |second: Option<i64>| second.map(|second| NOW_MS + second * 1_000);
        let filter = AuditFilter {
            actors: actors.iter().map(ToString::to_string).collect(),
            verb: verb.map(str::to_owned),
            subject: subject.map(str::to_owned),
            since_ms: at(since),
            until_ms: at(until),
            before,
            limit: 40,
            ..AuditFilter::default()
        };
        let fits = |row: &&AuditRow| {
            (filter.actors.is_empty() || filter.actors.contains(&row.actor))
                && filter.verb.as_ref().is_none_or(|verb| *verb == row.verb)
                && filter.subject.as_ref().is_none_or(|it| it.is_empty() || *it == row.subject)
                && filter.since_ms.is_none_or(|since| row.at_ms >= since)
                && filter.until_ms.is_none_or(|until| row.at_ms < until)
                && filter.before.is_none_or(|before| row.number < before)
        };
        let expected: Vec<&AuditRow> = everything.iter().filter(fits).take(40).collect();
        let found = catalog.audit_rows(&filter).await.unwrap();
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{filter:?}");
        asked += found.len();
        let settled = catalog.settled(&filter).await.unwrap();
        assert_eq!(catalog.audit_rows(&settled).await.unwrap(), found, "{settled:?}");
    }
    assert!(asked > 500, "most of it finds nothing: {asked}");
}

async fn the_database_itself_changes_no_row_and_lets_none_go(fresh: &Fresh) {
    let catalog = &fresh.catalog;
    write(catalog, 5).await;
    let round_about = if fresh.is_postgres() {
        "TRUNCATE audit"
    } else {
        "INSERT OR REPLACE INTO audit SELECT number, at_ms, 'ou_b', verb, subject, detail, from_address, hash FROM audit
            WHERE number = 2"
    };
    for sql in [
        "UPDATE audit SET detail = 'other' WHERE number = 2",
        "DELETE FROM audit WHERE number = 5",
        "DELETE FROM audit",
        round_about,
    ] {
        let refused = catalog.db().execute(sql, Vec::new()).await.unwrap_err();
        assert!(refused.to_string().contains("never changed"), "{sql}: {refused}");
    }
    assert_eq!(verify(catalog).await.unwrap().rows, 5);
}

/// What somebody searches for comes from an address; an entry of PostgreSQL's indexes holds 2,704 bytes.
async fn a_text_without_bounds_is_written_down_and_found(fresh: &Fresh) {
    let catalog = &fresh.catalog;
    let long: String = ('\u{4e00}'..).take(2_000).collect();
    let other = long.replace('\u{4e00}', "x");
    for subject in [&long, &other, &long] {
        record(catalog, &Deed { subject: subject.clone(), ..deed(1) }).await.unwrap();
    }
    let filter = AuditFilter { subject: Some(long.clone()), limit: 9, ..AuditFilter::default() };
    let found = catalog.audit_rows(&filter).await.unwrap();
    assert_eq!(found.iter().map(|row| row.number).collect::<Vec<_>>(), [3, 1]);
    assert_eq!(found[0].subject, long);
}

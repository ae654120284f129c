//! The audit log of a year.

use archive::audit::{Deed, Verb, record_in};
use archive::catalog::Catalog;
use archive::model::OpenId;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::Size;
use crate::filled::{DAY_MS, YEAR_MS, open_id, token, whole};
use crate::language::Language;

/// Ten would be usual. But each is chained by the archive itself, in three statements: a million would take minutes, and
/// so many, for 100,000 recordings, are to take less than one.
const FOR_EACH_RECORDING: usize = 4;
const IN_TRANSACTION: usize = 50_000;
const VERBS: [Verb; 10] = [
    Verb::Viewed,
    Verb::Viewed,
    Verb::Played,
    Verb::Viewed,
    Verb::Searched,
    Verb::Played,
    Verb::Viewed,
    Verb::SignedIn,
    Verb::Exported,
    Verb::Refused,
];

pub(crate) async fn fill(catalog: &Catalog, language: &Language, size: Size, now_ms: i64) {
    let mut dice = StdRng::seed_from_u64(5);
    let count = size.recordings * FOR_EACH_RECORDING;
    let began_ms = now_ms - YEAR_MS + DAY_MS;
    let step_ms = (YEAR_MS - 2 * DAY_MS) / whole(count.max(1));
    let mut tx = catalog.db().begin().await.expect("a transaction");
    for number in 0..count {
        let person = open_id(dice.random_range(0..size.people));
        let recording = token(dice.random_range(0..size.recordings));
        let verb = VERBS[number % VERBS.len()];
        let deed = Deed {
            actor: OpenId::parse(&person).expect("an open_id"),
            verb,
            subject: match verb {
                Verb::SignedIn => person,
                Verb::Searched => language.words_of_two[number % language.words_of_two.len()].clone(),
                _ => recording,
            },
            detail: (verb == Verb::Exported).then(|| "media".to_owned()),
            from: format!("10.0.{}.{}", number % 7, number % 250),
            at_ms: began_ms + whole(number) * step_ms,
        };
        record_in(&mut tx, &deed).await.expect("a row");
        if number % IN_TRANSACTION == IN_TRANSACTION - 1 {
            tx.commit().await.expect("committed");
            tx = catalog.db().begin().await.expect("a transaction");
        }
    }
    tx.commit().await.expect("committed");
}

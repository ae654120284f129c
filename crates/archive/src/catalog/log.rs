//! SQLite's write-ahead log is kept short. SQLite begins it anew by itself only when a commit meets no reader; under
//! readers without a gap between them it would grow without end.

use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::db::BUSY_TIMEOUT;
use super::{Catalog, CatalogError, Db};

/// A log of so much is folded in.
const LONG_BYTES: u64 = 16 << 20;
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Looks after it until told to stop.
pub async fn keep_log_short(catalog: &Catalog, stop: &CancellationToken) {
    while !stop.is_cancelled() {
        if catalog.db().log_bytes().await > LONG_BYTES
            && let Err(error) = catalog.db().fold_log().await
        {
            warn!(%error, "the catalogue's write-ahead log cannot be folded in now; trying again");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = sleep(LOOK_EVERY) => {}
        }
    }
}

impl Db {
    /// How long SQLite's write-ahead log is.
    async fn log_bytes(&self) -> u64 {
        match self {
            Self::Sqlite { log, .. } => tokio::fs::metadata(log).await.map_or(0, |metadata| metadata.len()),
            Self::Postgres(_) => 0,
        }
    }

    /// Begins it anew, unless a reader is in the way just now.
    async fn fold_log(&self) -> Result<(), CatalogError> {
        let Self::Sqlite { writer, turns, .. } = self else { return Ok(()) };
        let _turn = turns.take().await;
        let mut connection = writer.acquire().await?;
        // Nobody is to wait for long behind this.
        sqlx::query("PRAGMA busy_timeout = 50").execute(&mut *connection).await?;
        let folded = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut *connection).await;
        let usual = format!("PRAGMA busy_timeout = {}", BUSY_TIMEOUT.as_millis());
        sqlx::query(sqlx::AssertSqlSafe(usual)).execute(&mut *connection).await?;
        folded?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::args;

    #[tokio::test]
    async fn the_log_begins_anew_and_waits_for_no_reader() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open_sqlite(&folder.path().join("catalogue.db")).await.unwrap();
        let Db::Sqlite { writer, reader, .. } = &db else { panic!("SQLite") };
        let mut in_the_way = reader.begin().await.unwrap();
        sqlx::query("SELECT * FROM meta").fetch_all(&mut *in_the_way).await.unwrap();
        let note = "INSERT INTO meta (key, value) VALUES ($1, 'x')";
        for name in ["one", "two"] {
            db.execute(note, args![name]).await.unwrap();
        }
        db.fold_log().await.unwrap();
        assert!(db.log_bytes().await > 0, "somebody reads what was before");
        in_the_way.rollback().await.unwrap();
        db.fold_log().await.unwrap();
        assert_eq!(db.log_bytes().await, 0);
        db.execute(note, args!["three"]).await.unwrap();
        let (patience_ms,): (i64,) = sqlx::query_as("PRAGMA busy_timeout").fetch_one(writer).await.unwrap();
        assert_eq!(u128::try_from(patience_ms).unwrap(), BUSY_TIMEOUT.as_millis());
    }

    #[tokio::test]
    async fn a_log_that_has_grown_long_is_folded_in() {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Catalog::new(Db::open_sqlite(&folder.path().join("catalogue.db")).await.unwrap());
        let Db::Sqlite { reader, .. } = catalog.db() else { panic!("SQLite") };
        // As long as somebody reads what was before, it only grows.
        let mut in_the_way = reader.begin().await.unwrap();
        sqlx::query("SELECT * FROM meta").fetch_all(&mut *in_the_way).await.unwrap();
        let note = "INSERT INTO meta (key, value) VALUES ($1, $2)";
        for number in 0..20 {
            catalog.db().execute(note, args![number.to_string(), "x".repeat(1 << 20)]).await.unwrap();
        }
        in_the_way.rollback().await.unwrap();
        assert!(catalog.db().log_bytes().await > LONG_BYTES);
        let stop = CancellationToken::new();
        let is_short = async {
            while catalog.db().log_bytes().await > LONG_BYTES {
                sleep(Duration::from_millis(10)).await;
            }
            stop.cancel();
        };
        tokio::join!(keep_log_short(&catalog, &stop), is_short);
    }
}

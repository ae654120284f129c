//! The two databases behind one door: statements are constants with `$1`-style values that SQLite and
//! PostgreSQL both take, so that nothing above this file knows which one it talks to.

use std::future::ready;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::postgres::{PgPool, PgPoolOptions, PgRow};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow,
    SqliteSynchronous,
};
use sqlx::{Connection as _, Executor as _, FromRow, Postgres, Sqlite, Transaction};

use super::turns::{Turn, Turns};
use super::{Arg, CatalogError};

/// How long a statement waits for another writer before it says "busy".
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Readers at once; SQLite readers never wait for the writer in WAL mode.
const READERS: u32 = 4;
const PG_CONNECTIONS: u32 = 10;

/// A row type that can be read from either database.
pub trait Record: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}
impl<T> Record for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

/// An open database.
#[derive(Debug, Clone)]
pub enum Db {
    /// One writer, since SQLite has one anyway; the queue forms in our pool and not in its busy handler.
    Sqlite {
        /// The only connection that writes.
        writer: SqlitePool,
        /// Who may use it next.
        turns: Turns,
        /// Read-only connections.
        reader: SqlitePool,
        /// The write-ahead log.
        log: PathBuf,
    },
    /// A server that several nodes may share.
    Postgres(PgPool),
}

impl Db {
    /// Opens (and creates) a SQLite file and brings its schema up to date.
    pub async fn open_sqlite(path: &Path) -> Result<Self, CatalogError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // An event is answered with 200 only when it survives a power cut: FULL syncs each commit.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT);
        let is_first = AtomicBool::new(true);
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            // A file needs no asking whether it is still there, least of all before each event.
            .test_before_acquire(false)
            .acquire_timeout(BUSY_TIMEOUT * 3)
            // A full disk ends a transaction within SQLite; sqlx then holds it for open, and would never begin another.
            .after_connect(move |connection, _| {
                let is_first = is_first.swap(false, Ordering::Relaxed);
                Box::pin(async move { if is_first { Ok(()) } else { demand_writable(connection).await } })
            })
            .before_acquire(|connection, _| Box::pin(ready(Ok(!connection.is_in_transaction()))))
            .connect_with(options.clone())
            .await
            .map_err(|error| CatalogError::open(&path.display().to_string(), &error))?;
        sqlx::migrate!("migrations/sqlite")
            .run(&writer)
            .await
            .map_err(|error| CatalogError::migrate(&error))?;
        let reader = SqlitePoolOptions::new()
            .max_connections(READERS)
            .connect_with(options.read_only(true))
            .await
            .map_err(|error| CatalogError::open(&path.display().to_string(), &error))?;
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        Ok(Self::Sqlite { writer, turns: Turns::default(), reader, log: log.into() })
    }

    /// Connects to PostgreSQL and brings its schema up to date.
    pub async fn open_postgres(url: &str) -> Result<Self, CatalogError> {
        let pool = PgPoolOptions::new()
            .max_connections(PG_CONNECTIONS)
            .acquire_timeout(BUSY_TIMEOUT)
            // One plan for whatever is asked for finds nothing quickly: a list of a person's recordings took two seconds
            // instead of thirty milliseconds whenever PostgreSQL tried that.
            .after_connect(|connection, _| {
                Box::pin(async move {
                    // Compiling a plan takes longer than any of ours runs.
                    connection.execute("SET plan_cache_mode = force_custom_plan; SET jit = off").await?;
                    Ok(())
                })
            })
            .connect(url)
            .await
            .map_err(|error| CatalogError::open("PostgreSQL", &error))?;
        sqlx::migrate!("migrations/postgres")
            .run(&pool)
            .await
            .map_err(|error| CatalogError::migrate(&error))?;
        Ok(Self::Postgres(pool))
    }

    /// Runs a statement that changes something; the number of rows that it changed.
    pub async fn execute(&self, sql: &'static str, args: Vec<Arg>) -> Result<u64, CatalogError> {
        Ok(match self {
            Self::Sqlite { writer, turns, .. } => {
                let _turn = turns.take().await;
                sqlite_query(sql, args).execute(writer).await?.rows_affected()
            }
            Self::Postgres(pool) => postgres_query(sql, args).execute(pool).await?.rows_affected(),
        })
    }

    /// Runs a statement that changes something and returns rows (`RETURNING`).
    pub async fn execute_returning<T: Record>(
        &self,
        sql: &'static str,
        args: Vec<Arg>,
    ) -> Result<Vec<T>, CatalogError> {
        match self {
            Self::Sqlite { writer, turns, .. } => {
                let _turn = turns.take().await;
                read_all(sqlite_query(sql, args).fetch_all(writer).await?.iter().map(T::from_row))
            }
            Self::Postgres(pool) => {
                read_all(postgres_query(sql, args).fetch_all(pool).await?.iter().map(T::from_row))
            }
        }
    }

    /// The same for `events` new events, past everybody who waits for the writer.
    pub(crate) async fn store_first<T: Record>(
        &self,
        sql: &'static str,
        args: Vec<Arg>,
        events: usize,
    ) -> Result<Vec<T>, CatalogError> {
        match self {
            Self::Sqlite { writer, turns, .. } => {
                turns.count(events);
                read_all(sqlite_query(sql, args).fetch_all(writer).await?.iter().map(T::from_row))
            }
            Self::Postgres(_) => self.execute_returning(sql, args).await,
        }
    }

    /// Reads all rows.
    pub async fn rows<T: Record>(&self, sql: &'static str, args: Vec<Arg>) -> Result<Vec<T>, CatalogError> {
        match self {
            Self::Sqlite { reader, .. } => {
                read_all(sqlite_query(sql, args).fetch_all(reader).await?.iter().map(T::from_row))
            }
            Self::Postgres(pool) => {
                read_all(postgres_query(sql, args).fetch_all(pool).await?.iter().map(T::from_row))
            }
        }
    }

    /// Reads the first row, if there is one.
    pub async fn row<T: Record>(&self, sql: &'static str, args: Vec<Arg>) -> Result<Option<T>, CatalogError> {
        Ok(self.rows(sql, args).await?.into_iter().next())
    }

    /// Begins a transaction that may write. Keep it short and do no other IO inside.
    pub async fn begin(&self) -> Result<Tx, CatalogError> {
        Ok(match self {
            // A plain BEGIN that reads first and writes later fails with "busy" under load.
            Self::Sqlite { writer, turns, .. } => {
                let turn = turns.take().await;
                Tx::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?, turn)
            }
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// Closes all connections; SQLite folds its write-ahead log in.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { writer, reader, .. } => {
                reader.close().await;
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// A transaction on either database; dropped without `commit`, it changes nothing.
#[derive(Debug)]
pub enum Tx {
    /// On SQLite, started IMMEDIATE.
    Sqlite(Transaction<'static, Sqlite>, Turn),
    /// On PostgreSQL, READ COMMITTED.
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    /// Runs a statement; the number of rows that it changed.
    pub async fn execute(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<u64, CatalogError> {
        Ok(match self {
            Self::Sqlite(tx, _) => sqlite_query(sql, args).execute(&mut **tx).await?.rows_affected(),
            Self::Postgres(tx) => postgres_query(sql, args).execute(&mut **tx).await?.rows_affected(),
        })
    }

    /// Reads all rows.
    pub(crate) async fn rows<T: Record>(
        &mut self,
        sql: &'static str,
        args: Vec<Arg>,
    ) -> Result<Vec<T>, CatalogError> {
        match self {
            Self::Sqlite(tx, _) => {
                read_all(sqlite_query(sql, args).fetch_all(&mut **tx).await?.iter().map(T::from_row))
            }
            Self::Postgres(tx) => {
                read_all(postgres_query(sql, args).fetch_all(&mut **tx).await?.iter().map(T::from_row))
            }
        }
    }

    /// Reads the first row, if there is one.
    pub async fn row<T: Record>(
        &mut self,
        sql: &'static str,
        args: Vec<Arg>,
    ) -> Result<Option<T>, CatalogError> {
        match self {
            Self::Sqlite(tx, _) => {
                read_all(sqlite_query(sql, args).fetch_optional(&mut **tx).await?.iter().map(T::from_row))
            }
            Self::Postgres(tx) => {
                read_all(postgres_query(sql, args).fetch_optional(&mut **tx).await?.iter().map(T::from_row))
            }
        }
        .map(|rows| rows.into_iter().next())
    }

    /// Makes it last.
    pub async fn commit(self) -> Result<(), CatalogError> {
        match self {
            Self::Sqlite(tx, _turn) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }
}

/// A file that cannot be opened for writing just now is opened for reading, without a word: such a connection must not
/// stay when the file can be written again.
async fn demand_writable(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    match connection.begin_with("BEGIN IMMEDIATE").await {
        Ok(transaction) => transaction.rollback().await,
        // SQLITE_BUSY: somebody else writes, so it can be written.
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("5") => Ok(()),
        Err(error) => Err(error),
    }
}

fn sqlite_query(
    sql: &'static str,
    args: Vec<Arg>,
) -> sqlx::query::Query<'static, Sqlite, sqlx::sqlite::SqliteArguments> {
    args.into_iter().fold(sqlx::query(sql), |query, arg| arg.bind_sqlite(query))
}

fn postgres_query(
    sql: &'static str,
    args: Vec<Arg>,
) -> sqlx::query::Query<'static, Postgres, sqlx::postgres::PgArguments> {
    args.into_iter().fold(sqlx::query(sql), |query, arg| arg.bind_postgres(query))
}

fn read_all<T>(rows: impl Iterator<Item = Result<T, sqlx::Error>>) -> Result<Vec<T>, CatalogError> {
    Ok(rows.collect::<Result<_, _>>()?)
}

//! What can go wrong with the catalogue, said so that a person knows what to do.

/// A statement, or the opening of the database, failed.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// Another process holds the write lock for longer than we wait. Goes on by itself.
    #[error("the catalogue is busy: another program holds it. It is tried again by itself")]
    Busy,
    /// No room for the catalogue itself.
    #[error("the disk that holds the catalogue is full. Free some room; work goes on by itself")]
    DiskFull,
    /// The file or server cannot be reached or written.
    #[error(
        "the catalogue ({what}) cannot be opened: {why}. Check that it exists, is reachable and may be written"
    )]
    Unavailable {
        /// Path of the file, or the kind of server.
        what: String,
        /// The database's own words.
        why: String,
    },
    /// The schema is not one that this version knows.
    #[error("the catalogue's schema could not be brought up to date: {0}")]
    Schema(String),
    /// A row holds something this version cannot read, or a statement is wrong.
    #[error("the catalogue answered: {0}")]
    Other(#[source] sqlx::Error),
}

impl CatalogError {
    pub(super) fn open(what: &str, error: &sqlx::Error) -> Self {
        Self::Unavailable { what: what.to_owned(), why: error.to_string() }
    }

    /// Whether nothing else would succeed either: not the fault of what was to be stored.
    #[must_use]
    pub fn is_of_the_whole(&self) -> bool {
        !matches!(self, Self::Other(_))
    }

    pub(super) fn migrate(error: &sqlx::migrate::MigrateError) -> Self {
        Self::Schema(error.to_string())
    }
}

impl From<sqlx::Error> for CatalogError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(db) => match db.code().as_deref() {
                // SQLite: BUSY, LOCKED and their extended codes; PostgreSQL: lock not available, deadlock.
                Some("5" | "6" | "261" | "262" | "517" | "55P03" | "40P01") => Self::Busy,
                Some("13" | "53100") => Self::DiskFull,
                // SQLite: READONLY, IOERR, CANTOPEN and their extended codes.
                Some(code) if is_sqlite_file_trouble(code) => {
                    Self::Unavailable { what: "SQLite".to_owned(), why: db.message().to_owned() }
                }
                _ => Self::Other(error),
            },
            sqlx::Error::PoolTimedOut => Self::Busy,
            sqlx::Error::Io(_) | sqlx::Error::PoolClosed | sqlx::Error::Tls(_) => {
                Self::Unavailable { what: "connection".to_owned(), why: error.to_string() }
            }
            _ => Self::Other(error),
        }
    }
}

fn is_sqlite_file_trouble(code: &str) -> bool {
    // PostgreSQL's codes have five characters; SQLite's extended codes keep the primary in the low byte.
    code.len() < 5 && code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 8 | 10 | 14))
}

//! A fresh, empty catalogue for each test on each database.
//!
//! PostgreSQL is the one that `MINUTES_VAULT_TEST_POSTGRES_URL` names (`scripts/with-postgres` starts one).
//! Without it that half of the suite says that it was skipped; with `MINUTES_VAULT_REQUIRE_POSTGRES=1` it
//! fails, so that nobody takes half a suite for a whole one.

use archive::catalog::{Catalog, Db};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;

const POSTGRES_URL: &str = "MINUTES_VAULT_TEST_POSTGRES_URL";
const REQUIRE_POSTGRES: &str = "MINUTES_VAULT_REQUIRE_POSTGRES";

/// Makes each `async fn name(fresh: &Fresh)` two tests, `name::sqlite` and `name::postgres`.
macro_rules! on_each_database {
    ($($name:ident),+ $(,)?) => { $(
        mod $name {
            use $crate::databases::Fresh;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                super::$name(&Fresh::sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(fresh) = Fresh::postgres().await {
                    super::$name(&fresh).await;
                }
            }
        }
    )+ };
}

/// A catalogue that only one test knows.
pub(crate) struct Fresh {
    pub(crate) catalog: Catalog,
    /// Opens the same database once more, as another process would.
    address: Address,
}

enum Address {
    Sqlite(TempDir),
    Postgres(String),
}

impl Fresh {
    pub(crate) async fn sqlite() -> Self {
        Self::open(Address::Sqlite(tempfile::tempdir().unwrap())).await
    }

    pub(crate) async fn postgres() -> Option<Self> {
        let Ok(url) = std::env::var(POSTGRES_URL) else {
            assert!(
                std::env::var(REQUIRE_POSTGRES).is_err(),
                "{REQUIRE_POSTGRES} is set, {POSTGRES_URL} is not"
            );
            eprintln!("SKIPPED on PostgreSQL: {POSTGRES_URL} is not set; see scripts/with-postgres");
            return None;
        };
        // A schema of its own is as good as a database of its own, and made in no time.
        let schema = format!("t{}", uuid::Uuid::now_v7().simple());
        let mut admin = PgConnection::connect(&url).await.expect("PostgreSQL answers");
        let create = format!("CREATE SCHEMA {schema}");
        sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut admin).await.unwrap();
        admin.close().await.unwrap();
        let join = if url.contains('?') { '&' } else { '?' };
        Some(Self::open(Address::Postgres(format!("{url}{join}options=-csearch_path%3D{schema}"))).await)
    }

    async fn open(address: Address) -> Self {
        Self { catalog: open(&address).await, address }
    }

    /// The same catalogue through connections of its own.
    pub(crate) async fn again(&self) -> Catalog {
        open(&self.address).await
    }

    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self.catalog.db(), Db::Postgres(_))
    }
}

async fn open(address: &Address) -> Catalog {
    let db = match address {
        Address::Sqlite(folder) => Db::open_sqlite(&folder.path().join("catalogue.db")).await,
        Address::Postgres(url) => Db::open_postgres(url).await,
    };
    Catalog::new(db.expect("the catalogue opens"))
}

/// Were both halves to run on one database by mistake, nothing else here would notice.
mod each_half_runs_on_its_own_database {
    use super::Fresh;

    async fn version(fresh: &Fresh, sql: &'static str) -> Option<String> {
        let row: Option<(String,)> = fresh.catalog.db().row(sql, Vec::new()).await.ok()?;
        row.map(|(version,)| version)
    }

    #[tokio::test]
    async fn sqlite() {
        let fresh = Fresh::sqlite().await;
        assert!(version(&fresh, "SELECT sqlite_version()").await.unwrap().starts_with("3."));
        assert!(!fresh.is_postgres());
    }

    #[tokio::test]
    async fn postgres() {
        let Some(fresh) = Fresh::postgres().await else { return };
        assert!(version(&fresh, "SELECT version()").await.unwrap().starts_with("PostgreSQL"));
        let schema = version(&fresh, "SELECT CAST(current_schema() AS TEXT)").await.unwrap();
        assert!(schema.starts_with('t'), "{schema}");
        // Without these lists take seconds, which nothing else here would notice.
        let plans = version(&fresh, "SELECT current_setting('plan_cache_mode')").await;
        let jit = version(&fresh, "SELECT current_setting('jit')").await;
        assert_eq!((plans.as_deref(), jit.as_deref()), (Some("force_custom_plan"), Some("off")));
    }
}

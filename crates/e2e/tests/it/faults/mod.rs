//! What the line and the platform can do to a call, each by itself and in random mixes: the state, the reason, the
//! bytes and the number of calls that a careful person would expect. What the machine can do is another suite's.

mod answers;
mod company;
mod discovery;
mod interrupted;
mod media;
mod mix;
mod renewals;

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream;

/// Most of a row's time is waiting.
const ROWS_AT_ONCE: usize = 10;

/// A row of a table: its name, and what is to be seen.
type Row = (String, BoxFuture<'static, ()>);

/// Runs the rows of a table, and names every one that fails.
async fn each(rows: Vec<Row>) {
    let rows = rows.into_iter().map(|(name, row)| async { (name, tokio::spawn(row).await.is_err()) });
    let ended: Vec<_> = stream::iter(rows).buffer_unordered(ROWS_AT_ONCE).collect().await;
    let failed: Vec<_> = ended.iter().filter(|(_, has_failed)| *has_failed).map(|(name, _)| name).collect();
    assert!(failed.is_empty(), "of {} rows these failed: {failed:#?}", ended.len());
}

//! The courier's own side: takes orders till its input ends, and finishes what it has begun whatever happens to
//! the service that ordered it.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::task::JoinSet;

use super::exchange::Exchange;
use super::outcomes::Lock;
use super::wire::{Hello, Order, Said, line};
use crate::model::Clock;

/// Runs a courier on these ends of its pipes, until `orders` ends and all that was begun is over.
pub async fn carry(
    orders: impl AsyncBufRead + Unpin,
    mut reports: impl AsyncWrite + Unpin,
    clock: Arc<dyn Clock>,
) -> io::Result<()> {
    let mut orders = orders.lines();
    let Some(hello) = orders.next_line().await? else { return Ok(()) };
    let (exchange, _lock) = match begin(&hello, clock).await {
        Ok(ready) => ready,
        Err(error) => return say(&mut reports, &Said::Unable(error.to_string())).await,
    };
    say(&mut reports, &Said::Ready).await?;

    let mut under_way = JoinSet::new();
    let mut is_asked = true;
    loop {
        tokio::select! {
            line = orders.next_line(), if is_asked => {
                // A line that was cut short is the last word of a service that was killed.
                let order = line.ok().flatten().and_then(|line| serde_json::from_str::<Order>(&line).ok());
                let Some(order) = order else {
                    is_asked = false;
                    continue;
                };
                let exchange = Arc::clone(&exchange);
                under_way.spawn(async move { Said::Done(order.renewal.clone(), exchange.run(&order).await) });
            }
            Some(done) = under_way.join_next() => match done {
                // Nobody may be there to hear it any more.
                Ok(done) => drop(say(&mut reports, &done).await),
                // It broke down and nobody would ever hear of it: end, so that whoever waits stops waiting.
                Err(_) => is_asked = false,
            },
            else => return Ok(()),
        }
    }
}

async fn begin(hello: &str, clock: Arc<dyn Clock>) -> io::Result<(Arc<Exchange>, Lock)> {
    let hello: Hello = serde_json::from_str(hello)?;
    let outcomes = hello.outcomes()?;
    let lock = outcomes.lock().await?;
    let client = hello.client().map_err(io::Error::other)?;
    Ok((Arc::new(Exchange::new(client, outcomes, clock)), lock))
}

async fn say(reports: &mut (impl AsyncWrite + Unpin), said: &Said) -> io::Result<()> {
    reports.write_all(&line(said)?).await?;
    reports.flush().await
}

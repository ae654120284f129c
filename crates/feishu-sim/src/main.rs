//! The stand-in as a program: prints one line of JSON when it is ready, and serves until it is told to end.

use std::io::Write;
use std::net::SocketAddr;

use anyhow::Context;
use clap::{Args, Parser};
use feishu_sim::{Scenario, Sim};

/// A stand-in of the Feishu/Lark Open Platform.
#[derive(Parser)]
#[command(version)]
enum Cli {
    /// Serves until SIGTERM or Ctrl-C.
    Serve(Serve),
}

#[derive(Args)]
struct Serve {
    /// Where to listen; port 0 picks a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// empty, small, company, large:COUNT, or a JSON file.
    #[arg(long, default_value = "small")]
    scenario: String,
    /// Where events go.
    #[arg(long)]
    webhook: Option<String>,
    /// Makes tokens and event ids repeat from run to run.
    #[arg(long)]
    seed: Option<u64>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Cli::Serve(serve) = Cli::parse();
    let mut scenario = Scenario::named(&serve.scenario)?;
    scenario.webhook = serve.webhook.or(scenario.webhook);
    scenario.seed = serve.seed.or(scenario.seed);
    let sim = Sim::start(scenario, serve.listen)
        .await
        .with_context(|| format!("cannot listen on {}", serve.listen))?;
    writeln!(std::io::stdout(), "{}", serde_json::to_string(sim.ready())?)?;
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    sim.shutdown().await;
    Ok(())
}

//! `serve`: the service itself, until it is told to end.

use anyhow::Result;
use web::words::Words;

use super::Outcome;
use crate::config::Config;
use crate::lifecycle::Lifecycle;
use crate::wiring::Service;

/// Runs the service.
pub async fn run(config: &Config, words: Words) -> Result<Outcome> {
    let life = Lifecycle::new()?;
    let service = Service::start(config, config.retry, &life).await?;
    let base = config.server.public_url.as_ref().map_or_else(
        || format!("http://{}", readable(service.address)),
        |url| url.as_str().trim_end_matches('/').to_owned(),
    );
    println!("{}", words.say_with("serve-ready", &[("address", service.address.to_string().into())]));
    println!("{}", words.say_with("serve-authorise", &[("url", format!("{base}/auth/start").into())]));
    if config.events.mode.by_webhook() {
        println!("{}", words.say_with("serve-webhook", &[("url", format!("{base}/webhook/event").into())]));
    }
    if config.events.mode.by_long_connection() {
        println!("{}", words.say("serve-long-connection"));
    }
    let ended = life.run_until(std::future::pending()).await;
    service.archive.catalog.db().close().await;
    ended.map(|()| Outcome::Good)
}

/// An address that can be opened: "any address" is shown as this machine.
pub fn readable(address: std::net::SocketAddr) -> String {
    if address.ip().is_unspecified() { format!("localhost:{}", address.port()) } else { address.to_string() }
}

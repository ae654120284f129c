//! `serve`: the service itself, until it is told to end.

use std::sync::Arc;

use anyhow::Result;
use secrecy::ExposeSecret as _;
use web::words::Words;

use super::{Outcome, doctor};
use crate::config::{Config, Warning};
use crate::lifecycle::Lifecycle;
use crate::wiring::Service;

/// Runs the service.
pub async fn run(config: Arc<Config>, warnings: Vec<Warning>, words: Words) -> Result<Outcome> {
    let life = Lifecycle::new()?;
    let checkup = doctor::checkup(Arc::clone(&config), warnings);
    let service = Service::start(&config, config.retry, checkup, &life).await?;
    let base = config.server.public_url.as_ref().map_or_else(
        || format!("http://{}", readable(service.address)),
        |url| url.as_str().trim_end_matches('/').to_owned(),
    );
    println!("{}", words.say_with("serve-ready", &[("address", service.address.to_string().into())]));
    println!("{}", words.say_with("serve-authorise", &[("url", format!("{base}/auth/start").into())]));
    println!("{}", words.say_with("serve-callback", &[("url", format!("{base}/auth/callback").into())]));
    if let Some(url) = first_link(&service, &base).await? {
        println!("{}", words.say_with("serve-first-administrator", &[("url", url.into())]));
    }
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

/// The one-time link of the first administrator, while there is none.
pub async fn first_link(service: &Service, base: &str) -> Result<Option<String>> {
    let key = service.roster.first_link().await?;
    Ok(key.map(|key| format!("{base}/auth/sign-in?first={}", key.expose_secret())))
}

/// An address that can be opened: "any address" is shown as this machine.
pub fn readable(address: std::net::SocketAddr) -> String {
    if address.ip().is_unspecified() { format!("localhost:{}", address.port()) } else { address.to_string() }
}

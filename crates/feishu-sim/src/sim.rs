//! A running stand-in.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware;
use serde::Serialize;
use tokio::net::TcpListener;

use crate::platform::{Platform, Shared};
use crate::scenario::Scenario;
use crate::{
    calls, contact, control, events, line, long_connection, media, meetings, messages, minutes, oauth,
};

/// What a client needs to know: the line the program prints when it is ready.
#[derive(Clone, Debug, Serialize)]
pub struct Ready {
    /// Where the API answers. All three hosts are one.
    pub api_base: String,
    /// Where the authorize page is.
    pub accounts_base: String,
    /// Where download URLs point.
    pub media_base: String,
    /// The app's id.
    pub app_id: String,
    /// The app's secret.
    pub app_secret: String,
    /// Seals events; empty when they are plain.
    pub encrypt_key: String,
    /// Comes in each event.
    pub verification_token: String,
    /// The tenant's people.
    pub users: Vec<User>,
}

/// A person of the tenant.
#[derive(Clone, Debug, Serialize)]
pub struct User {
    /// `ou_…`
    pub open_id: String,
    /// As colleagues know them.
    pub name: String,
    /// False: the scenario has them press 拒绝.
    pub authorises: bool,
}

/// A stand-in that answers on one address until it is shut down.
pub struct Sim {
    platform: Shared,
    ready: Ready,
}

impl Sim {
    /// Starts a stand-in; port 0 picks a free one.
    pub async fn start(scenario: Scenario, listen: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(listen).await?;
        let base = format!("http://{}", listener.local_addr()?);
        let platform = Arc::new(Platform::new(scenario, base).map_err(io::Error::other)?);
        platform.tasks.spawn(line::serve(listener, router(platform.clone()), platform.stop.clone()));
        platform.tasks.spawn(events::deliver(platform.clone()));
        let ready = ready(&platform);
        Ok(Self { platform, ready })
    }

    /// What a client needs to know.
    #[must_use]
    pub fn ready(&self) -> &Ready {
        &self.ready
    }

    /// `http://127.0.0.1:PORT`, without a slash at its end.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.platform.base
    }

    /// Ends everything, whatever hangs.
    pub async fn shutdown(self) {
        self.platform.stop.cancel();
        self.platform.tasks.close();
        self.platform.tasks.wait().await;
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        self.platform.stop.cancel();
    }
}

fn router(platform: Shared) -> Router {
    Router::new()
        .merge(oauth::routes())
        .merge(minutes::routes())
        .merge(meetings::routes())
        .merge(messages::routes())
        .merge(contact::routes())
        .merge(media::routes())
        .merge(long_connection::routes())
        .layer(middleware::from_fn_with_state(platform.clone(), calls::observe))
        .merge(control::routes())
        // Not every error of the real platform is JSON.
        .fallback(|| async { (StatusCode::NOT_FOUND, "404 page not found\n") })
        .with_state(platform)
}

fn ready(platform: &Platform) -> Ready {
    let world = platform.world();
    let base = || platform.base.clone();
    Ready {
        api_base: base(),
        accounts_base: base(),
        media_base: base(),
        app_id: world.app.app_id.clone(),
        app_secret: world.app.app_secret.clone(),
        encrypt_key: world.app.encrypt_key.clone(),
        verification_token: world.app.verification_token.clone(),
        users: world
            .people
            .values()
            .map(|row| User {
                open_id: row.person.open_id.clone(),
                name: row.person.name.clone(),
                authorises: row.person.authorises,
            })
            .collect(),
    }
}

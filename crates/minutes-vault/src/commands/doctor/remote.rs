//! What others have to say: the platform about our credentials and our clock, our own doors about themselves.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use archive::members::{APP_SCOPES, COMPANY_RECORD_SCOPE, EVENTS};
use archive::model::{Clock as _, SystemClock};

use super::{Mark, Report};
use crate::config::Config;
use crate::startup;

/// Signatures and sessions bear minutes; more than this is a clock that nobody looks after.
const CLOCK_TOLERANCE_MS: i64 = 60_000;
const PATIENCE: Duration = Duration::from_secs(3);
/// Wrong app id, wrong secret. Feishu docs: auth/v3/tenant_access_token/internal.
const WRONG_CREDENTIALS: [i64; 2] = [10_014, 10_015];

/// The platform: reachable, and are we known there?
pub async fn platform(config: &Config, report: &mut Report) {
    let client = match startup::feishu_client(config) {
        Ok(client) => client,
        Err(error) => {
            return report.note(
                "credentials",
                Mark::Fail,
                "platform-away",
                &[("why", error.to_string().into())],
            );
        }
    };
    match client.tenant_token().await {
        Ok(_) => report.note(
            "credentials",
            Mark::Ok,
            "credentials",
            &[("id", config.feishu.app_id.as_str().into())],
        ),
        Err(error) => {
            let is_wrong = error.code().is_some_and(|code| WRONG_CREDENTIALS.contains(&code));
            let key = if is_wrong { "credentials-wrong" } else { "platform-away" };
            report.note("credentials", Mark::Fail, key, &[("why", error.to_string().into())]);
        }
    }
    let before_ms = SystemClock.now_ms();
    let Ok(theirs_ms) = client.server_time().await else {
        // Said above: the platform cannot be reached.
        return;
    };
    let ours_ms = i64::midpoint(before_ms, SystemClock.now_ms());
    let off_ms = ours_ms - theirs_ms;
    let seconds = [("seconds", (off_ms / 1_000).into())];
    if off_ms.abs() > CLOCK_TOLERANCE_MS {
        report.note("clock", Mark::Warn, "clock-off", &seconds);
    } else {
        report.note("clock", Mark::Ok, "clock", &seconds);
    }
}

/// What has to stand in the developer console, letter for letter.
pub fn addresses(config: &Config, report: &mut Report) {
    if let Some(url) = &config.server.public_url {
        let base = url.as_str().trim_end_matches('/');
        report.note("callback", Mark::Ok, "callback", &[("url", format!("{base}/auth/callback").into())]);
        if config.events.mode.by_webhook() {
            let events =
                [("url", format!("{base}/webhook/event").into()), ("events", EVENTS.join(" ").into())];
            report.note("events", Mark::Ok, "events", &events);
        }
    }
    if config.events.mode.by_long_connection() {
        let events = [("events", EVENTS.join(" ").into())];
        report.note("events", Mark::Ok, "events-by-long-connection", &events);
    }
    let mut user_scopes = config.features().user_scopes();
    if !config.company.administrators.is_empty() {
        user_scopes.push(COMPANY_RECORD_SCOPE);
    }
    report.note(
        "scopes",
        Mark::Ok,
        "console-scopes",
        &[("app", APP_SCOPES.join(" ").into()), ("user", user_scopes.join(" ").into())],
    );
}

/// Whether `serve` runs, and answers.
pub async fn service(config: &Config, report: &mut Report) {
    let listen = config.server.listen;
    // "Any address" cannot be asked; this machine can.
    let ip = if listen.ip().is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { listen.ip() };
    let address = SocketAddr::new(ip, listen.port());
    let running = startup::running_process(config);
    let shown =
        [("address", address.to_string().into()), ("pid", running.clone().unwrap_or_default().into())];
    match (running.is_some(), is_healthy(address).await) {
        (true, true) => report.note("service", Mark::Ok, "service", &shown),
        // Port 0 is another one each time: only the process itself knows it.
        (true, false) if listen.port() == 0 => report.note("service", Mark::Ok, "service-somewhere", &shown),
        (true, false) => report.note("service", Mark::Fail, "service-silent", &shown),
        (false, true) => report.note("service", Mark::Warn, "service-other", &shown),
        (false, false) => report.note("service", Mark::Warn, "service-off", &shown),
    }
}

async fn is_healthy(address: SocketAddr) -> bool {
    let Ok(client) = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build() else { return false };
    let answer = client.get(format!("http://{address}/healthz")).send().await;
    answer.is_ok_and(|answer| answer.status().is_success())
}

//! The long connection: would the platform let us have one, and does the running service have it?

use anyhow::Result;
use archive::catalog::Catalog;
use archive::model::{LinkState, LinkTrouble, Mover};
use feishu::LinkError;

use super::redacted::masked;
use super::{Check, Mark, Report};
use crate::config::Config;
use crate::startup;

const ID: &str = "long_connection";

/// Asks the platform for an address and connects to nothing, so that no connection of the app is used up.
pub async fn endpoint(config: &Config, report: &mut Report) {
    if !config.events.mode.by_long_connection() {
        return;
    }
    let Ok(client) = startup::feishu_client(config) else {
        // Said above.
        return;
    };
    match client.link_address().await {
        Ok(address) => {
            report.note(ID, Mark::Ok, "link-possible", &[("host", address.host().to_owned().into())]);
        }
        Err(error @ LinkError::Passing { .. }) => {
            report.note(ID, Mark::Warn, "link-away", &[("why", error.to_string().into())]);
        }
        Err(LinkError::Refused { why, detail }) => report.refused(why.into(), Some(&detail.to_string())),
    }
}

/// How the running service's own connection stands.
pub async fn standing(config: &Config, catalog: &Catalog, report: &mut Report) -> Result<()> {
    if startup::running_process(config).is_none() {
        return Ok(());
    }
    let node = startup::node_name(config)?;
    let Some(link) = catalog.links().await?.into_iter().find(|link| link.node == node) else { return Ok(()) };
    let why = [("why", link.detail.clone().unwrap_or_default().into())];
    match (link.state, link.trouble()) {
        (LinkState::Refused, trouble) => {
            report.refused(trouble.unwrap_or(LinkTrouble::UnknownCode), link.detail.as_deref());
        }
        (LinkState::Connected, _) => report.note(ID, Mark::Ok, "link-open", &[]),
        (LinkState::Connecting | LinkState::Waiting | LinkState::Closed, _) => {
            report.note(ID, Mark::Warn, "link-down", &why);
        }
    }
    Ok(())
}

impl Report {
    /// A refusal has the same words here as in `status`.
    fn refused(&mut self, trouble: LinkTrouble, detail: Option<&str>) {
        let detail = detail.map(|detail| format!(" {detail}")).unwrap_or_default();
        let what = self.words.link_trouble(trouble) + &detail;
        let fix = Some(self.words.link_trouble_fix(trouble));
        let redacted = masked(&what);
        let mover = Some(Mover::Administrator);
        self.checks.push(Check { id: ID, mark: Mark::Fail, what, fix, mover, redacted });
    }
}

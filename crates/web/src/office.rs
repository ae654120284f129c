//! What the pages of those who run the service are made from.

use std::time::Duration;

use archive::backup::Backups;
use archive::fetch::Transfers;
use archive::model::OpenId;
use archive::queue::Queue;
use archive::store::{Store, Template};
use jiff::tz::TimeZone;
use tokio_util::sync::CancellationToken;

use crate::checkup::Checkup;

/// One key of the configuration, as it counts; secrets are masked before they come here.
#[derive(Debug, Clone)]
pub struct Setting {
    /// As in the file, such as `server.listen`.
    pub key: String,
    /// None: unset.
    pub value: Option<String>,
    /// Where it came from; none: nobody set it.
    pub source: Option<String>,
}

/// What the pages of those who run the service are made from. Cheap to clone but for the settings.
#[derive(Clone)]
pub struct Office {
    /// What is to be done.
    pub queue: Queue,
    /// What is under way.
    pub transfers: Transfers,
    /// Where the bytes go.
    pub store: Store,
    /// In which days and weeks begin.
    pub zone: TimeZone,
    /// Whose grants may open the company's own record of its meetings.
    pub administrators: Vec<OpenId>,
    /// How often each member is looked at.
    pub patrol_interval: Duration,
    /// Whether events are to come over a long connection.
    pub wants_link: bool,
    /// Whether the viewer's name lies over what is played.
    pub watermark: bool,
    /// Where backups go.
    pub backups: Backups,
    /// How files are named.
    pub template: Template,
    /// The whole configuration.
    pub settings: Vec<Setting>,
    /// Looks whether anything is set up wrongly.
    pub checkup: Checkup,
    /// Ends what would otherwise go on for as long as somebody watches.
    pub stop: CancellationToken,
}

//! Why an artifact did not come in this time, and when it is asked for again.

use std::time::Duration;

use feishu::{Error, MediaError, ScopeHolder};

use crate::model::{ArtifactState, Reason};
use crate::store::StoreError;
use crate::verify::{Looks, Mp4Fault};

/// One attempt that brought nothing.
#[derive(Debug, Clone)]
pub(super) struct Miss {
    pub(super) state: ArtifactState,
    pub(super) reason: Option<Reason>,
    pub(super) detail: Option<String>,
    /// Overrides the growing waits.
    pub(super) wait: Option<Duration>,
}

/// Somebody has to change the app's settings.
const OPERATOR_WAIT: Duration = Duration::from_mins(30);

const BUSY_WAIT: Duration = Duration::from_secs(5);

impl Miss {
    pub(super) fn new(state: ArtifactState, reason: Reason, detail: impl Into<String>) -> Self {
        Self { state, reason: Some(reason), detail: Some(detail.into()), wait: None }
    }

    pub(super) fn failed(reason: Reason, detail: impl Into<String>) -> Self {
        Self::new(ArtifactState::Failed, reason, detail)
    }

    /// The program is stopping; at the next start the artifact comes first.
    pub(super) fn parked() -> Self {
        Self { state: ArtifactState::Pending, reason: None, detail: None, wait: Some(Duration::ZERO) }
    }

    /// Nobody with a working grant reaches it: it waits until somebody authorises.
    pub(super) fn no_grant() -> Self {
        Self { state: ArtifactState::Pending, reason: Some(Reason::NoGrant), detail: None, wait: None }
    }

    /// Asked for again after so long.
    pub(super) fn after(mut self, wait: Duration) -> Self {
        self.wait = Some(wait);
        self
    }
}

impl From<Error> for Miss {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        match error {
            Error::NotReady(_) => Self::new(ArtifactState::Waiting, Reason::NotReady, detail),
            Error::Denied(_) => Self::new(ArtifactState::Denied, Reason::ExportDenied, detail),
            Error::Gone(_) => Self::new(ArtifactState::Absent, Reason::Deleted, detail),
            Error::NotFound(_) => Self::new(ArtifactState::Absent, Reason::NotFound, detail),
            Error::MissingScope { holder: ScopeHolder::User, .. } => {
                Self::new(ArtifactState::Denied, Reason::ScopeNotGranted, detail)
            }
            Error::MissingScope { holder: ScopeHolder::App, .. } => {
                Self::failed(Reason::AppLacksScope, detail).after(OPERATOR_WAIT)
            }
            Error::RateLimited { after, .. } => Self::failed(Reason::RateLimited, detail).after(after),
            // Renewed once already and still not accepted.
            Error::Unauthorized(_) | Error::Transient(_) => Self::failed(Reason::PlatformTrouble, detail),
            Error::Permanent(_) => Self::failed(Reason::PlatformRefused, detail),
        }
    }
}

impl From<MediaError> for Miss {
    fn from(error: MediaError) -> Self {
        let detail = error.to_string();
        match error {
            MediaError::RateLimited { after } => Self::failed(Reason::RateLimited, detail).after(after),
            MediaError::Refused(_) => Self::failed(Reason::AddressRefused, detail),
            MediaError::Permanent(_) => Self::failed(Reason::PlatformRefused, detail),
            MediaError::UrlExpired(_)
            | MediaError::RangeNotSatisfiable { .. }
            | MediaError::Transient(_)
            | MediaError::Stalled => Self::failed(Reason::PlatformTrouble, detail),
        }
    }
}

impl From<StoreError> for Miss {
    fn from(error: StoreError) -> Self {
        let reason = match &error {
            StoreError::DiskFull { .. } | StoreError::NoRoom { .. } => Reason::DiskFull,
            // Another worker has it: what it brings will be here next time.
            StoreError::Busy { .. } => return Self { wait: Some(BUSY_WAIT), ..Self::parked() },
            _ => Reason::ArchiveNotWritable,
        };
        Self::failed(reason, error.to_string())
    }
}

impl From<Mp4Fault> for Miss {
    fn from(fault: Mp4Fault) -> Self {
        let detail = fault.to_string();
        match fault {
            Mp4Fault::Io(_) => Self::failed(Reason::ArchiveNotWritable, detail),
            Mp4Fault::Truncated { .. } => Self::failed(Reason::Truncated, detail),
            _ => Self::failed(Reason::NotMedia, detail),
        }
    }
}

impl From<Looks> for Miss {
    fn from(looks: Looks) -> Self {
        Self::failed(Reason::NotMedia, format!("instead of media the host sent {looks}"))
    }
}

//! What the platform says of a recording: owner, title, time, length. Asked before anything else, since
//! the owner decides whose grant is used and where the files go.

use feishu::Client;

use crate::Archive;
use crate::catalog::MetadataFacts;
use crate::fetch::miss::Miss;
use crate::fetch::reach::Reachers;
use crate::model::MinuteToken;

impl Archive {
    pub(super) async fn fetch_metadata(
        &self,
        token: &MinuteToken,
        reachers: &Reachers,
    ) -> Result<MetadataFacts, Miss> {
        let ask = |client: Client, access| {
            let token = token.clone();
            async move { client.minute(&access, &token).await }
        };
        let (_, minute) = self.ask_with_grants(reachers, ask).await?;
        Ok(MetadataFacts {
            owner_id: minute.owner_id.map(|id| id.to_string()),
            title: minute.title,
            created_ms: minute.create_time_ms,
            duration_ms: minute.duration_ms,
            url: minute.url,
            raw: minute.raw.to_string(),
        })
    }
}

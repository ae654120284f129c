//! One window of the company's record, page by page.

use feishu::{Client, Error, MeetingPage, MeetingStage};

use super::ReconcileError;
use crate::Archive;
use crate::model::OpenId;

/// Pages of one window, 100 meetings each.
const MOST_PAGES: usize = 1_000;

/// Whose grant reads, and how urgently.
pub(super) struct Reader<'a> {
    pub(super) client: Client,
    pub(super) administrator: &'a OpenId,
}

/// The pages of one window that are still to be read.
pub(super) struct Pages {
    stage: MeetingStage,
    /// When the meetings began, unix ms.
    window: (i64, i64),
    page_token: Option<String>,
    left: usize,
}

impl Pages {
    /// All meetings of one stage that began between two moments, unix ms.
    pub(super) fn of(stage: MeetingStage, window: (i64, i64)) -> Self {
        Self { stage, window, page_token: None, left: MOST_PAGES }
    }
}

impl Archive {
    /// The next page; none when all have been read.
    pub(super) async fn next_page(
        &self,
        reader: &Reader<'_>,
        pages: &mut Pages,
    ) -> Result<Option<MeetingPage>, ReconcileError> {
        if pages.left == 0 {
            return Ok(None);
        }
        let page = self.ask_record(reader, pages).await?;
        // The same token again would bring the same page again.
        let next =
            page.page_token.clone().filter(|next| page.has_more && pages.page_token.as_ref() != Some(next));
        pages.left = if next.is_some() { pages.left - 1 } else { 0 };
        pages.page_token = next;
        Ok(Some(page))
    }

    async fn ask_record(&self, reader: &Reader<'_>, pages: &Pages) -> Result<MeetingPage, ReconcileError> {
        let Reader { client, administrator } = reader;
        let Pages { stage, window, page_token, .. } = pages;
        let access = self.grants.access(administrator).await?;
        match client.meeting_list(&access.token, *stage, *window, page_token.as_deref()).await {
            Err(Error::Unauthorized(_)) => {
                let renewed = self.grants.renew(administrator, access.version).await?;
                Ok(client.meeting_list(&renewed.token, *stage, *window, page_token.as_deref()).await?)
            }
            answer => Ok(answer?),
        }
    }
}

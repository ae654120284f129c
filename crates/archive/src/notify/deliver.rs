//! One message on its way: when it may be sent, and what becomes of it.
//!
//! A kill between the platform's answer and our note of it sends nothing twice: the same id asks again, and within an
//! hour the platform answers with the message that it has sent.

use std::time::Duration;

use feishu::{Error, ScopeHolder};
use serde_json::json;

use super::book::{BotTrouble, NoticeRow, Seen, WEBHOOK};
use super::{Herald, Notice};
use crate::catalog::CatalogError;
use crate::model::{MemberState, OpenId, Reason};
use crate::queue::{Backoff, Next, Task};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Cards that are older can no longer be updated. Feishu docs: im-v1/message/patch.
const UPDATABLE_MS: i64 = 14 * DAY_MS;
const TROUBLE: Backoff = Backoff { first: Duration::from_secs(30), longest: Duration::from_hours(6) };
/// With the waits above: some four days.
const MOST_ATTEMPTS: i64 = 24;
/// A person out of the bot's reach is tried once a day, for so many days.
const MOST_DAYS: i64 = 14;

impl Herald {
    /// Runs a task of kind `notice`.
    pub(super) async fn work_on_notice(&self, task: &Task) -> Next {
        match self.deliver(&task.subject, task.attempts).await {
            Ok(next) => next,
            Err(error) => self.again(task.attempts, error.to_string()),
        }
    }

    async fn deliver(&self, id: &str, attempts: i64) -> Result<Next, CatalogError> {
        let Some(row) = self.catalog.notice(id).await? else { return Ok(Next::Done) };
        let wanted = row.wanted();
        // Who has not heard of it need not hear that it is over.
        if row.card == wanted || (wanted == Seen::Over && !row.is_told()) {
            return Ok(Next::Done);
        }
        let notice = row.notice();
        if row.receiver == WEBHOOK {
            return self.post(&row, &notice, wanted, attempts).await;
        }
        let Ok(person) = OpenId::parse(&row.receiver) else { return Ok(Next::Done) };
        if wanted == Seen::Over {
            return self.update(&row, &notice, &person, attempts).await;
        }
        match self.not_before(&row, &person).await? {
            Some(at) => Ok(Next::At(at)),
            None => self.send(&row, &notice, &person, attempts).await,
        }
    }

    /// When a new card may be sent, if not now.
    async fn not_before(&self, row: &NoticeRow, person: &OpenId) -> Result<Option<i64>, CatalogError> {
        let now_ms = self.clock.now_ms();
        let mut at = now_ms;
        if row.matter.asks_employee() {
            if let Some(last) =
                self.catalog.last_asked_at(person.as_str()).await?.filter(|last| *last <= now_ms)
            {
                at = at.max(last + DAY_MS);
            }
            let settings = &self.settings;
            at = settings.quiet.and_then(|hours| hours.end(at, &settings.zone)).unwrap_or(at);
        }
        // One knock an hour is enough at a door that is locked.
        if let Some(trouble) = self.catalog.bot_trouble().await?.filter(|trouble| trouble.at <= now_ms) {
            at = at.max(trouble.at + HOUR_MS);
        }
        Ok((at > now_ms).then_some(at))
    }

    async fn send(
        &self,
        row: &NoticeRow,
        notice: &Notice,
        person: &OpenId,
        attempts: i64,
    ) -> Result<Next, CatalogError> {
        let now_ms = self.clock.now_ms();
        let known = self.catalog.member(person).await?;
        if row.matter.asks_employee() && known.as_ref().is_some_and(|it| it.state == MemberState::Departed) {
            self.catalog.end_notice(row, &notice.facts, now_ms).await?;
            return Ok(Next::Done);
        }
        let language = known.and_then(|member| member.language);
        let card = (self.wording)(language.as_deref(), notice).build(self.settings.page.as_ref());
        let error = match self.client.send_card(person, &card, &row.id).await {
            Ok(message_id) => {
                self.catalog.notice_seen(&row.id, Seen::Open, Some(&message_id), now_ms).await?;
                if self.catalog.bot_trouble().await?.is_some() {
                    self.catalog.set_bot_trouble(None).await?;
                }
                metrics::counter!("vault_notices_sent_total", "matter" => row.matter.as_str()).increment(1);
                return Ok(Next::Done);
            }
            Err(error) => error,
        };
        let detail = error.to_string();
        let (reason, next) = match &error {
            Error::RateLimited { after, .. } => return Ok(Next::At(now_ms + crate::model::to_ms(*after))),
            Error::MissingScope { holder: ScopeHolder::App, .. } => {
                let trouble = BotTrouble { detail: detail.clone(), at: now_ms };
                self.catalog.set_bot_trouble(Some(&trouble)).await?;
                (Reason::BotUnavailable, Next::At(now_ms + HOUR_MS))
            }
            Error::Denied(_) if attempts >= MOST_DAYS => (Reason::BotOutOfReach, Next::Done),
            Error::Denied(_) => {
                (Reason::BotOutOfReach, Next::Failed { at: now_ms + DAY_MS, error: detail.clone() })
            }
            Error::Permanent(_) => (Reason::PlatformRefused, self.again(attempts, detail.clone())),
            _ => (Reason::PlatformTrouble, self.again(attempts, detail.clone())),
        };
        self.catalog.notice_unsent(&row.id, reason, &detail).await?;
        Ok(next)
    }

    /// Puts "it is over" in the card's place, as far as that can be done; the person is not disturbed.
    async fn update(
        &self,
        row: &NoticeRow,
        notice: &Notice,
        person: &OpenId,
        attempts: i64,
    ) -> Result<Next, CatalogError> {
        let now_ms = self.clock.now_ms();
        let Some(message_id) = &row.message_id else { return Ok(Next::Done) };
        if row.sent_at.is_none_or(|sent| sent + UPDATABLE_MS <= now_ms) {
            return Ok(Next::Done);
        }
        let language = self.catalog.member(person).await?.and_then(|member| member.language);
        let card = (self.wording)(language.as_deref(), notice).build(None);
        match self.client.update_card(message_id, &card).await {
            Ok(()) => {
                self.catalog.notice_seen(&row.id, Seen::Over, None, now_ms).await?;
                Ok(Next::Done)
            }
            Err(Error::RateLimited { after, .. }) => Ok(Next::At(now_ms + crate::model::to_ms(after))),
            Err(error) => {
                let detail = error.to_string();
                self.catalog.notice_unsent(&row.id, Reason::PlatformRefused, &detail).await?;
                Ok(self.again(attempts, detail))
            }
        }
    }

    async fn post(
        &self,
        row: &NoticeRow,
        notice: &Notice,
        wanted: Seen,
        attempts: i64,
    ) -> Result<Next, CatalogError> {
        let Some(webhook) = &self.settings.webhook else { return Ok(Next::Done) };
        let now_ms = self.clock.now_ms();
        let said = (self.wording)(None, notice);
        let body = json!({
            "id": row.id,
            "matter": row.matter,
            "about": row.about,
            "member": row.member,
            "state": wanted.as_str(),
            "since_ms": row.made_at,
            "over_ms": row.over_at,
            "facts": notice.facts,
            "title": said.title,
            "text": said.lines.join("\n"),
        });
        match webhook.post(&body, now_ms).await {
            Ok(()) => {
                self.catalog.notice_seen(&row.id, wanted, None, now_ms).await?;
                Ok(Next::Done)
            }
            Err(error) => {
                let detail = error.to_string();
                self.catalog.notice_unsent(&row.id, Reason::WebhookFailed, &detail).await?;
                Ok(self.again(attempts, detail))
            }
        }
    }

    /// Again, later each time, and at last no more; the reason stays with the message.
    fn again(&self, attempts: i64, error: String) -> Next {
        if attempts >= MOST_ATTEMPTS {
            tracing::error!(error, "a message is given up");
            return Next::Done;
        }
        Next::Failed { at: self.clock.now_ms() + TROUBLE.wait_ms(attempts), error }
    }
}

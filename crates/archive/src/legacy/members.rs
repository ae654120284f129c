//! The script's members. Each is known afterwards; whoever's old token still works is let in until it ends.

use std::time::Duration;

use feishu::{Client, TokenError, TokenPair};
use secrecy::SecretString;
use tokio::time::sleep;

use super::read::quoted;
use super::tokens::OldMember;
use super::{LegacyError, LegacyLine, LegacyReport, MemberOutcome};
use crate::Archive;
use crate::catalog::{CatalogError, Standing, upsert_member};
use crate::members::Authoriser;
use crate::model::{Member, MemberState, OpenId, Reason};

/// Open_ids of one app start so. Other keys are the script's own, and the platform may know the person by
/// another id.
const OPEN_ID_PREFIX: &str = "ou_";
/// Somebody looks on: what the platform makes us wait longer for, they can import again later.
const LONGEST_WAIT: Duration = Duration::from_mins(2);
/// So often a limit is waited out for one member.
const LIMITED_AGAIN: usize = 3;
/// No user id is longer, in bytes.
const MOST_KEY_BYTES: usize = 128;

pub(super) async fn import(
    archive: &Archive,
    members: Vec<OldMember>,
    report: &mut LegacyReport,
) -> Result<(), LegacyError> {
    let authoriser = Authoriser::new(archive.grants.clone(), archive.queue.clone(), archive.features);
    let mut door = Door { archive, authoriser, shut: None };
    for old in members {
        let outcome = door.take_in(&old).await?;
        report.lines.push(LegacyLine::Member { key: quoted(&old.key), name: old.name, outcome });
    }
    Ok(())
}

struct Door<'a> {
    archive: &'a Archive,
    authoriser: Authoriser,
    /// Why no further token is tried: the platform does not answer, or refuses the app itself.
    shut: Option<String>,
}

impl Door<'_> {
    async fn take_in(&mut self, old: &OldMember) -> Result<MemberOutcome, CatalogError> {
        if old.key.is_empty() || old.key.len() > MOST_KEY_BYTES {
            return Ok(MemberOutcome::Skipped { why: "its key is not a user id".to_owned() });
        }
        let known = self.known_as(&old.key).await?;
        if let Some(member) = known.as_ref().filter(|member| !waits_since_import(member)) {
            return Ok(MemberOutcome::Known { open_id: member.open_id.clone() });
        }
        let why = match self.renew(old).await {
            Ok((open_id, name, pair)) => return self.admit(old, open_id, &name, &pair).await,
            Err(why) => why,
        };
        if let Some(member) = known {
            return Ok(MemberOutcome::Known { open_id: member.open_id });
        }
        let Ok(open_id) = OpenId::parse(&old.key) else {
            let why = format!("its key is not an open_id, and its token tells nobody's: {why}");
            return Ok(MemberOutcome::Skipped { why });
        };
        let standing = Standing {
            state: MemberState::MustAuthorise,
            reason: Some(Reason::Imported),
            authorised_at: None,
            scopes: "",
        };
        let name = old.name.as_deref().unwrap_or(&old.key);
        let mut tx = self.archive.catalog.db().begin().await?;
        upsert_member(&mut tx, &open_id, name, standing, self.archive.clock.now_ms()).await?;
        tx.commit().await?;
        Ok(MemberOutcome::MustAuthorise { open_id, why })
    }

    /// The member that an entry stands for, under its own key or as an earlier import found them to be.
    async fn known_as(&self, key: &str) -> Result<Option<Member>, CatalogError> {
        let catalog = &self.archive.catalog;
        if let Some(open_id) = catalog.meta(&fact(key)).await?.and_then(|id| OpenId::parse(&id).ok()) {
            return catalog.member(&open_id).await;
        }
        match OpenId::parse(key) {
            Ok(open_id) => catalog.member(&open_id).await,
            Err(_) => Ok(None),
        }
    }

    /// A new pair for the old token and whose it is; else why not. The old token works once.
    async fn renew(&mut self, old: &OldMember) -> Result<(OpenId, String, TokenPair), String> {
        let Some(refresh_token) = &old.refresh_token else {
            return Err("it has no refresh_token".to_owned());
        };
        if let Some(why) = &self.shut {
            return Err(why.clone());
        }
        let client = &self.archive.client;
        let pair = renew_patiently(client, refresh_token).await;
        let pair = pair.map_err(|error| {
            let why = error.to_string();
            let is_silence = matches!(&error, TokenError::Ambiguous(detail) if detail.status.is_none());
            if is_silence || matches!(error, TokenError::Operator(_) | TokenError::RateLimited { .. }) {
                self.shut = Some(why.clone());
            }
            why
        })?;
        match (client.user_info(&pair.access_token).await, OpenId::parse(&old.key)) {
            (Ok(user), _) => Ok((user.open_id, user.name, pair)),
            (Err(_), Ok(open_id)) if old.key.starts_with(OPEN_ID_PREFIX) => {
                let name = old.name.clone().unwrap_or_else(|| old.key.clone());
                Ok((open_id, name, pair))
            }
            (Err(error), _) => Err(error.to_string()),
        }
    }

    async fn admit(
        &self,
        old: &OldMember,
        open_id: OpenId,
        name: &str,
        pair: &TokenPair,
    ) -> Result<MemberOutcome, CatalogError> {
        let catalog = &self.archive.catalog;
        if open_id.as_str() != old.key {
            // The next import must know them although the old token is used up by now.
            catalog.meta_or_insert(&fact(&old.key), open_id.as_str()).await?;
            // An earlier one, which could not ask, may have kept them under the script's id.
            if let Ok(stand_in) = OpenId::parse(&old.key) {
                catalog.remove_member(&stand_in, None).await?;
            }
        }
        if catalog.member(&open_id).await?.is_some_and(|member| !waits_since_import(&member)) {
            return Ok(MemberOutcome::Known { open_id });
        }
        self.authoriser.admit(&open_id, name, pair, None).await?;
        Ok(MemberOutcome::Admitted { open_id })
    }
}

/// Being told to wait is said of everybody who is still to come, and a token that was not taken is as good as before.
async fn renew_patiently(client: &Client, refresh_token: &SecretString) -> Result<TokenPair, TokenError> {
    for _ in 0..LIMITED_AGAIN {
        match client.refresh_v1(refresh_token).await {
            Err(TokenError::RateLimited { after, .. }) if after <= LONGEST_WAIT => sleep(after).await,
            answer => return answer,
        }
    }
    client.refresh_v1(refresh_token).await
}

/// Nobody has authorised here since an import made this member known.
fn waits_since_import(member: &Member) -> bool {
    member.state == MemberState::MustAuthorise && member.reason() == Some(Reason::Imported)
}

/// Under which key the catalogue remembers whom a script's user id stands for.
fn fact(key: &str) -> String {
    format!("legacy_member/{key}")
}

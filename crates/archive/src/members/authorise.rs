//! From the click on "authorise" to a stored grant.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use feishu::{Priority, TokenError};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use tracing::info;
use url::Url;

use super::seal::random_text;
use super::{COMPANY_RECORD_SCOPE, Features, Grants};
use crate::audit::{Deed, Verb, record_in};
use crate::catalog::{Catalog, CatalogError, Standing, Tx, args, note_name, upsert_member};
use crate::discover::call_for_looks;
use crate::model::{Clock, MemberState, OpenId, Reason};
use crate::queue::{Call, Queue, TaskKind, enqueue, lane_of};

/// What a person is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ask {
    /// What keeping their own recordings takes.
    #[default]
    Own,
    /// Beside that, the company's own record of its meetings: for an administrator.
    CompanyRecord,
    /// Nothing but who they are: to sign in.
    SignIn,
}

/// A started authorisation. State and verifier belong into a private cookie of the browser.
#[derive(Debug)]
pub struct Started {
    /// Where the button leads.
    pub url: Url,
    /// Comes back with the answer.
    pub state: String,
    /// PKCE verifier; never leaves the cookie but to the token endpoint.
    pub verifier: SecretString,
}

/// A finished authorisation.
#[derive(Debug)]
pub struct Welcome {
    /// Who it was.
    pub open_id: OpenId,
    /// Their name.
    pub name: String,
    /// Needed scopes that were not granted.
    pub missing: Vec<&'static str>,
    /// Whether the platform gave a refresh token.
    pub lasting: bool,
}

/// Why an authorisation came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum AuthoriseError {
    /// The code is used, expired or not ours: the person starts again.
    #[error("the one-time code was refused: {0}")]
    StartAgain(String),
    /// The app's settings stand in the way.
    #[error("the app's settings stand in the way: {0}")]
    Administrator(String),
    /// The account may not use the app.
    #[error("the account may not use the app: {0}")]
    NotAllowed(String),
    /// The platform has trouble; trying again later helps.
    #[error("the platform has trouble: {0}")]
    TryLater(String),
    /// We could not write it down.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
}

/// Takes members in.
#[derive(Clone)]
pub struct Authoriser {
    catalog: Catalog,
    client: feishu::Client,
    grants: Grants,
    queue: Queue,
    clock: Arc<dyn Clock>,
    features: Features,
}

impl Authoriser {
    /// Takes members in with the scopes that `features` need.
    #[must_use]
    pub fn new(grants: Grants, queue: Queue, features: Features) -> Self {
        Self {
            catalog: grants.catalog.clone(),
            client: grants.client.clone(),
            clock: Arc::clone(&grants.clock),
            grants,
            queue,
            features,
        }
    }

    /// What is fetched, and so what is asked for.
    #[must_use]
    pub fn features(&self) -> Features {
        self.features
    }

    /// The scopes that a person is asked for.
    #[must_use]
    pub fn scopes(&self, ask: Ask) -> Vec<&'static str> {
        let mut scopes = self.features.user_scopes();
        match ask {
            Ask::Own => {}
            Ask::CompanyRecord => scopes.push(COMPANY_RECORD_SCOPE),
            Ask::SignIn => scopes.clear(),
        }
        scopes
    }

    /// Starts an authorisation that comes back to `redirect_uri`.
    #[must_use]
    pub fn start(&self, redirect_uri: &str, ask: Ask) -> Started {
        let state = random_text();
        let verifier = random_text();
        let code_challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
        let scopes: Vec<String> = self.scopes(ask).into_iter().map(str::to_owned).collect();
        let url = self.client.authorize_url(&feishu::Authorize {
            redirect_uri,
            scopes: &scopes,
            state: &state,
            code_challenge: &code_challenge,
        });
        Started { url, state, verifier: verifier.into() }
    }

    /// Turns the code into a stored grant and sets the member's work going; `language` is a tag of what they read.
    pub async fn finish(
        &self,
        code: &str,
        redirect_uri: &str,
        verifier: &SecretString,
        ask: Ask,
        language: Option<&str>,
        from: &str,
    ) -> Result<Welcome, AuthoriseError> {
        let (pair, user) = self.exchange(code, redirect_uri, verifier).await?;
        let hand = self.grants.hand(&user.open_id);
        let _one_at_a_time = hand.lock().await;
        self.admit(&user.open_id, &user.name, &pair, Some(from)).await?;
        if let Some(language) = language {
            self.catalog.set_language(&user.open_id, language).await?;
        }
        info!(member = %user.open_id, "a member has authorised");
        let mut missing = self.features.missing(pair.scopes.iter().map(String::as_str));
        if ask == Ask::CompanyRecord && !pair.scopes.iter().any(|scope| scope == COMPANY_RECORD_SCOPE) {
            missing.push(COMPANY_RECORD_SCOPE);
        }
        Ok(Welcome {
            missing,
            lasting: pair.refresh_token.as_ref().is_some_and(|token| !token.expose_secret().is_empty()),
            open_id: user.open_id,
            name: user.name,
        })
    }

    /// Turns the code of somebody who signs in into who they are. Nothing is stored, and their tokens are dropped.
    pub async fn identify(
        &self,
        code: &str,
        redirect_uri: &str,
        verifier: &SecretString,
    ) -> Result<feishu::UserInfo, AuthoriseError> {
        Ok(self.exchange(code, redirect_uri, verifier).await?.1)
    }

    async fn exchange(
        &self,
        code: &str,
        redirect_uri: &str,
        verifier: &SecretString,
    ) -> Result<(feishu::TokenPair, feishu::UserInfo), AuthoriseError> {
        let pair = self
            .client
            .exchange_code(code, redirect_uri, verifier)
            .await
            .map_err(|error| from_token_error(&error))?;
        let user = self
            .client
            .user_info(&pair.access_token)
            .await
            .map_err(|error| AuthoriseError::TryLater(error.to_string()))?;
        Ok((pair, user))
    }

    /// Stores the grant and, in the same transaction, calls for everything that it makes possible; `from`: where the
    /// member came from to give it, for the audit log.
    pub(crate) async fn admit(
        &self,
        open_id: &OpenId,
        name: &str,
        pair: &feishu::TokenPair,
        from: Option<&str>,
    ) -> Result<(), CatalogError> {
        let now_ms = self.clock.now_ms();
        let reason = pair.refresh_token.is_none().then_some(Reason::NoRefreshToken);
        let mut tx = self.catalog.db().begin().await?;
        if let Some(from) = from {
            let deed = Deed {
                actor: open_id.clone(),
                verb: Verb::Changed,
                subject: open_id.to_string(),
                detail: Some("authorised".to_owned()),
                from: from.to_owned(),
                at_ms: now_ms,
            };
            record_in(&mut tx, &deed).await?;
            note_name(&mut tx, open_id, name).await?;
        }
        let scopes = pair.scopes.join(" ");
        let standing =
            Standing { state: MemberState::Active, reason, authorised_at: Some(now_ms), scopes: &scopes };
        upsert_member(&mut tx, open_id, name, standing, now_ms).await?;
        self.grants.store_first(&mut tx, open_id, pair).await?;
        call_for_reachable(&mut tx, open_id, now_ms).await?;
        if pair.scopes.iter().any(|scope| scope == COMPANY_RECORD_SCOPE) {
            call_for_looks(&mut tx, now_ms).await?;
            self.queue.nudge(TaskKind::Reconcile);
        }
        tx.commit().await?;
        self.queue.nudge(TaskKind::Subscription);
        self.queue.nudge(TaskKind::Patrol);
        self.queue.nudge(TaskKind::Backfill);
        self.queue.nudge(TaskKind::Attended);
        self.queue.nudge(TaskKind::Archive);
        Ok(())
    }
}

/// A grant works, for the first time or again: events are subscribed to, the member is patrolled, their history
/// gone through as far as it was not, and what could not be fetched for want of the grant is asked for again.
pub(super) async fn call_for_reachable(
    tx: &mut Tx,
    open_id: &OpenId,
    now_ms: i64,
) -> Result<(), CatalogError> {
    for (kind, lane) in [
        (TaskKind::Subscription, Priority::Event),
        (TaskKind::Patrol, Priority::Patrol),
        (TaskKind::Backfill, Priority::Backfill),
        (TaskKind::Attended, Priority::Backfill),
    ] {
        enqueue(tx, &Call::new(kind, open_id.as_ref(), lane, now_ms), now_ms).await?;
    }
    call_for_open(tx, open_id, Priority::Patrol, now_ms).await
}

/// Opens again what this person may reach and nobody could fetch, and calls for it.
pub(super) async fn call_for_open(
    tx: &mut Tx,
    open_id: &OpenId,
    priority: Priority,
    now_ms: i64,
) -> Result<(), CatalogError> {
    tx.execute(
        "UPDATE artifacts SET due_at = 0, attempts = 0, state = 'pending', reason = NULL, reason_detail = NULL
         WHERE (state IN ('denied', 'failed', 'pending', 'waiting') OR (state = 'absent' AND reason = 'not_found'))
            AND minute_token IN (
                SELECT r.minute_token FROM recordings r WHERE r.owner_id = $1
                UNION SELECT s.minute_token FROM sightings s WHERE s.open_id = $1)",
        args![open_id],
    )
    .await?;
    tx.execute(
        "INSERT INTO tasks (kind, subject, run_at, created_at, lane, party, made_ms)
         SELECT 'archive', r.minute_token, $2, $2, $3, COALESCE(r.owner_id, $1), COALESCE(r.created_ms, r.found_at)
         FROM recordings r
         WHERE (r.owner_id = $1 OR r.minute_token IN (SELECT s.minute_token FROM sightings s WHERE s.open_id = $1))
            AND EXISTS (SELECT 1 FROM artifacts a WHERE a.minute_token = r.minute_token AND a.state = 'pending')
         ON CONFLICT (kind, subject) DO UPDATE SET wakes = tasks.wakes + 1, run_at = excluded.run_at,
            lane = CASE WHEN excluded.lane < tasks.lane THEN excluded.lane ELSE tasks.lane END",
        args![open_id, now_ms, lane_of(priority)],
    )
    .await?;
    Ok(())
}

fn from_token_error(error: &TokenError) -> AuthoriseError {
    let said = error.to_string();
    match error {
        TokenError::CodeRefused(_) | TokenError::Reauthorise { .. } => AuthoriseError::StartAgain(said),
        TokenError::Operator(_) | TokenError::Malformed(_) => AuthoriseError::Administrator(said),
        TokenError::Departed(_) => AuthoriseError::NotAllowed(said),
        TokenError::RateLimited { .. } | TokenError::Ambiguous(_) => AuthoriseError::TryLater(said),
    }
}

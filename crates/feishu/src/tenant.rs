//! The app's own tokens: the tenant token, kept while it is fresh, and the historic app token.
//! Feishu docs: auth/v3/tenant_access_token/internal, auth/v3/app_access_token/internal.

use std::time::Duration;

use reqwest::{Method, RequestBuilder};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use tokio::time::Instant;

use crate::budget::{Api, Priority};
use crate::client::Client;
use crate::envelope::{Envelope, Failure};
use crate::error::Error;
use crate::lenient;

/// With less than this left the platform hands out a new token, and both work.
const RENEW_BEFORE_END: Duration = Duration::from_mins(30);

/// A tenant token and when to ask for the next.
pub(crate) struct TenantToken {
    token: SecretString,
    renew_at: Instant,
}

impl Client {
    /// The app's token for the whole tenant. Asked for once however many callers wait, and kept until it has
    /// 30 minutes left.
    pub async fn tenant_token(&self) -> Result<SecretString, Error> {
        let mut kept = self.inner.tenant_token.lock().await;
        if let Some(kept) = kept.as_ref().filter(|kept| Instant::now() < kept.renew_at) {
            return Ok(kept.token.clone());
        }
        let asked_at = Instant::now();
        let answer =
            self.app_secret_call(Api::TenantToken, "/open-apis/auth/v3/tenant_access_token/internal").await?;
        let token = read_token(&answer, "tenant_access_token")?;
        let lifetime =
            lenient::integer(&answer.body, "expire").and_then(|seconds| u64::try_from(seconds).ok());
        let keep_for = Duration::from_secs(lifetime.unwrap_or_default()).saturating_sub(RENEW_BEFORE_END);
        let renew_at = asked_at.checked_add(keep_for).unwrap_or(asked_at);
        *kept = Some(TenantToken { token: token.clone(), renew_at });
        Ok(token)
    }

    /// Makes a call with the tenant token; one that the platform no longer accepts is replaced once.
    pub(crate) async fn call_as_tenant(
        &self,
        api: Api,
        request: impl Fn() -> RequestBuilder,
    ) -> Result<Envelope, Error> {
        let token = self.tenant_token().await?;
        let refused =
            match self.call(api, request().bearer_auth(token.expose_secret())).await.map_err(Error::from) {
                Err(Error::Unauthorized(_)) => token,
                outcome => return outcome,
            };
        self.forget_tenant_token(&refused).await;
        let token = self.tenant_token().await?;
        Ok(self.call(api, request().bearer_auth(token.expose_secret())).await?)
    }

    /// Forgets the tenant token after the platform refused it, unless it has been renewed meanwhile.
    pub(crate) async fn forget_tenant_token(&self, refused: &SecretString) {
        let mut kept = self.inner.tenant_token.lock().await;
        if kept.as_ref().is_some_and(|kept| kept.token.expose_secret() == refused.expose_secret()) {
            *kept = None;
        }
    }

    /// The historic app token, needed only to refresh v1 grants, so not kept.
    pub(crate) async fn app_access_token(&self) -> Result<SecretString, Failure> {
        let answer =
            self.app_secret_call(Api::AppToken, "/open-apis/auth/v3/app_access_token/internal").await?;
        read_token(&answer, "app_access_token")
    }

    async fn app_secret_call(&self, api: Api, path: &str) -> Result<Envelope, Failure> {
        let app = &self.inner.app;
        let body = json!({"app_id": app.app_id, "app_secret": app.app_secret.expose_secret()});
        // Others wait for this token, perhaps more urgent ones than whoever asks for it.
        self.at(Priority::Person).call(api, self.request(Method::POST, path).json(&body)).await
    }
}

fn read_token(answer: &Envelope, field: &str) -> Result<SecretString, Failure> {
    lenient::text(&answer.body, field).map(SecretString::from).ok_or_else(|| answer.without(field))
}

//! A person's authorisation: the page they see, the code they bring back, and the tokens it buys.
//! Feishu docs: authen/v1/authorize, authen/v2/oauth/token, authen/v1/user_info.
//!
//! It stores nothing. A refresh token works once: whoever calls [`Client::refresh`] stores the new pair
//! before anything else.

use std::time::Duration;

use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use url::Url;

use crate::budget::Api;
use crate::client::{Client, endpoint};
use crate::envelope::{Envelope, Failure};
use crate::error::Error;
use crate::ids::OpenId;
use crate::lenient;
use crate::token_error::TokenError;

/// Believed of an access token whose lifetime is missing or odd: half of what the platform gives today.
const ACCESS_LIFETIME: Duration = Duration::from_hours(1);
/// Believed of a refresh token whose lifetime is missing or odd: one day of the seven given today, so that
/// it is renewed long before its real end.
const REFRESH_LIFETIME: Duration = Duration::from_hours(24);
/// A lifetime above this is a mistake; no grant outlives 365 days.
const LONGEST_LIFETIME: Duration = Duration::from_hours(24 * 366);

/// A self-built app's identity.
#[derive(Debug, Clone)]
pub struct AppCredentials {
    /// `cli_…`, public.
    pub app_id: String,
    /// Secret.
    pub app_secret: SecretString,
}

/// What the authorize page needs to know.
#[derive(Debug, Clone, Copy)]
pub struct Authorize<'a> {
    /// Must be in the app's list of redirect URLs, exactly.
    pub redirect_uri: &'a str,
    /// At most 50; with `offline_access` among them, or no refresh token is issued. With none, the token tells who
    /// the person is and opens nothing.
    pub scopes: &'a [String],
    /// Comes back unchanged; binds the answer to the browser that asked.
    pub state: &'a str,
    /// PKCE S256: base64url of the verifier's SHA-256, unpadded.
    pub code_challenge: &'a str,
}

/// What a code or a refresh token was exchanged for. Tokens are up to 4 KB.
#[derive(Debug, Clone)]
pub struct TokenPair {
    /// Opens the APIs for `expires_in`.
    pub access_token: SecretString,
    /// The access token's lifetime from now; one hour is assumed where the answer has none.
    pub expires_in: Duration,
    /// Works once, for the next pair. Missing without `offline_access`.
    pub refresh_token: Option<SecretString>,
    /// The refresh token's lifetime from now; present with every refresh token; one day is assumed where the
    /// answer has none.
    pub refresh_expires_in: Option<Duration>,
    /// What was really granted. Empty in answers of the v1 endpoint.
    pub scopes: Vec<String>,
}

/// Who authorised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserInfo {
    /// The one id that is always there.
    pub open_id: OpenId,
    /// Per developer.
    pub union_id: Option<String>,
    /// Per tenant; only with `contact:user.employee_id:readonly`.
    pub user_id: Option<String>,
    /// The display name; the open_id where the platform gives none.
    pub name: String,
    /// The English name.
    pub en_name: Option<String>,
    /// The address of a portrait.
    pub avatar_url: Option<String>,
    /// The company.
    pub tenant_key: Option<String>,
}

impl Client {
    /// The platform's page where a person allows or refuses; for their browser, not for us.
    #[must_use]
    pub fn authorize_url(&self, page: &Authorize<'_>) -> Url {
        let mut url = endpoint(&self.inner.accounts_base, "/open-apis/authen/v1/authorize");
        url.query_pairs_mut()
            .append_pair("client_id", &self.inner.app.app_id)
            .append_pair("response_type", "code")
            .append_pair("redirect_uri", page.redirect_uri);
        if !page.scopes.is_empty() {
            url.query_pairs_mut().append_pair("scope", &page.scopes.join(" "));
        }
        url.query_pairs_mut()
            .append_pair("state", page.state)
            .append_pair("code_challenge", page.code_challenge)
            .append_pair("code_challenge_method", "S256");
        // A space as `+` is right in forms only; the page is documented with `%20`.
        let query = url.query().unwrap_or_default().replace('+', "%20");
        url.set_query(Some(&query));
        url
    }

    /// Exchanges the code that a browser brought back; once, within five minutes.
    pub async fn exchange_code(
        &self,
        code: &str,
        redirect_uri: &str,
        verifier: &SecretString,
    ) -> Result<TokenPair, TokenError> {
        self.oauth_token(&json!({
            "grant_type": "authorization_code",
            "client_id": self.inner.app.app_id,
            "client_secret": self.inner.app.app_secret.expose_secret(),
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier.expose_secret(),
        }))
        .await
    }

    /// Exchanges a refresh token for the next pair. The old refresh token is dead once the platform has
    /// answered; the old access token lives on until its own end. Not to be cancelled half-way (spawn it where
    /// the caller may go away): a dropped answer takes the new pair with it.
    pub async fn refresh(&self, refresh_token: &SecretString) -> Result<TokenPair, TokenError> {
        self.oauth_token(&json!({
            "grant_type": "refresh_token",
            "client_id": self.inner.app.app_id,
            "client_secret": self.inner.app.app_secret.expose_secret(),
            "refresh_token": refresh_token.expose_secret(),
        }))
        .await
    }

    /// Refreshes a token of the v1 endpoint, as older tools stored them. Historic. Feishu docs:
    /// authen/v1/refresh_access_token.
    pub async fn refresh_v1(&self, refresh_token: &SecretString) -> Result<TokenPair, TokenError> {
        let app_token = self.app_access_token().await?;
        let request = self
            .request(Method::POST, "/open-apis/authen/v1/refresh_access_token")
            .bearer_auth(app_token.expose_secret())
            .json(&json!({"grant_type": "refresh_token", "refresh_token": refresh_token.expose_secret()}));
        let answer = self.call(Api::OauthTokenV1, request).await?;
        Ok(read_token_pair(&answer, answer.data()?)?)
    }

    /// Whose token this is.
    pub async fn user_info(&self, access: &SecretString) -> Result<UserInfo, Error> {
        let request =
            self.request(Method::GET, "/open-apis/authen/v1/user_info").bearer_auth(access.expose_secret());
        let answer = self.call(Api::UserInfo, request).await?;
        let data = answer.data()?;
        let open_id = lenient::text(data, "open_id")
            .and_then(|id| OpenId::parse(&id).ok())
            .ok_or_else(|| answer.without("open_id"))?;
        let en_name = lenient::text(data, "en_name");
        Ok(UserInfo {
            name: lenient::text(data, "name")
                .or_else(|| en_name.clone())
                .unwrap_or_else(|| open_id.to_string()),
            open_id,
            union_id: lenient::text(data, "union_id"),
            user_id: lenient::text(data, "user_id"),
            en_name,
            avatar_url: lenient::text(data, "avatar_url"),
            tenant_key: lenient::text(data, "tenant_key"),
        })
    }

    async fn oauth_token(&self, body: &Value) -> Result<TokenPair, TokenError> {
        let request = self.request(Method::POST, "/open-apis/authen/v2/oauth/token").json(body);
        let answer = self.call(Api::OauthToken, request).await?;
        Ok(read_token_pair(&answer, &answer.body)?)
    }
}

fn read_token_pair(answer: &Envelope, fields: &Value) -> Result<TokenPair, Failure> {
    let secret = |key| lenient::text(fields, key).map(SecretString::from);
    let refresh_token = secret("refresh_token");
    let refresh_lifetime =
        lifetime(fields, "refresh_token_expires_in").or_else(|| lifetime(fields, "refresh_expires_in"));
    Ok(TokenPair {
        access_token: secret("access_token").ok_or_else(|| answer.without("access_token"))?,
        expires_in: lifetime(fields, "expires_in").unwrap_or(ACCESS_LIFETIME),
        refresh_expires_in: refresh_token.as_ref().map(|_| refresh_lifetime.unwrap_or(REFRESH_LIFETIME)),
        refresh_token,
        scopes: lenient::text(fields, "scope")
            .map(|scopes| scopes.split_whitespace().map(str::to_owned).collect())
            .unwrap_or_default(),
    })
}

fn lifetime(fields: &Value, key: &str) -> Option<Duration> {
    let seconds = u64::try_from(lenient::integer(fields, key)?).ok().filter(|seconds| *seconds > 0)?;
    Some(Duration::from_secs(seconds)).filter(|lifetime| *lifetime <= LONGEST_LIFETIME)
}

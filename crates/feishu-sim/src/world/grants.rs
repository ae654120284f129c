//! Authorisations and the tokens that come of them.
//!
//! Feishu docs: authentication-management/access-token (get-user-access-token, refresh-user-access-token).

use std::collections::{BTreeSet, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::World;
use crate::clock::{DAY, MINUTE, Ms, SECOND};
use crate::scenario::App;
use crate::tokens::{Claims, Kind, Signer};

/// Codes live this long.
const CODE_MS: Ms = 5 * MINUTE;
/// After this long a person must authorise again, however often their tokens were refreshed.
const AUTHORISATION_MS: Ms = 365 * DAY;
/// v1 access tokens and refresh tokens: "about two hours", "about 30 days".
const V1_ACCESS_MS: Ms = 2 * 60 * MINUTE;

pub(crate) struct Grants {
    signer: Signer,
    codes: HashMap<String, AuthCode>,
    families: HashMap<String, Grant>,
    /// Of a v1 refresh token: whose it is. Single-use, too.
    v1_refresh: HashMap<String, String>,
    /// Of a v1 access token: whose, and until when.
    v1_access: HashMap<String, (String, Ms)>,
    /// Tenant (`t-`) and app (`a-`) tokens, newest last.
    app_tokens: Vec<(String, Ms)>,
}

/// One authorisation by one person.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) open_id: String,
    pub(crate) scopes: BTreeSet<String>,
    pub(crate) authorised_ms: Ms,
    pub(crate) refreshes: u32,
    pub(crate) revoked: Option<Revocation>,
    /// The newest refresh token's id and end.
    live_refresh: Option<(String, Ms)>,
    used_refresh: HashSet<String>,
}

impl Grant {
    /// A grant of which only a token is left to tell.
    fn remembered(claims: &Claims) -> Self {
        Self {
            open_id: claims.open_id.clone(),
            scopes: claims.scopes.iter().cloned().collect(),
            authorised_ms: claims.authorised_ms,
            refreshes: 0,
            revoked: None,
            live_refresh: None,
            used_refresh: HashSet::new(),
        }
    }

    pub(crate) fn can_refresh(&self, now: Ms) -> bool {
        self.revoked.is_none()
            && now < self.authorised_ms + AUTHORISATION_MS
            && self.live_refresh.as_ref().is_some_and(|(_, expires_ms)| now < *expires_ms)
    }
}

/// Who or what ended a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Revocation {
    User,
    Admin,
    Resign,
    Freeze,
    Security,
}

impl Revocation {
    /// Feishu docs: auth-v4/user_access_token/events/revoked.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::User => "Revoked by user action.",
            Self::Admin => "Revoked by administrator action.",
            Self::Resign | Self::Freeze => "Revoked by restriction action.",
            Self::Security => "Revoked by security and risk control action.",
        }
    }
}

/// What a person agreed to, until the app redeems it.
#[derive(Clone, Debug)]
pub(crate) struct AuthCode {
    pub(crate) open_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: Option<Challenge>,
    /// The scopes of this request, to which a token may be narrowed.
    pub(crate) scopes: BTreeSet<String>,
    pub(crate) expires_ms: Ms,
    pub(crate) used: bool,
}

/// RFC 7636.
#[derive(Clone, Debug)]
pub(crate) enum Challenge {
    S256(String),
    Plain(String),
}

pub(crate) struct TokenPair {
    pub(crate) access_token: String,
    pub(crate) access_seconds: i64,
    pub(crate) refresh_token: Option<(String, i64)>,
    pub(crate) scopes: BTreeSet<String>,
}

/// Why a refresh token is no good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RefreshError {
    NotOurs,
    Expired,
    Revoked,
    Used,
}

/// Why an access token is no good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AccessError {
    Invalid,
    Expired,
}

impl Grants {
    pub(crate) fn new(app: &App) -> Self {
        let v1 = &app.v1_tokens;
        Self {
            signer: Signer::new(&app.app_id, &app.app_secret),
            codes: HashMap::new(),
            families: HashMap::new(),
            v1_refresh: v1.iter().map(|v1| (v1.refresh_token.clone(), v1.person.clone())).collect(),
            v1_access: v1.iter().map(|v1| (v1.access_token.clone(), (v1.person.clone(), Ms::MAX))).collect(),
            app_tokens: Vec::new(),
        }
    }

    /// Every authorisation of this person, in no order.
    pub(crate) fn of<'a>(&'a self, open_id: &'a str) -> impl Iterator<Item = &'a Grant> {
        self.families.values().filter(move |grant| grant.open_id == open_id)
    }

    pub(crate) fn code(&mut self, code: &str) -> Option<&mut AuthCode> {
        self.codes.get_mut(code)
    }
}

impl World {
    /// A person agreed: their grants grow, and the app gets a code.
    pub(crate) fn authorise(
        &mut self,
        open_id: &str,
        scopes: BTreeSet<String>,
        redirect_uri: &str,
        challenge: Option<Challenge>,
        now: Ms,
    ) -> String {
        let code = self.random_hex(64);
        if let Some(row) = self.people.get_mut(open_id) {
            row.granted.extend(scopes.iter().cloned());
        }
        let agreed = AuthCode {
            open_id: open_id.to_owned(),
            redirect_uri: redirect_uri.to_owned(),
            challenge,
            scopes,
            expires_ms: now + CODE_MS,
            used: false,
        };
        self.grants.codes.insert(code.clone(), agreed);
        code
    }

    /// The first tokens of a new authorisation, narrowed to `scopes` if any are given.
    pub(crate) fn first_tokens(
        &mut self,
        open_id: &str,
        scopes: Option<&BTreeSet<String>>,
        now: Ms,
    ) -> TokenPair {
        let family = self.random_hex(16);
        let granted = self.people.get(open_id).map(|row| row.granted.clone()).unwrap_or_default();
        let grant = Grant {
            open_id: open_id.to_owned(),
            scopes: granted.intersection(&self.app.scopes).cloned().collect(),
            authorised_ms: now,
            refreshes: 0,
            revoked: None,
            live_refresh: None,
            used_refresh: HashSet::new(),
        };
        self.issue(family, grant, scopes, now)
    }

    /// A new pair in the family of these claims, whose refresh token dies by it.
    pub(crate) fn refreshed_tokens(
        &mut self,
        claims: Claims,
        scopes: Option<&BTreeSet<String>>,
        now: Ms,
    ) -> TokenPair {
        let mut grant =
            self.grants.families.remove(&claims.family).unwrap_or_else(|| Grant::remembered(&claims));
        grant.used_refresh.insert(claims.id);
        grant.refreshes += 1;
        self.issue(claims.family, grant, scopes, now)
    }

    /// Whose refresh token this is, if it can still be used.
    pub(crate) fn refresh_claims(&mut self, refresh_token: &str, now: Ms) -> Result<Claims, RefreshError> {
        let claims = self.claims(refresh_token, Kind::Refresh).ok_or(RefreshError::NotOurs)?;
        let grant = self.grants.families.get(&claims.family).ok_or(RefreshError::NotOurs)?;
        if grant.used_refresh.contains(&claims.id) {
            Err(RefreshError::Used)
        } else if grant.revoked.is_some() {
            Err(RefreshError::Revoked)
        } else if now >= claims.expires_ms || now >= grant.authorised_ms + AUTHORISATION_MS {
            Err(RefreshError::Expired)
        } else {
            Ok(claims)
        }
    }

    /// Whose access token this is, and what it allows.
    pub(crate) fn access_claims(
        &mut self,
        access_token: &str,
        now: Ms,
    ) -> Result<(String, BTreeSet<String>), AccessError> {
        if let Some((open_id, expires_ms)) = self.grants.v1_access.get(access_token) {
            // v1 tokens carry every scope that the app has.
            return if now < *expires_ms {
                Ok((open_id.clone(), self.app.scopes.clone()))
            } else {
                Err(AccessError::Expired)
            };
        }
        let claims = self.claims(access_token, Kind::Access).ok_or(AccessError::Invalid)?;
        let grant = self.grants.families.get(&claims.family).ok_or(AccessError::Invalid)?;
        if grant.revoked.is_some() && !self.knobs.revoked_access_lives {
            return Err(AccessError::Invalid);
        }
        if now >= claims.expires_ms {
            return Err(AccessError::Expired);
        }
        Ok((claims.open_id, claims.scopes.into_iter().collect()))
    }

    /// Ends every authorisation of a person.
    pub(crate) fn revoke(&mut self, open_id: &str, by: Revocation) {
        for grant in self.grants.families.values_mut().filter(|grant| grant.open_id == open_id) {
            grant.revoked.get_or_insert(by);
        }
        self.grants.v1_access.retain(|_, (owner, _)| owner != open_id);
        self.grants.v1_refresh.retain(|_, owner| owner != open_id);
        if let Some(row) = self.people.get_mut(open_id) {
            row.granted.clear();
            row.subscribed = false;
            row.suspended |= matches!(by, Revocation::Resign | Revocation::Freeze);
        }
    }

    /// A new v1 pair for a v1 refresh token, which dies by it: open_id, access token, refresh token.
    pub(crate) fn v1_refreshed(&mut self, refresh_token: &str, now: Ms) -> Option<(String, String, String)> {
        let open_id = self.grants.v1_refresh.remove(refresh_token)?;
        let access_token = format!("u-{}", self.random_hex(40));
        let next = format!("ur-{}", self.random_hex(40));
        self.grants.v1_access.insert(access_token.clone(), (open_id.clone(), now + V1_ACCESS_MS));
        self.grants.v1_refresh.insert(next.clone(), open_id.clone());
        Some((open_id, access_token, next))
    }

    /// The app's token of that prefix with its seconds left: the present one, or a new one when less
    /// than 30 minutes are left (then both work).
    ///
    /// Feishu docs: auth-v3/auth/tenant_access_token_internal.
    pub(crate) fn app_token(&mut self, prefix: &str, now: Ms) -> (String, i64) {
        let present = self.grants.app_tokens.iter().rev().find(|(token, _)| token.starts_with(prefix));
        if let Some((token, expires_ms)) = present.filter(|(_, expires_ms)| expires_ms - now >= 30 * MINUTE) {
            return (token.clone(), (expires_ms - now) / SECOND);
        }
        let token = format!("{prefix}{}", self.random_hex(40));
        self.grants.app_tokens.retain(|(_, expires_ms)| now < *expires_ms);
        self.grants.app_tokens.push((token.clone(), now + V1_ACCESS_MS));
        (token, V1_ACCESS_MS / SECOND)
    }

    pub(crate) fn is_live_app_token(&self, token: &str, now: Ms) -> bool {
        self.grants.app_tokens.iter().any(|(live, expires_ms)| live == token && now < *expires_ms)
    }

    fn claims(&mut self, token: &str, kind: Kind) -> Option<Claims> {
        let claims = self.grants.signer.read(token).filter(|claims| claims.kind == kind)?;
        if !self.people.contains_key(&claims.open_id) {
            return None;
        }
        if self.knobs.remember_tokens {
            let remembered = || Grant::remembered(&claims);
            self.grants.families.entry(claims.family.clone()).or_insert_with(remembered);
        }
        Some(claims)
    }

    fn issue(
        &mut self,
        family: String,
        mut grant: Grant,
        narrowed: Option<&BTreeSet<String>>,
        now: Ms,
    ) -> TokenPair {
        let (access_id, refresh_id) = (self.random_hex(16), self.random_hex(16));
        let (access_seconds, refresh_seconds) =
            (self.app.access_token_seconds, self.app.refresh_token_seconds);
        let mut scopes = grant.scopes.clone();
        if let Some(narrowed) = narrowed {
            scopes.retain(|scope| narrowed.contains(scope));
        }
        let claims = Claims {
            kind: Kind::Access,
            open_id: grant.open_id.clone(),
            family: family.clone(),
            id: access_id,
            scopes: scopes.iter().cloned().collect(),
            authorised_ms: grant.authorised_ms,
            expires_ms: now + access_seconds * SECOND,
        };
        let access_token = self.grants.signer.sign(&claims);
        let refresh_token = scopes.contains("offline_access").then(|| {
            let expires_ms = now + refresh_seconds * SECOND;
            grant.live_refresh = Some((refresh_id.clone(), expires_ms));
            // A narrowed access token does not narrow what the next refresh may give.
            let scopes = grant.scopes.iter().cloned().collect();
            let claims = Claims { kind: Kind::Refresh, id: refresh_id, expires_ms, scopes, ..claims };
            (self.grants.signer.sign(&claims), refresh_seconds)
        });
        self.grants.families.insert(family, grant);
        TokenPair { access_token, access_seconds, refresh_token, scopes }
    }
}

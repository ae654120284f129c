//! `GET /auth/sign-in`: one button to the platform, which tells us who somebody is and nothing else. With `?to=` it
//! leads back to where they wanted to go; with `?first=` it is the one-time link of the first administrator.

use archive::audit::{Deed, Verb};
use archive::catalog::CatalogError;
use archive::members::{Arrival, Ask, Preferences};
use archive::model::{OpenId, Role};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::http::header::USER_AGENT;
use axum::http::request::Parts;
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use tracing::{info, warn};
use url::Url;

use super::auth::Reception;
use super::callback::Failure;
use crate::attempt::{Attempt, Attempts, Errand};
use crate::notice::{Notice, Way};
use crate::page::{SignInPage, show};
use crate::session::{held, not_chosen_yet, remembered};
use crate::visitor::Visitor;
use crate::whence::whence;

/// A cookie has to hold it.
const LONGEST_WAY_BYTES: usize = 1_000;

#[derive(Default, Deserialize)]
struct Wish {
    to: Option<String>,
    first: Option<String>,
}

pub(super) async fn sign_in(
    State(Reception { authoriser, site, clock, crowd, .. }): State<Reception>,
    visitor: Visitor,
    parts: Parts,
) -> Response {
    if !crowd.admits(&whence(&parts, &site), clock.now_ms()) {
        return Notice::TooMany.page(&site, &visitor, None);
    }
    let Some(redirect_uri) = site.redirect_uri(&parts.headers, &parts.uri) else {
        return Notice::BadHost.page(&site, &visitor, None);
    };
    let wish = Query::<Wish>::try_from_uri(&parts.uri).map(|query| query.0).unwrap_or_default();
    let errand = Errand {
        to: wish.to.and_then(|to| ours(&to)).unwrap_or_else(|| "/".to_owned()),
        first: wish.first.filter(|key| key.len() <= LONGEST_WAY_BYTES),
    };
    let is_first = errand.first.is_some();
    let started = authoriser.start(redirect_uri.as_str(), Ask::SignIn);
    let language = visitor.words.language();
    let attempt =
        Attempt::new(&started, redirect_uri.clone().into(), language, Ask::SignIn, clock.now_ms()).on(errand);
    let attempts = Attempts::of(&parts.headers, &site).keep(&attempt);
    let first = is_first.then_some(redirect_uri.as_str());
    let page = SignInPage::new(&site, &visitor, first, started.url.as_str());
    (attempts, show(StatusCode::OK, &page)).into_response()
}

/// A path on this site, as a header can hold it: nothing that a browser reads as another site's address.
fn ours(to: &str) -> Option<String> {
    if !to.starts_with('/') || to.starts_with("//") || to.contains(|c: char| c == '\\' || c.is_control()) {
        return None;
    }
    let url = Url::parse("http://here.invalid").and_then(|here| here.join(to)).ok()?;
    let path = url.as_str().strip_prefix("http://here.invalid")?;
    let is_ours = path.len() <= LONGEST_WAY_BYTES && !path.starts_with("//") && !path.starts_with("/auth/");
    is_ours.then(|| path.to_owned())
}

/// Somebody is back from the platform: who is it, and may they come in?
pub(super) async fn arrive(
    reception: &Reception,
    visitor: &Visitor,
    parts: &Parts,
    code: &str,
    attempt: &Attempt,
    errand: Errand,
) -> Response {
    let Reception { site, crowd, clock, .. } = reception;
    let from = whence(parts, site);
    let admitted = if crowd.admits(&from, clock.now_ms()) {
        admit(reception, parts, code, attempt, &errand, from).await
    } else {
        Err(Failure { notice: Notice::TooMany, detail: None })
    };
    match admitted {
        Ok(arrived) => {
            let is_https = attempt.redirect_uri.starts_with("https:");
            let session = reception.porter.hand_over(&arrived.held, is_https);
            let remembered = remembered(arrived.preferences, &site.path("/"));
            (session, AppendHeaders(remembered), Redirect::to(&site.path(&errand.to))).into_response()
        }
        Err(Failure { notice, detail }) => notice.page_with(Way::SignIn, site, visitor, detail.as_deref()),
    }
}

/// Somebody who is in.
struct Arrived {
    /// What their browser holds of the session.
    held: SecretString,
    preferences: Preferences,
}

async fn admit(
    reception: &Reception,
    parts: &Parts,
    code: &str,
    attempt: &Attempt,
    errand: &Errand,
    from: String,
) -> Result<Arrived, Failure> {
    let Reception { authoriser, porter, clock, .. } = reception;
    let person =
        authoriser.identify(code, &attempt.redirect_uri, &attempt.verifier()).await.map_err(|error| {
            warn!(%error, "somebody could not sign in");
            Failure::of(error)
        })?;
    if !porter.roster.is_of_the_company(person.tenant_key.as_deref()).await.map_err(not_stored)? {
        warn!(member = %person.open_id, "somebody of another company wanted to sign in");
        return Err(Failure { notice: Notice::OtherCompany, detail: None });
    }
    let deed = |verb, detail: &str| Deed {
        actor: person.open_id.clone(),
        verb,
        subject: person.open_id.to_string(),
        detail: Some(detail.to_owned()),
        from: from.clone(),
        at_ms: clock.now_ms(),
    };
    if let Some(key) = &errand.first {
        claim(reception, &person.open_id, key, &deed(Verb::Changed, "first administrator")).await?;
    }
    let before = held(&parts.headers);
    let agent = parts.headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let arrival = Arrival {
        open_id: &person.open_id,
        name: &person.name,
        from: &from,
        agent,
        instead_of: before.as_ref().map(SecretString::expose_secret),
    };
    let held =
        porter.sessions.begin(arrival, &deed(Verb::SignedIn, &person.name)).await.map_err(not_stored)?;
    info!(member = %person.open_id, "somebody has signed in");
    let preferences = porter.catalog.preferences(&person.open_id).await.map_err(not_stored)?;
    if let Some(new) = not_chosen_yet(&preferences, &parts.headers) {
        porter.catalog.prefer(&person.open_id, &new).await.map_err(not_stored)?;
    }
    Ok(Arrived { held, preferences })
}

/// Makes them the administrator by the one-time link; whoever is one already may open it again.
async fn claim(reception: &Reception, person: &OpenId, key: &str, deed: &Deed) -> Result<(), Failure> {
    let roster = &reception.porter.roster;
    if roster.claim(&SecretString::from(key), deed).await.map_err(not_stored)? {
        info!(member = %person, "the first administrator has come");
        return Ok(());
    }
    match roster.role(person).await.map_err(not_stored)? {
        Role::Administrator => Ok(()),
        Role::Member | Role::Auditor => Err(Failure { notice: Notice::LinkVoid, detail: None }),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the end of an error")]
fn not_stored(error: CatalogError) -> Failure {
    warn!(%error, "somebody could not sign in: it could not be written down");
    Failure { notice: Notice::SignInNotStored, detail: None }
}

#[cfg(test)]
mod tests {
    use super::ours;

    #[test]
    fn the_way_back_never_leads_away() {
        for path in
            ["/", "/overview", "/library?q=%E5%91%A8%E4%BC%9A&lang=en", "/r/obcn37dxcftoc3656rgyejm7#t=3"]
        {
            assert_eq!(ours(path).as_deref(), Some(path));
        }
        assert_eq!(ours("/library?q=周会").as_deref(), Some("/library?q=%E5%91%A8%E4%BC%9A"));
        let long = "/".to_owned() + &"x".repeat(2_000);
        for away in [
            "",
            "overview",
            "//evil.example",
            "/\\evil.example",
            "/..//evil.example",
            "https://evil.example",
            "/\tx",
            "/auth/sign-out",
            &long,
        ] {
            assert_eq!(ours(away), None, "{away}");
        }
    }
}

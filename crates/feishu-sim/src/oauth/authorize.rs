//! The authorize page: who are you, and do you agree?
//!
//! Feishu docs: authentication-management/access-token/obtain-oauth-code. The real page knows the
//! person from their session; this one lets the visitor pick.

use std::collections::{BTreeMap, BTreeSet};

use axum::Form;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use url::Url;

use super::page;
use crate::platform::Shared;
use crate::world::{Challenge, World};

/// Scopes one request may ask for.
const SCOPES_AT_MOST: usize = 50;

pub(super) type Fields = BTreeMap<String, String>;

/// A request that may be put to a person.
pub(super) struct Ask {
    pub(super) scopes: BTreeSet<String>,
    redirect_uri: Url,
    /// As it came, for the token call's comparison.
    redirect_text: String,
    state: Option<String>,
    challenge: Option<Challenge>,
}

/// Why a request is not put to anybody; the person sees it, the app does not.
pub(super) struct Fault {
    pub(super) code: i64,
    pub(super) says: &'static str,
}

/// `GET /open-apis/authen/v1/authorize?client_id&response_type=code&redirect_uri&scope&state…`, and
/// the older form with `app_id`.
pub(super) async fn show(State(platform): State<Shared>, Query(fields): Query<Fields>) -> Response {
    let world = platform.world();
    match Ask::read(&world, &fields) {
        Ok(ask) => Html(page::consent(&world, &fields, &ask)).into_response(),
        Err(fault) => refuse(&fault),
    }
}

/// The page's form: the query's fields again, with `open_id` and `decision=allow|deny`.
pub(super) async fn decide(State(platform): State<Shared>, Form(fields): Form<Fields>) -> Response {
    let now = platform.now();
    let mut world = platform.world();
    let ask = match Ask::read(&world, &fields) {
        Ok(ask) => ask,
        Err(fault) => return refuse(&fault),
    };
    let mut back = ask.redirect_uri;
    let open_id = fields.get("open_id").map_or("", String::as_str);
    if fields.get("decision").map(String::as_str) == Some("allow") {
        let Some(row) = world.people.get(open_id) else {
            return refuse(&Fault { code: 20_008, says: "没有这个人 / no such person" });
        };
        if !row.person.available {
            return refuse(&Fault {
                code: 20_010,
                says: "你没有使用该应用的权限 / the app is not available to you",
            });
        }
        let code = world.authorise(open_id, ask.scopes, &ask.redirect_text, ask.challenge, now);
        back.query_pairs_mut().append_pair("code", &code);
    } else {
        back.query_pairs_mut().append_pair("error", "access_denied");
    }
    if let Some(state) = ask.state {
        back.query_pairs_mut().append_pair("state", &state);
    }
    (StatusCode::FOUND, [(header::LOCATION, String::from(back))]).into_response()
}

fn refuse(fault: &Fault) -> Response {
    (StatusCode::BAD_REQUEST, Html(page::fault(fault))).into_response()
}

impl Ask {
    fn read(world: &World, fields: &Fields) -> Result<Self, Fault> {
        let field = |name: &str| fields.get(name).map(String::as_str).filter(|value| !value.is_empty());
        let malformed = |says| Fault { code: 20_001, says };
        let app_id = field("client_id").or_else(|| field("app_id"));
        if app_id != Some(&world.app.app_id) {
            return Err(Fault { code: 20_048, says: "应用不存在 / no such app" });
        }
        // The older form has no response_type.
        if field("app_id").is_none() && field("response_type") != Some("code") {
            return Err(malformed("response_type 必须是 code / response_type must be code"));
        }
        let redirect_text = field("redirect_uri").unwrap_or_default();
        let redirect_uri = Url::parse(redirect_text)
            .ok()
            .filter(|_| world.app.redirect_uris.allow(redirect_text))
            .ok_or(Fault {
                code: 20_029,
                says: "redirect_uri 不在应用的重定向 URL 列表中 / redirect_uri is not registered",
            })?;
        let scopes: BTreeSet<String> =
            field("scope").unwrap_or_default().split_whitespace().map(str::to_owned).collect();
        if scopes.len() > SCOPES_AT_MOST {
            return Err(malformed("scope 超过 50 个 / more than 50 scopes"));
        }
        if !scopes.is_subset(&world.app.scopes) {
            return Err(Fault {
                code: 20_027,
                says: "应用未开通所请求的权限 / the app has not opened a requested scope",
            });
        }
        let challenge = match (field("code_challenge"), field("code_challenge_method")) {
            (None, _) => None,
            (Some(challenge), Some("S256")) => Some(Challenge::S256(challenge.to_owned())),
            (Some(challenge), None | Some("plain")) => Some(Challenge::Plain(challenge.to_owned())),
            (Some(_), Some(_)) => {
                return Err(malformed("code_challenge_method 无效 / unknown code_challenge_method"));
            }
        };
        Ok(Self {
            scopes,
            redirect_uri,
            redirect_text: redirect_text.to_owned(),
            state: field("state").map(str::to_owned),
            challenge,
        })
    }
}

//! Pages: the templates of `templates/` and what they are filled with.

use std::any::Any;

use archive::members::{Ask, Welcome};
use askama::Template;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{Html, IntoResponse, Response};
use tracing::error;

use crate::assets;
use crate::notice::Notice;
use crate::site::Site;
use crate::visitor::Visitor;
use crate::words::{Language, scope_key};

/// `for=` of the start page: beside an administrator's own recordings, the company's record of its meetings.
pub(crate) const COMPANY_RECORD: &str = "company-record";

/// What all pages have round their content.
pub(crate) struct Frame<'a> {
    site: &'a Site,
    visitor: &'a Visitor,
}

impl<'a> Frame<'a> {
    pub(crate) fn new(site: &'a Site, visitor: &'a Visitor) -> Self {
        Self { site, visitor }
    }

    fn say(&self, key: &str) -> String {
        self.visitor.words.say(key)
    }

    fn language(&self) -> &'static str {
        self.visitor.words.language().tag()
    }

    fn company(&self) -> &str {
        self.site.company_name.as_deref().unwrap_or_default()
    }

    fn style(&self) -> String {
        self.site.path(&assets::style().path())
    }

    fn icon(&self) -> String {
        self.site.path(&assets::icon().path())
    }

    /// The authorisation page in the reader's language.
    fn start(&self) -> String {
        self.start_in(self.visitor.words.language())
    }

    fn request_id(&self) -> String {
        self.visitor.words.say_with("request-id", &[("id", self.visitor.request_id.as_str().into())])
    }

    fn start_in(&self, language: Language) -> String {
        self.site.path(&format!("/auth/start?lang={}", language.code()))
    }
}

/// A permission: its name, and what it is for or what lacking it means.
pub(crate) struct Scope {
    name: &'static str,
    purpose: String,
    lacking: String,
}

impl Scope {
    fn new(name: &'static str, visitor: &Visitor) -> Self {
        Self {
            name,
            purpose: visitor.words.scope(name),
            lacking: visitor.words.say(&format!("{}-missing", scope_key(name))),
        }
    }
}

/// `GET /auth/start`.
#[derive(Template)]
#[template(path = "start.html")]
pub(crate) struct StartPage<'a> {
    title: String,
    lead: String,
    scopes: Vec<Scope>,
    authorize_url: &'a str,
    switch_language: String,
    other_language: &'static str,
    frame: Frame<'a>,
}

impl<'a> StartPage<'a> {
    pub(crate) fn new(
        site: &'a Site,
        visitor: &'a Visitor,
        ask: Ask,
        scopes: &[&'static str],
        authorize_url: &'a str,
    ) -> Self {
        let frame = Frame::new(site, visitor);
        let wish = match ask {
            Ask::Own => String::new(),
            Ask::CompanyRecord => format!("&for={COMPANY_RECORD}"),
        };
        let other = match visitor.words.language() {
            Language::Chinese => Language::English,
            Language::English => Language::Chinese,
        };
        let lead = match &site.company_name {
            _ if ask == Ask::CompanyRecord => visitor.words.say("start-lead-company-record"),
            Some(company) => {
                visitor.words.say_with("start-lead-company", &[("company", company.as_str().into())])
            }
            None => visitor.words.say("start-lead"),
        };
        Self {
            title: frame.say("start-title"),
            lead,
            scopes: scopes.iter().map(|scope| Scope::new(scope, visitor)).collect(),
            authorize_url,
            switch_language: frame.start_in(other) + &wish,
            other_language: other.tag(),
            frame,
        }
    }
}

/// `GET /auth/callback` when a grant was stored.
#[derive(Template)]
#[template(path = "welcome.html")]
pub(crate) struct WelcomePage<'a> {
    title: String,
    is_complete: bool,
    is_lasting: bool,
    missing: Vec<Scope>,
    frame: Frame<'a>,
}

impl<'a> WelcomePage<'a> {
    pub(crate) fn new(site: &'a Site, visitor: &'a Visitor, welcome: &Welcome) -> Self {
        let is_complete = welcome.missing.is_empty() && welcome.lasting;
        let key = if is_complete { "welcome-title" } else { "welcome-part-title" };
        let told_apart = |scope: &&&'static str| welcome.lasting || **scope != "offline_access";
        Self {
            title: visitor.words.say_with(key, &[("name", welcome.name.as_str().into())]),
            is_complete,
            is_lasting: welcome.lasting,
            missing: welcome
                .missing
                .iter()
                .filter(told_apart)
                .map(|scope| Scope::new(scope, visitor))
                .collect(),
            frame: Frame::new(site, visitor),
        }
    }
}

/// Any [`Notice`].
#[derive(Template)]
#[template(path = "notice.html")]
pub(crate) struct NoticePage<'a> {
    pub(crate) title: String,
    pub(crate) what: String,
    pub(crate) to_do: String,
    /// For the administrator.
    pub(crate) detail: Option<&'a str>,
    pub(crate) frame: Frame<'a>,
}

/// A page as an answer; never stored by the browser or a proxy, since it belongs to one person.
pub(crate) fn show(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => (status, [(CACHE_CONTROL, "no-store")], Html(html)).into_response(),
        Err(error) => {
            error!(%error, "a page could not be made");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// What remains of a request whose handler panicked.
pub(crate) struct Broken;

impl Broken {
    #[expect(clippy::needless_pass_by_value, reason = "the layer hands over the box")]
    pub(crate) fn from_panic(panic: Box<dyn Any + Send + 'static>) -> Response {
        let said = panic.downcast_ref::<&str>().copied();
        let said = said.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no words");
        error!(panic = said, "a handler panicked");
        Notice::Broken.into_response()
    }
}

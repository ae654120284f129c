//! Pages: the templates of `templates/` and what they are filled with.

use std::any::Any;

use archive::members::{Ask, Welcome};
use askama::Template;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{Html, IntoResponse, Response};
use tracing::error;

use crate::assets;
use crate::nav::{Entry, entries};
use crate::notice::{Notice, Way};
use crate::said::Said;
use crate::session::SignedIn;
use crate::site::Site;
use crate::theme::Theme;
use crate::visitor::Visitor;
use crate::words::{Language, scope_key};

/// `for=` of the start page: beside an administrator's own recordings, the company's record of its meetings.
pub(crate) const COMPANY_RECORD: &str = "company-record";

/// A page in one theme.
pub(crate) struct Look {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) is_here: bool,
}

/// What all pages have round their content.
pub(crate) struct Frame<'a> {
    site: &'a Site,
    visitor: &'a Visitor,
    who: Option<&'a SignedIn>,
    /// The path of this page, as [`entries`] have it.
    here: &'static str,
}

impl<'a> Frame<'a> {
    pub(crate) fn new(site: &'a Site, visitor: &'a Visitor) -> Self {
        Self { site, visitor, who: None, here: "" }
    }

    /// Of a page that extends `page.html`: for somebody who has signed in, with the navigation; `here` is its path.
    pub(crate) fn of(site: &'a Site, visitor: &'a Visitor, who: &'a SignedIn, here: &'static str) -> Self {
        Self { site, visitor, who: Some(who), here }
    }

    pub(crate) fn say(&self, key: &str) -> String {
        self.visitor.words.say(key)
    }

    /// A path of ours as a browser has to ask for it.
    pub(crate) fn path(&self, path: &str) -> String {
        self.site.path(path)
    }

    pub(crate) fn way(&self, way: Way) -> String {
        let path = self.site.path(way.path());
        match way {
            Way::Home => path,
            Way::Authorise | Way::SignIn => format!("{path}?lang={}", self.visitor.words.language().code()),
        }
    }

    /// Where this person may go.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        self.who.map_or_else(Vec::new, |who| entries(who.viewer.role))
    }

    pub(crate) fn is_here(&self, entry: &Entry) -> bool {
        entry.path == self.here
    }

    pub(crate) fn name(&self) -> &str {
        self.who.map_or("", |who| &who.name)
    }

    pub(crate) fn role(&self) -> String {
        self.who.map_or_else(String::new, |who| self.visitor.words.role(who.viewer.role))
    }

    /// For the field `csrf` of every form.
    pub(crate) fn csrf(&self) -> String {
        self.who.map_or_else(String::new, |who| who.csrf.to_string())
    }

    /// This page in the other language.
    pub(crate) fn switched(&self) -> String {
        format!("{}lang={}", self.visitor.wish, other(self.visitor.words.language()).code())
    }

    pub(crate) fn other_language(&self) -> &'static str {
        other(self.visitor.words.language()).tag()
    }

    /// What has just been done here, after a form sent the browser back: `?said=WORD&count=NUMBER`.
    pub(crate) fn said(&self) -> Option<String> {
        let said = Said::of(&self.visitor.wish)?;
        Some(self.visitor.words.say_with(said.key, &[("count", said.count.into())]))
    }

    pub(crate) fn language(&self) -> &'static str {
        self.visitor.words.language().tag()
    }

    pub(crate) fn company(&self) -> &str {
        self.site.company_name.as_deref().unwrap_or_default()
    }

    /// Light, dark, or as the system has it.
    pub(crate) fn theme(&self) -> Theme {
        self.visitor.theme
    }

    /// This page in each theme.
    pub(crate) fn looks(&self) -> [Look; 3] {
        Theme::ALL.map(|theme| Look {
            name: self.say(theme.key()),
            path: format!("{}theme={}", self.visitor.wish, theme.word()),
            is_here: theme == self.visitor.theme,
        })
    }

    pub(crate) fn style(&self) -> String {
        self.site.path(&assets::style())
    }

    /// The file that templates call by this name.
    pub(crate) fn asset(&self, name: &str) -> String {
        self.site.path(&assets::path_of(name))
    }

    pub(crate) fn icon(&self) -> String {
        self.site.path(&assets::icon())
    }

    /// The authorisation page in the reader's language.
    pub(crate) fn start(&self) -> String {
        self.start_in(self.visitor.words.language())
    }

    pub(crate) fn request_id(&self) -> String {
        self.visitor.words.say_with("request-id", &[("id", self.visitor.request_id.as_str().into())])
    }

    pub(crate) fn start_in(&self, language: Language) -> String {
        self.site.path(&format!("/auth/start?lang={}", language.code()))
    }
}

fn other(language: Language) -> Language {
    match language {
        Language::Chinese => Language::English,
        Language::English => Language::Chinese,
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
            Ask::Own | Ask::SignIn => String::new(),
            Ask::CompanyRecord => format!("&for={COMPANY_RECORD}"),
        };
        let other = other(visitor.words.language());
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

/// `GET /auth/sign-in`.
#[derive(Template)]
#[template(path = "sign_in.html")]
pub(crate) struct SignInPage<'a> {
    title: String,
    /// By the one-time link of the first administrator: what has to stand at the platform before anybody can sign in.
    first: Option<&'a str>,
    authorize_url: &'a str,
    frame: Frame<'a>,
}

impl<'a> SignInPage<'a> {
    pub(crate) fn new(
        site: &'a Site,
        visitor: &'a Visitor,
        first: Option<&'a str>,
        authorize_url: &'a str,
    ) -> Self {
        let frame = Frame::new(site, visitor);
        Self { title: frame.say("sign-in-title"), first, authorize_url, frame }
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
    /// The button, and where it leads.
    pub(crate) button: String,
    pub(crate) href: String,
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

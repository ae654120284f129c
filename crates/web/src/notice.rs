//! Everything that keeps a person from where they wanted to go, each with its own page: what happened and
//! what to do. The texts are under `notice-…` in `pages.ftl`.

use archive::members::AuthoriseError;
use axum::Json;
use axum::http::StatusCode;
use axum::http::header::{HeaderValue, RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::page::{Frame, NoticePage, show};
use crate::site::Site;
use crate::visitor::Visitor;

/// Why a person is not where they wanted to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notice {
    /// `error=access_denied`.
    Declined,
    /// Another `error=` of the authorize page.
    Platform,
    /// A state that this browser did not start with, or has used.
    NotYours,
    /// Begun too long ago.
    Stale,
    /// Neither code nor error.
    NoCode,
    /// The code is used, expired or not ours.
    CodeRefused,
    /// The app's settings stand in the way.
    Administrator,
    /// The account may not use the app.
    NotAllowed,
    /// The platform has trouble.
    TryLater,
    /// The catalogue has trouble.
    NotStored,
    /// No address for the platform to come back to.
    BadHost,
    /// Somebody of another company.
    OtherCompany,
    /// The one-time link of the first administrator is void.
    LinkVoid,
    /// Too many tries to sign in.
    TooMany,
    /// A page for administrators.
    AdministratorsOnly,
    /// A page for administrators and auditors.
    OverseersOnly,
    /// A form that none of our pages sent, or one that is too old.
    BadForm,
    /// The catalogue has trouble while somebody reads.
    NotNow,
    /// No such page.
    NotFound,
    /// A door for machines.
    WrongMethod,
    /// Our own mistake.
    Broken,
}

/// Where the button of a notice leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// To the authorisation page.
    Authorise,
    /// To the sign-in page.
    SignIn,
    /// To the front door.
    Home,
}

impl Way {
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Authorise => "/auth/start",
            Self::SignIn => "/auth/sign-in",
            Self::Home => "/",
        }
    }

    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Authorise => "notice-start-again",
            Self::SignIn => "notice-sign-in-again",
            Self::Home => "notice-home",
        }
    }
}

impl Notice {
    /// What an authorisation that came to nothing shows.
    pub(crate) const fn of(error: &AuthoriseError) -> Self {
        match error {
            AuthoriseError::StartAgain(_) => Self::CodeRefused,
            AuthoriseError::Administrator(_) => Self::Administrator,
            AuthoriseError::NotAllowed(_) => Self::NotAllowed,
            AuthoriseError::TryLater(_) => Self::TryLater,
            AuthoriseError::Catalog(_) => Self::NotStored,
        }
    }

    /// The family of its texts: `…-title`, `…-what`, `…-do`.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Declined => "notice-declined",
            Self::Platform => "notice-platform",
            Self::NotYours => "notice-not-yours",
            Self::Stale => "notice-stale",
            Self::NoCode => "notice-no-code",
            Self::CodeRefused => "notice-code-refused",
            Self::Administrator => "notice-administrator",
            Self::NotAllowed => "notice-not-allowed",
            Self::TryLater => "notice-try-later",
            Self::NotStored => "notice-not-stored",
            Self::BadHost => "notice-bad-host",
            Self::OtherCompany => "notice-other-company",
            Self::LinkVoid => "notice-link-void",
            Self::TooMany => "notice-too-many",
            Self::AdministratorsOnly => "notice-administrators-only",
            Self::OverseersOnly => "notice-overseers-only",
            Self::BadForm => "notice-bad-form",
            Self::NotNow => "notice-not-now",
            Self::NotFound => "notice-not-found",
            Self::WrongMethod => "notice-wrong-method",
            Self::Broken => "notice-broken",
        }
    }

    const fn status(self) -> StatusCode {
        match self {
            Self::Platform
            | Self::NotYours
            | Self::Stale
            | Self::NoCode
            | Self::CodeRefused
            | Self::BadForm
            | Self::LinkVoid
            | Self::BadHost => StatusCode::BAD_REQUEST,
            Self::Declined
            | Self::NotAllowed
            | Self::OtherCompany
            | Self::AdministratorsOnly
            | Self::OverseersOnly => StatusCode::FORBIDDEN,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Administrator => StatusCode::BAD_GATEWAY,
            Self::TryLater | Self::NotStored | Self::NotNow => StatusCode::SERVICE_UNAVAILABLE,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Where its button leads.
    const fn way(self) -> Way {
        match self {
            Self::AdministratorsOnly
            | Self::OverseersOnly
            | Self::BadForm
            | Self::NotNow
            | Self::NotFound => Way::Home,
            Self::LinkVoid | Self::OtherCompany | Self::TooMany => Way::SignIn,
            _ => Way::Authorise,
        }
    }

    /// The page. `detail` is for the administrator to look up.
    pub(crate) fn page(self, site: &Site, visitor: &Visitor, detail: Option<&str>) -> Response {
        self.page_with(self.way(), site, visitor, detail)
    }

    /// The page, whose button leads this way.
    pub(crate) fn page_with(
        self,
        way: Way,
        site: &Site,
        visitor: &Visitor,
        detail: Option<&str>,
    ) -> Response {
        let say = |part: &str| visitor.words.say(&format!("{}-{part}", self.key()));
        let frame = Frame::new(site, visitor);
        let (button, href) = (frame.say(way.key()), frame.way(way));
        let page = NoticePage {
            title: say("title"),
            what: say("what"),
            to_do: say("do"),
            detail,
            button,
            href,
            frame,
        };
        let mut response = show(self.status(), &page);
        if matches!(self.status(), StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("60"));
        }
        response
    }

    /// The page, or JSON for a program that did not ask for one.
    pub(crate) fn answer(self, site: &Site, visitor: &Visitor) -> Response {
        if visitor.reads_html {
            return self.page(site, visitor, None);
        }
        let status = self.status();
        let reason = status.canonical_reason().unwrap_or_default().to_lowercase();
        (status, Json(json!({"error": reason, "request_id": visitor.request_id}))).into_response()
    }
}

/// Leaves the page to [`crate::entrance`], which knows who is asking.
impl IntoResponse for Notice {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

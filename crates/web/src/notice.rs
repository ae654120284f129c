//! Everything that keeps a person from where they wanted to go, each with its own page: what happened and
//! what to do. The texts are under `notice-…` in `pages.ftl`.

use archive::members::AuthoriseError;
use archive::retention::TrashError;
use axum::Json;
use axum::http::StatusCode;
use axum::http::header::{HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tracing::warn;

use crate::page::{Frame, NoticePage, show};
use crate::site::Site;
use crate::visitor::Visitor;

/// Why a person is not where they wanted to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notice {
    /// `error=access_denied`.
    Declined,
    /// The same of somebody who only wanted to sign in.
    SignInDeclined,
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
    /// The same while somebody signs in.
    SignInNotStored,
    /// No address for the platform to come back to.
    BadHost,
    /// Somebody of another company.
    OtherCompany,
    /// The one-time link of the first administrator is void.
    LinkVoid,
    /// Too many tries to sign in.
    TooMany,
    /// More requests with one session or token than anybody makes by hand.
    TooFast,
    /// A page for administrators.
    AdministratorsOnly,
    /// A page for administrators and auditors.
    OverseersOnly,
    /// A program without a token, or with one that is not good.
    BadToken,
    /// A token that is good for other things.
    LacksScope,
    /// A program's parameters that do not fit.
    BadQuery,
    /// A form that none of our pages sent, or one that is too old.
    BadForm,
    /// The catalogue has trouble while somebody reads.
    NotNow,
    /// A legal hold keeps it where it is.
    Held,
    /// It is being fetched or moved right now.
    AtWork,
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

    /// What a recording that was not put in the trash, or not put back, shows.
    pub(crate) fn of_trash(error: &TrashError) -> Self {
        match error {
            TrashError::Unknown => Self::NotFound,
            TrashError::Held => Self::Held,
            TrashError::Busy => Self::AtWork,
            TrashError::Catalog(_) | TrashError::Store(_) => {
                warn!(%error, "nothing can be put in the trash or taken out of it now");
                Self::NotNow
            }
        }
    }

    /// The family of its texts: `…-title`, `…-what`, `…-do`.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Declined => "notice-declined",
            Self::SignInDeclined => "notice-sign-in-declined",
            Self::SignInNotStored => "notice-sign-in-not-stored",
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
            Self::TooFast => "notice-too-fast",
            Self::AdministratorsOnly => "notice-administrators-only",
            Self::OverseersOnly => "notice-overseers-only",
            Self::BadToken => "notice-bad-token",
            Self::LacksScope => "notice-lacks-scope",
            Self::BadQuery => "notice-bad-query",
            Self::BadForm => "notice-bad-form",
            Self::NotNow => "notice-not-now",
            Self::Held => "notice-held",
            Self::AtWork => "notice-at-work",
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
            | Self::BadQuery
            | Self::LinkVoid
            | Self::BadHost => StatusCode::BAD_REQUEST,
            Self::Declined
            | Self::SignInDeclined
            | Self::NotAllowed
            | Self::OtherCompany
            | Self::AdministratorsOnly
            | Self::OverseersOnly
            | Self::LacksScope => StatusCode::FORBIDDEN,
            Self::BadToken => StatusCode::UNAUTHORIZED,
            Self::TooMany | Self::TooFast => StatusCode::TOO_MANY_REQUESTS,
            Self::Held | Self::AtWork => StatusCode::CONFLICT,
            Self::Administrator => StatusCode::BAD_GATEWAY,
            Self::TryLater | Self::NotStored | Self::SignInNotStored | Self::NotNow => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Whether it may be over in a minute.
    fn passes(self) -> bool {
        matches!(self.status(), StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS)
    }

    /// Where its button leads.
    const fn way(self) -> Way {
        match self {
            Self::AdministratorsOnly
            | Self::OverseersOnly
            | Self::BadForm
            | Self::TooFast
            | Self::NotNow
            | Self::Held
            | Self::AtWork
            | Self::NotFound
            | Self::Broken => Way::Home,
            Self::LinkVoid
            | Self::OtherCompany
            | Self::TooMany
            | Self::SignInDeclined
            | Self::SignInNotStored => Way::SignIn,
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
        if self.passes() {
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
        let [what, to_do] = ["what", "do"].map(|part| visitor.words.say(&format!("{}-{part}", self.key())));
        let said = json!({
            "error": reason,
            "message": format!("{what} {to_do}"),
            "request_id": visitor.request_id,
        });
        let mut response = (status, Json(said)).into_response();
        if status == StatusCode::UNAUTHORIZED {
            let schemes =
                HeaderValue::from_static("Bearer, Basic realm=\"minutes-vault\", charset=\"UTF-8\"");
            response.headers_mut().insert(WWW_AUTHENTICATE, schemes);
        }
        if self.passes() {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("60"));
        }
        response
    }
}

/// For handlers that answer with pages of their own.
impl From<Notice> for Response {
    fn from(notice: Notice) -> Self {
        notice.into_response()
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

//! A person at a browser: clicks through an application's own pages to the authorize page and back, with
//! cookies and redirects as a browser handles them. For demonstrations and tests; no scripts are run.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Mutex, PoisonError};

use reqwest::header::{ACCEPT_LANGUAGE, COOKIE, HeaderMap, LOCATION, SET_COOKIE};
use reqwest::{Client, Method, Response, StatusCode};
use url::Url;

const AUTHORIZE_PATH: &str = "/open-apis/authen/v1/authorize";
const MOST_REDIRECTS: usize = 10;

/// What the person does on the authorize page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Clicks "allow".
    Allow,
    /// Clicks "refuse".
    Deny,
}

/// The page at which the person ended up.
#[derive(Debug)]
pub struct Page {
    /// Its status.
    pub status: StatusCode,
    /// Its address.
    pub url: Url,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its HTML.
    pub html: String,
}

/// One browser with its cookies.
#[derive(Debug)]
pub struct Browser {
    client: Client,
    language: String,
    /// By host and port, then by name: enough for pages that do not narrow their cookies' paths.
    cookies: Mutex<BTreeMap<String, BTreeMap<String, String>>>,
}

impl Browser {
    /// A fresh browser of somebody who reads `language` (an Accept-Language value).
    pub fn new(language: &str) -> io::Result<Self> {
        let client = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(io::Error::other)?;
        Ok(Self { client, language: language.to_owned(), cookies: Mutex::default() })
    }

    /// From the application's own start page, over its button and the authorize page, back to it.
    pub async fn authorise(&self, start: &Url, open_id: &str, decision: Decision) -> io::Result<Page> {
        let button = self.button_of(start).await?;
        self.decide(&button, open_id, decision).await
    }

    /// Where the button of the application's start page leads.
    pub async fn button_of(&self, start: &Url) -> io::Result<Url> {
        let page = self.visit(start.clone()).await?;
        page.link_to(AUTHORIZE_PATH).ok_or_else(|| {
            io::Error::other(format!("{} ({}) has no button to the authorize page", page.url, page.status))
        })
    }

    /// Decides on the authorize page at `address` and goes where it sends the browser.
    pub async fn decide(&self, address: &Url, open_id: &str, decision: Decision) -> io::Result<Page> {
        let shown = self.visit(address.clone()).await?;
        if shown.status != StatusCode::OK {
            return Ok(shown);
        }
        let mut form: Vec<(String, String)> = address.query_pairs().into_owned().collect();
        form.push(("open_id".to_owned(), open_id.to_owned()));
        let word = if decision == Decision::Allow { "allow" } else { "deny" };
        form.push(("decision".to_owned(), word.to_owned()));
        let mut target = address.clone();
        target.set_query(None);
        let answer = self.send(Method::POST, &target, Some(&form)).await?;
        self.follow(target, answer).await
    }

    /// Opens a page, following redirects.
    pub async fn visit(&self, address: Url) -> io::Result<Page> {
        let answer = self.send(Method::GET, &address, None).await?;
        self.follow(address, answer).await
    }

    async fn follow(&self, mut url: Url, mut answer: Response) -> io::Result<Page> {
        for _ in 0..MOST_REDIRECTS {
            let location = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok());
            let Some(next) = location.filter(|_| answer.status().is_redirection()) else { break };
            url = url.join(next).map_err(io::Error::other)?;
            answer = self.send(Method::GET, &url, None).await?;
        }
        let (status, headers) = (answer.status(), answer.headers().clone());
        let html = answer.text().await.map_err(io::Error::other)?;
        Ok(Page { status, url, headers, html })
    }

    async fn send(
        &self,
        method: Method,
        url: &Url,
        form: Option<&[(String, String)]>,
    ) -> io::Result<Response> {
        let mut request =
            self.client.request(method, url.clone()).header(ACCEPT_LANGUAGE, self.language.as_str());
        let site = site_of(url);
        if let Some(cookies) = self.cookies_of(&site) {
            request = request.header(COOKIE, cookies);
        }
        if let Some(form) = form {
            request = request.form(form);
        }
        let answer = request.send().await.map_err(|error| io::Error::other(error.without_url()))?;
        self.keep_cookies(&site, answer.headers());
        Ok(answer)
    }

    fn cookies_of(&self, site: &str) -> Option<String> {
        let cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        let pairs: Vec<String> =
            cookies.get(site)?.iter().map(|(name, value)| format!("{name}={value}")).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    fn keep_cookies(&self, site: &str, headers: &HeaderMap) {
        let mut cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = cookies.entry(site.to_owned()).or_default();
        for header in headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok()) {
            let Some((name, value)) = header.split(';').next().and_then(|pair| pair.split_once('=')) else {
                continue;
            };
            if header.to_ascii_lowercase().contains("max-age=0") {
                kept.remove(name.trim());
            } else {
                kept.insert(name.trim().to_owned(), value.trim().to_owned());
            }
        }
    }
}

impl Page {
    /// The first link whose address has `part` in its path.
    #[must_use]
    pub fn link_to(&self, part: &str) -> Option<Url> {
        self.html.split("href=\"").skip(1).find_map(|rest| {
            let address =
                rest.split('"').next()?.replace("&amp;", "&").replace("&#38;", "&").replace("&#x26;", "&");
            let url = self.url.join(&address).ok()?;
            url.path().contains(part).then_some(url)
        })
    }
}

fn site_of(url: &Url) -> String {
    format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default())
}

//! A scripted platform: answers every request by one function and remembers what was asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse, Response};
use feishu::{AppCredentials, Client, Settings, Timeouts};
use secrecy::SecretString;
use serde_json::Value;
use url::Url;

/// One request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: HashMap<String, String>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("a plain header"))
    }
}

pub(crate) struct Platform {
    pub(crate) base: Url,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Platform {
    pub(crate) async fn start<A>(answer: impl Fn(&Seen) -> A + Clone + Send + Sync + 'static) -> Self
    where
        A: IntoResponse,
    {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let remember = seen.clone();
        let app = Router::new().fallback(move |request: Request| {
            let (answer, remember) = (answer.clone(), remember.clone());
            async move {
                let request = read(request).await;
                remember.lock().unwrap().push(request.clone());
                answer(&request).into_response()
            }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { base, seen }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn client(&self) -> Client {
        client(&self.base, true, Timeouts::default())
    }
}

pub(crate) fn client(base: &Url, allow_private_media: bool, timeouts: Timeouts) -> Client {
    let settings = Settings {
        app: AppCredentials { app_id: "cli_a000000000000001".to_owned(), app_secret: "app-secret".into() },
        open_base: base.clone(),
        accounts_base: base.clone(),
        allow_private_media,
        user_agent: "minutes-vault-test".to_owned(),
        rate_factor: 1.0,
    };
    Client::with_timeouts(settings, timeouts).expect("a client")
}

pub(crate) fn access() -> SecretString {
    "u-access".into()
}

pub(crate) fn json(status: u16, body: impl Into<Body>) -> Response {
    Response::builder()
        .status(status)
        .header("content-type", "application/json; charset=utf-8")
        .header("x-tt-logid", "2026112321000001")
        .body(body.into())
        .unwrap()
}

async fn read(request: Request) -> Seen {
    let (parts, body) = request.into_parts();
    let query = url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
    Seen {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: query.into_owned().collect(),
        headers: parts.headers,
        body: to_bytes(body, 1 << 20).await.unwrap().to_vec(),
    }
}

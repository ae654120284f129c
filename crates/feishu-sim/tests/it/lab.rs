//! A stand-in in this process, and a plain HTTP client.

use feishu_sim::{Scenario, Sim};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

pub(crate) const MINUTES: &str = "/open-apis/minutes/v1/minutes";

pub(crate) struct Lab {
    sim: Sim,
    pub(crate) http: Client,
}

/// A status and a JSON body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) log_id: Option<String>,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) async fn of(response: Response) -> Self {
        let log_id = response.headers().get("x-tt-logid").and_then(|id| id.to_str().ok()).map(str::to_owned);
        let status = response.status();
        let body = response.bytes().await.unwrap();
        let body = serde_json::from_slice(&body)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&body).into_owned()));
        Self { status, log_id, body }
    }

    /// The refusal's HTTP status and code.
    pub(crate) fn refusal(&self) -> (u16, i64) {
        (self.status.as_u16(), self.body["code"].as_i64().unwrap_or_else(|| panic!("no code in {self:?}")))
    }

    /// The `data` of a success.
    pub(crate) fn data(self) -> Value {
        assert_eq!(self.refusal(), (200, 0), "{self:?}");
        self.body["data"].clone()
    }
}

impl Lab {
    pub(crate) async fn of(scenario: Scenario) -> Self {
        let sim = Sim::start(scenario, "127.0.0.1:0".parse().unwrap()).await.unwrap();
        let http = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { sim, http }
    }

    /// The built-in `small` with this laid over it.
    pub(crate) async fn small() -> Self {
        Self::of(Scenario::named("small").unwrap()).await
    }

    pub(crate) async fn from_json(scenario: Value) -> Self {
        Self::of(serde_json::from_value(scenario).unwrap()).await
    }

    pub(crate) fn base(&self) -> &str {
        self.sim.base()
    }

    pub(crate) fn ready(&self) -> &feishu_sim::Ready {
        self.sim.ready()
    }

    pub(crate) async fn end(self) {
        self.sim.shutdown().await;
    }

    pub(crate) fn request(&self, method: Method, path: &str, token: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base()));
        if token.is_empty() { request } else { request.bearer_auth(token) }
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Answer {
        Answer::of(self.request(Method::GET, path, token).send().await.unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, token: &str, body: Value) -> Answer {
        Answer::of(self.request(Method::POST, path, token).json(&body).send().await.unwrap()).await
    }

    /// A control call that must succeed.
    pub(crate) async fn control(&self, method: Method, path: &str, body: Value) -> Value {
        let request = self.request(method, &format!("/_sim{path}"), "").json(&body);
        let answer = Answer::of(request.send().await.unwrap()).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {answer:?}");
        answer.body
    }

    pub(crate) async fn order(&self, path: &str, body: Value) -> Value {
        self.control(Method::POST, path, body).await
    }

    pub(crate) async fn see(&self, path: &str) -> Value {
        self.control(Method::GET, path, json!({})).await
    }

    pub(crate) async fn turn(&self, knobs: Value) {
        self.control(Method::PATCH, "/knobs", knobs).await;
    }

    pub(crate) async fn fault(&self, api: &str, times: u32, fault: Value) {
        self.order("/faults", json!({ "api": api, "times": times, "fault": fault })).await;
    }

    pub(crate) fn open_id(&self, name: &str) -> &str {
        let user = self.ready().users.iter().find(|user| user.name == name);
        &user.unwrap_or_else(|| panic!("no {name}")).open_id
    }

    /// An access token of this person with these scopes, without the page.
    pub(crate) async fn token(&self, name: &str, scopes: Value) -> String {
        let path = format!("/people/{}/tokens", self.open_id(name));
        let tokens = self.order(&path, json!({ "scopes": scopes })).await;
        tokens["access_token"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn full_token(&self, name: &str) -> String {
        self.token(name, Value::Null).await
    }

    pub(crate) async fn tenant_token(&self) -> String {
        let ready = self.ready();
        let body = json!({ "app_id": ready.app_id, "app_secret": ready.app_secret });
        let answer = self.post("/open-apis/auth/v3/tenant_access_token/internal", "", body).await;
        answer.body["tenant_access_token"].as_str().unwrap().to_owned()
    }

    /// The ground truth of the recording of that title.
    pub(crate) async fn minute(&self, title: &str) -> Value {
        let minutes = self.see("/minutes?sha256=true").await;
        let minutes = minutes["minutes"].as_array().unwrap();
        minutes.iter().find(|minute| minute["title"] == title).unwrap_or_else(|| panic!("no {title}")).clone()
    }

    pub(crate) async fn minute_token(&self, title: &str) -> String {
        self.minute(title).await["token"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn download_url(&self, title: &str, token: &str) -> String {
        let path = format!("{MINUTES}/{}/media", self.minute_token(title).await);
        self.get(&path, token).await.data()["download_url"].as_str().unwrap().to_owned()
    }
}

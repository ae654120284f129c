//! The stand-in platform inside the test process, and its control calls.

use feishu_sim::browser::{Browser, Decision, Page};
use feishu_sim::{Ready, Scenario, Sim};
use serde_json::{Value, json};
use url::Url;

/// A running stand-in.
pub struct Platform {
    sim: Sim,
    control: reqwest::Client,
    base: Url,
}

impl Platform {
    /// Starts `scenario` on a free port.
    pub async fn start(scenario: Scenario) -> Self {
        let sim = Sim::start(scenario, ([127, 0, 0, 1], 0).into()).await.expect("the stand-in listens");
        let base = Url::parse(&sim.ready().api_base).expect("an address");
        let control = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self { sim, control, base }
    }

    /// Starts a built-in scenario.
    pub async fn named(name: &str) -> Self {
        Self::start(Scenario::named(name).expect("a built-in scenario")).await
    }

    /// Addresses and credentials.
    #[must_use]
    pub fn ready(&self) -> &Ready {
        self.sim.ready()
    }

    /// The open_id of the person of this name.
    #[must_use]
    pub fn person(&self, name: &str) -> String {
        let user = self.ready().users.iter().find(|user| user.name == name);
        user.unwrap_or_else(|| panic!("nobody is called {name}")).open_id.clone()
    }

    /// `GET /_sim/…`
    pub async fn get(&self, path: &str) -> Value {
        let answer = self.control.get(self.at(path)).send().await.expect("the stand-in answers");
        assert!(answer.status().is_success(), "GET {path}: {}", answer.status());
        answer.json().await.expect("JSON")
    }

    /// `POST /_sim/…`
    pub async fn post(&self, path: &str, body: Value) -> Value {
        let answer = self.control.post(self.at(path)).json(&body).send().await.expect("the stand-in answers");
        let status = answer.status();
        let text = answer.text().await.expect("text");
        assert!(status.is_success(), "POST {path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// `PATCH /_sim/…`
    pub async fn patch(&self, path: &str, body: Value) {
        let answer =
            self.control.patch(self.at(path)).json(&body).send().await.expect("the stand-in answers");
        let status = answer.status();
        assert!(status.is_success(), "PATCH {path}: {status} {}", answer.text().await.unwrap_or_default());
    }

    /// `DELETE /_sim/…`
    pub async fn delete(&self, path: &str) {
        let answer = self.control.delete(self.at(path)).send().await.expect("the stand-in answers");
        assert!(answer.status().is_success(), "DELETE {path}: {}", answer.status());
    }

    /// All recordings with their ground truth.
    pub async fn minutes(&self) -> Vec<Value> {
        self.get("_sim/minutes?sha256=true").await["minutes"].as_array().cloned().unwrap_or_default()
    }

    /// All recordings, without reading their files for a hash.
    pub async fn minutes_quickly(&self) -> Vec<Value> {
        self.get("_sim/minutes").await["minutes"].as_array().cloned().unwrap_or_default()
    }

    /// Somebody records a meeting of this size; its minute_token.
    pub async fn record(&self, owner: &str, title: &str, bytes: u64) -> String {
        let minute = json!({ "owner": owner, "title": title, "announce": "recording_ready",
            "media": { "kind": "generated", "bytes": bytes } });
        let added = self.post("_sim/minutes", minute).await;
        added["token"].as_str().expect("a minute_token").to_owned()
    }

    /// A fresh address of a recording's file, as somebody with this token gets it.
    pub async fn download_url(&self, token: &str, access_token: &str) -> String {
        let url = self.at(&format!("open-apis/minutes/v1/minutes/{token}/media"));
        let answer = self.control.get(url).bearer_auth(access_token).send().await.expect("an answer");
        let answer: Value = answer.json().await.expect("JSON");
        answer["data"]["download_url"].as_str().expect("an address").to_owned()
    }

    /// The platform announces this recording by event.
    pub async fn announce(&self, token: &str) {
        self.post(&format!("_sim/minutes/{token}/announce"), json!({})).await;
    }

    /// From now on the platform posts its events to the program at `site`.
    pub async fn post_events_to(&self, site: &str) {
        self.post("_sim/webhook", json!({ "url": format!("{site}/webhook/event"), "check": true })).await;
    }

    /// This person authorises the program at `site` through the real pages.
    pub async fn authorise(&self, site: &str, open_id: &str) -> Page {
        let start = Url::parse(&format!("{site}/auth/start")).expect("an address");
        let browser = Browser::new("zh-CN").expect("a browser");
        browser.authorise(&start, open_id, Decision::Allow).await.expect("the pages answer")
    }

    /// The same for an administrator, who opens the company's own record of its meetings, too.
    pub async fn authorise_administrator(&self, site: &str, open_id: &str) -> Page {
        let start = Url::parse(&format!("{site}/auth/start?for=company-record")).expect("an address");
        let browser = Browser::new("zh-CN").expect("a browser");
        browser.authorise(&start, open_id, Decision::Allow).await.expect("the pages answer")
    }

    /// This person signs in at the program at `site`; their browser, and the page at which that ends.
    pub async fn sign_in(&self, site: &str, open_id: &str) -> (Browser, Page) {
        let start = Url::parse(&format!("{site}/auth/sign-in")).expect("an address");
        let browser = Browser::new("zh-CN").expect("a browser");
        let page = browser.authorise(&start, open_id, Decision::Allow).await.expect("the pages answer");
        (browser, page)
    }

    fn at(&self, path: &str) -> Url {
        self.base.join(path).expect("a path")
    }
}

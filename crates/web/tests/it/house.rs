//! A house with its doors: router, catalogue and archive folder in a temporary place, the stand-in
//! platform on a socket, a clock that stands, and a browser's view of it.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use archive::backup::Backups;
use archive::catalog::{Catalog, Db};
use archive::discover::{Inbox, Webhook};
use archive::fetch::Transfers;
use archive::members::{Authoriser, Courier, Features, Grants, Roster, Seal};
use archive::model::{Clock, ManualClock, Mover, OpenId};
use archive::queue::Queue;
use archive::store::{DEFAULT_TEMPLATE, Store, Template};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, COOKIE, HOST, LOCATION, SET_COOKIE};
use axum::http::request::Builder;
use axum::http::{HeaderMap, Request, StatusCode};
use feishu::{AppCredentials, Client, EventVerifier, Settings};
use feishu_sim::{Scenario, Sim};
use jiff::tz::TimeZone;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;
use url::{Url, form_urlencoded};
use web::checkup::{Check, Mark};
use web::words::Words;
use web::{Doors, Office, Readiness, Setting, Site};

pub(crate) const ALL: Features = Features { transcripts: true, summaries: true };
/// The app of the webhook vectors.
pub(crate) const ENCRYPT_KEY: &str = "ek_3f9d2c7b1a";
pub(crate) const VERIFICATION_TOKEN: &str = "vt_6b1f0c2d9e";

static RECORDER: LazyLock<PrometheusHandle> =
    LazyLock::new(|| PrometheusBuilder::new().install_recorder().expect("the first recorder"));

pub(crate) struct House {
    pub(crate) doors: Router,
    pub(crate) catalog: Catalog,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) folder: TempDir,
    pub(crate) sim: Sim,
    /// Ends what goes on for as long as somebody watches.
    pub(crate) stop: CancellationToken,
}

/// How a house differs from the plain one.
pub(crate) struct Plan {
    pub(crate) scenario: Scenario,
    pub(crate) features: Features,
    pub(crate) site: Site,
    /// Names of people of the stand-in.
    pub(crate) administrators: Vec<&'static str>,
    pub(crate) auditors: Vec<&'static str>,
    pub(crate) settings: Vec<Setting>,
    /// How long a checkup waits for the platform.
    pub(crate) checkup_takes: Duration,
    pub(crate) watermark: bool,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            scenario: Scenario::named("small").expect("built in"),
            features: ALL,
            site: Site {
                public_url: None,
                trust_proxy: false,
                cookie_key: [42; 64],
                company_name: None,
                has_administrators: false,
            },
            administrators: Vec::new(),
            auditors: Vec::new(),
            settings: Vec::new(),
            watermark: false,
            checkup_takes: Duration::ZERO,
        }
    }
}

impl Plan {
    pub(crate) fn at(public_url: &str) -> Self {
        let mut plan = Self::default();
        plan.site.public_url = Some(Url::parse(public_url).expect("an address"));
        plan
    }

    pub(crate) async fn build(self) -> House {
        let folder = tempfile::tempdir().expect("a folder");
        let db = Db::open_sqlite(&folder.path().join("catalogue.db")).await.expect("a database");
        let store = Store::open(folder.path().join("downloads")).await.expect("an archive folder");
        let sim = Sim::start(self.scenario, ([127, 0, 0, 1], 0).into()).await.expect("the stand-in");
        let clock = Arc::new(ManualClock::at(1_763_900_000_000));
        let catalog = Catalog::new(db);
        let queue = Queue::new(catalog.clone(), Arc::clone(&clock) as Arc<dyn Clock>, "house");
        let base = |base: &str| Url::parse(base).expect("an address");
        let client = Client::new(Settings {
            app: AppCredentials {
                app_id: sim.ready().app_id.clone(),
                app_secret: sim.ready().app_secret.as_str().into(),
            },
            open_base: base(&sim.ready().api_base),
            accounts_base: base(&sim.ready().accounts_base),
            allow_private_media: true,
            user_agent: "house".to_owned(),
            rate_factor: 1.0,
        })
        .expect("a client");
        let seal = Arc::new(Seal::new(&[7; 32]));
        let shared = Arc::clone(&clock) as Arc<dyn Clock>;
        let renewals = folder.path().join("renewals");
        let courier = Courier::in_process(renewals, &client, &seal, Arc::clone(&shared)).expect("a folder");
        let grants = Grants::new(catalog.clone(), &client, shared, seal, courier);
        let verifier = EventVerifier::new(
            Some(ENCRYPT_KEY.into()),
            Some(VERIFICATION_TOKEN.into()),
            sim.ready().app_id.clone(),
        );
        let inbox = Inbox::open(
            catalog.clone(),
            Arc::clone(&clock) as Arc<dyn Clock>,
            Arc::default(),
            &TaskTracker::new(),
        );
        let roster =
            Roster::new(catalog.clone(), named(&sim, &self.administrators), named(&sim, &self.auditors));
        let (stop, checkup_takes) = (CancellationToken::new(), self.checkup_takes);
        let office = Office {
            queue: queue.clone(),
            transfers: Transfers::default(),
            store: store.clone(),
            zone: TimeZone::get("Asia/Shanghai").expect("a zone"),
            administrators: named(&sim, &self.administrators),
            patrol_interval: Duration::from_mins(5),
            wants_link: false,
            settings: self.settings,
            watermark: self.watermark,
            backups: Backups { folder: folder.path().join("backups"), key_file: None, version: "9.9" },
            template: Template::parse(DEFAULT_TEMPLATE).expect("a template"),
            checkup: Arc::new(move |words| {
                Box::pin(async move {
                    tokio::time::sleep(checkup_takes).await;
                    checks(words)
                })
            }),
            stop: stop.clone(),
        };
        let doors = web::router(Doors {
            authoriser: Authoriser::new(grants, queue, self.features),
            webhook: Some(Webhook::new(verifier, inbox)),
            readiness: Readiness::new(catalog.clone(), store),
            metrics: RECORDER.clone(),
            site: self.site,
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            roster,
            office,
        });
        House { doors, catalog, clock, folder, sim, stop }
    }
}

impl House {
    pub(crate) async fn plain() -> Self {
        Plan::default().build().await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let Answer { status, headers, body } = self.send_for_bytes(request).await;
        Answer { status, headers, body: String::from_utf8(body).expect("text") }
    }

    /// The same where text is not what comes back.
    pub(crate) async fn send_for_bytes(&self, request: Request<Body>) -> Answer<Vec<u8>> {
        let response = self.doors.clone().oneshot(request).await.expect("infallible");
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 1 << 20).await.expect("a body").to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) async fn members(&self) -> Vec<String> {
        let members = self.catalog.members().await.expect("members");
        members.into_iter().map(|row| row.member.name).collect()
    }

    pub(crate) fn person(&self, name: &str) -> &str {
        let user = self.sim.ready().users.iter().find(|user| user.name == name);
        &user.unwrap_or_else(|| panic!("nobody is called {name}")).open_id
    }

    /// Has the stand-in go wrong in this way at the next call of this API.
    pub(crate) async fn order_fault(&self, api: &str, fault: serde_json::Value) {
        let order = serde_json::json!({"api": api, "times": 1, "fault": fault});
        let faults = format!("{}/_sim/faults", self.sim.base());
        let answer = outside().post(faults).json(&order).send().await.expect("an answer");
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap_or_default());
    }

    /// This person decides on the authorize page; where that sends the browser (path and query).
    pub(crate) async fn decide(&self, authorize_url: &Url, name: &str, decision: &str) -> String {
        let mut form: Vec<(String, String)> = authorize_url.query_pairs().into_owned().collect();
        form.push(("open_id".to_owned(), self.person(name).to_owned()));
        form.push(("decision".to_owned(), decision.to_owned()));
        let mut target = authorize_url.clone();
        target.set_query(None);
        let answer = outside().post(target).form(&form).send().await.expect("an answer");
        let location = answer.headers().get(LOCATION).expect("a redirect").to_str().expect("text");
        let url = Url::parse(location).expect("an address");
        format!("{}?{}", url.path(), url.query().unwrap_or_default())
    }
}

/// What the checkup of a house finds: one thing that is well, and one that is not.
fn checks(words: Words) -> Vec<Check> {
    let check = |id, mark, key, fix: Option<&str>| Check {
        id,
        mark,
        what: words.say(key),
        fix: fix.map(|key| words.say(key)),
        mover: fix.map(|_| Mover::Administrator),
        redacted: key.to_owned(),
    };
    vec![
        check("configuration", Mark::Ok, "doctor-configuration", None),
        check("members", Mark::Warn, "doctor-members-none", Some("doctor-members-none-fix")),
    ]
}

fn named(sim: &Sim, names: &[&str]) -> Vec<OpenId> {
    let users = sim.ready().users.iter().filter(|user| names.contains(&user.name.as_str()));
    users.map(|user| OpenId::parse(&user.open_id).expect("an open_id")).collect()
}

fn outside() -> reqwest::Client {
    let builder = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    builder.build().expect("a client")
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer<B = String> {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: B,
}

impl<B> Answer<B> {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl Answer {
    pub(crate) fn set_cookies(&self) -> Vec<&str> {
        self.headers.get_all(SET_COOKIE).iter().map(|value| value.to_str().expect("text")).collect()
    }

    /// The button's address.
    pub(crate) fn authorize_url(&self) -> Url {
        let links = self.body.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        let button = links.map(|link| link.replace("&#38;", "&")).find(|link| link.contains("/authen/"));
        Url::parse(&button.expect("a button")).expect("an address")
    }

    /// The token of its first form.
    pub(crate) fn csrf(&self) -> String {
        let field = self.body.split("name=\"csrf\" value=\"").nth(1).expect("a form");
        field.split('"').next().expect("a value").to_owned()
    }

    /// This page and no other: the title of the texts under `key`, in Chinese.
    pub(crate) fn shows(&self, status: u16, key: &str) {
        let title = web::words::Words::new(web::words::Language::Chinese).say(key);
        assert_ne!(title, key, "no such text");
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        assert!(self.body.contains(&format!("<h1>{title}</h1>")), "{title} is not on {}", self.body);
        assert!(self.body.contains("<html lang=\"zh-CN\">"));
    }
}

/// A browser: sends what browsers send and keeps cookies.
#[derive(Default, Clone)]
pub(crate) struct Browser {
    pub(crate) cookies: BTreeMap<String, String>,
    pub(crate) language: &'static str,
}

impl Browser {
    pub(crate) async fn get(&mut self, house: &House, path: &str) -> Answer {
        self.ask(house, Request::get(path), Body::empty()).await
    }

    /// Sends a form with these fields and no other.
    pub(crate) async fn post(&mut self, house: &House, path: &str, fields: &[(&str, &str)]) -> Answer {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.ask(house, request, Body::from(form)).await
    }

    pub(crate) async fn ask(&mut self, house: &House, request: Builder, body: Body) -> Answer {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request
            .header(HOST, "vault.test:29090")
            .header(ACCEPT, "text/html,application/xhtml+xml")
            .header(ACCEPT_LANGUAGE, self.language)
            .header(COOKIE, cookies.join("; "));
        let answer = house.send(request.body(body).expect("a request")).await;
        for cookie in answer.set_cookies() {
            let (name, value) = cookie.split(';').next().and_then(|it| it.split_once('=')).expect("a pair");
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    /// Opens the start page and takes the button's address.
    pub(crate) async fn start(&mut self, house: &House) -> Url {
        self.get(house, "/auth/start").await.authorize_url()
    }

    /// Starts, and comes back from the authorize page having allowed; not yet at the callback.
    pub(crate) async fn allow(&mut self, house: &House, name: &str) -> String {
        let button = self.start(house).await;
        house.decide(&button, name, "allow").await
    }

    /// Signs in as this person; the answer of the callback.
    pub(crate) async fn sign_in(&mut self, house: &House, name: &str) -> Answer {
        self.sign_in_at(house, name, "/auth/sign-in").await
    }

    /// The same from this address of the sign-in page.
    pub(crate) async fn sign_in_at(&mut self, house: &House, name: &str, path: &str) -> Answer {
        let button = self.get(house, path).await.authorize_url();
        let callback = house.decide(&button, name, "allow").await;
        // A proxy takes the public address's own path away.
        let at = callback.find("/auth/").expect("the callback");
        self.get(house, &callback[at..]).await
    }
}

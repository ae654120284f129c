//! A company of three hundred that records in every way there is, while one in five of what should tell of it is lost:
//! by webhook, by long connection, or by looking alone, all that can be archived is archived once, and coverage is the
//! truth line by line.

use std::collections::BTreeSet;
use std::time::Duration;

use archive::model::{Clock as _, SystemClock};
use e2e::coverage::{Lines, Sight, assert_same, shown, truth};
use e2e::{Installation, Platform, Vault};
use feishu_sim::Scenario;
use feishu_sim::scenario::{Person, Subscription};
use serde_json::{Value, json};

use crate::proof::assert_holds;

const PEOPLE: usize = 300;
/// One in so many deliveries never comes.
const LOST: usize = 5;
const LONGEST: Duration = Duration::from_mins(4);

fn name(index: usize) -> String {
    format!("员工{index:03}")
}

/// The first is the administrator; every sixth never authorises.
fn authorises(index: usize) -> bool {
    index % 6 != 5
}

/// How somebody's recording comes about and is told of.
fn recording(index: usize) -> Value {
    let meeting = format!("69222884119{index:08}");
    // Started by hand, in the calendar, reserved through the API, uploaded, audio alone.
    let (announce, meeting_id, is_audio) = match index % 5 {
        0 => ("generated", Some(meeting), false),
        1 => ("meeting_ended", Some(meeting), false),
        2 => ("recording_ready", Some(meeting), false),
        3 => ("generated", None, false),
        _ => ("generated", None, true),
    };
    let mut minute = json!({ "owner": name(index), "title": format!("例会 {index}"), "announce": announce,
        "created_ms": SystemClock.now_ms(),
        "media": { "kind": "generated", "bytes": 8_192, "audio": is_audio }, "meeting_id": meeting_id });
    match index % 50 {
        7 => minute["rights"] = json!({ "media": "nobody" }),
        13 => minute["ready_after_ms"] = json!(40 * 86_400_000_i64),
        _ => {}
    }
    minute
}

struct Company {
    platform: Platform,
    installation: Installation,
    vault: Vault,
    authorised: BTreeSet<String>,
    found_ms: i64,
}

impl Company {
    /// Everybody who wants to has authorised, and nobody has recorded anything.
    async fn open(subscription: Subscription, settings: &[(&str, &str)]) -> Self {
        let mut scenario = Scenario::named("empty").unwrap();
        scenario.knobs.rate_limits = false;
        scenario.app.subscription = subscription;
        scenario.people = (0..PEOPLE)
            .map(|index| Person {
                name: name(index),
                authorises: authorises(index),
                meeting_admin: index == 0,
                ..Person::default()
            })
            .collect();
        let platform = Platform::start(scenario).await;
        let mut installation = Installation::new(platform.ready())
            .with("FEISHU_RATE_FACTOR", "100")
            .with("PATROL_INTERVAL", "20s")
            .with("ARCHIVE_BACKFILL_SINCE", "1h")
            .with("ARCHIVE_TRANSCRIPTS", "false")
            .with("ARCHIVE_SUMMARIES", "false")
            .with("COMPANY_ADMINISTRATORS", &platform.person(&name(0)));
        for (key, value) in settings {
            installation.set(key, value);
        }
        let vault = installation.serve();
        let mut authorised = BTreeSet::new();
        for index in (0..PEOPLE).filter(|index| authorises(*index)) {
            let open_id = platform.person(&name(index));
            let page = match index {
                0 => platform.authorise_administrator(&vault.site, &open_id).await,
                _ => platform.authorise(&vault.site, &open_id).await,
            };
            assert!(page.status.is_success(), "{}: {}", page.status, page.html);
            authorised.insert(open_id);
        }
        Self { platform, installation, vault, authorised, found_ms: SystemClock.now_ms() }
    }

    /// Everybody records once. What is told is told, but for one in five.
    async fn record(&self, is_told: bool) {
        for index in 0..PEOPLE {
            let added = self.platform.post("_sim/minutes", recording(index)).await;
            if is_told && index % LOST != index / LOST % LOST {
                self.platform.announce(added["token"].as_str().unwrap()).await;
            }
        }
    }

    /// Until coverage says what is true; then every file is there, once and whole.
    async fn comes_to_the_truth(self) {
        let sight = Sight { authorised: &self.authorised, found_ms: self.found_ms, has_record: true };
        let truth = truth(&self.platform, &sight).await;
        let mut last = Lines::new();
        let found = tokio::time::timeout(LONGEST, async {
            while last != truth {
                // By hand what the service does every five minutes.
                let reconciled = self.installation.run(&["reconcile", "--since", "1d", "--json"]);
                // 1: something is not here yet.
                assert!(matches!(reconciled.status.code(), Some(0 | 1)), "{reconciled:?}");
                last = shown(&self.installation.json(&["coverage", "--since", "7d", "--json"]));
                tokio::time::sleep(Duration::from_secs(2)).await;
            }
        });
        if found.await.is_err() {
            assert_same(&last, &truth);
        }
        let coverage = self.installation.json(&["coverage", "--since", "7d", "--json"]);
        assert_eq!(coverage["is_complete"], true, "{coverage}");
        // Each event that was sent has come, and nothing else.
        let kinds = self.installation.json(&["status", "--json"])["events"].clone();
        let came: u64 = kinds.as_object().unwrap().values().filter_map(Value::as_u64).sum();
        let sent = self.platform.get("_sim/events").await["totals"]["fired"].as_u64().unwrap();
        assert_eq!(came, sent, "{kinds}");
        let all = ["recordings", "list", "--limit", "1000", "--json"];
        let recordings = self.installation.json(&all)["recordings"].as_array().cloned().unwrap();
        assert_eq!(self.vault.terminate(), Some(0));
        let minutes = self.platform.minutes().await;
        let here: BTreeSet<&str> = recordings
            .iter()
            .filter(|recording| recording["state"] == "archived")
            .filter_map(|recording| recording["minute_token"].as_str())
            .collect();
        let archived = minutes.iter().filter(|minute| here.contains(minute["token"].as_str().unwrap()));
        assert_holds(&self.installation.downloads(), archived.clone());
        for minute in archived {
            assert_eq!(minute["served"]["bytes"], minute["file"]["bytes"], "fetched once: {minute:#}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn by_webhook_alone_a_company_of_three_hundred_is_archived_and_counted() {
    let company = Company::open(Subscription::Webhook, &[]).await;
    company.platform.post_events_to(&company.vault.site).await;
    company.record(true).await;
    company.comes_to_the_truth().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_long_connection_alone_a_company_of_three_hundred_is_archived_and_counted() {
    let settings =
        [("EVENTS_MODE", "long_connection"), ("EVENTS_ENCRYPT_KEY", ""), ("EVENTS_VERIFICATION_TOKEN", "")];
    let company = Company::open(Subscription::LongConnection, &settings).await;
    company.record(true).await;
    company.comes_to_the_truth().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_looking_alone_a_company_of_three_hundred_is_archived_and_counted() {
    let company = Company::open(Subscription::Webhook, &[]).await;
    // One in five looks gets no answer.
    for _ in 0..100 {
        let order =
            json!({ "api": "minutes.search", "skip": LOST - 1, "times": 1, "fault": { "kind": "reset" } });
        company.platform.post("_sim/faults", order).await;
    }
    company.record(false).await;
    company.comes_to_the_truth().await;
}

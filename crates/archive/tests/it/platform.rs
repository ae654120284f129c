//! The few answers of the platform that these tests need, over a real socket. Refresh tokens are single-use
//! here, too; an answer can be held back, or be another one.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

use archive::model::MinuteToken;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::{Notify, Semaphore};

use crate::installation::NOW_MS;

/// A search stops after so many hits without a word.
const MOST_HITS: usize = 50;
const PAGE: usize = 30;

/// What the test orders and sees.
#[derive(Clone)]
pub(crate) struct Platform {
    pub(crate) base: String,
    inner: Arc<Inner>,
}

struct Inner {
    world: Mutex<World>,
    /// A permit for each refresh that may be answered.
    answers: Semaphore,
    asked: Notify,
}

#[derive(Default)]
struct World {
    issued: u64,
    refreshes: usize,
    /// Instead of the next answers of the token endpoint: status and body.
    instead: VecDeque<(u16, String)>,
    /// Live refresh tokens (v2, v1) and whose they are.
    live: BTreeMap<String, String>,
    live_v1: BTreeMap<String, String>,
    /// Access tokens and whose they are.
    access: BTreeMap<String, String>,
    names: BTreeMap<String, String>,
    refuse_user_info: bool,
    /// What there is to be found: by "owner_ids" or "participant_ids" and person, minutes with when they were made.
    minutes: BTreeMap<(&'static str, String), Vec<(String, i64)>>,
    /// The windows that were searched, unix ms, with each page of them.
    searched: Vec<Searched>,
    pages_end: PagesEnd,
    /// What the clock shows beyond [`NOW_MS`].
    ahead_ms: i64,
    subscribed: BTreeSet<String>,
    subscriptions: usize,
    /// What the platform says instead of taking a subscription.
    subscription_refusal: Option<(u16, i64)>,
    /// What a meeting answers to the question for its recording.
    meeting_answer: Option<(u16, Value)>,
    /// What people grant beside the usual.
    granted: &'static str,
    /// The rows of the company's record; none: it is refused.
    meetings: Option<Vec<Value>>,
    lists_only_what_is_over: bool,
    /// Each meeting's recording.
    recordings: BTreeMap<String, String>,
    /// What is answered to the question for a minute: status and code; else it is there.
    minute_answers: BTreeMap<String, (u16, i64)>,
    asked_minutes: usize,
    /// How often each meeting was asked for it.
    asked_meetings: BTreeMap<String, usize>,
}

/// One page of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Searched {
    pub(crate) whose: &'static str,
    pub(crate) from_ms: i64,
    pub(crate) to_ms: i64,
}

/// How the pages of a search end that has more.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum PagesEnd {
    /// At the bound on hits, in silence.
    #[default]
    Silently,
    /// "There is more", and no way to it.
    WithoutToken,
    /// The second page is refused with this code.
    With(i64),
}

impl Platform {
    pub(crate) async fn start() -> Self {
        let inner = Arc::new(Inner {
            world: Mutex::default(),
            answers: Semaphore::new(Semaphore::MAX_PERMITS),
            asked: Notify::new(),
        });
        let routes = Router::new()
            .route("/open-apis/authen/v2/oauth/token", post(token))
            .route("/open-apis/authen/v1/refresh_access_token", post(refresh_v1))
            .route("/open-apis/auth/v3/app_access_token/internal", post(app_token))
            .route("/open-apis/auth/v3/tenant_access_token/internal", post(app_token))
            .route("/open-apis/authen/v1/user_info", get(user_info))
            .route("/open-apis/vc/v1/meetings/{id}/recording", get(meeting_recording))
            .route("/open-apis/vc/v1/meeting_list", get(meeting_list))
            .route("/open-apis/minutes/v1/minutes/{token}", get(minute))
            .route("/open-apis/minutes/v1/minutes/search", post(search))
            .route("/open-apis/minutes/v1/minutes/subscription", post(subscribe))
            .route("/open-apis/minutes/v1/minutes/unsubscription", post(unsubscribe))
            .with_state(Arc::clone(&inner));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { base, inner }
    }

    /// A one-time code that this person brings back from the authorize page.
    pub(crate) fn code_of(&self, open_id: &str, name: &str) -> String {
        self.world(|world| {
            world.names.insert(open_id.to_owned(), name.to_owned());
        });
        format!("code-of {open_id}")
    }

    /// A refresh token of the old login.
    pub(crate) fn v1_token_of(&self, open_id: &str, name: &str) -> String {
        self.world(|world| {
            world.names.insert(open_id.to_owned(), name.to_owned());
            world.live_v1.insert(format!("ur-{open_id}"), open_id.to_owned());
        });
        format!("ur-{open_id}")
    }

    /// Answers the next call of the token endpoint, or of its historic one, with this.
    pub(crate) fn answer_instead(&self, status: u16, body: &(impl ToString + ?Sized)) {
        self.world(|world| world.instead.push_back((status, body.to_string())));
    }

    /// Whether `user_info` fails from now on.
    pub(crate) fn refuse_user_info(&self, refuse: bool) {
        self.world(|world| world.refuse_user_info = refuse);
    }

    /// What everybody's searches of this kind (`owner_ids`, `participant_ids`) find, all made this second.
    pub(crate) fn search_finds(&self, whose: &'static str, minutes: &[MinuteToken]) {
        self.has(whose, "", minutes.iter().map(|token| (token.clone(), NOW_MS)));
    }

    /// What a person's searches of this kind find, and when each was made.
    pub(crate) fn has(
        &self,
        whose: &'static str,
        open_id: &str,
        minutes: impl IntoIterator<Item = (MinuteToken, i64)>,
    ) {
        let minutes = minutes.into_iter().map(|(token, made_ms)| (token.to_string(), made_ms)).collect();
        self.world(|world| world.minutes.insert((whose, open_id.to_owned()), minutes));
    }

    /// How pages end from now on.
    pub(crate) fn pages_end(&self, how: PagesEnd) {
        self.world(|world| world.pages_end = how);
    }

    /// Every page of a search that was asked for so far.
    pub(crate) fn searched(&self) -> Vec<Searched> {
        self.world(|world| world.searched.clone())
    }

    /// Turns the platform's clock.
    pub(crate) fn turn(&self, ms: i64) {
        self.world(|world| world.ahead_ms += ms);
    }

    /// How often a subscription was asked for, and who is subscribed.
    pub(crate) fn subscriptions(&self) -> (usize, Vec<String>) {
        self.world(|world| (world.subscriptions, world.subscribed.iter().cloned().collect()))
    }

    /// What subscriptions are refused with from now on.
    pub(crate) fn refuse_subscriptions(&self, refusal: Option<(u16, i64)>) {
        self.world(|world| world.subscription_refusal = refusal);
    }

    /// What meetings answer from now on.
    pub(crate) fn meetings_answer(&self, status: u16, body: Value) {
        self.world(|world| world.meeting_answer = Some((status, body)));
    }

    /// How often a meeting was asked.
    pub(crate) fn meeting_questions(&self) -> usize {
        self.world(|world| world.asked_meetings.values().sum())
    }

    /// Whoever authorises from now on grants this, too.
    pub(crate) fn grant(&self, scope: &'static str) {
        self.world(|world| world.granted = scope);
    }

    /// What the company's record holds; nobody may read it until this is said.
    pub(crate) fn record_holds(&self, meetings: Vec<Value>) {
        self.world(|world| world.meetings = Some(meetings));
    }

    /// What goes on cannot be listed.
    pub(crate) fn lists_only_what_is_over(&self) {
        self.world(|world| world.lists_only_what_is_over = true);
    }

    /// A meeting has this recording.
    pub(crate) fn recorded(&self, meeting_id: &str, minute: &MinuteToken) {
        let url = format!("https://meetings.feishu.cn/minutes/{minute}");
        self.world(|world| world.recordings.insert(meeting_id.to_owned(), url));
    }

    /// How often a meeting was asked for its recording.
    pub(crate) fn asked_meeting(&self, meeting_id: &str) -> usize {
        self.world(|world| world.asked_meetings.get(meeting_id).copied().unwrap_or_default())
    }

    /// What the question for a minute's metadata is answered with from now on; 200: that it is there.
    pub(crate) fn minute_answers(&self, token: &MinuteToken, status: u16, code: i64) {
        self.world(|world| world.minute_answers.insert(token.to_string(), (status, code)));
    }

    /// How often minutes were asked for.
    pub(crate) fn asked_minutes(&self) -> usize {
        self.world(|world| world.asked_minutes)
    }

    /// How many refreshes were asked for.
    pub(crate) fn refreshes(&self) -> usize {
        self.world(|world| world.refreshes)
    }

    /// Keeps new pairs and ordered answers to refreshes back until [`Platform::let_go`]. The platform itself
    /// has acted by then.
    pub(crate) fn hold(&self) {
        self.inner.answers.forget_permits(Semaphore::MAX_PERMITS);
    }

    /// Sends `count` of the answers kept back.
    pub(crate) fn let_go(&self, count: usize) {
        self.inner.answers.add_permits(count);
    }

    /// Until `count` refreshes have been asked for.
    pub(crate) async fn asked(&self, count: usize) {
        loop {
            let asked = self.inner.asked.notified();
            tokio::pin!(asked);
            asked.as_mut().enable();
            if self.refreshes() >= count {
                return;
            }
            asked.await;
        }
    }

    fn world<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        act(&mut self.inner.world.lock().unwrap())
    }
}

impl World {
    fn date(&self) -> String {
        let now = Timestamp::from_millisecond(NOW_MS + self.ahead_ms).unwrap();
        now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
    }

    fn bearer(&self, headers: &HeaderMap) -> String {
        let bearer = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
        self.access.get(bearer.trim_start_matches("Bearer ")).cloned().unwrap_or_default()
    }

    fn pair(&mut self, open_id: &str) -> (String, String) {
        self.issued += 1;
        let (access, refresh) = (format!("at-{}", self.issued), format!("rt-{}", self.issued));
        self.access.insert(access.clone(), open_id.to_owned());
        self.live.insert(refresh.clone(), open_id.to_owned());
        (access, refresh)
    }
}

fn refusal(status: u16, code: i64) -> Response {
    let body = json!({"code": code, "error": "invalid_grant", "error_description": "words"});
    (StatusCode::from_u16(status).unwrap(), Json(body)).into_response()
}

async fn token(State(inner): State<Arc<Inner>>, Json(body): Json<Value>) -> Response {
    let field = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let is_refresh = body["grant_type"] == "refresh_token";
    let (answer, may_be_held) = {
        let mut world = inner.world.lock().unwrap();
        world.refreshes += usize::from(is_refresh);
        let whose = if is_refresh {
            world.live.get(&field("refresh_token")).cloned()
        } else {
            field("code").strip_prefix("code-of ").map(str::to_owned)
        };
        match (world.instead.pop_front(), whose) {
            (Some((status, body)), _) => {
                ((StatusCode::from_u16(status).unwrap(), body).into_response(), true)
            }
            (None, Some(open_id)) => {
                world.live.remove(&field("refresh_token"));
                let (access, refresh) = world.pair(&open_id);
                let pair = json!({
                    "code": 0, "access_token": access, "expires_in": 7_200, "refresh_token": refresh,
                    "refresh_token_expires_in": 604_800, "token_type": "Bearer",
                    "scope": format!("offline_access a:b {}", world.granted),
                });
                (Json(pair).into_response(), true)
            }
            (None, None) => (refusal(400, 20_073), false),
        }
    };
    inner.asked.notify_waiters();
    if is_refresh && may_be_held {
        inner.answers.acquire().await.unwrap().forget();
    }
    answer
}

async fn refresh_v1(State(inner): State<Arc<Inner>>, Json(body): Json<Value>) -> Response {
    let mut world = inner.world.lock().unwrap();
    if let Some((status, body)) = world.instead.pop_front() {
        let wait = [("x-ogw-ratelimit-reset", "1")];
        return (StatusCode::from_u16(status).unwrap(), wait, body).into_response();
    }
    let answer = match world.live_v1.remove(body["refresh_token"].as_str().unwrap_or_default()) {
        Some(open_id) => {
            let (access, _) = world.pair(&open_id);
            let refresh = format!("ur-2-{open_id}");
            Json(json!({"code": 0, "msg": "success", "data": {
                "access_token": access, "expires_in": 7_140, "refresh_token": refresh, "refresh_expires_in": 2_591_940,
            }}))
        }
        None => Json(json!({"code": 20_026, "msg": "The refresh token passed is invalid."})),
    };
    answer.into_response()
}

async fn app_token() -> Json<Value> {
    Json(json!({"code": 0, "app_access_token": "a-1", "tenant_access_token": "t-1", "expire": 7_200}))
}

async fn user_info(State(inner): State<Arc<Inner>>, headers: HeaderMap) -> Response {
    let world = inner.world.lock().unwrap();
    let bearer = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    match world.access.get(bearer.trim_start_matches("Bearer ")).filter(|_| !world.refuse_user_info) {
        Some(open_id) => {
            let name = world.names.get(open_id);
            Json(json!({"code": 0, "data": {"open_id": open_id, "name": name}})).into_response()
        }
        // Without a token this is how the platform is asked what time it is there.
        None => ([("date", world.date())], refusal(400, 20_005)).into_response(),
    }
}

async fn meeting_recording(State(inner): State<Arc<Inner>>, Path(id): Path<String>) -> Response {
    let mut world = inner.world.lock().unwrap();
    *world.asked_meetings.entry(id.clone()).or_default() += 1;
    if let Some(url) = world.recordings.get(&id) {
        return Json(json!({"code": 0, "data": {"recording": {"url": url, "duration": "60000"}}}))
            .into_response();
    }
    let refused = (403, json!({"code": 121_005, "msg": "no permission"}));
    let (status, body) = world.meeting_answer.clone().unwrap_or(refused);
    (StatusCode::from_u16(status).unwrap(), Json(body)).into_response()
}

async fn minute(State(inner): State<Arc<Inner>>, Path(token): Path<String>) -> Response {
    let mut world = inner.world.lock().unwrap();
    world.asked_minutes += 1;
    match world.minute_answers.get(&token) {
        Some((status, code)) if *status != 200 => refusal(*status, *code),
        _ => Json(json!({"code": 0, "data": {"minute": {"token": token}}})).into_response(),
    }
}

/// Pages of two, by the second in which a meeting began.
async fn meeting_list(
    State(inner): State<Arc<Inner>>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Response {
    let world = inner.world.lock().unwrap();
    let Some(meetings) = &world.meetings else {
        let refusal = json!({"code": 121_005, "msg": "no permission"});
        return (StatusCode::FORBIDDEN, Json(refusal)).into_response();
    };
    if world.lists_only_what_is_over && query["meeting_status"] == "1" {
        let refusal = json!({"code": 121_003, "msg": "param error"});
        return (StatusCode::BAD_REQUEST, Json(refusal)).into_response();
    }
    let second = |key: &str| query[key].parse::<i64>().unwrap();
    let now = (NOW_MS + world.ahead_ms) / 1_000;
    let goes_on = |row: &Value| row["ends"].as_i64().unwrap_or_default() > now;
    let found: Vec<&Value> = meetings
        .iter()
        .filter(|row| (second("start_time")..=second("end_time")).contains(&row["at"].as_i64().unwrap()))
        .filter(|row| goes_on(row) == (query["meeting_status"] == "1"))
        .collect();
    let from = query.get("page_token").map_or(0, |token| token.parse::<usize>().unwrap());
    let has_more = found.len() > from + 2;
    let rows: Vec<_> = found.into_iter().skip(from).take(2).collect();
    let answer = json!({"code": 0, "data": {"meeting_list": rows, "has_more": has_more,
        "page_token": (from + 2).to_string()}});
    ([("date", world.date())], Json(answer)).into_response()
}

async fn search(
    State(inner): State<Arc<Inner>>,
    Query(query): Query<BTreeMap<String, String>>,
    Json(body): Json<Value>,
) -> Response {
    let mut world = inner.world.lock().unwrap();
    let ids = |whose: &str| body["filter"][whose][0].as_str().map(str::to_owned);
    let whose = ["owner_ids", "participant_ids"].into_iter().find(|whose| ids(whose).is_some()).unwrap();
    let time = |end: &str| {
        let text = body["filter"]["create_time"][end].as_str().unwrap();
        text.parse::<Timestamp>().unwrap().as_millisecond()
    };
    let (from_ms, to_ms) = (time("start_time"), time("end_time"));
    world.searched.push(Searched { whose, from_ms, to_ms });
    let person = ids(whose).unwrap();
    let of = |person: &str| world.minutes.get(&(whose, person.to_owned())).into_iter().flatten();
    let all: Vec<&String> = of(&person)
        .chain(of(""))
        .filter(|(_, made_ms)| (from_ms..=to_ms).contains(made_ms))
        .map(|(token, _)| token)
        .take(MOST_HITS)
        .collect();
    let at = query.get("page_token").and_then(|at| at.parse().ok()).unwrap_or(0);
    if let (PagesEnd::With(code), true) = (world.pages_end, at > 0) {
        return refusal(400, code);
    }
    let items: Vec<Value> = all.iter().skip(at).take(PAGE).map(|token| json!({"token": token})).collect();
    let has_more = at + PAGE < all.len();
    let mut data = json!({"total": all.len(), "items": items, "has_more": has_more});
    if has_more && !matches!(world.pages_end, PagesEnd::WithoutToken) {
        data["page_token"] = json!((at + PAGE).to_string());
    }
    ([("date", world.date())], Json(json!({"code": 0, "data": data}))).into_response()
}

async fn subscribe(State(inner): State<Arc<Inner>>, headers: HeaderMap) -> Response {
    let mut world = inner.world.lock().unwrap();
    world.subscriptions += 1;
    if let Some((status, code)) = world.subscription_refusal {
        return refusal(status, code);
    }
    let open_id = world.bearer(&headers);
    world.subscribed.insert(open_id);
    Json(json!({"code": 0, "msg": "success", "data": {}})).into_response()
}

async fn unsubscribe(State(inner): State<Arc<Inner>>, headers: HeaderMap) -> Json<Value> {
    let mut world = inner.world.lock().unwrap();
    let open_id = world.bearer(&headers);
    world.subscribed.remove(&open_id);
    Json(json!({"code": 0, "msg": "success", "data": {}}))
}

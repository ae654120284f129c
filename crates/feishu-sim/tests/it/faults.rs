//! Faults on order, seen from a client's side.

use reqwest::header::{CONTENT_LENGTH, CONTENT_RANGE, ETAG, LAST_MODIFIED, RANGE};
use serde_json::{Value, json};

use crate::lab::{Answer, Lab, MINUTES};

struct Case {
    lab: Lab,
    token: String,
    path: String,
    url: String,
}

const LENGTH: u64 = 2_000_000;

async fn case() -> Case {
    let lab = Lab::from_json(json!({
        "people": [{ "name": "王芳" }],
        "minutes": [{ "owner": "王芳", "title": "周会", "media": { "kind": "generated", "bytes": LENGTH } }],
        "knobs": { "rate_limits": false },
    }))
    .await;
    let token = lab.full_token("王芳").await;
    let path = format!("{MINUTES}/{}", lab.minute_token("周会").await);
    let url = lab.download_url("周会", &token).await;
    Case { lab, token, path, url }
}

impl Case {
    async fn api(&self) -> Answer {
        self.lab.get(&self.path, &self.token).await
    }

    /// A download: its promised length and what came of it, or the error.
    async fn download(&self, range: Option<&str>) -> (u64, Result<Vec<u8>, Vec<u8>>) {
        let mut request = self.lab.http.get(&self.url);
        if let Some(range) = range {
            request = request.header(RANGE, range);
        }
        let mut response = request.send().await.unwrap();
        let promised = response.headers()[CONTENT_LENGTH].to_str().unwrap().parse().unwrap();
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(bytes)) => body.extend_from_slice(&bytes),
                Ok(None) => return (promised, Ok(body)),
                Err(_) => return (promised, Err(body)),
            }
        }
    }

    async fn media(&self, fault: Value) {
        self.lab.fault("media.download", 1, fault).await;
    }
}

#[tokio::test]
async fn answers_can_be_replaced() {
    let case = case().await;
    let order = async |fault| case.lab.fault("minutes.get", 1, fault).await;
    order(json!({ "kind": "answer", "status": 502, "content_type": "text/html", "body": "<h1>502</h1>" }))
        .await;
    let answer = case.api().await;
    assert_eq!((answer.status.as_u16(), answer.body), (502, json!("<h1>502</h1>")));
    order(json!({ "kind": "answer" })).await;
    let empty = case.api().await;
    assert_eq!((empty.status.as_u16(), empty.body), (200, json!("")));
    order(json!({ "kind": "code", "code": 2_091_006, "status": 500, "msg": "service internal error" })).await;
    assert_eq!(case.api().await.refusal(), (500, 2_091_006));
    order(json!({ "kind": "rate_limited", "status": 400, "reset_seconds": 7 })).await;
    assert_eq!(case.api().await.refusal(), (400, 99_991_400));
    order(json!({ "kind": "halve" })).await;
    let half = case.api().await;
    assert!(half.body.as_str().is_some_and(|text| text.starts_with('{')), "{half:?}");
    order(json!({ "kind": "redirect" })).await;
    let redirect = case.lab.request(reqwest::Method::GET, &case.path, &case.token).send().await.unwrap();
    assert_eq!(
        (redirect.status().as_u16(), redirect.headers()["location"].to_str().unwrap()),
        (302, &*case.path)
    );
    case.api().await.data();

    // The token endpoint refuses in its own, flat form.
    case.lab.fault("oauth.token", 1, json!({ "kind": "code", "code": 20_050, "status": 500 })).await;
    let refused = case.lab.post("/open-apis/authen/v2/oauth/token", "", json!({})).await;
    assert_eq!((refused.refusal(), &refused.body["error"]), ((500, 20_050), &json!("server_error")));
    let log = case.lab.see("/requests?api=minutes.get").await;
    assert!(log["requests"][0]["fault"].is_u64(), "{log}");
}

#[tokio::test]
async fn a_refusal_says_how_long_to_wait_in_one_of_two_headers_or_not_at_all() {
    let case = case().await;
    for (header, sent) in
        [("reset", [Some("7"), None]), ("retry_after", [None, Some("7")]), ("none", [None, None])]
    {
        let refusal = json!({ "kind": "rate_limited", "status": 429, "reset_seconds": 7, "header": header });
        case.lab.fault("minutes.get", 1, refusal).await;
        let answer = case.lab.request(reqwest::Method::GET, &case.path, &case.token).send().await.unwrap();
        let value = |name| answer.headers().get(name).map(|value| value.to_str().unwrap());
        assert_eq!(["x-ogw-ratelimit-reset", "retry-after"].map(value), sent, "{header}");
        assert_eq!(Answer::of(answer).await.refusal(), (429, 99_991_400));
    }
}

#[tokio::test]
async fn connections_can_be_reset() {
    let case = case().await;
    case.lab.fault("minutes.get", 1, json!({ "kind": "reset" })).await;
    let request = case.lab.request(reqwest::Method::GET, &case.path, &case.token);
    let error = request.send().await.unwrap_err();
    assert!(format!("{error:?}").contains("Reset") || error.is_request(), "{error:?}");
    case.api().await.data();

    case.media(json!({ "kind": "reset", "after_bytes": 300_000 })).await;
    let (promised, result) = case.download(None).await;
    assert_eq!(promised, LENGTH);
    let arrived = result.expect_err("the transfer breaks");
    assert!(arrived.len() <= 300_000);
}

#[tokio::test]
async fn bodies_can_be_shorter_and_longer_than_they_should() {
    let case = case().await;
    let (_, whole) = case.download(None).await;
    let whole = whole.unwrap();
    case.media(json!({ "kind": "short", "bytes": 1_234_567 })).await;
    let (promised, result) = case.download(None).await;
    assert_eq!((promised, result.unwrap_err().len()), (LENGTH, 1_234_567));

    case.media(json!({ "kind": "long", "extra_bytes": 100 })).await;
    let (promised, result) = case.download(None).await;
    let long = result.unwrap();
    assert_eq!((promised, long.len() as u64), (LENGTH + 100, LENGTH + 100));
    assert!(long.starts_with(&whole));

    case.media(json!({ "kind": "error_page" })).await;
    let page = case.lab.http.get(&case.url).send().await.unwrap();
    assert_eq!(page.status(), 200);
    let page = page.bytes().await.unwrap();
    assert!(page.len() == 59 && page.starts_with(b"<html"));
}

#[tokio::test]
async fn ranges_can_lie() {
    let case = case().await;
    let whole = case.download(None).await.1.unwrap();
    let asked = "bytes=1000-1999";
    let answer = async |fault: Value| {
        case.media(fault).await;
        let response = case.lab.http.get(&case.url).header(RANGE, asked).send().await.unwrap();
        let stated = response.headers().get(CONTENT_RANGE).map(|range| range.to_str().unwrap().to_owned());
        let etag = response.headers().get(ETAG).cloned();
        (response.status().as_u16(), stated, etag, response.bytes().await.unwrap())
    };
    let (status, stated, etag, body) = answer(json!({ "kind": "delay", "ms": 1 })).await;
    let own = etag.unwrap();
    assert_eq!((status, stated.as_deref()), (206, Some("bytes 1000-1999/2000000")));
    assert!(body == whole[1_000..2_000]);

    let (status, stated, _, body) = answer(json!({ "kind": "wrong_bytes", "shift_bytes": 7 })).await;
    assert_eq!((status, stated.as_deref()), (206, Some("bytes 1000-1999/2000000")));
    assert!(body == whole[1_007..2_007]);
    let (_, stated, _, body) = answer(json!({ "kind": "wrong_range", "shift_bytes": 7 })).await;
    assert_eq!(stated.as_deref(), Some("bytes 1007-2006/2000000"));
    assert!(body == whole[1_007..2_007]);
    let (status, stated, _, body) = answer(json!({ "kind": "ignore_range" })).await;
    assert_eq!((status, stated, body.len() as u64), (200, None, LENGTH));
    let (_, _, etag, body) = answer(json!({ "kind": "changed_etag" })).await;
    assert!(etag.unwrap() != own && body == whole[1_000..2_000]);
    case.media(json!({ "kind": "changed_modified" })).await;
    let dates = async || {
        let response = case.lab.http.get(&case.url).header(RANGE, asked).send().await.unwrap();
        (response.headers()[ETAG].clone(), response.headers()[LAST_MODIFIED].clone())
    };
    let ((same, other_date), (_, date)) = (dates().await, dates().await);
    assert!(same == own && other_date != date);
    let (_, _, etag, body) = answer(json!({ "kind": "changed_object" })).await;
    assert!(etag.unwrap() != own && body != whole[1_000..2_000]);
    let (_, _, etag, _) = answer(json!({ "kind": "no_validators" })).await;
    assert_eq!(etag, None);
}

#[tokio::test]
async fn silence_lasts_until_the_stand_in_ends() {
    let case = case().await;
    case.lab.fault("minutes.get", 1, json!({ "kind": "hang" })).await;
    case.media(json!({ "kind": "stall", "after_bytes": 10 })).await;
    let http = case.lab.http.clone();
    let api = http.get(format!("{}{}", case.lab.base(), case.path)).bearer_auth(&case.token).send();
    let api = tokio::spawn(api);
    let mut stalled = http.get(&case.url).send().await.unwrap();
    assert_eq!(stalled.chunk().await.unwrap().unwrap().len(), 10);
    while case.lab.see("/requests?api=minutes.get").await["requests"] == json!([]) {
        tokio::task::yield_now().await;
    }
    case.lab.end().await;
    assert!(api.await.unwrap().is_err());
    assert!(stalled.chunk().await.is_err());
}

#[tokio::test]
async fn orders_can_be_aimed_and_withdrawn() {
    let case = case().await;
    let code = json!({ "kind": "code", "code": 1, "status": 500 });
    let other = json!({ "api": "minutes.get", "minute_token": "obcn00000000000000000000", "fault": code });
    case.lab.order("/faults", other).await;
    case.api().await.data();
    let aimed = json!({ "open_id": case.lab.open_id("王芳"), "fault": code });
    let id = case.lab.order("/faults", aimed).await["id"].as_u64().unwrap();
    assert_eq!(case.api().await.refusal(), (500, 1));
    assert_eq!(case.api().await.refusal(), (500, 1), "for ever");
    case.lab.control(reqwest::Method::DELETE, &format!("/faults/{id}"), json!({})).await;
    case.api().await.data();

    let misspelt = json!({ "api": "minutes.gte", "fault": code });
    let refused = case.lab.post("/_sim/faults", "", misspelt).await;
    assert_eq!(refused.status, 404);
}

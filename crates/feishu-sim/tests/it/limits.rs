//! The published rate limits.

use reqwest::Method;
use serde_json::json;

use crate::lab::{Answer, Lab, MINUTES};

#[tokio::test]
async fn the_sixth_call_of_a_second_is_refused_with_its_headers() {
    let lab = Lab::small().await;
    let token = lab.full_token("张伟").await;
    let path = format!("{MINUTES}/{}", lab.minute_token("产品周会").await);
    let mut refused = None;
    for _ in 0..20 {
        let response = lab.request(Method::GET, &path, &token).send().await.unwrap();
        if response.status() != 200 {
            refused = Some(response);
            break;
        }
    }
    let refused = refused.expect("twenty calls take less than a second");
    assert_eq!(refused.headers()["x-ogw-ratelimit-limit"], "5");
    assert_eq!(refused.headers()["x-ogw-ratelimit-reset"], "1");
    assert_eq!(Answer::of(refused).await.refusal(), (429, 99_991_400));

    lab.turn(json!({ "rate_limit_status": 400 })).await;
    for _ in 0..20 {
        let answer = lab.get(&path, &token).await;
        if answer.status != 200 {
            assert_eq!(answer.refusal(), (400, 99_991_400));
            break;
        }
    }
    let counters = lab.see("/counters").await;
    assert_eq!(counters["apis"]["minutes.get"]["over_limit"], counters["over_limit"]);
    assert!(counters["over_limit"].as_u64().unwrap() >= 2);
}

#[tokio::test]
async fn a_hundred_searches_a_minute_for_the_whole_app() {
    let lab = Lab::small().await;
    let path = format!("{MINUTES}/search");
    let mut refused = 0;
    for name in ["张伟", "王芳", "李娜"] {
        let token = lab.full_token(name).await;
        for _ in 0..40 {
            let answer = lab.post(&path, &token, json!({ "query": "会" })).await;
            refused += i32::from(answer.refusal() == (429, 99_991_400));
        }
    }
    assert_eq!(refused, 20);
    lab.order("/clock/advance", json!({ "ms": 60_000 })).await;
    let token = lab.full_token("张伟").await;
    lab.post(&path, &token, json!({ "query": "会" })).await.data();
}

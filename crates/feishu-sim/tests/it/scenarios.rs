//! The control room and the built-in scenarios.

use reqwest::Method;
use serde_json::{Value, json};

use crate::lab::{Lab, MINUTES};

#[tokio::test]
async fn the_company_is_as_its_truth_says() {
    let lab = Lab::of(feishu_sim::Scenario::named("company").unwrap()).await;
    lab.turn(json!({ "rate_limits": false })).await;
    lab.order("/play", json!({ "spacing_ms": 0 })).await;
    let unplayed = |truth: &Value| {
        truth["minutes"].as_array().unwrap().iter().any(|minute| minute["played_ms"].is_null())
    };
    while unplayed(&lab.see("/minutes").await) {
        tokio::task::yield_now().await;
    }
    lab.order("/clock/advance", json!({ "ms": 60_000 })).await;
    let mut tokens = std::collections::HashMap::new();
    for user in lab.ready().users.iter().filter(|user| user.authorises) {
        tokens.insert(user.open_id.clone(), lab.full_token(&user.name).await);
    }
    assert_eq!((lab.ready().users.len(), tokens.len()), (12, 10));

    let minutes = lab.see("/minutes").await;
    for minute in minutes["minutes"].as_array().unwrap() {
        let token = minute["token"].as_str().unwrap();
        let mut outcomes = Vec::new();
        let people =
            [&json!([minute["owner"]]), &minute["viewers"]].map(|list| list.as_array().unwrap().clone());
        for person in people.concat() {
            if let Some(access) = tokens.get(person.as_str().unwrap()) {
                outcomes.push(lab.get(&format!("{MINUTES}/{token}/media"), access).await.refusal().1);
            }
        }
        let found = match outcomes.as_slice() {
            [] => "waiting",
            list if list.contains(&0) => "archived",
            list if list.contains(&2_091_004) => "gone",
            list if list.contains(&2_091_002) => "no_media",
            _ => "denied",
        };
        assert_eq!(minute["expect"], found, "{}", minute["title"]);
    }
}

#[tokio::test]
async fn the_control_room_lists_itself() {
    let lab = Lab::small().await;
    let docs = lab.see("/").await;
    let calls = docs["calls"].as_array().unwrap();
    assert!(calls.len() > 25 && docs["faults"].as_array().unwrap().len() > 15);
    for call in calls {
        let call = call["call"].as_str().unwrap();
        let (method, path) = call.split_once(' ').unwrap();
        if method == "GET" && !path.contains(':') {
            let path = path.split('?').next().unwrap().strip_prefix("/_sim").unwrap();
            lab.see(path).await;
        }
    }
}

#[tokio::test]
async fn people_minutes_and_knobs_can_be_added_and_changed() {
    let lab = Lab::small().await;
    let person = lab.order("/people", json!({ "name": "新同事" })).await;
    let minute = json!({ "owner": "新同事", "title": "入职", "announce": "recording_ready" });
    let minute = lab.order("/minutes", minute).await;
    assert_eq!(minute["owner"], person["open_id"]);
    let token =
        lab.order(&format!("/people/{}/tokens", person["open_id"].as_str().unwrap()), json!({})).await;
    let path = format!("{MINUTES}/{}", minute["token"].as_str().unwrap());
    let seen = lab.get(&path, token["access_token"].as_str().unwrap()).await.data();
    assert_eq!(seen["minute"]["title"], "入职");

    let path = format!("/people/{}", person["open_id"].as_str().unwrap());
    lab.control(Method::PATCH, &path, json!({ "name": "改名" })).await;
    assert_eq!(lab.see(&path).await["name"], "改名");

    let misspelt = lab.request(Method::PATCH, "/_sim/knobs", "").json(&json!({ "rate_limit": false }));
    assert_eq!(misspelt.send().await.unwrap().status(), 400);
    assert_eq!(lab.see("/knobs").await["rate_limits"], true);
}

#[tokio::test]
async fn the_date_header_can_be_skewed() {
    let lab = Lab::from_json(json!({ "now_ms": 784_111_777_000_i64 - 3_600_000 })).await;
    lab.turn(json!({ "date_skew_ms": 3_600_000 })).await;
    let response = lab.request(Method::GET, MINUTES, "").send().await.unwrap();
    assert_eq!(response.status(), 404, "an unknown call is no JSON");
    let path = "/open-apis/authen/v1/user_info";
    let response = lab.request(Method::GET, path, "").send().await.unwrap();
    assert!(response.headers()["date"].to_str().unwrap().starts_with("Sun, 06 Nov 1994 08:49:"));
}

#[tokio::test]
async fn the_log_tells_who_called_what() {
    let lab = Lab::small().await;
    let token = lab.full_token("王芳").await;
    let minute = lab.minute_token("招聘面试").await;
    lab.get(&format!("{MINUTES}/{minute}"), &token).await.data();
    lab.get(&format!("{MINUTES}/{minute}"), "u-bad").await;
    let log = lab.see(&format!("/requests?minute_token={minute}")).await;
    let told: Vec<_> =
        log["requests"].as_array().unwrap().iter().map(|call| (&call["open_id"], &call["code"])).collect();
    assert_eq!(told, [(&json!(lab.open_id("王芳")), &json!(0)), (&Value::Null, &json!(99_991_668))]);
    assert!(!log.to_string().contains(&token));
    let counters = lab.see("/counters").await;
    assert_eq!(counters["apis"]["minutes.get"]["by_code"], json!({ "0": 1, "99991668": 1 }));
}

//! Meetings, and where their recordings are.

use reqwest::Method;
use serde_json::{Value, json};

use crate::lab::Lab;

const MEETINGS: &str = "/open-apis/vc/v1/meetings";
const START_MS: i64 = 1_671_765_419_000;

async fn lab() -> Lab {
    Lab::from_json(json!({
        "now_ms": START_MS + 3_600_000,
        "people": [{ "name": "王芳", "department": "产品部" }, { "name": "李娜" }, { "name": "管理员", "meeting_admin": true }],
        "minutes": [{
            "token": "obcntesttesttesttesttest",
            "owner": "王芳",
            "viewers": ["李娜"],
            "title": "讨论会",
            "created_ms": START_MS,
            "duration_ms": 112_000,
            "announce": "meeting_ended",
            "meeting_id": "6911188411934433028",
            "recording_after_ms": 10_000,
        }],
        "meetings": [{ "id": "6911188411934433029", "owner": "王芳", "topic": "未录制", "start_ms": START_MS, "duration_ms": 60_000 }],
        "knobs": { "rate_limits": false },
    }))
    .await
}

#[tokio::test]
async fn the_recording_is_there_some_time_after_the_meeting() {
    let lab = lab().await;
    let path = format!("{MEETINGS}/6911188411934433028/recording");
    let (owner, other, tenant) =
        (lab.full_token("王芳").await, lab.full_token("李娜").await, lab.tenant_token().await);
    assert_eq!(lab.get(&path, &tenant).await.refusal(), (400, 124_002));
    lab.order("/minutes/obcntesttesttesttesttest/announce", json!({})).await;
    lab.order("/clock/advance", json!({ "ms": 10_000 })).await;
    for token in [&owner, &tenant] {
        let recording = lab.get(&path, token).await.data()["recording"].clone();
        assert_eq!(recording["duration"], "112000");
        assert_eq!(recording["url"], "https://meetings.feishu.cn/minutes/obcntesttesttesttesttest");
    }
    assert_eq!(lab.get(&path, &other).await.refusal(), (403, 121_005));
    let none = format!("{MEETINGS}/6911188411934433029/recording");
    assert_eq!(lab.get(&none, &tenant).await.refusal(), (404, 121_004));
    let unknown = format!("{MEETINGS}/6000000000000000000/recording");
    assert_eq!(lab.get(&unknown, &tenant).await.refusal(), (404, 122_002));
}

#[tokio::test]
async fn a_meeting_tells_its_times_in_seconds_as_strings() {
    let lab = lab().await;
    let token = lab.full_token("王芳").await;
    let path = format!("{MEETINGS}/6911188411934433028");
    let meeting = lab.get(&format!("{path}?with_participants=True"), &token).await.data()["meeting"].clone();
    assert_eq!(meeting["id"], "6911188411934433028");
    assert_eq!(meeting["topic"], "讨论会");
    assert_eq!(meeting["start_time"], "1671765419");
    assert_eq!(meeting["end_time"], "1671765531");
    assert_eq!(meeting["status"], 3);
    assert_eq!(meeting["participants"].as_array().unwrap().len(), 2);
    let meeting = lab.get(&path, &token).await.data()["meeting"].clone();
    assert!(meeting.get("participants").is_none());
    let other = lab.full_token("李娜").await;
    assert_eq!(lab.get(&path, &other).await.refusal(), (403, 121_005));
    lab.order("/clock/advance", json!({ "days": 90 })).await;
    let token = lab.full_token("王芳").await;
    assert_eq!(lab.get(&path, &token).await.refusal(), (404, 121_004), "90 days");
}

#[tokio::test]
async fn the_whole_tenants_meetings_are_for_its_meeting_admin() {
    let lab = lab().await;
    let list =
        |rest: &str| format!("/open-apis/vc/v1/meeting_list?start_time=1671765000&end_time=1671769000{rest}");
    let stranger = lab.full_token("李娜").await;
    assert_eq!(lab.get(&list(""), &stranger).await.refusal(), (403, 121_005));

    let admin = lab.full_token("管理员").await;
    let answer = lab.get(&list("&meeting_status=2&page_size=20&user_id_type=open_id"), &admin).await.data();
    let rows = answer["meeting_list"].as_array().unwrap();
    assert_eq!(rows.len(), 2);
    let row = rows.iter().find(|row| row["meeting_topic"] == "讨论会").unwrap();
    assert_eq!(row["meeting_instance_id"], "6911188411934433028");
    assert_eq!(row["meeting_id"].as_str().unwrap().len(), 9, "the nine digits, not the id");
    assert_eq!(row["meeting_start_time"], "2022.12.23 11:16:59 (GMT+08:00)");
    assert_eq!(row["meeting_end_time"], "2022.12.23 11:18:51 (GMT+08:00)");
    assert_eq!(row["meeting_duration"], "00:01:52");
    assert_eq!(row["recording"], true);
    assert_eq!((&row["organizer"], &row["department"]), (&json!("王芳"), &json!("产品部")));
    assert_eq!(lab.get(&list("&page_size=101"), &admin).await.refusal(), (400, 121_003));
    assert_eq!(lab.get(&list("&page_size=19"), &admin).await.refusal(), (400, 121_003));
    assert!(row["user_id"].as_str().unwrap().starts_with("ou_"));
    let union = lab.get(&list("&user_id_type=union_id"), &admin).await.data();
    assert!(union["meeting_list"][0]["user_id"].as_str().unwrap().starts_with("on_"));
    lab.control(Method::PATCH, "/knobs", json!({ "meeting_list_tenant_ids": true })).await;
    let tenant = lab.get(&list("&user_id_type=open_id"), &admin).await.data();
    assert!(!tenant["meeting_list"][0]["user_id"].as_str().unwrap().starts_with("ou_"));
    let running = lab.get(&list("&meeting_status=1"), &admin).await.data();
    assert_eq!(running["meeting_list"], json!([]));
}

#[tokio::test]
async fn search_finds_the_meetings_one_took_part_in() {
    let lab = lab().await;
    let token = lab.full_token("李娜").await;
    let search = async |body: Value| lab.post(&format!("{MEETINGS}/search"), &token, body).await;
    let found = search(json!({ "query": "讨论" })).await.data();
    assert_eq!(found["total"], 1);
    assert_eq!(found["items"][0]["id"], "6911188411934433028");
    assert_eq!(search(json!({ "query": "未录制" })).await.data()["total"], 0);
    assert_eq!(search(json!({ "query": "x".repeat(51) })).await.refusal(), (500, 121_011));
    let bad = json!({ "meeting_filter": { "start_time": { "start_time": "today" } } });
    assert_eq!(search(bad).await.refusal(), (500, 122_601));
}

#[tokio::test]
async fn a_number_leads_to_its_meetings() {
    let lab = lab().await;
    let meetings = lab.control(Method::GET, "/meetings", json!({})).await;
    let meetings = meetings["meetings"].as_array().unwrap();
    let meeting = meetings.iter().find(|meeting| meeting["topic"] == "讨论会").unwrap();
    let number = meeting["meeting_no"].as_str().unwrap();
    let path = |number: &str| {
        format!("{MEETINGS}/list_by_no?meeting_no={number}&start_time=1671765000&end_time=1671769000")
    };
    let token = lab.full_token("王芳").await;
    let found = lab.get(&path(number), &token).await.data();
    assert_eq!(found["meeting_briefs"][0]["id"], "6911188411934433028");
    assert_eq!(lab.get(&path("12"), &token).await.refusal(), (400, 121_003));
}

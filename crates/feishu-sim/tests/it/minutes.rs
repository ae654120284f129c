//! What is told of recordings, to whom.

use reqwest::Method;
use serde_json::{Value, json};

use crate::lab::{Lab, MINUTES};

/// 王芳 owns, 李娜 may view, 张伟 has nothing to do with it.
async fn lab() -> Lab {
    Lab::from_json(json!({
        "people": [{ "name": "王芳" }, { "name": "李娜" }, { "name": "张伟" }],
        "minutes": [{
            "token": "obcntesttesttesttesttest",
            "owner": "王芳",
            "viewers": ["李娜"],
            "title": "周会",
            "created_ms": 1_669_098_360_477_i64,
            "duration_ms": 314_000,
            "transcript": ["第一句", "Second line"],
            "rights": { "media": "owner", "transcript": "nobody", "artifacts": { "only": ["李娜"] } },
        }],
        "knobs": { "rate_limits": false },
    }))
    .await
}

fn at(rest: &str) -> String {
    format!("{MINUTES}/obcntesttesttesttesttest{rest}")
}

#[tokio::test]
async fn metadata_is_as_the_page_writes_it() {
    let lab = lab().await;
    let token = lab.full_token("王芳").await;
    let answer = lab.get(&at(""), &token).await;
    assert!(answer.log_id.is_some());
    let minute = answer.data()["minute"].clone();
    assert_eq!(minute["token"], "obcntesttesttesttesttest");
    assert_eq!(minute["owner_id"], lab.open_id("王芳"));
    assert_eq!(minute["create_time"], "1669098360477");
    assert_eq!(minute["duration"], "314000");
    assert_eq!(minute["title"], "周会");
    assert!(minute["url"].as_str().unwrap().ends_with("/minutes/obcntesttesttesttesttest"));
    assert!(minute["note_id"].is_string());

    lab.turn(json!({ "note_id": "int", "string_numbers": false })).await;
    let minute = lab.get(&at(""), &token).await.data()["minute"].clone();
    assert!(minute["note_id"].is_i64() && minute["duration"] == 314_000);
    lab.turn(json!({ "bare_minutes": true })).await;
    let minute = lab.get(&at(""), &token).await.data()["minute"].clone();
    assert_eq!(minute, json!({ "token": "obcntesttesttesttesttest" }));
}

#[tokio::test]
async fn each_part_has_its_own_permission() {
    let lab = lab().await;
    let denied = (403, 2_091_005);
    for (name, basic, media, artifacts) in
        [("王芳", true, true, false), ("李娜", true, false, true), ("张伟", false, false, false)]
    {
        let token = lab.full_token(name).await;
        for (rest, allowed) in [
            ("", basic),
            ("/media", media),
            ("/transcript", false),
            ("/artifacts", artifacts),
            ("/statistics", basic),
        ] {
            let refusal = lab.get(&at(rest), &token).await.refusal();
            assert_eq!(refusal, if allowed { (200, 0) } else { denied }, "{name} {rest}");
        }
    }
    let tenant = lab.tenant_token().await;
    assert_eq!(lab.get(&at(""), &tenant).await.refusal(), denied);
}

#[tokio::test]
async fn the_state_of_a_recording_has_its_own_refusals() {
    let lab = lab().await;
    let token = lab.full_token("王芳").await;
    let refusal = async |rest: &str| lab.get(&at(rest), &token).await.refusal();
    assert_eq!(lab.get(&format!("{MINUTES}/tooshort"), &token).await.refusal(), (400, 2_091_001));
    let unknown = format!("{MINUTES}/obcn00000000000000000000");
    assert_eq!(lab.get(&unknown, &token).await.refusal(), (404, 2_091_002));

    let path = "/minutes/obcntesttesttesttesttest";
    lab.control(Method::PATCH, path, json!({ "ready_after_ms": 60_000 })).await;
    assert_eq!(refusal("/media").await, (400, 2_091_003));
    assert_eq!(refusal("").await, (200, 0), "metadata reads before the transcription is done");
    lab.order(&format!("{path}/announce"), json!({})).await;
    assert_eq!(refusal("/media").await, (400, 2_091_003));
    lab.order("/clock/advance", json!({ "ms": 60_000 })).await;
    assert_eq!(refusal("/media").await, (200, 0));

    lab.control(Method::PATCH, path, json!({ "media": null })).await;
    assert_eq!(refusal("/media").await, (404, 2_091_002), "a recording that never got a file");
    lab.control(Method::DELETE, path, json!({})).await;
    assert_eq!(refusal("").await, (400, 2_091_004));
    assert_eq!(refusal("/artifacts").await, (400, 2_091_004));
}

#[tokio::test]
async fn tokens_and_scopes_are_checked_before_anything_else() {
    let lab = lab().await;
    assert_eq!(lab.get(&at(""), "").await.refusal(), (400, 99_991_661));
    assert_eq!(lab.get(&at(""), "u-garbage").await.refusal(), (401, 99_991_668));
    assert_eq!(lab.get(&at(""), "t-garbage").await.refusal(), (400, 99_991_663));

    let little = lab.token("王芳", json!(["minutes:minutes.basic:read"])).await;
    assert_eq!(lab.get(&at(""), &little).await.refusal(), (200, 0));
    let answer = lab.get(&at("/media"), &little).await;
    assert_eq!(answer.refusal(), (400, 99_991_679));
    let error = &answer.body["error"];
    assert_eq!(error["permission_violations"][0]["subject"], "minutes:minutes.media:export");
    assert_eq!(error["log_id"].as_str(), answer.log_id.as_deref());

    lab.control(Method::PATCH, "/app", json!({ "scopes": ["minutes:minutes.basic:read"] })).await;
    let answer = lab.get(&at("/media"), &little).await;
    assert_eq!(answer.refusal(), (400, 99_991_672));
    assert_eq!(answer.body["error"]["permission_violations"][0]["subject"], "minutes:minutes.media:export");
}

#[tokio::test]
async fn transcripts_come_as_bytes_in_two_formats() {
    let lab = lab().await;
    lab.control(
        Method::PATCH,
        "/minutes/obcntesttesttesttesttest",
        json!({ "rights": { "transcript": "viewers" } }),
    )
    .await;
    let token = lab.full_token("李娜").await;
    let text = async |query: &str| {
        let response =
            lab.request(Method::GET, &at(&format!("/transcript?{query}")), &token).send().await.unwrap();
        assert_eq!(response.status(), 200);
        response.text().await.unwrap()
    };
    assert_eq!(text("file_format=txt").await, "第一句\n\nSecond line\n\n");
    assert_eq!(
        text("need_speaker=True&need_timestamp=True&file_format=txt").await,
        "王芳 00:00:00.000\n第一句\n\n王芳 00:00:04.000\nSecond line\n\n",
        "booleans as the Python SDK writes them",
    );
    assert_eq!(
        text("need_speaker=true&file_format=srt").await,
        "1\n00:00:00,000 --> 00:00:04,000\n王芳: 第一句\n\n2\n00:00:04,000 --> 00:00:08,000\n王芳: Second line\n\n",
    );
    assert_eq!(lab.get(&at("/transcript?file_format=pdf"), &token).await.refusal(), (400, 2_091_001));
}

#[tokio::test]
async fn products_and_statistics_write_numbers_as_strings() {
    let lab = lab().await;
    let token = lab.full_token("李娜").await;
    let products = lab.get(&at("/artifacts"), &token).await.data();
    assert!(products["summary"].as_str().is_some_and(|summary| !summary.is_empty()));
    let chapters = products["minute_chapters"].as_array().unwrap();
    assert_eq!(chapters.len(), 2);
    assert_eq!((&chapters[1]["start_ms"], &chapters[1]["stop_ms"]), (&json!("157000"), &json!("314000")));
    assert!(products["minute_todos"][0]["assignees"].is_array());

    lab.get(&at(""), &token).await.data();
    lab.get(&at(""), &token).await.data();
    let statistics = lab.get(&at("/statistics"), &token).await.data()["statistics"].clone();
    assert_eq!((&statistics["user_view_count"], &statistics["page_view_count"]), (&json!("1"), &json!("2")));
    assert_eq!(statistics["user_view_list"][0]["user_id"], lab.open_id("李娜"));
}

async fn many(count: usize) -> Lab {
    let minutes: Vec<_> = (0..count)
        .map(|index| json!({ "owner": "王芳", "title": format!("会 {index}"), "created_ms": 1_700_000_000_000_i64 + 60_000 * i64::try_from(index).unwrap() }))
        .collect();
    Lab::from_json(json!({
        "people": [{ "name": "王芳" }, { "name": "张伟" }],
        "minutes": minutes,
        "knobs": { "rate_limits": false },
    }))
    .await
}

fn by_owner(lab: &Lab) -> Value {
    json!({ "filter": { "owner_ids": [lab.open_id("王芳")] } })
}

#[tokio::test]
async fn search_pages_by_the_query_and_ignores_the_body() {
    let lab = many(20).await;
    let token = lab.full_token("王芳").await;
    let first = lab.post(&format!("{MINUTES}/search"), &token, by_owner(&lab)).await.data();
    assert_eq!(first["items"].as_array().unwrap().len(), 15);
    assert_eq!((&first["total"], &first["has_more"]), (&json!(20), &json!(true)));
    let item = &first["items"][0];
    assert_eq!(item["display_info"], "会 19", "newest first");
    for absent in ["owner_id", "create_time", "duration"] {
        assert!(item.get(absent).is_none() && item["meta_data"].get(absent).is_none());
    }

    let next = first["page_token"].as_str().unwrap();
    let path = format!("{MINUTES}/search?page_token={next}");
    let second = lab.post(&path, &token, by_owner(&lab)).await.data();
    assert_eq!(second["items"].as_array().unwrap().len(), 5);
    assert_eq!(second["has_more"], false);
    assert!(second.get("page_token").is_none());

    let mut in_body = by_owner(&lab);
    in_body["page_token"] = json!(next);
    in_body["page_size"] = json!(3);
    let again = lab.post(&format!("{MINUTES}/search"), &token, in_body).await.data();
    assert_eq!(again["items"], first["items"], "page 1 repeats for ever");
}

#[tokio::test]
async fn search_silently_stops_at_fifty() {
    let lab = many(60).await;
    let token = lab.full_token("王芳").await;
    let mut seen = 0;
    let mut path = format!("{MINUTES}/search?page_size=30");
    loop {
        let page = lab.post(&path, &token, by_owner(&lab)).await.data();
        seen += page["items"].as_array().unwrap().len();
        match page["page_token"].as_str() {
            Some(next) => path = format!("{MINUTES}/search?page_size=30&page_token={next}"),
            None => break,
        }
    }
    assert_eq!(seen, 50);
}

#[tokio::test]
async fn search_conditions_work_and_bad_ones_are_refused() {
    let lab = many(20).await;
    let token = lab.full_token("王芳").await;
    let search =
        async |query: &str, body: Value| lab.post(&format!("{MINUTES}/search{query}"), &token, body).await;
    let total = async |body: Value| search("", body).await.data()["total"].as_i64().unwrap();
    assert_eq!(total(json!({ "query": "会 1" })).await, 11);
    // 2023-11-14T22:13:20Z is the first one's time; times are inclusive and need their zone.
    let window = |start: &str, end: &str| json!({ "filter": { "create_time": { "start_time": start, "end_time": end } } });
    assert_eq!(total(window("2023-11-15T06:13:20+08:00", "2023-11-14T22:15:20Z")).await, 3);

    assert_eq!(search("", json!({})).await.refusal(), (400, 2_094_001), "at least one condition");
    assert_eq!(search("", json!({ "query": "会".repeat(51) })).await.refusal(), (400, 2_094_002));
    assert_eq!(search("", window("2023-11-14T22:13:20", "")).await.refusal(), (400, 2_094_102));
    let backwards = window("2023-11-15T00:00:00Z", "2023-11-14T00:00:00Z");
    assert_eq!(search("", backwards).await.refusal(), (400, 2_094_003));
    assert_eq!(search("?page_size=31", by_owner(&lab)).await.refusal(), (400, 2_094_006));
    assert_eq!(search("?page_token=garbage", by_owner(&lab)).await.refusal(), (400, 2_094_005));

    let stranger = lab.full_token("张伟").await;
    let none = lab.post(&format!("{MINUTES}/search"), &stranger, by_owner(&lab)).await.data();
    assert_eq!(none["total"], 0, "only what one may view is found");
    let tenant = lab.tenant_token().await;
    let refused = lab.post(&format!("{MINUTES}/search"), &tenant, by_owner(&lab)).await;
    assert_eq!(refused.refusal(), (401, 2_094_011));
    lab.turn(json!({ "search_by_tenant": true })).await;
    let found = lab.post(&format!("{MINUTES}/search"), &tenant, by_owner(&lab)).await.data();
    assert_eq!(found["total"], 20);
}

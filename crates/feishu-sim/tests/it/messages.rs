//! Messages from the bot.

use reqwest::Method;
use serde_json::json;

use crate::lab::{Answer, Lab};

const MESSAGES: &str = "/open-apis/im/v1/messages";

#[tokio::test]
async fn a_card_is_sent_once_per_uuid_and_can_be_updated() {
    let lab = Lab::small().await;
    let tenant = lab.tenant_token().await;
    let path = format!("{MESSAGES}?receive_id_type=open_id");
    let card = |uuid: &str| json!({ "receive_id": lab.open_id("王芳"), "msg_type": "interactive", "content": "{\"a\":1}", "uuid": uuid });
    let first = lab.post(&path, &tenant, card("one")).await.data();
    assert!(first["message_id"].as_str().unwrap().starts_with("om_"));
    assert_eq!(lab.post(&path, &tenant, card("one")).await.data()["message_id"], first["message_id"]);
    assert_ne!(lab.post(&path, &tenant, card("two")).await.data()["message_id"], first["message_id"]);
    lab.order("/clock/advance", json!({ "ms": 3_600_000 })).await;
    assert_ne!(lab.post(&path, &tenant, card("one")).await.data()["message_id"], first["message_id"]);

    let path = format!("{MESSAGES}/{}", first["message_id"].as_str().unwrap());
    let update = lab.request(Method::PATCH, &path, &tenant).json(&json!({ "content": "{\"a\":2}" }));
    Answer::of(update.send().await.unwrap()).await.data();
    let sent = lab.see("/messages").await;
    assert_eq!(sent["messages"].as_array().unwrap().len(), 3);
    assert_eq!(sent["messages"][0]["content"], "{\"a\":2}");
}

#[tokio::test]
async fn unfit_messages_are_refused() {
    let lab = Lab::small().await;
    let tenant = lab.tenant_token().await;
    let path = format!("{MESSAGES}?receive_id_type=open_id");
    let send = async |content: &str| {
        let body =
            json!({ "receive_id": lab.open_id("王芳"), "msg_type": "interactive", "content": content });
        lab.post(&path, &tenant, body).await.refusal()
    };
    assert_eq!(send("not json").await.1, 230_001);
    assert_eq!(send(&format!("\"{}\"", "x".repeat(30 * 1024))).await.1, 230_025);
    for _ in 0..5 {
        assert_eq!(send("{}").await, (200, 0));
    }
    assert_eq!(send("{}").await, (400, 230_020), "5 a second to one person");

    let open_id = lab.open_id("李娜");
    lab.control(Method::PATCH, &format!("/people/{open_id}"), json!({ "available": false })).await;
    let body = json!({ "receive_id": open_id, "msg_type": "interactive", "content": "{}" });
    assert_eq!(lab.post(&path, &tenant, body.clone()).await.refusal(), (400, 230_013));
    let user = lab.full_token("王芳").await;
    assert_eq!(lab.post(&path, &user, body).await.refusal(), (400, 99_991_663));
}

#[tokio::test]
async fn a_department_names_its_people_and_no_others() {
    let lab = Lab::small().await;
    let open_id = lab.open_id("李娜");
    lab.control(Method::PATCH, &format!("/people/{open_id}"), json!({ "department": "od-sales" })).await;
    let tenant = lab.tenant_token().await;
    let path = "/open-apis/contact/v3/users/find_by_department?page_size=50&department_id=";
    let found = lab.get(&format!("{path}od-sales"), &tenant).await.data();
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
    assert_eq!(found["items"][0]["open_id"], open_id);
    assert_eq!(lab.get(&format!("{path}od-nobody"), &tenant).await.refusal(), (403, 40_004));
}

//! Cards to one person, and who is in a department.

use feishu::{Error, OpenId};
use serde_json::json as value;

use crate::platform::{Platform, Seen, json};

const TENANT: &str = r#"{"code":0,"tenant_access_token":"t-1","expire":7200}"#;

fn is_token(seen: &Seen) -> bool {
    seen.path.contains("tenant_access_token")
}

#[tokio::test]
async fn a_card_is_sent_with_its_uuid_and_updated_in_place() {
    let platform = Platform::start(|seen| {
        if is_token(seen) {
            return json(200, TENANT);
        }
        json(200, r#"{"code":0,"data":{"message_id":"om_1"}}"#)
    })
    .await;
    let client = platform.client();
    let person = OpenId::parse("ou_1").unwrap();
    let id = client.send_card(&person, &value!({"a": 1}), "uuid-1").await.unwrap();
    assert_eq!(id, "om_1");
    client.update_card(&id, &value!({"a": 2})).await.unwrap();
    let seen: Vec<Seen> = platform.seen().into_iter().filter(|seen| !is_token(seen)).collect();
    assert_eq!(
        (seen[0].path.as_str(), seen[0].query["receive_id_type"].as_str()),
        ("/open-apis/im/v1/messages", "open_id")
    );
    assert_eq!(
        seen[0].json(),
        value!({"receive_id": "ou_1", "msg_type": "interactive", "content": "{\"a\":1}", "uuid": "uuid-1"})
    );
    assert_eq!((seen[1].method.as_str(), seen[1].path.as_str()), ("PATCH", "/open-apis/im/v1/messages/om_1"));
    assert_eq!(seen[1].json(), value!({"content": "{\"a\":2}"}));
    assert!(seen.iter().all(|seen| seen.header("authorization") == Some("Bearer t-1")));
}

#[tokio::test]
async fn a_tenant_token_that_is_refused_is_replaced_once() {
    let platform = Platform::start(|seen| match seen {
        seen if is_token(seen) => json(200, TENANT),
        _ => json(400, r#"{"code":99991663,"msg":"invalid"}"#),
    })
    .await;
    let person = OpenId::parse("ou_1").unwrap();
    let error = platform.client().send_card(&person, &value!({}), "u").await.unwrap_err();
    assert!(matches!(error, Error::Unauthorized(_)), "{error}");
    assert_eq!(platform.seen().len(), 4, "a token and a call, twice");
}

#[tokio::test]
async fn a_department_is_read_to_its_last_page() {
    let platform = Platform::start(|seen| {
        if is_token(seen) {
            return json(200, TENANT);
        }
        match seen.query["page_token"].as_str() {
            "" => json(200, r#"{"code":0,"data":{"has_more":true,"page_token":"p2","items":[{"open_id":"ou_1"},{"name":"no id"}]}}"#),
            _ => json(200, r#"{"code":0,"data":{"has_more":false,"items":[{"open_id":"ou_2"}]}}"#),
        }
    })
    .await;
    let members = platform.client().department_members("od-1").await.unwrap();
    assert_eq!(members, [OpenId::parse("ou_1").unwrap(), OpenId::parse("ou_2").unwrap()]);
    assert_eq!(platform.seen()[1].query["department_id"], "od-1");
}

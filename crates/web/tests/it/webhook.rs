//! `POST /webhook/event`, with bodies that other code made.

use std::sync::LazyLock;

use axum::body::{Body, Bytes};
use axum::http::Request;
use futures_util::stream;
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::house::{Answer, House};

static VECTORS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let vectors: Value = serde_json::from_str(include_str!("../data/webhook.json")).unwrap();
    vectors["events"].as_array().unwrap().clone()
});

fn body_of(vector: &Value) -> Vec<u8> {
    vector["encrypted_body"].as_str().unwrap().as_bytes().to_vec()
}

async fn post(house: &House, vector: &Value, body: impl Into<Body>) -> Answer {
    let mut request = Request::post("/webhook/event").header("content-type", "application/json");
    for (name, value) in vector["headers"].as_object().unwrap() {
        request = request.header(name, value.as_str().unwrap());
    }
    house.send(request.body(body.into()).unwrap()).await
}

async fn stored(house: &House) -> i64 {
    house.catalog.tally().await.unwrap().events.values().sum()
}

#[tokio::test]
async fn every_vector_is_taken_in_once() {
    let house = House::plain().await;
    assert_eq!(VECTORS.len(), 6);
    for round in 0..2 {
        for vector in VECTORS.iter() {
            let answer = post(&house, vector, body_of(vector)).await;
            let plaintext: Value = serde_json::from_str(vector["plaintext"].as_str().unwrap()).unwrap();
            let expected = match plaintext.get("challenge") {
                Some(challenge) => json!({"challenge": challenge}),
                None => json!({}),
            };
            assert_eq!(answer.status, 200, "{} in round {round}: {}", vector["name"], answer.body);
            assert_eq!(serde_json::from_str::<Value>(&answer.body).unwrap(), expected);
            assert_eq!(answer.header("content-type"), "application/json");
        }
        assert_eq!(stored(&house).await, 5);
        house.clock.advance(30 * 86_400_000);
    }
}

#[tokio::test]
async fn an_event_calls_for_work() {
    let house = House::plain().await;
    post(&house, &VECTORS[0], body_of(&VECTORS[0])).await;
    assert_eq!(house.catalog.overview().await.unwrap().events_waiting, 1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn a_flipped_bit_anywhere_is_refused_and_changes_nothing(
        which in 0..5_usize, at in any::<prop::sample::Index>(), bit in 0..8_u8,
    ) {
        static HOUSE: LazyLock<(Runtime, House)> = LazyLock::new(|| {
            let runtime = Runtime::new().unwrap();
            let house = runtime.block_on(House::plain());
            (runtime, house)
        });
        let (runtime, house) = &*HOUSE;
        let mut body = body_of(&VECTORS[which]);
        let at = at.index(body.len());
        body[at] ^= 1 << bit;
        let answer = runtime.block_on(post(house, &VECTORS[which], body));
        prop_assert_eq!(answer.status.as_u16(), 401);
        prop_assert_eq!(runtime.block_on(stored(house)), 0);
    }

    #[test]
    fn whatever_comes_is_refused_without_a_word_of_it(body in prop::collection::vec(any::<u8>(), 0..300)) {
        static HOUSE: LazyLock<(Runtime, House)> = LazyLock::new(|| {
            let runtime = Runtime::new().unwrap();
            let house = runtime.block_on(House::plain());
            (runtime, house)
        });
        let (runtime, house) = &*HOUSE;
        let unsigned = json!({"headers": {}});
        let answer = runtime.block_on(post(house, &unsigned, body));
        prop_assert!(answer.status.is_client_error());
        prop_assert_eq!(runtime.block_on(stored(house)), 0);
    }
}

#[tokio::test]
async fn an_oversized_event_is_refused_while_it_is_read() {
    let house = House::plain().await;
    let unsigned = json!({"headers": {}});
    let declared = post(&house, &unsigned, vec![b' '; 1024 * 1024 + 1]).await;
    assert_eq!(declared.status, 413);
    assert!(declared.body.contains("error"), "{}", declared.body);
    // Without a declared length only whoever stops reading can answer.
    let chunk = Bytes::from(vec![b' '; 64 * 1024]);
    let chunks = (0..1_000).map(move |read| {
        assert!(read < 100, "it reads on and on");
        Ok::<_, std::io::Error>(chunk.clone())
    });
    assert_eq!(post(&house, &unsigned, Body::from_stream(stream::iter(chunks))).await.status, 413);
    let largest = post(&house, &unsigned, vec![b' '; 1024 * 1024]).await;
    assert_eq!(largest.status, 400, "not too large, only no JSON");
}

#[tokio::test]
async fn what_cannot_be_stored_is_asked_for_again() {
    let house = House::plain().await;
    house.catalog.db().close().await;
    let answer = post(&house, &VECTORS[0], body_of(&VECTORS[0])).await;
    assert_eq!(answer.status, 503);
    assert!(!answer.header("retry-after").is_empty());
    assert!(!answer.body.contains("pool"), "our own trouble is for the log: {}", answer.body);
}

#[tokio::test]
async fn a_sender_that_stalls_is_answered_before_the_platform_gives_up() {
    let house = House::plain().await;
    tokio::time::pause();
    let stalled = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
    assert_eq!(post(&house, &VECTORS[0], stalled).await.status, 503);
}

#[tokio::test]
async fn only_this_very_address_takes_events() {
    let house = House::plain().await;
    for (method, path, status) in
        [("GET", "/webhook/event", 405), ("POST", "/webhook/event/", 404), ("POST", "/webhook", 404)]
    {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        assert_eq!(house.send(request).await.status.as_u16(), status, "{method} {path}");
    }
}

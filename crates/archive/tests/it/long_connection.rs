//! The long connection: how it stands is there to be read, and no refusal ends the attempts.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use archive::discover::LongConnection;
use archive::model::{LinkStanding, LinkState, LinkTrouble};
use axum::routing::post;
use axum::{Json, Router};
use feishu::EventVerifier;
use serde_json::json;

use crate::databases::Fresh;
use crate::installation::{Installation, NOW_MS, client, eventually};

on_each_database!(
    how_a_link_stands_is_noted_node_by_node,
    a_refusal_is_noted_and_asked_about_again_and_the_end_of_the_program_is_noted_too,
);

fn standing(node: &str, state: LinkState) -> LinkStanding {
    LinkStanding {
        node: node.to_owned(),
        state,
        state_at: NOW_MS,
        trouble: None,
        detail: None,
        retry_at: None,
        heard_at: None,
        noted_at: NOW_MS,
    }
}

async fn how_a_link_stands_is_noted_node_by_node(fresh: &Fresh) {
    let catalog = &fresh.catalog;
    let one = standing("one", LinkState::Connecting);
    let other = LinkStanding {
        trouble: Some(LinkTrouble::Forbidden.to_string()),
        detail: Some("403".to_owned()),
        retry_at: Some(NOW_MS + 1),
        heard_at: Some(NOW_MS - 1),
        ..standing("other", LinkState::Refused)
    };
    catalog.set_link(&other).await.unwrap();
    catalog.set_link(&one).await.unwrap();
    assert_eq!(catalog.links().await.unwrap(), [one.clone(), other.clone()]);
    let later = LinkStanding { noted_at: NOW_MS + 5, ..standing("one", LinkState::Connected) };
    catalog.set_link(&later).await.unwrap();
    assert_eq!(catalog.links().await.unwrap(), [later.clone(), other]);
    assert_eq!(catalog.forget_links(NOW_MS + 5).await.unwrap(), 1);
    assert_eq!(catalog.links().await.unwrap(), [later]);
}

async fn a_refusal_is_noted_and_asked_about_again_and_the_end_of_the_program_is_noted_too(fresh: &Fresh) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let refuse = move || {
        let nth = count.fetch_add(1, Ordering::SeqCst);
        // The operator has mended one thing; another is left.
        let code = if nth < 3 { 514 } else { 403 };
        async move { Json(json!({ "code": code, "msg": "no" })) }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let routes = Router::new().route("/callback/ws/endpoint", post(refuse));
    tokio::spawn(async move { axum::serve(listener, routes).await });

    let installation = Installation::new(fresh).await;
    let long_connection = LongConnection {
        client: client(&base, "cli_test", "secret"),
        verifier: EventVerifier::new(None, None, "cli_test".to_owned()),
        inbox: installation.inbox(),
        catalog: installation.catalog().clone(),
        clock: Arc::clone(&installation.archive.clock),
        node: "node".to_owned(),
        calm: Duration::from_millis(20),
    };
    let stop = installation.archive.stop.clone();
    let running = tokio::spawn(long_connection.run(stop.clone(), installation.tracker.clone()));
    let link = async || installation.catalog().links().await.unwrap().into_iter().next();
    eventually("it is asked again and again", async || asked.load(Ordering::SeqCst) > 5).await;
    eventually("the newest refusal is noted", async || {
        link().await.is_some_and(|link| link.trouble() == Some(LinkTrouble::Forbidden))
    })
    .await;
    stop.cancel();
    running.await.unwrap();
    let link = link().await.unwrap();
    assert_eq!((link.state, link.retry_at), (LinkState::Closed, None));
    assert!(link.detail.unwrap().contains("403"), "what was wrong stays to be read");
}

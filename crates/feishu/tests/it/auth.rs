//! Sign-in and tokens over the wire.

use std::collections::HashMap;
use std::time::Duration;

use feishu::{Authorize, Error, TokenError};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json as value;

use crate::platform::{Platform, access, json};

const PAIR: &str = r#"{"code":0,"access_token":"u-new","expires_in":7200,"refresh_token":"ur-new",
    "refresh_token_expires_in":604800,"token_type":"Bearer","scope":"offline_access minutes:minutes.basic:read"}"#;

#[tokio::test]
async fn the_authorize_page_gets_everything_it_needs() {
    let platform = Platform::start(|_| json(200, "{}")).await;
    let scopes = ["offline_access".to_owned(), "minutes:minutes.basic:read".to_owned()];
    let url = platform.client().authorize_url(&Authorize {
        redirect_uri: "https://vault.example.com/auth/callback?a=1&b=2",
        scopes: &scopes,
        state: "s+t/a=te",
        code_challenge: "challenge-_",
    });
    assert_eq!(url.path(), "/open-apis/authen/v1/authorize");
    let query: HashMap<_, _> = url.query_pairs().into_owned().collect();
    for (key, expected) in [
        ("client_id", "cli_a000000000000001"),
        ("response_type", "code"),
        ("redirect_uri", "https://vault.example.com/auth/callback?a=1&b=2"),
        ("scope", "offline_access minutes:minutes.basic:read"),
        ("state", "s+t/a=te"),
        ("code_challenge", "challenge-_"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(query.get(key).map(String::as_str), Some(expected), "{key}");
    }
    assert_eq!(query.len(), 7);
    assert!(!url.query().unwrap().contains('+'));
}

#[tokio::test]
async fn a_code_and_a_refresh_token_each_buy_a_pair() {
    let platform = Platform::start(|_| json(200, PAIR)).await;
    let client = platform.client();
    let pair = client.exchange_code("the-code", "https://v/cb", &"the-verifier".into()).await.unwrap();
    assert_eq!(pair.access_token.expose_secret(), "u-new");
    assert_eq!(pair.refresh_token.as_ref().map(ExposeSecret::expose_secret), Some("ur-new"));
    assert_eq!(pair.expires_in, Duration::from_hours(2));
    assert_eq!(pair.refresh_expires_in, Some(Duration::from_hours(24 * 7)));
    assert_eq!(pair.scopes, ["offline_access", "minutes:minutes.basic:read"]);
    assert!(!format!("{pair:?}").contains("new"), "tokens stay out of Debug");

    client.refresh(&"ur-old".into()).await.unwrap();
    let bodies: Vec<_> = platform.seen().iter().map(|seen| (seen.path.clone(), seen.json())).collect();
    let path = "/open-apis/authen/v2/oauth/token".to_owned();
    assert_eq!(
        bodies,
        [
            (
                path.clone(),
                value!({"grant_type": "authorization_code", "client_id": "cli_a000000000000001",
                    "client_secret": "app-secret", "code": "the-code", "redirect_uri": "https://v/cb",
                    "code_verifier": "the-verifier"})
            ),
            (
                path,
                value!({"grant_type": "refresh_token", "client_id": "cli_a000000000000001",
                    "client_secret": "app-secret", "refresh_token": "ur-old"})
            ),
        ]
    );
}

#[tokio::test]
async fn a_pair_is_never_lost_over_an_odd_lifetime() {
    for (lifetimes, access_seconds, refresh_seconds) in [
        (r#""expires_in":"7200","refresh_token_expires_in":"604800""#, 7200, 604_800),
        (r#""expires_in":7200,"refresh_expires_in":2592000"#, 7200, 2_592_000),
        (r#""expires_in":-1,"refresh_token_expires_in":0"#, 3600, 86_400),
        (r#""expires_in":null,"refresh_token_expires_in":99999999999"#, 3600, 86_400),
        (r#""x":1"#, 3600, 86_400),
    ] {
        let body = format!(r#"{{"code":0,"access_token":"u","refresh_token":"ur",{lifetimes}}}"#);
        let platform = Platform::start(move |_| json(200, body.clone())).await;
        let pair = platform.client().refresh(&"ur-old".into()).await.unwrap();
        assert_eq!(pair.expires_in.as_secs(), access_seconds, "{lifetimes}");
        assert_eq!(
            pair.refresh_expires_in.map(|lifetime| lifetime.as_secs()),
            Some(refresh_seconds),
            "{lifetimes}"
        );
    }
    let platform = Platform::start(|_| json(200, r#"{"code":0,"access_token":"u","expires_in":60}"#)).await;
    let pair = platform.client().refresh(&"ur-old".into()).await.unwrap();
    assert!(pair.refresh_token.is_none() && pair.refresh_expires_in.is_none());
}

#[tokio::test]
async fn no_clear_answer_keeps_the_grant_and_shows_no_secret() {
    for (status, body) in [
        (200, r#"{"code":0}"#),
        (200, "<html>portal</html>"),
        (400, r#"{"error":"invalid_grant"}"#),
        (502, "bad gateway"),
        (200, r#"{"code":0,"access_token":"u-new","expi"#),
    ] {
        let platform = Platform::start(move |_| json(status, body)).await;
        let error = platform.client().refresh(&"ur-old".into()).await.unwrap_err();
        assert!(
            matches!(&error, TokenError::Ambiguous(detail) if detail.status == Some(status)),
            "{error:?}"
        );
        assert_eq!(error.detail().log_id.as_deref(), Some("2026112321000001"));
    }
    let echo = r#"{"code":20064,"msg":"refresh token ur-abcdefghij0123456789abcdefghij is revoked"}"#;
    let platform = Platform::start(move |_| json(400, echo)).await;
    let error = platform.client().refresh(&"ur-old".into()).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("0123456789"), "{error}");
}

#[tokio::test]
async fn nobody_home_keeps_the_grant() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    drop(listener);
    let client = crate::platform::client(&base, true, feishu::Timeouts::default());
    let error = client.refresh(&"ur-old".into()).await.unwrap_err();
    assert!(matches!(&error, TokenError::Ambiguous(detail) if detail.status.is_none()), "{error:?}");
    assert!(!error.to_string().contains("open-apis"), "the address stays out: {error}");
}

#[tokio::test]
async fn an_old_grant_is_refreshed_with_the_app_token() {
    let platform = Platform::start(|seen| match seen.path.as_str() {
        "/open-apis/auth/v3/app_access_token/internal" => json(200, r#"{"code":0,"app_access_token":"a-app","expire":7200}"#),
        "/open-apis/authen/v1/refresh_access_token" => json(
            200,
            r#"{"code":0,"data":{"access_token":"u-v1","refresh_token":"ur-v1","expires_in":6900,"refresh_expires_in":2591700}}"#,
        ),
        _ => json(404, "{}"),
    })
    .await;
    let pair = platform.client().refresh_v1(&"ur-old".into()).await.unwrap();
    assert_eq!(pair.access_token.expose_secret(), "u-v1");
    assert_eq!(pair.refresh_expires_in.map(|lifetime| lifetime.as_secs()), Some(2_591_700));
    assert!(pair.scopes.is_empty());
    let seen = platform.seen();
    assert_eq!(seen[1].header("authorization"), Some("Bearer a-app"));
    assert_eq!(seen[1].json(), value!({"grant_type": "refresh_token", "refresh_token": "ur-old"}));

    let platform = Platform::start(|_| json(200, r#"{"code":10014,"msg":"app secret invalid"}"#)).await;
    let error = platform.client().refresh_v1(&"ur-old".into()).await.unwrap_err();
    assert!(matches!(error, TokenError::Operator(_)), "{error:?}");
}

#[tokio::test]
async fn a_person_needs_only_an_open_id() {
    let platform = Platform::start(|_| {
        json(200, r#"{"code":0,"data":{"name":"王小明","en_name":"","open_id":"ou_1","tenant_key":"t1","user_id":null}}"#)
    })
    .await;
    let user = platform.client().user_info(&access()).await.unwrap();
    assert_eq!((user.open_id.as_str(), user.name.as_str()), ("ou_1", "王小明"));
    assert_eq!((user.en_name, user.user_id, user.tenant_key.as_deref()), (None, None, Some("t1")));
    assert_eq!(platform.seen()[0].header("authorization"), Some("Bearer u-access"));

    let platform = Platform::start(|_| json(200, r#"{"code":0,"data":{"open_id":"ou_1"}}"#)).await;
    assert_eq!(platform.client().user_info(&access()).await.unwrap().name, "ou_1");
    let platform =
        Platform::start(|_| json(200, r#"{"code":0,"data":{"name":"王小明","open_id":"../x"}}"#)).await;
    assert!(matches!(platform.client().user_info(&access()).await, Err(Error::Transient(_))));
}

#[tokio::test]
async fn the_tenant_token_is_asked_for_once_and_again_near_its_end() {
    for (expire, asked) in [(7200, 1), (1801, 1), (1800, 8), (0, 8)] {
        let platform = Platform::start(move |_| {
            json(200, format!(r#"{{"code":0,"msg":"ok","tenant_access_token":"t-1","expire":{expire}}}"#))
        })
        .await;
        let client = platform.client();
        let callers: Vec<_> = (0..8)
            .map(|_| {
                let client = client.clone();
                tokio::spawn(async move { client.tenant_token().await })
            })
            .collect();
        for caller in callers {
            let token: SecretString = caller.await.unwrap().unwrap();
            assert_eq!(token.expose_secret(), "t-1");
        }
        assert_eq!(platform.seen().len(), asked, "expire {expire}");
    }
    let platform = Platform::start(|_| json(200, r#"{"code":10014,"msg":"app secret invalid"}"#)).await;
    let error = platform.client().tenant_token().await.unwrap_err();
    assert_eq!((error.code(), matches!(error, Error::Permanent(_))), (Some(10014), true));
}

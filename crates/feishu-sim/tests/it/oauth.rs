//! Codes, tokens and their ends.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::lab::{Answer, Lab};

const AUTHORIZE: &str = "/open-apis/authen/v1/authorize";
const TOKEN: &str = "/open-apis/authen/v2/oauth/token";
const USER_INFO: &str = "/open-apis/authen/v1/user_info";
const BACK: &str = "http://127.0.0.1:29090/auth/callback";
const VERIFIER: &str = "TxYmzM4PHLBlqm5NtnCmwxMH8mFlRWl_ipie3O0aVzo";
const SCOPES: &str = "offline_access minutes:minutes:readonly";

fn fields(lab: &Lab, scope: &str) -> BTreeMap<String, String> {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    [
        ("client_id", lab.ready().app_id.as_str()),
        ("response_type", "code"),
        ("redirect_uri", BACK),
        ("scope", scope),
        ("state", "s t&te"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

/// Where the page sends the browser.
async fn decide(
    lab: &Lab,
    mut fields: BTreeMap<String, String>,
    who: &str,
    decision: &str,
) -> BTreeMap<String, String> {
    fields.insert("open_id".to_owned(), lab.open_id(who).to_owned());
    fields.insert("decision".to_owned(), decision.to_owned());
    let response = lab.request(Method::POST, AUTHORIZE, "").form(&fields).send().await.unwrap();
    assert_eq!(response.status(), 302);
    let back = reqwest::Url::parse(response.headers()["location"].to_str().unwrap()).unwrap();
    assert!(back.as_str().starts_with(BACK));
    back.query_pairs().into_owned().collect()
}

async fn agree(lab: &Lab, scope: &str) -> String {
    decide(lab, fields(lab, scope), "王芳", "allow").await["code"].clone()
}

async fn call(lab: &Lab, mut body: Value) -> Answer {
    let ready = lab.ready();
    for (name, value) in [("client_id", &ready.app_id), ("client_secret", &ready.app_secret)] {
        if body.get(name).is_none() {
            body[name] = json!(value);
        }
    }
    lab.post(TOKEN, "", body).await
}

async fn redeem(lab: &Lab, code: &str) -> Answer {
    let body = json!({
        "grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER,
    });
    call(lab, body).await
}

async fn refresh(lab: &Lab, refresh_token: &Value) -> Answer {
    call(lab, json!({ "grant_type": "refresh_token", "refresh_token": refresh_token })).await
}

async fn authorised(lab: &Lab) -> Value {
    redeem(lab, &agree(lab, SCOPES).await).await.body
}

#[tokio::test]
async fn the_page_asks_and_the_form_answers() {
    let lab = Lab::small().await;
    let page = lab.request(Method::GET, AUTHORIZE, "").query(&fields(&lab, SCOPES)).send().await.unwrap();
    assert_eq!(page.status(), 200);
    let html = page.text().await.unwrap();
    assert!(html.contains("王芳") && html.contains("minutes:minutes:readonly"), "{html}");
    assert!(html.contains(r#"name="state" value="s t&amp;te""#), "{html}");

    let allowed = decide(&lab, fields(&lab, SCOPES), "王芳", "allow").await;
    assert_eq!(allowed["state"], "s t&te");
    assert_eq!(allowed["code"].len(), 64);
    let denied = decide(&lab, fields(&lab, SCOPES), "王芳", "deny").await;
    assert_eq!(denied["error"], "access_denied");
    assert_eq!(denied["state"], "s t&te");
    assert!(!denied.contains_key("code"));
}

#[tokio::test]
async fn the_page_refuses_what_the_app_may_not_ask() {
    let lab = Lab::small().await;
    let refused = async |change: &dyn Fn(&mut BTreeMap<String, String>)| {
        let mut fields = fields(&lab, SCOPES);
        change(&mut fields);
        let page = lab.request(Method::GET, AUTHORIZE, "").query(&fields).send().await.unwrap();
        assert_eq!(page.status(), 400);
        page.text().await.unwrap()
    };
    let set = |name: &'static str, value: String| {
        move |fields: &mut BTreeMap<String, String>| {
            fields.insert(name.to_owned(), value.clone());
        }
    };
    assert!(refused(&set("scope", "drive:drive".to_owned())).await.contains("20027"));
    assert!(refused(&set("client_id", "cli_0000000000000000".to_owned())).await.contains("20048"));
    let many: Vec<_> = (0..51).map(|scope| format!("s{scope}")).collect();
    assert!(refused(&set("scope", many.join(" "))).await.contains("50"));

    lab.order("/redirect_uris", json!({ "uri": BACK })).await;
    assert!(refused(&set("redirect_uri", format!("{BACK}/"))).await.contains("20029"));
    let page = lab.request(Method::GET, AUTHORIZE, "").query(&fields(&lab, SCOPES)).send().await.unwrap();
    assert_eq!(page.status(), 200, "the registered one passes");
}

#[tokio::test]
async fn the_older_form_with_app_id_still_answers() {
    let lab = Lab::small().await;
    let query = [("app_id", lab.ready().app_id.as_str()), ("redirect_uri", BACK), ("state", "s")];
    let page = lab.request(Method::GET, AUTHORIZE, "").query(&query).send().await.unwrap();
    assert_eq!(page.status(), 200);
}

#[tokio::test]
async fn a_code_gives_long_tokens_once() {
    let lab = Lab::small().await;
    let code = agree(&lab, SCOPES).await;
    let tokens = redeem(&lab, &code).await;
    assert_eq!(tokens.refusal(), (200, 0));
    assert!(tokens.log_id.is_some());
    let body = tokens.body;
    assert!(body.get("data").is_none(), "the answer is flat");
    assert_eq!(body["expires_in"], 7_200);
    assert_eq!(body["refresh_token_expires_in"], 604_800);
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["scope"], "minutes:minutes:readonly offline_access");
    for token in ["access_token", "refresh_token"] {
        assert!((1_024..=2_048).contains(&body[token].as_str().unwrap().len()));
    }
    let me = lab.get(USER_INFO, body["access_token"].as_str().unwrap()).await.data();
    assert_eq!(me["name"], "王芳");
    assert_eq!(me["open_id"], lab.open_id("王芳"));
    assert!(me.get("user_id").is_none(), "not without contact:user.employee_id:readonly");

    assert_eq!(redeem(&lab, &code).await.refusal(), (400, 20_003));
    lab.turn(json!({ "used_code": 20_065 })).await;
    assert_eq!(redeem(&lab, &code).await.refusal(), (400, 20_065));
}

#[tokio::test]
async fn no_refresh_token_without_offline_access_and_grants_add_up() {
    let lab = Lab::small().await;
    let body = redeem(&lab, &agree(&lab, "minutes:minutes.search:read").await).await.body;
    assert!(body.get("refresh_token").is_none());
    let body = redeem(&lab, &agree(&lab, SCOPES).await).await.body;
    assert_eq!(body["scope"], "minutes:minutes.search:read minutes:minutes:readonly offline_access");
}

#[tokio::test]
async fn bad_codes_have_their_own_refusals() {
    let lab = Lab::small().await;
    let code = agree(&lab, SCOPES).await;
    let redeem_with = async |name: &str, value: Value| {
        let mut body = json!({
            "grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER,
        });
        body[name] = value;
        call(&lab, body).await.refusal()
    };
    assert_eq!(redeem_with("code", json!("no such")).await, (400, 20_003));
    assert_eq!(redeem_with("code_verifier", json!("x".repeat(43))).await, (400, 20_049));
    assert_eq!(redeem_with("code_verifier", Value::Null).await, (400, 20_049));
    assert_eq!(redeem_with("redirect_uri", json!("http://elsewhere/")).await, (400, 20_071));
    assert_eq!(redeem_with("client_secret", json!("wrong")).await, (400, 20_002));
    assert_eq!(redeem_with("client_id", json!("cli_0000000000000000")).await, (400, 20_048));
    assert_eq!(redeem_with("grant_type", json!("password")).await, (400, 20_036));
    assert_eq!(redeem_with("scope", json!("drive:drive")).await, (400, 20_068));
    assert_eq!(redeem_with("scope", json!("offline_access offline_access")).await, (400, 20_067));
    lab.order("/clock/advance", json!({ "ms": 5 * 60 * 1_000 })).await;
    assert_eq!(redeem(&lab, &code).await.refusal(), (400, 20_004));
}

#[tokio::test]
async fn an_app_that_is_off_or_not_installed_says_so() {
    let lab = Lab::small().await;
    let tokens = authorised(&lab).await;
    for (setting, code) in [("enabled", 20_069), ("installed", 20_009), ("refresh_allowed", 20_074)] {
        lab.control(Method::PATCH, "/app", json!({ setting: false })).await;
        assert_eq!(refresh(&lab, &tokens["refresh_token"]).await.refusal(), (400, code));
        lab.control(Method::PATCH, "/app", json!({ setting: true })).await;
    }
    assert_eq!(refresh(&lab, &tokens["refresh_token"]).await.refusal(), (200, 0), "nothing was spent");
}

#[tokio::test]
async fn a_refresh_token_dies_by_use_and_the_old_access_token_lives_on() {
    let lab = Lab::small().await;
    let first = authorised(&lab).await;
    let second = refresh(&lab, &first["refresh_token"]).await.body;
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    for access_token in [&first["access_token"], &second["access_token"]] {
        lab.get(USER_INFO, access_token.as_str().unwrap()).await.data();
    }
    assert_eq!(refresh(&lab, &first["refresh_token"]).await.refusal(), (400, 20_064));
    lab.turn(json!({ "used_refresh_token": 20_073 })).await;
    assert_eq!(refresh(&lab, &first["refresh_token"]).await.refusal(), (400, 20_073));
    assert_eq!(refresh(&lab, &second["refresh_token"]).await.refusal(), (200, 0));
    assert_eq!(refresh(&lab, &json!("garbage")).await.refusal(), (400, 20_026));

    let person = lab.see(&format!("/people/{}", lab.open_id("王芳"))).await;
    assert_eq!(person["grant"]["refreshes"], 2);
    assert_eq!(person["grant"]["refresh_alive"], true);
}

#[tokio::test]
async fn tokens_end_with_the_clock() {
    let lab = Lab::small().await;
    let tokens = authorised(&lab).await;
    let access_token = tokens["access_token"].as_str().unwrap();
    lab.order("/clock/advance", json!({ "ms": 7_200 * 1_000 })).await;
    assert_eq!(lab.get(USER_INFO, access_token).await.refusal(), (401, 99_991_677));
    lab.order("/clock/advance", json!({ "days": 7 })).await;
    assert_eq!(refresh(&lab, &tokens["refresh_token"]).await.refusal(), (400, 20_037));
}

#[tokio::test]
async fn after_365_days_refreshing_ends() {
    let lab = Lab::small().await;
    let mut tokens = authorised(&lab).await;
    for _ in 0..60 {
        lab.order("/clock/advance", json!({ "days": 6 })).await;
        let next = refresh(&lab, &tokens["refresh_token"]).await;
        assert_eq!(next.refusal(), (200, 0));
        tokens = next.body;
    }
    lab.order("/clock/advance", json!({ "days": 5 })).await;
    assert_eq!(refresh(&lab, &tokens["refresh_token"]).await.refusal(), (400, 20_037));
}

#[tokio::test]
async fn people_come_and_go() {
    let lab = Lab::small().await;
    let open_id = lab.open_id("王芳").to_owned();
    let tokens = authorised(&lab).await;
    lab.control(Method::PATCH, &format!("/people/{open_id}"), json!({ "available": false })).await;
    assert_eq!(refresh(&lab, &tokens["refresh_token"]).await.refusal(), (400, 20_010));
    lab.control(Method::PATCH, &format!("/people/{open_id}"), json!({ "available": true })).await;

    lab.order(&format!("/people/{open_id}/revoke"), json!({ "by": "user" })).await;
    assert_eq!(refresh(&lab, &tokens["refresh_token"]).await.refusal(), (400, 20_064));
    let access_token = tokens["access_token"].as_str().unwrap();
    assert_eq!(lab.get(USER_INFO, access_token).await.refusal(), (401, 99_991_668));

    let again = authorised(&lab).await;
    assert_eq!(refresh(&lab, &again["refresh_token"]).await.refusal(), (200, 0));

    let code = agree(&lab, SCOPES).await;
    lab.order(&format!("/people/{open_id}/revoke"), json!({ "by": "resign" })).await;
    assert_eq!(redeem(&lab, &code).await.refusal(), (400, 20_066));
}

#[tokio::test]
async fn malformed_token_calls_are_refused() {
    let lab = Lab::small().await;
    let send = async |body: &'static str| {
        let request = lab.request(Method::POST, TOKEN, "").body(body);
        Answer::of(request.send().await.unwrap()).await.refusal()
    };
    assert_eq!(send("grant_type=refresh_token").await, (400, 20_063));
    assert_eq!(send("{}").await, (400, 20_001));
    let ready = lab.ready();
    let body = json!({ "client_id": ready.app_id, "client_secret": ready.app_secret });
    let both = lab.request(Method::POST, TOKEN, "").basic_auth("a", Some("b")).json(&body);
    assert_eq!(Answer::of(both.send().await.unwrap()).await.refusal(), (400, 20_070));
}

#[tokio::test]
async fn a_stand_in_started_again_knows_the_tokens_it_gave() {
    let lab = Lab::small().await;
    let tokens = authorised(&lab).await;
    lab.end().await;
    let lab = Lab::small().await;
    lab.get(USER_INFO, tokens["access_token"].as_str().unwrap()).await.data();
    let next = refresh(&lab, &tokens["refresh_token"]).await;
    assert_eq!(next.refusal(), (200, 0));
    assert_eq!(refresh(&lab, &tokens["refresh_token"]).await.refusal(), (400, 20_064));
    lab.end().await;

    let lab = Lab::small().await;
    lab.turn(json!({ "remember_tokens": false })).await;
    assert_eq!(refresh(&lab, &next.body["refresh_token"]).await.refusal(), (400, 20_026));
}

#[tokio::test]
async fn v1_tokens_refresh_at_v1_only() {
    let lab = Lab::from_json(json!({
        "people": [{ "name": "王芳" }],
        "app": { "v1_tokens": [{ "person": "王芳", "access_token": "u-old", "refresh_token": "ur-old" }] },
    }))
    .await;
    assert_eq!(refresh(&lab, &json!("ur-old")).await.refusal(), (400, 20_026));

    let v1 = "/open-apis/authen/v1/refresh_access_token";
    let body = json!({ "grant_type": "refresh_token", "refresh_token": "ur-old" });
    assert_eq!(lab.post(v1, "", body.clone()).await.refusal(), (400, 99_991_661));
    let ready = lab.ready();
    let credentials = json!({ "app_id": ready.app_id, "app_secret": ready.app_secret });
    let app_token = lab.post("/open-apis/auth/v3/app_access_token/internal", "", credentials).await.body;
    let app_token = app_token["app_access_token"].as_str().unwrap().to_owned();
    let tokens = lab.post(v1, &app_token, body.clone()).await.data();
    assert_eq!(tokens["name"], "王芳");
    lab.get(USER_INFO, tokens["access_token"].as_str().unwrap()).await.data();
    assert_eq!(lab.post(v1, &app_token, body).await.refusal(), (200, 20_026), "single-use, too");
}

#[tokio::test]
async fn the_tenant_token_stays_the_same_till_half_an_hour_before_its_end() {
    let lab = Lab::small().await;
    let first = lab.tenant_token().await;
    assert!(first.starts_with("t-"));
    lab.order("/clock/advance", json!({ "ms": 85 * 60 * 1_000 })).await;
    assert_eq!(lab.tenant_token().await, first);
    lab.order("/clock/advance", json!({ "ms": 6 * 60 * 1_000 })).await;
    let second = lab.tenant_token().await;
    assert_ne!(second, first);
    let search = "/open-apis/vc/v1/meeting_list?start_time=1&end_time=2";
    for token in [&first, &second] {
        lab.get(search, token).await.data();
    }
    lab.order("/clock/advance", json!({ "ms": 30 * 60 * 1_000 })).await;
    assert_eq!(lab.get(search, &first).await.refusal(), (400, 99_991_663));

    let path = "/open-apis/auth/v3/tenant_access_token/internal";
    let app_id = &lab.ready().app_id;
    let wrong = lab.post(path, "", json!({ "app_id": app_id, "app_secret": "x" })).await;
    assert_eq!(wrong.refusal().1, 10_015);
    let wrong = lab.post(path, "", json!({ "app_id": "cli_x", "app_secret": "x" })).await;
    assert_eq!(wrong.refusal().1, 10_014);
}

#[tokio::test]
async fn an_answer_that_is_lost_on_the_way_still_spends_the_refresh_token() {
    let lab = Lab::small().await;
    let tokens = authorised(&lab).await;
    lab.fault("oauth.token", 1, json!({ "kind": "reset", "after_bytes": 0 })).await;
    let ready = lab.ready();
    let body = json!({
        "grant_type": "refresh_token",
        "client_id": ready.app_id,
        "client_secret": ready.app_secret,
        "refresh_token": tokens["refresh_token"],
    });
    let lost = lab.request(Method::POST, TOKEN, "").json(&body).send().await;
    if let Ok(response) = lost {
        response.bytes().await.unwrap_err();
    }
    assert_eq!(refresh(&lab, &tokens["refresh_token"]).await.refusal(), (400, 20_064));
}

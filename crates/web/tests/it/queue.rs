//! The queue's page: what it lists, and what its brakes and buttons do.

use archive::audit::AuditFilter;
use archive::model::{ArtifactState, MinuteToken, Reason};
use axum::body::Body;
use axum::http::Request;
use futures_util::StreamExt as _;
use tower::ServiceExt as _;
use web::words::{Language, Words};

use crate::rooms::{ADMINISTRATOR, MEMBER, TOKEN, fail, fail_of, plan, say, signed_in};

#[tokio::test]
async fn one_button_has_all_of_one_cause_tried_again() {
    let house = plan().build().await;
    let token = fail(&house, "周会", MEMBER, Reason::PlatformTrouble).await;
    let mut browser = signed_in(&house, ADMINISTRATOR).await;
    let page = browser.get(&house, "/overview").await;
    assert!(page.body.contains(&Words::new(Language::Chinese).reason(Reason::PlatformTrouble)));
    let csrf = page.csrf();
    let cause = "/queue?of=cause.platform_trouble";
    assert!(page.body.contains(&format!("href=\"{cause}\"")), "{}", page.body);
    assert!(browser.get(&house, cause).await.body.contains("value=\"platform_trouble\""), "the same button");
    let other = [("csrf", csrf.as_str()), ("reason", "disk_full"), ("from", "queue")];
    let answer = browser.post(&house, "/queue/retry-cause", &other).await;
    assert_eq!(answer.header("location"), "/queue?of=cause.disk_full&said=retried&count=0");
    let form = [("csrf", csrf.as_str()), ("reason", "platform_trouble"), ("from", "overview")];
    let answer = browser.post(&house, "/queue/retry-cause", &form).await;
    assert_eq!(answer.header("location"), "/overview?said=retried&count=1");
    let said = Words::new(Language::Chinese).say_with("said-retried", &[("count", 1.into())]);
    assert!(browser.get(&house, "/overview?said=retried&count=1").await.body.contains(&said));

    let media = &house.catalog.artifacts(&token).await.unwrap()[0];
    assert_eq!((media.state, media.attempts, media.due_at), (ArtifactState::Pending, 0, 0));
    let filter = AuditFilter { verb: Some("changed".to_owned()), limit: 9, ..AuditFilter::default() };
    let rows = house.catalog.audit_rows(&filter).await.unwrap();
    assert_eq!(rows[0].detail.as_deref(), Some("retry platform_trouble"));
}

#[tokio::test]
async fn the_queue_is_paused_and_resumed_with_a_deed_each() {
    let house = plan().build().await;
    fail(&house, "周会", MEMBER, Reason::PlatformTrouble).await;
    let mut browser = signed_in(&house, ADMINISTRATOR).await;
    let page = browser.get(&house, "/queue").await;
    assert!(page.body.contains("周会") && page.body.contains(&say("queue-nothing-moves")), "{}", page.body);
    let csrf = page.csrf();
    for (path, token, expected) in [
        ("/queue/pause-all", "", (true, 0)),
        ("/queue/pause", TOKEN, (true, 1)),
        ("/queue/resume-all", "", (false, 1)),
        ("/queue/resume", TOKEN, (false, 0)),
    ] {
        let form = [("csrf", csrf.as_str()), ("one", token)];
        assert_eq!(browser.post(&house, path, &form).await.status, 303, "{path} {token}");
        let pauses = house.catalog.pauses().await.unwrap();
        assert_eq!((pauses.everything_since.is_some(), pauses.recordings.len()), expected, "{path} {token}");
    }
    let unknown = [("csrf", csrf.as_str()), ("one", "obcnaaaaaaaaaaaaaaaaaaaa")];
    assert_eq!(browser.post(&house, "/queue/pause", &unknown).await.status, 404);
    let filter = AuditFilter { verb: Some("changed".to_owned()), limit: 9, ..AuditFilter::default() };
    assert_eq!(house.catalog.audit_rows(&filter).await.unwrap().len(), 4);

    house.catalog.db().execute("DROP TABLE audit", Vec::new()).await.unwrap();
    let form = [("csrf", csrf.as_str())];
    assert_eq!(browser.post(&house, "/queue/pause-all", &form).await.status, 503);
    assert!(house.catalog.pauses().await.unwrap().everything_since.is_none(), "no deed without its row");
}

#[tokio::test]
async fn ticked_rows_are_tried_again_together_and_no_tick_changes_nothing() {
    let house = plan().build().await;
    let [one, other, third] =
        ["obcn37dxcftoc3656rgyejm7", "obcn37dxcftoc3656rgyejm8", "obcn37dxcftoc3656rgyejm9"];
    for token in [one, other, third] {
        fail_of(&house, token, "周会", MEMBER, Reason::PlatformTrouble).await;
    }
    let mut browser = signed_in(&house, ADMINISTRATOR).await;
    let csrf = browser.get(&house, "/queue").await.csrf();
    let ticked = [("csrf", csrf.as_str()), ("ticked", one), ("ticked", third)];
    let answer = browser.post(&house, "/queue/retry", &ticked).await;
    assert_eq!(answer.header("location"), "/queue?said=retried&count=2");
    for (token, state) in
        [(one, ArtifactState::Pending), (other, ArtifactState::Failed), (third, ArtifactState::Pending)]
    {
        let token = MinuteToken::parse(token).unwrap();
        assert_eq!(house.catalog.artifacts(&token).await.unwrap()[0].state, state, "{token}");
    }
    let answer = browser.post(&house, "/queue/pause", &ticked).await;
    assert_eq!(answer.header("location"), "/queue?said=paused&count=2");
    assert_eq!(house.catalog.pauses().await.unwrap().recordings.len(), 2);
    for path in ["/queue/pause", "/queue/resume", "/queue/retry"] {
        let answer = browser.post(&house, path, &ticked[..1]).await;
        assert_eq!(answer.header("location"), "/queue?said=none-ticked&count=0", "{path}");
    }
    let pauses = house.catalog.pauses().await.unwrap();
    assert_eq!((pauses.everything_since, pauses.recordings.len()), (None, 2));
}

#[tokio::test]
async fn the_queue_moves_over_a_stream_that_ends_with_the_service() {
    let house = plan().build().await;
    let mut browser = signed_in(&house, ADMINISTRATOR).await;
    let cookie = format!("mv_session={}", browser.cookies["mv_session"]);
    let request = Request::get("/queue/live").header("cookie", cookie).body(Body::empty()).unwrap();
    let response = house.doors.clone().oneshot(request).await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut chunks = response.into_body().into_data_stream();
    let first = chunks.next().await.unwrap().unwrap();
    let first = std::str::from_utf8(&first).unwrap();
    assert!(first.starts_with("data:") && first.contains(&say("queue-nothing-moves")), "{first}");
    house.stop.cancel();
    assert!(chunks.next().await.is_none());
    house.catalog.db().execute("DROP TABLE audit", Vec::new()).await.unwrap();
    assert_eq!(browser.get(&house, "/queue/live").await.status, 503, "no look without its row");
}

#[tokio::test]
async fn a_state_opens_what_was_tried_and_nothing_of_the_content() {
    let house = plan().build().await;
    fail(&house, "<b>周会</b>", MEMBER, Reason::PlatformTrouble).await;
    let tried = "INSERT INTO attempts (minute_token, number, artifact, outcome, reason, detail, via, first_at, last_at, times)
        VALUES ($1, 1, 'media', 'failed', 'platform_trouble', 'code 2091006', $2, 1763899000000, 1763899900000, 3)";
    let member = house.person(MEMBER).to_owned();
    house.catalog.db().execute(tried, vec![TOKEN.into(), member.into()]).await.unwrap();
    let mut browser = signed_in(&house, ADMINISTRATOR).await;
    let queue = browser.get(&house, "/queue").await.body;
    assert!(queue.contains(&format!("href=\"/queue/{TOKEN}\"")), "{queue}");
    let page = browser.get(&house, &format!("/queue/{TOKEN}")).await;
    let words = Words::new(Language::Chinese);
    let reason = Reason::PlatformTrouble;
    for text in [
        "&#60;b&#62;周会",
        "code 2091006",
        &words.reason(reason),
        &words.reason_fix(reason),
        house.person(MEMBER),
    ] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
    assert!(browser.get(&house, "/audit?verb=viewed").await.body.contains(TOKEN), "a look is a deed");
    browser.get(&house, "/queue/obcnaaaaaaaaaaaaaaaaaaaa").await.shows(404, "notice-not-found-title");
    let path = format!("/queue/{TOKEN}");
    signed_in(&house, MEMBER).await.get(&house, &path).await.shows(403, "notice-administrators-only-title");
}

//! The data APIs over the wire: what is asked, what is read, what an error becomes.

use std::time::Duration;

use axum::http::Method;
use axum::response::{IntoResponse, Response};
use feishu::{
    Caller, Error, MeetingId, MeetingStage, MinuteSearch, MinuteToken, OpenId, Priority, Timeouts,
    TranscriptFormat,
};
use serde_json::json as value;

use crate::platform::{Platform, access, client, json};

fn token() -> MinuteToken {
    MinuteToken::parse("obcn37dxcftoc3656rgyejm7").unwrap()
}

#[tokio::test]
async fn a_minute_is_read_whatever_form_its_numbers_have() {
    let platform = Platform::start(|_| {
        json(
            200,
            r#"{"code":0,"data":{"minute":{"token":"obcn37dxcftoc3656rgyejm7","owner_id":"ou_1","create_time":"1763900000000",
            "title":"产品周会","duration":1830000,"url":"https://a/minutes/x","note_id":7,"new_field":{}}}}"#,
        )
    })
    .await;
    let minute = platform.client().minute(&access(), &token()).await.unwrap();
    assert_eq!(minute.owner_id, OpenId::parse("ou_1").ok());
    assert_eq!((minute.create_time_ms, minute.duration_ms), (Some(1_763_900_000_000), Some(1_830_000)));
    assert_eq!(
        (minute.title.as_deref(), minute.note_id.as_deref(), minute.cover),
        (Some("产品周会"), Some("7"), None)
    );
    assert!(minute.raw.get("new_field").is_some());
    let seen = &platform.seen()[0];
    assert_eq!(
        (&seen.method, seen.path.as_str()),
        (&Method::GET, "/open-apis/minutes/v1/minutes/obcn37dxcftoc3656rgyejm7")
    );
    assert_eq!(seen.header("authorization"), Some("Bearer u-access"));
    assert_eq!(seen.query["user_id_type"], "open_id");

    let platform = Platform::start(|_| json(200, r#"{"code":0,"data":{"minute":{}}}"#)).await;
    let minute = platform.client().minute(&access(), &token()).await.unwrap();
    assert_eq!((minute.token, minute.title, minute.owner_id), (token(), None, None));
}

#[tokio::test]
async fn the_media_address_never_shows() {
    let platform = Platform::start(|_| {
        json(
            200,
            r#"{"code":0,"data":{"download_url":"https://media.example.com/authcode/?code=SECRETCODE"}}"#,
        )
    })
    .await;
    let url = platform.client().media_url(&access(), &token()).await.unwrap();
    assert_eq!(format!("{url} {url:?}"), "https://media.example.com/… MediaUrl(https://media.example.com/…)");
    for body in [r#"{"code":0,"data":{}}"#, r#"{"code":0,"data":{"download_url":"file:///etc/passwd"}}"#] {
        let platform = Platform::start(move |_| json(200, body)).await;
        assert!(matches!(platform.client().media_url(&access(), &token()).await, Err(Error::Transient(_))));
    }
}

#[tokio::test]
async fn a_transcript_is_a_file_unless_it_is_an_error() {
    let platform = Platform::start(|seen| match seen.query["file_format"].as_str() {
        "srt" => Vec::new().into_response(),
        _ => "张三 00:00:01\n大家好".into_response(),
    })
    .await;
    let client = platform.client();
    assert_eq!(
        client.transcript(&access(), &token(), TranscriptFormat::Txt).await.unwrap(),
        "张三 00:00:01\n大家好"
    );
    assert_eq!(client.transcript(&access(), &token(), TranscriptFormat::Srt).await.unwrap(), "");
    let query = &platform.seen()[0].query;
    assert_eq!((query["need_speaker"].as_str(), query["need_timestamp"].as_str()), ("true", "true"));

    let platform =
        Platform::start(|_| json(200, r#"{"code":2091003,"msg":"minute not ready, try later"}"#)).await;
    let outcome = platform.client().transcript(&access(), &token(), TranscriptFormat::Txt).await;
    assert!(matches!(outcome, Err(Error::NotReady(_))), "{outcome:?}");
}

#[tokio::test]
async fn artifacts_are_read_as_far_as_they_go() {
    let platform = Platform::start(|_| {
        json(
            200,
            r#"{"code":0,"data":{"summary":"总结","minute_chapters":[{"title":"一","start_ms":"31000","stop_ms":33000,"summary_content":"甲"},{}],
            "minute_todos":[{"content":"交方案","assignees":["张三",{"name":"李四"},7]},{"assignees":null}],"keywords":[]}}"#,
        )
    })
    .await;
    let artifacts = platform.client().artifacts(&access(), &token()).await.unwrap();
    assert_eq!(artifacts.summary.as_deref(), Some("总结"));
    assert_eq!(artifacts.chapters.len(), 2);
    assert_eq!((artifacts.chapters[0].start_ms, artifacts.chapters[0].stop_ms), (Some(31_000), Some(33_000)));
    assert_eq!(artifacts.todos[0].assignees, ["张三", "李四"]);
    assert_eq!(artifacts.todos[1].content, "");

    let platform = Platform::start(|_| json(200, r#"{"code":0,"data":{}}"#)).await;
    let artifacts = platform.client().artifacts(&access(), &token()).await.unwrap();
    assert!(artifacts.summary.is_none() && artifacts.chapters.is_empty() && artifacts.todos.is_empty());
}

#[tokio::test]
async fn search_pages_by_query_and_asks_by_body() {
    let platform = Platform::start(|seen| match seen.query.get("page_token").map(String::as_str) {
        None => json(
            200,
            r#"{"code":0,"data":{"items":[{"token":"obbcwkkdw885tetaf82pu184"},{"token":"../x"},{}],"has_more":true,"page_token":"a+b/c="}}"#,
        ),
        Some("a+b/c=") => json(200, r#"{"code":0,"data":{"items":[{"token":"obcn37dxcftoc3656rgyejm7"}],"has_more":false}}"#),
        Some(_) => json(400, r#"{"code":2094005,"msg":"page_token is invalid"}"#),
    })
    .await;
    let client = platform.client();
    let search = MinuteSearch {
        owner_ids: vec![OpenId::parse("ou_1").unwrap()],
        from_ms: Some(1_763_900_000_999),
        to_ms: Some(1_763_903_600_001),
        ..MinuteSearch::default()
    };
    let first = client.search_minutes(&access(), &search, None).await.unwrap();
    assert_eq!((first.tokens.len(), first.skipped_items, first.has_more), (1, 2, true));
    assert!(first.served_at_ms.is_some());
    let second = client.search_minutes(&access(), &search, first.page_token.as_deref()).await.unwrap();
    assert_eq!((second.tokens, second.has_more, second.page_token), (vec![token()], false, None));
    let stale = client.search_minutes(&access(), &search, Some("old")).await;
    assert!(matches!(stale, Err(Error::Transient(_))), "{stale:?}");
    for seen in platform.seen() {
        assert_eq!(seen.query["page_size"], "30");
        let time = value!({"start_time": "2025-11-23T12:13:20Z", "end_time": "2025-11-23T13:13:21Z"});
        assert_eq!(seen.json(), value!({"filter": {"owner_ids": ["ou_1"], "create_time": time}}));
    }
}

#[tokio::test]
async fn a_meeting_leads_to_its_minute() {
    let answer = r#"{"code":0,"data":{"recording":{"url":"https://meetings.feishu.cn/minutes/obcn37dxcftoc3656rgyejm7","duration":"30000"}}}"#;
    let platform = Platform::start(move |_| json(200, answer)).await;
    let meeting = MeetingId::parse("6911188411934433028").unwrap();
    let recording = platform.client().meeting_recording(&meeting, Caller::User(&access())).await.unwrap();
    assert_eq!((recording.minute_token, recording.duration_ms), (Some(token()), Some(30_000)));
    assert_eq!(platform.seen()[0].path, "/open-apis/vc/v1/meetings/6911188411934433028/recording");

    let platform = Platform::start(|_| json(400, r#"{"code":124002,"msg":"record processing"}"#)).await;
    let outcome = platform.client().meeting_recording(&meeting, Caller::User(&access())).await;
    assert!(matches!(outcome, Err(Error::NotReady(_))), "{outcome:?}");
}

#[tokio::test]
async fn a_refused_tenant_token_is_renewed_once() {
    let platform = Platform::start(|seen| {
        if seen.method == Method::POST {
            json(200, r#"{"code":0,"tenant_access_token":"t-1","expire":7200}"#)
        } else {
            json(400, r#"{"code":99991663,"msg":"Invalid access token"}"#)
        }
    })
    .await;
    let meeting = MeetingId::parse("1").unwrap();
    let outcome = platform.client().meeting_recording(&meeting, Caller::Tenant).await;
    assert!(matches!(outcome, Err(Error::Unauthorized(_))), "{outcome:?}");
    let methods: Vec<_> = platform.seen().into_iter().map(|seen| seen.method).collect();
    assert_eq!(methods, [Method::POST, Method::GET, Method::POST, Method::GET]);
}

#[tokio::test]
async fn the_platforms_own_wait_is_passed_on() {
    for (status, header, seconds) in [
        (429, ("x-ogw-ratelimit-reset", "7"), 7),
        (400, ("retry-after", "9"), 9),
        (429, ("x-ogw-ratelimit-reset", "0"), 1),
        (429, ("retry-after", "1e300"), 10),
    ] {
        let platform = Platform::start(move |_| {
            let mut answer = json(status, r#"{"code":99991400,"msg":"request trigger frequency limit"}"#);
            answer.headers_mut().insert(header.0, header.1.parse().unwrap());
            answer
        })
        .await;
        match platform.client().user_info(&access()).await {
            Err(Error::RateLimited { after, detail }) => {
                assert_eq!(
                    (after, detail.code),
                    (Duration::from_secs(seconds), Some(99_991_400)),
                    "{header:?}"
                );
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn an_api_that_is_limited_is_left_alone_by_everybody_and_the_others_go_on() {
    let platform = Platform::start(|seen| {
        if seen.path.ends_with("/user_info") {
            let mut answer = json(400, r#"{"code":99991400,"msg":"request trigger frequency limit"}"#);
            answer.headers_mut().insert("x-ogw-ratelimit-reset", "60".parse().unwrap());
            answer
        } else {
            json(200, r#"{"code":0,"data":{"minute":{}}}"#)
        }
    })
    .await;
    let client = platform.client();
    client.user_info(&access()).await.expect_err("limited");
    for priority in [Priority::Person, Priority::Patrol] {
        let Err(Error::RateLimited { after, detail }) = client.at(priority).user_info(&access()).await else {
            panic!("asked, or held for a minute")
        };
        assert!((50..=60).contains(&after.as_secs()), "{after:?}");
        assert_eq!((detail.status, detail.api), (None, "GET authen/v1/user_info"));
    }
    client.server_time().await.expect_err("the same API");
    client.at(Priority::Backfill).minute(&access(), &token()).await.expect("another API");
    assert_eq!(platform.seen().len(), 2, "nobody else ran into it");
}

#[tokio::test]
async fn secrets_do_not_follow_redirects() {
    let platform = Platform::start(|_| {
        Response::builder()
            .status(307)
            .header("location", "/elsewhere")
            .body(axum::body::Body::empty())
            .unwrap()
    })
    .await;
    let outcome = platform.client().refresh(&"ur-old".into()).await;
    assert!(outcome.is_err());
    assert_eq!(platform.seen().len(), 1);
}

#[tokio::test]
async fn an_endless_or_silent_answer_is_given_up() {
    let platform = Platform::start(|_| json(200, vec![b' '; 9 * 1024 * 1024])).await;
    let error = platform.client().user_info(&access()).await.unwrap_err();
    assert!(matches!(&error, Error::Transient(detail) if detail.message.contains("larger")), "{error}");

    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", silent.local_addr().unwrap()).parse().unwrap();
    let timeouts = Timeouts { answer: Duration::from_millis(50), ..Timeouts::default() };
    let error = client(&base, true, timeouts).user_info(&access()).await.unwrap_err();
    assert!(matches!(&error, Error::Transient(detail) if detail.message.contains("timed out")), "{error}");
}

#[tokio::test]
async fn the_platforms_clock_is_read_even_from_a_refusal() {
    let platform = Platform::start(|_| {
        let mut answer = json(400, r#"{"code":99991661,"msg":"Missing access token"}"#);
        answer.headers_mut().insert("date", "Sun, 23 Nov 2025 12:13:20 GMT".parse().unwrap());
        answer
    })
    .await;
    assert_eq!(platform.client().server_time().await, Ok(1_763_900_000_000));
    assert!(platform.seen()[0].headers.get("authorization").is_none());
}

#[tokio::test]
async fn the_companys_record_is_read_in_its_own_forms() {
    let platform = Platform::start(|seen| match seen.query.get("page_token").map(String::as_str) {
        None => json(
            200,
            r#"{"code":0,"data":{"meeting_list":[
                {"meeting_id":"705605196","meeting_instance_id":"7529416531681214468","meeting_topic":"讨论会","organizer":"可涵",
                 "user_id":"ou_1","meeting_start_time":"2022.12.23 11:16:59 (GMT+08:00)","meeting_end_time":"2022.12.23 11:18:51 (GMT+08:00)",
                 "meeting_duration":"00:01:52","recording":true},
                {"meeting_id":705605196,"meeting_instance_id":7529416531681214469,"user_id":"92f879","recording":"false"},
                {}],"has_more":true,"page_token":"20"}}"#,
        ),
        Some(_) => json(403, r#"{"code":121005,"msg":"no permission"}"#),
    })
    .await;
    let client = platform.client();
    let page =
        client.meeting_list(&access(), MeetingStage::Ended, (1_000_500, 2_000_001), None).await.unwrap();
    assert!(page.has_more && page.page_token.as_deref() == Some("20"));
    let [first, second, empty] = &page.meetings[..] else { panic!("{page:?}") };
    assert_eq!(first.meeting_id.as_ref().map(MeetingId::as_str), Some("7529416531681214468"));
    assert_eq!(first.meeting_no.as_deref(), Some("705605196"));
    assert_eq!(first.owner, OpenId::parse("ou_1").ok());
    assert_eq!(first.owner_name.as_deref(), Some("可涵"));
    assert_eq!((first.started_ms, first.ended_ms), (Some(1_671_765_419_000), Some(1_671_765_531_000)));
    assert_eq!((first.duration_ms, first.is_recorded), (Some(112_000), true));
    assert_eq!(second.meeting_id.as_ref().map(MeetingId::as_str), Some("7529416531681214469"));
    assert_eq!((second.owner.as_ref(), second.is_recorded), (None, false), "another kind of id names nobody");
    assert_eq!(*empty, feishu::ListedMeeting::default());
    let query = &platform.seen()[0].query;
    assert_eq!((query["start_time"].as_str(), query["end_time"].as_str()), ("1000", "2001"));
    assert_eq!((query["page_size"].as_str(), query["meeting_status"].as_str()), ("100", "2"));
    assert_eq!(query["include_external_meetings"], "true");
    let refused = client.meeting_list(&access(), MeetingStage::GoingOn, (0, 1_000), Some("20")).await;
    assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
    assert_eq!(platform.seen()[1].query["meeting_status"], "1");
}

//! The event door against vectors that other code made, and against everything that only looks like one.

use std::sync::LazyLock;

use feishu::{Event, EventHeaders, EventVerifier, Incoming, MAX_EVENT_BYTES, Notice, OpenId, Refusal};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Vectors {
    events: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    name: String,
    encrypt_key: String,
    verification_token: String,
    plaintext: String,
    encrypted_body: String,
    headers: Headers,
}

#[derive(Deserialize)]
struct Headers {
    #[serde(rename = "X-Lark-Request-Timestamp")]
    timestamp: String,
    #[serde(rename = "X-Lark-Request-Nonce")]
    nonce: String,
    #[serde(rename = "X-Lark-Signature")]
    signature: String,
}

static VECTORS: LazyLock<Vec<Vector>> = LazyLock::new(|| {
    let vectors: Vectors = serde_json::from_str(include_str!("../data/webhook.json")).unwrap();
    vectors.events
});

const APP: &str = "cli_a000000000000001";
const UNSIGNED: EventHeaders<'_> = EventHeaders { timestamp: None, nonce: None, signature: None };

impl Vector {
    fn named(name: &str) -> &'static Self {
        VECTORS.iter().find(|vector| vector.name == name).expect("a vector of that name")
    }

    fn headers(&self) -> EventHeaders<'_> {
        let Headers { timestamp, nonce, signature } = &self.headers;
        EventHeaders { timestamp: Some(timestamp), nonce: Some(nonce), signature: Some(signature) }
    }

    fn open(&self, headers: &EventHeaders<'_>, body: &[u8]) -> Result<Incoming, Refusal> {
        verifier(Some(&self.encrypt_key), Some(&self.verification_token)).open(headers, body)
    }
}

fn verifier(key: Option<&str>, token: Option<&str>) -> EventVerifier {
    EventVerifier::new(key.map(Into::into), token.map(Into::into), APP.to_owned())
}

fn event(incoming: Incoming) -> Event {
    match incoming {
        Incoming::Event(event) => event,
        Incoming::Challenge(_) => panic!("a challenge, not an event"),
    }
}

#[test]
fn every_vector_opens_to_its_plaintext() {
    assert_eq!(VECTORS.len(), 6);
    for vector in VECTORS.iter() {
        let plaintext: Value = serde_json::from_str(&vector.plaintext).unwrap();
        let incoming = vector.open(&vector.headers(), vector.encrypted_body.as_bytes()).expect(&vector.name);
        if let Some(challenge) = plaintext.get("challenge") {
            assert_eq!(incoming, Incoming::Challenge(challenge.as_str().unwrap().to_owned()));
            continue;
        }
        let event = event(incoming);
        assert_eq!(event.body, plaintext["event"], "{}", vector.name);
        assert_eq!(event.id, plaintext["header"]["event_id"], "{}", vector.name);
        assert_eq!(event.kind, plaintext["header"]["event_type"], "{}", vector.name);
        assert_eq!(event.created_ms, Some(1_763_900_000_000), "{}", vector.name);
        assert_eq!(event.tenant_key.as_deref(), Some("2ca1d211f64f6438"), "{}", vector.name);
    }
}

#[test]
fn every_vector_means_something() {
    let notice = |name: &str| {
        let vector = Vector::named(name);
        let event = event(vector.open(&vector.headers(), vector.encrypted_body.as_bytes()).unwrap());
        Notice::read(&event.kind, &event.body).unwrap()
    };
    let owner: OpenId = "ou_84aad35d084aa403a838cf73ee18467".parse().unwrap();
    assert_eq!(
        notice("recording_ready"),
        Notice::RecordingReady {
            meeting_id: Some("6911188411934433028".parse().unwrap()),
            minute_token: "obcn37dxcftoc3656rgyejm7".parse().unwrap(),
            owner: Some(owner.clone()),
            topic: Some("产品周会：Q4 规划 / 复盘".to_owned()),
            duration_ms: Some(1_830_000),
        }
    );
    assert_eq!(
        notice("all_meeting_ended"),
        Notice::MeetingEnded {
            meeting_id: "6911188411934433030".parse().unwrap(),
            owner: Some(owner.clone()),
            topic: Some("临时会议".to_owned()),
            meeting_no: Some("235812467".to_owned()),
            start_time_ms: Some(1_763_890_000_000),
            end_time_ms: Some(1_763_893_600_000),
        }
    );
    for (name, minute, meeting) in [
        ("minute_generated_meeting", "obcnq3b9jl72l83w4f149w9c", Some("6911188411934433029")),
        ("minute_generated_upload", "obbcwkkdw885tetaf82pu184", None),
    ] {
        assert_eq!(
            notice(name),
            Notice::MinuteGenerated {
                minute_token: minute.parse().unwrap(),
                meeting_id: meeting.map(|id| id.parse().unwrap()),
                subscribers: vec![owner.clone()],
            }
        );
    }
    assert_eq!(
        notice("token_revoked"),
        Notice::GrantRevoked { open_id: owner, reason: "Revoked by administrator action.".to_owned() }
    );
}

#[test]
fn any_flipped_bit_of_one_event_is_refused() {
    let vector = Vector::named("minute_generated_upload");
    let flip = |text: &str, bit: usize| {
        let mut bytes = text.as_bytes().to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        bytes
    };
    let genuine = vector.headers();
    for bit in 0..vector.encrypted_body.len() * 8 {
        let forged = flip(&vector.encrypted_body, bit);
        assert_eq!(vector.open(&genuine, &forged), Err(Refusal::BadSignature), "body bit {bit}");
    }
    let body = vector.encrypted_body.as_bytes();
    for (part, text) in [
        ("timestamp", &vector.headers.timestamp),
        ("nonce", &vector.headers.nonce),
        ("signature", &vector.headers.signature),
    ] {
        for bit in 0..text.len() * 8 {
            let forged = String::from_utf8_lossy(&flip(text, bit)).into_owned();
            let headers = match part {
                "timestamp" => EventHeaders { timestamp: Some(&forged), ..genuine },
                "nonce" => EventHeaders { nonce: Some(&forged), ..genuine },
                _ => EventHeaders { signature: Some(&forged), ..genuine },
            };
            assert_eq!(vector.open(&headers, body), Err(Refusal::BadSignature), "{part} bit {bit}");
        }
    }
}

proptest! {
    #[test]
    fn a_changed_byte_anywhere_in_any_vector_is_refused(
        which in 0..6_usize,
        place in any::<prop::sample::Index>(),
        change in 1..=u8::MAX,
    ) {
        let vector = &VECTORS[which];
        let mut body = vector.encrypted_body.clone().into_bytes();
        let place = place.index(body.len());
        body[place] ^= change;
        prop_assert_eq!(vector.open(&vector.headers(), &body), Err(Refusal::BadSignature));
    }

    #[test]
    fn bytes_from_nowhere_never_open(body in prop::collection::vec(any::<u8>(), 0..300), signature in ".{0,80}") {
        let headers = EventHeaders { timestamp: Some("1"), nonce: Some("2"), signature: Some(&signature) };
        for verifier in [verifier(Some("ek"), Some("vt")), verifier(None, Some("vt")), verifier(Some("ek"), None)] {
            prop_assert!(verifier.open(&headers, &body).is_err());
            prop_assert!(verifier.open(&UNSIGNED, &body).is_err());
        }
    }

    #[test]
    fn no_event_object_breaks_its_reader(text in any::<String>(), number in any::<i64>()) {
        for kind in ["vc.meeting.recording_ready_v1", "vc.meeting.all_meeting_ended_v1", "minutes.minute.generated_v1", "auth.user_access_token.revoked_v4"] {
            for body in [
                json!(text),
                json!({"url": text, "meeting": {"id": number, "end_time": number, "owner": text}, "duration": text}),
                json!({"minute_token": text, "minute_source": number, "subscriber_ids": [text, {"open_id": number}], "open_id": [number]}),
            ] {
                let _ = Notice::read(kind, &body);
            }
        }
    }
}

#[test]
fn an_unsigned_body_can_be_nothing_but_the_check_of_the_address() {
    let check = Vector::named("url_verification");
    let body = check.encrypted_body.as_bytes();
    let challenge = Ok(Incoming::Challenge("ajls384kdjx98XX".to_owned()));
    assert_eq!(check.open(&UNSIGNED, body), challenge);
    let empty = EventHeaders { timestamp: Some(""), nonce: Some(""), signature: Some("") };
    assert_eq!(check.open(&empty, body), challenge);
    assert_eq!(verifier(Some(&check.encrypt_key), None).open(&UNSIGNED, body), challenge);
    let other_token = verifier(Some(&check.encrypt_key), Some("vt_other"));
    assert_eq!(other_token.open(&UNSIGNED, body), Err(Refusal::BadSignature));
    assert_eq!(other_token.open(&check.headers(), body), Err(Refusal::BadToken));

    for vector in VECTORS.iter().filter(|vector| vector.name != "url_verification") {
        let body = vector.encrypted_body.as_bytes();
        assert_eq!(vector.open(&UNSIGNED, body), Err(Refusal::BadSignature), "{}", vector.name);
    }
    // Bad padding, bad text and a forbidden event must look alike.
    for sealed in ["", "AAAA", &"A".repeat(64), "P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk="] {
        let body = json!({"encrypt": sealed}).to_string();
        assert_eq!(check.open(&UNSIGNED, body.as_bytes()), Err(Refusal::BadSignature), "{sealed}");
    }
}

#[test]
fn with_an_encrypt_key_nothing_comes_in_the_clear_but_the_check() {
    let vector = Vector::named("recording_ready");
    assert_eq!(vector.open(&UNSIGNED, vector.plaintext.as_bytes()), Err(Refusal::NotEncrypted));
    let check = Vector::named("url_verification");
    assert!(matches!(check.open(&UNSIGNED, check.plaintext.as_bytes()), Ok(Incoming::Challenge(_))));
    let forged = check.plaintext.replace("vt_6b1f0c2d9e", "vt_forged");
    assert_eq!(check.open(&UNSIGNED, forged.as_bytes()), Err(Refusal::BadToken));
    let tokenless = verifier(Some(&check.encrypt_key), None);
    assert_eq!(tokenless.open(&UNSIGNED, check.plaintext.as_bytes()), Err(Refusal::NotEncrypted));
}

#[test]
fn without_an_encrypt_key_the_token_decides() {
    let plain = verifier(None, Some("vt_6b1f0c2d9e"));
    for vector in VECTORS.iter() {
        assert!(plain.open(&UNSIGNED, vector.plaintext.as_bytes()).is_ok(), "{}", vector.name);
        assert_eq!(plain.open(&UNSIGNED, vector.encrypted_body.as_bytes()), Err(Refusal::CannotDecrypt));
        for wrong in ["vt_6b1f0c2d9f", "", "vt_6b1f0c2d9e0"] {
            let forged = vector.plaintext.replace("vt_6b1f0c2d9e", wrong);
            assert_eq!(plain.open(&UNSIGNED, forged.as_bytes()), Err(Refusal::BadToken), "{}", vector.name);
        }
    }
    let vector = Vector::named("recording_ready");
    assert_eq!(verifier(None, None).open(&UNSIGNED, vector.plaintext.as_bytes()), Err(Refusal::Unconfigured));
    assert_eq!(
        verifier(Some(""), Some("")).open(&UNSIGNED, vector.plaintext.as_bytes()),
        Err(Refusal::Unconfigured)
    );
}

#[test]
fn a_wrong_key_another_app_and_a_flood_are_told_apart() {
    let vector = Vector::named("recording_ready");
    let body = vector.encrypted_body.as_bytes();
    assert_eq!(verifier(Some("ek_other"), None).open(&vector.headers(), body), Err(Refusal::BadSignature));
    let elsewhere =
        EventVerifier::new(Some(vector.encrypt_key.as_str().into()), None, "cli_b000000000000002".to_owned());
    assert_eq!(elsewhere.open(&vector.headers(), body), Err(Refusal::OtherApp));
    let flood = vec![b' '; MAX_EVENT_BYTES + 1];
    assert_eq!(vector.open(&vector.headers(), &flood), Err(Refusal::TooLarge));
}

#[test]
fn events_of_the_first_version_are_read_too() {
    let body = json!({
        "uuid": "41b5f371157e3d5341b38b20396e77e3", "token": "vt", "ts": "1550038112.123", "type": "event_callback",
        "event": {"type": "some.old_event", "app_id": APP, "tenant_key": "t1", "x": 1},
    });
    let open = |body: &Value| verifier(None, Some("vt")).open(&UNSIGNED, body.to_string().as_bytes());
    let opened = event(open(&body).unwrap());
    assert_eq!(
        (opened.id.as_str(), opened.kind.as_str()),
        ("41b5f371157e3d5341b38b20396e77e3", "some.old_event")
    );
    assert_eq!((opened.created_ms, opened.tenant_key.as_deref()), (Some(1_550_038_112_123), Some("t1")));
    assert_eq!(Notice::read(&opened.kind, &opened.body), Ok(Notice::Other));

    let mut foreign = body.clone();
    foreign["event"]["app_id"] = json!("cli_other");
    assert_eq!(open(&foreign), Err(Refusal::OtherApp));
    for (place, key) in
        [("/uuid", "no event id"), ("/event/type", "no event type"), ("/event", "no event object")]
    {
        let mut broken = body.clone();
        *broken.pointer_mut(place).unwrap() = Value::Null;
        assert_eq!(open(&broken), Err(Refusal::Malformed(key)));
    }
}

#[test]
fn an_event_without_its_point_is_garbled() {
    for (kind, body, field) in [
        ("vc.meeting.recording_ready_v1", json!({"url": "https://a/docs/x"}), "url"),
        ("vc.meeting.all_meeting_ended_v1", json!({"meeting": {"topic": "x"}}), "meeting.id"),
        ("minutes.minute.generated_v1", json!({"minute_token": "../../etc/passwd"}), "minute_token"),
        ("auth.user_access_token.revoked_v4", json!({"revoke_reason": "x"}), "open_id"),
    ] {
        assert_eq!(Notice::read(kind, &body).unwrap_err().field, field);
    }
}

use serde_json::{Value, json};

use crate::events::seal::{encrypt, sign};
use crate::{EventHeaders, EventVerifier, Incoming, Notice, Refusal};

const KEY: &str = "fuzz-encrypt-key";
const TOKEN: &str = "fuzz-verification-token";
const APP: &str = "cli_fuzz";
const UNSIGNED: EventHeaders<'_> = EventHeaders { timestamp: None, nonce: None, signature: None };
const KINDS: [&str; 4] = [
    "vc.meeting.recording_ready_v1",
    "vc.meeting.all_meeting_ended_v1",
    "minutes.minute.generated_v1",
    "auth.user_access_token.revoked_v4",
];

/// A body as the webhook receives it: whatever is believed carries our token and names our app; sealed and signed
/// by the platform it opens to the same; unsigned or with one wrong byte it opens no event.
pub fn event(body: &[u8]) {
    let in_clear = verifier(None, Some(TOKEN)).open(&UNSIGNED, body);
    if let Ok(incoming) = &in_clear {
        is_believable(incoming, body);
    }
    sealed_by_the_platform(body, &in_clear);
    sent_by_anybody(body);
}

fn verifier(key: Option<&str>, token: Option<&str>) -> EventVerifier {
    EventVerifier::new(key.map(Into::into), token.map(Into::into), APP.to_owned())
}

fn is_believable(incoming: &Incoming, body: &[u8]) {
    let said: Value = serde_json::from_slice(body).expect("what is believed is JSON");
    match incoming {
        Incoming::Challenge(challenge) => {
            assert_eq!(said["type"], "url_verification");
            assert_eq!(said["token"], TOKEN);
            is_decent(challenge);
        }
        Incoming::Event(event) => {
            let (outside, inside) =
                said.get("header").map_or((&said, &said["event"]), |header| (header, header));
            assert_eq!(outside["token"], TOKEN);
            let app =
                inside["app_id"].as_str().filter(|app| app.len() <= 512 && !app.contains(char::is_control));
            assert!(app.is_none_or(|app| app.is_empty() || app == APP), "{app:?}");
            assert_eq!(event.body, said["event"]);
            assert!(event.body.is_object());
            is_decent(&event.id);
            is_decent(&event.kind);
            event.tenant_key.as_deref().into_iter().for_each(is_decent);
            for kind in KINDS.into_iter().chain([event.kind.as_str()]) {
                match Notice::read(kind, &event.body) {
                    Ok(notice) => assert_eq!(notice == Notice::Other, !KINDS.contains(&kind)),
                    Err(garbled) => assert_eq!(garbled.kind, kind),
                }
            }
        }
    }
}

fn is_decent(name: &str) {
    assert!(!name.is_empty() && name.len() <= 512 && !name.contains(char::is_control), "{name:?}");
}

fn sealed_by_the_platform(body: &[u8], in_clear: &Result<Incoming, Refusal>) {
    let sealed = json!({"encrypt": encrypt(KEY, body)}).to_string();
    let sealed = sealed.as_bytes();
    let signature = sign("1763900000", "nonce", KEY, sealed);
    let ours = verifier(Some(KEY), Some(TOKEN));
    // A body that says `encrypt` inside is another matter in the clear.
    if *in_clear != Err(Refusal::CannotDecrypt) {
        assert_eq!(ours.open(&signed(&signature), sealed), *in_clear);
        match in_clear {
            Ok(Incoming::Challenge(_)) => assert_eq!(ours.open(&UNSIGNED, sealed), *in_clear),
            _ => assert_eq!(ours.open(&UNSIGNED, sealed), Err(Refusal::BadSignature)),
        }
    }
    let other_key = verifier(Some("another-key"), Some(TOKEN));
    assert_eq!(other_key.open(&signed(&signature), sealed), Err(Refusal::BadSignature));

    // Which byte is changed differs from input to input, and is the same for the same.
    let place =
        body.iter().fold(body.len(), |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(*byte)));
    let mut forged = sealed.to_vec();
    let at = place % forged.len();
    forged[at] ^= 1;
    assert_eq!(ours.open(&signed(&signature), &forged), Err(Refusal::BadSignature));
    let mut forged = signature.into_bytes();
    let at = place % forged.len();
    forged[at] ^= 1;
    let forged = String::from_utf8(forged).expect("ASCII");
    assert_eq!(ours.open(&signed(&forged), sealed), Err(Refusal::BadSignature));
}

fn signed(signature: &str) -> EventHeaders<'_> {
    EventHeaders { timestamp: Some("1763900000"), nonce: Some("nonce"), signature: Some(signature) }
}

fn sent_by_anybody(body: &[u8]) {
    for token in [None, Some(TOKEN)] {
        let ours = verifier(Some(KEY), token);
        assert_eq!(ours.open(&signed("not a signature"), body), Err(Refusal::BadSignature));
        let unsigned = ours.open(&UNSIGNED, body);
        assert!(!matches!(unsigned, Ok(Incoming::Event(_))), "{unsigned:?}");
    }
    assert_eq!(verifier(None, None).open(&UNSIGNED, body), Err(Refusal::Unconfigured));
}

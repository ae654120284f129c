//! The scenarios that need no file.

use super::company::company;
use super::{Announce, Clip, Expect, MediaSpec, Minute, Person, Scenario};
use crate::clock::{HOUR, MINUTE};

/// Recordings of `large` without a count.
const LARGE: usize = 10_000;
/// People who share the recordings of `large`.
const LARGE_PEOPLE: usize = 50;

pub(super) fn find(name: &str) -> Option<Scenario> {
    match name {
        "empty" => Some(Scenario::default()),
        "small" => Some(small()),
        "company" => Some(company()),
        "large" => Some(large(LARGE)),
        _ => name.strip_prefix("large:")?.parse().ok().map(large),
    }
}

fn person(name: &str, en_name: &str) -> Person {
    Person { name: name.to_owned(), en_name: en_name.to_owned(), ..Person::default() }
}

/// Three people, five plain recordings: one for each way to become known, and one audio recording.
fn small() -> Scenario {
    let clip = |clip| Some(MediaSpec::Clip { clip, pad_bytes: 0 });
    let minute = |owner: &str, title: &str, media, announce, ago_ms| Minute {
        owner: owner.to_owned(),
        title: title.to_owned(),
        media,
        announce,
        created_ago_ms: ago_ms,
        expect: Some(Expect::Archived),
        ..Minute::default()
    };
    Scenario {
        people: vec![person("张伟", "Zhang Wei"), person("王芳", "Wang Fang"), person("李娜", "Li Na")],
        minutes: vec![
            minute("张伟", "产品周会", clip(Clip::Meeting), Announce::RecordingReady, 3 * HOUR),
            minute("王芳", "招聘面试", clip(Clip::Bars), Announce::MeetingEnded, 2 * HOUR),
            minute("李娜", "客户电话录音", clip(Clip::Voice), Announce::Generated, HOUR),
            minute("张伟", "一对一沟通", clip(Clip::Meeting), Announce::None, 20 * MINUTE),
            minute("王芳", "Design review", clip(Clip::Bars), Announce::None, 10 * MINUTE),
        ],
        ..Scenario::default()
    }
}

/// `count` small recordings of 1 MiB, made one a minute, shared out among 50 people.
fn large(count: usize) -> Scenario {
    let name = |index: usize| format!("员工{:03}", index % LARGE_PEOPLE + 1);
    let people = (0..LARGE_PEOPLE.min(count.max(1)))
        .map(|index| person(&name(index), &format!("Employee {:03}", index + 1)))
        .collect();
    let minutes = (0..count)
        .map(|index| Minute {
            owner: name(index),
            title: format!("例会 {index:05}"),
            created_ago_ms: i64::try_from(index).unwrap_or(i64::MAX).saturating_mul(MINUTE),
            media: Some(MediaSpec::Generated {
                bytes: 1024 * 1024,
                moov: super::MoovAt::Front,
                audio: false,
            }),
            announce: Announce::Generated,
            expect: Some(Expect::Archived),
            ..Minute::default()
        })
        .collect();
    Scenario { people, minutes, ..Scenario::default() }
}

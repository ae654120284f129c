//! What the bot's cards say: `locales/*/cards.ftl`, by matter, and by whether that is over.

use std::sync::Arc;

use archive::notify::{Card, Facts, Matter, Notice, Tone, Wording};

use super::{Language, Value, Words};

/// Finds the words of cards: in the receiver's language where that is known, else in `otherwise`.
#[must_use]
pub fn wording(otherwise: Language) -> Wording {
    Arc::new(move |tag, notice| {
        card(Words::new(tag.and_then(Language::from_tag).unwrap_or(otherwise)), notice)
    })
}

fn card(words: Words, notice: &Notice) -> Card {
    let facts = &notice.facts;
    let stage = if notice.is_over { "over" } else { "open" };
    let key = format!("card-{}-{stage}", notice.matter);
    let say = |part: &str| words.say_with(&format!("{key}-{part}"), &variables(words, facts));
    let mut lines = vec![say("text")];
    if !notice.is_over {
        lines.extend(more(words, notice));
    }
    Card {
        title: say("title"),
        lines,
        button: (notice.matter.asks_employee() && !notice.is_over).then(|| words.say("card-button")),
        tone: match (notice.is_over, notice.matter) {
            (true, _) => Tone::Good,
            (false, Matter::Standstill | Matter::Unreachable) => Tone::Alarm,
            (false, _) => Tone::Plain,
        },
    }
}

fn variables(words: Words, facts: &Facts) -> Vec<(&'static str, Value<'static>)> {
    let name = facts.name.clone().filter(|name| !name.is_empty());
    let what = facts.what.map(|what| words.say(&format!("standstill-{what}"))).unwrap_or_default();
    vec![
        ("name", name.unwrap_or_else(|| words.say("card-you")).into()),
        ("days", facts.days.unwrap_or_default().into()),
        ("until", facts.until.clone().unwrap_or_default().into()),
        ("count", facts.count.unwrap_or_default().into()),
        ("what", what.into()),
    ]
}

/// Why, and what to do; the scopes that are missing; the figures of a week.
fn more(words: Words, notice: &Notice) -> Vec<String> {
    let facts = &notice.facts;
    let mut lines = Vec::new();
    match notice.matter {
        Matter::Ended | Matter::Unreachable => {
            lines.extend(facts.reason.map(|reason| words.reason(reason)));
            lines.extend(facts.scopes.iter().map(|scope| format!("• {}", words.scope(scope))));
        }
        Matter::Standstill => {
            lines.extend(facts.what.map(|what| words.say(&format!("standstill-{what}-fix"))));
        }
        Matter::Summary => {
            let figure = |name: &str| facts.figures.get(name).copied().unwrap_or_default();
            let sum = |names: &[&str]| names.iter().map(|name| figure(name)).sum::<i64>();
            for (key, count) in [
                ("card-summary-archived", figure("archived_this_week")),
                ("card-summary-kept", figure("recordings_archived")),
                (
                    "card-summary-open",
                    sum(&[
                        "recordings_found",
                        "recordings_waiting",
                        "recordings_failed",
                        "recordings_no_grant",
                    ]),
                ),
                ("card-summary-denied", figure("recordings_denied")),
                ("card-summary-active", sum(&["members_active", "members_expiring"])),
                (
                    "card-summary-inactive",
                    sum(&["members_must_authorise", "members_blocked", "members_departed"]),
                ),
            ] {
                lines.push(words.say_with(key, &[("count", count.into())]));
            }
        }
        Matter::Invitation | Matter::Ending => {}
    }
    lines
}

#[cfg(test)]
mod tests {
    use archive::model::Reason;
    use archive::notify::Standstill;

    use super::*;

    /// A key that has no text would be shown to a person.
    #[test]
    fn every_card_has_its_words_in_both_languages() {
        let facts = |what| Facts {
            name: Some("陈一鸣".to_owned()),
            days: Some(3),
            until: Some("2026-12-31".to_owned()),
            reason: Some(Reason::GrantRevoked),
            scopes: vec!["minutes:minutes.media:export".to_owned()],
            count: Some(2),
            what: Some(what),
            ..Facts::default()
        };
        for tag in ["zh-CN", "en"] {
            for matter in Matter::ALL {
                for what in Standstill::ALL {
                    for is_over in [false, true] {
                        let said = wording(Language::Chinese)(
                            Some(tag),
                            &Notice { matter: *matter, is_over, facts: facts(*what) },
                        );
                        let all = format!("{}\n{}", said.title, said.lines.join("\n"));
                        assert!(!all.contains("card-") && !all.contains("standstill-"), "{matter}: {all}");
                        assert!(!all.contains("{$"), "{matter}: {all}");
                        assert_eq!(
                            tag == "en",
                            all.is_ascii() || !all.contains('。'),
                            "{matter} {tag}: {all}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn without_a_known_language_the_companys_is_used() {
        let notice = Notice { matter: Matter::Invitation, is_over: false, facts: Facts::default() };
        assert!(wording(Language::English)(None, &notice).title.is_ascii());
        assert!(!wording(Language::Chinese)(Some("xx"), &notice).title.is_ascii());
    }
}

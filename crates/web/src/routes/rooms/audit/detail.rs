//! Subjects and details of rows in the reader's language. The log itself has them in one language for ever: its hashes
//! cover them, and what people wrote stands among our own words.

use archive::audit::Verb;
use archive::model::{Reason, Role};

use crate::nav::entries;
use crate::words::Words;

/// What stands before, between and behind what changes from row to row, and the key of its text, which has that as
/// `$one`, `$two` and `$three`. Where nothing stands before it, it is a number. The first that fits counts.
const KNOWN: [(&[&str], &str); 31] = [
    (&["queue"], "deed-in-queue"),
    (&["paused"], "deed-paused"),
    (&["resumed"], "deed-resumed"),
    (&["retry"], "deed-retried"),
    (&["retry ", ""], "deed-retried-cause"),
    (&["invited"], "deed-invited"),
    (&["owners"], "deed-invited-owners"),
    (&["lapsed"], "deed-reminded-lapsed"),
    (&["trash"], "deed-trashed"),
    (&["trash, by rule ", ""], "deed-trashed-by-rule"),
    (&["restored from the trash"], "deed-restored"),
    (&["restored from the trash all that rule ", " took"], "deed-restored-rule"),
    (&["removed for good from the trash"], "deed-purged"),
    (&["member removed"], "deed-member-removed"),
    (&["member removed, with their files"], "deed-member-removed-files"),
    (&["member removed, with all that is known of them"], "deed-member-purged"),
    (&["authorised"], "deed-authorised"),
    (&["adopted"], "deed-adopted"),
    (&["mended"], "deed-mended"),
    (&["imported"], "deed-imported"),
    (&["removed for good"], "deed-removed-for-good"),
    (&["restored from a backup"], "deed-restored-backup"),
    (&["first administrator"], "deed-first-administrator"),
    (&["hold placed: ", ""], "deed-hold-placed"),
    (&["hold ", " lifted: ", ""], "deed-hold-lifted"),
    (&["rule made: older than ", " days; owner ", "; kind ", ""], "deed-rule-made"),
    (&["rule ", " on: seen that it takes ", ""], "deed-rule-on"),
    (&["rule ", " off"], "deed-rule-off"),
    (&["rule ", ""], "deed-rule"),
    (&["", " rows"], "deed-rows"),
    (&["", " weeks, xlsx"], "deed-weeks"),
];

/// The detail of such a deed on such a subject as its reader reads it; what is not known stays as it was written.
pub(super) fn detail(verb: &str, subject: &str, written: &str, words: Words) -> String {
    match verb.parse() {
        // By what the log itself was filtered: somebody's words again.
        _ if subject == "audit" => return written.to_owned(),
        // What a person called themselves or looked for is nobody's word.
        Ok(Verb::SignedIn | Verb::SignedOut | Verb::Searched) => return written.to_owned(),
        Ok(Verb::Refused) => {
            return written.parse().map_or_else(|_| written.to_owned(), |wanted| words.verb(wanted));
        }
        _ => {}
    }
    let known = KNOWN.iter().find_map(|(pieces, key)| Some((between(pieces, written)?, *key)));
    let Some((parts, key)) = known else { return written.to_owned() };
    let said = |part: &str| match part.parse::<Reason>() {
        Ok(reason) if key == "deed-retried-cause" => words.reason(reason),
        _ => part.to_owned(),
    };
    let parts: Vec<_> =
        ["one", "two", "three"].into_iter().zip(parts.into_iter().map(|part| said(part).into())).collect();
    words.say_with(key, &parts)
}

/// What the page is called that such a deed was about; none: it was about something else.
pub(super) fn page(verb: &str, subject: &str, words: Words) -> Option<String> {
    // What somebody looked for is no page, whatever they wrote.
    if verb == Verb::Searched.as_str() {
        return None;
    }
    let first = subject.trim_start_matches('/').split('/').next()?;
    let path = match first {
        "retention" => "storage",
        "invitations" => "people",
        other => other,
    };
    let entry =
        entries(Role::Administrator).into_iter().find(|entry| entry.path.trim_start_matches('/') == path);
    entry.map(|entry| words.say(entry.key))
}

/// What stands between these pieces, when a text is made of them.
fn between<'a>(pieces: &[&str], text: &'a str) -> Option<Vec<&'a str>> {
    let (first, others) = pieces.split_first()?;
    let mut rest = text.strip_prefix(first)?;
    let Some((last, middle)) = others.split_last() else { return rest.is_empty().then(Vec::new) };
    let mut parts = Vec::new();
    for piece in middle {
        let (part, behind) = rest.split_once(piece)?;
        parts.push(part);
        rest = behind;
    }
    parts.push(rest.strip_suffix(last)?);
    let is_number = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
    (!first.is_empty() || parts.first().is_some_and(is_number)).then_some(parts)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::words::Language;

    const ZH: Words = Words::new(Language::Chinese);
    const EN: Words = Words::new(Language::English);

    #[test]
    fn each_known_detail_has_its_text_in_both_languages() {
        for (pieces, key) in KNOWN {
            let written = pieces.join("7");
            for words in [ZH, EN] {
                let said = detail("changed", "x", &written, words);
                assert!(said != key && !said.contains('{'), "{key}: {said}");
                assert_eq!(said.matches('7').count(), pieces.len() - 1, "{key} loses something: {said}");
            }
        }
    }

    #[test]
    fn what_people_wrote_stands_as_they_wrote_it() {
        assert_eq!(
            detail("changed", "x", "hold 9 lifted: 结案 <b> lifted: x", ZH),
            "解除法律保留 9：结案 <b> lifted: x"
        );
        assert_eq!(
            detail("changed", "x", "retry no_grant", ZH),
            format!("重试：{}", ZH.reason(Reason::NoGrant))
        );
        assert_eq!(detail("refused", "x", "played", ZH), ZH.verb(Verb::Played));
        assert_eq!(detail("signed_in", "ou_a", "trash", ZH), "trash", "somebody may be called so");
        assert_eq!(detail("viewed", "audit", "trash", ZH), "trash", "somebody asked for it");
        for other in ["", "something else", "rule", "retrying", "content for 30 days: my rows"] {
            assert_eq!(detail("changed", "x", other, ZH), other);
        }
    }

    #[test]
    fn a_page_has_the_name_that_the_navigation_gives_it() {
        for (subject, key) in [
            ("/overview", "nav-overview"),
            ("/queue/live", "nav-queue"),
            ("storage", "nav-storage"),
            ("retention", "nav-storage"),
            ("audit", "nav-audit"),
        ] {
            assert_eq!(page("viewed", subject, ZH), Some(ZH.say(key)), "{subject}");
        }
        for (verb, subject) in [("searched", "audit"), ("viewed", "obcn1"), ("changed", ""), ("viewed", "/")]
        {
            assert_eq!(page(verb, subject, ZH), None, "{subject}");
        }
    }

    proptest! {
        #[test]
        fn any_detail_is_said(verb in "[a-z_]{0,10}", written in any::<String>()) {
            let _ = detail(&verb, "x", &written, ZH);
        }
    }
}

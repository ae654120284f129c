//! The two languages say the same things, and every word of the archive has its text.

use std::collections::{BTreeMap, BTreeSet};

use archive::audit::Verb;
use archive::catalog::RecordStanding;
use archive::discover::Need;
use archive::members::{ApiScope, AuthoriseError, COMPANY_RECORD_SCOPE, Features, Footing};
use archive::model::{
    ArtifactKind, ArtifactState, LinkState, LinkTrouble, MeetingOutcome, Mover, Reason, RecordingState, Role,
    Track,
};
use archive::queue::TaskKind;
use fluent_syntax::{ast, parser};

use super::{CHINESE, ENGLISH, Language, Words, scope_key};

/// Each key of a language with the variables that its text uses.
fn texts(sources: &[&'static str]) -> BTreeMap<String, BTreeSet<String>> {
    let mut texts = BTreeMap::new();
    for source in sources {
        let resource = parser::parse(*source).unwrap_or_else(|(_, errors)| panic!("{errors:?}"));
        for entry in resource.body {
            match entry {
                ast::Entry::Message(message) => {
                    let pattern = message.value.unwrap_or_else(|| panic!("{} is empty", message.id.name));
                    let mut variables = BTreeSet::new();
                    variables_of(&pattern, &mut variables);
                    let twice = texts.insert(message.id.name.to_owned(), variables);
                    assert!(twice.is_none(), "{} comes twice", message.id.name);
                }
                ast::Entry::Term(_) => panic!("terms are not used here"),
                _ => {}
            }
        }
    }
    texts
}

fn variables_of(pattern: &ast::Pattern<&str>, found: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        if let ast::PatternElement::Placeable { expression } = element {
            match expression {
                ast::Expression::Inline(inline) => variable_of(inline, found),
                ast::Expression::Select { selector, variants } => {
                    variable_of(selector, found);
                    for variant in variants {
                        variables_of(&variant.value, found);
                    }
                }
            }
        }
    }
}

fn variable_of(inline: &ast::InlineExpression<&str>, found: &mut BTreeSet<String>) {
    match inline {
        ast::InlineExpression::VariableReference { id } => {
            found.insert(id.name.to_owned());
        }
        ast::InlineExpression::StringLiteral { .. } => {}
        other => panic!("only variables and literals are used here, not {other:?}"),
    }
}

#[test]
fn both_languages_have_the_same_keys_and_variables() {
    let (chinese, english) = (texts(&CHINESE), texts(&ENGLISH));
    assert!(chinese.len() > 100, "the texts were not read");
    for key in chinese.keys().chain(english.keys()) {
        assert_eq!(chinese.get(key), english.get(key), "{key}");
    }
}

#[test]
fn every_word_of_the_archive_has_a_text() {
    for language in Language::ALL {
        let words = Words::new(language);
        let mut said = BTreeMap::new();
        for reason in Reason::ALL {
            said.insert(format!("reason-{reason}"), words.reason(*reason));
            said.insert(format!("reason-{reason}-fix"), words.reason_fix(*reason));
        }
        said.extend(RecordingState::ALL.iter().map(|it| (format!("state-{it}"), words.recording_state(*it))));
        said.extend(ArtifactKind::ALL.iter().map(|it| (format!("artifact-{it}"), words.artifact_kind(*it))));
        said.extend(
            ArtifactState::ALL.iter().map(|it| (format!("artifact-state-{it}"), words.artifact_state(*it))),
        );
        said.extend(Footing::ALL.iter().map(|it| (format!("member-{it}"), words.footing(*it))));
        said.extend(Role::ALL.iter().map(|it| (format!("role-{it}"), words.role(*it))));
        said.extend(ApiScope::ALL.iter().map(|it| (format!("api-scope-{it}"), words.api_scope(*it))));
        said.extend(Verb::ALL.iter().map(|it| (format!("verb-{it}"), words.verb(*it))));
        said.extend(Track::ALL.iter().map(|it| (format!("track-{it}"), words.track(*it))));
        said.extend(LinkState::ALL.iter().map(|it| (format!("link-{it}"), words.link_state(*it))));
        for trouble in LinkTrouble::ALL {
            said.insert(format!("link-trouble-{trouble}"), words.link_trouble(*trouble));
            said.insert(format!("link-trouble-{trouble}-fix"), words.link_trouble_fix(*trouble));
        }
        said.extend(TaskKind::ALL.iter().map(|it| (format!("task-{it}"), words.task_kind(*it))));
        for it in RecordStanding::ALL {
            said.insert(format!("record-{it}"), words.record_standing(*it));
            said.insert(format!("record-{it}-fix"), words.record_standing_fix(*it));
        }
        said.extend(Need::ALL.iter().map(|it| (format!("need-{it}"), words.need(*it))));
        said.extend(
            MeetingOutcome::ALL
                .iter()
                .map(|it| (format!("meeting-outcome-{it}"), words.meeting_outcome(*it))),
        );
        for mover in [Mover::Nobody, Mover::Employee, Mover::Administrator] {
            said.insert(format!("mover-{mover:?}"), words.mover(mover));
        }
        for scope in (Features { transcripts: true, summaries: true })
            .user_scopes()
            .into_iter()
            .chain([COMPANY_RECORD_SCOPE])
        {
            said.insert(scope.to_owned(), words.scope(scope));
            let missing = format!("{}-missing", scope_key(scope));
            said.insert(missing.clone(), words.say(&missing));
        }
        for (word, text) in said {
            let is_sentence = text.contains(' ') || !text.is_ascii() || !text.contains(['-', ':', '_']);
            assert!(is_sentence, "{word} has no text in {language:?}: {text}");
        }
    }
}

#[test]
fn variables_are_filled_in_without_marks_and_unknown_keys_show() {
    let words = Words::new(Language::Chinese);
    assert_eq!(words.say("no-such-key"), "no-such-key");
    let said = words.say_with("welcome-title", &[("name", "陈一鸣".into())]);
    assert!(said.contains("陈一鸣") && !said.contains(['\u{2068}', '\u{2069}']), "{said:?}");
}

/// A variant without a page of its own would show its key to a person.
#[test]
fn every_way_to_fail_has_a_page() {
    let said = |text: &str| text.to_owned();
    for error in [
        AuthoriseError::StartAgain(said("")),
        AuthoriseError::Administrator(said("")),
        AuthoriseError::NotAllowed(said("")),
        AuthoriseError::TryLater(said("")),
        AuthoriseError::Catalog(archive::catalog::CatalogError::Busy),
    ] {
        let notice = crate::notice::Notice::of(&error);
        for language in Language::ALL {
            for part in ["title", "what", "do"] {
                let key = format!("{}-{part}", notice.key());
                assert_ne!(Words::new(language).say(&key), key);
            }
        }
    }
}

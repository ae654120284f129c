//! Everything that people read, in two languages. The texts are in `locales/`, built into the program:
//! `pages.ftl` for pages that anybody may open, `rooms.ftl`, `library.ftl` and `storage.ftl` for those behind the sign-in,
//! `reasons.ftl` and `states.ftl` for what the archive thinks in, `cli.ftl` for the command line, `cards.ftl` for the
//! bot. Logs and JSON for programs do not come from here.

mod cards;
mod language;
#[cfg(test)]
mod tests;
mod troubles;

use std::sync::LazyLock;

use archive::audit::Verb;
use archive::catalog::RecordStanding;
use archive::discover::Need;
use archive::members::{ApiScope, Footing};
use archive::model::{
    ArtifactKind, ArtifactState, LinkState, LinkTrouble, MeetingOutcome, MemberState, Mover, Reason,
    RecordingState, Role, Track,
};
use archive::queue::TaskKind;
use fluent::concurrent::FluentBundle;
use fluent::{FluentArgs, FluentResource};
use unic_langid::LanguageIdentifier;

pub use cards::wording;
/// A variable of a text: a number, so that plurals agree with it, or words.
pub use fluent::FluentValue as Value;
pub use language::Language;

const CHINESE: [&str; 8] = [
    include_str!("../../locales/zh-CN/pages.ftl"),
    include_str!("../../locales/zh-CN/rooms.ftl"),
    include_str!("../../locales/zh-CN/library.ftl"),
    include_str!("../../locales/zh-CN/storage.ftl"),
    include_str!("../../locales/zh-CN/reasons.ftl"),
    include_str!("../../locales/zh-CN/states.ftl"),
    include_str!("../../locales/zh-CN/cli.ftl"),
    include_str!("../../locales/zh-CN/cards.ftl"),
];
const ENGLISH: [&str; 8] = [
    include_str!("../../locales/en/pages.ftl"),
    include_str!("../../locales/en/rooms.ftl"),
    include_str!("../../locales/en/library.ftl"),
    include_str!("../../locales/en/storage.ftl"),
    include_str!("../../locales/en/reasons.ftl"),
    include_str!("../../locales/en/states.ftl"),
    include_str!("../../locales/en/cli.ftl"),
    include_str!("../../locales/en/cards.ftl"),
];

type Bundle = FluentBundle<FluentResource>;

static CHINESE_BUNDLE: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::Chinese));
static ENGLISH_BUNDLE: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::English));

/// The texts in one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    language: Language,
}

impl Words {
    /// The texts in `language`.
    #[must_use]
    pub const fn new(language: Language) -> Self {
        Self { language }
    }

    /// The language that these are in.
    #[must_use]
    pub const fn language(self) -> Language {
        self.language
    }

    /// The text of a key that has no variables; the key itself when there is no such text.
    #[must_use]
    pub fn say(self, key: &str) -> String {
        self.say_with(key, &[])
    }

    /// The text of a key with its variables filled in: `words.say_with("x", &[("count", 3.into())])`.
    #[must_use]
    pub fn say_with(self, key: &str, variables: &[(&str, Value<'_>)]) -> String {
        let bundle: &Bundle = match self.language {
            Language::Chinese => &CHINESE_BUNDLE,
            Language::English => &ENGLISH_BUNDLE,
        };
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            return key.to_owned();
        };
        let variables: FluentArgs<'_> =
            variables.iter().map(|(name, value)| (*name, value.clone())).collect();
        // A variable that was not given shows as its name; there is nobody here to tell about it.
        bundle.format_pattern(pattern, Some(&variables), &mut Vec::new()).into_owned()
    }

    /// What happened.
    #[must_use]
    pub fn reason(self, reason: Reason) -> String {
        self.of("reason", reason.as_str())
    }

    /// What to do about it, and who does it.
    #[must_use]
    pub fn reason_fix(self, reason: Reason) -> String {
        self.say(&format!("{}-fix", key("reason", reason.as_str())))
    }

    /// Whose move it is.
    #[must_use]
    pub fn mover(self, mover: Mover) -> String {
        self.say(match mover {
            Mover::Nobody => "mover-nobody",
            Mover::Employee => "mover-employee",
            Mover::Administrator => "mover-administrator",
        })
    }

    /// Where a recording stands.
    #[must_use]
    pub fn recording_state(self, state: RecordingState) -> String {
        self.of("state", state.as_str())
    }

    /// A part of a recording.
    #[must_use]
    pub fn artifact_kind(self, kind: ArtifactKind) -> String {
        self.of("artifact", kind.as_str())
    }

    /// How far a part is.
    #[must_use]
    pub fn artifact_state(self, state: ArtifactState) -> String {
        self.of("artifact-state", state.as_str())
    }

    /// What is stored of a member's authorisation.
    #[must_use]
    pub fn member_state(self, state: MemberState) -> String {
        self.of("member-state", state.as_str())
    }

    /// How a member's authorisation stands.
    #[must_use]
    pub fn footing(self, footing: Footing) -> String {
        self.of("member-state", footing.as_str())
    }

    /// What somebody who has signed in is here for.
    #[must_use]
    pub fn role(self, role: Role) -> String {
        self.of("role", role.as_str())
    }

    /// What a program's token is good for.
    #[must_use]
    pub fn api_scope(self, scope: ApiScope) -> String {
        self.of("api-scope", scope.as_str())
    }

    /// What somebody did.
    #[must_use]
    pub fn verb(self, verb: Verb) -> String {
        self.of("verb", verb.as_str())
    }

    /// How a recording became known.
    #[must_use]
    pub fn track(self, track: Track) -> String {
        self.of("track", track.as_str())
    }

    /// Where the long connection stands.
    #[must_use]
    pub fn link_state(self, state: LinkState) -> String {
        self.of("link", state.as_str())
    }

    /// What stands in the long connection's way.
    #[must_use]
    pub fn link_trouble(self, trouble: LinkTrouble) -> String {
        self.of("link-trouble", trouble.as_str())
    }

    /// What to do about it.
    #[must_use]
    pub fn link_trouble_fix(self, trouble: LinkTrouble) -> String {
        self.say(&format!("{}-fix", key("link-trouble", trouble.as_str())))
    }

    /// What a member needs of the patrol.
    #[must_use]
    pub fn need(self, need: Need) -> String {
        self.of("need", need.as_str())
    }

    /// What came of asking a meeting for its recording.
    #[must_use]
    pub fn meeting_outcome(self, outcome: MeetingOutcome) -> String {
        self.of("meeting-outcome", outcome.as_str())
    }

    /// Whether the company's own record can be relied on, and if not, why.
    #[must_use]
    pub fn record_standing(self, standing: RecordStanding) -> String {
        self.of("record", standing.as_str())
    }

    /// What to do so that the company's own record can be relied on.
    #[must_use]
    pub fn record_standing_fix(self, standing: RecordStanding) -> String {
        self.say(&format!("{}-fix", key("record", standing.as_str())))
    }

    /// A kind of work in the queue.
    #[must_use]
    pub fn task_kind(self, kind: TaskKind) -> String {
        self.of("task", kind.as_str())
    }

    /// What a scope lets us do, in plain words; the scope itself where we have none.
    #[must_use]
    pub fn scope(self, scope: &str) -> String {
        let key = scope_key(scope);
        let text = self.say(&key);
        if text == key { scope.to_owned() } else { text }
    }

    fn of(self, family: &str, word: &str) -> String {
        self.say(&key(family, word))
    }
}

/// Stored words have underscores, keys of texts have hyphens.
fn key(family: &str, word: &str) -> String {
    format!("{family}-{}", word.replace('_', "-"))
}

/// Keys of texts cannot hold the `:` and `.` of scopes.
pub(crate) fn scope_key(scope: &str) -> String {
    key("scope", &scope.replace([':', '.'], "-"))
}

fn bundle(language: Language) -> Bundle {
    let sources = match language {
        Language::Chinese => CHINESE,
        Language::English => ENGLISH,
    };
    let locale: LanguageIdentifier = language.tag().parse().unwrap_or_default();
    let mut bundle = Bundle::new_concurrent(vec![locale]);
    // Isolation marks show as boxes on terminals; pages use <bdi> instead.
    bundle.set_use_isolating(false);
    for source in sources {
        // That every text parses, and no key comes twice, is tested: a bad one is left out here.
        let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(readable, _)| readable);
        bundle.add_resource_overriding(resource);
    }
    bundle
}

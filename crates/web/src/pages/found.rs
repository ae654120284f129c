//! The page of what was found.

use archive::library::{Excerpt, Found, MOST_FOUND, Page, Stretch};
use askama::Template;
use url::form_urlencoded;

use crate::figures::length;
use crate::page::Frame;
use crate::reading_room::{ReadingRoom, is_blank};
use crate::session::SignedIn;
use crate::visitor::Visitor;

/// A recording in which something was found.
pub(crate) struct Group {
    path: String,
    title: Vec<Stretch>,
    facts: String,
    people: String,
    places: Vec<Place>,
    more: Option<String>,
}

/// One sentence.
pub(crate) struct Place {
    path: String,
    clock: String,
    speaker: String,
    before: String,
    text: Vec<Stretch>,
    after: String,
}

/// `GET /search`.
#[derive(Template)]
#[template(path = "found.html")]
pub(crate) struct FoundPage<'a> {
    title: String,
    sought: String,
    count: Option<String>,
    groups: Vec<Group>,
    next: Option<String>,
    waiting: Option<String>,
    frame: Frame<'a>,
}

impl<'a> FoundPage<'a> {
    /// `page` is none when there was nothing to search for; `is_first` of its pages tells how much there is;
    /// `waiting` recordings are not indexed yet.
    pub(crate) fn new(
        room: &'a ReadingRoom,
        visitor: &'a Visitor,
        who: &'a SignedIn,
        sought: String,
        page: Option<Page>,
        is_first: bool,
        waiting: i64,
    ) -> Self {
        let frame = Frame::of(&room.site, visitor, who, "/search");
        let count = page.as_ref().filter(|_| is_first).map(|page| {
            let key = if page.count >= MOST_FOUND { "search-count-many" } else { "search-count" };
            visitor.words.say_with(key, &[("count", page.count.into())])
        });
        let page = page.unwrap_or_default();
        let next = page.next.map(|next| {
            let wish = form_urlencoded::Serializer::new(String::new())
                .append_pair("q", &sought)
                .append_pair("before", &next.to_string())
                .finish();
            room.site.path(&format!("/search?{wish}"))
        });
        Self {
            title: frame.say("search-heading"),
            count,
            groups: page.found.into_iter().map(|found| group(found, room, visitor, &sought)).collect(),
            next,
            // Of everybody's: told only as "some", never how many.
            waiting: (waiting > 0).then(|| frame.say("search-waiting")),
            sought,
            frame,
        }
    }
}

fn group(found: Found, room: &ReadingRoom, visitor: &Visitor, sought: &str) -> Group {
    let Found { opened, excerpts } = found;
    let recording = &opened.recording;
    let path = room.site.path(&format!("/recordings/{}", recording.minute_token));
    let at = |excerpt: &Excerpt| {
        let mut wish = form_urlencoded::Serializer::new(String::new());
        if let Some(at_ms) = excerpt.at_ms {
            wish.append_pair("t", &(at_ms / 1_000).to_string());
        }
        format!("{path}?{}", wish.append_pair("q", sought).finish())
    };
    let places = excerpts.excerpts.into_iter().map(|excerpt| Place {
        path: at(&excerpt),
        clock: excerpt.at_ms.map(length).unwrap_or_default(),
        speaker: match excerpt.speaker {
            Some(speaker) => speaker,
            None if excerpt.is_note => visitor.words.say("search-notes"),
            None => String::new(),
        },
        before: excerpt.before,
        text: excerpt.text,
        after: excerpt.after,
    });
    let owner = opened.owner().and_then(|owner| owner.name.clone()).unwrap_or_default();
    let made = room.say(Some(recording.created_ms.unwrap_or(recording.found_at)), visitor);
    let is_untitled = excerpts.title.iter().all(|stretch| is_blank(&stretch.text));
    let untitled = || vec![Stretch { text: visitor.words.say("library-untitled"), is_hit: false }];
    Group {
        title: if is_untitled { untitled() } else { excerpts.title },
        facts: if owner.is_empty() { made } else { format!("{owner} · {made}") },
        people: excerpts.people.join("、"),
        places: places.collect(),
        more: more(excerpts.more, visitor),
        path: format!(
            "{path}?{}",
            form_urlencoded::Serializer::new(String::new()).append_pair("q", sought).finish()
        ),
    }
}

fn more(count: usize, visitor: &Visitor) -> Option<String> {
    let count = i64::try_from(count).ok().filter(|count| *count > 0)?;
    Some(visitor.words.say_with("search-more", &[("count", count.into())]))
}

//! The library's page.

use archive::library::{COUNTED, Item, Kind, Listed, Order, Shelf, Sort, Wish};
use archive::model::RecordingState;
use askama::Template;

use crate::amounts::size;
use crate::figures::length;
use crate::page::Frame;
use crate::reading_room::{ReadingRoom, titled};
use crate::routes::library::wishes::Wishes;
use crate::session::SignedIn;
use crate::visitor::Visitor;

/// One row.
pub(crate) struct Row {
    token: String,
    title: String,
    path: Option<String>,
    owner: String,
    of_owner: Option<String>,
    made: String,
    length: String,
    size: String,
    state: Option<String>,
    /// What it is, and what else of it is here.
    tags: Vec<String>,
    /// Where its picture is, if there is one that the reader may see.
    cover: Option<String>,
    is_audio: bool,
    is_only_here: bool,
}

/// A choice that leads to another list.
pub(crate) struct Choice {
    name: String,
    path: String,
    is_here: bool,
}

/// `GET /recordings`.
#[derive(Template)]
#[template(path = "library.html")]
pub(crate) struct LibraryPage<'a> {
    title: String,
    shelves: Vec<Choice>,
    sorts: Vec<Choice>,
    views: Vec<Choice>,
    is_table: bool,
    count: String,
    rows: Vec<Row>,
    next: Option<String>,
    all: String,
    without_owner: Option<String>,
    /// Where the form goes that takes out of the trash what has just been put there.
    pub(crate) undo: Option<String>,
    /// The reader has never authorised.
    pub(crate) is_stranger: bool,
    /// Rows are shown that the reader may not open.
    has_locked: bool,
    wishes: Wishes,
    frame: Frame<'a>,
}

impl<'a> LibraryPage<'a> {
    pub(crate) fn new(
        room: &'a ReadingRoom,
        visitor: &'a Visitor,
        who: &'a SignedIn,
        wishes: Wishes,
        wish: &Wish,
        listed: Listed,
        count: i64,
    ) -> Self {
        let frame = Frame::of(&room.site, visitor, who, "/recordings");
        let here = room.site.path("/recordings");
        let shelves = if who.viewer.may_list_everything() {
            [Shelf::All, Shelf::Mine, Shelf::Shared]
        } else {
            [Shelf::Open, Shelf::Mine, Shelf::Shared]
        };
        let choice = |field: &str, word: &str, is_here: bool| Choice {
            name: frame.say(&format!("library-{field}-{word}")),
            path: format!("{here}{}", wishes.with(field, word)),
            is_here,
        };
        let view = if wishes.get("view") == "cards" { "cards" } else { "table" };
        let rows: Vec<Row> =
            listed.items.iter().map(|item| row(item, room, visitor, &wishes, &here)).collect();
        let key = if count >= COUNTED { "library-count-many" } else { "library-count" };
        Self {
            title: frame.say("library-heading"),
            shelves: shelves.iter().map(|it| choice("shelf", it.as_str(), *it == wish.shelf)).collect(),
            sorts: Sort::ALL.iter().map(|it| sorted_by(*it, wish, &wishes, &here, &frame)).collect(),
            views: ["table", "cards"].map(|word| choice("view", word, word == view)).into(),
            is_table: view == "table",
            count: visitor.words.say_with(key, &[("count", count.into())]),
            is_stranger: false,
            has_locked: rows.iter().any(|row| row.path.is_none()),
            rows,
            next: listed.next.map(|next| format!("{here}{}", wishes.with("after", &next))),
            undo: None,
            all: here.clone(),
            without_owner: (!wishes.get("owner").is_empty())
                .then(|| format!("{here}{}", wishes.with("owner", ""))),
            wishes,
            frame,
        }
    }

    /// What a field of the filters holds now.
    fn field(&self, name: &str) -> &str {
        self.wishes.get(name)
    }

    fn holds(&self, name: &str, value: &str) -> bool {
        self.wishes.get(name) == value
    }
}

/// The other direction when the list is sorted by this already.
fn sorted_by(sort: Sort, wish: &Wish, wishes: &Wishes, here: &str, frame: &Frame<'_>) -> Choice {
    let is_here = sort == wish.sort;
    let first = if sort == Sort::Title { Order::Rising } else { Order::Falling };
    let order = match (is_here, wish.order) {
        (true, Order::Falling) => Order::Rising,
        (true, Order::Rising) => Order::Falling,
        (false, _) => first,
    };
    let arrow = match (is_here, wish.order) {
        (true, Order::Falling) => " ↓",
        (true, Order::Rising) => " ↑",
        (false, _) => "",
    };
    let sorted = Wishes::of(wishes.with("sort", sort.as_str()).strip_prefix('?'));
    Choice {
        name: frame.say(&format!("library-sort-{sort}")) + arrow,
        path: format!("{here}{}", sorted.with("order", order.as_str())),
        is_here,
    }
}

/// Somebody of whom only the id is known.
fn shortened(open_id: &str) -> String {
    let start: String = open_id.chars().take(8).collect();
    if start == open_id { start } else { format!("{start}…") }
}

fn row(item: &Item, room: &ReadingRoom, visitor: &Visitor, wishes: &Wishes, here: &str) -> Row {
    let words = visitor.words;
    let is_here = item.state == RecordingState::Archived;
    let tags = [
        item.kind().map(|kind| match kind {
            Kind::Audio => "library-audio",
            Kind::Video => "library-video",
        }),
        (item.has_transcript == 1).then_some("library-transcript"),
        (item.has_summary == 1).then_some("library-summary"),
    ];
    Row {
        token: item.minute_token.to_string(),
        title: titled(item.title.as_deref(), words),
        path: (item.may_open == 1).then(|| format!("{here}/{}", item.minute_token)),
        owner: item.owner.clone().or_else(|| item.owner_id.as_deref().map(shortened)).unwrap_or_default(),
        of_owner: item.owner_id.as_deref().map(|owner| format!("{here}{}", wishes.with("owner", owner))),
        made: room.say(Some(item.made_ms), visitor),
        length: item.duration_ms.map(length).unwrap_or_default(),
        size: item.bytes.and_then(|bytes| u64::try_from(bytes).ok()).map(size).unwrap_or_default(),
        state: (!is_here).then(|| words.recording_state(item.state)),
        tags: tags.into_iter().flatten().map(|key| words.say(key)).collect(),
        cover: (item.may_open == 1 && item.has_cover == 1)
            .then(|| format!("{here}/{}/cover", item.minute_token)),
        is_audio: item.kind() == Some(Kind::Audio),
        is_only_here: is_here && item.is_only_here == 1,
    }
}

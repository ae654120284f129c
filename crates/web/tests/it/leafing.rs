//! Long lists: from page to page and from order to order by the links alone.

use archive::library::{Order, Sort};
use archive::model::Clock as _;
use web::words::{Language, Words};

use crate::house::{Browser, House};
use crate::rooms::{MEMBER, plan, say, signed_in};
use crate::shelf::token;

const WORDS: Words = Words::new(Language::Chinese);
const MINUTE_MS: i64 = 60_000;

/// A recording of a long list.
struct Entry {
    token: String,
    made_ms: i64,
    length_ms: i64,
    title: String,
}

/// Recordings of which several are alike in each of what lists are sorted by.
async fn fill(house: &House, owner: &str) -> Vec<Entry> {
    let now_ms = house.clock.now_ms();
    let entry = |(number, step): (usize, i64)| Entry {
        token: token(number).to_string(),
        made_ms: now_ms - step * 7 % 40 * MINUTE_MS,
        length_ms: step * 5 % 11 * MINUTE_MS,
        title: format!("周会 {:02}", step * 3 % 17),
    };
    let entries: Vec<Entry> = (0..120).zip(0..).map(entry).collect();
    let sql = "INSERT INTO recordings
        (minute_token, state, owner_id, title, created_ms, duration_ms, found_at)
        VALUES ($1, 'archived', $2, $3, $4, $5, $4)";
    let mut tx = house.catalog.db().begin().await.unwrap();
    for Entry { token, made_ms, length_ms, title } in &entries {
        let values = vec![
            token.into(),
            house.person(owner).into(),
            title.into(),
            (*made_ms).into(),
            (*length_ms).into(),
        ];
        tx.execute(sql, values).await.unwrap();
    }
    tx.commit().await.unwrap();
    entries
}

fn in_order(entries: &[Entry], sort: Sort, order: Order) -> Vec<String> {
    let key = |entry: &Entry| match sort {
        Sort::Made => (entry.made_ms, String::new(), entry.token.clone()),
        Sort::Length => (entry.length_ms, String::new(), entry.token.clone()),
        Sort::Title => (0, entry.title.clone(), entry.token.clone()),
    };
    let mut keys: Vec<_> = entries.iter().map(key).collect();
    keys.sort_unstable();
    if order == Order::Falling {
        keys.reverse();
    }
    keys.into_iter().map(|(_, _, token)| token).collect()
}

/// What an attribute holds, of which this is the rest of the page.
fn held(rest: &str) -> String {
    rest.split('"').next().unwrap_or_default().replace("&#38;", "&")
}

fn tokens(list: &str) -> Vec<String> {
    list.split("name=\"r\" value=\"").skip(1).map(held).collect()
}

/// Where the link leads whose text begins so.
fn leads(page: &str, text: &str) -> String {
    let mut links = page.split("<a href=\"").skip(1).filter_map(|rest| rest.split("</a>").next());
    let link = links.find(|link| link.rsplit('>').next().is_some_and(|shown| shown.starts_with(text)));
    held(link.unwrap_or_else(|| panic!("{text} is no link on {page}")))
}

/// All pages of a list: the first at `path`, each other where the one before leads to.
async fn leafed(house: &House, browser: &mut Browser, path: &str) -> Vec<String> {
    let (mut pages, mut next) = (Vec::new(), Some(path.to_owned()));
    while let Some(path) = next {
        assert!(pages.len() < 9, "there is no end to it: {path}");
        let page = browser.get(house, &path).await;
        assert_eq!(page.status, 200, "{path}");
        next = page.body.split("rel=\"next\" href=\"").nth(1).map(held);
        pages.push(page.body);
    }
    pages
}

#[tokio::test]
async fn lists_are_leafed_through_in_every_order_with_no_gap_and_no_row_twice() {
    let house = plan().build().await;
    let entries = fill(&house, MEMBER).await;
    let mut browser = signed_in(&house, MEMBER).await;
    let count = WORDS.say_with("library-count", &[("count", entries.len().into())]);
    let mut before: Option<String> = None;
    // Each but the first is where the link on the one before leads to.
    for (sort, order) in [
        (Sort::Made, Order::Falling),
        (Sort::Made, Order::Rising),
        (Sort::Title, Order::Rising),
        (Sort::Title, Order::Falling),
        (Sort::Length, Order::Falling),
        (Sort::Length, Order::Rising),
        (Sort::Made, Order::Falling),
    ] {
        let name = say(&format!("library-sort-{sort}"));
        let path = before.map_or_else(|| "/recordings".to_owned(), |page| leads(&page, &name));
        let pages = leafed(&house, &mut browser, &path).await;
        let listed: Vec<Vec<String>> = pages.iter().map(|page| tokens(page)).collect();
        assert_eq!(listed.iter().map(Vec::len).collect::<Vec<_>>(), [50, 50, 20], "{path}");
        assert_eq!(listed.concat(), in_order(&entries, sort, order), "{path}");
        let arrow = if order == Order::Falling { "↓" } else { "↑" };
        for expected in [&count, &format!("aria-current=\"true\">{name} {arrow}</a>")] {
            assert!(pages[0].contains(expected), "{expected} is not on {}", pages[0]);
        }
        before = pages.into_iter().next();
    }
}

//! A long table of people, a page at a time, of those whose name or id has some text in it.

use axum::extract::Query;
use axum::http::Uri;
use serde::Deserialize;
use url::form_urlencoded;

/// People on a page.
const ROWS: usize = 100;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wish {
    name: String,
    page: String,
}

/// Which part of the table is shown, and the way to the others.
#[derive(Debug)]
pub(super) struct Listing {
    /// What was looked for.
    pub(super) name: String,
    /// From 1 on.
    page: usize,
    pages: usize,
    /// People who fit.
    pub(super) found: usize,
    /// What else the address of this table says.
    pub(super) kept: Vec<(&'static str, String)>,
}

impl Listing {
    /// The people of the page that is asked for; `known_as`: name and id of one.
    pub(super) fn cut<T>(
        uri: &Uri,
        kept: Vec<(&'static str, String)>,
        mut people: Vec<T>,
        known_as: for<'a> fn(&'a T) -> [&'a str; 2],
    ) -> (Self, Vec<T>) {
        let Wish { name, page } = Query::<Wish>::try_from_uri(uri).map(|query| query.0).unwrap_or_default();
        let wanted = name.trim().to_lowercase();
        people.retain(|person| known_as(person).iter().any(|text| text.to_lowercase().contains(&wanted)));
        let found = people.len();
        let pages = found.div_ceil(ROWS).max(1);
        let page = page.parse().unwrap_or(1).clamp(1, pages);
        let people = people.into_iter().skip((page - 1) * ROWS).take(ROWS).collect();
        (Self { name, page, pages, found, kept }, people)
    }

    /// The query of the page before this one.
    pub(super) fn before(&self) -> Option<String> {
        (self.page > 1).then(|| self.query(self.page - 1))
    }

    /// The query of the page behind this one.
    pub(super) fn behind(&self) -> Option<String> {
        (self.page < self.pages).then(|| self.query(self.page + 1))
    }

    /// Whether there is something to choose from.
    pub(super) fn is_long(&self) -> bool {
        self.pages > 1 || !self.name.is_empty()
    }

    /// What an empty table says: that nobody is like that, or else `empty`.
    pub(super) fn none_of(&self, empty: &'static str) -> &'static str {
        if self.name.is_empty() { empty } else { "listing-empty" }
    }

    /// `2 / 30`.
    pub(super) fn place(&self) -> String {
        format!("{} / {}", self.page, self.pages)
    }

    fn query(&self, page: usize) -> String {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.kept)
            .append_pair("name", &self.name)
            .append_pair("page", &page.to_string())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(query: &str) -> (Listing, Vec<String>) {
        let uri = format!("/people?{query}").parse().unwrap();
        let people = (0..250).map(|number| format!("Member {number:03}")).collect();
        Listing::cut(&uri, vec![("weeks", "4".to_owned())], people, |name| [name.as_str(), "ou_x"])
    }

    #[test]
    fn a_page_leads_to_its_neighbours_and_to_nowhere_else() {
        let (first, people) = cut("");
        assert_eq!((people[0].as_str(), people.len(), first.found), ("Member 000", 100, 250));
        assert_eq!((first.before(), first.behind().as_deref()), (None, Some("weeks=4&name=&page=2")));
        let (last, people) = cut("page=3");
        assert_eq!((people[0].as_str(), people.len(), last.place().as_str()), ("Member 200", 50, "3 / 3"));
        assert_eq!((last.before().as_deref(), last.behind()), (Some("weeks=4&name=&page=2"), None));
        for odd in ["page=0", "page=-1", "page=x"] {
            assert_eq!(cut(odd).1[0], "Member 000", "{odd}");
        }
        assert_eq!(cut("page=99").1[0], "Member 200");
    }

    #[test]
    fn a_name_leaves_those_who_have_it() {
        let (listing, people) = cut("name=+mEMBER+01+&page=7");
        assert_eq!((people[0].as_str(), people.len(), listing.found), ("Member 010", 10, 10));
        assert_eq!((listing.before(), listing.behind(), listing.is_long()), (None, None, true));
        assert_eq!(cut("name=OU_X").1.len(), 100, "the id counts, too");
        let (listing, people) = cut("name=nobody");
        assert_eq!((people.len(), listing.none_of("people-empty")), (0, "listing-empty"));
    }
}

//! What the address of a list says: filters, order, place, and which rows somebody ticked.

use archive::library::{Kind, Order, Shelf, Sort, Wish};
use archive::model::{MinuteToken, Viewer};
use jiff::tz::TimeZone;
use url::form_urlencoded;

use crate::figures::day_ms;

const DAY_MS: i64 = 86_400_000;
const MINUTE_MS: i64 = 60_000;
/// Rows that can be ticked and taken away at once.
const MOST_TICKED: usize = 500;

/// What somebody asked for, field by field, as they wrote it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wishes {
    fields: Vec<(String, String)>,
}

impl Wishes {
    pub(crate) fn of(query: Option<&str>) -> Self {
        let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned();
        Self { fields: pairs.filter(|(_, value)| !value.is_empty()).collect() }
    }

    pub(crate) fn get(&self, name: &str) -> &str {
        self.fields.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }

    /// The ticked recordings.
    pub(crate) fn ticked(&self) -> Vec<MinuteToken> {
        let ticked = self.fields.iter().filter(|(name, _)| name == "r");
        ticked.filter_map(|(_, token)| MinuteToken::parse(token).ok()).take(MOST_TICKED).collect()
    }

    /// The same address with one field changed, or taken out; a list begins anew then.
    pub(crate) fn with(&self, name: &str, value: &str) -> String {
        let others = self.fields.iter().filter(|(field, _)| {
            !["r", "after", "lang", "theme", "undo", "said", "count", name].contains(&field.as_str())
        });
        let mut query = form_urlencoded::Serializer::for_suffix("?".to_owned(), 1);
        query.extend_pairs(others);
        if !value.is_empty() {
            query.append_pair(name, value);
        }
        query.finish()
    }

    /// For the archive; what makes no sense is as if it were not there.
    pub(crate) fn wish(&self, viewer: &Viewer, zone: &TimeZone, limit: i64) -> Wish {
        let minutes = |name| self.get(name).parse::<u32>().ok().map(|minutes| i64::from(minutes) * MINUTE_MS);
        let text = |name| Some(self.get(name)).filter(|value| !value.is_empty()).map(str::to_owned);
        let usual = if viewer.may_list_everything() { Shelf::All } else { Shelf::Open };
        Wish {
            shelf: self.get("shelf").parse().unwrap_or(usual),
            owners: text("owner").into_iter().collect(),
            from_ms: day_ms(self.get("from"), zone),
            until_ms: day_ms(self.get("until"), zone).map(|ms| ms + DAY_MS),
            shortest_ms: minutes("shortest"),
            longest_ms: minutes("longest"),
            kind: self.get("kind").parse::<Kind>().ok(),
            with_transcript: self.get("transcript") == "1",
            sort: self.get("sort").parse().unwrap_or(Sort::Made),
            order: self.get("order").parse().unwrap_or(Order::Falling),
            after: text("after"),
            limit,
        }
    }
}

#[cfg(test)]
mod tests {
    use archive::model::{OpenId, Role};

    use super::*;

    fn wish(query: &str, role: Role) -> Wish {
        let viewer = Viewer { open_id: OpenId::parse("ou_a").unwrap(), role };
        Wishes::of(Some(query)).wish(&viewer, &TimeZone::UTC, 9)
    }

    #[test]
    fn what_makes_no_sense_is_as_if_it_were_not_there() {
        let plain = wish("shelf=roof&sort=colour&from=yesterday&longest=-1&kind=", Role::Member);
        assert_eq!(
            (plain.shelf, plain.sort, plain.from_ms, plain.longest_ms),
            (Shelf::Open, Sort::Made, None, None)
        );
        let some =
            wish("shelf=mine&until=1970-01-02&shortest=2&kind=audio&transcript=1&order=rising", Role::Member);
        assert_eq!(
            (some.shelf, some.until_ms, some.shortest_ms),
            (Shelf::Mine, Some(2 * DAY_MS), Some(120_000))
        );
        assert_eq!((some.kind, some.with_transcript, some.order), (Some(Kind::Audio), true, Order::Rising));
        assert_eq!(wish("", Role::Administrator).shelf, Shelf::All);
    }

    #[test]
    fn one_field_is_changed_and_the_list_begins_anew() {
        let wishes = Wishes::of(Some("sort=title&after=x.y&r=a&owner=ou%26b&lang=en"));
        assert_eq!(wishes.with("kind", "audio"), "?sort=title&owner=ou%26b&kind=audio");
        assert_eq!(wishes.with("sort", ""), "?owner=ou%26b");
    }
}

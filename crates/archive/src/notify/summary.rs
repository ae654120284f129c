//! The week in figures, on Monday mornings.

use std::collections::BTreeMap;

use jiff::civil::{Time, Weekday};
use jiff::{Timestamp, ToSpan as _};

use super::{Facts, Herald, Matter};
use crate::catalog::{CatalogError, MemberRow, args};
use crate::members::Standing;

/// When somebody first listened, later when the last week was summed up: nobody is told of weeks before.
const SINCE: &str = "summaries_since";
const MORNING: Time = Time::constant(9, 0, 0, 0);

impl Herald {
    pub(super) async fn sum_up(&self, members: &[MemberRow], now_ms: i64) -> Result<(), CatalogError> {
        let Some((monday_ms, week)) = self.last_monday(now_ms) else { return Ok(()) };
        let since = match self.catalog.meta(SINCE).await? {
            Some(since) => since,
            None => self.catalog.meta_or_insert(SINCE, &now_ms.to_string()).await?,
        };
        if since.parse().unwrap_or(now_ms) >= monday_ms {
            return Ok(());
        }
        let mut figures = BTreeMap::new();
        for row in members {
            let footing = Standing::of(&row.member, self.features, now_ms).footing;
            *figures.entry(format!("members_{footing}")).or_default() += 1;
        }
        let overview = self.catalog.overview().await?;
        let week_ms = monday_ms - 7 * 86_400_000;
        figures.insert("total".to_owned(), overview.total());
        for (state, count) in &overview.recordings {
            figures.insert(format!("recordings_{state}"), *count);
        }
        figures.insert("bytes".to_owned(), overview.bytes);
        let archived: Option<(i64,)> = self
            .catalog
            .db()
            .row(
                "SELECT COUNT(*) FROM recordings WHERE archived_at >= $1 AND archived_at < $2",
                args![week_ms, monday_ms],
            )
            .await?;
        figures.insert("archived_this_week".to_owned(), archived.map_or(0, |(count,)| count));
        let facts = Facts { figures, ..Facts::default() };
        self.tell_administrators(Matter::Summary, &week, None, &facts, now_ms).await?;
        self.catalog.set_meta(SINCE, &now_ms.to_string()).await
    }

    /// The last Monday morning, unix ms, and the name of the week that it ends.
    fn last_monday(&self, now_ms: i64) -> Option<(i64, String)> {
        let now = Timestamp::from_millisecond(now_ms).ok()?.to_zoned_datetime(self.settings.zone.clone());
        let monday = |date: jiff::civil::Date| {
            let back = i64::from(date.weekday().since(Weekday::Monday));
            date.checked_sub(back.days()).ok()
        };
        let mut date = monday(now.date())?;
        if date.to_datetime(MORNING) > now.datetime() {
            date = date.checked_sub(7.days()).ok()?;
        }
        let at = date.to_datetime(MORNING).to_zoned_datetime(self.settings.zone.clone()).ok()?;
        let last_day = date.checked_sub(1.day()).ok()?;
        let week = last_day.iso_week_date();
        Some((at.timestamp().as_millisecond(), format!("{}-W{:02}", week.year(), week.week())))
    }
}

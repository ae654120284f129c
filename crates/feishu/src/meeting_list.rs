//! The company's own record of its meetings (会议明细): all of them, whoever held them, and whether each was
//! recorded. Feishu docs: vc-v1/meeting_list/get.
//!
//! Its fields have forms of their own: `meeting_id` is the nine digits that people dial, the id that every other
//! call takes is `meeting_instance_id`; times and lengths are texts for people.

use jiff::civil::DateTime;
use jiff::tz::Offset;
use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::budget::Api;
use crate::client::Client;
use crate::error::Error;
use crate::ids::{MeetingId, OpenId};
use crate::lenient;

/// The largest page that the platform gives.
const PAGE_SIZE: &str = "100";
/// The platform writes its times in Beijing time, and says so; believed where it does not.
const BEIJING: Offset = Offset::constant(8);

/// Which meetings of the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MeetingStage {
    /// Those that are going on. Whether one is recorded, and when it ends, is not known yet.
    GoingOn,
    /// Those that are over.
    Ended,
}

impl MeetingStage {
    fn status(self) -> &'static str {
        match self {
            Self::GoingOn => "1",
            Self::Ended => "2",
        }
    }
}

/// One meeting of the company's record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListedMeeting {
    /// Its id for every other call; older tenants' rows may lack it.
    pub meeting_id: Option<MeetingId>,
    /// The nine digits that people dial; a recurring meeting keeps them.
    pub meeting_no: Option<String>,
    /// What it was about.
    pub topic: Option<String>,
    /// Who held it. Missing where the platform gives an id of another kind than the one asked for.
    pub owner: Option<OpenId>,
    /// The name of whoever held it.
    pub owner_name: Option<String>,
    /// When it began, Unix milliseconds (whole seconds).
    pub started_ms: Option<i64>,
    /// When it ended, Unix milliseconds (whole seconds).
    pub ended_ms: Option<i64>,
    /// How long it lasted, milliseconds.
    pub duration_ms: Option<i64>,
    /// Whether somebody recorded it.
    pub is_recorded: bool,
}

/// One page of the record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MeetingPage {
    /// Its meetings, in the platform's order.
    pub meetings: Vec<ListedMeeting>,
    /// Whether there is another page.
    pub has_more: bool,
    /// For the next page.
    pub page_token: Option<String>,
    /// The platform's clock when it answered, Unix milliseconds.
    pub served_at_ms: Option<i64>,
}

impl Client {
    /// One page of all meetings of one stage that began between two moments (Unix milliseconds, at most a year
    /// apart; the first not in the future). Scope `vc:rooms.room.detailinfo:read`, with the token of somebody
    /// who has the meeting-management right of the admin console; [`Error::Denied`] for everybody else.
    pub async fn meeting_list(
        &self,
        access: &SecretString,
        stage: MeetingStage,
        (from_ms, to_ms): (i64, i64),
        page_token: Option<&str>,
    ) -> Result<MeetingPage, Error> {
        let (from, to) = (from_ms.div_euclid(1_000), to_ms.saturating_add(999).div_euclid(1_000));
        let mut request = self
            .request(Method::GET, "/open-apis/vc/v1/meeting_list")
            .bearer_auth(access.expose_secret())
            .query(&[("start_time", from), ("end_time", to)])
            .query(&[
                ("meeting_status", stage.status()),
                ("page_size", PAGE_SIZE),
                ("user_id_type", "open_id"),
                // Both are left out unless asked for.
                ("include_external_meetings", "true"),
                ("include_webinar", "true"),
            ]);
        if let Some(page_token) = page_token {
            request = request.query(&[("page_token", page_token)]);
        }
        let answer = self.call(Api::MeetingList, request).await?;
        let data = answer.data()?;
        Ok(MeetingPage {
            meetings: lenient::list(data, "meeting_list").iter().map(read_meeting).collect(),
            has_more: lenient::flag(data, "has_more"),
            page_token: lenient::text(data, "page_token"),
            served_at_ms: answer.served_at_ms,
        })
    }
}

fn read_meeting(row: &Value) -> ListedMeeting {
    let text = |key| lenient::text(row, key);
    let moment = |key| text(key).as_deref().and_then(moment_ms);
    ListedMeeting {
        meeting_id: text("meeting_instance_id").and_then(|id| MeetingId::parse(&id).ok()),
        meeting_no: text("meeting_id").filter(|number| number.bytes().all(|byte| byte.is_ascii_digit())),
        topic: text("meeting_topic"),
        // The page's own example shows an id of the tenant's here. Taken for an open_id it would be somebody
        // whom nobody knows.
        owner: text("user_id").filter(|id| id.starts_with("ou_")).and_then(|id| OpenId::parse(&id).ok()),
        owner_name: text("organizer"),
        started_ms: moment("meeting_start_time"),
        ended_ms: moment("meeting_end_time"),
        duration_ms: text("meeting_duration").as_deref().and_then(duration_ms),
        is_recorded: lenient::flag(row, "recording"),
    }
}

/// `2022.12.23 11:16:59 (GMT+08:00)`, or seconds since the epoch.
fn moment_ms(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<i64>() {
        return seconds.checked_mul(1_000);
    }
    let (wall, zone) = text.split_once('(').unwrap_or((text, ""));
    let wall = wall.trim().replace(['.', '/'], "-");
    let wall = DateTime::strptime("%Y-%m-%d %H:%M:%S", wall).ok()?;
    let offset = match zone.trim_end_matches(')').trim_start_matches("GMT").trim_start_matches("UTC").trim() {
        "" => Some(if zone.is_empty() { BEIJING } else { Offset::UTC }),
        offset => read_offset(offset),
    };
    Some(offset?.to_timestamp(wall).ok()?.as_millisecond())
}

/// `+08:00`, `-3`, `+0530`.
fn read_offset(text: &str) -> Option<Offset> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None if digits.len() == 4 => digits.split_at_checked(2)?,
        None => (digits, "0"),
    };
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    if !(0..=14).contains(&hours) || !(0..60).contains(&minutes) {
        return None;
    }
    Offset::from_seconds(sign * (hours * 3_600 + minutes * 60)).ok()
}

/// `00:01:52`, `01:52`, or seconds.
fn duration_ms(text: &str) -> Option<i64> {
    let parts: Vec<i64> =
        text.trim().split(':').map(|part| part.parse().ok().filter(|it| *it >= 0)).collect::<Option<_>>()?;
    if parts.len() > 3 {
        return None;
    }
    let seconds = parts.iter().try_fold(0_i64, |sum, part| sum.checked_mul(60)?.checked_add(*part))?;
    seconds.checked_mul(1_000)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times_are_read_in_the_zone_that_they_name() {
        let at = Some(1_671_765_419_000);
        for text in [
            "2022.12.23 11:16:59 (GMT+08:00)",
            "2022-12-23 11:16:59",
            "2022/12/23 03:16:59 (GMT)",
            "2022.12.23 08:46:59 (GMT+0530)",
            "2022.12.22 22:16:59 (UTC-5)",
            "1671765419",
        ] {
            assert_eq!(moment_ms(text), at, "{text}");
        }
        for text in ["", "2022.13.01 00:00:00", "2022.12.23", "2022.12.23 11:16:59 (GMT+99:00)", "昨天"] {
            assert_eq!(moment_ms(text), None, "{text}");
        }
    }

    #[test]
    fn lengths_are_read_with_and_without_hours() {
        for (text, ms) in
            [("00:01:52", 112_000), ("01:52", 112_000), ("112", 112_000), ("100:00:00", 360_000_000)]
        {
            assert_eq!(duration_ms(text), Some(ms), "{text}");
        }
        for text in ["", "a", "1:2:3:4", "-1:00", "00:01:52:", "9223372036854775807:00"] {
            assert_eq!(duration_ms(text), None, "{text}");
        }
    }

    proptest! {
        /// 1970 to 2100, in any zone of whole quarters.
        #[test]
        fn a_moment_comes_back_from_its_text(seconds in 0_i64..4_102_444_800, quarters in -48_i32..=56) {
            let offset = Offset::from_seconds(quarters * 900).unwrap();
            let at = jiff::Timestamp::from_second(seconds).unwrap().to_zoned_datetime(jiff::tz::TimeZone::fixed(offset));
            let sign = if quarters < 0 { '-' } else { '+' };
            let (hours, minutes) = (quarters.abs() / 4, quarters.abs() % 4 * 15);
            let wall = at.strftime("%Y.%m.%d %H:%M:%S").to_string();
            let text = format!("{wall} (GMT{sign}{hours:02}:{minutes:02})");
            prop_assert_eq!(moment_ms(&text), Some(seconds * 1_000), "{}", text);
        }

        #[test]
        fn a_length_comes_back_from_its_text(seconds in 0_i64..1_000_000) {
            let text = format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
            prop_assert_eq!(duration_ms(&text), Some(seconds * 1_000));
        }

        #[test]
        fn no_text_is_too_odd(text in any::<String>()) {
            let _ = (moment_ms(&text), duration_ms(&text));
        }
    }
}

//! Amounts of data as people write them: room to keep free, a bandwidth, and hours with a bandwidth of their own.

use archive::fetch::{Bandwidth, Hours};
use archive::store::KeepFree;
use jiff::civil::{Time, Weekday};

use super::problem::Fault;

/// Slower than this nothing would ever arrive, in bytes a second.
const SLOWEST: u64 = 16 << 10;

const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

/// `5%/10GiB` (the smaller of the two), `5%`, `10GiB` or `0`.
pub fn keep_free(text: &str) -> Result<KeepFree, Fault> {
    let percent = |text: &str| -> Option<u8> {
        text.strip_suffix('%')?.trim().parse().ok().filter(|percent| *percent <= 90)
    };
    let room = match text.split_once('/') {
        Some((share, size)) => percent(share.trim()).zip(size_of(size)),
        None if text.contains('%') => percent(text.trim()).map(|percent| (percent, u64::MAX)),
        None => size_of(text).map(|bytes| (100, bytes)),
    };
    room.map(|(percent, bytes)| KeepFree { percent, bytes }).ok_or(Fault::NotRoom)
}

/// `20MB/s`, or `unlimited`.
pub fn bandwidth(text: &str) -> Result<Option<u64>, Fault> {
    if text == "unlimited" {
        return Ok(None);
    }
    let size = text.strip_suffix("/s").and_then(size_of).filter(|bytes| *bytes >= SLOWEST);
    size.map(Some).ok_or(Fault::NotABandwidth)
}

/// `Mon-Fri 09:00-18:00 20MB/s; Sat,Sun 10:00-12:00 unlimited`.
pub fn hours(text: &str) -> Result<Vec<Hours>, Fault> {
    let entries = text.split(';').map(str::trim).filter(|entry| !entry.is_empty());
    entries.map(|entry| one_entry(entry).ok_or(Fault::NotHours)).collect()
}

/// Both together.
pub fn schedule(otherwise: Option<u64>, hours: Option<Vec<Hours>>) -> Bandwidth {
    Bandwidth { otherwise, hours: hours.unwrap_or_default() }
}

fn one_entry(entry: &str) -> Option<Hours> {
    let mut words = entry.split_whitespace();
    let (days, times, limit) = (words.next()?, words.next()?, words.next()?);
    let (from, to) = times.split_once('-')?;
    let hours = Hours {
        days: days.split(',').map(some_days).collect::<Option<Vec<_>>>()?.concat(),
        from: time(from)?,
        to: time(to)?,
        limit: bandwidth(limit).ok()?,
    };
    (words.next().is_none() && hours.from != hours.to).then_some(hours)
}

/// `Mon`, or `Fri-Mon`.
fn some_days(text: &str) -> Option<Vec<Weekday>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (day(first)?, day(last)?);
    let from_first = DAYS.iter().map(|(_, day)| *day).cycle().skip_while(|day| *day != first);
    let mut days: Vec<_> = from_first.take(DAYS.len()).collect();
    days.truncate(days.iter().position(|day| *day == last)? + 1);
    Some(days)
}

fn day(text: &str) -> Option<Weekday> {
    let text = text.to_ascii_lowercase();
    DAYS.iter().find(|(name, _)| *name == text).map(|(_, day)| *day)
}

/// `09:30`; `24:00` is the next midnight.
pub(super) fn time(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let number = |text: &str| text.parse::<i8>().ok().filter(|_| text.len() <= 2);
    let hour = if text == "24:00" { 0 } else { number(hour)? };
    Time::new(hour, number(minute)?, 0, 0).ok()
}

/// A whole number with `B`, `KB`, `KiB`, … `TB`, `TiB`; `0` needs no unit.
fn size_of(text: &str) -> Option<u64> {
    let text = text.trim();
    if text == "0" {
        return Some(0);
    }
    let at = text.find(|c: char| !c.is_ascii_digit())?;
    let (count, unit) = text.split_at(at);
    let unit = match unit.trim_start() {
        "B" => 1,
        "KB" | "kB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "TB" => 1_000_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "TiB" => 1 << 40,
        _ => return None,
    };
    count.parse::<u64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_a_share_a_size_or_the_smaller_of_both() {
        let room = |percent, bytes| Ok(KeepFree { percent, bytes });
        assert_eq!(keep_free("5%/10GiB"), room(5, 10 << 30));
        assert_eq!(keep_free("12 % / 500 MB"), room(12, 500_000_000));
        assert_eq!(keep_free("5%"), room(5, u64::MAX));
        assert_eq!(keep_free("2TB"), room(100, 2_000_000_000_000));
        assert_eq!(keep_free("0"), room(100, 0));
        for bad in ["", "5", "10 gigs", "95%", "-1%", "5%/", "/5GB", "99999999999TB"] {
            assert_eq!(keep_free(bad), Err(Fault::NotRoom), "{bad}");
        }
    }

    #[test]
    fn a_bandwidth_has_a_unit_and_is_no_standstill() {
        assert_eq!(bandwidth("20MB/s"), Ok(Some(20_000_000)));
        assert_eq!(bandwidth("unlimited"), Ok(None));
        for bad in ["20", "20MB", "20Mb/s", "0MB/s", "1B/s", "fast"] {
            assert_eq!(bandwidth(bad), Err(Fault::NotABandwidth), "{bad}");
        }
    }

    #[test]
    fn hours_name_days_times_and_a_limit() {
        let office = hours("Mon-Fri 09:00-18:00 20MB/s; sat,SUN 22:30-24:00 unlimited ;").unwrap();
        assert_eq!(office.len(), 2);
        assert_eq!((office[0].days.len(), office[0].limit), (5, Some(20_000_000)));
        assert_eq!(office[1].days, [Weekday::Saturday, Weekday::Sunday]);
        assert_eq!((office[1].from, office[1].to), (Time::constant(22, 30, 0, 0), Time::midnight()));
        let over_the_weekend = hours("Fri-Mon 00:00-24:00 5MB/s");
        assert_eq!(over_the_weekend, Err(Fault::NotHours), "a whole day is no hours");
        assert_eq!(hours("Fri-Mon 20:00-08:00 5MB/s").unwrap()[0].days.len(), 4);
        for bad in ["Mon 9-18 20MB/s", "Mon 09:00-25:00 1MB/s", "Mon 09:00-18:00", "Day 09:00-18:00 1MB/s"] {
            assert_eq!(hours(bad), Err(Fault::NotHours), "{bad}");
        }
    }
}

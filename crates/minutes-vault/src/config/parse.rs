//! From the text of a value to the value, or what is wrong with the text.

use std::net::SocketAddr;
use std::time::Duration;

use archive::BackfillSince;
use archive::model::OpenId;
use archive::notify::QuietHours;
use archive::queue::Backoff;
use archive::store::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use feishu::OutboundUrl;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use secrecy::SecretString;
use url::{Host, Url};

use super::amounts::time;
use super::problem::Fault;

/// Any text.
#[expect(clippy::unnecessary_wraps, reason = "one of the parsers, all of one shape")]
pub fn text(text: &str) -> Result<String, Fault> {
    Ok(text.to_owned())
}

/// Text without spaces and control characters, as ids and keys are.
pub fn plain(text: &str) -> Result<String, Fault> {
    if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(Fault::NotPlain);
    }
    Ok(text.to_owned())
}

/// People by open_id, separated by commas or spaces.
pub fn people(text: &str) -> Result<Vec<OpenId>, Fault> {
    let ids = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|id| !id.is_empty());
    ids.map(|id| OpenId::parse(id).map_err(|_| Fault::NotPeople)).collect()
}

/// A secret without spaces and control characters.
pub fn plain_secret(text: &str) -> Result<SecretString, Fault> {
    plain(text).map(SecretString::from)
}

/// `true` or `false`, also as other tools write it.
pub fn flag(text: &str) -> Result<bool, Fault> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Ok(true),
        "false" | "no" | "off" | "0" => Ok(false),
        _ => Err(Fault::NotOneOf("true, false")),
    }
}

/// A whole number within bounds.
pub fn number(text: &str, least: u64, most: u64) -> Result<usize, Fault> {
    let number = text.parse().ok().filter(|number| (least..=most).contains(number));
    number.and_then(|number| usize::try_from(number).ok()).ok_or(Fault::NotANumber(least, most))
}

/// A number, whole or not, within bounds.
pub fn factor(text: &str, least: f64, most: f64) -> Result<f64, Fault> {
    let number = text.parse().ok().filter(|number| (least..=most).contains(number));
    number.ok_or(Fault::NotAFactor(least, most))
}

/// A whole percentage from `1%` to `100%`, as a fraction.
pub fn share(text: &str) -> Result<f64, Fault> {
    let percent = text.strip_suffix('%').and_then(|text| text.trim().parse::<u8>().ok());
    percent
        .filter(|percent| (1..=100).contains(percent))
        .map(|percent| f64::from(percent) / 100.0)
        .ok_or(Fault::NotAShare)
}

/// `all`, a day such as `2024-01-01` (its beginning, UTC), or so long ago such as `90d`.
pub fn since(text: &str) -> Result<BackfillSince, Fault> {
    if text == "all" {
        return Ok(BackfillSince::TheBeginning);
    }
    if let Ok(day) = text.parse::<Date>() {
        let midnight = TimeZone::UTC.to_timestamp(day.to_datetime(Time::midnight()));
        let midnight = midnight.map_err(|_| Fault::NotASince)?;
        return Ok(BackfillSince::Moment(midnight.as_millisecond()));
    }
    duration(text, "1h", "36500d").map(BackfillSince::Before).map_err(|_| Fault::NotASince)
}

/// One of some words.
pub fn choice<T: Copy>(text: &str, choices: &[(&str, T)], listed: &'static str) -> Result<T, Fault> {
    choices.iter().find(|(word, _)| *word == text).map(|(_, value)| *value).ok_or(Fault::NotOneOf(listed))
}

/// `IP:PORT`.
pub fn address(text: &str) -> Result<SocketAddr, Fault> {
    text.parse().map_err(|_| Fault::NotAnAddress)
}

/// An http(s) address that paths can be put behind.
pub fn base_url(text: &str) -> Result<Url, Fault> {
    let url = Url::parse(text).map_err(|_| Fault::NotAUrl)?;
    let is_base = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if is_base { Ok(url) } else { Err(Fault::NotAUrl) }
}

/// Whether an address leaves this machine unencrypted.
pub fn is_plain_http(url: &Url) -> bool {
    let is_here = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    url.scheme() == "http" && !is_here
}

/// A whole number and its unit, `s`, `m`, `h` or `d`, within bounds that are written the same way.
pub fn duration(text: &str, least: &'static str, most: &'static str) -> Result<Duration, Fault> {
    let bounds = unbounded_duration(least)..=unbounded_duration(most);
    unbounded_duration(text)
        .filter(|duration| bounds.contains(&Some(*duration)))
        .ok_or(Fault::NotADuration(least, most))
}

/// `5s/1h`: the first wait, and the longest of those that follow.
pub fn waits(text: &str) -> Result<Backoff, Fault> {
    let wait = |text: &str| duration(text.trim(), "1s", "7d").ok();
    let waits = text.split_once('/').and_then(|(first, longest)| wait(first).zip(wait(longest)));
    waits
        .filter(|(first, longest)| first <= longest)
        .map(|(first, longest)| Backoff { first, longest })
        .ok_or(Fault::NotWaits)
}

fn unbounded_duration(text: &str) -> Option<Duration> {
    let at = text.find(|c: char| !c.is_ascii_digit())?;
    let (count, unit) = text.split_at(at);
    let seconds: u64 = match unit.trim_start() {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    count.parse::<u64>().ok()?.checked_mul(seconds).map(Duration::from_secs)
}

/// A layout of the archive.
pub fn template(text: &str) -> Result<Template, Fault> {
    Template::parse(text).map_err(|error| Fault::NotATemplate(error.to_string()))
}

/// A time zone by its IANA name.
pub fn time_zone(text: &str) -> Result<TimeZone, Fault> {
    TimeZone::get(text).map_err(|_| Fault::NotAZone)
}

/// The address of a PostgreSQL database. It holds a password.
pub fn database(text: &str) -> Result<SecretString, Fault> {
    let url = Url::parse(text).map_err(|_| Fault::NotADatabase)?;
    let is_postgres = matches!(url.scheme(), "postgres" | "postgresql");
    if is_postgres { Ok(text.into()) } else { Err(Fault::NotADatabase) }
}

/// Hours in which nobody is disturbed, such as `20:00-09:00`.
pub fn quiet_hours(text: &str) -> Result<Option<QuietHours>, Fault> {
    if text == "never" {
        return Ok(None);
    }
    let hours = text.split_once('-').and_then(|(from, to)| Some((time(from.trim())?, time(to.trim())?)));
    match hours {
        Some((from, to)) if from != to => Ok(Some(QuietHours { from, to })),
        _ => Err(Fault::NotQuietHours),
    }
}

/// Where to post messages, with whatever path and query that has.
pub fn webhook_url(text: &str) -> Result<OutboundUrl, Fault> {
    OutboundUrl::parse(text).ok_or(Fault::NotAWebhook)
}

/// 32 bytes in base64.
pub fn sealing_key(text: &str) -> Result<SecretString, Fault> {
    let is_key = STANDARD.decode(text.trim()).is_ok_and(|bytes| bytes.len() == 32);
    if is_key { Ok(text.trim().into()) } else { Err(Fault::NotAKey) }
}

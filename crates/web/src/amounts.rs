//! Sizes and lengths of time, for people.

use crate::words::Words;

const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];

/// Bytes in binary units, two digits behind the point.
#[must_use]
pub fn size(bytes: u64) -> String {
    if bytes < 1_024 {
        return format!("{bytes} B");
    }
    let mut hundredths = u128::from(bytes) * 100 / 1_024;
    let mut unit = 0;
    while hundredths >= 102_400 && unit + 1 < UNITS.len() {
        hundredths /= 1_024;
        unit += 1;
    }
    format!("{}.{:02} {}", hundredths / 100, hundredths % 100, UNITS[unit])
}

/// About so long: the two largest units at most.
pub(crate) fn duration(seconds: u64, words: Words) -> String {
    let part =
        |unit: &str, count: u64| words.say_with(&format!("duration-{unit}"), &[("count", count.into())]);
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => part("seconds", seconds),
        (0, 0, minutes) => part("minutes", minutes),
        (0, hours, minutes) => format!("{} {}", part("hours", hours), part("minutes", minutes)),
        (days, hours, _) => format!("{} {}", part("days", days), part("hours", hours)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn sizes_read_as_people_write_them() {
        let sizes = [0, 1_023, 1_024, 1_536, (1 << 20) - 1, 1 << 20, 5_368_709_120, u64::MAX].map(size);
        assert_eq!(
            sizes,
            ["0 B", "1023 B", "1.00 KiB", "1.50 KiB", "1023.99 KiB", "1.00 MiB", "5.00 GiB", "16383.99 PiB"]
        );
    }

    #[test]
    fn lengths_of_time_have_two_units_at_most() {
        let say = |seconds| duration(seconds, Words::new(Language::English));
        assert_eq!([say(0), say(59), say(61)], ["0 s", "59 s", "1 min"]);
        assert_eq!([say(3_600), say(90_061)], ["1 h 0 min", "1 d 1 h"]);
    }
}

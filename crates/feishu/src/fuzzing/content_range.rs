use crate::ContentRange;
use crate::media::headers::unsatisfied_total;

/// The header's value: what is read does not contradict itself, and reads the same when written plainly; it is a
/// part or a refusal, never both.
pub fn content_range(input: &[u8]) {
    let header = String::from_utf8_lossy(input);
    let refused = unsatisfied_total(&header);
    for total in [input.len() as u64].into_iter().chain(refused) {
        assert_eq!(unsatisfied_total(&format!("bytes */{total}")), Some(total));
    }
    let Some(range) = ContentRange::parse(&header) else { return };
    let ContentRange { start, end, total } = range;
    assert_eq!(refused, None);
    assert!(start <= end && total.is_none_or(|total| end < total), "{range:?}");
    // Nothing else was said.
    let said = header.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse::<u64>().ok());
    assert!(said.eq([start, end].into_iter().chain(total)), "{header:?}");
    assert_eq!(header.contains('*'), total.is_none(), "{header:?}");
    assert_eq!(header.matches(['+', '-', '/']).collect::<String>(), "-/", "{header:?}");
    let whole = total.map_or("*".to_owned(), |total| total.to_string());
    assert_eq!(ContentRange::parse(&format!("bytes {start}-{end}/{whole}")), Some(range));
}

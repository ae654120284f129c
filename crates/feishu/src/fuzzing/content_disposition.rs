use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::media::headers::file_name;

/// The header's value: the name that comes out is one visible path segment and settles at once; `filename*`
/// before anything else decides.
pub fn content_disposition(input: &[u8]) {
    let header = String::from_utf8_lossy(input);
    let name = file_name(&header);
    assert_eq!(file_name(&header), name);
    if let Some(name) = name {
        assert!(!name.contains(['/', '\\']) && !name.contains(char::is_control), "{name:?}");
        assert!(!name.is_empty() && name.trim() == name && name.chars().count() <= 255, "{name:?}");
        let again = format!("attachment; filename*=UTF-8''{}", utf8_percent_encode(&name, NON_ALPHANUMERIC));
        assert_eq!(file_name(&again), Some(name));
    }
    let decided = format!("attachment; filename*=UTF-8''a.mp4; {header}");
    assert_eq!(file_name(&decided).as_deref(), Some("a.mp4"));
}

//! What the media host's headers say, held against what was asked for and against what is already there. Bytes of
//! an answer that contradicts either are never kept.

use feishu::{ByteRange, MediaResponse};

use crate::store::Object;
use crate::verify::{Looks, refuse_content_type};

/// What an answer brings.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The part that was asked for, or the front of it, up to `end`.
    Part {
        /// The first byte that does not come.
        end: u64,
        /// What it is a part of.
        object: Object,
    },
    /// Everything from byte 0.
    Whole {
        /// What it is, if its length is known.
        object: Option<Object>,
    },
}

impl Answer {
    /// Whether it is something whole that names no version, where one is known. A file that has changed would name
    /// one; a page under a false name has none.
    pub(super) fn is_nameless(&self, known: &Object) -> bool {
        let Self::Whole { object } = self else { return false };
        known.validator().is_some() && object.as_ref().is_none_or(|object| object.validator().is_none())
    }
}

/// Why nothing of an answer is kept.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Misstated(pub(super) String);

/// What is said of an answer that [`Answer::is_nameless`].
pub(super) const NAMELESS: &str = "in place of a part came something whole that names no version";

/// What an answer is whose headers say that it cannot be media.
pub(super) fn no_media(response: &MediaResponse) -> Option<Looks> {
    if response.content_length == Some(0) {
        return Some(Looks::Empty);
    }
    response.content_type.as_deref().and_then(refuse_content_type)
}

/// Reads an answer to a request for `asked` (`None`: for the whole).
pub(super) fn read(response: &MediaResponse, asked: Option<ByteRange>) -> Result<Answer, Misstated> {
    let misstated = |why: String| Err(Misstated(why));
    if response.status == 200 {
        return Ok(Answer::Whole { object: response.content_length.map(|bytes| object(response, bytes)) });
    }
    let Some(asked) = asked else {
        return misstated("a part came when the whole file was asked for".to_owned());
    };
    let Some(range) = response.content_range else {
        return misstated("a part came without saying which".to_owned());
    };
    let Some(total) = range.total else {
        return misstated("a part came without the length of the whole".to_owned());
    };
    let end = range.end + 1;
    if range.start != asked.start || asked.end.is_some_and(|wanted| end > wanted) {
        return misstated(format!(
            "bytes {}-{} came instead of those from {} on",
            range.start, range.end, asked.start
        ));
    }
    if response.content_length.is_some_and(|length| length != end - range.start) {
        return misstated("the length of a part contradicts its range".to_owned());
    }
    Ok(Answer::Part { end, object: object(response, total) })
}

fn object(response: &MediaResponse, bytes: u64) -> Object {
    Object::new(bytes, response.etag.clone(), response.last_modified.clone())
}

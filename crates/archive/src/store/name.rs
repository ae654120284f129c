//! The one sanitiser: text that strangers wrote (titles, people's names) becomes one path component.
//!
//! The result is a legal, visible and unsurprising name on Linux, macOS, Windows and SMB shares. It is not
//! reversible and not unique: what must be unique (the `minute_token`) is put beside it by the template.

/// File systems count a name in bytes, not characters: 255 Chinese characters are three times too long.
pub(super) const MAX_COMPONENT_BYTES: usize = 255;

/// A person's folder before `seal`, which may add a byte: a template, too, leaves one byte for that, and must not cut
/// what was chosen here.
const MAX_FOLDER_BYTES: usize = MAX_COMPONENT_BYTES - 2;

/// Stands for a title or a name of which nothing visible is left.
pub(super) const UNNAMED: &str = "未命名";

const ZERO_WIDTH_JOINER: char = '\u{200D}';

/// A legal, visible form of `text`, never empty, of any length. Cleaning it again changes nothing.
///
/// White space and control characters become single spaces, characters that some file system refuses become `_`,
/// invisible and direction-changing ones go; dots and spaces at both ends go.
pub(super) fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let last = cleaned.chars().next_back();
        match c {
            _ if c.is_whitespace() || c.is_control() => {
                if last.is_some_and(|last| last != ' ') {
                    cleaned.push(' ');
                }
            }
            _ if is_refused(c) => cleaned.push('_'),
            // The joiner holds family and profession emoji together; anywhere else it only hides.
            ZERO_WIDTH_JOINER => {
                if last.is_some_and(is_pictograph_or_its_style)
                    && chars.peek().copied().is_some_and(is_pictograph)
                {
                    cleaned.push(c);
                }
            }
            _ if is_variation_selector(c) => {
                if last.is_some_and(|last| {
                    last != ' ' && last != ZERO_WIDTH_JOINER && !is_variation_selector(last)
                }) {
                    cleaned.push(c);
                }
            }
            _ if is_invisible(c) => {}
            _ => cleaned.push(c),
        }
    }
    let trimmed = trim_ends(&cleaned);
    if trimmed.is_empty() { UNNAMED.to_owned() } else { trimmed.to_owned() }
}

/// Whether a template's author may write `c` as it stands.
pub(super) fn is_plain(c: char) -> bool {
    c == ' '
        || !(c.is_whitespace()
            || c.is_control()
            || is_refused(c)
            || is_invisible(c)
            || is_variation_selector(c)
            || c == ZERO_WIDTH_JOINER)
}

/// The start of `text` in at most `max_bytes`, cut between what a reader sees as characters where that is possible.
pub(super) fn fit(text: &str, max_bytes: usize) -> &str {
    if text.len() <= max_bytes {
        return text;
    }
    let longest = text.floor_char_boundary(max_bytes);
    let mut end = longest;
    while end > 0 && splits_a_cluster(text, end) {
        end = text.floor_char_boundary(end - 1);
    }
    // One endless cluster (a letter under a hundred accents) is cut inside rather than lost.
    let end = if end == 0 { longest } else { end };
    let (start, _) = text.split_at(end);
    trim_ends(start.trim_end_matches(ZERO_WIDTH_JOINER))
}

/// Last touch on a whole component: no dots or spaces at its ends, and no name that Windows keeps for a device.
/// May add one byte.
pub(super) fn seal(component: &str) -> String {
    let trimmed = trim_ends(component);
    if is_device(trimmed) { format!("_{trimmed}") } else { trimmed.to_owned() }
}

/// The folder of a person: their name, or, when `taken` says that it is another person's, the name with the end of
/// their `open_id` behind it (with the whole of it when even that is taken).
///
/// `taken` decides how names compare; on a shared disk it should ignore case.
pub fn owner_folder(name: &str, open_id: &str, taken: impl Fn(&str) -> bool) -> String {
    let name = clean(name);
    let plain = seal(fit(&name, MAX_FOLDER_BYTES));
    if !taken(&plain) {
        return plain;
    }
    let id = clean(open_id);
    let tail = id.char_indices().rev().nth(5).map_or(id.as_str(), |(at, _)| id.split_at(at).1);
    // What joins two characters is nothing at the start.
    let short = with_id(&name, &clean(tail));
    if taken(&short) { with_id(&name, fit(&id, 128)) } else { short }
}

fn with_id(name: &str, id: &str) -> String {
    let room = MAX_FOLDER_BYTES - " ()".len() - id.len();
    seal(&format!("{} ({id})", fit(name, room)))
}

fn trim_ends(text: &str) -> &str {
    // A selector left alone at the start by trimming would be as invisible as the dots were.
    let start = text.trim_start_matches(|c| c == '.' || c == ' ' || is_variation_selector(c));
    start.trim_end_matches(['.', ' '])
}

fn is_refused(c: char) -> bool {
    matches!(c, '/' | '\\' | '<' | '>' | ':' | '"' | '|' | '?' | '*')
}

/// Format characters, fillers and non-characters: they can hide, reorder or forge what a name seems to say.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}' | '\u{200C}' | '\u{200E}' | '\u{200F}'
        | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}'
        | '\u{FDD0}'..='\u{FDEF}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
        || u32::from(c) & 0xFFFE == 0xFFFE
}

fn is_variation_selector(c: char) -> bool {
    matches!(c, '\u{FE00}'..='\u{FE0F}')
}

fn is_pictograph(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{2BFF}' | '\u{1F000}'..='\u{1FAFF}') && c != '\u{2800}'
}

fn is_pictograph_or_its_style(c: char) -> bool {
    is_pictograph(c) || c == '\u{FE0F}'
}

/// Whether a cut at `at` (a character boundary) parts an accent from its letter, or an emoji from its rest.
fn splits_a_cluster(text: &str, at: usize) -> bool {
    let (before, after) = text.split_at(at);
    let Some(next) = after.chars().next() else { return false };
    let joins_back = next == ZERO_WIDTH_JOINER
        || is_variation_selector(next)
        || matches!(next,
            '\u{300}'..='\u{36F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}'
            | '\u{3099}' | '\u{309A}' | '\u{FE20}'..='\u{FE2F}' | '\u{1F3FB}'..='\u{1F3FF}');
    joins_back
        || before.ends_with(ZERO_WIDTH_JOINER)
        || (is_flag_half(next) && before.chars().rev().take_while(|c| is_flag_half(*c)).count() % 2 == 1)
}

fn is_flag_half(c: char) -> bool {
    matches!(c, '\u{1F1E6}'..='\u{1F1FF}')
}

/// Windows gives these names to devices, whatever follows the first dot, in any case.
fn is_device(component: &str) -> bool {
    let stem = component.split('.').next().unwrap_or(component).trim_end().to_ascii_uppercase();
    match stem.as_str() {
        "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$" => true,
        other => other.strip_prefix("COM").or_else(|| other.strip_prefix("LPT")).is_some_and(|port| {
            let mut port = port.chars();
            port.next().is_some_and(|n| n.is_ascii_digit() || matches!(n, '¹' | '²' | '³'))
                && port.next().is_none()
        }),
    }
}

#[cfg(test)]
#[path = "name_tests.rs"]
pub(super) mod tests;

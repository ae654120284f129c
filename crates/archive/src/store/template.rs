//! Where a recording is put: a template of fields, rendered into a folder and a file stem.
//!
//! A rendered path is always inside the archive, always legal, and always holds the `minute_token`, so that two
//! recordings of one title never meet. Extensions and sidecar suffixes are the caller's.

use std::path::PathBuf;

use jiff::{Timestamp, fmt::strtime, tz::TimeZone};
use sha2::{Digest, Sha256};

use super::name::{MAX_COMPONENT_BYTES, UNNAMED, clean, fit, is_plain, seal};

/// The layout unless the configuration names another.
pub const DEFAULT_TEMPLATE: &str = "{owner}/{year}-{month}/{date} {time} {title} [{token}].mp4";

/// What a template can be made of.
pub const TEMPLATE_FIELDS: &str = "{owner} {owner_id} {year} {month} {day} {date} {time} {title} {token}";

/// The longest ending that a stem must leave room for: a sidecar's, while it is being written for the 99th time.
const LONGEST_SUFFIX: &str = ".summary.md.99.part";

/// What stands for the date of a recording that came without one.
const UNKNOWN_DATE: &str = "unknown-date";

/// Tokens are 24 bytes today; anything longer than this is not used as it stands.
const MAX_TOKEN_BYTES: usize = 64;

/// Room that a title or a name keeps however long the rest of the component is.
const MIN_TEXT_BYTES: usize = 24;

/// A checked path template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    folders: Vec<Component>,
    file: Component,
}

/// Why a template cannot be used; each says what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// There is nothing in it.
    #[error("the template is empty; the default is \"{DEFAULT_TEMPLATE}\"")]
    Empty,
    /// It starts at the root of the disk.
    #[error("the template starts with \"/\"; it must be relative to archive.dir")]
    Absolute,
    /// Two slashes meet, or it ends in one.
    #[error("the template has an empty folder or file name; remove the extra \"/\"")]
    EmptyComponent,
    /// It names the folder itself or its parent.
    #[error("the template contains \"{0}\" as a folder; paths may not leave archive.dir")]
    DotComponent(String),
    /// A field in braces that does not exist.
    #[error("the template field {{{0}}} does not exist; the fields are {TEMPLATE_FIELDS}")]
    UnknownField(String),
    /// `{` without `}`, or the reverse.
    #[error("the template has a brace without its partner; write fields as {{title}}")]
    UnbalancedBrace,
    /// A character that some file system refuses, or that cannot be seen.
    #[error("the template contains {0:?}, which is not allowed in file names everywhere")]
    BadCharacter(char),
    /// Nothing would keep two recordings of one title apart.
    #[error("the last part of the template must contain {{token}}, so that equal titles get different files")]
    NoToken,
    /// The fixed text leaves no room for the fields.
    #[error("\"{0}\" is too long: a file name has at most {MAX_COMPONENT_BYTES} bytes")]
    TooLong(String),
}

/// What the fields of a template are filled with; all text may be anything.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'a> {
    /// The owner's name, or the folder that [`super::owner_folder`] chose for them; blank: `owner_id` is used.
    pub owner: &'a str,
    /// The owner's `open_id`.
    pub owner_id: &'a str,
    /// The `minute_token`.
    pub token: &'a str,
    /// The recording's title as the platform gave it.
    pub title: &'a str,
    /// When the minute was created, in milliseconds since 1970; missing, 0 or absurd: `unknown-date`.
    pub created_ms: Option<i64>,
}

/// Where a recording's files go: `dir` is relative to the archive, `file_stem` has no extension yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stem {
    /// Relative folder; empty when the template has no folders.
    pub dir: PathBuf,
    /// Common start of the names of the recording's files, short enough for every suffix in use.
    pub file_stem: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Component {
    pieces: Vec<Piece>,
    max_bytes: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Token,
    /// Neighbouring date fields with the text between them, as one `strftime` format: they are known or unknown
    /// together.
    When(String),
    Text(Text),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Text {
    Owner,
    OwnerId,
    Title,
}

impl Template {
    /// Checks `text`. A `.mp4` at its end is dropped: the extension follows from what the file turns out to be.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let text = text.strip_suffix(".mp4").unwrap_or(text);
        if text.trim().is_empty() {
            return Err(TemplateError::Empty);
        }
        if text.starts_with('/') {
            return Err(TemplateError::Absolute);
        }
        let (folders, file) = text.rsplit_once('/').map_or((None, text), |(dirs, file)| (Some(dirs), file));
        let folders = folders
            .into_iter()
            .flat_map(|dirs| dirs.split('/'))
            .map(|folder| Component::parse(folder, MAX_COMPONENT_BYTES))
            .collect::<Result<_, _>>()?;
        let file = Component::parse(file, MAX_COMPONENT_BYTES - LONGEST_SUFFIX.len())?;
        if !file.pieces.contains(&Piece::Token) {
            return Err(TemplateError::NoToken);
        }
        Ok(Self { folders, file })
    }

    /// The place of one recording; dates and times are those of `zone`, the time as `14-05`.
    #[must_use]
    pub fn render(&self, fields: &Fields<'_>, zone: &TimeZone) -> Stem {
        Stem {
            dir: self.folders.iter().map(|folder| folder.render(fields, zone)).collect(),
            file_stem: self.file.render(fields, zone),
        }
    }
}

impl Component {
    fn parse(text: &str, max_bytes: usize) -> Result<Self, TemplateError> {
        if text.trim().is_empty() {
            return Err(TemplateError::EmptyComponent);
        }
        if text.chars().all(|c| c == '.' || c == ' ') {
            return Err(TemplateError::DotComponent(text.to_owned()));
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(brace) = rest.find(['{', '}']) {
            let (literal, field) = rest.split_at(brace);
            push_literal(&mut pieces, literal)?;
            let field = field.strip_prefix('{').ok_or(TemplateError::UnbalancedBrace)?;
            let (field, after) = field.split_once('}').ok_or(TemplateError::UnbalancedBrace)?;
            push_field(&mut pieces, field)?;
            rest = after;
        }
        push_literal(&mut pieces, rest)?;
        let component = Self { pieces, max_bytes };
        // One byte stays for the mark that `seal` puts before a device name.
        if component.most_bytes() >= max_bytes {
            return Err(TemplateError::TooLong(text.to_owned()));
        }
        Ok(component)
    }

    /// The length when every text is cut as short as it may be and everything else is as long as it gets.
    fn most_bytes(&self) -> usize {
        self.pieces
            .iter()
            .map(|piece| match piece {
                Piece::Literal(literal) => literal.len(),
                Piece::Token => MAX_TOKEN_BYTES,
                // Every date of the years 1970 to 9999 is as long as this one.
                Piece::When(format) => when(format, Some(1), &TimeZone::UTC).len().max(UNKNOWN_DATE.len()),
                Piece::Text(_) => MIN_TEXT_BYTES,
            })
            .sum()
    }

    fn render(&self, fields: &Fields<'_>, zone: &TimeZone) -> String {
        let mut rendered: Vec<String> = self.pieces.iter().map(|piece| piece.render(fields, zone)).collect();
        let is_text = |at: &usize| matches!(self.pieces.get(*at), Some(Piece::Text(_)));
        let mut texts: Vec<usize> = (0..rendered.len()).filter(is_text).collect();
        let fixed: usize = (0..rendered.len()).filter(|at| !is_text(at)).map(|at| rendered[at].len()).sum();
        // The shortest text first: what it leaves unused goes to the longer ones.
        texts.sort_by_key(|&at| rendered[at].len());
        let mut room = (self.max_bytes - 1).saturating_sub(fixed);
        for (done, &at) in texts.iter().enumerate() {
            let cut = fit(&rendered[at], room / (texts.len() - done)).to_owned();
            room -= cut.len();
            rendered[at] = cut;
        }
        seal(&rendered.concat())
    }
}

impl Piece {
    fn render(&self, fields: &Fields<'_>, zone: &TimeZone) -> String {
        match self {
            Self::Literal(literal) => literal.clone(),
            Self::Token => token(fields.token),
            Self::When(format) => when(format, fields.created_ms, zone),
            Self::Text(Text::Title) => clean(fields.title),
            Self::Text(Text::OwnerId) => clean(fields.owner_id),
            // People without a known name still don't share a folder.
            Self::Text(Text::Owner) => match clean(fields.owner) {
                blank if blank == UNNAMED => clean(fields.owner_id),
                name => name,
            },
        }
    }
}

fn push_literal(pieces: &mut Vec<Piece>, literal: &str) -> Result<(), TemplateError> {
    if let Some(bad) = literal.chars().find(|c| !is_plain(*c)) {
        return Err(TemplateError::BadCharacter(bad));
    }
    if !literal.is_empty() {
        pieces.push(Piece::Literal(literal.to_owned()));
    }
    Ok(())
}

fn push_field(pieces: &mut Vec<Piece>, field: &str) -> Result<(), TemplateError> {
    match field {
        "token" => pieces.push(Piece::Token),
        "title" => pieces.push(Piece::Text(Text::Title)),
        "owner" => pieces.push(Piece::Text(Text::Owner)),
        "owner_id" => pieces.push(Piece::Text(Text::OwnerId)),
        "year" => push_when(pieces, "%Y"),
        "month" => push_when(pieces, "%m"),
        "day" => push_when(pieces, "%d"),
        "date" => push_when(pieces, "%Y-%m-%d"),
        "time" => push_when(pieces, "%H-%M"),
        unknown => return Err(TemplateError::UnknownField(unknown.to_owned())),
    }
    Ok(())
}

fn push_when(pieces: &mut Vec<Piece>, format: &str) {
    match pieces.as_mut_slice() {
        [.., Piece::When(before)] => before.push_str(format),
        [.., Piece::When(before), Piece::Literal(between)] => {
            let between = between.replace('%', "%%");
            before.push_str(&between);
            before.push_str(format);
            pieces.pop();
        }
        _ => pieces.push(Piece::When(format.to_owned())),
    }
}

fn when(format: &str, created_ms: Option<i64>, zone: &TimeZone) -> String {
    created_ms
        .filter(|ms| *ms > 0)
        .and_then(|ms| Timestamp::from_millisecond(ms).ok())
        .and_then(|created| strtime::format(format, &created.to_zoned_datetime(zone.clone())).ok())
        .unwrap_or_else(|| UNKNOWN_DATE.to_owned())
}

/// The token itself when it looks like one; else a digest of it, which is as unique and always a legal name.
fn token(token: &str) -> String {
    let usual =
        (1..=MAX_TOKEN_BYTES).contains(&token.len()) && token.bytes().all(|b| b.is_ascii_alphanumeric());
    if usual {
        return token.to_owned();
    }
    let mut digest = hex::encode(Sha256::digest(token));
    digest.truncate(24);
    digest
}

#[cfg(test)]
#[path = "template_tests.rs"]
mod tests;

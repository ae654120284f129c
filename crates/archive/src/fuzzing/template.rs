use std::path::{Component, Path};

use jiff::tz::{TimeZone, offset};

use crate::store::{DEFAULT_TEMPLATE, Fields, Stem, Template, owner_folder};

/// The longest ending that a stem gets.
const LONGEST_SUFFIX: &str = ".summary.md.99.part";

/// Template, owner, owner's id, token, milliseconds since 1970, hours east and title, parted by a byte that no text
/// has: a path stays inside, holds its token, is legal everywhere and the same each time; a person's folder is legal,
/// and a template uses the one that was chosen.
pub fn template(input: &[u8]) {
    let mut pieces = input.splitn(7, |byte| *byte == 0xFF).map(String::from_utf8_lossy);
    let [template, owner, owner_id, token, created_ms, hours, title] =
        std::array::from_fn(|_| pieces.next().unwrap_or_default());
    let hours = hours.parse().ok().filter(|hours| (-12..=14).contains(hours)).unwrap_or(8);
    let zone = TimeZone::fixed(offset(hours));
    let created_ms = created_ms.parse().ok();
    let fields = Fields { owner: &owner, owner_id: &owner_id, token: &token, title: &title, created_ms };
    for text in [DEFAULT_TEMPLATE, &template] {
        match Template::parse(text) {
            Ok(template) => is_a_place(text, &template, &fields, &zone),
            Err(why) => assert!(!why.to_string().is_empty()),
        }
    }
    folders(&owner, &owner_id);
}

fn is_a_place(text: &str, template: &Template, fields: &Fields<'_>, zone: &TimeZone) {
    let stem = template.render(fields, zone);
    assert_eq!(template.render(fields, zone), stem);
    let dir: Vec<_> = stem.dir.components().collect();
    assert_eq!(dir.len(), text.matches('/').count(), "{stem:?}");
    let longest = format!("{}{LONGEST_SUFFIX}", stem.file_stem);
    for part in dir.into_iter().chain(Path::new(&longest).components()) {
        let Component::Normal(name) = part else { panic!("{part:?} is no name") };
        is_legal(name.to_str().expect("text"));
    }
    is_legal(&stem.file_stem);

    let is_usual = is_usual(fields.token);
    assert!(!is_usual || stem.file_stem.contains(fields.token), "{stem:?}");
    let other = if is_usual { another(fields.token) } else { format!("{}/", fields.token) };
    let Stem { file_stem, .. } = template.render(&Fields { token: &other, ..*fields }, zone);
    assert_ne!(file_stem, stem.file_stem);
}

fn is_usual(token: &str) -> bool {
    (1..=64).contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// As long and as usual, and not the same.
fn another(token: &str) -> String {
    let (start, last) = token.split_at(token.len() - 1);
    format!("{start}{}", if last == "a" { 'b' } else { 'a' })
}

fn folders(owner: &str, owner_id: &str) {
    let plain = owner_folder(owner, owner_id, |_| false);
    let second = owner_folder(owner, owner_id, |name| name == plain);
    assert_ne!(second, plain);
    let template = Template::parse("{owner}/{token}").expect("a template");
    for folder in [plain, second, owner_folder(owner, owner_id, |_| true)] {
        is_legal(&folder);
        // What was chosen is what is used; nobody is called nothing.
        let fields = Fields { owner: &folder, owner_id, token: "token", title: "", created_ms: None };
        let used = template.render(&fields, &TimeZone::UTC).dir;
        assert!(used == Path::new(&folder) || folder == "未命名", "{} instead of {folder}", used.display());
    }
}

/// Legal on Linux, macOS, Windows and SMB shares, and what it seems to be.
fn is_legal(name: &str) {
    assert!((1..=255).contains(&name.len()), "{name:?}");
    assert!(!name.starts_with(['.', ' ']) && !name.ends_with(['.', ' ']), "{name:?}");
    assert!(!name.contains(|c: char| c.is_control() || r#"/\<>:"|?*"#.contains(c)), "{name:?}");
    assert!(!name.contains(|c: char| matches!(c, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')), "{name:?}");
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_uppercase();
    assert!(!["CON", "PRN", "AUX", "NUL", "COM1", "LPT9"].contains(&stem.as_str()), "{name:?}");
}

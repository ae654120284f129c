//! The old installation's media files, and which of them belongs to which recording.
//!
//! A file is matched by the token in its name, else by the path that the history gives, else by the title
//! if one file and one recording have it. In doubt a file is left alone: the script let recordings of one
//! title overwrite each other, so such a file may be either.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::history::Entry;
use crate::model::MinuteToken;

const MEDIA_EXTENSIONS: [&str; 3] = ["mp4", "m4a", "mov"];

/// What a walk over folders found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Media files, absolute, in order.
    pub(super) files: Vec<PathBuf>,
    /// Folders that could not be read, and why.
    pub(super) unreadable: Vec<(PathBuf, String)>,
}

/// All media files below these folders, each once. Symbolic links are not followed. Blocking.
pub(super) fn walk(roots: &[&Path]) -> Found {
    let mut files = BTreeSet::new();
    let mut unreadable = Vec::new();
    let mut seen = BTreeSet::new();
    let mut folders: Vec<PathBuf> = Vec::new();
    for root in roots {
        match root.canonicalize() {
            Ok(root) => folders.push(root),
            Err(error) => unreadable.push(((*root).to_owned(), error.to_string())),
        }
    }
    while let Some(folder) = folders.pop() {
        // One root may lie within another.
        if !seen.insert(folder.clone()) {
            continue;
        }
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) => {
                unreadable.push((folder, error.to_string()));
                continue;
            }
        };
        for entry in entries.flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                Ok(kind) if kind.is_file() && is_media(&entry.path()) => drop(files.insert(entry.path())),
                _ => {}
            }
        }
    }
    Found { files: files.into_iter().collect(), unreadable }
}

/// The files of each recording, for those that have one beyond doubt; several when each name holds the
/// token. `dir` is where the history lay.
pub(super) fn matched(
    history: &[Entry],
    files: &[PathBuf],
    dir: &Path,
) -> BTreeMap<MinuteToken, Vec<PathBuf>> {
    let mut candidates = by_token(history, files);
    let free: Vec<&PathBuf> = {
        let taken: BTreeSet<&PathBuf> = candidates.values().flatten().copied().collect();
        files.iter().filter(|file| !taken.contains(file)).collect()
    };
    for (entry, file) in by_path(history, &free, dir).into_iter().chain(by_title(history, &free)) {
        let known = candidates.entry(&entry.minute_token).or_default();
        // The earlier ways of matching are the surer ones.
        if known.is_empty() {
            known.push(file);
        }
    }
    let mut owners: BTreeMap<&PathBuf, usize> = BTreeMap::new();
    for file in candidates.values().flatten() {
        *owners.entry(file).or_default() += 1;
    }
    candidates
        .into_iter()
        .map(|(token, files)| {
            let undoubted = files.into_iter().filter(|file| owners.get(file) == Some(&1)).cloned();
            (token.clone(), undoubted.collect())
        })
        .filter(|(_, files): &(_, Vec<_>)| !files.is_empty())
        .collect()
}

fn by_token<'a>(history: &'a [Entry], files: &'a [PathBuf]) -> BTreeMap<&'a MinuteToken, Vec<&'a PathBuf>> {
    let wanted: BTreeMap<&str, &MinuteToken> =
        history.iter().map(|entry| (entry.minute_token.as_str(), &entry.minute_token)).collect();
    let lengths: BTreeSet<usize> = wanted.keys().map(|token| token.len()).collect();
    let mut found: BTreeMap<&MinuteToken, Vec<&PathBuf>> = BTreeMap::new();
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        for run in name.split(|c: char| !c.is_ascii_alphanumeric()) {
            for length in &lengths {
                let windows =
                    (0..=run.len().saturating_sub(*length)).filter_map(|at| run.get(at..at + *length));
                for token in windows.filter_map(|window| wanted.get(window)) {
                    let known = found.entry(token).or_default();
                    if known.last() != Some(&file) {
                        known.push(file);
                    }
                }
            }
        }
    }
    found
}

/// By the path in the history, from the history's folder; else by the file name in it, if only one file has it.
fn by_path<'a>(history: &'a [Entry], files: &[&'a PathBuf], dir: &Path) -> Vec<(&'a Entry, &'a PathBuf)> {
    let named = alone(files.iter().filter_map(|file| Some((file.file_name()?.to_owned(), *file))));
    let at: BTreeSet<&PathBuf> = files.iter().copied().collect();
    let file_of = |entry: &'a Entry| {
        // Written on Windows, perhaps.
        let told = entry.file.as_deref()?.replace('\\', "/");
        let exact =
            dir.canonicalize().ok().map(|dir| dir.join(&told)).and_then(|path| at.get(&path).copied());
        let file = exact.or_else(|| named.get(Path::new(&told).file_name()?).copied())?;
        Some((entry, file))
    };
    history.iter().filter_map(file_of).collect()
}

fn by_title<'a>(history: &'a [Entry], files: &[&'a PathBuf]) -> Vec<(&'a Entry, &'a PathBuf)> {
    let titled = alone(history.iter().filter_map(|entry| Some((letters(entry.title.as_deref()?)?, entry))));
    let named =
        alone(files.iter().filter_map(|file| Some((letters(&file.file_stem()?.to_string_lossy())?, *file))));
    titled.into_iter().filter_map(|(title, entry)| Some((entry, *named.get(&title)?))).collect()
}

/// Those whose key nobody else has.
fn alone<K: Ord, V>(pairs: impl Iterator<Item = (K, V)>) -> BTreeMap<K, V> {
    let mut all: BTreeMap<K, Vec<V>> = BTreeMap::new();
    for (key, value) in pairs {
        all.entry(key).or_default().push(value);
    }
    all.into_iter()
        .filter_map(|(key, mut values)| values.pop().filter(|_| values.is_empty()).map(|value| (key, value)))
        .collect()
}

/// What scripts leave of a title when they make a file name of it.
fn letters(text: &str) -> Option<String> {
    let letters: String = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    (!letters.is_empty()).then_some(letters)
}

fn is_media(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    MEDIA_EXTENSIONS.contains(&extension.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "obcn37dxcftoc3656rgyejm7";
    const B: &str = "obus00000000000000000002";

    fn entry(token: &str, file: Option<&str>, title: Option<&str>) -> Entry {
        Entry {
            minute_token: MinuteToken::parse(token).unwrap(),
            file: file.map(str::to_owned),
            title: title.map(str::to_owned),
        }
    }

    fn found(history: &[Entry], files: &[&str]) -> Vec<(String, String)> {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let files: Vec<PathBuf> = files.iter().map(|file| root.join(file)).collect();
        matched(history, &files, &root)
            .into_iter()
            .flat_map(|(token, files)| files.into_iter().map(move |file| (token.to_string(), file)))
            .map(|(token, file)| (token, file.strip_prefix(&root).unwrap().display().to_string()))
            .collect()
    }

    fn pair(token: &str, file: &str) -> (String, String) {
        (token.to_owned(), file.to_owned())
    }

    #[test]
    fn the_token_in_the_name_decides_wherever_it_stands() {
        for name in [
            format!("周会 [{A}].mp4"),
            format!("会议{A}录制.mp4"),
            format!("20240101{A}x.mp4"),
            format!("d/{A}.m4a"),
        ] {
            assert_eq!(found(&[entry(A, None, None), entry(B, None, None)], &[&name]), [pair(A, &name)]);
        }
        assert_eq!(found(&[entry(A, None, None)], &[&A[1..], "x.mp4"]), []);
        let twice = [format!("{A} (1).mp4"), format!("{A} {A}.mp4")];
        assert_eq!(
            found(&[entry(A, None, None)], &[&twice[0], &twice[1]]),
            [pair(A, &twice[0]), pair(A, &twice[1])]
        );
        assert_eq!(found(&[entry(A, None, None), entry(B, None, None)], &[&format!("{A}+{B}.mp4")]), []);
    }

    #[test]
    fn else_the_path_and_then_the_title_that_the_history_tells() {
        let told = [entry(A, Some("downloads\\x.mp4"), None), entry(B, Some("/gone/elsewhere/y.mp4"), None)];
        assert_eq!(
            found(&told, &["downloads/x.mp4", "other/y.mp4"]),
            [pair(A, "downloads/x.mp4"), pair(B, "other/y.mp4")]
        );
        assert_eq!(
            found(&[entry(A, None, Some("Q3 复盘: 数据/结论"))], &["Q3_复盘__数据_结论.mp4"]),
            [pair(A, "Q3_复盘__数据_结论.mp4")]
        );
    }

    #[test]
    fn in_doubt_a_file_is_left_alone() {
        let same_title = [entry(A, None, Some("周会")), entry(B, None, Some("周会"))];
        assert_eq!(found(&same_title, &["周会.mp4"]), []);
        assert_eq!(found(&[entry(A, None, Some("周会"))], &["周会.mp4", "b/周会.mp4"]), []);
        assert_eq!(found(&[entry(A, Some("x.mp4"), None)], &["a/x.mp4", "b/x.mp4"]), []);
        assert_eq!(found(&[entry(A, Some("x.mp4"), None), entry(B, Some("x.mp4"), None)], &["x.mp4"]), []);
        assert_eq!(found(&[entry(A, None, Some("？！"))], &["__.mp4"]), []);
    }

    #[test]
    fn a_walk_finds_media_once_and_follows_no_link() {
        let dir = tempfile::tempdir().unwrap();
        let inner = dir.path().join("downloads/2024");
        std::fs::create_dir_all(&inner).unwrap();
        for name in ["a.mp4", "b.M4A", "c.txt", "d.mp4.part"] {
            std::fs::write(inner.join(name), "x").unwrap();
        }
        std::os::unix::fs::symlink(dir.path(), inner.join("loop")).unwrap();
        std::os::unix::fs::symlink(inner.join("a.mp4"), inner.join("link.mp4")).unwrap();
        let walked = walk(&[dir.path(), &dir.path().join("downloads"), &dir.path().join("none")]);
        let names: Vec<_> =
            walked.files.iter().map(|file| file.file_name().unwrap().to_string_lossy()).collect();
        assert_eq!(names, ["a.mp4", "b.M4A"]);
        assert_eq!(walked.unreadable.len(), 1);
    }
}

//! What was written, before anybody asks whether it makes sense: a text per key and where it came from.
//! Later sources win: defaults, then one file, then the environment. An empty text is no text.

use std::collections::BTreeMap;
use std::path::Path;

use web::Setting;
use web::words::{Language, Words};

use super::keys::{FILE_SUFFIX, KEYS, Key, PREFIX, RETIRED, closest, variable};
use super::problem::{Fault, MASK, Problem, Source, Warning};
use super::{file, problem::ConfigErrors};

/// Names that clusters set by themselves for a service called `minutes-vault`, and the option's variable.
const NOT_KEYS: [&str; 3] = ["SERVICE_", "PORT", "CONFIG"];

/// One text and where it came from. It may be a secret, so there is no `Debug`.
pub struct Given {
    /// What was written.
    pub text: String,
    /// Where.
    pub source: Source,
}

/// All that was written.
#[derive(Default)]
pub struct Raw {
    given: BTreeMap<&'static str, Given>,
    /// What was found wrong while reading.
    pub problems: Vec<Problem>,
    /// What was found odd while reading.
    pub warnings: Vec<Warning>,
}

impl Raw {
    /// Reads the file at `path`, or else `minutes-vault.toml` or `config.json` in the working directory, and
    /// then the variables.
    pub fn gather(path: Option<&Path>, environment: impl Iterator<Item = (String, String)>) -> Self {
        let mut raw = Self::default();
        file::read(&mut raw, path);
        raw.take_variables(environment);
        raw
    }

    /// Takes over every variable that is ours.
    pub fn take_variables(&mut self, environment: impl Iterator<Item = (String, String)>) {
        let ours: BTreeMap<String, String> =
            environment.filter(|(name, _)| name.starts_with(PREFIX)).collect();
        let mut known = Vec::new();
        for key in KEYS {
            let variable = key.variable();
            let file_variable = variable.clone() + FILE_SUFFIX;
            let direct = ours.get(&variable).filter(|text| !text.trim().is_empty());
            let by_file = ours.get(&file_variable).filter(|path| key.is_secret && !path.trim().is_empty());
            match (direct, by_file) {
                (Some(_), Some(_)) => self.refuse(&variable, Fault::Twice(file_variable.clone())),
                (Some(text), None) => self.set(key, text.clone(), Source::Variable(variable.clone())),
                (None, Some(path)) => self.take_secret_file(key, &file_variable, Path::new(path)),
                (None, None) => {}
            }
            known.push(variable);
            if key.is_secret {
                known.push(file_variable);
            }
        }
        for name in ours.keys().filter(|name| !known.contains(name)) {
            if let Some((_, successor)) = RETIRED.iter().find(|(retired, _)| variable(retired) == *name) {
                self.warnings.push(Warning::Retired(name.clone(), successor));
                continue;
            }
            let rest = name.trim_start_matches(PREFIX);
            if !NOT_KEYS.iter().any(|start| rest.starts_with(start)) {
                self.refuse(name, Fault::Unknown(closest(name, known.iter().cloned())));
            }
        }
    }

    fn take_secret_file(&mut self, key: &'static Key, variable: &str, path: &Path) {
        match file::read_bounded(path) {
            Ok(text) => {
                let text = text.trim_end_matches(['\r', '\n']).to_owned();
                self.set(key, text, Source::SecretFile(variable.to_owned(), path.to_owned()));
            }
            Err(why) => self.refuse(&format!("{variable} → {}", path.display()), Fault::Unreadable(why)),
        }
    }

    /// Notes what a key holds; an empty text leaves it as it was.
    pub fn set(&mut self, key: &'static Key, text: String, source: Source) {
        if !text.trim().is_empty() {
            self.given.insert(key.name, Given { text, source });
        }
    }

    /// Notes that something cannot be used at all.
    pub fn refuse(&mut self, subject: &str, fault: Fault) {
        self.problems.push(Problem { subject: subject.to_owned(), value: None, source: None, fault });
    }

    /// What was written for a key.
    pub fn given(&self, name: &str) -> Option<&Given> {
        self.given.get(name)
    }

    /// Every key with what counts for it, masked, and where that came from.
    pub fn shown(&self) -> impl Iterator<Item = (&'static Key, Option<String>, Source)> {
        KEYS.iter().map(|key| match self.given.get(key.name) {
            Some(given) => (key, Some(shown(key, &given.text)), given.source.clone()),
            None => (key, key.default.map(str::to_owned), Source::Default),
        })
    }

    /// The same, for a page.
    pub fn settings(&self) -> Vec<Setting> {
        let words = Words::new(Language::English);
        self.shown()
            .map(|(key, value, source)| Setting {
                key: key.name.to_owned(),
                value,
                source: (source != Source::Default).then(|| source.say(words)),
            })
            .collect()
    }

    /// The problems so far, if there are any, so that nothing is checked on top of them.
    pub fn into_errors(self) -> Option<ConfigErrors> {
        (!self.problems.is_empty()).then_some(ConfigErrors(self.problems))
    }
}

/// A value as it may be shown.
pub fn shown(key: &Key, text: &str) -> String {
    if key.is_secret { MASK.to_owned() } else { text.to_owned() }
}

//! What is wrong with disk, catalogue and templates, for people. Logs have the same in English, as the errors themselves say it.

use std::error::Error;
use std::path::Path;

use archive::catalog::CatalogError;
use archive::store::{DEFAULT_TEMPLATE, StoreError, TEMPLATE_FIELDS, TemplateError};

use super::{Value, Words};
use crate::amounts::size;

impl Words {
    /// What went wrong: a sentence of ours where there is one, else the error's own words and those of its causes.
    #[must_use]
    pub fn trouble(self, error: &(dyn Error + 'static)) -> String {
        let causes = || std::iter::successors(Some(error), |error| (*error).source());
        let known = causes().find_map(|cause| {
            let of_store = || cause.downcast_ref().map(|error| self.store_trouble(error));
            let of_template = || cause.downcast_ref().map(|error| self.template_trouble(error));
            cause
                .downcast_ref()
                .map(|error| self.catalog_trouble(error))
                .or_else(of_store)
                .or_else(of_template)
        });
        known.unwrap_or_else(|| causes().map(ToString::to_string).collect::<Vec<_>>().join(": "))
    }

    fn store_trouble(self, error: &StoreError) -> String {
        let about = |key, path: &Path| self.say_with(key, &[("path", path.display().to_string().into())]);
        match error {
            StoreError::DiskFull { path, .. } => about("trouble-disk-full", path),
            StoreError::NoRoom { wanted_bytes, free_bytes, floor_bytes } => {
                let [wanted, free, floor] =
                    [*wanted_bytes, *free_bytes, *floor_bytes].map(|bytes| Value::from(size(bytes)));
                self.say_with("trouble-no-room", &[("wanted", wanted), ("free", free), ("floor", floor)])
            }
            StoreError::Busy { path } => about("trouble-file-busy", path),
            StoreError::NotWritable { path, .. } => about("trouble-not-writable", path),
            StoreError::ReadOnly { path, .. } => about("trouble-read-only", path),
            StoreError::ArchiveGone { root } => about("trouble-archive-gone", root),
            StoreError::Missing { path } => about("trouble-file-missing", path),
            StoreError::Outside { path } => about("trouble-file-outside", path),
            StoreError::Io { path, source, .. } => {
                let path = path.display().to_string();
                self.say_with("trouble-io", &[("path", path.into()), ("why", source.to_string().into())])
            }
        }
    }

    fn template_trouble(self, error: &TemplateError) -> String {
        let about = |key, what: &str| self.say_with(key, &[("what", what.into())]);
        match error {
            TemplateError::Empty => about("trouble-template-empty", DEFAULT_TEMPLATE),
            TemplateError::Absolute => self.say("trouble-template-absolute"),
            TemplateError::EmptyComponent => self.say("trouble-template-empty-part"),
            TemplateError::DotComponent(part) => about("trouble-template-dots", part),
            TemplateError::UnknownField(field) => self.say_with(
                "trouble-template-unknown-field",
                &[("what", format!("{{{field}}}").into()), ("fields", TEMPLATE_FIELDS.into())],
            ),
            TemplateError::UnbalancedBrace => about("trouble-template-brace", "{title}"),
            TemplateError::BadCharacter(bad) => {
                about("trouble-template-character", &bad.escape_debug().to_string())
            }
            TemplateError::NoToken => about("trouble-template-no-token", "{token}"),
            TemplateError::TooLong(part) => about("trouble-template-too-long", part),
        }
    }

    fn catalog_trouble(self, error: &CatalogError) -> String {
        let because = |key, why: &str| self.say_with(key, &[("why", why.into())]);
        match error {
            CatalogError::Busy => self.say("trouble-catalogue-busy"),
            CatalogError::DiskFull => self.say("trouble-catalogue-full"),
            CatalogError::Unavailable { what, why } => self.say_with(
                "trouble-catalogue-unavailable",
                &[("what", what.as_str().into()), ("why", why.as_str().into())],
            ),
            CatalogError::Schema(why) => because("trouble-catalogue-schema", why),
            CatalogError::Other(error) => because("trouble-catalogue-other", &error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fmt, io};

    use archive::store::Template;

    use super::*;
    use crate::words::Language;

    /// An error with a cause.
    #[derive(Debug)]
    struct Outer<E>(E);

    impl<E> fmt::Display for Outer<E> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("outside")
        }
    }

    impl<E: Error + 'static> Error for Outer<E> {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.0)
        }
    }

    #[test]
    fn troubles_are_told_in_both_languages_from_whatever_depth() {
        let path = || Path::new("王芳/周会.mp4").to_owned();
        let errors = [
            StoreError::DiskFull { what: "write", path: path() },
            StoreError::NoRoom { wanted_bytes: 2 << 30, free_bytes: 1 << 30, floor_bytes: 1 << 20 },
            StoreError::Busy { path: path() },
            StoreError::NotWritable { what: "write", path: path() },
            StoreError::ReadOnly { what: "write", path: path() },
            StoreError::ArchiveGone { root: path() },
            StoreError::Missing { path: path() },
            StoreError::Outside { path: path() },
            StoreError::Io { what: "write", path: path(), source: io::Error::other("smoke") },
        ];
        let catalogue = [
            CatalogError::Busy,
            CatalogError::DiskFull,
            CatalogError::Unavailable { what: "SQLite".to_owned(), why: "smoke".to_owned() },
            CatalogError::Schema("smoke".to_owned()),
        ];
        let templates = [
            "",
            "/a",
            "a//{token}",
            "../{token}",
            "{tokn}",
            "{token",
            "a\u{7}{token}",
            "{title}",
            &"a".repeat(300),
        ]
        .map(|text| Box::new(Template::parse(text).unwrap_err()) as Box<dyn Error>);
        let errors: Vec<Box<dyn Error>> = errors
            .map(|error| Box::new(error) as Box<dyn Error>)
            .into_iter()
            .chain(catalogue.map(|error| Box::new(error) as Box<dyn Error>))
            .chain(templates)
            .collect();
        for error in &errors {
            let [chinese, english] =
                Language::ALL.map(|language| Words::new(language).trouble(error.as_ref()));
            assert_ne!(chinese, english);
            assert!(!chinese.contains("trouble-") && !chinese.contains('$'), "{chinese}");
            assert!(!error.to_string().contains("周会") || chinese.contains("周会"), "{chinese}");
        }
        let words = Words::new(Language::Chinese);
        assert_eq!(words.trouble(&Outer(CatalogError::Busy)), words.say("trouble-catalogue-busy"));
        assert_eq!(words.trouble(&Outer(io::Error::other("smoke"))), "outside: smoke");
    }
}

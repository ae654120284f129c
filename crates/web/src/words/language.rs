//! Which language a reader gets.

/// The two languages of this program; Chinese unless somebody asks for English.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub enum Language {
    /// Simplified Chinese.
    #[default]
    #[serde(rename = "zh")]
    Chinese,
    /// English.
    #[serde(rename = "en")]
    English,
}

impl Language {
    /// Both, in the order of their readers.
    pub const ALL: [Self; 2] = [Self::Chinese, Self::English];

    /// The tag for `lang` attributes and locale folders.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }

    /// The short word for addresses, options and settings: `zh` or `en`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Chinese => "zh",
            Self::English => "en",
        }
    }

    /// The language of a tag such as `zh-CN`, `zh_TW.UTF-8` or `en`; none for other languages.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_', '.', '@']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| primary.eq_ignore_ascii_case(language.code()))
    }

    /// The one of our languages that the header likes best (RFC 9110 §12.5.4).
    #[must_use]
    pub fn from_accept_language(header: Option<&str>) -> Self {
        let mut best = (0.0, Self::default());
        for range in header.unwrap_or_default().split(',') {
            let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
            let quality = quality(parameters);
            if let Some(language) = Self::from_tag(tag.trim())
                && quality > best.0
            {
                best = (quality, language);
            }
        }
        best.1
    }

    /// The language of a terminal: the value of `LC_ALL`, `LC_MESSAGES` or `LANG`.
    #[must_use]
    pub fn from_environment(locale: &str) -> Self {
        Self::from_tag(locale).unwrap_or(Self::English)
    }
}

/// The weight of a range; 1 without one, 0 for one that makes no sense.
fn quality(parameters: &str) -> f32 {
    match parameters.trim().strip_prefix("q=") {
        Some(weight) => weight.trim().parse().ok().filter(|q| (0.0..=1.0).contains(q)).unwrap_or(0.0),
        None => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_header_decides() {
        let cases = [
            (None, Language::Chinese),
            (Some(""), Language::Chinese),
            (Some("de-DE,fr;q=0.8"), Language::Chinese),
            (Some("en-GB"), Language::English),
            (Some("EN-us,zh;q=0.9"), Language::English),
            (Some("en;q=0.3, zh-CN;q=0.9"), Language::Chinese),
            (Some("de, zh-TW;q=0.2, en;q=0.7"), Language::English),
            (Some("en;q=0"), Language::Chinese),
            (Some("en;q=nonsense"), Language::Chinese),
            (Some("english"), Language::Chinese),
        ];
        for (header, expected) in cases {
            assert_eq!(Language::from_accept_language(header), expected, "{header:?}");
        }
    }

    #[test]
    fn a_terminal_that_is_not_chinese_is_english() {
        for chinese in ["zh_CN.UTF-8", "zh", "zh_TW"] {
            assert_eq!(Language::from_environment(chinese), Language::Chinese);
        }
        for other in ["en_US.UTF-8", "C", "POSIX", "de_DE@euro", ""] {
            assert_eq!(Language::from_environment(other), Language::English);
        }
    }

    proptest! {
        #[test]
        fn any_header_gives_a_language(header in "\\PC{0,200}") {
            prop_assert!(Language::ALL.contains(&Language::from_accept_language(Some(&header))));
        }
    }
}

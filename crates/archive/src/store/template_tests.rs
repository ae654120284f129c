use std::path::Component as PathPart;

use proptest::prelude::*;

use super::{super::name::tests::hostile_text, *};

const TOKEN: &str = "obcnq3b9jl72l83w4f149w9c";

fn fields(title: &str) -> Fields<'_> {
    let created_ms = Some(1_763_870_700_000); // 2025-11-23 12:05 in Shanghai
    Fields { owner: "王芳", owner_id: "ou_1", token: TOKEN, title, created_ms }
}

fn shanghai() -> TimeZone {
    TimeZone::fixed(jiff::tz::offset(8))
}

fn render(template: &str, fields: &Fields<'_>) -> String {
    let stem = Template::parse(template).unwrap().render(fields, &shanghai());
    stem.dir.join(stem.file_stem).to_str().unwrap().to_owned()
}

#[test]
fn the_default_reads_as_promised() {
    let path = render(DEFAULT_TEMPLATE, &fields("周会"));
    assert_eq!(path, format!("王芳/2025-11/2025-11-23 12-05 周会 [{TOKEN}]"));
}

#[test]
fn a_recording_without_a_date_says_so_once() {
    for created_ms in [None, Some(0), Some(-5), Some(i64::MAX)] {
        let path = render(DEFAULT_TEMPLATE, &Fields { created_ms, ..fields("周会") });
        assert_eq!(path, format!("王芳/unknown-date/unknown-date 周会 [{TOKEN}]"));
    }
}

#[test]
fn date_fields_may_stand_anywhere_with_any_text_between() {
    let path = render("{year}年{month}月{day}日 100%{time}/{token}", &fields(""));
    assert_eq!(path, format!("2025年11月23日 100%12-05/{TOKEN}"));
}

#[test]
fn blank_names_fall_back() {
    let path = render("{owner}/{title} {token}", &Fields { owner: " ", ..fields("\u{200B}") });
    assert_eq!(path, format!("ou_1/未命名 {TOKEN}"));
}

#[test]
fn unusual_tokens_stay_unique() {
    let path = |token| render("{token}", &Fields { token, ..fields("") });
    assert_ne!(path("../a"), path("/..a"));
    assert_ne!(path(""), path(" "));
    assert_eq!(path("nul"), "_nul");
}

#[test]
fn bad_templates_are_refused_in_words() {
    for (template, error) in [
        ("", TemplateError::Empty),
        (".mp4", TemplateError::Empty),
        ("/srv/{token}", TemplateError::Absolute),
        ("{owner}//{token}", TemplateError::EmptyComponent),
        ("{owner}/{token}/", TemplateError::EmptyComponent),
        ("../{token}", TemplateError::DotComponent("..".into())),
        ("{owner}/./{token}", TemplateError::DotComponent(".".into())),
        ("{titel} {token}", TemplateError::UnknownField("titel".into())),
        ("{title {token}", TemplateError::UnknownField("title {token".into())),
        ("title} {token}", TemplateError::UnbalancedBrace),
        ("{token} {title", TemplateError::UnbalancedBrace),
        ("C:\\{token}", TemplateError::BadCharacter(':')),
        ("{token}/{title}", TemplateError::NoToken),
    ] {
        assert_eq!(Template::parse(template), Err(error), "{template}");
    }
    let long = format!("{}{{token}}", "长".repeat(80));
    assert_eq!(Template::parse(&long), Err(TemplateError::TooLong(long.clone())));
    let words = TemplateError::UnknownField("titel".into()).to_string();
    assert!(words.starts_with("the template field {titel} does not exist"), "{words}");
}

fn templates() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        DEFAULT_TEMPLATE,
        "{token}",
        "{title}{token}",
        "{title}.{token}/{owner}{title}{owner_id} {token}",
        "{date}{title}/con.{token}",
    ])
}

proptest! {
    #[test]
    fn any_text_makes_a_path_inside_the_archive(
        template in templates(), owner in hostile_text(), title in hostile_text(), owner_id in hostile_text(),
        created_ms in any::<Option<i64>>(),
    ) {
        let template = Template::parse(template).unwrap();
        let fields = Fields { owner: &owner, owner_id: &owner_id, token: TOKEN, title: &title, created_ms };
        let stem = template.render(&fields, &shanghai());
        prop_assert_eq!(&template.render(&fields, &shanghai()), &stem);

        let folders: Vec<_> = stem.dir.components().collect();
        prop_assert_eq!(folders.len(), template.folders.len());
        let longest = format!("{}{LONGEST_SUFFIX}", stem.file_stem);
        let file = std::path::Path::new(&longest);
        for part in folders.into_iter().chain(file.components()) {
            let PathPart::Normal(name) = part else { panic!("{part:?} is not a plain name") };
            let name = name.to_str().unwrap();
            prop_assert!(name.len() <= 255 && !name.is_empty());
            prop_assert!(!name.contains(|c: char| c.is_control() || "/\\<>:\"|?*".contains(c)), "{}", name);
            prop_assert!(!name.starts_with(['.', ' ']) && !name.ends_with(['.', ' ']), "{}", name);
        }
        prop_assert!(stem.file_stem.contains(TOKEN));
    }

    #[test]
    fn different_tokens_never_share_a_stem(
        template in templates(), title in hostile_text(),
        one in "[a-z0-9]{24}", two in "[a-z0-9]{24}",
    ) {
        prop_assume!(one != two);
        let template = Template::parse(template).unwrap();
        let stem = |token| template.render(&Fields { token, ..fields(&title) }, &shanghai()).file_stem;
        prop_assert_ne!(stem(&one), stem(&two));
    }
}

use proptest::prelude::*;

use super::*;

#[test]
fn titles_that_were_seen_to_break_archives() {
    for (title, safe) in [
        ("周会", "周会"),
        ("Q3/Q4 复盘\\终稿", "Q3_Q4 复盘_终稿"),
        ("a<b>c:d\"e|f?g*h", "a_b_c_d_e_f_g_h"),
        ("..", UNNAMED),
        (" \t\r\n\u{3000}", UNNAMED),
        ("\u{0}\u{1b}[31m红", "[31m红"),
        ("...hidden. . ", "hidden"),
        ("第一行\r\n第二行", "第一行 第二行"),
        ("gnp\u{202E}4pm.exe", "gnp4pm.exe"),
        ("\u{FEFF}标\u{200B}题\u{2066}", "标题"),
        ("家👨\u{200D}👩\u{200D}👧 ok", "家👨\u{200D}👩\u{200D}👧 ok"),
        ("❤\u{FE0F}\u{200D}🔥", "❤\u{FE0F}\u{200D}🔥"),
        ("字\u{200D}字\u{200D}", "字字"),
        (".\u{FE0F}", UNNAMED),
    ] {
        assert_eq!(clean(title), safe, "{title:?}");
    }
}

#[test]
fn device_names_are_disarmed_and_others_left_alone() {
    for device in ["CON", "nul", "com1", "LPT9", "Aux.2026", "con .txt", "COM¹"] {
        assert_eq!(seal(device), format!("_{device}"));
    }
    for plain in ["CONTENT", "com10", "com", "nullable", "周会"] {
        assert_eq!(seal(plain), plain);
    }
}

#[test]
fn a_cut_leaves_whole_characters() {
    assert_eq!(fit("会议纪要", 7), "会议");
    assert_eq!(fit("ab e\u{301}", 4), "ab");
    assert_eq!(fit("🇨🇳🇨🇳", 12), "🇨🇳");
    assert_eq!(fit("x👨\u{200D}👩\u{200D}👧", 15), "x");
    assert_eq!(fit("👍🏽👍🏽", 12), "👍🏽");
    assert_eq!(fit(&format!("e{}", "\u{301}".repeat(9)), 5), "e\u{301}\u{301}");
}

#[test]
fn two_people_of_one_name_get_two_folders() {
    let id = "ou_7d8a6e6df7621556ce0d21922b676706";
    assert_eq!(owner_folder("王芳", id, |_| false), "王芳");
    assert_eq!(owner_folder("王芳", id, |name| name == "王芳"), "王芳 (676706)");
    assert_eq!(owner_folder("王芳", id, |name| !name.contains(id)), format!("王芳 ({id})"));
    assert_eq!(owner_folder("王芳", "短", |name| name == "王芳"), "王芳 (短)");
}

#[test]
fn a_chosen_folder_is_not_cut_again() {
    // A device's name gets a mark before it, and fills its folder to the last byte.
    let name = format!("nul.{}", "长".repeat(90));
    let plain = owner_folder(&name, "ou_1", |_| false);
    let second = owner_folder(&name, "ou_1", |taken| taken == plain);
    let cut_emoji = owner_folder("王芳", "👨\u{200D}👩abcd", |taken| taken == "王芳");
    for folder in [&plain, &second, &cut_emoji] {
        assert_eq!(&seal(fit(&clean(folder), MAX_COMPONENT_BYTES - 1)), folder);
    }
}

/// Text dense in what breaks names.
pub(in super::super) fn hostile_text() -> impl Strategy<Value = String> {
    let hostile = prop::sample::select(vec![
        '/',
        '\\',
        ':',
        '*',
        '?',
        '"',
        '<',
        '>',
        '|',
        '.',
        ' ',
        '~',
        '-',
        '%',
        '{',
        '}',
        '\0',
        '\n',
        '\r',
        '\t',
        '\u{7F}',
        '\u{85}',
        '\u{A0}',
        '\u{200B}',
        '\u{200D}',
        '\u{202E}',
        '\u{2028}',
        '\u{2066}',
        '\u{3000}',
        '\u{301}',
        '\u{FE0F}',
        '\u{FEFF}',
        '\u{FFFF}',
        '\u{E0001}',
        '会',
        '👨',
        '👩',
        '🏽',
        '❤',
        '🇨',
        '🇳',
        'c',
        'o',
        'n',
        '1',
        '／',
    ]);
    let any_text = prop_oneof![3 => hostile, 1 => any::<char>()];
    prop_oneof![
        prop::collection::vec(any_text, 0..400).prop_map(|chars| chars.into_iter().collect()),
        prop::sample::select(vec!["CON", "nul.txt", "com1", "..", ".", "", "../../etc/passwd", "C:\\x", "~"])
            .prop_map(str::to_owned),
    ]
}

proptest! {
    #[test]
    fn cleaning_is_safe_and_settles_at_once(text in hostile_text()) {
        let cleaned = clean(&text);
        prop_assert!(!cleaned.is_empty());
        prop_assert!(!cleaned.contains(|c: char| c.is_control() || is_refused(c) || is_invisible(c)));
        prop_assert!(!cleaned.starts_with(['.', ' ']) && !cleaned.ends_with(['.', ' ', ZERO_WIDTH_JOINER]));
        prop_assert_eq!(clean(&cleaned), cleaned);
    }

    #[test]
    fn a_cut_is_a_clean_start_of_the_text(text in hostile_text(), max in 16_usize..300) {
        let cleaned = clean(&text);
        let cut = fit(&cleaned, max);
        prop_assert!(cut.len() <= max && cleaned.starts_with(cut) && !cut.is_empty());
        prop_assert!(!cut.ends_with(ZERO_WIDTH_JOINER));
    }

    #[test]
    fn owner_folders_fit_and_differ(name in hostile_text(), id in "ou_[0-9a-f]{32}") {
        let plain = owner_folder(&name, &id, |_| false);
        let second = owner_folder(&name, &id, |taken| taken == plain);
        prop_assert_ne!(&plain, &second);
        prop_assert!(plain.len() <= MAX_COMPONENT_BYTES && second.len() <= MAX_COMPONENT_BYTES);
    }
}

//! Makes text from outside fit for a log line: short, printable, and without what looks like a secret.
//!
//! It is the second line of defence: nothing here is ever handed a token on purpose, but the platform, a
//! proxy or a library may echo one.

/// The longest text kept of any outside message, in characters.
const MAX_CHARS: usize = 300;

/// Rewrites an outside message for people: control and invisible direction characters become spaces, runs
/// that look like tokens become `[…]`, the rest is cut after 300 characters.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut run = String::new();
    for character in text.chars().take(MAX_CHARS) {
        if character.is_ascii_alphanumeric() || "_-.~+=%".contains(character) {
            run.push(character);
            continue;
        }
        flush(&mut out, &mut run);
        out.push(if is_printable(character) { character } else { ' ' });
    }
    flush(&mut out, &mut run);
    out.trim().to_owned()
}

/// The platform's request id, when it is one: short and of plain characters.
pub(crate) fn log_id(text: &str) -> Option<String> {
    let fits = (1..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    fits.then(|| text.to_owned())
}

/// A library error with all its causes, without the URL that it may carry.
pub(crate) fn network_error(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    plain(&text)
}

fn flush(out: &mut String, run: &mut String) {
    out.push_str(if looks_secret(run) { "[…]" } else { run });
    run.clear();
}

fn looks_secret(run: &str) -> bool {
    let digit = run.bytes().any(|byte| byte.is_ascii_digit());
    let mixed_case = run.bytes().any(|byte| byte.is_ascii_uppercase())
        && run.bytes().any(|byte| byte.is_ascii_lowercase());
    let token_prefix = ["u-", "t-", "a-", "ur-", "eyJ"].iter().any(|prefix| run.starts_with(prefix));
    (run.len() >= 32 && (digit || mixed_case)) || (run.len() >= 16 && token_prefix && (digit || mixed_case))
}

fn is_printable(character: char) -> bool {
    let steers_direction = matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    !character.is_control() && !steers_direction
}

#[cfg(test)]
mod tests {
    use super::plain;
    use proptest::prelude::*;

    #[test]
    fn keeps_what_helps_and_drops_what_opens_doors() {
        assert_eq!(plain("minute not ready, try later"), "minute not ready, try later");
        assert_eq!(
            plain("lookup internal-api-drive-stream.feishu.cn failed"),
            "lookup internal-api-drive-stream.feishu.cn failed"
        );
        assert_eq!(
            plain("需要权限 minutes:minutes.transcript:export"),
            "需要权限 minutes:minutes.transcript:export"
        );
        assert_eq!(plain("token u-6U1SbDiM6XIH2DcTCPyeub is bad"), "token […] is bad");
        assert_eq!(plain("secret=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"), "[…]");
        assert_eq!(plain("a\r\nb\u{202e}c\u{0}"), "a  b c");
    }

    proptest! {
        #[test]
        fn long_random_tokens_never_survive(token in "[A-Za-z]{20}[0-9][A-Za-z0-9_-]{20,200}", before in "[ :,\"]") {
            let text = plain(&format!("refused{before}{token}{before}again"));
            prop_assert!(!text.contains(&token[..16]));
        }

        #[test]
        fn any_message_becomes_one_short_line(text in any::<String>()) {
            let plain = plain(&text);
            prop_assert!(plain.chars().count() <= 300 + 3 && !plain.contains(char::is_control));
        }
    }
}

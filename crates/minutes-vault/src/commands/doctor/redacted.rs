//! The same findings for outsiders: whoever is asked for help need not know who works here and what our machines are
//! called.

use web::words::Value as Variable;

const HIDDEN: &str = "…";
/// Variables of texts that name people, apps, places and addresses.
const OURS: [&str; 9] = ["name", "id", "dir", "file", "url", "host", "address", "pid", "app_id"];

/// The variables of a text with what is ours hidden.
pub(super) fn redacted<'a>(variables: &[(&'a str, Variable<'a>)]) -> Vec<(&'a str, Variable<'a>)> {
    let hide = |(name, value): &(&'a str, Variable<'a>)| match value {
        _ if OURS.contains(name) => (*name, HIDDEN.into()),
        Variable::String(text) => (*name, masked(text).into()),
        other => (*name, other.clone()),
    };
    variables.iter().map(hide).collect()
}

/// A text of others without the words that look like a path, an address or an id.
pub(super) fn masked(text: &str) -> String {
    let is_ours = |word: &str| {
        word.contains(['/', '@', '\\']) || ["ou_", "cli_", "on_"].iter().any(|id| word.contains(id))
    };
    text.split(' ').map(|word| if is_ours(word) { HIDDEN } else { word }).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ours_is_hidden_and_what_helps_stays() {
        assert_eq!(
            masked("cannot open /srv/vault/x.db: code 10014 (ou_31f0) at https://vault.corp"),
            "cannot open … code 10014 … at …"
        );
        let variables = [("dir", "/srv".into()), ("why", "denied: /srv".into()), ("count", 3.into())];
        let hidden = redacted(&variables);
        assert_eq!(hidden, [("dir", "…".into()), ("why", "denied: …".into()), ("count", 3.into())]);
    }
}

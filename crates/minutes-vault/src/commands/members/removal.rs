//! `members remove` and `members removed`: what is taken away, and the record of it.

use std::io::{IsTerminal as _, Write as _};

use anyhow::Result;
use archive::audit::Verb;
use archive::catalog::{Catalog, MemberRow};
use archive::members::{Farewell, Parting, PurgeError, Purged};
use archive::model::{Clock as _, OpenId, SystemClock};
use serde_json::{Map, Value, json};
use web::words::Words;

use super::super::{Outcome, deed, holds, moments};
use crate::config::Config;
use crate::print::{self, Table};
use crate::startup;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "switches of a command line")]
pub struct Removing {
    /// All that the catalogue knows of them.
    pub purge: bool,
    /// Their files, too.
    pub files: bool,
    /// Nobody is asked.
    pub yes: bool,
    /// For programs.
    pub json: bool,
}

/// Runs `members remove`. Somebody who is no member (any more) may still own files.
pub async fn remove(
    config: &Config,
    catalog: &Catalog,
    id: &OpenId,
    row: Option<&MemberRow>,
    how: Removing,
    words: Words,
) -> Result<Outcome> {
    let files = if how.files { catalog.files_of(id).await? } else { 0 };
    let name = row.map(|row| print::harmless(&row.member.name)).unwrap_or_default();
    let who = [("name", name.as_str().into()), ("id", id.as_str().into()), ("files", files.into())];
    if !how.yes && !std::io::stdin().is_terminal() {
        eprintln!("{}", words.say("members-remove-needs-yes"));
        return Ok(Outcome::Misconfigured);
    }
    let question = if how.purge { "members-purge-question" } else { "members-remove-question" };
    if !how.yes && !is_confirmed(&words.say_with(question, &who))? {
        print::line(words.say("members-remove-left"));
        return Ok(Outcome::Bad);
    }
    let (client, seal) = (startup::feishu_client(config)?, startup::open_seal(config)?);
    let parting = Parting { catalog, client: &client, seal: &seal, person: id, now_ms: SystemClock.now_ms() };
    if !how.purge {
        let farewell = parting.forget(&deed(id.as_ref(), Verb::Deleted, "member removed")?).await?;
        if how.json {
            print::json(
                &json!({ "open_id": id, "removed": true, "unsubscribed": is_unsubscribed(&farewell) }),
            );
        } else {
            print::line(words.say_with("members-removed", &who));
            tell(&farewell, words);
        }
        return Ok(Outcome::Good);
    }
    let store = if how.files { Some(startup::open_store(config, catalog).await?) } else { None };
    let what = if how.files {
        "member removed, with their files"
    } else {
        "member removed, with all that is known of them"
    };
    let purged = match parting.purge(store.as_ref(), &deed(id.as_ref(), Verb::Deleted, what)?).await {
        Ok(purged) => purged,
        Err(PurgeError::Busy) => {
            eprintln!("{}", words.say("members-purge-busy"));
            return Ok(Outcome::NotPossible);
        }
        Err(PurgeError::Held(held)) => {
            if how.json {
                print::json(&json!({ "open_id": id, "removed": false, "holds": held }));
            } else {
                eprintln!("{}", words.say_with("members-purge-held", &who));
                holds::table(&held, &moments(config), words).print();
            }
            return Ok(Outcome::NotPossible);
        }
        Err(error) => return Err(error.into()),
    };
    let Purged { files, bytes, farewell } = purged;
    if how.json {
        let unsubscribed = is_unsubscribed(&farewell);
        print::json(&json!({
            "open_id": id, "removed": true, "unsubscribed": unsubscribed, "files": files, "bytes": bytes,
        }));
    } else {
        let what = [
            ("name", name.as_str().into()),
            ("id", id.as_str().into()),
            ("files", files.into()),
            ("size", print::size(bytes.unsigned_abs()).into()),
        ];
        print::line(words.say_with("members-purged", &what));
        tell(&farewell, words);
    }
    Ok(Outcome::Good)
}

fn is_unsubscribed(farewell: &Farewell) -> bool {
    matches!(farewell, Farewell::Unsubscribed)
}

fn tell(farewell: &Farewell, words: Words) {
    match farewell {
        Farewell::Unsubscribed => print::line(words.say("members-unsubscribed")),
        Farewell::NoToken => print::line(words.say("members-unsubscribed-no-token")),
        Farewell::Refused(why) => {
            print::line(words.say_with("members-unsubscribed-refused", &[("why", why.as_str().into())]));
        }
    }
}

/// Runs `members removed`.
pub async fn removed(config: &Config, catalog: &Catalog, as_json: bool, words: Words) -> Result<Outcome> {
    let moments = moments(config);
    let removals = catalog.removals().await?;
    if removals.is_empty() && !as_json {
        print::line(words.say("members-removed-none"));
        return Ok(Outcome::Good);
    }
    let mut described = Vec::new();
    for removal in &removals {
        let files = catalog.removed_files(&removal.id).await?;
        if as_json {
            let mut object = Map::new();
            object.insert("open_id".to_owned(), json!(removal.open_id));
            object.insert("name".to_owned(), json!(removal.name));
            object.insert("removed_by".to_owned(), json!(removal.removed_by));
            object.insert("files".to_owned(), json!(files));
            moments.put(&mut object, "removed_at", Some(removal.removed_at));
            described.push(Value::Object(object));
            continue;
        }
        print::line(format_args!(
            "{}  {}  {}  {}",
            moments.say(Some(removal.removed_at)),
            removal.open_id,
            print::harmless(&removal.name),
            words.say_with("members-removed-by", &[("by", print::harmless(&removal.removed_by).into())])
        ));
        let mut table = Table::new(&["column-file", "column-size", "column-sha256"], words);
        for file in &files {
            table.row([
                file.path.clone(),
                print::size(file.bytes.unwrap_or_default().unsigned_abs()),
                file.sha256.clone().unwrap_or_default(),
            ]);
        }
        if !files.is_empty() {
            table.print();
        }
    }
    if as_json {
        print::json(&json!({ "removals": described }));
    }
    Ok(Outcome::Good)
}

fn is_confirmed(question: &str) -> Result<bool> {
    print!("{question} [y/N] ");
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes" | "是"))
}

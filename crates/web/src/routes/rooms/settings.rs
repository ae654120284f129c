//! `/settings`: who is here as what, what people were told, how files are named, backups, and the configuration that
//! counts. Secrets came here masked. What the configuration file decides is changed there; here is what it comes to.

use archive::audit::Verb;
use archive::backup::BackedUp;
use archive::catalog::Db;
use archive::library::{Item, Shelf, Wish};
use archive::notify::{NoticeRow, Seen};
use archive::store::{Fields, Template as PathTemplate};
use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use tracing::error;

use super::{Rooms, not_now};
use crate::amounts::size;
use crate::notice::Notice;
use crate::office::Setting;
use crate::page::{Frame, show};
use crate::session::{Administrator, Nothing, SignedIn, Submitted, administrators_only};
use crate::visitor::Visitor;

/// Messages that are shown.
const MESSAGES: i64 = 30;
/// Recordings whose names are shown as an example.
const EXAMPLES: i64 = 3;

pub(super) fn router() -> Router<Rooms> {
    Router::new()
        .route("/settings", get(page))
        .route("/settings/template", get(template))
        .route("/settings/backup", post(backup))
}

/// Somebody who is more than a member.
struct Holder {
    name: String,
    open_id: String,
    role: String,
}

struct Message {
    title: String,
    to: String,
    at: String,
    state: String,
    mood: &'static str,
    why: String,
}

struct Backup {
    path: String,
    at: String,
    size: String,
}

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage<'a> {
    title: String,
    script: String,
    holders: Vec<Holder>,
    messages: Vec<Message>,
    /// The template that counts, as it was written.
    template: String,
    preview: String,
    backups: Vec<Backup>,
    /// Whether this program can make one: a database server has its own.
    makes_backups: bool,
    settings: &'a [Setting],
    frame: Frame<'a>,
}

async fn page(
    State(rooms): State<Rooms>,
    visitor: Visitor,
    Administrator(who): Administrator,
) -> Result<Response, Response> {
    let template = rooms.office.settings.iter().find(|setting| setting.key == "archive.template");
    let template = template.and_then(|setting| setting.value.clone()).unwrap_or_default();
    rooms.record(&who.deed(Verb::Viewed, "/settings", None)).await?;
    let frame = Frame::of(&rooms.site, &visitor, &who, "/settings");
    let page = SettingsPage {
        title: frame.say("settings-title"),
        script: frame.asset("preview.js"),
        holders: holders(&rooms, &visitor).await?,
        messages: messages(&rooms, &visitor).await?,
        preview: preview(&rooms, &visitor, &who, &rooms.office.template).await?,
        template,
        backups: backups(&rooms, &visitor).await?,
        makes_backups: matches!(rooms.catalog.db(), Db::Sqlite { .. }),
        settings: &rooms.office.settings,
        frame,
    };
    Ok(show(StatusCode::OK, &page))
}

async fn holders(rooms: &Rooms, visitor: &Visitor) -> Result<Vec<Holder>, Response> {
    let names = rooms.names().await?;
    let mut holders = Vec::new();
    for person in rooms.porter.roster.holders().await.map_err(not_now)? {
        let role = rooms.porter.roster.role(&person).await.map_err(not_now)?;
        let name = names.get(person.as_str()).cloned().unwrap_or_else(|| "—".to_owned());
        holders.push(Holder { name, open_id: person.to_string(), role: visitor.words.role(role) });
    }
    Ok(holders)
}

async fn messages(rooms: &Rooms, visitor: &Visitor) -> Result<Vec<Message>, Response> {
    let (names, moments, words) = (rooms.names().await?, rooms.moments(visitor), visitor.words);
    let notices = rooms.catalog.notices(MESSAGES).await.map_err(not_now)?;
    let message = |notice: NoticeRow| {
        let (state, mood) = match (notice.card, &notice.reason) {
            (_, Some(_)) => ("message-failed", "bad"),
            (Seen::Nothing, None) if notice.over_at.is_some() => ("message-dropped", "note"),
            (Seen::Nothing, None) => ("message-waiting", "note"),
            (Seen::Open, None) => ("message-open", "warn"),
            (Seen::Over, None) => ("message-over", "good"),
        };
        Message {
            title: words.say(&format!("card-{}-open-title", notice.matter)),
            to: names.get(&notice.receiver).cloned().unwrap_or(notice.receiver),
            at: moments.say_with_distance(notice.sent_at.or(Some(notice.made_at)), words),
            state: words.say(state),
            mood,
            why: notice.reason_detail.unwrap_or_default(),
        }
    };
    Ok(notices.into_iter().map(message).collect())
}

async fn backups(rooms: &Rooms, visitor: &Visitor) -> Result<Vec<Backup>, Response> {
    let made = rooms.office.backups.list().await.map_err(|error| {
        error!(%error, "backups cannot be listed");
        Notice::NotNow.into_response()
    })?;
    let moments = rooms.moments(visitor);
    let backup = |made: BackedUp| Backup {
        path: made.path.display().to_string(),
        at: moments.say(Some(made.manifest.made_at_ms)),
        size: size(made.manifest.bytes()),
    };
    Ok(made.into_iter().map(backup).collect())
}

#[derive(Deserialize)]
struct Tried {
    template: String,
}

/// Where the newest recordings would lie by a template, as HTML for the page; or why it cannot be used.
async fn template(
    State(rooms): State<Rooms>,
    visitor: Visitor,
    Administrator(who): Administrator,
    Query(Tried { template }): Query<Tried>,
) -> Result<Response, Response> {
    // It shows titles of recordings.
    rooms.record(&who.deed(Verb::Viewed, "/settings/template", None)).await?;
    let html = match PathTemplate::parse(&template) {
        Ok(template) => preview(&rooms, &visitor, &who, &template).await?,
        Err(error) => {
            let fault = visitor.words.trouble(&error);
            Preview { paths: Vec::new(), fault: Some(fault) }.render().unwrap_or_default()
        }
    };
    Ok(axum::response::Html(html).into_response())
}

#[derive(Template)]
#[template(
    source = r#"{% if let Some(fault) = fault %}<p class="badge bad">{{ fault }}</p>{% else %}<ul class="paths">{% for path in paths %}<li><bdi>{{ path }}</bdi></li>{% endfor %}</ul>{% endif %}"#,
    ext = "html"
)]
struct Preview {
    paths: Vec<String>,
    /// Why the template cannot be used.
    fault: Option<String>,
}

async fn preview(
    rooms: &Rooms,
    visitor: &Visitor,
    who: &SignedIn,
    template: &PathTemplate,
) -> Result<String, Response> {
    let wish = Wish { shelf: Shelf::All, limit: EXAMPLES, ..Wish::default() };
    let listed = rooms.catalog.listed(&who.viewer, &wish).await.map_err(not_now)?;
    let mut paths: Vec<String> = listed.items.iter().map(|item| place(rooms, template, item)).collect();
    if paths.is_empty() {
        let (owner, title) = (visitor.words.say("template-owner"), visitor.words.say("template-title"));
        let fields = Fields {
            owner: &owner,
            owner_id: "ou_84aad35d084aa403a838cf73ee18467",
            token: "obcnq3b9jl72l83w4f149w9c",
            title: &title,
            created_ms: Some(rooms.clock.now_ms()),
        };
        paths.push(rendered(rooms, template, &fields));
    }
    Ok(Preview { paths, fault: None }.render().unwrap_or_default())
}

fn place(rooms: &Rooms, template: &PathTemplate, item: &Item) -> String {
    let fields = Fields {
        owner: item.owner.as_deref().unwrap_or_default(),
        owner_id: item.owner_id.as_deref().unwrap_or_default(),
        token: item.minute_token.as_ref(),
        title: item.title.as_deref().unwrap_or_default(),
        created_ms: Some(item.made_ms),
    };
    rendered(rooms, template, &fields)
}

fn rendered(rooms: &Rooms, template: &PathTemplate, fields: &Fields<'_>) -> String {
    let stem = template.render(fields, &rooms.office.zone);
    format!("{}.mp4", stem.dir.join(stem.file_stem).display())
}

async fn backup(State(rooms): State<Rooms>, submitted: Submitted<Nothing>) -> Result<Response, Response> {
    let Submitted { who, .. } = administrators_only(submitted).map_err(Notice::into_response)?;
    rooms.record(&who.deed(Verb::Exported, "backup", None)).await?;
    let (backups, catalog, now_ms) =
        (rooms.office.backups.clone(), rooms.catalog.clone(), rooms.clock.now_ms());
    // It comes to its end whether or not the browser waits for it.
    match tokio::spawn(async move { backups.make(&catalog, now_ms).await }).await {
        Ok(Ok(_)) => Ok(rooms.back("/settings", "backed-up", 1)),
        failed => {
            error!(?failed, "a backup could not be made");
            Ok(rooms.back("/settings", "not-backed-up", 0))
        }
    }
}

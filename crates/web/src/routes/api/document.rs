//! `GET /api/v1/openapi.json`: what there is, made from the handlers.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi as Document, PathItem, Ref, ResponseBuilder, Server};
use utoipa::{OpenApi, ToSchema};

use super::{content, feed, recordings, search, service};
use crate::reading_room::ReadingRoom;

/// Why there is no answer.
#[derive(Serialize, ToSchema)]
pub(super) struct Fault {
    /// For programs, such as `not found`.
    error: String,
    /// For people: what happened, and what to do.
    message: String,
    /// Stands in the log, too.
    request_id: String,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "minutes-vault",
        description = "The company's archive of meeting recordings. Make a token at `/tokens` and send it as `Authorization: Bearer …`. A token is good for the scopes that it names (`recordings`, `content`, `service`), and never for more than its maker may see.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    paths(
        service::me,
        recordings::list,
        recordings::one,
        content::media,
        content::transcript,
        content::notes,
        search::search,
        service::status,
        service::members,
        service::audit,
        feed::feed,
    ),
    components(schemas(
        Fault,
        recordings::ShelfWord,
        recordings::KindWord,
        recordings::SortWord,
        recordings::OrderWord,
        recordings::VerbWord
    ))
)]
struct Api;

const SCHEME: &str = "token";
/// What every door may answer, whatever it is for.
const FAULTS: [(&str, &str); 5] = [
    ("400", "A parameter does not fit."),
    ("401", "No token, or none that is good."),
    ("403", "The token is not good for this, or its maker's role does not go so far."),
    ("429", "Too many requests with this token; wait a minute."),
    ("503", "The catalogue or the disk is in trouble; try later."),
];

pub(super) async fn document(State(room): State<ReadingRoom>) -> Json<Document> {
    Json(of(&room.site.path("/api/v1")))
}

fn of(base: &str) -> Document {
    let mut document = Api::openapi();
    document.servers = Some(vec![Server::new(base)]);
    let components = document.components.get_or_insert_default();
    let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    components.security_schemes.insert(SCHEME.to_owned(), scheme);
    document.security = Some(vec![SecurityRequirement::new(SCHEME, Vec::<String>::new())]);
    for item in document.paths.paths.values_mut() {
        tell_faults(item);
    }
    document
}

fn tell_faults(item: &mut PathItem) {
    let Some(operation) = &mut item.get else { return };
    for (status, why) in FAULTS {
        let body = ContentBuilder::new().schema(Some(Ref::from_schema_name("Fault"))).build();
        let response = ResponseBuilder::new().description(why).content("application/json", body).build();
        operation.responses.responses.entry(status.to_owned()).or_insert_with(|| response.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_door_is_in_the_document_and_tells_how_it_is_guarded() {
        let document = serde_json::to_value(of("/vault/api/v1")).unwrap();
        let paths = document["paths"].as_object().unwrap();
        assert_eq!(paths.len(), 11);
        assert_eq!(document["servers"][0]["url"], "/vault/api/v1");
        assert_eq!(document["security"][0], serde_json::json!({ "token": [] }));
        let text = document.to_string();
        for reference in text.split("#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next())
        {
            assert!(document["components"]["schemas"][reference].is_object(), "{reference} is not told of");
        }
        for (path, item) in paths {
            let responses = item["get"]["responses"].as_object().unwrap();
            assert!(FAULTS.iter().all(|(status, _)| responses.contains_key(*status)), "{path}");
            assert!(responses.contains_key("200"), "{path}");
        }
    }
}

//! The description of the API: an `OpenAPI` document made of handlers and types, and a page to read it.

use crate::{
    http::fallbacks::{method_not_allowed, not_found},
    rest_api,
    state::AppState,
};
use axum::{
    Router,
    http::{HeaderValue, StatusCode, header},
    middleware::map_response,
    response::{IntoResponse, Response},
};
use domain::ApiError;
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::{
    OpenApi, ToSchema,
    openapi::{
        Content, Header, Ref, RefOr, ResponseBuilder, Responses, SecurityRequirement,
        path::{Operation, PathItem},
        schema::{Object, Type},
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::{Config, SwaggerUi};

/// Where the document is served.
const DOCUMENT_PATH: &str = "/api/openapi.json";
/// Where it can be read and tried.
const READER_PATH: &str = "/api/docs";
/// What the reader may load: files of this server, pictures that are part of its style sheet, and the one style that its
/// script adds to the page (the hash is that of Swagger UI's bundle; a browser test notices another).
const READER_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='; img-src 'self' data:; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);
/// The name of the security scheme.
const TOKEN: &str = "token";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Gavel",
        description = "Bids, live rankings and results of campaigns in which a limited stock is sold to the best bids.\n\n\
            `detail` of an error is for people, and its wording may change; `code` is for programs, and stays. Clients \
            ignore fields that they do not know. 429 and 503 say when to try again. Sending a bid again is always safe. \
            The guide to the API and to its websocket is `docs/api.md` of Gavel's source."
    ),
    components(schemas(ApiError)),
    tags(
        (name = "Accounts", description = "Accounts, sessions and passwords."),
        (name = "Products", description = "What is sold."),
        (name = "Campaigns", description = "Sales of a product between a start and an end."),
        (name = "Bids", description = "One's own bids."),
        (name = "Rankings", description = "Who is ahead."),
        (name = "Orders", description = "What was won."),
    )
)]
struct Info;

/// The API's routes and, generated from them, its document and the reader.
pub fn router() -> Router<AppState> {
    let (api, document) = described_api();
    let reader: Router<AppState> =
        SwaggerUi::new(READER_PATH).config(Config::default().validator_url("none")).url(DOCUMENT_PATH, document).into();
    let reader = reader
        .layer(map_response(no_plain_not_found))
        .layer(SetResponseHeaderLayer::overriding(header::CONTENT_SECURITY_POLICY, READER_POLICY));
    api.method_not_allowed_fallback(method_not_allowed).merge(reader)
}

/// The document.
pub fn document() -> utoipa::openapi::OpenApi {
    described_api().1
}

fn described_api() -> (Router<AppState>, utoipa::openapi::OpenApi) {
    let (api, mut document) =
        OpenApiRouter::with_openapi(Info::openapi()).nest("/api/v1", rest_api::router()).split_for_parts();
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("`access_token` of a sign-in."));
    if let Some(components) = &mut document.components {
        components.add_security_scheme(TOKEN, SecurityScheme::Http(scheme.build()));
    }
    document.paths.paths.values_mut().flat_map(operations).for_each(add_common_responses);
    (api, document)
}

fn operations(path: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut path.get, &mut path.post, &mut path.put, &mut path.patch, &mut path.delete].into_iter().flatten()
}

/// Adds the errors that follow from what an operation needs and takes, and the body that all errors have.
fn add_common_responses(operation: &mut Operation) {
    let needs = |role: &[&str]| {
        let requirement = SecurityRequirement::new(TOKEN, role.iter().copied());
        operation.security.as_ref().is_some_and(|security| *security == [requirement])
    };
    let (for_admins, for_users) = (needs(&["admin"]), needs(&[]));
    let has_body = operation.request_body.is_some();
    let has_input = has_body || operation.parameters.is_some();
    for (is_possible, status, codes) in [
        (for_users || for_admins, StatusCode::UNAUTHORIZED, "`NOT_AUTHENTICATED`, `INVALID_TOKEN`"),
        (for_users, StatusCode::FORBIDDEN, "`ACCOUNT_INACTIVE`, `INSUFFICIENT_SCOPE`"),
        (for_admins, StatusCode::FORBIDDEN, "`ACCOUNT_INACTIVE`, `INSUFFICIENT_SCOPE`, `ADMIN_REQUIRED`"),
        (has_body, StatusCode::PAYLOAD_TOO_LARGE, "`PAYLOAD_TOO_LARGE`"),
        (has_input, StatusCode::UNPROCESSABLE_ENTITY, "`VALIDATION`"),
        (true, StatusCode::TOO_MANY_REQUESTS, "`RATE_LIMITED`"),
        (true, StatusCode::INTERNAL_SERVER_ERROR, "`INTERNAL`"),
        (true, StatusCode::SERVICE_UNAVAILABLE, "`OVERLOADED`, `UNAVAILABLE`"),
    ] {
        if is_possible {
            add_codes(&mut operation.responses, status, codes);
        }
    }
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response
            && status.as_str() >= "400"
        {
            let body = Ref::from_schema_name(ApiError::name());
            response.content.insert("application/json".to_owned(), RefOr::T(Content::new(Some(body))));
            if matches!(status.as_str(), "429" | "503") {
                let mut seconds = Header::new(Object::with_type(Type::Integer));
                seconds.description = Some("Seconds after which to try again.".to_owned());
                response.headers.insert(header::RETRY_AFTER.as_str().to_owned(), RefOr::T(seconds));
            }
        }
    }
}

/// Adds error codes to a status, which the operation may have for other reasons already.
fn add_codes(responses: &mut Responses, status: StatusCode, codes: &str) {
    let response = responses.responses.entry(status.as_str().to_owned());
    match response.or_insert_with(|| RefOr::T(ResponseBuilder::new().build())) {
        RefOr::T(response) if response.description.is_empty() => codes.clone_into(&mut response.description),
        RefOr::T(response) => response.description = format!("{}, {codes}", response.description),
        RefOr::Ref(_) => {}
    }
}

/// Files that the reader does not have are answered as all unknown addresses are.
async fn no_plain_not_found(response: Response) -> Response {
    if response.status() == StatusCode::NOT_FOUND { not_found().await.into_response() } else { response }
}

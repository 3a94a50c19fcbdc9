//! `ETag` and `If-Match`: an edit is refused if the resource has changed since its client read it.

use axum::{
    Json,
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use engine::{EditPrecondition, entity_tag};
use http::{HeaderValue, header, request::Parts};
use serde::Serialize;
use std::convert::Infallible;
use utoipa::IntoParams;

/// The resource that a client may edit, as JSON, with its entity tag.
pub struct Tagged<T>(pub T);

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        TaggedBy(&entity_tag(&self.0), self.0).into_response()
    }
}

/// JSON with the entity tag of the resource in it, where the answer has more than can be edited.
pub struct TaggedBy<'a, T>(pub &'a str, pub T);

impl<T: Serialize> IntoResponse for TaggedBy<'_, T> {
    fn into_response(self) -> Response {
        let mut response = Json(self.1).into_response();
        if let Ok(tag) = HeaderValue::try_from(format!("\"{}\"", self.0)) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}

/// What [`IfMatch`] reads, for the description of the API.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header; nothing is read into it")]
pub struct IfMatchParam {
    /// An `ETag` of the resource: the edit is refused if it has changed since.
    #[param(rename = "If-Match")]
    if_match: Option<String>,
}

/// The precondition in a request's `If-Match`; none without it, and with `*`.
pub struct IfMatch(pub EditPrecondition);

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let values = parts.headers.get_all(header::IF_MATCH).iter();
        if parts.headers.get(header::IF_MATCH).is_none() {
            return Ok(Self(EditPrecondition::NONE));
        }
        let tags = values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
        // What is no tag matches nothing.
        let tags: Vec<String> = tags.map(|tag| tag.trim().trim_matches('"').to_owned()).collect();
        let is_any = tags.iter().any(|tag| tag == "*");
        Ok(Self(if is_any { EditPrecondition::NONE } else { EditPrecondition::any_of(tags) }))
    }
}

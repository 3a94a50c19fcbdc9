//! `ETag`, `If-Match` and `If-None-Match`: an edit is refused if the resource has changed since its client read it, and what
//! a client has already is not sent again.

use axum::{
    Json,
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use engine::{EditPrecondition, entity_tag};
use http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts};
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
        if parts.headers.get(header::IF_MATCH).is_none() {
            return Ok(Self(EditPrecondition::NONE));
        }
        // What is no tag matches nothing.
        let tags = tags(&parts.headers, &header::IF_MATCH);
        let is_any = tags.iter().any(|tag| tag == "*");
        Ok(Self(if is_any { EditPrecondition::NONE } else { EditPrecondition::any_of(tags) }))
    }
}

/// What [`IfNoneMatch`] reads, for the description of the API.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header; nothing is read into it")]
pub struct IfNoneMatchParam {
    /// The `ETag` of what you have: 304 without a body if it is still the same.
    #[param(rename = "If-None-Match")]
    if_none_match: Option<String>,
}

/// The entity tags in a request's `If-None-Match`: what its client has already.
pub struct IfNoneMatch(Vec<String>);

impl IfNoneMatch {
    /// The answer with its tag, or 304 if the client has it. The tag is a weak one: it stands for what matters of the answer,
    /// not for every byte.
    pub fn answer(&self, tag: &str, body: impl Serialize) -> Response {
        let has_it = self.0.iter().any(|known| known == tag || known == "*");
        let mut response = if has_it { StatusCode::NOT_MODIFIED.into_response() } else { Json(body).into_response() };
        if let Ok(tag) = HeaderValue::try_from(format!("W/\"{tag}\"")) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}

impl<S: Sync> FromRequestParts<S> for IfNoneMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(tags(&parts.headers, &header::IF_NONE_MATCH)))
    }
}

/// The entity tags in a header, without quotes and the mark of weak ones.
fn tags(headers: &HeaderMap, name: &header::HeaderName) -> Vec<String> {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    let tags = values.flat_map(|value| value.split(','));
    tags.map(|tag| tag.trim().trim_start_matches("W/").trim_matches('"').to_owned()).collect()
}

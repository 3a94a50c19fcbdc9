//! The extractor for bodies of requests that create something and may carry an `Idempotency-Key`.

use super::{
    error_response::ErrorResponse,
    json_body::{parse_body, read_body},
};
use axum::extract::{FromRequest, Request};
use domain::ApiError;
use engine::IdempotencyKey;
use http::HeaderName;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

/// The header with the client's key.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The header, for the description of the API.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header; nothing is read into it")]
pub struct IdempotencyKeyParam {
    /// A name of the client's for this request: sent again under it within a day, it creates nothing more.
    #[param(rename = "Idempotency-Key", min_length = 1, max_length = 255)]
    idempotency_key: Option<String>,
}

/// A body that is one JSON object, and the request's idempotency key if it has one.
pub struct IdempotentBody<T> {
    /// The body.
    pub body: T,
    /// The key, and what it was used for.
    pub key: Option<IdempotencyKey>,
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for IdempotentBody<T> {
    type Rejection = ErrorResponse;

    async fn from_request(request: Request, _: &S) -> Result<Self, ErrorResponse> {
        let path = request.uri().path().to_owned();
        let keys: Vec<_> = request.headers().get_all(IDEMPOTENCY_KEY).iter().cloned().collect();
        let bytes = read_body(request).await?;
        let body = parse_body(&bytes)?;
        let key = match keys.as_slice() {
            [key] => key.to_str().ok().and_then(|key| IdempotencyKey::new(key, &path, &bytes)),
            _ => None,
        };
        if key.is_none() && !keys.is_empty() {
            let message = "must be 1 to 255 printable ASCII characters";
            return Err(ErrorResponse(ApiError::field("Idempotency-Key", message)));
        }
        Ok(Self { body, key })
    }
}

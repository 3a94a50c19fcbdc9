//! The time limit of every response.

use super::error_response::ErrorResponse;
use axum::response::{IntoResponse, Response};
use domain::ErrorCode;
use std::time::Duration;

/// How long a handler may take until its response begins.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(30);

/// The handler's response, or `UNAVAILABLE` if it takes too long; the handler is dropped then.
pub async fn respond_in_time(response: impl Future<Output = Response>) -> Response {
    tokio::time::timeout(RESPONSE_TIMEOUT, response).await.unwrap_or_else(|_| {
        ErrorResponse::new(ErrorCode::Unavailable, "The server took too long; please try again.").into_response()
    })
}

//! Handlers for requests that match no route.

use super::error_response::ErrorResponse;
use domain::ErrorCode;

/// 404: no route has this path.
pub async fn not_found() -> ErrorResponse {
    ErrorResponse::new(ErrorCode::NotFound, "There is nothing at this address.")
}

/// 405: a route has this path, but not with this method.
pub async fn method_not_allowed() -> ErrorResponse {
    ErrorResponse::new(ErrorCode::MethodNotAllowed, "This address does not support that method.")
}

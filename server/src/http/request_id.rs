//! The id of a request, which its response repeats and its log lines carry.

use axum::{extract::Request, middleware::Next, response::Response};
use http::HeaderName;

/// The header of the id.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Characters of an id, at most: a UUID has 36.
const CHARS_MAX: usize = 128;

/// Middleware that drops an id that is too long or not of printable ASCII characters. The request then gets one of ours.
pub async fn drop_unusable_request_id(mut request: Request, next: Next) -> Response {
    let is_usable = request.headers().get(REQUEST_ID).is_none_or(|id| {
        let bytes = id.as_bytes();
        (1..=CHARS_MAX).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic)
    });
    if !is_usable {
        request.headers_mut().remove(REQUEST_ID);
    }
    next.run(request).await
}

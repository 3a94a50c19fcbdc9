//! The size limit of request bodies, checked against their announced length. Bodies that do not announce it are cut off
//! while they are read, by the router's `RequestBodyLimitLayer` and by `JsonBody`.

use super::{error_response::ErrorResponse, page_forms::is_page_form};
use domain::{
    ErrorCode,
    limits::{BODY_BYTES_MAX, FORM_BYTES_MAX},
};
use http::{HeaderMap, header, request::Parts};

/// Refuses a request whose `Content-Length` is over the limit, before its body is read. Forms of pages may be larger
/// than API requests.
pub fn check_content_length(request: &Parts) -> Result<(), ErrorResponse> {
    let bytes_max = if is_page_form(request) { FORM_BYTES_MAX } else { BODY_BYTES_MAX };
    if content_length(&request.headers).is_some_and(|length| length > bytes_max as u64) {
        return Err(ErrorResponse::new(ErrorCode::PayloadTooLarge, "The body is too large."));
    }
    Ok(())
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

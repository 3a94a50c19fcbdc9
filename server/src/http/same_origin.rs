//! Protection against requests that other sites make in a visitor's name.

use super::error_response::ErrorResponse;
use crate::config::ServerConfig;
use domain::ErrorCode;
use http::{HeaderMap, Uri, header};

/// Refuses a request that does not come from a page of this server.
pub fn require_same_origin(headers: &HeaderMap, config: &ServerConfig) -> Result<(), ErrorResponse> {
    if is_same_origin(headers, config) {
        Ok(())
    } else {
        Err(ErrorResponse::new(ErrorCode::CrossOrigin, "This request came from another site."))
    }
}

/// Whether the `Origin` header names this server: its authority equals the `Host` header, or it is one of the
/// configured public origins. A request without the header counts as foreign: browsers send it with every unsafe
/// request and every websocket handshake.
fn is_same_origin(headers: &HeaderMap, config: &ServerConfig) -> bool {
    let Some(origin) = headers.get(header::ORIGIN).and_then(|value| value.to_str().ok()) else { return false };
    if config.public_origins.iter().any(|public| public.trim_end_matches('/') == origin) {
        return true;
    }
    let authority = origin.parse::<Uri>().ok().and_then(|uri| uri.authority().map(ToString::to_string));
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    matches!((authority, host), (Some(authority), Some(host)) if authority.eq_ignore_ascii_case(host))
}

//! Protection against requests that other sites make in a visitor's name.

use super::error_response::ErrorResponse;
use crate::config::ServerConfig;
use domain::ErrorCode;
use http::{HeaderMap, Uri, header, uri::Scheme};

/// Refuses a request that does not come from a page of this server.
pub fn require_same_origin(headers: &HeaderMap, config: &ServerConfig) -> Result<(), ErrorResponse> {
    if is_same_origin(headers, config) {
        Ok(())
    } else {
        Err(ErrorResponse::new(ErrorCode::CrossOrigin, "This request came from another site."))
    }
}

/// Whether the `Origin` header names this server: its authority equals the `Host` header, and it is of HTTPS where cookies
/// are, or it is one of the configured public origins. A request without the header counts as foreign: browsers send it with
/// every unsafe request and every websocket handshake.
fn is_same_origin(headers: &HeaderMap, config: &ServerConfig) -> bool {
    let Some(origin) = headers.get(header::ORIGIN).and_then(|value| value.to_str().ok()) else { return false };
    if config.public_origins.iter().any(|public| public.trim_end_matches('/') == origin) {
        return true;
    }
    let Ok(origin) = origin.parse::<Uri>() else { return false };
    // Whoever can change a page of this host that is not encrypted must not act on the encrypted ones.
    let is_encrypted = origin.scheme() == Some(&Scheme::HTTPS);
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    let is_same_host = origin.authority().zip(host).is_some_and(|(own, host)| own.as_str().eq_ignore_ascii_case(host));
    is_same_host && (is_encrypted || !config.secure_cookies())
}

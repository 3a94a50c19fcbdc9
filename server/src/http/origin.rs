//! Where a browser's request comes from.

use crate::config::ServerConfig;
use http::{HeaderMap, Uri, header};

/// Whether the request's `Origin` is this server: its authority is the `Host` the server was
/// called by, or it is one of the configured public origins. A missing `Origin` is not ours:
/// browsers send one with every unsafe request and every websocket.
pub fn is_same_origin(headers: &HeaderMap, config: &ServerConfig) -> bool {
    let Some(origin) = headers.get(header::ORIGIN).and_then(|value| value.to_str().ok()) else { return false };
    if config.public_origins.iter().any(|public| public.trim_end_matches('/') == origin) {
        return true;
    }
    let authority = origin.parse::<Uri>().ok().and_then(|uri| uri.authority().map(ToString::to_string));
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    matches!((authority, host), (Some(authority), Some(host)) if authority.eq_ignore_ascii_case(host))
}

//! What a client says it is.

use http::{HeaderMap, header};

/// The `User-Agent` header; empty without one, or if it is not ASCII.
pub fn user_agent(headers: &HeaderMap) -> &str {
    headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

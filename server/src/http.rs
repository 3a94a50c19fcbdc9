//! Building blocks of request handling: the checks before every handler, extractors for handlers' inputs, and how
//! errors become responses.

pub mod api_key_scopes;
pub mod authentication;
pub mod body_limit;
pub mod client_address;
pub mod connection_limits;
pub mod entity_tags;
pub mod error_response;
pub mod fallbacks;
pub mod idempotent_body;
pub mod json_body;
pub mod page_forms;
pub mod request_checks;
pub mod request_id;
pub mod request_metrics;
pub mod request_target;
pub mod response_timeout;
pub mod same_origin;
pub mod security_headers;
pub mod sign_in_requests;
pub mod url_params;

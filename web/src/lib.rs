//! What the REST API, the websocket and the pages share at the edge of HTTP: cookies, sessions, and the errors of the
//! engine on their way out.

pub mod client_network;
pub mod cookie_headers;
pub mod engine_error;
mod http_status;
pub mod session_cookies;
pub mod user_agent;

pub use http_status::status_of;

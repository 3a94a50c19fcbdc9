//! Test support: servers on free ports, clients that check the conventions of every response, websockets and a
//! browser's requests.

mod browser;
mod client;
mod deadline;
mod mail_server;
mod test_server;
mod websocket;

pub use browser::{FORM, follow_redirect, hidden_field, open_page, submit_and_follow, submit_form};
pub use client::{Member, Response, assert_has_fields, column, send};
pub use deadline::read_to_end;
pub use mail_server::MailServer;
pub use test_server::{Endpoint, Server, ServerProcess, config, serve_arguments};

/// An id that nothing has.
pub const UNKNOWN_ID: &str = "00000000-0000-7000-8000-000000000000";

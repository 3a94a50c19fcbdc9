//! Gavel's pages, islands and server functions.
//!
//! Pages are HTML from the server (feature `ssr`) and work as they are, forms included. Only what
//! lives in the browser is an island (feature `hydrate`): its code is all that is compiled to WASM.
//! The two features exclude each other, and one of them is on.
//!
//! - [`pages`]: one file per page; `shell` is the document around them, `routes` their addresses.
//! - [`islands`]: the live campaign, and the lists of campaigns that refresh by themselves.
//! - [`campaign_model`]: what a live campaign's page knows, without a browser, so that it can be tested.
//! - [`server_fns`]: what the forms post to.
//! - [`saved_form`]: forms stored on the way back to their page.
//! - [`form_user`]: the user a form was rendered for.
//! - [`session`]: the session cookie; the REST API uses it too.

// Islands and components nest generic views deeply.
#![recursion_limit = "1024"]

pub mod campaign_model;
#[cfg(feature = "ssr")]
mod chart;
#[cfg(feature = "ssr")]
mod components;
#[cfg(feature = "ssr")]
pub mod cookies;
#[cfg(feature = "ssr")]
mod error_response;
#[cfg(feature = "ssr")]
pub mod form_input;
pub mod format;
pub mod i18n;
#[cfg(any(feature = "ssr", feature = "hydrate"))]
pub mod islands;
pub mod lang;
#[cfg(feature = "ssr")]
mod layout;
#[cfg(feature = "ssr")]
mod page_context;
#[cfg(feature = "ssr")]
mod page_url;
#[cfg(feature = "ssr")]
#[expect(missing_docs, reason = "the macro makes structs of the functions' arguments; the forms document them")]
pub mod server_fns;

#[cfg(feature = "ssr")]
mod fault;
#[cfg(feature = "ssr")]
pub mod form_user;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
mod routes;
#[cfg(feature = "ssr")]
pub mod saved_form;
#[cfg(feature = "ssr")]
pub mod session;
#[cfg(feature = "ssr")]
mod shell;
#[cfg(feature = "ssr")]
mod theme;

#[cfg(feature = "ssr")]
pub use error_response::refused_form_url;
#[cfg(feature = "ssr")]
pub use routes::App;
#[cfg(feature = "ssr")]
pub use shell::shell;

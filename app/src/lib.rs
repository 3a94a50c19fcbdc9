//! Gavel's pages, islands and server functions.
//!
//! Pages are HTML from the server (feature `ssr`) and work without scripts, forms included. Only islands run in the browser
//! (feature `hydrate`), and only their code is compiled to WASM. Exactly one of the two features is on.
//!
//! - [`pages`]: one file per page, made of `components`; `layout` is around every page, `shell` is the HTML document, and
//!   `routes` has the paths.
//! - [`islands`]: the live campaign, and the lists of campaigns that refresh themselves.
//! - [`campaign_model`]: what a live campaign's page knows, without a browser, so that it can be tested.
//! - [`server_fns`]: the server functions that forms post to and islands call, and [`form_input`], the parsing of what
//!   they are sent.
//! - [`post_redirect_get`]: every POST is answered by a redirect; a form that goes back to its page is stored on the way.
//! - [`rendered_for_user`]: the user a form was rendered for.
//!
//! Cookies, sessions and the status of errors are shared with the REST API, in the crate `web`.

// Islands and components are deeply nested generic views.
#![recursion_limit = "1024"]

#[cfg(feature = "ssr")]
mod campaign_chart;
pub mod campaign_model;
#[cfg(feature = "ssr")]
mod carried;
#[cfg(feature = "ssr")]
mod chart;
#[cfg(feature = "ssr")]
mod components;
#[cfg(feature = "ssr")]
mod deed;
#[cfg(feature = "ssr")]
mod emails;
#[cfg(feature = "ssr")]
pub mod form_input;
#[cfg(feature = "ssr")]
mod form_or_script_response;
pub mod format;
pub mod i18n;
#[cfg(any(feature = "ssr", feature = "hydrate"))]
pub mod islands;
#[cfg(feature = "hydrate")]
pub mod json_decoder;
pub mod lang;
#[cfg(feature = "ssr")]
mod layout;
#[cfg(feature = "ssr")]
mod page_context;
#[cfg(feature = "ssr")]
mod page_url;
#[cfg(any(feature = "ssr", feature = "hydrate"))]
#[expect(missing_docs, reason = "the macro makes structs of the functions' arguments; the forms document them")]
pub mod server_fns;

#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod post_redirect_get;
#[cfg(feature = "ssr")]
pub mod rendered_for_user;
#[cfg(feature = "ssr")]
mod routes;
#[cfg(feature = "ssr")]
mod shell;
#[cfg(feature = "ssr")]
mod theme;

#[cfg(feature = "ssr")]
pub use campaign_chart::campaign_chart;
#[cfg(feature = "ssr")]
pub use form_or_script_response::refused_form_url;
#[cfg(feature = "ssr")]
pub use routes::App;
#[cfg(feature = "ssr")]
pub use shell::shell;

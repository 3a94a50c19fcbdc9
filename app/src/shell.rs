//! The HTML document around every page.

mod content_security_policy;
mod island_loader;

use crate::{lang::Lang, routes::App, theme::Theme};
use content_security_policy::set_content_security_policy;
use http::request::Parts;
use leptos::{config::LeptosOptions, nonce::use_nonce, prelude::*};
use leptos_meta::{HashedStylesheet, MetaTags};

/// Runs before the islands' code has loaded. It is small and inline, so it costs no round trip.
const PAGE_SCRIPT: &str = include_str!("shell/page_enhancements.js");
/// Notices when the browser's session is no longer the one the page was rendered for.
const SESSION_SCRIPT: &str = include_str!("shell/session_watch.js");

/// The whole HTML document; the router renders the page inside.
pub fn shell(options: &LeptosOptions) -> impl IntoView + use<> {
    let parts = use_context::<Parts>();
    let lang = parts.as_ref().map(|parts| Lang::of_headers(&parts.headers)).unwrap_or_default();
    let theme = parts.map(|parts| Theme::of_headers(&parts.headers)).unwrap_or_default();
    set_content_security_policy();
    let islands = island_loader::loader_script(options, lang);
    view! {
        <!DOCTYPE html>
        <html lang=lang.tag() data-theme=theme.attribute()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content" />
                <meta name="color-scheme" content=theme.color_scheme() />
                <link rel="icon" type="image/svg+xml" href="/favicon.svg" />
                <HashedStylesheet options=options.clone() id="gavel" />
                <MetaTags />
            </head>
            <body>
                <App />
                <script nonce=use_nonce() inner_html=PAGE_SCRIPT></script>
                <script nonce=use_nonce() inner_html=SESSION_SCRIPT></script>
                {islands}
            </body>
        </html>
    }
}

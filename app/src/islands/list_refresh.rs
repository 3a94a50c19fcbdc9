//! Refreshes the lists of campaigns.
//!
//! A list is plain HTML from the server. The island fetches the page again and updates the list on the screen to match, so
//! that only the server renders lists. It reads these attributes:
//!
//! - `data-until`: the element's text is a countdown to this time;
//! - `data-refresh-at`: the row, and with it the list, is outdated from this time on; it then gets `data-outdated`;
//! - `data-feed`: events of this campaign's feed mean that the list has changed;
//! - `data-has-bid`: this feed comes first if there are too many;
//! - `data-outbid`: the announcement for a row that was not outbid before;
//! - `data-ended` and `data-cancelled`: the announcements for a row that leaves the list;
//! - `id`: identifies a section or row wherever it moves.

#[cfg(feature = "hydrate")]
mod feeds;
#[cfg(feature = "hydrate")]
mod morph;
#[cfg(any(test, feature = "hydrate"))]
mod schedule;
mod state_element;
#[cfg(feature = "hydrate")]
mod watch;

#[cfg(feature = "ssr")]
use crate::lang::Lang;
#[cfg(feature = "ssr")]
use domain::UserId;
#[cfg(feature = "ssr")]
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use state_element::STATE_ELEMENT;

/// Keeps the list `#campaigns` of the page up to date, including its countdowns.
#[cfg(feature = "ssr")]
#[component]
pub(crate) fn ListRefresh(
    /// The server's clock when the page was rendered, in milliseconds since the Unix epoch.
    now_ms: i64,
    /// The page's language.
    lang: Lang,
    /// The user the page was rendered for: another user's list must not be shown in it.
    reader: Option<UserId>,
) -> impl IntoView {
    // Rendered from the start: screen readers do not announce a live region that appears together with its text.
    view! {
        <div
            id=STATE_ELEMENT
            data-now=now_ms.to_string()
            data-days-unit=lang.island_messages().days_unit
            data-reader=reader.map(|reader| reader.to_string())
        >
            <div role="status">
                <p class="notice info" data-news></p>
            </div>
            <div class="toasts" role="status">
                <p class="notice" data-late hidden>
                    {lang.page_messages().list_late}
                </p>
            </div>
        </div>
        <div data-island="list_refresh" hidden></div>
    }
}

/// Refreshes the list for as long as the page is open. `host` stays empty: the list is the server's HTML.
#[cfg(feature = "hydrate")]
pub fn mount(host: web_sys::HtmlElement) {
    leptos::mount::mount_to(host, watch::watch).forget();
}

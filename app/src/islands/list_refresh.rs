//! Lists of campaigns that refresh by themselves.
//!
//! A list is plain HTML from the server. The island fetches the page's own address again and brings
//! the list on the screen to what came, so that a list is made in one place only. Marks in the list
//! tell what the island needs to know:
//!
//! - `data-until`: a time whose countdown is the text;
//! - `data-refresh-at`: a time from which the list is out of date;
//! - `data-feed`: a campaign whose live feed tells that the list has changed;
//! - `data-outbid`: what to say when this row was not outbid before;
//! - `id`: which section or row this is, wherever it goes.

#[cfg(feature = "hydrate")]
mod feeds;
#[cfg(feature = "hydrate")]
mod morph;
#[cfg(any(test, feature = "hydrate"))]
mod schedule;
#[cfg(feature = "hydrate")]
mod watch;

#[cfg(feature = "ssr")]
use crate::lang::Lang;
#[cfg(feature = "ssr")]
use domain::UserId;
#[cfg(feature = "ssr")]
use leptos::prelude::*;

/// The element that tells the island its start, and shows what it has to say.
const STATE_ELEMENT: &str = "list-refresh";

/// Keeps the list `#campaigns` of the same page up to date, its countdowns included.
#[cfg(feature = "ssr")]
#[component]
pub(crate) fn ListRefresh(
    /// The server's clock when the page was made, in milliseconds since the Unix epoch.
    now_ms: i64,
    /// The page's language.
    lang: Lang,
    /// Whose page it is: a list of somebody else does not belong in it.
    reader: Option<UserId>,
) -> impl IntoView {
    // The regions are there from the start: readers do not announce regions that come with their text.
    view! {
        <div
            id=STATE_ELEMENT
            class="toasts"
            data-now=now_ms.to_string()
            data-days-unit=lang.live_messages().days_unit
            data-reader=reader.map(|reader| reader.to_string())
        >
            <div role="status">
                <p class="notice" data-late hidden>
                    {lang.page_messages().list_late}
                </p>
            </div>
            <p class="visually-hidden" role="status" data-news></p>
        </div>
        <div data-island="list_refresh" hidden></div>
    }
}

/// Keeps the list going for as long as the page is open. There is nothing to see in `host`: the list is
/// the server's, and stays so.
#[cfg(feature = "hydrate")]
pub fn mount(host: web_sys::HtmlElement) {
    leptos::mount::mount_to(host, watch::watch).forget();
}

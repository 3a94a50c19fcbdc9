//! The product beside the live campaign: the server's elements, which an edit replaces.

use crate::islands::browser::{fetch_page, localise_times};
use leptos::prelude::document;
use web_sys::Element;

/// What is taken from the page as it is now: the heading, and what the campaign sells.
const PARTS: [&str; 2] = ["main > h1", "#product"];

/// Shows the product as it is now. Where the page cannot be had, it stays as it was.
pub(super) async fn refresh() {
    let Some(page) = fetch_page().await else { return };
    for part in PARTS {
        let (Ok(Some(old)), Ok(Some(fresh))) = (document().query_selector(part), page.query_selector(part)) else {
            continue;
        };
        keep_open(&old, &fresh);
        // An element that is on no page has nothing to be replaced.
        let _ = old.replace_with_with_node_1(&fresh);
    }
    localise_times();
}

/// Details that the reader has opened stay open.
fn keep_open(old: &Element, fresh: &Element) {
    if let (Ok(Some(_)), Ok(Some(details))) = (old.query_selector("details[open]"), fresh.query_selector("details")) {
        let _ = details.set_attribute("open", "");
    }
}

//! Refreshes the product beside the live campaign after an edit. It is the server's HTML, not part of the island.

use crate::islands::browser::{fetch_page, localise_times};
use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDetailsElement};

/// The selectors of what is replaced: the heading and the product.
const PARTS: [&str; 2] = ["main > h1", "#product"];

/// Fetches the page again and replaces the product; if that fails, it stays as it was.
pub(super) async fn refresh() {
    let Some(page) = fetch_page().await else { return };
    for part in PARTS {
        let (Ok(Some(old)), Ok(Some(fresh))) = (document().query_selector(part), page.query_selector(part)) else {
            continue;
        };
        keep_open(&old, &fresh);
        // It cannot fail: `old` is in the document.
        let _ = old.replace_with_with_node_1(&fresh);
    }
    localise_times();
}

/// Keeps details open, or closed, as the reader has left them.
fn keep_open(old: &Element, fresh: &Element) {
    let details = |product: &Element| product.query_selector_all("details").ok();
    let (Some(old), Some(fresh)) = (details(old), details(fresh)) else { return };
    for index in 0..fresh.length().min(old.length()) {
        let (Some(old), Some(fresh)) = (old.item(index), fresh.item(index)) else { continue };
        let (old, fresh): (HtmlDetailsElement, HtmlDetailsElement) = (old.unchecked_into(), fresh.unchecked_into());
        fresh.set_open(old.open());
    }
}

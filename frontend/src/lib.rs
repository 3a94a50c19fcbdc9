//! The browser's entry point: hydrates the islands of `app` and nothing else.

// Without a mention the linker drops the crate, and its islands with it.
use app as _;
use leptos::prelude::{document, set_timeout};
use std::time::Duration;
use wasm_bindgen::prelude::wasm_bindgen;

/// Brings the page's islands to life. The script in the page calls it.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
    // The script hydrates the islands one by one right after this call, in microtasks. A timer
    // comes after all of them: from this mark on the page answers, which tests wait for.
    set_timeout(mark_hydrated, Duration::ZERO);
}

fn mark_hydrated() {
    if let Some(root) = document().document_element() {
        // Nothing depends on it but tests.
        let _ = root.set_attribute("data-hydrated", "true");
    }
}

//! The browser's entry point: hydrates the islands of `app` and nothing else.

// Without a mention the linker drops the crate, and its islands with it.
use app as _;
use wasm_bindgen::prelude::wasm_bindgen;

/// Gets ready for islands. The script in the page calls it, and then each island.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
}

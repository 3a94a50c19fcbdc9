//! The browser's entry point: the islands of `app`, by their names, and nothing else.

use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::HtmlElement;

/// Runs when the code has been loaded, before any island.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
}

/// Brings a live campaign to life in an empty host.
#[wasm_bindgen]
pub fn campaign(host: HtmlElement) {
    app::islands::mount_campaign(host);
}

/// Brings a list that refreshes by itself to life.
#[wasm_bindgen]
pub fn list_refresh(host: HtmlElement) {
    app::islands::mount_list_refresh(host);
}

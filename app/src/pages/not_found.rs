//! The page for addresses that lead nowhere.

use crate::layout::render_page;
use domain::ErrorCode;
use http::StatusCode;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

/// `404 Not Found`.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    // At once, for this page is not always waited for like those with a route.
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(StatusCode::NOT_FOUND);
    }
    render_page(|_| async { Err(ErrorCode::NotFound.into()) })
}

//! The page for unknown paths.

use crate::layout::render_page;
use domain::ErrorCode;
use http::StatusCode;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

/// `404 Not Found`.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    // Set at once: unlike pages with a route, this one may be streamed before it is complete.
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(StatusCode::NOT_FOUND);
    }
    render_page(|_| async { Err(ErrorCode::NotFound.into()) })
}

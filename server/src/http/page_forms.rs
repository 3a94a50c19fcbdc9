//! Requests that are posted by the forms of pages. When one is refused, the browser is sent back to the page of the
//! form.

use super::error_response::ErrorResponse;
use axum::response::{IntoResponse, Redirect, Response};
use http::{Method, request::Parts};

/// Path of the server functions, to which most forms are posted.
const SERVER_FUNCTIONS_PATH: &str = "/api/ui/";
/// Path of the admin pages, to which admins' forms are posted for review.
const ADMIN_PAGES_PATH: &str = "/admin/";

/// Whether a request calls a server function.
pub fn calls_server_function(request: &Parts) -> bool {
    request.uri.path().starts_with(SERVER_FUNCTIONS_PATH)
}

/// Whether a request is posted by a form of a page, or by a script in its place.
pub fn is_page_form(request: &Parts) -> bool {
    request.method == Method::POST
        && (calls_server_function(request) || request.uri.path().starts_with(ADMIN_PAGES_PATH))
}

/// The response to a refused request: a plain HTML form is redirected to its page, which shows the error; anything else
/// gets the error itself.
pub fn refuse(request: &Parts, error: ErrorResponse) -> Response {
    match is_page_form(request).then(|| app::refused_form_url(&request.headers, &error.0)).flatten() {
        Some(url) => {
            error.count();
            Redirect::to(&url).into_response()
        }
        None => error.into_response(),
    }
}

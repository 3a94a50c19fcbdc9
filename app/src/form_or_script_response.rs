//! How an error is answered: a script gets it with its status, a plain form is redirected to its page.
//!
//! The redirect's query holds codes and field names, never sentences, so that a crafted link cannot put words on our
//! pages.

use crate::page_url::{self, local_path};
use domain::ApiError;
use http::{HeaderMap, HeaderValue, Uri, header, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use web::status_of;

/// Sets the response's status when the framework could not decode a server function's input. A plain form is
/// redirected instead, and keeps the status of that.
pub(crate) fn set_malformed_input_status(error: &ApiError) {
    let plain_form = use_context::<Parts>().is_some_and(|parts| is_plain_form(&parts.headers));
    if let (false, Some(response)) = (plain_form, use_context::<ResponseOptions>()) {
        set_status(&response, error);
    }
}

/// Sets the status of an error and, where it says when to retry, `Retry-After`.
pub(crate) fn set_status(response: &ResponseOptions, error: &ApiError) {
    response.set_status(status_of(error.code));
    if let Some(wait_ms) = error.retry_after_ms {
        let seconds = HeaderValue::from(wait_ms.div_ceil(1000).max(1));
        response.insert_header(header::RETRY_AFTER, seconds);
    }
}

/// Where to redirect a plain form that was refused before it reached its server function: back to its page, with the
/// error's code in the query. `None` for a script, which reads the error from the response.
pub fn refused_form_url(headers: &HeaderMap, error: &ApiError) -> Option<String> {
    if !is_plain_form(headers) {
        return None;
    }
    let referer: Option<Uri> =
        headers.get(header::REFERER).and_then(|value| value.to_str().ok()).and_then(|value| value.parse().ok());
    // Without its host, so that the redirect stays on this site whatever the header says.
    let page = referer.as_ref().and_then(Uri::path_and_query).map_or("/", |page| local_path(page.as_str()));
    Some(page_url::with_error(page, error))
}

/// Whether the browser submitted the form without a script. The framework decides by the same header.
pub(crate) fn is_plain_form(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains("text/html"))
}

//! Signs a member out.

use super::error::AppError;
use leptos::prelude::*;

/// Ends the browser's session.
#[server(prefix = "/api/ui", endpoint = "sign_out")]
pub async fn sign_out() -> Result<(), AppError> {
    use super::form_request::FormRequest;

    let request = FormRequest::current();
    request.end_session();
    request.redirect("/");
    Ok(())
}

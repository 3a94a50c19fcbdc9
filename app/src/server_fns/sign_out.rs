//! Signs a member out.

use super::error::AppError;
use leptos::prelude::*;

/// Ends the browser's session, here and in every process.
#[server(prefix = "/api/ui", endpoint = "sign_out")]
pub async fn sign_out() -> Result<(), AppError> {
    use super::form_request::FormRequest;

    let request = FormRequest::current();
    request.sign_out().await;
    request.redirect("/");
    Ok(())
}

//! Signs a member out.

use crate::error::AppError;
use leptos::prelude::*;

/// Ends the browser's session.
#[server(prefix = "/api/ui", endpoint = "sign_out")]
pub async fn sign_out() -> Result<(), AppError> {
    use super::request::Request;

    let request = Request::current();
    request.end_session();
    request.go_to("/");
    Ok(())
}

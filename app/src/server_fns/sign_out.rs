//! Signs a member out.

use crate::error::AppError;
use leptos::prelude::*;

/// Ends the browser's session.
#[server(prefix = "/api/ui", endpoint = "sign_out")]
pub async fn sign_out() -> Result<(), AppError> {
    use super::request::Request;
    use crate::session;

    let request = Request::current();
    request.set_cookie(session::end_cookie(request.secure));
    request.go_to("/");
    Ok(())
}

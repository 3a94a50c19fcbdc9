//! Renews a session.

use super::error::AppError;
use leptos::prelude::*;

/// Replaces a session that is still valid by a fresh one.
#[server(prefix = "/api/ui", endpoint = "renew_session")]
pub async fn renew_session() -> Result<(), AppError> {
    use super::form_request::FormRequest;

    let request = FormRequest::current();
    request.renew_session().await.map_err(|error| request.refuse(error, "/"))?;
    request.redirect_plain_form("/");
    Ok(())
}

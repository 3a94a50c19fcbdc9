//! Keeps a member signed in.

use super::error::AppError;
use leptos::prelude::*;

/// Gives the browser a fresh session in the place of one that is still good.
#[server(prefix = "/api/ui", endpoint = "renew_session")]
pub async fn renew_session() -> Result<(), AppError> {
    use super::form_request::FormRequest;

    let request = FormRequest::current();
    request.renew_session().await.map_err(|error| request.refuse(error, "/"))?;
    request.redirect_plain_form("/");
    Ok(())
}

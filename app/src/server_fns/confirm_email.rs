//! Confirms an address by a link.

use super::error::AppError;
use leptos::prelude::*;

/// Confirms the address that the link was sent to. A form does so and not the link itself, which programs open that
/// check e-mails.
#[server(prefix = "/api/ui", endpoint = "confirm_email")]
pub async fn confirm_email(#[server(default)] token: String) -> Result<(), AppError> {
    use super::form_request::FormRequest;
    use crate::{
        deed::Deed,
        page_url::{CONFIRM_EMAIL_URL, query, with_query},
    };
    use web::engine_error;

    let request = FormRequest::current();
    match request.engine.accounts.confirm_email(&token).await {
        Ok(_) => {
            request.redirect_done(Deed::EmailConfirmed, "/");
            Ok(())
        }
        Err(error) => {
            let page = with_query(CONFIRM_EMAIL_URL, &[(query::TOKEN, Some(&token))]);
            Err(request.refuse(engine_error::to_api(&error), &page))
        }
    }
}

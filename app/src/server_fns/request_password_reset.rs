//! Sends the link to set a new password.

use super::error::AppError;
use leptos::prelude::*;

/// Sends a link to the address, if it has an account. The answer does not tell whether.
#[server(prefix = "/api/ui", endpoint = "request_password_reset")]
pub async fn request_password_reset(#[server(default)] email: String) -> Result<(), AppError> {
    use super::form_request::FormRequest;
    use crate::{deed::Deed, emails, page_url::FORGOT_PASSWORD_URL};
    use domain::{ApiError, limits::EMAIL_CHARS_MAX};
    use serde_json::json;
    use web::engine_error;

    let request = FormRequest::current();
    let lang = request.lang();
    let asked = async {
        // Old accounts may have an address that the present rules refuse.
        if !email.contains('@') || email.chars().count() > EMAIL_CHARS_MAX {
            return Err(ApiError::field("email", "must be an e-mail address"));
        }
        let link = request.engine.accounts.password_reset_link(&email, request.network).await;
        link.map_err(|error| engine_error::to_api(&error))
    };
    match asked.await {
        Ok(link) => {
            if let Some(link) = link {
                let mailer = &request.engine.mailer;
                mailer.send(emails::password_reset(lang, mailer, &link));
            }
            request.redirect_done(Deed::PasswordResetRequested, FORGOT_PASSWORD_URL);
            Ok(())
        }
        Err(error) => Err(request.refuse_and_save(error, FORGOT_PASSWORD_URL, &json!({ "email": email })).await),
    }
}

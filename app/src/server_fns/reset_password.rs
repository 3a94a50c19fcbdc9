//! Sets a new password by a link.

use super::error::AppError;
use leptos::prelude::*;

/// Sets the password of the account that the link was sent to. All its sessions end.
#[server(prefix = "/api/ui", endpoint = "reset_password")]
pub async fn reset_password(
    #[server(default)] token: String,
    #[server(default)] new_password: String,
) -> Result<(), AppError> {
    use super::form_request::FormRequest;
    use crate::{
        deed::Deed,
        page_url::{RESET_PASSWORD_URL, query, with_query},
    };
    use domain::{ApiError, validated::Password};
    use web::engine_error;

    let request = FormRequest::current();
    let reset = async {
        let password = Password::new_password(&new_password);
        let password = password.map_err(|error| ApiError::field("new_password", error.to_string()))?;
        let reset = request.engine.accounts.reset_password_by_link(&token, password, request.network).await;
        reset.map_err(|error| engine_error::to_api(&error))
    };
    match reset.await {
        Ok(_) => {
            request.redirect_done(Deed::PasswordReset, "/login");
            Ok(())
        }
        Err(error) => Err(request.refuse(error, &with_query(RESET_PASSWORD_URL, &[(query::TOKEN, Some(&token))]))),
    }
}

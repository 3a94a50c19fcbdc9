//! Changes a member's password.

use super::error::AppError;
use leptos::prelude::*;

/// Replaces the password of the browser's member, whose other sessions end.
#[server(prefix = "/api/ui", endpoint = "change_password")]
pub async fn change_password(
    #[server(default)] current_password: String,
    #[server(default)] new_password: String,
) -> Result<(), AppError> {
    use super::form_request::FormRequest;
    use crate::{deed::Deed, form_input::FieldParser, page_url::PROFILE_URL};
    use domain::{api::accounts::ChangePasswordRequest, validated::Password};
    use web::engine_error;

    let request = FormRequest::current();
    let changed = async {
        request.user().await?;
        let mut fields = FieldParser::default();
        let passwords = (
            fields.check("current_password", Password::claimed(&current_password)),
            fields.check("new_password", Password::new_password(&new_password)),
        );
        let (Some(current_password), Some(new_password)) = passwords else { return Err(fields.into_error()) };
        let change = ChangePasswordRequest { current_password, new_password };
        let accounts = &request.engine.accounts;
        let changed = accounts.change_password(request.token(), change, request.network).await;
        changed.map_err(|error| engine_error::to_api(&error))
    };
    match changed.await {
        Ok(()) => {
            request.redirect_done(Deed::PasswordChanged, PROFILE_URL);
            Ok(())
        }
        Err(error) => Err(request.refuse(error, PROFILE_URL)),
    }
}

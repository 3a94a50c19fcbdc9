//! Erases a member.

use super::error::AppError;
use leptos::prelude::*;

/// Erases the browser's member, and signs them out.
#[server(prefix = "/api/ui", endpoint = "erase_account")]
pub async fn erase_account(#[server(default)] current_password: String) -> Result<(), AppError> {
    use super::form_request::FormRequest;
    use crate::{deed::Deed, form_input::FieldParser, page_url::PERSONAL_DATA_URL};
    use domain::{ApiError, ErrorCode, validated::Password};
    use web::engine_error;

    let request = FormRequest::current();
    let erased = async {
        request.user().await?;
        let mut fields = FieldParser::default();
        let password = fields.check("current_password", Password::claimed(&current_password));
        let Some(password) = password else { return Err(fields.into_error()) };
        let erased = request.engine.accounts.erase(request.token(), &password, request.network).await;
        erased.map_err(|error| match engine_error::to_api(&error) {
            // The form's field has another name.
            error if error.code == ErrorCode::Validation => ApiError::field("current_password", error.detail),
            error => error,
        })
    };
    match erased.await {
        Ok(()) => {
            request.sign_out().await;
            request.redirect_done(Deed::AccountErased, "/");
            Ok(())
        }
        Err(error) => Err(request.refuse(error, PERSONAL_DATA_URL)),
    }
}

//! Turns a member's second factor on.

use super::error::AppError;
use leptos::prelude::*;

/// Turns the second factor of the browser's member on, with the secret that its page has shown, and redirects to that page,
/// which shows the recovery codes once.
#[server(prefix = "/api/ui", endpoint = "turn_second_factor_on")]
pub async fn turn_second_factor_on(
    #[server(default)] code: String,
    #[server(default)] current_password: String,
) -> Result<(), AppError> {
    use super::form_request::FormRequest;
    use crate::{carried::Carried, deed::Deed, form_input::FieldParser, page_url::SECOND_FACTOR_URL};
    use domain::{ApiError, ErrorCode, validated::Password};
    use web::engine_error;

    let request = FormRequest::current();
    let turned_on = async {
        let user = request.user().await?;
        let mut fields = FieldParser::default();
        let password = fields.check("current_password", Password::claimed(&current_password));
        let Some(password) = password else { return Err(fields.into_error()) };
        // After an hour the page has another.
        let secret = request.carried_to(user.user_id, Carried::SecondFactorSetup);
        let secret = secret.ok_or_else(|| ApiError::new(ErrorCode::Conflict, "Scan the picture again."))?;
        let accounts = &request.engine.accounts;
        let codes = accounts.turn_second_factor_on(request.token(), secret, &code, &password, request.network).await;
        Ok::<_, ApiError>((user.user_id, codes.map_err(|error| engine_error::to_api(&error))?))
    };
    match turned_on.await {
        Ok((user, codes)) => {
            request.set_cookie(Carried::SecondFactorSetup.removal(request.secure));
            request.carry_to(user, Carried::RecoveryCodes, &codes.join("."));
            request.redirect_done(Deed::SecondFactorOn, SECOND_FACTOR_URL);
            Ok(())
        }
        Err(error) => Err(request.refuse(error, SECOND_FACTOR_URL)),
    }
}

//! Turns a member's second factor off.

use super::error::AppError;
use leptos::prelude::*;

/// Turns the second factor of the browser's member off.
#[server(prefix = "/api/ui", endpoint = "turn_second_factor_off")]
pub async fn turn_second_factor_off(
    #[server(default)] code: String,
    #[server(default)] current_password: String,
) -> Result<(), AppError> {
    use super::form_request::FormRequest;
    use crate::{deed::Deed, form_input::FieldParser, page_url::SECOND_FACTOR_URL};
    use domain::validated::Password;
    use web::engine_error;

    let request = FormRequest::current();
    let turned_off = async {
        request.user().await?;
        let mut fields = FieldParser::default();
        let password = fields.check("current_password", Password::claimed(&current_password));
        let Some(password) = password else { return Err(fields.into_error()) };
        let accounts = &request.engine.accounts;
        let done = accounts.turn_second_factor_off(request.token(), &code, &password, request.network).await;
        done.map_err(|error| engine_error::to_api(&error))
    };
    match turned_off.await {
        Ok(()) => {
            request.redirect_done(Deed::SecondFactorOff, SECOND_FACTOR_URL);
            Ok(())
        }
        Err(error) => Err(request.refuse(error, SECOND_FACTOR_URL)),
    }
}

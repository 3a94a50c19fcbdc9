//! Sends the link that confirms an address.

use super::error::AppError;
use leptos::prelude::*;

/// Sends the link to the browser's member.
#[server(prefix = "/api/ui", endpoint = "request_confirmation")]
pub async fn request_confirmation() -> Result<(), AppError> {
    use super::form_request::FormRequest;
    use crate::{deed::Deed, emails, page_url::PROFILE_URL};
    use web::engine_error;

    let request = FormRequest::current();
    let lang = request.lang();
    let asked = async {
        let user = request.user().await?;
        let link = request.engine.accounts.confirmation_link(&user, request.network).await;
        link.map_err(|error| engine_error::to_api(&error))
    };
    match asked.await {
        Ok(link) => {
            if let Some(link) = link {
                let mailer = &request.engine.mailer;
                mailer.send(emails::confirmation(lang, mailer, &link));
            }
            request.redirect_done(Deed::ConfirmationRequested, PROFILE_URL);
            Ok(())
        }
        Err(error) => Err(request.refuse(error, PROFILE_URL)),
    }
}

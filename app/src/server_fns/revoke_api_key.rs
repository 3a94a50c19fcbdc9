//! Revokes an API key.

use super::error::AppError;
use leptos::prelude::*;

/// Revokes an API key of the browser's member.
#[server(prefix = "/api/ui", endpoint = "revoke_api_key")]
pub async fn revoke_api_key(#[server(default)] key_id: String) -> Result<(), AppError> {
    use super::form_request::FormRequest;
    use crate::{deed::Deed, page_url::API_KEYS_URL};
    use domain::{ApiError, ErrorCode, SessionId};
    use web::engine_error;

    let request = FormRequest::current();
    let revoked = async {
        request.user().await?;
        let not_found = || ApiError::new(ErrorCode::NotFound, "There is no such API key.");
        let key: SessionId = key_id.parse().map_err(|_| not_found())?;
        match request.engine.accounts.revoke_api_key(request.token(), key).await {
            // It may have ended in the meantime: that is what was wanted.
            Err(error) if engine_error::to_api(&error).code == ErrorCode::NotFound => Ok(()),
            revoked => revoked.map_err(|error| engine_error::to_api(&error)),
        }
    };
    match revoked.await {
        Ok(()) => {
            request.redirect_done(Deed::ApiKeyRevoked, API_KEYS_URL);
            Ok(())
        }
        Err(error) => Err(request.refuse(error, API_KEYS_URL)),
    }
}

//! Signs a member in whose account takes a code.

use super::error::AppError;
use leptos::prelude::*;

/// Completes a sign-in whose password was right, and redirects to `next`, a path on this site.
#[server(prefix = "/api/ui", endpoint = "sign_in_with_code")]
pub async fn sign_in_with_code(
    #[server(default)] code: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    use super::form_request::FormRequest;
    use crate::page_url::{self, CODE_URL, local_path, query, with_query};
    use domain::{ApiError, ErrorCode};
    use web::engine_error;

    let request = FormRequest::current();
    let next = local_path(&next);
    let proof = request.password_proof().unwrap_or_default();
    match request.engine.accounts.sign_in_with_code(proof, &code, request.sign_in_source()).await {
        Ok(session) => {
            request.start_session(&session);
            request.redirect(next);
            Ok(())
        }
        Err(error) => match engine_error::to_api(&error) {
            error if error.code == ErrorCode::InvalidToken => Err(request.refuse(error, &page_url::sign_in_url(next))),
            error => {
                let is_wrong = error.code == ErrorCode::BadCredentials;
                let error = if is_wrong { ApiError::field("code", "is wrong") } else { error };
                Err(request.refuse(error, &with_query(CODE_URL, &[(query::NEXT, Some(next))])))
            }
        },
    }
}

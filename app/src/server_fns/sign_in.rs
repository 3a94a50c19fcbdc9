//! Signs a member in.

use super::error::AppError;
use leptos::prelude::*;

/// Starts a session with a cookie and redirects to `next`, a path on this site; by way of the page for the code, if the
/// account takes one.
#[server(prefix = "/api/ui", endpoint = "sign_in")]
pub async fn sign_in(
    #[server(default)] email: String,
    #[server(default)] password: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    use super::form_request::FormRequest;
    use crate::page_url::{self, local_path};
    use domain::validated::Password;
    use engine::Error;
    use secrecy::ExposeSecret;
    use serde_json::json;
    use web::engine_error;

    let request = FormRequest::current();
    let next = local_path(&next);
    let session = async {
        let password =
            Password::claimed(&password).map_err(|_| Error::field("password", "must be 1 to 128 characters"))?;
        request.engine.accounts.sign_in(&email, &password, request.sign_in_source()).await
    };
    match session.await {
        Ok(session) => {
            request.start_session(&session);
            request.redirect(next);
            Ok(())
        }
        Err(Error::CodeRequired { proof }) => {
            request.ask_for_code(proof.expose_secret(), next);
            Ok(())
        }
        Err(error) => {
            let error = engine_error::to_api(&error);
            Err(request.refuse_and_save(error, &page_url::sign_in_url(next), &json!({ "email": email })).await)
        }
    }
}

//! Signs a member in.

use crate::error::AppError;
use leptos::prelude::*;

/// Starts a session with a cookie and goes on to `next`, a path of ours.
#[server(prefix = "/api/ui", endpoint = "sign_in")]
pub async fn sign_in(
    #[server(default)] email: String,
    #[server(default)] password: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    use super::request::Request;
    use crate::{
        address::{self, local_path},
        fault,
    };
    use domain::{ApiError, bounded::Password};
    use serde_json::json;

    let request = Request::current();
    let next = local_path(&next);
    let session = async {
        let password =
            Password::claimed(&password).map_err(|_| ApiError::field("password", "must be 1 to 128 characters"))?;
        request.engine.accounts.sign_in(&email, &password).await.map_err(|error| fault::to_api(&error))
    };
    match session.await {
        Ok(session) => {
            request.start_session(&session);
            request.go_to(next);
            Ok(())
        }
        Err(error) => Err(request.send_back(error, &address::sign_in(next), &json!({ "email": email })).await),
    }
}

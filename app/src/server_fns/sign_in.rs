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
    use super::request::{Request, local_path, with_next};
    use domain::{ApiError, bounded::Password};

    let request = Request::current();
    let next = local_path(&next);
    let page = with_next("/login", next);
    request.keep_typed(&[("email", &email)]);
    let Ok(password) = Password::claimed(&password) else {
        return Err(request.refuse(ApiError::field("password", "must be 1 to 128 characters"), &page));
    };
    let session = request.engine.sign_in(&email, &password).await;
    let session = session.map_err(|error| request.fail(&error, &page))?;
    request.start_session(&session);
    request.go_to(next);
    Ok(())
}

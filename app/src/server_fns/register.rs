//! Makes a member's account.

use crate::error::AppError;
use leptos::prelude::*;

/// Makes an account, signs its owner in and goes on to `next`, a path of ours.
#[server(prefix = "/api/ui", endpoint = "register")]
pub async fn register(
    #[server(default)] email: String,
    #[server(default)] password: String,
    #[server(default)] username: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    use super::{
        fields::Fields,
        request::{Request, local_path, with_next},
    };
    use domain::{
        api::accounts::RegisterRequest,
        bounded::{Email, Password},
    };

    let request = Request::current();
    let next = local_path(&next);
    let page = with_next("/register", next);
    request.keep_typed(&[("email", &email), ("username", &username)]);
    let mut fields = Fields::default();
    let account = (
        fields.parse::<Email>("email", &email),
        fields.check("password", Password::new_password(&password)),
        fields.parse("username", &username),
    );
    let (Some(email), Some(password), Some(username)) = account else {
        return Err(request.refuse(fields.into_error(), &page));
    };
    let account = RegisterRequest { email: email.clone(), password: password.clone(), username };
    let user = request.engine.register(account).await;
    user.map_err(|error| request.fail(&error, &page))?;
    // The account exists now: if signing in fails, the sign-in page is where to try again.
    let session = request.engine.sign_in(&email, &password).await;
    let session = session.map_err(|error| request.fail(&error, "/login"))?;
    request.start_session(&session);
    request.go_to(next);
    Ok(())
}

//! Registers a member.

use super::error::AppError;
use leptos::prelude::*;

/// Creates an account, signs in and redirects to `next`, a path on this site.
#[server(prefix = "/api/ui", endpoint = "register")]
pub async fn register(
    #[server(default)] email: String,
    #[server(default)] password: String,
    #[server(default)] username: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    use super::form_request::FormRequest;
    use crate::{
        emails,
        form_input::FieldParser,
        page_url::{self, local_path, query, with_query},
    };
    use domain::{
        ApiError,
        api::accounts::RegisterRequest,
        validated::{Email, Password, Username},
    };
    use engine::is_easily_guessed;
    use serde_json::json;
    use web::engine_error;

    let request = FormRequest::current();
    let next = local_path(&next);
    let account = async {
        let mut fields = FieldParser::default();
        let account = (
            fields.parse::<Email>("email", &email),
            fields.check("password", Password::new_password(&password)),
            fields.parse::<Username>("username", &username),
        );
        let (Some(email), Some(password), Some(username)) = account else { return Err(fields.into_error()) };
        // Only here: clients of the API from before this rule register with any password of the right length.
        if is_easily_guessed(&password, &[&*email, &*username]) {
            return Err(ApiError::field("password", "is too easy to guess"));
        }
        let account = RegisterRequest { email: email.clone(), password: password.clone(), username };
        request
            .engine
            .accounts
            .register(account, request.network)
            .await
            .map_err(|error| engine_error::to_api(&error))?;
        Ok::<_, ApiError>((email, password))
    };
    let typed = json!({ "email": email, "username": username });
    let (email, password) = match account.await {
        Ok(account) => account,
        Err(error) => {
            let page = with_query("/register", &[(query::NEXT, Some(next))]);
            return Err(request.refuse_and_save(error, &page, &typed).await);
        }
    };
    // The account exists now: if signing in fails, it can be repeated on the sign-in page.
    let session = request.engine.accounts.sign_in(&email, &password, request.sign_in_source()).await;
    let session =
        session.map_err(|error| request.refuse(engine_error::to_api(&error), &page_url::sign_in_url(next)))?;
    request.start_session(&session);
    let (accounts, mailer) = (&request.engine.accounts, &request.engine.mailer);
    // The link can be asked for again.
    if mailer.has_server()
        && let Ok(Some(link)) = accounts.confirmation_link(&session.user, request.network).await
    {
        mailer.send(emails::confirmation(request.lang(), mailer, &link));
    }
    request.redirect(next);
    Ok(())
}

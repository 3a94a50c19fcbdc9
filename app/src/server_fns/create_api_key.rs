//! Creates an API key.

use super::error::AppError;
use leptos::prelude::*;

/// Creates an API key of the browser's member and redirects to the page of keys, which shows its token once.
#[server(prefix = "/api/ui", endpoint = "create_api_key")]
pub async fn create_api_key(
    #[server(default)] key_name: String,
    #[server(default)] scope: String,
    #[server(default)] days: String,
) -> Result<(), AppError> {
    use super::form_request::FormRequest;
    use crate::{carried::Carried, deed::Deed, form_input::FieldParser, page_url::API_KEYS_URL};
    use domain::{
        ApiError,
        api::accounts::{ApiKeyScope, CreateApiKey},
    };
    use serde_json::json;
    use web::engine_error;

    let request = FormRequest::current();
    let created = async {
        let user = request.user().await?;
        let mut fields = FieldParser::default();
        let scope = ApiKeyScope::ALL.into_iter().find(|known| known.as_str() == scope);
        let parsed = (
            fields.parse("key_name", &key_name),
            fields.check("scope", scope.ok_or("must be read, bid or admin")),
            fields.parse("days", &days),
        );
        let (Some(name), Some(scope), Some(days)) = parsed else { return Err(fields.into_error()) };
        let key = CreateApiKey { name, scope, days: Some(days) };
        let created = request.engine.accounts.create_api_key(request.token(), key, request.network).await;
        let created = created.map_err(|error| engine_error::to_api(&error))?;
        Ok::<_, ApiError>((user.user_id, created.token))
    };
    match created.await {
        Ok((user, token)) => {
            request.carry_to(user, Carried::ApiKey, &token);
            request.redirect_done(Deed::ApiKeyCreated, API_KEYS_URL);
            Ok(())
        }
        Err(error) => {
            let typed = json!({ "key_name": key_name, "days": days });
            Err(request.refuse_and_save(error, API_KEYS_URL, &typed).await)
        }
    }
}

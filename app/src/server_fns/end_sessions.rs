//! Signs a member out elsewhere.

use super::error::AppError;
use leptos::prelude::*;

/// Ends a session of the browser's member or, without `session_id`, all but this one.
#[server(prefix = "/api/ui", endpoint = "end_sessions")]
pub async fn end_sessions(#[server(default)] session_id: Option<String>) -> Result<(), AppError> {
    use super::form_request::FormRequest;
    use crate::{deed::Deed, page_url::PROFILE_URL};
    use domain::{ApiError, ErrorCode, SessionId};
    use web::engine_error;

    let request = FormRequest::current();
    let ended = async {
        request.user().await?;
        let accounts = &request.engine.accounts;
        let (deed, ended) = match session_id.as_deref().map(str::parse::<SessionId>) {
            None => (Deed::OtherSessionsEnded, accounts.end_other_sessions(request.token()).await),
            Some(Ok(session)) => (Deed::SessionEnded, accounts.end_session(request.token(), session).await),
            Some(Err(_)) => return Err(ApiError::new(ErrorCode::NotFound, "There is no such session.")),
        };
        match ended {
            // It may have ended in the meantime: that is what was wanted.
            Err(error) if engine_error::to_api(&error).code == ErrorCode::NotFound => Ok(deed),
            ended => ended.map(|()| deed).map_err(|error| engine_error::to_api(&error)),
        }
    };
    match ended.await {
        Ok(deed) => {
            request.redirect_done(deed, PROFILE_URL);
            Ok(())
        }
        Err(error) => Err(request.refuse(error, PROFILE_URL)),
    }
}

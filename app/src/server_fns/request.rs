//! The request behind a server function, and the two ways to answer it.
//!
//! A script (`Accept: application/json`) gets the error with its status, or the address to go to.
//! A plain form gets a redirect: on success to where it leads, on failure back to its page, with
//! the error's code in the query. The query holds codes and field names, never sentences, so that
//! a crafted link cannot make our pages say what it likes.

use crate::{
    address::{self, local_path, query, with_query},
    cookies::{self, SecureCookies},
    drafts::{ZONE_COOKIE, Zone},
    error::AppError,
    fault, kept,
    page_user::PageUser,
    session,
};
use domain::{ApiError, ErrorCode, api::accounts::User};
use engine::{Engine, Session};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header, request::Parts};
use leptos::prelude::{expect_context, use_context};
use leptos_axum::ResponseOptions;
use serde::Serialize;
use server_fn::redirect::REDIRECT_HEADER;

/// What a server function needs of its request.
pub(crate) struct Request {
    /// The core.
    pub(crate) engine: Engine,
    /// Whether cookies are for HTTPS only.
    pub(crate) secure: SecureCookies,
    token: Option<String>,
    page_user: PageUser,
    plain_form: bool,
    response: ResponseOptions,
}

impl Request {
    /// The current request. Call it before the first await: afterwards the context may be gone.
    pub(crate) fn current() -> Self {
        let parts = use_context::<Parts>();
        Self {
            engine: expect_context(),
            // A server that forgets to tell gets the safe default.
            secure: use_context().unwrap_or(SecureCookies(true)),
            token: parts.as_ref().and_then(|parts| session::cookie_token(&parts.headers)),
            // What does not say whose page it comes from is refused.
            page_user: use_context().unwrap_or_default(),
            plain_form: parts.is_some_and(|parts| is_plain_form(&parts.headers)),
            response: use_context().unwrap_or_default(),
        }
    }

    /// The member who asks, from a page of theirs: nobody else gets at a user to act for.
    pub(crate) async fn user(&self) -> Result<User, ApiError> {
        let user = session::user_of(&self.engine, self.token.clone()).await?;
        let user = user.ok_or_else(|| ApiError::new(ErrorCode::NotAuthenticated, "Sign in first."))?;
        self.page_user.check(user.user_id)?;
        Ok(user)
    }

    /// The admin who asks.
    pub(crate) async fn admin(&self) -> Result<User, ApiError> {
        let user = self.user().await?;
        if user.is_admin { Ok(user) } else { Err(ApiError::new(ErrorCode::AdminRequired, "Only admins may do this.")) }
    }

    /// A fresh session for the member who asks. Where theirs is over, their browser learns it.
    pub(crate) async fn renew_session(&self) -> Result<(), ApiError> {
        let renewed = match self.user().await {
            Ok(_) => {
                let token = self.token.as_deref().unwrap_or_default();
                self.engine.renew_session(token).await.map_err(|error| fault::to_api(&error))
            }
            Err(error) => Err(error),
        };
        match &renewed {
            Ok(session) => self.start_session(session),
            Err(error) if error.code.http_status() == 401 => self.end_session(),
            Err(_) => {}
        }
        renewed.map(|_| ())
    }

    /// Signs the browser in.
    pub(crate) fn start_session(&self, session: &Session) {
        for cookie in session::start_cookies(session, self.secure) {
            self.set_cookie(Some(cookie));
        }
    }

    /// Signs the browser out.
    pub(crate) fn end_session(&self) {
        for cookie in session::end_cookies(self.secure) {
            self.set_cookie(Some(cookie));
        }
    }

    /// Adds a cookie to the answer.
    pub(crate) fn set_cookie(&self, cookie: Option<HeaderValue>) {
        if let Some(cookie) = cookie {
            self.response.append_header(header::SET_COOKIE, cookie);
        }
    }

    /// Sends the reader to a page of ours.
    pub(crate) fn go_to(&self, address: &str) {
        let address = HeaderValue::from_str(address).unwrap_or(HeaderValue::from_static("/"));
        self.response.insert_header(header::LOCATION, address);
        if self.plain_form {
            self.response.set_status(StatusCode::SEE_OTHER);
        } else {
            // Scripts cannot see a real redirect; this header tells them to follow.
            let follow = HeaderName::from_static(REDIRECT_HEADER);
            self.response.insert_header(follow, HeaderValue::from_static(""));
        }
    }

    /// Sends a plain form on; a script gets the function's value and stays where it is.
    pub(crate) fn answer_form(&self, address: &str) {
        if self.plain_form {
            self.go_to(address);
        }
    }

    /// Keeps the zone an admin has typed times in, for the next form.
    pub(crate) fn keep_zone(&self, zone: &Zone) {
        self.set_cookie(cookies::preference_cookie(ZONE_COOKIE, &zone.id(), self.secure));
    }

    /// Refuses: a script gets the error, a plain form is sent back to `page` (a path, perhaps with
    /// a query), by way of signing in where that is what it lacks.
    pub(crate) fn refuse(&self, error: ApiError, page: &str) -> AppError {
        if self.plain_form {
            let needs_user = error.code == ErrorCode::NotAuthenticated;
            let page = if needs_user { address::sign_in(page) } else { page.to_owned() };
            self.go_to(&address::with_error(&page, &error));
        } else {
            set_status(&self.response, &error);
        }
        AppError::from(error)
    }

    /// Refuses: a script gets the error, a plain form goes back to `page`, which shows it again as it was
    /// typed, with the error. Never with a password: `fields` are kept for a day.
    pub(crate) async fn send_back(&self, error: ApiError, page: &str, fields: &(impl Serialize + Sync)) -> AppError {
        // Of those who may not send it nothing is kept.
        if !self.plain_form || error.code == ErrorCode::AdminRequired {
            return self.refuse(error, page);
        }
        // Whoever is signed in, on their own page or not: they are the one who will see it.
        let owner = session::user_of(&self.engine, self.token.clone()).await.ok().flatten();
        let owner = owner.map(|user| user.user_id);
        // Where it cannot be kept, the reader is still told what was wrong.
        let name = kept::keep(&self.engine, owner, fields).await.unwrap_or_default();
        self.refuse(error, &with_query(page, &[(query::FORM, name.as_deref())]))
    }
}

/// Answers input that did not even have the form's shape; the framework asks for it. A plain form's
/// answer is a redirect and keeps its status.
pub(crate) fn refuse_shape(error: &ApiError) {
    let plain_form = use_context::<Parts>().is_some_and(|parts| is_plain_form(&parts.headers));
    if let (false, Some(response)) = (plain_form, use_context::<ResponseOptions>()) {
        set_status(&response, error);
    }
}

fn set_status(response: &ResponseOptions, error: &ApiError) {
    if let Ok(status) = StatusCode::from_u16(error.code.http_status()) {
        response.set_status(status);
    }
    if let Some(wait_ms) = error.retry_after_ms {
        let seconds = HeaderValue::from(wait_ms.div_ceil(1000).max(1));
        response.insert_header(header::RETRY_AFTER, seconds);
    }
}

/// Where to send a plain form that was refused before its function was reached: back to its page,
/// with the error's code. `None` for a script, which reads the error itself.
pub fn refused_form_address(headers: &HeaderMap, error: &ApiError) -> Option<String> {
    if !is_plain_form(headers) {
        return None;
    }
    let referer: Option<Uri> =
        headers.get(header::REFERER).and_then(|value| value.to_str().ok()).and_then(|value| value.parse().ok());
    // Without its host, so that the redirect stays on this site whatever the header says.
    let page = referer.as_ref().and_then(Uri::path_and_query).map_or("/", |page| local_path(page.as_str()));
    Some(address::with_error(page, error))
}

/// Whether a browser posted the form by itself. The framework draws the same line.
fn is_plain_form(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains("text/html"))
}

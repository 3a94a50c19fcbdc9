//! The form post behind a server function, and the two ways to answer it.
//!
//! A script (`Accept: application/json`) gets the error with its status, or the URL to go to. A plain form gets a
//! redirect: on success to the next page, on failure back to its own, with the error's code in the query (see
//! `form_or_script_response`).

use super::error::AppError;
use crate::{
    carried::Carried,
    deed::Deed,
    form_input::{ZONE_COOKIE, Zone},
    form_or_script_response::{is_plain_form, set_status},
    lang::Lang,
    page_url::{self, CODE_URL, query, with_query},
    post_redirect_get::{self, SavedFormId},
    rendered_for_user::FormUser,
};
use domain::{ApiError, ErrorCode, UserId, api::accounts::User};
use engine::{Engine, Session, SignInSource, require_admin};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts};
use leptos::prelude::{expect_context, use_context};
use leptos_axum::ResponseOptions;
use serde::Serialize;
use server_fn::redirect::REDIRECT_HEADER;
use std::net::{IpAddr, Ipv4Addr};
use web::{
    client_network::ClientNetwork,
    cookie_headers::{self, SecureCookies},
    engine_error,
    session_cookies::{self, SessionHolder},
    status_of,
    user_agent::user_agent,
};

/// A form post: who sent it, from which page, and the response to it.
pub(crate) struct FormRequest {
    /// The bidding engine.
    pub(crate) engine: Engine,
    /// Whether cookies get the `Secure` attribute.
    pub(crate) secure: SecureCookies,
    /// The network that it comes from.
    pub(crate) network: IpAddr,
    token: Option<String>,
    headers: HeaderMap,
    form_user: FormUser,
    saved_form: SavedFormId,
    plain_form: bool,
    response: ResponseOptions,
}

impl FormRequest {
    /// The current request. Call it before the first await: afterwards the context may be gone.
    pub(crate) fn current() -> Self {
        let parts = use_context::<Parts>();
        Self {
            engine: expect_context(),
            // Without the server's setting the safe default.
            secure: use_context().unwrap_or(SecureCookies(true)),
            // The request checks attach it to every request.
            network: parts
                .as_ref()
                .and_then(|parts| parts.extensions.get::<ClientNetwork>())
                .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |network| network.0),
            token: parts.as_ref().and_then(|parts| session_cookies::cookie_token(&parts.headers)),
            headers: parts.as_ref().map(|parts| parts.headers.clone()).unwrap_or_default(),
            // A form that does not name its page's user is refused.
            form_user: use_context().unwrap_or_default(),
            saved_form: use_context().unwrap_or_default(),
            plain_form: parts.is_some_and(|parts| is_plain_form(&parts.headers)),
            response: use_context().unwrap_or_default(),
        }
    }

    /// The signed-in member, whose page the form was on. Every action in a member's name gets its user here, so that
    /// none skips that check.
    pub(crate) async fn user(&self) -> Result<User, ApiError> {
        let user = session_cookies::user_of(&self.engine, self.token.clone()).await;
        let user =
            user.and_then(|user| user.ok_or_else(|| ApiError::new(ErrorCode::NotAuthenticated, "Sign in first.")));
        if let Err(error) = &user
            && matches!(error.code, ErrorCode::NotAuthenticated | ErrorCode::AccountInactive)
        {
            // The page then says why.
            let is_blocked = error.code == ErrorCode::AccountInactive;
            let holder = if is_blocked { SessionHolder::Blocked } else { SessionHolder::Nobody };
            self.set_cookie(session_cookies::companion_correction(&self.engine, &self.headers, holder, self.secure));
        }
        let user = user?;
        self.form_user.check(user.user_id)?;
        Ok(user)
    }

    /// The same member, who must be an admin.
    pub(crate) async fn admin(&self) -> Result<User, ApiError> {
        let user = self.user().await?;
        require_admin(&user).map_err(|error| engine_error::to_api(&error))?;
        Ok(user)
    }

    /// The error of an edit. A record that was changed this very moment is a conflict, as one that was changed before.
    pub(crate) fn edit_error(error: &engine::Error) -> ApiError {
        let error = engine_error::to_api(error);
        let code = if error.code == ErrorCode::Stale { ErrorCode::Conflict } else { error.code };
        ApiError { code, ..error }
    }

    /// Gives the member a fresh session; if theirs has expired, the browser's cookies are cleared.
    pub(crate) async fn renew_session(&self) -> Result<(), ApiError> {
        let renewed = match self.user().await {
            Ok(_) => {
                self.engine.accounts.renew_session(self.token()).await.map_err(|error| engine_error::to_api(&error))
            }
            Err(error) => Err(error),
        };
        match &renewed {
            Ok(session) => self.start_session(session),
            Err(error) if status_of(error.code) == StatusCode::UNAUTHORIZED => self.end_session(),
            Err(_) => {}
        }
        renewed.map(|_| ())
    }

    /// Sets the session cookies.
    pub(crate) fn start_session(&self, session: &Session) {
        for cookie in session_cookies::start_cookies(session, self.secure) {
            self.set_cookie(Some(cookie));
        }
        if self.password_proof().is_some() {
            self.set_cookie(Carried::PasswordProof.removal(self.secure));
        }
    }

    /// What a page has handed on to a user's form.
    pub(crate) fn carried_to(&self, user: UserId, what: Carried) -> Option<&str> {
        what.of_user(&self.headers, user, self.secure)
    }

    /// Shows that the browser's user has typed the right password of an account that takes a code.
    pub(crate) fn password_proof(&self) -> Option<&str> {
        Carried::PasswordProof.of(&self.headers, self.secure)
    }

    /// Asks for the code on the page for it, which leads on to `next`.
    pub(crate) fn ask_for_code(&self, proof: &str, next: &str) {
        self.set_cookie(Carried::PasswordProof.cookie(proof, self.secure));
        self.redirect(&with_query(CODE_URL, &[(query::NEXT, (next != "/").then_some(next))]));
    }

    /// The session's token; empty without one, which is valid nowhere.
    pub(crate) fn token(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }

    /// The language that the browser's pages are in.
    pub(crate) fn lang(&self) -> Lang {
        Lang::of_headers(&self.headers)
    }

    /// Who asks to sign in.
    pub(crate) fn sign_in_source(&self) -> SignInSource<'_> {
        SignInSource {
            network: self.network,
            user_agent: user_agent(&self.headers),
            device: session_cookies::device_token(&self.headers),
        }
    }

    /// Ends the session and clears its cookies.
    pub(crate) async fn sign_out(&self) {
        if let Err(error) = self.engine.accounts.sign_out(self.token()).await
            && !matches!(error, engine::Error::Refused(..))
        {
            // The running processes refuse it, and this browser forgets it, but one that starts later would accept it.
            tracing::warn!(%error, "the end of a session could not be stored");
        }
        self.end_session();
    }

    /// Clears the session cookies.
    fn end_session(&self) {
        for cookie in session_cookies::end_cookies(self.secure) {
            self.set_cookie(Some(cookie));
        }
    }

    /// Adds a `Set-Cookie` header to the response.
    pub(crate) fn set_cookie(&self, cookie: Option<HeaderValue>) {
        if let Some(cookie) = cookie {
            self.response.append_header(header::SET_COOKIE, cookie);
        }
    }

    /// Redirects to a page of this site after an admin's form was executed, which says so. The saved input goes, so that
    /// the back button leads to no review of what has been done.
    pub(crate) async fn redirect_executed(&self, admin: &User, deed: Deed, address: &str) {
        if let Some(form) = &self.saved_form.0 {
            // Without PostgreSQL it goes by itself within a day.
            let _ = self.engine.saved_forms.remove(Some(admin.user_id), form).await;
        }
        self.redirect_done(deed, address);
    }

    /// Sends a text along to a user's page.
    pub(crate) fn carry_to(&self, user: UserId, what: Carried, text: &str) {
        self.set_cookie(what.cookie_for(user, text, self.secure));
    }

    /// Redirects to a page of this site, which says what was done.
    pub(crate) fn redirect_done(&self, deed: Deed, address: &str) {
        self.set_cookie(deed.cookie(self.secure));
        self.redirect(address);
    }

    /// Redirects to a page of this site.
    pub(crate) fn redirect(&self, address: &str) {
        let address = HeaderValue::from_str(address).unwrap_or(HeaderValue::from_static("/"));
        self.response.insert_header(header::LOCATION, address);
        if self.plain_form {
            self.response.set_status(StatusCode::SEE_OTHER);
        } else {
            // Scripts never see a real redirect; this header tells them to follow `Location`.
            let follow = HeaderName::from_static(REDIRECT_HEADER);
            self.response.insert_header(follow, HeaderValue::from_static(""));
        }
    }

    /// Redirects a plain form; a script gets the function's value and stays on its page.
    pub(crate) fn redirect_plain_form(&self, address: &str) {
        if self.plain_form {
            self.redirect(address);
        }
    }

    /// Stores the time zone of an admin's form, for the next form.
    pub(crate) fn set_zone_cookie(&self, zone: &Zone) {
        self.set_cookie(cookie_headers::preference_cookie(ZONE_COOKIE, &zone.id(), self.secure));
    }

    /// Refuses: a script gets the error, a plain form is redirected to `page` (a path, perhaps with a query), by way
    /// of the sign-in page if the user is not signed in.
    pub(crate) fn refuse(&self, error: ApiError, page: &str) -> AppError {
        if self.plain_form {
            let needs_user = error.code == ErrorCode::NotAuthenticated;
            let page = if needs_user { page_url::sign_in_url(page) } else { page.to_owned() };
            self.redirect(&page_url::with_error(&page, &error));
        } else {
            set_status(&self.response, &error);
        }
        AppError::from(error)
    }

    /// Refuses: a script gets the error, a plain form is saved and redirected to `page`, which shows it again with the
    /// error. `fields` must not hold a password: they are stored for a day.
    pub(crate) async fn refuse_and_save(
        &self,
        error: ApiError,
        page: &str,
        fields: &(impl Serialize + Sync),
    ) -> AppError {
        // Nothing is stored for users who may not submit the form at all.
        if !self.plain_form || error.code == ErrorCode::AdminRequired {
            return self.refuse(error, page);
        }
        let saved = if error.code == ErrorCode::SessionChanged {
            // For the user of the page it was on, once they are signed in again.
            post_redirect_get::save_for_another_user(&self.engine, fields).await
        } else {
            let owner = session_cookies::user_of(&self.engine, self.token.clone()).await.ok().flatten();
            post_redirect_get::save(&self.engine, owner.map(|user| user.user_id), fields).await
        };
        // If it cannot be saved, the page still shows the error.
        let name = saved.unwrap_or_default();
        self.refuse(error, &with_query(page, &[(query::FORM, name.as_deref())]))
    }
}

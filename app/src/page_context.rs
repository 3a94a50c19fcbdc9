//! The context of a page: its user, language, theme, time zone, query and saved form. Every component gets it.

use crate::{
    carried::Carried,
    deed::Deed,
    form_input::{ZONE_COOKIE, Zone},
    i18n::{CommonMessages, PageMessages},
    lang::Lang,
    page_url::{self, CODE_URL, CONFIRM_EMAIL_URL, FORGOT_PASSWORD_URL, RESET_PASSWORD_URL, local_path, query},
    post_redirect_get,
    theme::Theme,
};
use domain::{
    ApiError, ErrorCode,
    api::accounts::{ActiveSession, ApiKey, User},
    validated::Search,
};
use engine::{Engine, SecondFactorSetup, require_admin};
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header, request::Parts};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use serde_json::Value;
use web::{
    cookie_headers::{self, SecureCookies},
    engine_error,
    session_cookies::{self, SessionHolder},
    status_of,
};

/// What a page knows about its request.
#[derive(Clone)]
pub(crate) struct PageContext {
    pub(crate) engine: Engine,
    pub(crate) user: Option<User>,
    /// Whether there is no user because the session's account is blocked.
    pub(crate) is_blocked: bool,
    pub(crate) lang: Lang,
    pub(crate) theme: Theme,
    pub(crate) path: String,
    query: Vec<(String, String)>,
    current_url: String,
    headers: HeaderMap,
    saved_form: Option<post_redirect_get::FormFields>,
    /// Whether the saved form was sent by this user, and not before anyone had signed in.
    is_own_form: bool,
    secure_cookies: SecureCookies,
    response: ResponseOptions,
}

/// What a form's page shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum FormStep {
    /// The form with its initial values.
    Initial,
    /// The form as it was typed.
    Typed,
    /// A review of what the form would change.
    Review,
}

/// Why a page cannot be shown.
pub(crate) enum PageError {
    /// An error, which the error page shows with its status.
    Failed(ApiError),
    /// The user must sign in first.
    SignInRequired,
}

impl From<engine::Error> for PageError {
    fn from(error: engine::Error) -> Self {
        Self::Failed(engine_error::to_api(&error))
    }
}

impl From<ErrorCode> for PageError {
    fn from(code: ErrorCode) -> Self {
        Self::Failed(ApiError::new(code, ""))
    }
}

impl PageContext {
    /// The context of the current request, without its user and saved form. Call it before the first await: afterwards
    /// the framework's context may be gone.
    pub(crate) fn of_current_request() -> Self {
        let parts = expect_context::<Parts>();
        Self {
            engine: expect_context(),
            user: None,
            is_blocked: false,
            lang: Lang::of_headers(&parts.headers),
            theme: Theme::of_headers(&parts.headers),
            current_url: current_url(&parts.uri).to_owned(),
            path: parts.uri.path().to_owned(),
            query: form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned().collect(),
            headers: parts.headers,
            saved_form: None,
            is_own_form: false,
            // Without the server's setting the safe default.
            secure_cookies: use_context().unwrap_or(SecureCookies(true)),
            response: expect_context(),
        }
    }

    /// Loads the signed-in user and the saved form that the query names.
    pub(crate) async fn load(&mut self) -> Result<(), PageError> {
        let token = session_cookies::cookie_token(&self.headers);
        match session_cookies::user_of(&self.engine, token).await {
            Ok(user) => self.user = user,
            Err(error) if error.code == ErrorCode::AccountInactive => self.is_blocked = true,
            Err(error) => return Err(PageError::Failed(error)),
        }
        let holder = match &self.user {
            Some(user) => SessionHolder::Member(user.user_id),
            None if self.is_blocked => SessionHolder::Blocked,
            None => SessionHolder::Nobody,
        };
        let corrected = session_cookies::companion_correction(&self.engine, &self.headers, holder, self.secure_cookies);
        if let Some(cookie) = corrected {
            self.response.append_header(header::SET_COOKIE, cookie);
        }
        if let Some(name) = self.query(query::FORM) {
            let owner = self.user.as_ref().map(|user| user.user_id);
            let found = post_redirect_get::load(&self.engine, owner, &name).await?;
            self.is_own_form = found.as_ref().is_some_and(|(_, is_own)| *is_own);
            self.saved_form = found.map(|(fields, _)| fields);
        }
        Ok(())
    }

    /// The messages of forms and errors.
    pub(crate) fn common_messages(&self) -> &'static CommonMessages {
        self.lang.common_messages()
    }

    /// The messages of pages.
    pub(crate) fn page_messages(&self) -> &'static PageMessages {
        self.lang.page_messages()
    }

    /// The URL of this page, to come back to.
    pub(crate) fn current_url(&self) -> String {
        self.current_url.clone()
    }

    /// Whether there is a saved form that another user can open, too: one that belongs to nobody.
    pub(crate) fn has_shared_form(&self) -> bool {
        self.saved_form.is_some() && !self.is_own_form
    }

    /// The value of a field of the saved form.
    pub(crate) fn typed(&self, field: &str) -> Option<String> {
        self.saved_form.as_ref()?.get(field)?.as_str().map(str::to_owned)
    }

    /// The saved form; missing fields are empty.
    pub(crate) fn form_input<T: DeserializeOwned + Default>(&self) -> T {
        let fields = self.saved_form.clone().unwrap_or_default();
        serde_json::from_value(Value::Object(fields)).unwrap_or_default()
    }

    /// What this form's page shows.
    pub(crate) fn form_step(&self) -> FormStep {
        match self.query(query::STEP).as_deref() {
            // Also once the saved form has expired.
            _ if self.saved_form.is_none() => FormStep::Initial,
            // Nobody is asked to confirm a form that they may not have sent.
            Some(post_redirect_get::REVIEW) if self.is_own_form => FormStep::Review,
            _ => FormStep::Typed,
        }
    }

    /// The admin's time zone; UTC if none is set.
    pub(crate) fn zone(&self) -> Zone {
        let zone = cookie_headers::cookie(&self.headers, ZONE_COOKIE).and_then(|zone| Zone::parse(zone).ok());
        zone.unwrap_or_default()
    }

    /// The last segment of the path, where pages of one record have its id. The router's parameters are missing on the
    /// page for unknown paths.
    pub(crate) fn path_id(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// A parameter of the query. The router is not used for it because it decodes values twice.
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        self.query.iter().rfind(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    /// The search of a list; the text as it was typed if it is invalid.
    pub(crate) fn search(&self) -> Result<Search, String> {
        let typed = self.query("q").unwrap_or_default();
        typed.parse().map_err(|_| typed)
    }

    /// The signed-in user.
    pub(crate) fn member(&self) -> Result<&User, PageError> {
        self.user.as_ref().ok_or(PageError::SignInRequired)
    }

    /// What the signed-in user is signed in on.
    pub(crate) async fn active_sessions(&self) -> Result<Vec<ActiveSession>, PageError> {
        let token = session_cookies::cookie_token(&self.headers).ok_or(PageError::SignInRequired)?;
        Ok(self.engine.accounts.active_sessions(&token).await?)
    }

    /// The signed-in user, who must be an admin.
    pub(crate) fn admin(&self) -> Result<&User, PageError> {
        let user = self.member()?;
        require_admin(user)?;
        Ok(user)
    }

    /// The error of the plain form that was redirected here. A link from elsewhere shows none: it could claim any.
    pub(crate) fn form_error(&self) -> Option<ApiError> {
        // Browsers since 2023 say where a request comes from.
        if self.headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin") {
            return None;
        }
        page_url::error_from_query(|name| self.query(name))
    }

    /// The signed-in user's API keys.
    pub(crate) async fn api_keys(&self) -> Result<Vec<ApiKey>, PageError> {
        let token = session_cookies::cookie_token(&self.headers).ok_or(PageError::SignInRequired)?;
        Ok(self.engine.accounts.api_keys(&token).await?)
    }

    /// What this page shows once.
    pub(crate) fn take_carried(&self, what: Carried) -> Option<String> {
        let user = self.user.as_ref()?.user_id;
        let token = what.of_user(&self.headers, user, self.secure_cookies).filter(|_| self.is_document())?;
        let token = token.to_owned();
        if let Some(removal) = what.removal(self.secure_cookies) {
            self.response.append_header(header::SET_COOKIE, removal);
        }
        Some(token)
    }

    /// What the admin has just done; this page is the one that says so.
    pub(crate) fn take_deed(&self) -> Option<Deed> {
        let deed = Deed::of(&self.headers).filter(|_| self.is_document())?;
        if let Some(removal) = Deed::removal(self.secure_cookies) {
            self.response.append_header(header::SET_COOKIE, removal);
        }
        Some(deed)
    }

    /// Whether the page is for the reader to see. A monitor in another tab fetches its page every second, and shows nothing
    /// else of it.
    fn is_document(&self) -> bool {
        self.headers.get("sec-fetch-dest").is_none_or(|dest| dest == "document")
    }

    /// What an app is set up with for a second factor of a user: the same until it is on, or ten minutes have passed.
    pub(crate) fn second_factor_setup(&self, user: &User) -> Result<SecondFactorSetup, PageError> {
        let begun = Carried::SecondFactorSetup.of_user(&self.headers, user.user_id, self.secure_cookies);
        let setup = self.engine.accounts.set_up_second_factor(user, begun)?;
        let secret = setup.secret.expose_secret();
        if let Some(cookie) = Carried::SecondFactorSetup.cookie_for(user.user_id, secret, self.secure_cookies) {
            self.response.append_header(header::SET_COOKIE, cookie);
        }
        Ok(setup)
    }

    /// Whether the reader has just typed the right password of an account that takes a code.
    pub(crate) fn has_password_proof(&self) -> bool {
        Carried::PasswordProof.of(&self.headers, self.secure_cookies).is_some()
    }

    /// The URL of the sign-in page that leads back here; from the pages around signing in, to where those lead.
    pub(crate) fn sign_in_url(&self) -> String {
        let next = match self.path.as_str() {
            "/login" | CODE_URL | "/register" => self.query(query::NEXT).unwrap_or_default(),
            // Their addresses have a token, which belongs nowhere else.
            FORGOT_PASSWORD_URL | RESET_PASSWORD_URL | CONFIRM_EMAIL_URL => String::new(),
            _ => self.current_url(),
        };
        page_url::sign_in_url(local_path(&next))
    }

    /// Sets the status of the error on the page's response.
    pub(crate) fn set_error_status(&self, error: &ApiError) {
        self.response.set_status(status_of(error.code));
    }

    /// Redirects to the sign-in page, which leads back here.
    pub(crate) fn redirect_to_sign_in(&self) {
        self.response.set_status(StatusCode::SEE_OTHER);
        let url = HeaderValue::try_from(page_url::sign_in_url(&self.current_url));
        self.response.insert_header(header::LOCATION, url.unwrap_or(HeaderValue::from_static("/login")));
    }
}

/// The URL to come back to: with its query, unless `local_path` rejects that.
fn current_url(uri: &Uri) -> &str {
    match uri.path_and_query().map_or("/", |url| local_path(url.as_str())) {
        "/" => local_path(uri.path()),
        url => url,
    }
}

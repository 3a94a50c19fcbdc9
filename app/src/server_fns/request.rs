//! The request behind a server function, and the two ways to answer it.
//!
//! A script (`Accept: application/json`) gets the error with its status, or the address to go to.
//! A plain form gets a redirect: on success to where it leads, on failure back to its page, with
//! the error's code in the query. The query holds codes and field names, never sentences, so that
//! a crafted link cannot make our pages say what it likes.

use crate::{
    drafts::{ZONE_COOKIE, Zone},
    error::AppError,
    fault,
    pages::PostedForm,
    session::{self, SecureCookies},
};
use domain::{ApiError, ErrorCode, UserId, api::accounts::User};
use engine::{Engine, Session};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header, request::Parts};
use leptos::prelude::{expect_context, use_context};
use leptos_axum::ResponseOptions;
use server_fn::redirect::REDIRECT_HEADER;

/// The cookie of [`Request::keep_typed`].
const TYPED_COOKIE: &str = "typed";
/// It is for the very next page.
const TYPED_S: u64 = 60;
/// Browsers take cookies of 4 KiB.
const TYPED_BYTES_MAX: usize = 3000;

/// The field of every form that does something in a member's name: whose page it is on.
pub(crate) const PAGE_USER: &str = "user_id";
/// Most characters of a path to go on to.
const LOCAL_PATH_CHARS_MAX: usize = 1000;

/// Refuses a form from a page of someone else than `user`. Whoever sees that page may take it for
/// what its user does: `user` has signed in meanwhile, in another tab.
pub(crate) fn check_page_user(posted: Option<&PostedForm>, user: UserId) -> Result<(), ApiError> {
    let page_user: Option<UserId> = posted.and_then(|form| form.field(PAGE_USER)).and_then(|id| id.parse().ok());
    if page_user == Some(user) { Ok(()) } else { Err(ApiError::session_changed()) }
}

/// What was typed into a field of a form that was refused.
pub(crate) fn typed(headers: &HeaderMap, field: &str) -> Option<String> {
    let typed = session::cookie(headers, TYPED_COOKIE)?;
    form_urlencoded::parse(typed.as_bytes()).find(|(name, _)| name == field).map(|(_, value)| value.into_owned())
}

/// What a server function needs of its request.
pub(crate) struct Request {
    /// The core.
    pub(crate) engine: Engine,
    /// Whether cookies are for HTTPS only.
    pub(crate) secure: SecureCookies,
    token: Option<String>,
    posted: Option<PostedForm>,
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
            posted: use_context(),
            plain_form: parts.is_some_and(|parts| is_plain_form(&parts.headers)),
            response: use_context().unwrap_or_default(),
        }
    }

    /// The member who asks, from a page of theirs: nobody else gets at a user to act for.
    pub(crate) async fn user(&self) -> Result<User, ApiError> {
        let user = session::user_of(&self.engine, self.token.clone()).await?;
        let user = user.ok_or_else(|| ApiError::new(ErrorCode::NotAuthenticated, "Sign in first."))?;
        check_page_user(self.posted.as_ref(), user.user_id)?;
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

    /// Refuses: a script gets the error, a plain form is sent back to `page` (a path, perhaps with
    /// a query), by way of signing in where that is what it lacks.
    pub(crate) fn refuse(&self, error: ApiError, page: &str) -> AppError {
        if self.plain_form {
            let needs_user = error.code == ErrorCode::NotAuthenticated;
            let page = if needs_user { with_next("/login", page) } else { page.to_owned() };
            self.go_to(&address_with_error(&page, &error));
        } else {
            set_status(&self.response, &error);
        }
        AppError::from(error)
    }

    /// Keeps what was typed into a form for the page it will be refused on. In a cookie, for an
    /// address ends up in logs; never a password.
    pub(crate) fn keep_typed(&self, fields: &[(&str, &str)]) {
        if self.plain_form {
            let typed = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
            let typed = if typed.len() <= TYPED_BYTES_MAX { typed } else { String::new() };
            self.set_cookie(session::set_cookie(TYPED_COOKIE, &typed, TYPED_S, "HttpOnly; ", self.secure));
        }
    }

    /// Keeps the zone an admin has typed times in, for the next form.
    pub(crate) fn keep_zone(&self, zone: &Zone) {
        const YEAR_S: u64 = 365 * 24 * 3600;

        self.set_cookie(session::set_cookie(ZONE_COOKIE, &zone.id(), YEAR_S, "", self.secure));
    }

    /// Refuses and has the browser post the same form to `page`, which shows it again as it was
    /// typed, with the error. A script gets the error.
    pub(crate) fn send_back(&self, error: ApiError, page: &str) -> AppError {
        let error = self.refuse(error, page);
        if self.plain_form && error.0.code != ErrorCode::NotAuthenticated {
            // Unlike 303 it keeps the method and the body.
            self.response.set_status(StatusCode::TEMPORARY_REDIRECT);
        }
        error
    }

    /// Refuses with what the engine said; see [`Self::refuse`].
    pub(crate) fn fail(&self, error: &engine::Error, page: &str) -> AppError {
        self.refuse(fault::to_api(error), page)
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
    // The path only, so that the redirect stays on this site whatever the header says.
    let page = referer.map_or_else(|| "/".to_owned(), |uri| local_path(uri.path()).to_owned());
    Some(address_with_error(&page, error))
}

/// Whether a browser posted the form by itself. The framework draws the same line.
fn is_plain_form(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains("text/html"))
}

/// The query names of [`address_with_error`].
pub(crate) mod query {
    /// The error's code.
    pub(crate) const ERROR: &str = "error";
    /// The wrong fields, separated by commas.
    pub(crate) const FIELDS: &str = "fields";
    /// The least price that counts.
    pub(crate) const MIN_PRICE: &str = "min_price";
    /// The server's time of receipt.
    pub(crate) const SERVER_TIME: &str = "server_time";
}

/// The address of `page` that tells an error.
pub(crate) fn address_with_error(page: &str, error: &ApiError) -> String {
    let separator = if page.contains('?') { '&' } else { '?' };
    let mut parts = vec![format!("{page}{separator}{}={}", query::ERROR, error.code.as_str())];
    let fields: Vec<&str> = error.errors.iter().map(|e| e.field.as_str()).filter(|f| !f.is_empty()).collect();
    if !fields.is_empty() {
        parts.push(format!("{}={}", query::FIELDS, fields.join(",")));
    }
    if let Some(min_price) = error.min_price {
        parts.push(format!("{}={min_price}", query::MIN_PRICE));
    }
    if let Some(server_time) = error.server_time {
        parts.push(format!("{}={server_time}", query::SERVER_TIME));
    }
    parts.join("&")
}

/// A path of ours to go on to, from a form or a query; `/` instead of anything that could lead
/// elsewhere. It may have a query.
pub(crate) fn local_path(text: &str) -> &str {
    let harmless = |c: char| c.is_ascii_alphanumeric() || "/-_?=&%+.,:~".contains(c);
    let is_local = text.starts_with('/') && !text.contains("//") && text.chars().all(harmless);
    if is_local && text.len() <= LOCAL_PATH_CHARS_MAX { text } else { "/" }
}

/// The address of `page` that leads on to `next`, a local path.
pub(crate) fn with_next(page: &str, next: &str) -> String {
    // Of the letters of local paths only these mean something within a query's value.
    let next = next.replace('%', "%25").replace('&', "%26").replace('+', "%2B");
    format!("{page}?next={next}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Money;

    #[test]
    fn only_paths_of_ours_are_followed() {
        for good in ["/campaigns/0198-a", "/?show=live", "/admin/users?search=ann%40x.y&page=2"] {
            assert_eq!(local_path(good), good);
        }
        let long = format!("/{}", "a".repeat(LOCAL_PATH_CHARS_MAX));
        for bad in [
            "",
            "x",
            "//evil.example",
            "/\\evil",
            "https://evil.example",
            "/a//b",
            "/a#b",
            "/a\r\nb",
            "/\tb",
            long.as_str(),
        ] {
            assert_eq!(local_path(bad), "/", "{bad}");
        }
    }

    #[test]
    fn the_way_on_survives_in_a_query() {
        assert_eq!(with_next("/login", "/orders"), "/login?next=/orders");
        let next = "/admin/users?search=ann%40x+y&page=2";
        let address = with_next("/login", next);
        let (_, query) = address.split_once('?').expect("a query");
        let values: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        assert_eq!(values, [("next".to_owned(), next.to_owned())]);
    }

    #[test]
    fn a_form_is_its_pages_users() {
        let (ann, bob) = ("0195abcd-0000-7000-8000-000100000001", "0195abcd-0000-7000-8000-000100000002");
        let user: UserId = ann.parse().expect("an id");
        let check = |body: String| check_page_user(Some(&PostedForm::parse(body.as_bytes())), user);
        assert_eq!(check(format!("price=1&user_id={ann}")), Ok(()));
        for other in [format!("user_id={bob}"), format!("user_id={bob}&user_id={ann}"), "price=1".to_owned()] {
            assert_eq!(check(other.clone()).expect_err("refused").code, ErrorCode::SessionChanged, "{other}");
        }
        assert!(check_page_user(None, user).is_err());
    }

    #[test]
    fn what_was_typed_is_read_from_its_cookie() {
        let cookie = HeaderValue::from_static("a=b; typed=email=ann%40x.y&username=%E5%B0%8F+%26");
        let headers = HeaderMap::from_iter([(header::COOKIE, cookie)]);
        assert_eq!(typed(&headers, "email").as_deref(), Some("ann@x.y"));
        assert_eq!(typed(&headers, "username").as_deref(), Some("小 &"));
        assert_eq!(typed(&headers, "password"), None);
    }

    #[test]
    fn the_query_tells_the_error_in_codes() {
        let error = ApiError::field("price", "must be an amount");
        assert_eq!(address_with_error("/a", &error), "/a?error=VALIDATION&fields=price");
        let mut error = ApiError::new(ErrorCode::PriceTooLow, "");
        error.min_price = Money::from_cents(80_000);
        assert_eq!(address_with_error("/a?b=c", &error), "/a?b=c&error=PRICE_TOO_LOW&min_price=800.00");
        let mut error = ApiError::new(ErrorCode::CampaignEnded, "");
        error.server_time = "2026-01-31T12:00:00.125Z".parse().ok();
        assert_eq!(address_with_error("/a", &error), "/a?error=CAMPAIGN_ENDED&server_time=2026-01-31T12:00:00.125Z");
    }
}

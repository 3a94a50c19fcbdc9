//! The request behind a server function, and the two ways to answer it.
//!
//! A script (`Accept: application/json`) gets the error with its status, or the address to go to.
//! A plain form gets a redirect: on success to where it leads, on failure back to its page, with
//! the error's code in the query. The query holds codes and field names, never sentences, so that
//! a crafted link cannot make our pages say what it likes.

use crate::{
    error::AppError,
    fault,
    session::{self, SecureCookies},
};
use domain::{ApiError, ErrorCode, api::accounts::User};
use engine::Engine;
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
            plain_form: parts.is_some_and(|parts| is_plain_form(&parts.headers)),
            response: use_context().unwrap_or_default(),
        }
    }

    /// The member who asks.
    pub(crate) async fn user(&self) -> Result<User, ApiError> {
        let user = session::user_of(&self.engine, self.token.clone()).await?;
        user.ok_or_else(|| ApiError::new(ErrorCode::NotAuthenticated, "Sign in first."))
    }

    /// The admin who asks.
    pub(crate) async fn admin(&self) -> Result<User, ApiError> {
        let user = self.user().await?;
        if user.is_admin { Ok(user) } else { Err(ApiError::new(ErrorCode::AdminRequired, "Only admins may do this.")) }
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
    /// a query).
    pub(crate) fn refuse(&self, error: ApiError, page: &str) -> AppError {
        if self.plain_form {
            self.go_to(&address_with_error(page, &error));
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

    /// Refuses and has the browser post the same form to `page`, which shows it again as it was
    /// typed, with the error. A script gets the error.
    pub(crate) fn send_back(&self, error: ApiError, page: &str) -> AppError {
        let error = self.refuse(error, page);
        if self.plain_form {
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

fn address_with_error(page: &str, error: &ApiError) -> String {
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
/// elsewhere. It may have a query of one pair. The few letters allowed need no escaping anywhere,
/// not even as a value of another query.
pub(crate) fn local_path(text: &str) -> &str {
    let harmless = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '?' | '=');
    let local = text.starts_with('/') && !text.contains("//") && text.len() <= 200 && text.chars().all(harmless);
    if local { text } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Money;

    #[test]
    fn only_paths_of_ours_are_followed() {
        for good in ["/campaigns/0198-a", "/?show=live"] {
            assert_eq!(local_path(good), good);
        }
        for bad in
            ["", "x", "//evil.example", "/\\evil", "https://evil.example", "/a//b", "/a?b=c&d=e", "/a\r\nb", "/%2f"]
        {
            assert_eq!(local_path(bad), "/", "{bad}");
        }
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

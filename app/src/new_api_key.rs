//! The token of an API key that was created just now, on its way to the page that shows it. Like the line of success it is
//! carried by a cookie, which the page removes; unlike an address, it is in no log and no history.

use http::{HeaderMap, HeaderValue};
use web::cookie_headers::{SecureCookies, cookie, set_cookie};

const COOKIE: &str = "gavel_new_key";
/// How long it waits for its page, in seconds.
const COOKIE_S: u64 = 30;

/// The `Set-Cookie` value that carries the token.
pub(crate) fn carry(token: &str, secure: SecureCookies) -> Option<HeaderValue> {
    set_cookie(COOKIE, token, COOKIE_S, "HttpOnly; ", secure)
}

/// The token in a request's cookie.
pub(crate) fn carried(headers: &HeaderMap) -> Option<&str> {
    cookie(headers, COOKIE).filter(|token| !token.is_empty())
}

/// The `Set-Cookie` value that removes it.
pub(crate) fn removal(secure: SecureCookies) -> Option<HeaderValue> {
    set_cookie(COOKIE, "", 0, "HttpOnly; ", secure)
}

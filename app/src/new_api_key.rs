//! The token of an API key that was created just now, on its way to the page that shows it. Like the line of success it is
//! carried by a cookie, which the page removes; unlike an address, it is in no log and no history.

use domain::UserId;
use http::{HeaderMap, HeaderValue};
use web::cookie_headers::{SecureCookies, cookie, set_cookie};

/// How long it waits for its page, in seconds.
const COOKIE_S: u64 = 30;

/// The cookie's name. Where cookies require HTTPS, no other host of the domain can set it.
fn name(secure: SecureCookies) -> &'static str {
    if secure == SecureCookies(true) { "__Host-gavel_new_key" } else { "gavel_new_key" }
}

/// The `Set-Cookie` value that carries the token to its user.
pub(crate) fn carry(user: UserId, token: &str, secure: SecureCookies) -> Option<HeaderValue> {
    set_cookie(name(secure), &format!("{user}/{token}"), COOKIE_S, "HttpOnly; ", secure)
}

/// The token in a request's cookie, if it is this user's.
pub(crate) fn carried(headers: &HeaderMap, user: UserId, secure: SecureCookies) -> Option<&str> {
    let (of_user, token) = cookie(headers, name(secure))?.split_once('/')?;
    (of_user == user.to_string()).then_some(token)
}

/// The `Set-Cookie` value that removes it.
pub(crate) fn removal(secure: SecureCookies) -> Option<HeaderValue> {
    set_cookie(name(secure), "", 0, "HttpOnly; ", secure)
}

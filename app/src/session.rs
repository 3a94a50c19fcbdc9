//! The session: a token in the `Authorization` header (API) or in a cookie (browsers).

use crate::fault;
use domain::{ApiError, ErrorCode, api::accounts::User};
use engine::Engine;
use http::{HeaderMap, HeaderValue, header};
use leptos::prelude::{expect_context, use_context};

/// The cookie that carries the token.
pub const COOKIE: &str = "gavel_session";

/// Whether cookies are for HTTPS only. The server provides it as context.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SecureCookies(pub bool);

/// The token of an `Authorization: Bearer` header, whatever the scheme's case.
pub fn bearer_token(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then(|| token.to_owned())
}

/// The token of the session cookie.
pub fn cookie_token(headers: &HeaderMap) -> Option<String> {
    cookie(headers, COOKIE).filter(|token| !token.is_empty()).map(str::to_owned)
}

/// The value of a cookie of the request.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let values = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// The member whose session cookie the page's or form's request carries.
///
/// `Ok(None)` without a session, with one that is over, and with one whose account was blocked;
/// an error if it cannot be told now.
pub async fn current_user() -> Result<Option<User>, ApiError> {
    // Context is read before the first await: afterwards it may be gone.
    let engine = expect_context::<Engine>();
    let token = use_context::<http::request::Parts>().and_then(|parts| cookie_token(&parts.headers));
    user_of(&engine, token).await
}

/// The member a session token belongs to; see [`current_user`].
pub(crate) async fn user_of(engine: &Engine, token: Option<String>) -> Result<Option<User>, ApiError> {
    let Some(token) = token else { return Ok(None) };
    match engine.authenticate(&token).await {
        Ok(user) => Ok(Some((*user).clone())),
        Err(error) => {
            let error = fault::to_api(&error);
            match error.code {
                ErrorCode::NotAuthenticated | ErrorCode::InvalidToken | ErrorCode::AccountInactive => Ok(None),
                _ => Err(error),
            }
        }
    }
}

/// The `Set-Cookie` value that starts a session; none if the token does not fit in a header.
pub fn start_cookie(token: &str, expires_in_s: u64, secure: SecureCookies) -> Option<HeaderValue> {
    set_cookie(COOKIE, token, expires_in_s, "HttpOnly; ", secure)
}

/// The `Set-Cookie` value that ends a session.
pub fn end_cookie(secure: SecureCookies) -> Option<HeaderValue> {
    set_cookie(COOKIE, "", 0, "HttpOnly; ", secure)
}

/// A cookie for the whole site that other sites' forms do not carry.
pub(crate) fn set_cookie(
    name: &str,
    value: &str,
    max_age_s: u64,
    flags: &str,
    secure: SecureCookies,
) -> Option<HeaderValue> {
    let secure = if secure.0 { "; Secure" } else { "" };
    let text = format!("{name}={value}; {flags}SameSite=Lax; Path=/; Max-Age={max_age_s}{secure}");
    HeaderValue::try_from(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn bearer_tokens_come_with_a_scheme_in_any_case() {
        for good in ["Bearer abc", "bearer abc", "BEARER  abc "] {
            assert_eq!(bearer_token(&headers(header::AUTHORIZATION, good)).as_deref(), Some("abc"), "{good}");
        }
        for bad in ["abc", "Basic abc", "Bearer ", ""] {
            assert_eq!(bearer_token(&headers(header::AUTHORIZATION, bad)), None, "{bad}");
        }
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        let token = |value| cookie_token(&headers(header::COOKIE, value));
        assert_eq!(token("a=b; gavel_session=t.o.k=; c=d").as_deref(), Some("t.o.k="));
        assert_eq!(token("xgavel_session=1"), None);
        assert_eq!(token("gavel_session="), None);
    }

    #[test]
    fn session_cookies_are_guarded() {
        let value = start_cookie("tok", 60, SecureCookies(true)).expect("fits");
        assert_eq!(value, "gavel_session=tok; HttpOnly; SameSite=Lax; Path=/; Max-Age=60; Secure");
        let value = end_cookie(SecureCookies(false)).expect("fits");
        assert_eq!(value, "gavel_session=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0");
        assert!(start_cookie("a\nb", 60, SecureCookies(false)).is_none());
    }
}

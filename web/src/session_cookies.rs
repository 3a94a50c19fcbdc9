//! The session's token, in a cookie (browsers) or in the `Authorization` header (API), and the cookies that start and end
//! a session.
//!
//! Scripts cannot read the token's cookie. A companion cookie, which they can read, has the session's user and end, so
//! that a page notices when it was rendered for another session (see `shell/session_watch.js`). The companion has no
//! authority: the server never trusts it.

use crate::{
    cookie_headers::{SecureCookies, cookie, set_cookie},
    engine_error,
};
use domain::{ApiError, ErrorCode, Timestamp, UserId, api::accounts::User};
use engine::{Engine, Session};
use http::{HeaderMap, HeaderValue, header};
use secrecy::ExposeSecret;

/// The cookie that carries the token.
const COOKIE: &str = "gavel_session";
/// Its name where cookies require HTTPS: browsers take it from this very host only, not from others of its domain.
const HOST_COOKIE: &str = "__Host-gavel_session";
/// The companion cookie, with the session's user and end.
pub const COMPANION_COOKIE: &str = "gavel_session_info";
/// The cookie that shows that this browser has signed in to an account before; it stays when the session ends.
const DEVICE_COOKIE: &str = "gavel_device";
/// The companion's value if the session's account is blocked.
const BLOCKED: &str = "blocked";

/// The token of an `Authorization: Bearer` header, whatever the scheme's case.
pub fn bearer_token(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then(|| token.to_owned())
}

/// The token of the session cookie, under either name. The version before sets only the plain one.
pub fn cookie_token(headers: &HeaderMap) -> Option<String> {
    let mut tokens = [HOST_COOKIE, COOKIE].into_iter().filter_map(|name| cookie(headers, name));
    tokens.find(|token| !token.is_empty()).map(str::to_owned)
}

/// The token of an earlier sign-in to an account, if the browser sends one.
pub fn device_token(headers: &HeaderMap) -> Option<&str> {
    cookie(headers, DEVICE_COOKIE)
}

/// The token of a request, and whether it came in a cookie: that of the header comes first.
pub fn token(headers: &HeaderMap) -> Option<(String, bool)> {
    bearer_token(headers).map(|token| (token, false)).or_else(|| cookie_token(headers).map(|token| (token, true)))
}

/// The member a session token belongs to.
///
/// `Ok(None)` without a token, and for one that has expired.
///
/// # Errors
/// `ACCOUNT_INACTIVE` if the account was blocked; `UNAVAILABLE` if the stores cannot be asked.
pub async fn user_of(engine: &Engine, token: Option<String>) -> Result<Option<User>, ApiError> {
    let Some(token) = token else { return Ok(None) };
    match engine.accounts.identify(&token).await {
        // An API key is no session.
        Ok((_, session)) if session.scope.is_some() => Ok(None),
        Ok((user, _)) => Ok(Some((*user).clone())),
        Err(error) => {
            let error = engine_error::to_api(&error);
            match error.code {
                ErrorCode::NotAuthenticated | ErrorCode::InvalidToken => Ok(None),
                _ => Err(error),
            }
        }
    }
}

/// The `Set-Cookie` values that start a session.
pub fn start_cookies(session: &Session, secure: SecureCookies) -> impl Iterator<Item = HeaderValue> + use<> {
    let Session { user, token, expires_in_s, expires_at, device } = session;
    let companion = companion_value(user.user_id, *expires_at);
    let token_cookies = token_cookies(secure).iter();
    let tokens = token_cookies.map(|name| set_cookie(name, token.expose_secret(), *expires_in_s, "HttpOnly; ", secure));
    let companion = set_cookie(COMPANION_COOKIE, &companion, *expires_in_s, "", secure);
    let device = device.as_ref().map(|device| {
        set_cookie(DEVICE_COOKIE, device.token.expose_secret(), device.expires_in_s, "HttpOnly; ", secure)
    });
    tokens.chain([companion]).chain(device).flatten().collect::<Vec<_>>().into_iter()
}

/// The `Set-Cookie` values that end a session.
pub fn end_cookies(secure: SecureCookies) -> impl Iterator<Item = HeaderValue> + use<> {
    let names = token_cookies(secure).iter().map(|name| set_cookie(name, "", 0, "HttpOnly; ", secure));
    names.chain([set_cookie(COMPANION_COOKIE, "", 0, "", secure)]).flatten().collect::<Vec<_>>().into_iter()
}

/// The names of the cookies that carry the token. The version before knows only the plain one.
fn token_cookies(secure: SecureCookies) -> &'static [&'static str] {
    if secure == SecureCookies(true) { &[COOKIE, HOST_COOKIE] } else { &[COOKIE] }
}

/// Corrects a companion that does not match the session. A session whose token is valid has no user if the account was
/// blocked.
fn correct_companion(
    headers: &HeaderMap,
    session: Option<(Option<UserId>, Timestamp)>,
    now: Timestamp,
    secure: SecureCookies,
) -> Option<HeaderValue> {
    let actual = cookie(headers, COMPANION_COOKIE).unwrap_or_default();
    let (expected, seconds) = match session {
        Some((user, end)) => {
            let value = user.map_or_else(|| BLOCKED.to_owned(), |user| companion_value(user, end));
            (value, u64::try_from(end.millis_since(now) / 1000).unwrap_or(0))
        }
        None => (String::new(), 0),
    };
    if actual == expected { None } else { set_cookie(COMPANION_COOKIE, &expected, seconds, "", secure) }
}

/// Whose the session of a request's cookie is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SessionHolder {
    /// A member's.
    Member(UserId),
    /// Nobody's any more, because the account was blocked.
    Blocked,
    /// There is none, or it is over.
    Nobody,
}

/// The `Set-Cookie` value that makes the companion say whose the session of the request's cookie is; none if it does.
pub fn companion_correction(
    engine: &Engine,
    headers: &HeaderMap,
    holder: SessionHolder,
    secure: SecureCookies,
) -> Option<HeaderValue> {
    let now = engine.clock.now();
    let session = match holder {
        SessionHolder::Member(user) => {
            let session = cookie_token(headers).and_then(|token| engine.accounts.token_session(&token).ok());
            session.map(|session| (Some(user), session.expires_at))
        }
        // The block has ended the session; the browser is told for as long as it could have lasted.
        SessionHolder::Blocked => {
            let length_ms = i64::try_from(engine.accounts.session_length().as_millis()).unwrap_or(i64::MAX);
            Some((None, now.plus_millis(length_ms)))
        }
        SessionHolder::Nobody => None,
    };
    correct_companion(headers, session, now, secure)
}

/// The companion's value: the user, and the end in seconds since the Unix epoch.
fn companion_value(user: UserId, end: Timestamp) -> String {
    format!("{user}.{}", end.unix_millis() / 1000)
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
        // A page of another host of the domain can set the plain one.
        assert_eq!(token("gavel_session=theirs; __Host-gavel_session=ours").as_deref(), Some("ours"));
    }

    #[test]
    fn a_session_ends_by_cookies_that_expire_at_once() {
        let values: Vec<_> = end_cookies(SecureCookies(false)).collect();
        assert_eq!(values[0], "gavel_session=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0");
        assert_eq!(values[1], "gavel_session_info=; SameSite=Lax; Path=/; Max-Age=0");
        let secure: Vec<_> = end_cookies(SecureCookies(true)).collect();
        assert_eq!(secure[1], "__Host-gavel_session=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0; Secure");
    }

    #[test]
    fn a_companion_is_corrected_only_if_it_is_wrong() {
        let user: UserId = "0195abcd-0000-7000-8000-000100000001".parse().expect("an id");
        let now = Timestamp::EPOCH;
        let mend = |says, session| {
            let mended = correct_companion(&headers(header::COOKIE, says), session, now, SecureCookies(false));
            mended.map(|value| value.to_str().expect("a text").to_owned())
        };
        let end = now.plus_millis(60_000);
        let session = Some((Some(user), end));
        let right = "gavel_session_info=0195abcd-0000-7000-8000-000100000001.60";
        assert_eq!(mend(right, session), None);
        for wrong in ["a=b", "gavel_session_info=0195abcd-0000-7000-8000-000100000002.60", "gavel_session_info=x"] {
            assert_eq!(mend(wrong, session), Some(format!("{right}; SameSite=Lax; Path=/; Max-Age=60")), "{wrong}");
        }
        let blocked = Some((None, end));
        let says_so = "gavel_session_info=blocked";
        assert_eq!(mend(right, blocked), Some(format!("{says_so}; SameSite=Lax; Path=/; Max-Age=60")));
        assert_eq!(mend(says_so, blocked), None);
        assert_eq!(mend(says_so, session), Some(format!("{right}; SameSite=Lax; Path=/; Max-Age=60")));
        assert_eq!(mend("a=b", None), None);
        assert_eq!(mend(right, None).as_deref(), Some("gavel_session_info=; SameSite=Lax; Path=/; Max-Age=0"));
    }
}

//! Cookies: reading those of a request, and the `Set-Cookie` values of a response.

use http::{HeaderMap, HeaderValue, header};

/// Whether cookies get the `Secure` attribute. The server provides it as context.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SecureCookies(pub bool);

/// The value of the request's cookie `name`.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let values = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// The `Set-Cookie` value that stores a reader's preference for a year.
pub fn preference_cookie(name: &str, value: &str, secure: SecureCookies) -> Option<HeaderValue> {
    const YEAR_S: u64 = 365 * 24 * 3600;

    set_cookie(name, value, YEAR_S, "", secure)
}

/// The `Set-Cookie` value of a cookie for the whole site, which browsers do not send with forms of other sites.
pub fn set_cookie(name: &str, value: &str, max_age_s: u64, flags: &str, secure: SecureCookies) -> Option<HeaderValue> {
    let secure = if secure.0 { "; Secure" } else { "" };
    let text = format!("{name}={value}; {flags}SameSite=Lax; Path=/; Max-Age={max_age_s}{secure}");
    HeaderValue::try_from(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others() {
        let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static("a=b; name=v=1; c=d"))]);
        assert_eq!(cookie(&headers, "name"), Some("v=1"));
        assert_eq!(cookie(&headers, "ame"), None);
    }

    #[test]
    fn attributes_protect_a_cookie() {
        let value = set_cookie("name", "tok", 60, "HttpOnly; ", SecureCookies(true)).expect("fits");
        assert_eq!(value, "name=tok; HttpOnly; SameSite=Lax; Path=/; Max-Age=60; Secure");
        assert!(set_cookie("name", "a\nb", 60, "", SecureCookies(false)).is_none());
    }
}

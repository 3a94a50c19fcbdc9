//! URLs of this site's pages, and what their queries carry: the next page, a stored form, a form's error.

use domain::{ApiError, ErrorCode, FieldError};
use std::fmt::Write;

/// The names of query parameters.
pub(crate) mod query {
    /// The page to go to afterwards.
    pub(crate) const NEXT: &str = "next";
    /// The name of a stored form, see [`crate::post_redirect_get`].
    pub(crate) const FORM: &str = "form";
    /// Whether to show that form or its review.
    pub(crate) const STEP: &str = "step";
    /// An error's code.
    pub(crate) const ERROR: &str = "error";
    /// The invalid fields, separated by commas.
    pub(crate) const FIELDS: &str = "fields";
    /// The minimum price, for `PRICE_TOO_LOW`.
    pub(crate) const MIN_PRICE: &str = "min_price";
    /// The token of a link in an e-mail.
    pub(crate) const TOKEN: &str = "token";
    /// When the server received the form.
    pub(crate) const SERVER_TIME: &str = "server_time";
}

/// The page of the reader's account.
pub(crate) const PROFILE_URL: &str = "/profile";
/// The page to ask for a new password on.
pub(crate) const FORGOT_PASSWORD_URL: &str = "/forgot-password";
/// The page that sets a new password by a link.
pub(crate) const RESET_PASSWORD_URL: &str = "/reset-password";
/// The page that confirms an address by a link.
pub(crate) const CONFIRM_EMAIL_URL: &str = "/confirm-email";
/// The page of the reader's second factor.
pub(crate) const SECOND_FACTOR_URL: &str = "/profile/second-factor";
/// The page that asks for its code when they sign in.
pub(crate) const CODE_URL: &str = "/login/code";
/// The page of the reader's data.
pub(crate) const PERSONAL_DATA_URL: &str = "/profile/data";
/// The page of the reader's API keys.
pub(crate) const API_KEYS_URL: &str = "/profile/api-keys";

/// The longest URL that is followed: longer than any of ours, short enough for a header.
const BYTES_MAX: usize = 2000;
/// The most fields an error is read with.
const FIELDS_MAX: usize = 20;

/// A path on this site, with its query, from a form or a query; `/` instead of anything that could lead elsewhere.
/// Browsers percent-encode what is not ASCII; they read a backslash as a slash, and two slashes as the start of a host.
pub(crate) fn local_path(text: &str) -> &str {
    let path = text.split('?').next().unwrap_or_default();
    let clean = text.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '\\' | '#'));
    let local = path.starts_with('/') && !path.contains("//") && clean && text.len() <= BYTES_MAX;
    if local { text } else { "/" }
}

/// The URL with these parameters set, and those without a value removed.
pub(crate) fn with_query(address: &str, values: &[(&str, Option<&str>)]) -> String {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let is_set = |pair: &str| {
        let name = pair.split('=').next().unwrap_or_default();
        values.iter().any(|(set, _)| *set == name)
    };
    let kept = query.split('&').filter(|pair| !pair.is_empty() && !is_set(pair)).map(str::to_owned);
    let set = values.iter().filter_map(|(name, value)| value.map(|value| format!("{name}={}", encoded(value))));
    let query = kept.chain(set).collect::<Vec<_>>().join("&");
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// The URL of the sign-in page that leads to `next`.
pub(crate) fn sign_in_url(next: &str) -> String {
    with_query("/login", &[(query::NEXT, (next != "/").then_some(next))])
}

/// The URL of a page that shows an error. It carries codes only, so that a crafted link cannot put words on our pages.
pub(crate) fn with_error(page: &str, error: &ApiError) -> String {
    let fields: Vec<&str> = error.errors.iter().map(|e| e.field.as_str()).filter(|f| !f.is_empty()).collect();
    let fields = Some(fields.join(",")).filter(|fields| !fields.is_empty());
    let min_price = error.min_price.map(|price| price.to_string());
    let server_time = error.server_time.map(|time| time.to_string());
    with_query(
        page,
        &[
            (query::ERROR, Some(error.code.as_str())),
            (query::FIELDS, fields.as_deref()),
            (query::MIN_PRICE, min_price.as_deref()),
            (query::SERVER_TIME, server_time.as_deref()),
        ],
    )
}

/// The error in a URL's query, given its parameters by name.
pub(crate) fn error_from_query(value: impl Fn(&str) -> Option<String>) -> Option<ApiError> {
    let code = value(query::ERROR)?;
    let code = ErrorCode::ALL.iter().find(|known| known.as_str() == code)?;
    let fields = value(query::FIELDS).unwrap_or_default();
    let errors = fields
        .split(',')
        .filter(|field| !field.is_empty())
        .take(FIELDS_MAX)
        .map(|field| FieldError { field: field.to_owned(), message: String::new() });
    Some(ApiError {
        errors: errors.collect(),
        min_price: value(query::MIN_PRICE).and_then(|price| price.parse().ok()),
        server_time: value(query::SERVER_TIME).and_then(|time| time.parse().ok()),
        ..ApiError::new(*code, "")
    })
}

/// A value with everything percent-encoded that could end it within a query.
fn encoded(value: &str) -> String {
    value.bytes().fold(String::with_capacity(value.len()), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/:,?=".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Money;

    #[test]
    fn only_paths_on_this_site_are_followed() {
        let long = format!("/{}", "a".repeat(BYTES_MAX - 1));
        let too_long = format!("{long}a");
        for good in [
            "/",
            "/campaigns/0198-a",
            "/?show=live",
            "/admin/users?q=%E5%B0%8F+x&skip=50",
            "/a?b=https://c.example//d",
            "/%2f",
            long.as_str(),
        ] {
            assert_eq!(local_path(good), good);
        }
        for bad in [
            "",
            "x",
            "?a=b",
            "//evil.example",
            "/\\evil.example",
            "/a?b=\\",
            "https://evil.example",
            "/a//b",
            "/a\r\nSet-Cookie: a=b",
            "/a b",
            "/a\u{0}",
            "/a#b",
            "/小",
            too_long.as_str(),
        ] {
            assert_eq!(local_path(bad), "/", "{bad}");
        }
    }

    #[test]
    fn a_url_survives_in_the_query_of_another() {
        assert_eq!(sign_in_url("/"), "/login");
        assert_eq!(sign_in_url("/orders"), "/login?next=/orders");
        let here = "/admin/users?q=%E5%B0%8F+%26&skip=50";
        let address = sign_in_url(here);
        let (_, query) = address.split_once('?').expect("a query");
        let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        assert_eq!(pairs, [("next".to_owned(), here.to_owned())]);
    }

    #[test]
    fn earlier_parameters_are_replaced() {
        let address = "/a?form=1&step=review&b=c";
        assert_eq!(with_query(address, &[("form", Some("2")), ("step", None)]), "/a?b=c&form=2");
        assert_eq!(with_query("/a?step=review", &[("step", None)]), "/a");
    }

    #[test]
    fn the_query_carries_the_error_as_codes() {
        let error = ApiError::field("price", "must be an amount");
        assert_eq!(with_error("/a?error=CONFLICT&min_price=1", &error), "/a?error=VALIDATION&fields=price");
        let mut error = ApiError::new(ErrorCode::PriceTooLow, "");
        error.min_price = Money::from_cents(80_000);
        assert_eq!(with_error("/a?b=c", &error), "/a?b=c&error=PRICE_TOO_LOW&min_price=800.00");
        let mut error = ApiError::new(ErrorCode::CampaignEnded, "");
        error.server_time = "2026-01-31T12:00:00.125Z".parse().ok();
        assert_eq!(with_error("/a", &error), "/a?error=CAMPAIGN_ENDED&server_time=2026-01-31T12:00:00.125Z");
    }
}

//! What one page hands on to the next by a cookie that scripts cannot read: unlike an address, it is in no log and no
//! history.

use domain::UserId;
use http::{HeaderMap, HeaderValue};
use web::cookie_headers::{SecureCookies, cookie, set_cookie};

/// A text on its way to a page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Carried {
    /// The token of an API key that was created just now, which its page shows once.
    ApiKey,
    /// Recovery codes, which their page shows once.
    RecoveryCodes,
    /// The proof that the password was right, between the two pages of a sign-in with a code.
    PasswordProof,
    /// The secret of a second factor that is being set up.
    SecondFactorSetup,
}

impl Carried {
    /// The `Set-Cookie` value that carries the text.
    pub(crate) fn cookie(self, text: &str, secure: SecureCookies) -> Option<HeaderValue> {
        let seconds = match self {
            Self::ApiKey | Self::RecoveryCodes => 30,
            // As long as the proof is good.
            Self::PasswordProof => 300,
            Self::SecondFactorSetup => 3600,
        };
        set_cookie(self.name(secure), text, seconds, "HttpOnly; ", secure)
    }

    /// The same for a user; another one in the same browser does not get it.
    pub(crate) fn cookie_for(self, user: UserId, text: &str, secure: SecureCookies) -> Option<HeaderValue> {
        self.cookie(&format!("{user}/{text}"), secure)
    }

    /// The text in a request's cookie.
    pub(crate) fn of(self, headers: &HeaderMap, secure: SecureCookies) -> Option<&str> {
        cookie(headers, self.name(secure)).filter(|text| !text.is_empty())
    }

    /// The text in a request's cookie, if it is this user's.
    pub(crate) fn of_user(self, headers: &HeaderMap, user: UserId, secure: SecureCookies) -> Option<&str> {
        let (of_user, text) = self.of(headers, secure)?.split_once('/')?;
        (of_user == user.to_string()).then_some(text)
    }

    /// The `Set-Cookie` value that removes it.
    pub(crate) fn removal(self, secure: SecureCookies) -> Option<HeaderValue> {
        set_cookie(self.name(secure), "", 0, "HttpOnly; ", secure)
    }

    /// The cookie's name. Where cookies require HTTPS, no other host of the domain can set it.
    fn name(self, secure: SecureCookies) -> &'static str {
        match (self, secure == SecureCookies(true)) {
            (Self::ApiKey, false) => "gavel_new_key",
            (Self::ApiKey, true) => "__Host-gavel_new_key",
            (Self::RecoveryCodes, false) => "gavel_recovery_codes",
            (Self::RecoveryCodes, true) => "__Host-gavel_recovery_codes",
            (Self::PasswordProof, false) => "gavel_password_proof",
            (Self::PasswordProof, true) => "__Host-gavel_password_proof",
            (Self::SecondFactorSetup, false) => "gavel_second_factor",
            (Self::SecondFactorSetup, true) => "__Host-gavel_second_factor",
        }
    }
}

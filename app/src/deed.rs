//! What a reader has just done, for the line of success on the page that follows. A cookie carries it from the answer to
//! the form to that page, which removes it: in the address it would be true again after every reload.

use crate::lang::Lang;
use http::{HeaderMap, HeaderValue};
use web::cookie_headers::{SecureCookies, cookie, set_cookie};

const COOKIE: &str = "gavel_done";
/// How long it waits for its page, in seconds.
const COOKIE_S: u64 = 30;

/// A form that was executed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Deed {
    ProductCreated,
    ProductSaved,
    CampaignCreated,
    CampaignSaved,
    CampaignCancelled,
    UserSaved,
    BidDeclaredVoid,
    BidRestored,
    PasswordChanged,
    SessionEnded,
    OtherSessionsEnded,
    ApiKeyCreated,
    ApiKeyRevoked,
    AccountErased,
    PasswordResetRequested,
    PasswordReset,
    ConfirmationRequested,
    EmailConfirmed,
    SecondFactorOn,
    SecondFactorOff,
}

impl Deed {
    const ALL: [Self; 20] = [
        Self::ProductCreated,
        Self::ProductSaved,
        Self::CampaignCreated,
        Self::CampaignSaved,
        Self::CampaignCancelled,
        Self::UserSaved,
        Self::BidDeclaredVoid,
        Self::BidRestored,
        Self::PasswordChanged,
        Self::SessionEnded,
        Self::OtherSessionsEnded,
        Self::ApiKeyCreated,
        Self::ApiKeyRevoked,
        Self::AccountErased,
        Self::PasswordResetRequested,
        Self::PasswordReset,
        Self::ConfirmationRequested,
        Self::EmailConfirmed,
        Self::SecondFactorOn,
        Self::SecondFactorOff,
    ];

    /// The deed in a request's cookie.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let name = cookie(headers, COOKIE)?;
        Self::ALL.into_iter().find(|deed| deed.name() == name)
    }

    /// The `Set-Cookie` value that carries it.
    pub(crate) fn cookie(self, secure: SecureCookies) -> Option<HeaderValue> {
        set_cookie(COOKIE, self.name(), COOKIE_S, "HttpOnly; ", secure)
    }

    /// The `Set-Cookie` value that removes it.
    pub(crate) fn removal(secure: SecureCookies) -> Option<HeaderValue> {
        set_cookie(COOKIE, "", 0, "HttpOnly; ", secure)
    }

    /// The line of success.
    pub(crate) fn text(self, lang: Lang) -> &'static str {
        let (messages, pages) = (lang.admin_messages(), lang.page_messages());
        match self {
            Self::ProductCreated => messages.done_product_created,
            Self::ProductSaved => messages.done_product_saved,
            Self::CampaignCreated => messages.done_campaign_created,
            Self::CampaignSaved => messages.done_campaign_saved,
            Self::CampaignCancelled => messages.done_campaign_cancelled,
            Self::UserSaved => messages.done_user_saved,
            Self::BidDeclaredVoid => messages.done_bid_void,
            Self::BidRestored => messages.done_bid_restored,
            Self::PasswordChanged => pages.done_password_changed,
            Self::SessionEnded => pages.done_session_ended,
            Self::OtherSessionsEnded => pages.done_other_sessions_ended,
            Self::ApiKeyCreated => pages.done_api_key_created,
            Self::ApiKeyRevoked => pages.done_api_key_revoked,
            Self::AccountErased => pages.done_account_erased,
            Self::PasswordResetRequested => pages.done_reset_requested,
            Self::PasswordReset => pages.done_password_reset,
            Self::ConfirmationRequested => pages.done_confirmation_requested,
            Self::EmailConfirmed => pages.done_email_confirmed,
            Self::SecondFactorOn => pages.done_second_factor_on,
            Self::SecondFactorOff => pages.done_second_factor_off,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::ProductCreated => "product_created",
            Self::ProductSaved => "product_saved",
            Self::CampaignCreated => "campaign_created",
            Self::CampaignSaved => "campaign_saved",
            Self::CampaignCancelled => "campaign_cancelled",
            Self::UserSaved => "user_saved",
            Self::BidDeclaredVoid => "bid_declared_void",
            Self::BidRestored => "bid_restored",
            Self::PasswordChanged => "password_changed",
            Self::SessionEnded => "session_ended",
            Self::OtherSessionsEnded => "other_sessions_ended",
            Self::ApiKeyCreated => "api_key_created",
            Self::ApiKeyRevoked => "api_key_revoked",
            Self::AccountErased => "account_erased",
            Self::PasswordResetRequested => "password_reset_requested",
            Self::PasswordReset => "password_reset",
            Self::ConfirmationRequested => "confirmation_requested",
            Self::EmailConfirmed => "email_confirmed",
            Self::SecondFactorOn => "second_factor_on",
            Self::SecondFactorOff => "second_factor_off",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header;

    #[test]
    fn a_cookie_carries_each_deed() {
        for deed in Deed::ALL {
            let set = deed.cookie(SecureCookies(true)).expect("fits");
            let pair = set.to_str().expect("ASCII").split(';').next().expect("a pair");
            let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::try_from(pair).expect("fits"))]);
            assert_eq!(Deed::of(&headers), Some(deed));
        }
        let unknown = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static("gavel_done=else"))]);
        assert_eq!(Deed::of(&unknown), None);
    }
}

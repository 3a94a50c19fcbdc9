//! The stable error codes and the error body of the API.

use crate::{Money, Timestamp};
use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// A stable code: clients may rely on it, unlike on the wording of `detail`.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
        pub enum ErrorCode {
            $($(#[$doc])* #[serde(rename = $text)] $name,)*
        }

        impl ErrorCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code as text.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

codes! {
    /// No token, or not in a known form.
    NotAuthenticated = "NOT_AUTHENTICATED";
    /// The token is forged, malformed or expired.
    InvalidToken = "INVALID_TOKEN";
    /// Unknown e-mail or wrong password.
    BadCredentials = "BAD_CREDENTIALS";
    /// The password is right, but signing in takes the code of an authenticator app, too.
    CodeRequired = "CODE_REQUIRED";
    /// The account was deactivated.
    AccountInactive = "ACCOUNT_INACTIVE";
    /// Only admins may do this.
    AdminRequired = "ADMIN_REQUIRED";
    /// The scope of the API key does not allow this.
    InsufficientScope = "INSUFFICIENT_SCOPE";
    /// A request with a session cookie that changes something came from another site.
    CrossOrigin = "CROSS_ORIGIN";
    /// The page that sent the request was rendered for another user than the session's; nothing was done.
    SessionChanged = "SESSION_CHANGED";
    /// The e-mail address already has an account.
    EmailTaken = "EMAIL_TAKEN";
    /// No such resource.
    NotFound = "NOT_FOUND";
    /// No such product.
    ProductNotFound = "PRODUCT_NOT_FOUND";
    /// No such campaign.
    CampaignNotFound = "CAMPAIGN_NOT_FOUND";
    /// The resource does not support the method.
    MethodNotAllowed = "METHOD_NOT_ALLOWED";
    /// The campaign does not take bids yet.
    CampaignNotStarted = "CAMPAIGN_NOT_STARTED";
    /// The campaign no longer takes bids.
    CampaignEnded = "CAMPAIGN_ENDED";
    /// The campaign was cancelled.
    CampaignCancelled = "CAMPAIGN_CANCELLED";
    /// The bid is under the minimum price.
    PriceTooLow = "PRICE_TOO_LOW";
    /// Too little of the product's stock is available.
    InsufficientStock = "INSUFFICIENT_STOCK";
    /// The state of the resource does not allow the change.
    Conflict = "CONFLICT";
    /// The resource is no longer in the state that `If-Match` names; nothing was changed.
    Stale = "STALE";
    /// The input is invalid; `errors` names the fields.
    Validation = "VALIDATION";
    /// The body is larger than allowed.
    PayloadTooLarge = "PAYLOAD_TOO_LARGE";
    /// Too many requests.
    RateLimited = "RATE_LIMITED";
    /// A bug in the server.
    Internal = "INTERNAL";
    /// The server is overloaded; nothing was done.
    Overloaded = "OVERLOADED";
    /// A store does not answer, or the server is shutting down.
    Unavailable = "UNAVAILABLE";
}

impl ErrorCode {
    /// Whether the server failed, so that the request may be fine and may even have been carried out.
    pub fn is_server_failure(self) -> bool {
        matches!(self, Self::Internal | Self::Overloaded | Self::Unavailable)
    }
}

/// What is wrong with one field of the input.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// The field's name in the JSON; empty if the input as a whole is invalid.
    pub field: String,
    /// What it must be.
    pub message: String,
}

/// The body of every error.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiError {
    /// One sentence for people.
    pub detail: String,
    /// The stable code.
    pub code: ErrorCode,
    /// The invalid fields, with 422.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// The minimum price, with `PRICE_TOO_LOW`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_price: Option<Money>,
    /// When to try again, in milliseconds, with 429 and 503.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// When the server received the request, with errors that depend on time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_time: Option<Timestamp>,
}

impl ApiError {
    /// An error with only a code and a sentence.
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self {
            detail: detail.into(),
            code,
            errors: Vec::new(),
            min_price: None,
            retry_after_ms: None,
            server_time: None,
        }
    }

    /// The error for a request from a page of another user than the session's.
    pub fn session_changed() -> Self {
        Self::new(ErrorCode::SessionChanged, "Another user than the page's is signed in; nothing was done.")
    }

    /// Invalid input in the given fields.
    pub fn validation(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [one] if one.field.is_empty() => format!("The input {}.", one.message),
            [one] => format!("The field {} {}.", one.field, one.message),
            _ => "Several fields are not valid.".to_owned(),
        };
        Self { errors, ..Self::new(ErrorCode::Validation, detail) }
    }

    /// Invalid input in one field.
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        Self::validation(vec![FieldError { field: field.to_owned(), message: message.into() }])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_reads_the_same_in_json_and_as_text() {
        for code in ErrorCode::ALL {
            let json = serde_json::to_string(code).expect("serializes");
            assert_eq!(json, format!("\"{}\"", code.as_str()));
        }
    }
}

//! The stable error codes and the one error body of the wire.

use crate::{Money, Timestamp};
use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $status:literal;)*) => {
        /// A stable code: clients may rely on it, unlike on the wording of `detail`.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
        pub enum ErrorCode {
            $($(#[$doc])* #[serde(rename = $text)] $name,)*
        }

        impl ErrorCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The HTTP status that goes with it.
            pub fn http_status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }
        }
    };
}

codes! {
    /// No token, or none that was understood.
    NotAuthenticated = "NOT_AUTHENTICATED", 401;
    /// The token is not ours, is malformed or has expired.
    InvalidToken = "INVALID_TOKEN", 401;
    /// Unknown e-mail or wrong password.
    BadCredentials = "BAD_CREDENTIALS", 401;
    /// The account was deactivated.
    AccountInactive = "ACCOUNT_INACTIVE", 403;
    /// Only admins may do this.
    AdminRequired = "ADMIN_REQUIRED", 403;
    /// A cookie session's unsafe request came from another site.
    CrossOrigin = "CROSS_ORIGIN", 403;
    /// The page that sent this is another user's than the session; nothing was done.
    SessionChanged = "SESSION_CHANGED", 409;
    /// The address exists already.
    EmailTaken = "EMAIL_TAKEN", 400;
    /// No such resource.
    NotFound = "NOT_FOUND", 404;
    /// No such product.
    ProductNotFound = "PRODUCT_NOT_FOUND", 404;
    /// No such campaign.
    CampaignNotFound = "CAMPAIGN_NOT_FOUND", 404;
    /// The resource exists, the method does not.
    MethodNotAllowed = "METHOD_NOT_ALLOWED", 405;
    /// The campaign does not take bids yet.
    CampaignNotStarted = "CAMPAIGN_NOT_STARTED", 403;
    /// The campaign takes no bids any more.
    CampaignEnded = "CAMPAIGN_ENDED", 403;
    /// The campaign was called off.
    CampaignCancelled = "CAMPAIGN_CANCELLED", 403;
    /// The bid is under the minimum price.
    PriceTooLow = "PRICE_TOO_LOW", 400;
    /// The product's stock is promised to other campaigns.
    InsufficientStock = "INSUFFICIENT_STOCK", 409;
    /// The change does not fit the state the resource is in.
    Conflict = "CONFLICT", 409;
    /// The input is not valid; `errors` says where.
    Validation = "VALIDATION", 422;
    /// The body is larger than allowed.
    PayloadTooLarge = "PAYLOAD_TOO_LARGE", 413;
    /// Too many requests.
    RateLimited = "RATE_LIMITED", 429;
    /// A fault of ours.
    Internal = "INTERNAL", 500;
    /// The server has more to do than it can; nothing was done.
    Overloaded = "OVERLOADED", 503;
    /// A store is out of reach or the server is shutting down.
    Unavailable = "UNAVAILABLE", 503;
}

/// What is wrong with one field of the input.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FieldError {
    /// The field's name on the wire; empty if the input as a whole is wrong.
    pub field: String,
    /// What it must be.
    pub message: String,
}

/// The body of every error.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ApiError {
    /// One sentence for people.
    pub detail: String,
    /// The stable code.
    pub code: ErrorCode,
    /// The wrong fields, with 422.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// The least price that counts, with `PRICE_TOO_LOW`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_price: Option<Money>,
    /// When to try again, in milliseconds, with 429 and 503.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// The server's time of receipt, with refusals that depend on time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_time: Option<Timestamp>,
}

impl ApiError {
    /// An error with nothing but a code and a sentence.
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

    /// What a page sent that is another user's than the session.
    pub fn session_changed() -> Self {
        Self::new(ErrorCode::SessionChanged, "The session is another user's than the page; nothing was done.")
    }

    /// Input that is wrong in the given fields.
    pub fn validation(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [one] if one.field.is_empty() => format!("The input {}.", one.message),
            [one] => format!("The field {} {}.", one.field, one.message),
            _ => "Several fields are not valid.".to_owned(),
        };
        Self { errors, ..Self::new(ErrorCode::Validation, detail) }
    }

    /// Input that is wrong in one field.
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
            assert!((400..=503).contains(&code.http_status()));
        }
    }
}

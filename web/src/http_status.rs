//! The HTTP status of each error code.

use domain::ErrorCode;
use http::StatusCode;

/// The status that goes with a code. Clients may rely on it as on the code.
pub fn status_of(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::EmailTaken | ErrorCode::PriceTooLow => StatusCode::BAD_REQUEST,
        ErrorCode::NotAuthenticated | ErrorCode::InvalidToken | ErrorCode::BadCredentials | ErrorCode::CodeRequired => {
            StatusCode::UNAUTHORIZED
        }
        ErrorCode::AccountInactive
        | ErrorCode::AdminRequired
        | ErrorCode::InsufficientScope
        | ErrorCode::CrossOrigin
        | ErrorCode::CampaignNotStarted
        | ErrorCode::CampaignEnded
        | ErrorCode::CampaignCancelled => StatusCode::FORBIDDEN,
        ErrorCode::NotFound | ErrorCode::ProductNotFound | ErrorCode::CampaignNotFound => StatusCode::NOT_FOUND,
        ErrorCode::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        ErrorCode::SessionChanged | ErrorCode::InsufficientStock | ErrorCode::Conflict => StatusCode::CONFLICT,
        ErrorCode::Stale => StatusCode::PRECONDITION_FAILED,
        ErrorCode::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::Validation => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        ErrorCode::Overloaded | ErrorCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn every_code_has_its_status() {
        let golden: BTreeMap<String, u16> =
            serde_json::from_str(include_str!("../tests/golden/error_codes.json")).expect("JSON");
        let statuses = ErrorCode::ALL.iter().map(|code| (code.as_str().to_owned(), status_of(*code).as_u16()));
        assert_eq!(statuses.collect::<BTreeMap<_, _>>(), golden);
    }

    #[test]
    fn failures_of_the_server_have_statuses_from_500() {
        for code in ErrorCode::ALL {
            assert_eq!(status_of(*code).is_server_error(), code.is_server_failure(), "{code:?}");
        }
    }
}

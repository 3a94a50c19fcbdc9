//! The one way an error becomes an answer.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use domain::{ApiError, ErrorCode};
use http::{HeaderValue, StatusCode, header};

/// An error on its way to the client.
#[derive(Debug)]
pub struct Failure(pub ApiError);

/// When to come back where nobody knows better, in milliseconds.
const RETRY_AFTER_MS: u64 = 1000;

/// The result of a handler.
pub type Answer<T> = Result<T, Failure>;

impl Failure {
    /// An error with nothing but a code and a sentence.
    pub fn new(code: ErrorCode, detail: &str) -> Self {
        Self(ApiError::new(code, detail))
    }

    /// Counts a refusal in the metrics.
    pub fn count(&self) {
        super::metrics::REFUSED.with_label_values(&[self.0.code.as_str()]).inc();
    }

    /// The plain `NOT_FOUND` of a resource that the path names.
    ///
    /// `PRODUCT_NOT_FOUND` and `CAMPAIGN_NOT_FOUND` tell a body's reference apart from the path.
    pub fn at_path(error: engine::Error) -> Self {
        let mut failure = Self::from(error);
        if matches!(failure.0.code, ErrorCode::ProductNotFound | ErrorCode::CampaignNotFound) {
            failure.0.code = ErrorCode::NotFound;
        }
        failure
    }
}

impl From<engine::Error> for Failure {
    fn from(error: engine::Error) -> Self {
        if error.is_fault() {
            tracing::error!(%error, "a request failed");
        }
        Self(error.to_api())
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        self.count();
        let Self(mut error) = self;
        let status = StatusCode::from_u16(error.code.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            error.retry_after_ms.get_or_insert(RETRY_AFTER_MS);
        }
        let retry_after_ms = error.retry_after_ms;
        let mut response = (status, Json(error)).into_response();
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(retry_after_ms) = retry_after_ms {
            // Whole seconds, rounded up: earlier would be refused again.
            let seconds = retry_after_ms.div_ceil(1000).max(1);
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

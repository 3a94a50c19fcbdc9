//! How errors become responses: status, JSON body and `Retry-After`.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use domain::{ApiError, ErrorCode};
use http::{HeaderValue, StatusCode, header};
use web::engine_error;

/// An error as the response to a request.
#[derive(Debug)]
pub struct ErrorResponse(pub ApiError);

/// Milliseconds after which to retry if the error does not say.
const RETRY_AFTER_MS_DEFAULT: u64 = 1000;

/// The result of a handler.
pub type HandlerResult<T> = Result<T, ErrorResponse>;

impl ErrorResponse {
    /// An error with only a code and a sentence for people.
    pub fn new(code: ErrorCode, detail: &str) -> Self {
        Self(ApiError::new(code, detail))
    }

    /// Counts the error in the metrics; needed only if it is not sent as a response.
    pub fn count(&self) {
        super::request_metrics::REFUSED_REQUESTS.with_label_values(&[self.0.code.as_str()]).inc();
    }

    /// An error about the resource in the path: `NOT_FOUND` if it does not exist.
    ///
    /// `PRODUCT_NOT_FOUND` and `CAMPAIGN_NOT_FOUND` are for resources that a body refers to.
    pub fn for_path_resource(error: engine::Error) -> Self {
        let mut response = Self::from(error);
        if matches!(response.0.code, ErrorCode::ProductNotFound | ErrorCode::CampaignNotFound) {
            response.0.code = ErrorCode::NotFound;
        }
        response
    }
}

impl From<engine::Error> for ErrorResponse {
    fn from(error: engine::Error) -> Self {
        Self(engine_error::to_api(&error))
    }
}

impl From<ApiError> for ErrorResponse {
    fn from(error: ApiError) -> Self {
        Self(error)
    }
}

impl IntoResponse for ErrorResponse {
    fn into_response(self) -> Response {
        self.count();
        let Self(mut error) = self;
        let status = web::status_of(error.code);
        if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            error.retry_after_ms.get_or_insert(RETRY_AFTER_MS_DEFAULT);
        }
        let retry_after_ms = error.retry_after_ms;
        let mut response = (status, Json(error)).into_response();
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(retry_after_ms) = retry_after_ms {
            // The header has whole seconds; rounded down, the retry would come too early.
            let seconds = retry_after_ms.div_ceil(1000).max(1);
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

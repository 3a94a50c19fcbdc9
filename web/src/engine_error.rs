//! Errors of the engine as errors of the API.

use domain::ApiError;

/// The API's error. An internal error is logged here, because the API's error does not have its cause.
pub fn to_api(error: &engine::Error) -> ApiError {
    if error.is_fault() {
        tracing::error!(%error, "the engine failed");
    }
    error.to_api()
}

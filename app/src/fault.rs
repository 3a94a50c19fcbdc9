//! Errors of the engine on their way to a reader.

use domain::ApiError;

/// The error as readers see it. A fault of ours is logged, for this is where its cause is lost.
pub(crate) fn to_api(error: &engine::Error) -> ApiError {
    if error.is_fault() {
        tracing::error!(%error, "the engine failed");
    }
    error.to_api()
}

//! The error of every server function: the API's own error, with its code and its fields.

use domain::{ApiError, ErrorCode};
use serde::{Deserialize, Serialize};
use server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};

/// Why a server function did not do what it was asked.
///
/// On the wire it is an [`ApiError`], as in the REST API.
#[derive(Clone, PartialEq, Debug, thiserror::Error, Serialize, Deserialize)]
#[serde(from = "ApiError", into = "ApiError")]
pub enum AppError {
    /// The server said no, and why.
    #[error("{}", .0.detail)]
    Refused(ApiError),
    /// No answer came that could be understood: the request may or may not have been carried out.
    #[error("the server did not answer")]
    Unanswered,
}

impl From<ApiError> for AppError {
    fn from(error: ApiError) -> Self {
        Self::Refused(error)
    }
}

impl From<AppError> for ApiError {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Refused(error) => error,
            AppError::Unanswered => Self::new(ErrorCode::Unavailable, "The server did not answer."),
        }
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    /// In the browser the framework fails when there is no usable answer; on the server, when the
    /// input does not even have the form's shape. Its texts name internals, so they stay here.
    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        if cfg!(not(feature = "ssr")) {
            return Self::Unanswered;
        }
        let api = match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Deserialization(_) => {
                ApiError::field("", "could not be read")
            }
            _ => ApiError::new(ErrorCode::Internal, "Something went wrong on our side."),
        };
        #[cfg(feature = "ssr")]
        crate::server_fns::request::refuse_shape(&api);
        Self::Refused(api)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_the_wire_it_is_an_api_error() {
        let api = ApiError::field("price", "must be an amount");
        let json = serde_json::to_string(&AppError::from(api.clone())).expect("serializes");
        assert_eq!(json, serde_json::to_string(&api).expect("serializes"));
        assert_eq!(serde_json::from_str::<AppError>(&json).expect("parses"), AppError::Refused(api));
    }
}

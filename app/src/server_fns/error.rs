//! The error of every server function: the API's error, with its code and the fields it is about.

use domain::{ApiError, ErrorCode};
use serde::{Deserialize, Serialize};
use server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};

/// Why a server function failed. On the wire it is an [`ApiError`], as in the REST API.
#[derive(Clone, PartialEq, Debug, thiserror::Error, Serialize, Deserialize)]
#[serde(transparent)]
#[error("{}", .0.detail)]
pub struct AppError(pub ApiError);

impl From<ApiError> for AppError {
    fn from(error: ApiError) -> Self {
        Self(error)
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    /// The framework fails when the input cannot be decoded. Its messages name internals, so they are not passed on.
    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        let api = match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Deserialization(_) => {
                ApiError::field("", "could not be read")
            }
            _ => ApiError::new(ErrorCode::Internal, "Something went wrong on our side."),
        };
        #[cfg(feature = "ssr")]
        crate::form_or_script_response::set_malformed_input_status(&api);
        Self(api)
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
        assert_eq!(serde_json::from_str::<AppError>(&json).expect("parses"), AppError(api));
    }
}

//! The extractor for JSON bodies. A refusal names the field that is wrong and what it must be.

use super::error_response::ErrorResponse;
use axum::{
    body::{Bytes, to_bytes},
    extract::{FromRequest, Request},
};
use domain::{ApiError, ErrorCode, limits::BODY_BYTES_MAX};
use serde::de::DeserializeOwned;

/// A body that is one JSON object; 422 if it is not, 413 if it is too large.
pub struct JsonBody<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = ErrorResponse;

    async fn from_request(request: Request, _: &S) -> Result<Self, ErrorResponse> {
        parse_body(&read_body(request).await?).map(Self).map_err(ErrorResponse)
    }
}

pub(super) async fn read_body(request: Request) -> Result<Bytes, ErrorResponse> {
    to_bytes(request.into_body(), BODY_BYTES_MAX)
        .await
        .map_err(|_| ErrorResponse::new(ErrorCode::PayloadTooLarge, "The body is too large or was cut short."))
}

pub(super) fn parse_body<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    // serde would also accept an array for a struct, and would quote any other body in its message.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(ApiError::field("", "must be a JSON object"));
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let field = error.path().to_string();
        let message = error.inner().to_string();
        match missing_field(&message) {
            Some(missing) => ApiError::field(missing, "is required"),
            None if field == "." || error.inner().is_syntax() || error.inner().is_eof() => {
                ApiError::field("", "must be well-formed JSON with the documented fields")
            }
            None => ApiError::field(&field, requirement(&message)),
        }
    })?;
    json.end().map_err(|_| ApiError::field("", "must be one JSON object with nothing after it"))?;
    Ok(value)
}

fn missing_field(message: &str) -> Option<&str> {
    message.strip_prefix("missing field `")?.split('`').next()
}

/// A serde message without the value that was found, which may be private, and without its position.
fn requirement(message: &str) -> String {
    let message = message.split(" at line ").next().unwrap_or(message);
    let is_invalid = ["invalid type", "invalid value", "unknown variant"].iter().any(|kind| message.starts_with(kind));
    match message.rsplit_once(", expected ") {
        Some((_, expected)) if expected.starts_with("must ") => expected.to_owned(),
        Some((_, expected)) if is_invalid => format!("must be {expected}"),
        _ if message.starts_with("UUID parsing failed") => "must be a UUID".to_owned(),
        _ => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::api::{
        accounts::{LoginRequest, UpdateUser},
        bids::PlaceBid,
    };

    fn error_of<T: DeserializeOwned>(body: &str) -> ApiError {
        match parse_body::<T>(body.as_bytes()) {
            Ok(_) => panic!("{body} was accepted"),
            Err(error) => error,
        }
    }

    #[test]
    fn an_error_names_the_field_and_says_what_it_must_be() {
        let id = "0190f0c0-0000-7000-8000-000000000001";
        for (body, field, message) in [
            ("[]".to_owned(), "", "must be a JSON object"),
            ("{".to_owned(), "", "must be well-formed JSON with the documented fields"),
            ("{}".to_owned(), "campaign_id", "is required"),
            (format!(r#"{{"campaign_id":"{id}"}}"#), "price", "is required"),
            (
                format!(r#"{{"campaign_id":"{id}","price":true}}"#),
                "price",
                "must be an amount with at most two decimals",
            ),
            (
                format!(r#"{{"campaign_id":"{id}","price":1.001}}"#),
                "price",
                "must be an amount with at most two decimals",
            ),
            (r#"{"campaign_id":"x","price":1}"#.to_owned(), "campaign_id", "must be a UUID"),
        ] {
            let error = error_of::<PlaceBid>(&body);
            assert_eq!((error.errors[0].field.as_str(), error.errors[0].message.as_str()), (field, message), "{body}");
        }
    }

    #[test]
    fn an_unknown_name_is_not_repeated() {
        let error = error_of::<UpdateUser>(r#"{"status":"gone"}"#);
        assert_eq!(
            (error.errors[0].field.as_str(), error.errors[0].message.as_str()),
            ("status", "must be `active` or `inactive`")
        );
    }

    #[test]
    fn an_error_never_contains_the_rejected_password() {
        for body in [
            r#"{"email":"a@b.c","password":12345678}"#,
            r#"{"email":"a@b.c","password":["hunter22"]}"#,
            r#""hunter22""#,
        ] {
            let error = serde_json::to_string(&error_of::<LoginRequest>(body)).expect("serializes");
            assert!(!error.contains("12345678") && !error.contains("hunter22"), "{error}");
        }
    }
}

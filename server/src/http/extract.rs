//! Inputs of handlers: parsed at the edge, refused with a code and a field.

use super::{admission::Identity, failure::Failure};
use axum::{
    body::to_bytes,
    extract::{FromRequest, FromRequestParts, OptionalFromRequestParts, Path, Query, Request},
};
use domain::{
    ApiError, ErrorCode,
    api::accounts::User,
    limits::{BODY_BYTES_MAX, PAGE_LIMIT_MAX, PAGE_SKIP_MAX},
    validated::Page,
};
use http::request::Parts;
use serde::de::DeserializeOwned;
use std::{collections::HashMap, convert::Infallible, str::FromStr, sync::Arc};

/// The signed-in user; 401 without one.
pub struct Member(pub Arc<User>);

impl<S: Sync> FromRequestParts<S> for Member {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let identity = parts.extensions.get::<Identity>().map(|identity| identity.user.clone());
        match identity {
            Some(Ok(Some(user))) => Ok(Self(user)),
            Some(Err(error)) => Err(Failure(error)),
            Some(Ok(None)) | None => Err(Failure::new(ErrorCode::NotAuthenticated, "Please sign in to do this.")),
        }
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Identity {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(parts.extensions.get::<Identity>().cloned())
    }
}

/// The signed-in admin; 401 without a user, 403 for anyone else.
pub struct Admin(pub Arc<User>);

impl<S: Sync> FromRequestParts<S> for Admin {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let Member(user) = Member::from_request_parts(parts, state).await?;
        if user.is_admin {
            Ok(Self(user))
        } else {
            Err(Failure::new(ErrorCode::AdminRequired, "Only admins may do this."))
        }
    }
}

/// A JSON object as body.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        let bytes = to_bytes(request.into_body(), BODY_BYTES_MAX)
            .await
            .map_err(|_| Failure::new(ErrorCode::PayloadTooLarge, "The body is too large or was cut short."))?;
        parse_body(&bytes).map(Self).map_err(Failure)
    }
}

fn parse_body<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    // serde would take an array for a struct too, and quote any other body in its message.
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
            None => ApiError::field(&field, readable(&message)),
        }
    })?;
    json.end().map_err(|_| ApiError::field("", "must be one JSON object and nothing after it"))?;
    Ok(value)
}

fn missing_field(message: &str) -> Option<&str> {
    message.strip_prefix("missing field `")?.split('`').next()
}

/// A serde message without what it found and where, which may be private or is of no use here.
fn readable(message: &str) -> String {
    let message = message.split(" at line ").next().unwrap_or(message);
    let found = message.starts_with("invalid type") || message.starts_with("invalid value");
    match message.rsplit_once(", expected ") {
        Some((_, expected)) if expected.starts_with("must ") => expected.to_owned(),
        Some((_, expected)) if found => format!("must be {expected}"),
        _ if message.starts_with("UUID parsing failed") => "must be a UUID".to_owned(),
        _ => message.to_owned(),
    }
}

/// The id in the path.
pub struct PathId<T>(pub T);

impl<T: FromStr, S: Send + Sync> FromRequestParts<S> for PathId<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let Path(text) = <Path<String> as FromRequestParts<S>>::from_request_parts(parts, state)
            .await
            .map_err(|_| Failure(ApiError::field("id", "must be a UUID")))?;
        text.parse().map(Self).map_err(|_| Failure(ApiError::field("id", "must be a UUID")))
    }
}

/// The query's parameters.
pub struct Params(HashMap<String, String>);

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let Query(params): Query<HashMap<String, String>> = Query::from_request_parts(parts, state)
            .await
            .map_err(|_| Failure(ApiError::field("", "must have a well-formed query")))?;
        // PostgreSQL has no such texts, whatever a parameter may be for.
        if let Some((name, _)) = params.iter().find(|(name, value)| name.contains('\0') || value.contains('\0')) {
            return Err(Failure(ApiError::field(&name.replace('\0', ""), "must not contain NUL")));
        }
        Ok(Self(params))
    }
}

impl Params {
    /// A parameter that may be left out.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A whole number within bounds that may be left out.
    pub fn number(&self, name: &str, min: u32, max: u32) -> Result<Option<u32>, Failure> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let number = text.parse().ok().filter(|number| (min..=max).contains(number));
        let message = || format!("must be a whole number from {min} to {max}");
        number.map(Some).ok_or_else(|| Failure(ApiError::field(name, message())))
    }

    /// The page that `skip` and `limit` ask for.
    pub fn page(&self) -> Result<Page, Failure> {
        self.page_up_to(PAGE_LIMIT_MAX)
    }

    /// The same, of at most `limit_max` items and as many by default as lists have, or all.
    pub fn page_up_to(&self, limit_max: u32) -> Result<Page, Failure> {
        Ok(Page {
            skip: self.number("skip", 0, PAGE_SKIP_MAX)?.unwrap_or(0),
            limit: self.number("limit", 1, limit_max)?.unwrap_or(limit_max),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::api::{accounts::LoginRequest, bids::PlaceBid};

    fn refusal<T: DeserializeOwned>(body: &str) -> ApiError {
        match parse_body::<T>(body.as_bytes()) {
            Ok(_) => panic!("{body} was accepted"),
            Err(error) => error,
        }
    }

    #[test]
    fn a_refusal_names_the_field_and_says_what_it_must_be() {
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
            let error = refusal::<PlaceBid>(&body);
            assert_eq!((error.errors[0].field.as_str(), error.errors[0].message.as_str()), (field, message), "{body}");
        }
    }

    #[test]
    fn a_rejected_password_never_comes_back() {
        for body in [
            r#"{"email":"a@b.c","password":12345678}"#,
            r#"{"email":"a@b.c","password":["hunter22"]}"#,
            r#""hunter22""#,
        ] {
            let error = serde_json::to_string(&refusal::<LoginRequest>(body)).expect("serializes");
            assert!(!error.contains("12345678") && !error.contains("hunter22"), "{error}");
        }
    }
}

//! Extractors for parameters in the URL: the id in the path and the query.

use super::error_response::{ErrorResponse, HandlerResult};
use axum::extract::{FromRequestParts, Path, Query};
use domain::{
    ApiError,
    limits::{PAGE_LIMIT_MAX, PAGE_SKIP_MAX},
    validated::Page,
};
use http::request::Parts;
use std::{collections::HashMap, str::FromStr};
use utoipa::IntoParams;

/// The id in the path; 422 if it is not one.
pub struct PathId<T>(pub T);

impl<T: FromStr, S: Send + Sync> FromRequestParts<S> for PathId<T> {
    type Rejection = ErrorResponse;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ErrorResponse> {
        let Path(text) = <Path<String> as FromRequestParts<S>>::from_request_parts(parts, state)
            .await
            .map_err(|_| ErrorResponse(ApiError::field("id", "must be a UUID")))?;
        text.parse().map(Self).map_err(|_| ErrorResponse(ApiError::field("id", "must be a UUID")))
    }
}

/// The two ids in the path; 422 if either is none.
pub struct PathIds<A, B>(pub A, pub B);

impl<A: FromStr, B: FromStr, S: Send + Sync> FromRequestParts<S> for PathIds<A, B> {
    type Rejection = ErrorResponse;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ErrorResponse> {
        let refused = || ErrorResponse(ApiError::field("id", "must be a UUID"));
        let path = <Path<(String, String)> as FromRequestParts<S>>::from_request_parts(parts, state).await;
        let Path((first, second)) = path.map_err(|_| refused())?;
        Ok(Self(first.parse().map_err(|_| refused())?, second.parse().map_err(|_| refused())?))
    }
}

/// The parameters of the query, all of them optional; unknown ones are ignored.
pub struct QueryParams(HashMap<String, String>);

impl<S: Send + Sync> FromRequestParts<S> for QueryParams {
    type Rejection = ErrorResponse;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ErrorResponse> {
        let Query(params): Query<HashMap<String, String>> = Query::from_request_parts(parts, state)
            .await
            .map_err(|_| ErrorResponse(ApiError::field("", "must have a well-formed query")))?;
        // PostgreSQL text cannot contain NUL.
        if let Some((name, _)) = params.iter().find(|(name, value)| name.contains('\0') || value.contains('\0')) {
            return Err(ErrorResponse(ApiError::field(&name.replace('\0', ""), "must not contain NUL")));
        }
        Ok(Self(params))
    }
}

/// What [`QueryParams::page`] reads, for the description of the API.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query; nothing is read into it")]
pub struct PageParams {
    /// How many entries to skip.
    #[param(minimum = 0, maximum = 10_000_000)]
    skip: Option<u32>,
    /// How many entries at most.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

impl QueryParams {
    /// The parameter of this name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A whole number from `min` to `max`; an error names the parameter.
    pub fn number(&self, name: &str, min: u32, max: u32) -> HandlerResult<Option<u32>> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let number = text.parse().ok().filter(|number| (min..=max).contains(number));
        let message = || format!("must be a whole number from {min} to {max}");
        number.map(Some).ok_or_else(|| ErrorResponse(ApiError::field(name, message())))
    }

    /// The page of a list that `skip` and `limit` select.
    pub fn page(&self) -> HandlerResult<Page> {
        self.page_up_to(PAGE_LIMIT_MAX)
    }

    /// The same with another maximum of `limit`, which is also its default.
    pub fn page_up_to(&self, limit_max: u32) -> HandlerResult<Page> {
        Ok(Page {
            skip: self.number("skip", 0, PAGE_SKIP_MAX)?.unwrap_or(0),
            limit: self.number("limit", 1, limit_max)?.unwrap_or(limit_max),
        })
    }
}

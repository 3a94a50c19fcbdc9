//! Parsing a form's texts, each field with its own error.

use domain::{ApiError, FieldError};
use std::{fmt::Display, str::FromStr};

/// The errors found so far.
#[derive(Default)]
pub(crate) struct Fields(Vec<FieldError>);

impl Fields {
    /// Keeps the error of a field that is not valid.
    pub(crate) fn check<T, E: Display>(&mut self, field: &str, parsed: Result<T, E>) -> Option<T> {
        parsed
            .map_err(|error| {
                self.0.push(FieldError { field: field.to_owned(), message: error.to_string() });
            })
            .ok()
    }

    /// Parses a field.
    pub(crate) fn parse<T>(&mut self, field: &str, text: &str) -> Option<T>
    where
        T: FromStr<Err: Display>,
    {
        self.check(field, text.parse())
    }

    /// Parses a field that may be empty.
    pub(crate) fn parse_optional<T>(&mut self, field: &str, text: &str) -> Option<T>
    where
        T: FromStr<Err: Display>,
    {
        if text.trim().is_empty() { None } else { self.parse(field, text) }
    }

    /// All that was wrong, as one error. It is asked for when a required field is missing, or to
    /// make sure that there is nothing.
    pub(crate) fn into_error(self) -> ApiError {
        ApiError::validation(self.0)
    }

    /// Whether nothing was wrong.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Money;

    #[test]
    fn each_field_has_its_error() {
        let mut fields = Fields::default();
        assert!(fields.parse::<Money>("price", "x").is_none());
        assert!(fields.parse_optional::<Money>("min_price", " ").is_none());
        assert!(fields.parse::<Money>("other", "1").is_some());
        assert!(!fields.is_empty());
        let error = fields.into_error();
        assert_eq!(error.errors.iter().map(|e| e.field.as_str()).collect::<Vec<_>>(), ["price"]);
    }
}

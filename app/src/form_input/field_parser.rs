//! Parses the fields of a form and collects an error for each that is invalid.

use domain::{ApiError, FieldError};
use std::{fmt::Display, str::FromStr};

/// Parses fields one by one and keeps the errors.
#[derive(Default)]
pub(crate) struct FieldParser(Vec<FieldError>);

impl FieldParser {
    /// Takes a parsed field's value, or records its error.
    pub(crate) fn check<T, E: Display>(&mut self, field: &str, parsed: Result<T, E>) -> Option<T> {
        parsed
            .map_err(|error| {
                self.0.push(FieldError { field: field.to_owned(), message: error.to_string() });
            })
            .ok()
    }

    /// Parses a required field.
    pub(crate) fn parse<T>(&mut self, field: &str, text: &str) -> Option<T>
    where
        T: FromStr<Err: Display>,
    {
        self.check(field, text.parse())
    }

    /// Parses an optional field; `None` if it is empty.
    pub(crate) fn parse_optional<T>(&mut self, field: &str, text: &str) -> Option<T>
    where
        T: FromStr<Err: Display>,
    {
        if text.trim().is_empty() { None } else { self.parse(field, text) }
    }

    /// All recorded errors as one.
    pub(crate) fn into_error(self) -> ApiError {
        ApiError::validation(self.0)
    }

    /// Whether no error was recorded.
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
        let mut fields = FieldParser::default();
        assert!(fields.parse::<Money>("price", "x").is_none());
        assert!(fields.parse_optional::<Money>("min_price", " ").is_none());
        assert!(fields.parse::<Money>("other", "1").is_some());
        assert!(!fields.is_empty());
        let error = fields.into_error();
        assert_eq!(error.errors.iter().map(|e| e.field.as_str()).collect::<Vec<_>>(), ["price"]);
    }
}

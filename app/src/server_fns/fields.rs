//! Parsing a form's texts, each field with its own error.

use domain::{ApiError, FieldError, Timestamp};
use std::{fmt::Display, str::FromStr};

/// The errors found so far.
#[derive(Default)]
pub(super) struct Fields(Vec<FieldError>);

impl Fields {
    /// Keeps the error of a field that is not valid.
    pub(super) fn check<T, E: Display>(&mut self, field: &str, parsed: Result<T, E>) -> Option<T> {
        parsed
            .map_err(|error| {
                self.0.push(FieldError { field: field.to_owned(), message: error.to_string() });
            })
            .ok()
    }

    /// Parses a field.
    pub(super) fn parse<T>(&mut self, field: &str, text: &str) -> Option<T>
    where
        T: FromStr<Err: Display>,
    {
        self.check(field, text.parse())
    }

    /// Parses a field that may be empty.
    pub(super) fn parse_optional<T>(&mut self, field: &str, text: &str) -> Option<T>
    where
        T: FromStr<Err: Display>,
    {
        if text.trim().is_empty() { None } else { self.parse(field, text) }
    }

    /// All that was wrong, as one error. It is asked for when a required field is missing, or to
    /// make sure that there is nothing.
    pub(super) fn into_error(self) -> ApiError {
        ApiError::validation(self.0)
    }

    /// Whether nothing was wrong.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The value of a `datetime-local` input, which names no zone: it is UTC, as the form says.
pub(super) fn utc(text: &str) -> Result<Timestamp, &'static str> {
    let text = text.trim();
    // `2026-01-31T12:00`: browsers leave out seconds that are zero.
    let seconds = if text.len() == 16 { ":00" } else { "" };
    format!("{text}{seconds}Z")
        .parse()
        .or_else(|_| text.parse())
        .map_err(|_| "must be a date and a time in UTC, such as 2026-01-31T12:00")
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

    #[test]
    fn local_times_are_utc() {
        for text in ["2026-01-31T12:00", "2026-01-31T12:00:00", "2026-01-31T12:00:00.000", "2026-01-31T20:00:00+08:00"]
        {
            assert_eq!(utc(text).expect(text).to_string(), "2026-01-31T12:00:00Z");
        }
        for text in ["", "tomorrow", "2026-02-30T12:00", "2026-01-31"] {
            assert!(utc(text).is_err(), "{text}");
        }
    }
}

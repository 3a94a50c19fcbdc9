//! How a conflicting edit is noticed: whether someone else has edited a record while an admin had its form open.

use domain::{ApiError, ErrorCode};
use serde::Serialize;
use std::hash::{DefaultHasher, Hash, Hasher};

/// A hash of what a form was made from. The form carries it in a hidden field; if the record no longer has it when the
/// form comes back, the record was edited meanwhile.
pub(crate) fn fingerprint(record: &impl Serialize) -> String {
    let mut hasher = DefaultHasher::new();
    serde_json::to_string(record).unwrap_or_default().hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// Refuses a form that was made from a record with another fingerprint than the record has now. Nothing is overwritten:
/// the form is shown again, beside what differs.
pub(crate) fn check(of_form: &str, of_record: &str) -> Result<(), ApiError> {
    if of_form == of_record { Ok(()) } else { Err(ApiError::new(ErrorCode::Conflict, "It was changed meanwhile.")) }
}

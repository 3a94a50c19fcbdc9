//! The forms that ask for nothing but a reason: for cancelling a campaign, or for declaring a bid void.

use super::FieldParser;
use domain::{ApiError, validated::Reason};
use serde::{Deserialize, Serialize};

/// The form as typed.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReasonInput {
    /// The reason, which is shown to bidders.
    pub reason: String,
}

impl ReasonInput {
    /// The reason.
    pub(crate) fn parse(&self) -> Result<Reason, ApiError> {
        let mut fields = FieldParser::default();
        fields.parse("reason", &self.reason).ok_or_else(|| fields.into_error())
    }
}

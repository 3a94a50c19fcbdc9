//! The form that edits a member.

use super::{
    FieldParser,
    edit_conflict::{self, fingerprint},
};
use domain::{
    ApiError, Weight,
    api::accounts::{UpdateUser, User, UserStatus},
};
use serde::{Deserialize, Serialize};

/// The member form as typed.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct UserInput {
    /// The member's weight in the score.
    pub weight: String,
    /// `active` or `inactive`.
    pub status: String,
    /// The fingerprint of the record the form was made from.
    pub fingerprint: String,
}

impl UserInput {
    /// The form of an existing member.
    pub(crate) fn of(user: &User) -> Self {
        Self {
            weight: user.weight.get().to_string(),
            status: user.status.as_str().to_owned(),
            fingerprint: fingerprint(user),
        }
    }

    /// The request that changes what differs from `old`.
    pub(crate) fn update(&self, old: &User) -> Result<UpdateUser, ApiError> {
        let mut fields = FieldParser::default();
        let weight: Option<Weight> = fields.parse("weight", &self.weight);
        let status = fields.check("status", status(&self.status));
        let (Some(weight), Some(status)) = (weight, status) else { return Err(fields.into_error()) };
        edit_conflict::check(&self.fingerprint, &fingerprint(old))?;
        Ok(UpdateUser {
            weight: Some(weight).filter(|weight| *weight != old.weight),
            status: Some(status).filter(|status| *status != old.status),
        })
    }
}

fn status(text: &str) -> Result<UserStatus, &'static str> {
    [UserStatus::Active, UserStatus::Inactive]
        .into_iter()
        .find(|status| status.as_str() == text)
        .ok_or("must be active or inactive")
}

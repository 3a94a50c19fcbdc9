//! A member's form.

use crate::{drafts::seen, server_fns::fields::Fields};
use domain::{
    ApiError, ErrorCode, Weight,
    api::accounts::{UpdateUser, User, UserStatus},
};
use serde::{Deserialize, Serialize};

/// What admins set of a member, as typed.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct UserDraft {
    /// The weight in the score.
    pub weight: String,
    /// `active` or `inactive`.
    pub status: String,
    /// The member as the admin saw them.
    pub seen: String,
}

impl UserDraft {
    /// The form for a member as they are.
    pub(crate) fn of(user: &User) -> Self {
        Self { weight: user.weight.get().to_string(), status: user.status.as_str().to_owned(), seen: seen(user) }
    }

    /// What to change of `old`: what differs from it.
    pub(crate) fn update(&self, old: &User) -> Result<UpdateUser, ApiError> {
        let mut fields = Fields::default();
        let weight: Option<Weight> = fields.parse("weight", &self.weight);
        let status = fields.check("status", status(&self.status));
        let (Some(weight), Some(status)) = (weight, status) else { return Err(fields.into_error()) };
        if self.seen != seen(old) {
            return Err(ApiError::new(ErrorCode::Conflict, "The member was changed meanwhile."));
        }
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

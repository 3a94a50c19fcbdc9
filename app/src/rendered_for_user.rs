//! The user a form was rendered for. If someone else has signed in since, in another tab, the form is refused: an action
//! meant for one member's session is not executed in another's.

use domain::{ApiError, UserId};

/// The hidden field with the user, in every form that acts in a member's name.
pub(crate) const USER_FIELD: &str = "user_id";

/// The user a form says it was rendered for, if any. The server provides it as context to the server functions.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct FormUser(Option<UserId>);

impl FormUser {
    /// The user in a form's URL-encoded body.
    pub fn of_body(body: &[u8]) -> Self {
        Self::of(form_urlencoded::parse(body))
    }

    /// The user in a form's fields.
    pub(crate) fn of_fields(fields: &[(String, String)]) -> Self {
        Self::of(fields.iter().map(|(name, value)| (name, value)))
    }

    fn of(mut fields: impl Iterator<Item = (impl AsRef<str>, impl AsRef<str>)>) -> Self {
        let user = fields.find(|(name, _)| name.as_ref() == USER_FIELD);
        Self(user.and_then(|(_, id)| id.as_ref().parse().ok()))
    }

    /// The user, if the form names one.
    pub(crate) fn user(self) -> Option<UserId> {
        self.0
    }

    /// Refuses a form that was rendered for anyone but `user`.
    pub(crate) fn check(self, user: UserId) -> Result<(), ApiError> {
        if self.0 == Some(user) { Ok(()) } else { Err(ApiError::session_changed()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ErrorCode;

    #[test]
    fn a_form_belongs_to_the_user_it_was_rendered_for() {
        let (ann, bob) = ("0195abcd-0000-7000-8000-000100000001", "0195abcd-0000-7000-8000-000100000002");
        let user: UserId = ann.parse().expect("an id");
        let check = |body: String| FormUser::of_body(body.as_bytes()).check(user);
        assert_eq!(check(format!("price=1&user_id={ann}")), Ok(()));
        for other in [format!("user_id={bob}"), format!("user_id={bob}&user_id={ann}"), "price=1".to_owned()] {
            assert_eq!(check(other.clone()).expect_err("refused").code, ErrorCode::SessionChanged, "{other}");
        }
        assert!(FormUser::default().check(user).is_err());
        let fields = [("price", "1"), (USER_FIELD, ann)].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(FormUser::of_fields(&fields), FormUser(Some(user)));
    }
}

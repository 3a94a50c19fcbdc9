//! Whose page a form is on. Somebody else may have signed in since, in another tab: what was meant for one
//! member's session is not done in another's.

use domain::{ApiError, UserId};

/// The field of every form that does something in a member's name: whose page it is on.
pub(crate) const FIELD: &str = "user_id";

/// Whose page a form says it is on; nobody's if it does not say. The server provides it as context to the
/// server functions.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct PageUser(Option<UserId>);

impl PageUser {
    /// What a form's body says.
    pub fn of_body(body: &[u8]) -> Self {
        Self::of(form_urlencoded::parse(body))
    }

    /// What a form's fields say.
    pub(crate) fn of_fields(fields: &[(String, String)]) -> Self {
        Self::of(fields.iter().map(|(name, value)| (name, value)))
    }

    fn of(mut fields: impl Iterator<Item = (impl AsRef<str>, impl AsRef<str>)>) -> Self {
        let user = fields.find(|(name, _)| name.as_ref() == FIELD);
        Self(user.and_then(|(_, id)| id.as_ref().parse().ok()))
    }

    /// Refuses a form from a page of someone else than `user`. Whoever sees that page may take it for
    /// what its user does.
    pub(crate) fn check(self, user: UserId) -> Result<(), ApiError> {
        if self.0 == Some(user) { Ok(()) } else { Err(ApiError::session_changed()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ErrorCode;

    #[test]
    fn a_form_is_its_pages_users() {
        let (ann, bob) = ("0195abcd-0000-7000-8000-000100000001", "0195abcd-0000-7000-8000-000100000002");
        let user: UserId = ann.parse().expect("an id");
        let check = |body: String| PageUser::of_body(body.as_bytes()).check(user);
        assert_eq!(check(format!("price=1&user_id={ann}")), Ok(()));
        for other in [format!("user_id={bob}"), format!("user_id={bob}&user_id={ann}"), "price=1".to_owned()] {
            assert_eq!(check(other.clone()).expect_err("refused").code, ErrorCode::SessionChanged, "{other}");
        }
        assert!(PageUser::default().check(user).is_err());
        let fields = [("price", "1"), (FIELD, ann)].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(PageUser::of_fields(&fields), PageUser(Some(user)));
    }
}

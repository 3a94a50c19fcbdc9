//! Changing and resetting passwords.

use super::{Accounts, Guesser, TokenSession, is_easily_guessed, no_such_user, token, user_record};
use crate::{
    audit,
    error::{Error, Result},
    events::Event,
};
use domain::{
    SessionId,
    api::accounts::{ChangePasswordRequest, User},
    validated::Password,
};
use serde_json::json;
use std::net::IpAddr;

impl Accounts {
    /// Changes the password of a token's user, and ends all their other sessions and API keys: whoever knew the old password is
    /// out.
    ///
    /// # Errors
    /// `INVALID_TOKEN`; `VALIDATION` if the current password is wrong, or the new one the same or easily guessed;
    /// `RATE_LIMITED` after too many wrong ones; `OVERLOADED` if too many passwords are waiting to be checked.
    pub async fn change_password(&self, token: &str, request: ChangePasswordRequest, network: IpAddr) -> Result<()> {
        let TokenSession { user_id, session_id, .. } = self.sessions.signed_in(token)?;
        let row = user_record::by_id(&self.database, user_id).await?.ok_or_else(token::invalid)?;
        let ChangePasswordRequest { current_password, new_password } = request;
        let account = user_id.to_string();
        let guesser = Guesser { account: &account, network, device: Some(session_id.0) };
        if !self.check_password(guesser, Some(user_id), &current_password, Some(&row.password_hash)).await? {
            return Err(Error::field("current_password", "is wrong"));
        }
        if current_password.expose() == new_password.expose() {
            return Err(Error::field("new_password", "must differ from the current one"));
        }
        if is_easily_guessed(&new_password, &[&row.user.email, &row.user.username]) {
            return Err(Error::field("new_password", "is too easy to guess"));
        }
        let hash = self.passwords.hash(new_password, network).await?;
        self.store_password(&row.user, &hash, Some(&row.password_hash), Some(session_id)).await
    }

    /// Sets a user's password, for the command line, and ends all their sessions and API keys.
    ///
    /// # Errors
    /// `NOT_FOUND` if the address has no account.
    pub async fn reset_password(&self, email: &str, password: Password) -> Result<User> {
        let row = user_record::by_email(&self.database, email).await?.ok_or_else(no_such_user)?;
        let hash = self.hash(password).await?;
        self.store_password(&row.user, &hash, None, None).await?;
        Ok(row.user)
    }

    /// Stores a new hash in place of `old`, or of any; ends the user's sessions but `kept`, and their API keys.
    pub(super) async fn store_password(
        &self,
        user: &User,
        hash: &str,
        old: Option<&str>,
        kept: Option<SessionId>,
    ) -> Result<()> {
        let user_id = user.user_id;
        let mut transaction = self.database.begin().await?;
        if !user_record::set_password(&mut transaction, user_id, hash, old).await? {
            return Err(Error::field("current_password", "was changed this moment, somewhere else"));
        }
        let ended = self.sessions.end_all(&mut transaction, user_id, kept, None).await?;
        let actor = old.map(|_| user);
        // A member's own change does not name them: the entry remains when the account is erased.
        let detail =
            if actor.is_some_and(|actor| !actor.is_admin) { json!({}) } else { json!({ "email": user.email }) };
        audit::record(&mut transaction, actor, "user.password", user_id.0, None, detail).await?;
        transaction.commit().await?;
        self.events.announce(Event::UserChanged(user_id)).await?;
        self.sessions.announce_end(user_id, ended).await
    }
}

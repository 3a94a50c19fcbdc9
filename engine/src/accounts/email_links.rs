//! Links in e-mails: to set a new password, and to confirm an address. A link is a signed token that names what it was
//! made for, and is of no use once that has changed: after a new password, or with another address.

use super::{
    Accounts, is_easily_guessed, no_such_user,
    token::{self, ProofPurpose},
    user_record,
};
use crate::error::{Error, Result};
use domain::{
    ErrorCode, UserId,
    api::accounts::{User, UserStatus},
    validated::{Email, Password},
};
use secrecy::SecretString;
use std::net::IpAddr;

/// What goes into an e-mail.
pub struct EmailLink {
    /// The account that gets it.
    pub user: User,
    /// The link's token.
    pub token: SecretString,
}

impl Accounts {
    /// The link for whoever has forgotten the password of the account with this address; `None` without such an account,
    /// if it is deactivated, or if it has got three within an hour. The answer to the request must not tell which.
    ///
    /// # Errors
    /// `RATE_LIMITED` if the network has asked for too many.
    pub async fn password_reset_link(&self, email: &str, network: IpAddr) -> Result<Option<EmailLink>> {
        let typed = email.trim();
        let written = typed.parse::<Email>().ok();
        let address = written.as_deref().unwrap_or(typed);
        if !self.attempts.admit_email(&address.to_lowercase(), network).await? {
            return Ok(None);
        }
        // As when signing in: old accounts may have an address that the present rules refuse.
        let mut row = user_record::by_email(&self.database, typed).await?;
        if row.is_none() && address != typed {
            row = user_record::by_email(&self.database, address).await?;
        }
        let Some(row) = row.filter(|row| row.user.status == UserStatus::Active) else { return Ok(None) };
        let link = self.sessions.issue_proof(ProofPurpose::PasswordReset, row.user.user_id, &row.password_hash)?;
        Ok(Some(EmailLink { user: row.user, token: link }))
    }

    /// Returns whose password a link sets.
    ///
    /// # Errors
    /// `NOT_FOUND` if it has expired or been used, or the account is deactivated.
    pub async fn password_reset_user(&self, token: &str) -> Result<User> {
        Ok(self.password_reset_row(token).await?.user)
    }

    /// Sets a new password by a link, and ends all sessions and API keys of the account. The address is confirmed with it.
    ///
    /// # Errors
    /// `NOT_FOUND` if the link has expired or been used, or the account is deactivated; `VALIDATION` if the password is
    /// easily guessed; `OVERLOADED` if too many passwords are waiting to be hashed.
    pub async fn reset_password_by_link(&self, token: &str, new_password: Password, network: IpAddr) -> Result<User> {
        let row = self.password_reset_row(token).await?;
        if is_easily_guessed(&new_password, &[&row.user.email, &row.user.username]) {
            return Err(Error::field("new_password", "is too easy to guess"));
        }
        let hash = self.passwords.hash(new_password, network).await?;
        self.store_password(&row.user, &hash, Some(&row.password_hash), None).await?;
        // The password is set, whatever becomes of this.
        if let Err(error) = user_record::confirm_email(&self.database, row.user.user_id, &row.user.email).await {
            tracing::warn!(%error, "an address was not recorded as confirmed");
        }
        Ok(row.user)
    }

    async fn password_reset_row(&self, token: &str) -> Result<user_record::UserRow> {
        let purpose = ProofPurpose::PasswordReset;
        let (user_id, made_for) = self.sessions.proof_of(purpose, token).ok_or_else(used_up)?;
        let row = user_record::by_id(&self.database, user_id).await?.ok_or_else(used_up)?;
        let is_good = made_for == token::fingerprint(&row.password_hash) && row.user.status == UserStatus::Active;
        if is_good { Ok(row) } else { Err(used_up()) }
    }

    /// The link with which a user shows that mail to their address reaches them; `None` if they have got three within an
    /// hour.
    ///
    /// # Errors
    /// `RATE_LIMITED` if the network has asked for too many.
    pub async fn confirmation_link(&self, user: &User, network: IpAddr) -> Result<Option<EmailLink>> {
        if !self.attempts.admit_email(&user.email.to_lowercase(), network).await? {
            return Ok(None);
        }
        let token = self.sessions.issue_proof(ProofPurpose::Confirmation, user.user_id, &user.email)?;
        Ok(Some(EmailLink { user: user.clone(), token }))
    }

    /// Returns whose address a link confirms.
    ///
    /// # Errors
    /// `NOT_FOUND` if it has expired, or the account has another address.
    pub async fn confirmation_user(&self, token: &str) -> Result<User> {
        let purpose = ProofPurpose::Confirmation;
        let (user_id, made_for) = self.sessions.proof_of(purpose, token).ok_or_else(used_up)?;
        let row = user_record::by_id(&self.database, user_id).await?.ok_or_else(used_up)?;
        if made_for == token::fingerprint(&row.user.email) { Ok(row.user) } else { Err(used_up()) }
    }

    /// Confirms the address of a link's account.
    ///
    /// # Errors
    /// As [`Accounts::confirmation_user`].
    pub async fn confirm_email(&self, token: &str) -> Result<User> {
        let user = self.confirmation_user(token).await?;
        user_record::confirm_email(&self.database, user.user_id, &user.email).await?;
        Ok(user)
    }

    /// Whether a user has shown that mail to their address reaches them.
    ///
    /// # Errors
    /// `NOT_FOUND` if there is no such user.
    pub async fn has_confirmed_email(&self, user_id: UserId) -> Result<bool> {
        user_record::has_confirmed_email(&self.database, user_id).await?.ok_or_else(no_such_user)
    }
}

fn used_up() -> Error {
    Error::Refused(ErrorCode::NotFound, "This link has expired or been used; ask for another.")
}

//! Erasing a person's data at their request.

use super::{Accounts, Guesser, TokenSession, second_factor, session_record, token, user_record};
use crate::{
    audit,
    error::{Error, Result},
    events::Event,
    saved_forms,
};
use domain::{ErrorCode, UserId, validated::Password};
use serde_json::json;
use sqlx::PgConnection;
use std::net::IpAddr;
use uuid::Uuid;

impl Accounts {
    /// Erases a token's user: the name, the address, the password, the sessions and the API keys. Bids and orders stay, under
    /// a pseudonym. An entry of the audit log that names them stays, too: nobody can change those.
    ///
    /// # Errors
    /// `INVALID_TOKEN`; `INSUFFICIENT_SCOPE` with an API key; `VALIDATION` if the password is wrong; `CONFLICT` for an admin,
    /// and while a bid of theirs takes part in a campaign; `RATE_LIMITED` after too many wrong passwords.
    pub async fn erase(&self, token: &str, password: &Password, network: IpAddr) -> Result<()> {
        let TokenSession { user_id, session_id, .. } = self.sessions.signed_in(token)?;
        let row = user_record::by_id(&self.database, user_id).await?.ok_or_else(token::invalid)?;
        if row.user.is_admin {
            return Err(Error::Refused(ErrorCode::Conflict, "An admin's account cannot be erased."));
        }
        let account = user_id.to_string();
        let guesser = Guesser { account: &account, network, device: Some(session_id.0) };
        if !self.check_password(guesser, Some(user_id), password, Some(&row.password_hash)).await? {
            return Err(Error::field("password", "is wrong"));
        }
        let hash = self.passwords.hash(unknown_password()?, network).await?;
        let mut transaction = self.database.begin().await?;
        let found = user_record::locked(&mut transaction, user_id).await?;
        if found.is_none_or(|user| user.is_admin) {
            return Err(token::invalid());
        }
        if has_open_bids(&mut transaction, user_id).await? {
            let message = "You have a bid in a campaign that has not ended. Erase your account once it has.";
            return Err(Error::Refused(ErrorCode::Conflict, message));
        }
        let pseudonym = pseudonym(user_id);
        second_factor::forget(&mut transaction, user_id).await?;
        user_record::erase(&mut transaction, user_id, &pseudonym, &hash).await?;
        let ended = self.sessions.end_all(&mut transaction, user_id, None, None).await?;
        session_record::forget_devices(&mut transaction, user_id).await?;
        saved_forms::delete_of(&mut transaction, user_id).await?;
        audit::record(&mut transaction, None, "user.erase", user_id.0, None, json!({ "username": pseudonym })).await?;
        transaction.commit().await?;
        self.events.announce(Event::UserChanged(user_id)).await?;
        self.sessions.announce_end(user_id, ended).await
    }
}

/// A password that nobody knows.
fn unknown_password() -> Result<Password> {
    let random = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
    Password::claimed(&random).map_err(|message| Error::Internal(message.to_owned()))
}

/// What an erased user is called. Ids end with random digits.
fn pseudonym(user_id: UserId) -> String {
    let id = user_id.0.simple().to_string();
    format!("Erased {}", id.get(24..).unwrap_or_default())
}

async fn has_open_bids(connection: &mut PgConnection, user_id: UserId) -> Result<bool> {
    let has = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM campaigns JOIN bids USING (campaign_id)
                          WHERE user_id = $1 AND campaigns.status = 'open') AS "has!""#,
        user_id.0,
    );
    Ok(has.fetch_one(connection).await?)
}

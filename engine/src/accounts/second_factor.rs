//! A second factor for signing in: codes of an authenticator app (TOTP, RFC 6238), and recovery codes for whoever has
//! lost it. Each code is good once.

use super::{
    Accounts, Guesser, TokenSession, bad_credentials, no_such_user,
    sessions::{Session, SignInSource},
    token::{self, ProofPurpose},
    user_record::{self, UserRow},
};
use crate::{
    audit,
    error::{Error, Result},
    events::Event,
    metrics::time_database,
};
use domain::{ErrorCode, UserId, api::accounts::User, validated::Password};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use std::net::IpAddr;
use totp_rs::{Builder, Secret, Totp};
use uuid::Uuid;

/// What apps call this site.
const ISSUER: &str = "Gavel";
/// The length of a secret in bytes, as RFC 4226 recommends.
const SECRET_BYTES: usize = 20;
/// How many recovery codes a user gets.
const RECOVERY_CODES: usize = 8;
/// The characters of a recovery code: 50 bits, of an alphabet without look-alikes.
const RECOVERY_CHARS: usize = 10;
const RECOVERY_ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// What an authenticator app is set up with.
pub struct SecondFactorSetup {
    /// The secret, to type.
    pub secret: SecretString,
    /// The same as an `otpauth://` address, to scan.
    pub uri: SecretString,
}

impl Accounts {
    /// Returns a new secret for a user's app, or the one that is being set up. It counts once it is confirmed by a code.
    ///
    /// # Errors
    /// `INTERNAL` after a bug.
    pub fn set_up_second_factor(&self, user: &User, begun: Option<&str>) -> Result<SecondFactorSetup> {
        let begun = begun.and_then(|secret| Secret::try_from_base32(secret).ok());
        let secret = begun.filter(|secret| secret.as_bytes().len() == SECRET_BYTES);
        // A colon would end the name.
        let account = user.email.replace(':', "_");
        let app = Builder::new()
            .with_secret(secret.unwrap_or_else(|| Secret::from(random_bytes())))
            .with_account_name(account);
        let app = app.with_issuer(Some(ISSUER)).build().map_err(|_| unusable())?;
        let uri = app.to_url().map_err(|_| unusable())?;
        Ok(SecondFactorSetup { secret: app.secret().to_base32().into(), uri: uri.into() })
    }

    /// Turns the second factor of a token's user on, ends their other sessions and their API keys, and returns the recovery
    /// codes. `code` shows that the app has the secret.
    ///
    /// # Errors
    /// `INVALID_TOKEN`; `INSUFFICIENT_SCOPE` with an API key; `VALIDATION` if the password or the code is wrong;
    /// `CONFLICT` if it is on; `RATE_LIMITED` after too many wrong passwords.
    pub async fn turn_second_factor_on(
        &self,
        token: &str,
        secret: &str,
        code: &str,
        password: &Password,
        network: IpAddr,
    ) -> Result<Vec<String>> {
        let session = self.sessions.signed_in(token)?;
        let row = self.confirmed_by_password(&session, password, network).await?;
        if row.has_second_factor {
            return Err(Error::Refused(ErrorCode::Conflict, "A second factor is on already."));
        }
        let secret = Secret::try_from_base32(secret).map_err(|_| wrong_code())?;
        let bytes = secret.as_bytes().to_vec();
        let app = Builder::new().with_secret(secret).build().map_err(|_| wrong_code())?;
        let period = app.check(&typed(code), self.now_s()).and_then(|period| i64::try_from(period).ok());
        let period = period.ok_or_else(wrong_code)?;
        let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| recovery_code()).collect();
        let hashes: Vec<Vec<u8>> = codes.iter().map(|code| hash_of(code)).collect();

        let mut transaction = self.database.begin().await?;
        let update = sqlx::query!(
            "UPDATE users SET totp_secret = $2, totp_last_period = $3 WHERE user_id = $1 AND totp_secret IS NULL",
            session.user_id.0,
            bytes,
            period,
        );
        if update.execute(&mut *transaction).await?.rows_affected() == 0 {
            return Err(Error::Refused(ErrorCode::Conflict, "A second factor is on already."));
        }
        let insert = sqlx::query!(
            "INSERT INTO recovery_codes (user_id, code_hash) SELECT $1, unnest($2::bytea[])",
            session.user_id.0,
            &hashes,
        );
        insert.execute(&mut *transaction).await?;
        // Whoever knew the password alone is out.
        let ended = self.sessions.end_all(&mut transaction, session.user_id, Some(session.session_id), None).await?;
        self.record_second_factor(&mut transaction, Some(&row.user), &row.user, "user.second_factor_on").await?;
        transaction.commit().await?;
        self.events.announce(Event::UserChanged(session.user_id)).await?;
        self.sessions.announce_end(session.user_id, ended).await?;
        Ok(codes)
    }

    /// Turns the second factor of a token's user off.
    ///
    /// # Errors
    /// `INVALID_TOKEN`; `INSUFFICIENT_SCOPE` with an API key; `VALIDATION` if the password or the code is wrong;
    /// `RATE_LIMITED` after too many wrong ones.
    pub async fn turn_second_factor_off(
        &self,
        token: &str,
        code: &str,
        password: &Password,
        network: IpAddr,
    ) -> Result<()> {
        let session = self.sessions.signed_in(token)?;
        let row = self.confirmed_by_password(&session, password, network).await?;
        let source = SignInSource::at(network);
        if row.has_second_factor && !self.check_code(&row, code, source, Some(session.session_id.0)).await? {
            return Err(wrong_code());
        }
        let mut transaction = self.database.begin().await?;
        if forget(&mut transaction, session.user_id).await? {
            self.record_second_factor(&mut transaction, Some(&row.user), &row.user, "user.second_factor_off").await?;
        }
        transaction.commit().await?;
        self.events.announce(Event::UserChanged(session.user_id)).await
    }

    /// Turns a user's second factor off, for the command line.
    ///
    /// # Errors
    /// `NOT_FOUND` if the address has no account.
    pub async fn remove_second_factor(&self, email: &str) -> Result<User> {
        let user = user_record::by_email(&self.database, email).await?.ok_or_else(no_such_user)?.user;
        let mut transaction = self.database.begin().await?;
        if forget(&mut transaction, user.user_id).await? {
            self.record_second_factor(&mut transaction, None, &user, "user.second_factor_off").await?;
        }
        transaction.commit().await?;
        self.events.announce(Event::UserChanged(user.user_id)).await?;
        Ok(user)
    }

    /// Whether a user is an admin who has no rights until a second factor is on.
    ///
    /// # Errors
    /// `NOT_FOUND` if there is no such user.
    pub async fn lacks_second_factor(&self, user_id: UserId) -> Result<bool> {
        if !self.admins_need_second_factor {
            return Ok(false);
        }
        let row = user_record::by_id(&self.database, user_id).await?.ok_or_else(no_such_user)?;
        Ok(row.user.is_admin && !row.has_second_factor)
    }

    /// Whether signing in to a user's account takes a code.
    ///
    /// # Errors
    /// `NOT_FOUND` if there is no such user.
    pub async fn has_second_factor(&self, user_id: UserId) -> Result<bool> {
        let row = user_record::by_id(&self.database, user_id).await?;
        Ok(row.ok_or_else(no_such_user)?.has_second_factor)
    }

    /// Opens a session for whoever has typed the right password, which `proof` of [`Error::CodeRequired`] shows, and now
    /// the code.
    ///
    /// # Errors
    /// `INVALID_TOKEN` if the proof has expired, or the password was changed meanwhile; `BAD_CREDENTIALS` if the code is
    /// wrong or was used; `ACCOUNT_INACTIVE`; `RATE_LIMITED` after too many wrong ones.
    pub async fn sign_in_with_code(&self, proof: &str, code: &str, source: SignInSource<'_>) -> Result<Session> {
        let (user_id, made_for) = self.sessions.proof_of(ProofPurpose::Password, proof).ok_or_else(token::invalid)?;
        let row = user_record::by_id(&self.database, user_id).await?.ok_or_else(token::invalid)?;
        if made_for != token::fingerprint(&row.password_hash) {
            return Err(token::invalid());
        }
        let device = self.sessions.device_of(user_id, &row.password_hash, source);
        if !self.check_code(&row, code, source, device).await? {
            if row.user.is_admin {
                self.record_sign_in(None, &row.user, "user.refuse_sign_in", source);
            }
            return Err(bad_credentials());
        }
        self.open_session(row, source).await
    }

    /// Whether a code is right; it is used up then. Wrong ones are counted as wrong passwords are.
    async fn check_code(
        &self,
        row: &UserRow,
        code: &str,
        source: SignInSource<'_>,
        device: Option<Uuid>,
    ) -> Result<bool> {
        let user_id = row.user.user_id;
        // Apart from passwords, whose right ones are forgiven.
        let account = format!("{user_id}/code");
        let guesser = Guesser { account: &account, network: source.network, device };
        // Recovery codes are too long to be guessed.
        let is_of_app = typed(code).bytes().all(|byte| byte.is_ascii_digit());
        if is_of_app {
            self.attempts.begin_code(&account).await?;
        }
        self.attempts.begin_guess(guesser, self.has_signed_in_from(Some(user_id), source.network)).await?;
        let is_right = self.use_up(user_id, code).await;
        if !matches!(is_right, Ok(false)) {
            self.attempts.forgive_guess(guesser).await;
            if is_of_app {
                self.attempts.forgive_code(&account).await;
            }
        }
        is_right
    }

    async fn use_up(&self, user_id: UserId, code: &str) -> Result<bool> {
        let _timer = time_database("second_factor");
        let found = sqlx::query_scalar!(r#"SELECT totp_secret FROM users WHERE user_id = $1"#, user_id.0);
        let Some(secret) = found.fetch_one(&self.database).await? else { return Ok(false) };
        let app: Totp = Builder::new().with_secret(Secret::from(secret)).build().map_err(|_| unusable())?;
        let period = app.check(&typed(code), self.now_s()).and_then(|period| i64::try_from(period).ok());
        if let Some(period) = period {
            // Codes of this period and of those before are used up with it.
            let update = sqlx::query!(
                "UPDATE users SET totp_last_period = $2 WHERE user_id = $1 AND totp_last_period < $2",
                user_id.0,
                period,
            );
            return Ok(update.execute(&self.database).await?.rows_affected() == 1);
        }
        let hash = hash_of(code);
        let delete = sqlx::query!("DELETE FROM recovery_codes WHERE user_id = $1 AND code_hash = $2", user_id.0, hash);
        Ok(delete.execute(&self.database).await?.rows_affected() == 1)
    }

    /// The account of a session, if this is its password.
    async fn confirmed_by_password(
        &self,
        session: &TokenSession,
        password: &Password,
        network: IpAddr,
    ) -> Result<UserRow> {
        let user_id = session.user_id;
        let row = user_record::by_id(&self.database, user_id).await?.ok_or_else(token::invalid)?;
        let account = user_id.to_string();
        let guesser = Guesser { account: &account, network, device: Some(session.session_id.0) };
        if self.check_password(guesser, Some(user_id), password, Some(&row.password_hash)).await? {
            Ok(row)
        } else {
            Err(Error::field("current_password", "is wrong"))
        }
    }

    /// Records a change of an admin's second factor.
    async fn record_second_factor(
        &self,
        connection: &mut PgConnection,
        actor: Option<&User>,
        user: &User,
        action: &'static str,
    ) -> Result<()> {
        if user.is_admin || actor.is_none() {
            let detail = json!({ "username": user.username });
            audit::record(connection, actor, action, user.user_id.0, None, detail).await?;
        }
        Ok(())
    }

    fn now_s(&self) -> u64 {
        u64::try_from(self.sessions.now().unix_millis() / 1000).unwrap_or_default()
    }
}

/// Removes a user's second factor in a transaction; returns whether there was one.
pub(super) async fn forget(connection: &mut PgConnection, user_id: UserId) -> Result<bool> {
    let update = sqlx::query!(
        "UPDATE users SET totp_secret = NULL, totp_last_period = NULL
         WHERE user_id = $1 AND totp_secret IS NOT NULL",
        user_id.0,
    );
    let had_one = update.execute(&mut *connection).await?.rows_affected() == 1;
    let delete = sqlx::query!("DELETE FROM recovery_codes WHERE user_id = $1", user_id.0);
    delete.execute(connection).await?;
    Ok(had_one)
}

/// A code as it was typed, without the spaces that apps show in it.
fn typed(code: &str) -> String {
    code.split_whitespace().collect()
}

fn random_bytes() -> Vec<u8> {
    let random = Sha256::new().chain_update(Uuid::new_v4()).chain_update(Uuid::new_v4()).finalize();
    random.into_iter().take(SECRET_BYTES).collect()
}

/// A recovery code, as `abcde-23456`.
fn recovery_code() -> String {
    let mut code: String = (random_bytes().into_iter())
        .take(RECOVERY_CHARS)
        .map(|byte| char::from(RECOVERY_ALPHABET[usize::from(byte) % RECOVERY_ALPHABET.len()]))
        .collect();
    code.insert(RECOVERY_CHARS / 2, '-');
    code
}

/// The hash of a recovery code, however it is typed. It is random, so no slow hash is needed.
fn hash_of(code: &str) -> Vec<u8> {
    let code: String = code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    Sha256::new().chain_update("gavel recovery code").chain_update(code).finalize().to_vec()
}

fn wrong_code() -> Error {
    Error::field("code", "is wrong")
}

fn unusable() -> Error {
    Error::Internal("a second factor cannot be used".to_owned())
}

impl SecondFactorSetup {
    /// The secret in groups of four, which are easier to type.
    pub fn grouped_secret(&self) -> String {
        let secret: Vec<char> = self.secret.expose_secret().chars().collect();
        secret.chunks(4).map(String::from_iter).collect::<Vec<_>>().join(" ")
    }
}

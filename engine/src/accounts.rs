//! Accounts: registration, sign-in, and who a token belongs to.

mod attempts;
mod login_cache;
mod password;
mod token;

use crate::{
    Engine, audit,
    bus::Message,
    clock::Clock,
    config::EngineConfig,
    error::{Error, Result},
    metrics::time_database,
    store::{
        cache::{CacheOptions, TieredCache, Versioned},
        columns,
        database::Database,
        keys::Keys,
        redis::Redis,
    },
};
use domain::{
    ErrorCode, Timestamp, UserId, Weight,
    api::accounts::{RegisterRequest, UpdateUser, User, UserStatus},
    bounded::{Email, Password},
    limits,
};
use login_cache::LoginCache;
use password::Passwords;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::{sync::Arc, time::Duration};
use time::OffsetDateTime;
use token::Tokens;

pub use attempts::{AttemptKind, Attempts};

/// Shorter than other things are remembered: an operator who blocks a user past the API, in the
/// database, should not wait for an hour.
const CACHE: CacheOptions = CacheOptions {
    name: "user",
    capacity: 100_000,
    memory_ttl: Duration::from_secs(10),
    redis_ttl: Duration::from_mins(1),
};

/// A fresh session.
#[derive(Debug)]
pub struct Session {
    /// Whose it is.
    pub user: User,
    /// The JWT that proves it.
    pub token: SecretString,
    /// Seconds until it expires.
    pub expires_in_s: u64,
    /// When it expires.
    pub expires_at: Timestamp,
}

/// What accounts keep in the engine.
pub(crate) struct Accounts {
    passwords: Passwords,
    tokens: Tokens,
    logins: LoginCache,
    attempts: Attempts,
    users: TieredCache<UserId, UserRecord>,
}

impl Accounts {
    pub fn new(config: &EngineConfig, redis: &Redis, keys: &Keys, clock: &Clock) -> Result<Self> {
        Ok(Self {
            passwords: Passwords::new()?,
            tokens: Tokens::new(&config.jwt_secret, config.session_length, clock.clone()),
            logins: LoginCache::new(&config.jwt_secret, redis.clone(), keys.clone()),
            attempts: Attempts::new(config.sign_in_limits, redis.clone(), keys.clone()),
            users: TieredCache::new(CACHE, redis.clone()),
        })
    }

    /// Drops a user who has changed from memory.
    pub async fn forget(&self, user: UserId) {
        self.users.forget(&user).await;
    }

    /// Drops all users from memory.
    pub fn forget_all(&self) {
        self.users.forget_all();
    }

    fn open_session(&self, user: User) -> Result<Session> {
        let token::Issued { token, expires_in_s, expires_at } = self.tokens.issue(user.user_id)?;
        Ok(Session { user, token, expires_in_s, expires_at })
    }

    /// A password's hash.
    pub async fn hash(&self, password: Password) -> Result<String> {
        self.passwords.hash(password).await
    }
}

impl Engine {
    /// Makes an account. `EMAIL_TAKEN` if the address has one, whatever its case.
    pub async fn register(&self, request: RegisterRequest) -> Result<User> {
        let password_hash = self.accounts().hash(request.password).await?;
        self.insert_user(&request.email, &password_hash, &request.username, false).await
    }

    /// Makes an admin's account, for the command line.
    pub async fn create_admin(&self, request: RegisterRequest) -> Result<User> {
        let password_hash = self.accounts().hash(request.password).await?;
        self.insert_user(&request.email, &password_hash, &request.username, true).await
    }

    /// Checks an address and a password and opens a session.
    ///
    /// An unknown address takes as long as a wrong password, so that nobody learns who has an
    /// account; a recent successful sign-in is remembered and spares the hash.
    pub async fn sign_in(&self, email: &str, password: &Password) -> Result<Session> {
        let accounts = self.accounts();
        let typed = email.trim();
        let written = typed.parse::<Email>().ok();
        // However it is typed, guesses at an account are counted together.
        let login = accounts.logins.login(written.as_deref().unwrap_or(typed), password);
        // As it was typed first: accounts from before there was a rule may have an address that would be refused now.
        let mut row = user_by_email(self.database(), typed).await?;
        if row.is_none()
            && let Some(written) = written.as_deref().filter(|written| *written != typed)
        {
            row = user_by_email(self.database(), written).await?;
        }
        let hash = row.as_ref().map(|row| row.password_hash.as_str());
        let remembered = match hash {
            Some(hash) => login.is_remembered(hash).await,
            None => false,
        };
        if !remembered {
            // Counted before the check and taken back after it, so that guesses made at once are
            // all counted.
            accounts.attempts.begin_guess(login.account()).await?;
            if !accounts.passwords.verify(password.clone(), hash).await? {
                return Err(bad_credentials());
            }
            if row.is_some() {
                accounts.attempts.forgive_guess(login.account()).await;
            }
        }
        // A match implies a row: the decoy of unknown accounts matches nothing.
        let Some(row) = row else { return Err(bad_credentials()) };
        login.remember(&row.password_hash).await;
        let user = User::try_from(row)?;
        if user.status == UserStatus::Inactive {
            return Err(inactive());
        }
        accounts.open_session(user)
    }

    /// A fresh session for whoever holds the token of one that is still good. The old one goes on
    /// until its own end.
    pub async fn renew_session(&self, token: &str) -> Result<Session> {
        let user = self.authenticate(token).await?;
        self.accounts().open_session((*user).clone())
    }

    /// The user a token belongs to. Rights, weight and status come from the user's record.
    pub async fn authenticate(&self, token: &str) -> Result<Arc<User>> {
        let user_id = self.accounts().tokens.verify(token)?.user_id;
        let user = self.user(user_id).await?.ok_or_else(token::invalid)?;
        if user.status == UserStatus::Inactive {
            return Err(inactive());
        }
        Ok(user)
    }

    /// How long a session lasts.
    pub fn session_length(&self) -> Duration {
        self.accounts().tokens.length()
    }

    /// When a good token expires.
    pub fn session_end(&self, token: &str) -> Result<Timestamp> {
        Ok(self.accounts().tokens.verify(token)?.expires_at)
    }

    /// Tells the open feeds of `users` what their accounts are like now, and ends the feeds of those who
    /// have been blocked.
    pub(crate) fn tell_accounts(&self, mut users: Vec<UserId>) {
        users.retain(|user| self.feed().has(*user));
        if users.is_empty() {
            return;
        }
        let engine = self.clone();
        self.spawn(async move {
            for user in users {
                // Where nothing can be learned, the socket ends with its session.
                let Ok(found) = engine.user(user).await else { continue };
                match found.filter(|user| user.status == UserStatus::Active) {
                    Some(user) => engine.feed().account_updated(&user),
                    None => engine.feed().dismiss(user),
                }
            }
        });
    }

    /// Counts an attempt of an address; `RATE_LIMITED` when it has made too many.
    pub async fn admit_attempt(&self, kind: AttemptKind, address: &str) -> Result<()> {
        self.accounts().attempts.admit(kind, address).await
    }

    /// Sets a user's weight or blocks them; every process knows at once. Admins only.
    pub async fn update_user(&self, actor: &User, user_id: UserId, change: UpdateUser) -> Result<User> {
        require_admin(actor)?;
        let mut transaction = self.database().begin().await?;
        let old: Option<UserRow> = sqlx::query_as(
            "SELECT user_id, email, password_hash, username, weight, is_admin, status, created_at, updated_at
             FROM users WHERE user_id = $1 FOR NO KEY UPDATE",
        )
        .bind(user_id.0)
        .fetch_optional(&mut *transaction)
        .await?;
        let old = User::try_from(old.ok_or(Error::Refused(ErrorCode::NotFound, "There is no such user."))?)?;
        let row: UserRow = sqlx::query_as(
            "UPDATE users SET weight = coalesce($2, weight), status = coalesce($3, status),
                 updated_at = greatest(clock_timestamp(), updated_at + interval '1 microsecond')
             WHERE user_id = $1
             RETURNING user_id, email, password_hash, username, weight, is_admin, status, created_at, updated_at",
        )
        .bind(user_id.0)
        .bind(change.weight.map(Weight::get))
        .bind(change.status.map(UserStatus::as_str))
        .fetch_one(&mut *transaction)
        .await?;
        let record = UserRecord::try_from(row)?;
        let (before, after) = (json!(old), json!(record.user));
        audit::record(&mut transaction, actor, "user.update", user_id.0, Some(before), after).await?;
        transaction.commit().await?;
        let user = (*record.user).clone();
        let engine = self.clone();
        self.after_commit(async move {
            engine.accounts().users.refresh(user_id, &engine.keys().user(user_id), Some(record)).await;
            engine.tell_accounts(vec![user_id]);
            engine.bus().publish(Message::UserChanged(user_id)).await;
            Ok(())
        })
        .await?;
        Ok(user)
    }

    pub(crate) async fn user(&self, user_id: UserId) -> Result<Option<Arc<User>>> {
        let load = async || {
            let _timer = time_database("user_by_id");
            let row: Option<UserRow> = sqlx::query_as(
                "SELECT user_id, email, password_hash, username, weight, is_admin, status, created_at, updated_at
                 FROM users WHERE user_id = $1",
            )
            .bind(user_id.0)
            .fetch_optional(self.database())
            .await?;
            row.map(UserRecord::try_from).transpose()
        };
        let record = self.accounts().users.get(user_id, || self.keys().user(user_id), load).await?;
        Ok(record.map(|record| record.user.clone()))
    }

    async fn insert_user(&self, email: &Email, password_hash: &str, username: &str, is_admin: bool) -> Result<User> {
        let _timer = time_database("insert_user");
        let row: Option<UserRow> = sqlx::query_as(
            "INSERT INTO users (user_id, email, password_hash, username, is_admin)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT DO NOTHING
             RETURNING user_id, email, password_hash, username, weight, is_admin, status, created_at, updated_at",
        )
        .bind(crate::new_id())
        .bind(&**email)
        .bind(password_hash)
        .bind(username)
        .bind(is_admin)
        .fetch_optional(self.database())
        .await?;
        row.ok_or(Error::Refused(ErrorCode::EmailTaken, "This e-mail address already has an account."))?.try_into()
    }
}

/// Refuses everyone but admins.
pub(crate) fn require_admin(actor: &User) -> Result<()> {
    if actor.is_admin { Ok(()) } else { Err(Error::Refused(ErrorCode::AdminRequired, "Only admins may do this.")) }
}

fn bad_credentials() -> Error {
    Error::Refused(ErrorCode::BadCredentials, "The e-mail address or the password is wrong.")
}

fn inactive() -> Error {
    Error::Refused(ErrorCode::AccountInactive, "This account has been deactivated.")
}

/// The account of an address, whatever its case. Any text may be asked for; what could not be an address has none.
async fn user_by_email(database: &Database, email: &str) -> Result<Option<UserRow>> {
    if email.contains('\0') || email.chars().count() > limits::EMAIL_CHARS_MAX {
        return Ok(None);
    }
    let _timer = time_database("user_by_email");
    let row: Option<UserRow> = sqlx::query_as(
        "SELECT user_id, email, password_hash, username, weight, is_admin, status, created_at, updated_at
         FROM users WHERE lower(email) = lower($1)",
    )
    .bind(email)
    .fetch_optional(database)
    .await?;
    // By the rules of some locales PostgreSQL takes other letters for ASCII ones in lower case, such as `İ` for `i`.
    Ok(row.filter(|row| row.email.to_lowercase() == email.to_lowercase()))
}

#[derive(sqlx::FromRow)]
pub(crate) struct UserRow {
    user_id: uuid::Uuid,
    email: String,
    password_hash: String,
    username: String,
    weight: f64,
    is_admin: bool,
    status: String,
    created_at: OffsetDateTime,
    updated_at: OffsetDateTime,
}

/// A user as it is cached.
#[derive(Debug, Serialize, Deserialize)]
struct UserRecord {
    user: Arc<User>,
    /// Microseconds of the last change: it grows with every change.
    version: i64,
}

impl Versioned for UserRecord {
    fn version(&self) -> i64 {
        self.version
    }
}

impl TryFrom<UserRow> for UserRecord {
    type Error = Error;

    fn try_from(row: UserRow) -> Result<Self> {
        let version = columns::timestamp(row.updated_at)?.unix_micros();
        Ok(Self { user: Arc::new(row.try_into()?), version })
    }
}

impl TryFrom<UserRow> for User {
    type Error = Error;

    fn try_from(row: UserRow) -> Result<Self> {
        Ok(Self {
            user_id: UserId(row.user_id),
            email: row.email,
            username: row.username,
            weight: columns::weight(row.weight)?,
            is_admin: row.is_admin,
            status: if row.status == "active" { UserStatus::Active } else { UserStatus::Inactive },
            created_at: columns::timestamp(row.created_at)?,
        })
    }
}

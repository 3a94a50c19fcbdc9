//! Accounts: registration, sign-in, and who a token belongs to.

mod attempts;
mod login_cache;
mod password;
mod token;

use crate::{
    Engine,
    clock::Clock,
    config::EngineConfig,
    error::{Error, Result},
    metrics::time_database,
    store::{columns, keys::Keys, redis::Redis},
};
use domain::{
    ErrorCode, UserId,
    api::accounts::{RegisterRequest, User, UserStatus},
    bounded::{Email, Password},
};
use login_cache::LoginCache;
use moka::future::Cache;
use password::Passwords;
use secrecy::SecretString;
use sqlx::PgPool;
use std::{sync::Arc, time::Duration};
use time::OffsetDateTime;
use token::Tokens;

pub use attempts::{AttemptKind, Attempts};

/// How long a user's record may be served from memory.
const USER_TTL: Duration = Duration::from_secs(2);
const USERS_MAX: u64 = 100_000;

/// A fresh session.
#[derive(Debug)]
pub struct Session {
    /// Whose it is.
    pub user: User,
    /// The JWT that proves it.
    pub token: SecretString,
    /// Seconds until it expires.
    pub expires_in_s: u64,
}

/// What accounts keep in the engine.
pub(crate) struct Accounts {
    passwords: Passwords,
    tokens: Tokens,
    logins: LoginCache,
    attempts: Attempts,
    users: Cache<UserId, Option<Arc<User>>>,
}

impl Accounts {
    pub fn new(config: &EngineConfig, redis: &Redis, keys: &Keys, clock: &Clock) -> Result<Self> {
        Ok(Self {
            passwords: Passwords::new()?,
            tokens: Tokens::new(&config.jwt_secret, config.session_length, clock.clone()),
            logins: LoginCache::new(&config.jwt_secret, redis.clone(), keys.clone()),
            attempts: Attempts::new(config.sign_in_limits, redis.clone(), keys.clone()),
            users: Cache::builder().max_capacity(USERS_MAX).time_to_live(USER_TTL).build(),
        })
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
        let login = accounts.logins.login(email, password);
        accounts.attempts.check_failures(login.account()).await?;
        let row = match email.parse::<Email>() {
            Ok(email) => user_by_email(self.database(), &email).await?,
            Err(_) => None,
        };
        let hash = row.as_ref().map(|row| row.password_hash.as_str());
        let remembered = match hash {
            Some(hash) => login.is_remembered(hash).await,
            None => false,
        };
        if !remembered {
            let matches = accounts.passwords.verify(password.clone(), hash).await?;
            if !matches {
                accounts.attempts.count_failure(login.account()).await;
                return Err(bad_credentials());
            }
        }
        // A match implies a row: the decoy of unknown accounts matches nothing.
        let Some(row) = row else { return Err(bad_credentials()) };
        login.remember(&row.password_hash).await;
        let user = User::try_from(row)?;
        if user.status == UserStatus::Inactive {
            return Err(inactive());
        }
        let (token, expires_in_s) = accounts.tokens.issue(user.user_id)?;
        Ok(Session { user, token, expires_in_s })
    }

    /// The user a token belongs to. Rights, weight and status come from the user's record.
    pub async fn authenticate(&self, token: &str) -> Result<Arc<User>> {
        let user_id = self.accounts().tokens.verify(token)?;
        let user = self.user(user_id).await?.ok_or_else(token::invalid)?;
        if user.status == UserStatus::Inactive {
            return Err(inactive());
        }
        Ok(user)
    }

    /// Counts an attempt of an address; `RATE_LIMITED` when it has made too many.
    pub async fn admit_attempt(&self, kind: AttemptKind, address: &str) -> Result<()> {
        self.accounts().attempts.admit(kind, address).await
    }

    pub(crate) async fn user(&self, user_id: UserId) -> Result<Option<Arc<User>>> {
        let load = async {
            let row: Option<UserRow> = {
                let _timer = time_database("user_by_id");
                sqlx::query_as(
                    "SELECT user_id, email, password_hash, username, weight, is_admin, status, created_at
                     FROM users WHERE user_id = $1",
                )
                .bind(user_id.0)
                .fetch_optional(self.database())
                .await?
            };
            row.map(User::try_from).transpose().map(|user| user.map(Arc::new))
        };
        self.accounts().users.try_get_with(user_id, load).await.map_err(shared)
    }

    async fn insert_user(&self, email: &Email, password_hash: &str, username: &str, is_admin: bool) -> Result<User> {
        let _timer = time_database("insert_user");
        let row: Option<UserRow> = sqlx::query_as(
            "INSERT INTO users (user_id, email, password_hash, username, is_admin)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT DO NOTHING
             RETURNING user_id, email, password_hash, username, weight, is_admin, status, created_at",
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

/// The error of a load that several callers waited for.
pub(crate) fn shared(error: Arc<Error>) -> Error {
    Arc::try_unwrap(error).unwrap_or_else(|error| match &*error {
        Error::Refused(code, detail) => Error::Refused(*code, detail),
        error if error.code() == ErrorCode::Unavailable => Error::Database(sqlx::Error::PoolTimedOut),
        error => Error::Internal(error.to_string()),
    })
}

fn bad_credentials() -> Error {
    Error::Refused(ErrorCode::BadCredentials, "The e-mail address or the password is wrong.")
}

fn inactive() -> Error {
    Error::Refused(ErrorCode::AccountInactive, "This account has been deactivated.")
}

async fn user_by_email(database: &PgPool, email: &Email) -> Result<Option<UserRow>> {
    let _timer = time_database("user_by_email");
    let row = sqlx::query_as(
        "SELECT user_id, email, password_hash, username, weight, is_admin, status, created_at
         FROM users WHERE lower(email) = lower($1)",
    )
    .bind(&**email)
    .fetch_optional(database)
    .await?;
    Ok(row)
}

#[derive(sqlx::FromRow)]
struct UserRow {
    user_id: uuid::Uuid,
    email: String,
    password_hash: String,
    username: String,
    weight: f64,
    is_admin: bool,
    status: String,
    created_at: OffsetDateTime,
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

//! Sessions: opens and renews them, and returns the user a token belongs to.

use super::{
    token::{self, IssuedToken, Tokens},
    user_cache::UserCache,
};
use crate::{
    clock::Clock,
    engine_config::EngineConfig,
    error::{Error, Result},
};
use domain::{
    ErrorCode, Timestamp,
    api::accounts::{User, UserStatus},
};
use secrecy::SecretString;
use std::{sync::Arc, time::Duration};

/// A new session.
#[derive(Debug)]
pub struct Session {
    /// The user who is signed in.
    pub user: User,
    /// The JWT that proves it.
    pub token: SecretString,
    /// Seconds until it expires.
    pub expires_in_s: u64,
    /// When it expires.
    pub expires_at: Timestamp,
}

/// Opens sessions and checks their tokens.
pub(super) struct Sessions {
    tokens: Tokens,
    users: UserCache,
}

impl Sessions {
    pub fn new(config: &EngineConfig, clock: Clock, users: UserCache) -> Self {
        Self { tokens: Tokens::new(&config.jwt_secret, config.session_length, clock), users }
    }

    /// Opens a session for a user who has proved who they are; `ACCOUNT_INACTIVE` if they are deactivated.
    pub fn open(&self, user: User) -> Result<Session> {
        require_active(&user)?;
        let IssuedToken { token, expires_in_s, expires_at } = self.tokens.issue(user.user_id)?;
        Ok(Session { user, token, expires_in_s, expires_at })
    }

    /// Opens a new session for the holder of a valid token.
    pub async fn renew(&self, token: &str) -> Result<Session> {
        let user = self.authenticate(token).await?;
        self.open((*user).clone())
    }

    /// The user a token belongs to, if it is valid and they are active.
    pub async fn authenticate(&self, token: &str) -> Result<Arc<User>> {
        let user_id = self.tokens.verify(token)?.user_id;
        let user = self.users.find(user_id).await?.ok_or_else(token::invalid)?;
        require_active(&user)?;
        Ok(user)
    }

    /// How long a session lasts.
    pub fn length(&self) -> Duration {
        self.tokens.length()
    }

    /// When a token expires, if it is valid.
    pub fn end(&self, token: &str) -> Result<Timestamp> {
        Ok(self.tokens.verify(token)?.expires_at)
    }
}

fn require_active(user: &User) -> Result<()> {
    match user.status {
        UserStatus::Active => Ok(()),
        UserStatus::Inactive => Err(Error::Refused(ErrorCode::AccountInactive, "This account has been deactivated.")),
    }
}

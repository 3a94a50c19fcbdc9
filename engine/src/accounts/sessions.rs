//! Sessions: opens, renews and ends them, and returns the user a token belongs to.

use super::{
    ended_sessions::EndedSessions,
    session_record::{self, SessionRow},
    token::{self, IssuedToken, Tokens},
    user_cache::UserCache,
};
use crate::{
    clock::Clock,
    engine_config::EngineConfig,
    error::{Error, Result},
    events::{Event, Events},
    store::database::Database,
};
use domain::{
    ErrorCode, SessionId, Timestamp, UserId,
    api::accounts::{ActiveSession, User, UserStatus},
};
use secrecy::SecretString;
use sqlx::PgConnection;
use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::Duration,
};

/// Characters of a client's name that are stored.
const USER_AGENT_CHARS_MAX: usize = 300;

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

/// The session that a valid token belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TokenSession {
    /// The session.
    pub session_id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// When the token expires.
    pub expires_at: Timestamp,
}

/// Opens and ends sessions and checks their tokens.
pub(super) struct Sessions {
    database: Database,
    clock: Clock,
    events: Events,
    tokens: Tokens,
    ended: EndedSessions,
    users: UserCache,
}

impl Sessions {
    pub fn new(config: &EngineConfig, database: &Database, clock: &Clock, events: &Events, users: UserCache) -> Self {
        Self {
            database: database.clone(),
            clock: clock.clone(),
            events: events.clone(),
            tokens: Tokens::new(&config.jwt_secret, &config.former_jwt_secrets, config.session_length, clock.clone()),
            ended: EndedSessions::new(database.clone(), clock.clone()),
            users,
        }
    }

    /// Opens a session for a user who has proved who they are; `ACCOUNT_INACTIVE` if they are deactivated.
    pub async fn open(&self, user: User, network: IpAddr, user_agent: &str) -> Result<Session> {
        require_active(&user)?;
        let session_id = session_record::new_session_id();
        let IssuedToken { token, expires_in_s, expires_at } = self.tokens.issue(user.user_id, session_id)?;
        let row = SessionRow {
            session_id,
            user_id: user.user_id,
            user_agent: stored_user_agent(user_agent),
            network: network.to_string(),
            created_at: self.clock.now(),
            expires_at,
        };
        session_record::insert(&self.database, &row).await?;
        Ok(Session { user, token, expires_in_s, expires_at })
    }

    /// Issues a new token of the session of a valid one.
    pub async fn renew(&self, token: &str) -> Result<Session> {
        let user = self.authenticate(token).await?;
        let session_id = self.of(token)?.session_id;
        let IssuedToken { token, expires_in_s, expires_at } = self.tokens.issue(user.user_id, session_id)?;
        let row = SessionRow::unknown(session_id, user.user_id, self.clock.now(), expires_at);
        if !session_record::extend(&self.database, &row).await? {
            // It has ended this moment.
            return Err(token::invalid());
        }
        Ok(Session { user: (*user).clone(), token, expires_in_s, expires_at })
    }

    /// The user a token belongs to, if it is valid and they are active.
    pub async fn authenticate(&self, token: &str) -> Result<Arc<User>> {
        let claims = self.tokens.verify(token)?;
        let user = self.users.find(claims.user_id).await?.ok_or_else(token::invalid)?;
        require_active(&user)?;
        self.require_open(claims.session_id)?;
        Ok(user)
    }

    /// How long a session lasts.
    pub fn length(&self) -> Duration {
        self.tokens.length()
    }

    /// The session of a token, if it is valid.
    pub fn of(&self, token: &str) -> Result<TokenSession> {
        let session = self.tokens.verify(token)?;
        self.require_open(session.session_id)?;
        Ok(session)
    }

    /// Whether a token would be valid if its session had not been ended.
    pub fn was_ended(&self, token: &str) -> bool {
        self.tokens.verify(token).is_ok_and(|session| self.ended.contains(session.session_id))
    }

    /// The open sessions of a token's user, newest first.
    pub async fn active(&self, token: &str) -> Result<Vec<ActiveSession>> {
        let current = self.of(token)?;
        let rows = session_record::active(&self.database, current.user_id, self.clock.now()).await?;
        let sessions = rows.into_iter().map(|row| ActiveSession {
            session_id: row.session_id,
            user_agent: row.user_agent,
            network: row.network.parse().unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
            created_at: row.created_at,
            expires_at: row.expires_at,
            is_current: row.session_id == current.session_id,
        });
        Ok(sessions.collect())
    }

    /// Ends the session of a token.
    pub async fn end(&self, token: &str) -> Result<()> {
        let TokenSession { session_id, user_id, expires_at } = self.of(token)?;
        let row = SessionRow::unknown(session_id, user_id, self.clock.now(), expires_at);
        session_record::end(&self.database, &row).await?;
        self.announce_end(user_id, vec![(session_id, expires_at)]).await
    }

    /// Ends a session of a token's user; `NOT_FOUND` if they have no such open session.
    pub async fn end_one(&self, token: &str, session_id: SessionId) -> Result<()> {
        let user_id = self.of(token)?.user_id;
        let expires_at = session_record::end_one(&self.database, user_id, session_id).await?;
        let expires_at = expires_at.ok_or(Error::Refused(ErrorCode::NotFound, "You have no such open session."))?;
        self.announce_end(user_id, vec![(session_id, expires_at)]).await
    }

    /// Ends all sessions of a user but `kept`, in a transaction. Afterwards [`Sessions::announce_end`] tells everyone.
    pub async fn end_all(
        &self,
        connection: &mut PgConnection,
        user_id: UserId,
        kept: Option<SessionId>,
    ) -> Result<Vec<(SessionId, Timestamp)>> {
        session_record::end_all(connection, user_id, kept).await
    }

    /// Tells all processes of sessions that have ended: their tokens are refused and their websockets closed.
    pub async fn announce_end(&self, user_id: UserId, ended: Vec<(SessionId, Timestamp)>) -> Result<()> {
        if ended.is_empty() {
            return Ok(());
        }
        self.events.announce(Event::SessionsEnded(user_id, ended)).await
    }

    /// The sessions that were ended before their time.
    pub fn ended(&self) -> &EndedSessions {
        &self.ended
    }

    fn require_open(&self, session: SessionId) -> Result<()> {
        if self.ended.contains(session) { Err(token::invalid()) } else { Ok(()) }
    }
}

fn require_active(user: &User) -> Result<()> {
    match user.status {
        UserStatus::Active => Ok(()),
        UserStatus::Inactive => Err(Error::Refused(ErrorCode::AccountInactive, "This account has been deactivated.")),
    }
}

fn stored_user_agent(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(USER_AGENT_CHARS_MAX).collect()
}

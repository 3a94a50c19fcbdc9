//! Sessions: opens, renews and ends them, and returns the user a token belongs to.

use super::{
    api_keys::require_no_scope,
    bad_credentials,
    ended_sessions::{EndedSessions, REFRESH_INTERVAL},
    session_record::{self, SessionKind, SessionRow},
    token::{self, IssuedToken, ProofPurpose, Tokens},
    user_cache::UserCache,
    user_record::UserRow,
};
use crate::{
    clock::Clock,
    engine_config::EngineConfig,
    error::{Error, Result},
    events::{EndedSession, Event, Events},
    store::database::Database,
};
use domain::{
    ErrorCode, SessionId, Timestamp, UserId,
    api::accounts::{ActiveSession, ApiKeyScope, User, UserStatus},
};
use secrecy::SecretString;
use sqlx::PgConnection;
use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::Duration,
};
use tokio::time::timeout;
use uuid::Uuid;

/// A session is not renewed any more after so long, in milliseconds: 30 days. Then the password is asked for again.
const SESSION_AGE_MAX_MS: i64 = 30 * 24 * 3_600_000;
/// Characters of a client's name that are stored.
pub(super) const USER_AGENT_CHARS_MAX: usize = 300;

/// Who asks to sign in.
#[derive(Clone, Copy, Debug)]
pub struct SignInSource<'a> {
    /// Where the request comes from: an address, or the first one of a /64.
    pub network: IpAddr,
    /// What the client says it is; empty if it says nothing.
    pub user_agent: &'a str,
    /// The [`DeviceToken`] of an earlier sign-in, if it sends one.
    pub device: Option<&'a str>,
}

impl SignInSource<'_> {
    /// A source of which only the network is known.
    pub fn at(network: IpAddr) -> Self {
        Self { network, user_agent: "", device: None }
    }
}

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
    /// What a device that is new to the account is to send with later sign-ins.
    pub device: Option<DeviceToken>,
}

/// Shows that a device has signed in to an account before, see [`SignInSource::device`].
#[derive(Debug)]
pub struct DeviceToken {
    /// The token. It opens nothing.
    pub token: SecretString,
    /// Seconds until it expires.
    pub expires_in_s: u64,
}

/// The session that a valid token belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TokenSession {
    /// The session.
    pub session_id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// What it is for, if it is an API key.
    pub scope: Option<ApiKeyScope>,
    /// When the token was issued, to the second.
    pub issued_at: Timestamp,
    /// When the token expires.
    pub expires_at: Timestamp,
}

impl TokenSession {
    /// Whether the token names no session, as those of the version before.
    pub(super) fn is_unnamed(&self) -> bool {
        self.session_id.0 == self.user_id.0
    }
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
            tokens: Tokens::new(&config.jwt_secret, &config.accepted_jwt_secrets, config.session_length, clock.clone()),
            ended: EndedSessions::new(database.clone(), clock.clone()),
            users,
        }
    }

    /// Opens a session for a user who has proved who they are; `ACCOUNT_INACTIVE` if they are deactivated, `BAD_CREDENTIALS` if
    /// the account is not as it was then: the password was changed, two-step sign-in turned on, or the account blocked.
    pub async fn open(&self, account: UserRow, source: SignInSource<'_>) -> Result<Session> {
        let UserRow { user, password_hash, has_second_factor } = account;
        require_active(&user)?;
        let (session_id, now) = (SessionId(Uuid::new_v4()), self.clock.now());
        let IssuedToken { token, expires_in_s, expires_at } = self.tokens.issue(user.user_id, session_id)?;
        let row = SessionRow {
            session_id,
            user_id: user.user_id,
            user_agent: stored_user_agent(source.user_agent),
            network: source.network.to_string(),
            created_at: now,
            expires_at,
        };
        if !session_record::insert(&self.database, &row, &password_hash, has_second_factor).await? {
            return Err(bad_credentials());
        }
        let device = if self.device_of(user.user_id, &password_hash, source).is_some() {
            None
        } else {
            let IssuedToken { token, expires_in_s, .. } = self.tokens.issue_device(user.user_id, &password_hash)?;
            Some(DeviceToken { token, expires_in_s })
        };
        Ok(Session { user, token, expires_in_s, expires_at, device })
    }

    /// The device, if it has signed in to the user's account before.
    pub fn device_of(&self, user_id: UserId, password_hash: &str, source: SignInSource<'_>) -> Option<Uuid> {
        source.device.and_then(|token| self.tokens.device_of(user_id, password_hash, token))
    }

    /// Issues a new token of the session of a valid one.
    pub async fn renew(&self, token: &str) -> Result<Session> {
        let (user, session) = self.identify(token).await?;
        require_no_scope(&session)?;
        let IssuedToken { token, expires_in_s, expires_at } = self.tokens.issue(user.user_id, session.session_id)?;
        // The session that unnamed tokens share has no row while it is open.
        let opened_after = self.clock.now().plus_millis(-SESSION_AGE_MAX_MS);
        if !session.is_unnamed()
            && !session_record::extend(&self.database, session.session_id, opened_after, expires_at).await?
        {
            // Unless it has ended this moment, which this process may have heard of, it is too old.
            self.require_open(&session)?;
            return Err(Error::refused(
                ErrorCode::Conflict,
                "This session cannot be renewed any more; please sign in again.",
            ));
        }
        Ok(Session { user: (*user).clone(), token, expires_in_s, expires_at, device: None })
    }

    /// The user a token belongs to, if it is valid and they are active.
    pub async fn authenticate(&self, token: &str) -> Result<Arc<User>> {
        Ok(self.identify(token).await?.0)
    }

    /// The same with the token's session.
    pub async fn identify(&self, token: &str) -> Result<(Arc<User>, TokenSession)> {
        let session = self.tokens.verify(token)?;
        Ok((self.require_active_user(&session).await?, session))
    }

    /// The user of a session that has not ended, if they are active.
    async fn require_active_user(&self, session: &TokenSession) -> Result<Arc<User>> {
        let user = self.users.find(session.user_id).await?.ok_or_else(token::invalid)?;
        require_active(&user)?;
        self.require_open(session)?;
        Ok(user)
    }

    /// How long a session lasts.
    pub fn length(&self) -> Duration {
        self.tokens.length()
    }

    /// The session of a token, if it is valid.
    pub fn of(&self, token: &str) -> Result<TokenSession> {
        let session = self.tokens.verify(token)?;
        self.require_open(&session)?;
        Ok(session)
    }

    /// The same, if it was opened by signing in: an API key is not for what this is asked for.
    pub fn signed_in(&self, token: &str) -> Result<TokenSession> {
        let session = self.of(token)?;
        require_no_scope(&session)?;
        Ok(session)
    }

    /// A ticket for the websockets of a token's session.
    pub fn ticket(&self, token: &str) -> Result<IssuedToken> {
        self.tokens.issue_ticket(&self.of(token)?)
    }

    /// The session whose websockets a ticket opens, if its user is active and it has not ended.
    pub async fn of_ticket(&self, ticket: &str) -> Result<TokenSession> {
        let session = self.tokens.verify_ticket(ticket)?;
        self.require_active_user(&session).await?;
        Ok(session)
    }

    /// Whether a token would be valid if its session had not been ended.
    pub fn was_ended(&self, token: &str) -> bool {
        self.tokens.verify(token).is_ok_and(|session| self.ended.contains(&session))
    }

    /// The open sessions of a token's user, newest first.
    pub async fn active(&self, token: &str) -> Result<Vec<ActiveSession>> {
        let current = self.signed_in(token)?;
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

    /// Ends the session of a token. All processes are told even if PostgreSQL is not: those that run will refuse it.
    pub async fn end(&self, token: &str) -> Result<()> {
        let session = self.signed_in(token)?;
        let now = self.clock.now();
        let mut ended =
            EndedSession { session_id: session.session_id, ended_at: now, expires_at: self.latest_expiry(now) };
        let stored = if session.is_unnamed() {
            self.end_unnamed(session.user_id, &ended).await
        } else {
            session_record::end_one(&self.database, session.user_id, session.session_id, SessionKind::SignIn, now)
                .await
                .map(|stored| {
                    ended = stored.unwrap_or(ended);
                })
        };
        self.announce_end(session.user_id, vec![ended]).await?;
        stored
    }

    /// Ends a session of a token's user; `NOT_FOUND` if they have no such open session.
    pub async fn end_one(&self, token: &str, session_id: SessionId) -> Result<()> {
        self.end_one_of(token, session_id, SessionKind::SignIn, "You have no such open session.").await
    }

    /// Ends an API key of a token's user; `NOT_FOUND` if they have no such open key.
    pub async fn end_key(&self, token: &str, key_id: SessionId) -> Result<()> {
        self.end_one_of(token, key_id, SessionKind::ApiKey, "You have no such API key.").await
    }

    async fn end_one_of(
        &self,
        token: &str,
        session_id: SessionId,
        kind: SessionKind,
        missing: &'static str,
    ) -> Result<()> {
        let user_id = self.signed_in(token)?.user_id;
        let ended = session_record::end_one(&self.database, user_id, session_id, kind, self.clock.now()).await?;
        self.announce_end(user_id, vec![ended.ok_or(Error::Refused(ErrorCode::NotFound, missing))?]).await
    }

    /// The token of a new API key, which is not stored yet.
    pub fn issue_key(
        &self,
        user_id: UserId,
        key_id: SessionId,
        scope: ApiKeyScope,
        length: Duration,
    ) -> Result<IssuedToken> {
        self.tokens.issue_key(user_id, key_id, scope, length)
    }

    /// A proof about a user's account, good while that is as it was.
    pub fn issue_proof(&self, purpose: ProofPurpose, user_id: UserId, made_for: &str) -> Result<SecretString> {
        self.tokens.issue_proof(purpose, user_id, made_for)
    }

    /// The user of such a proof, and the fingerprint of what it was made for.
    pub fn proof_of(&self, purpose: ProofPurpose, proof: &str) -> Option<(UserId, String)> {
        self.tokens.proof_of(purpose, proof)
    }

    /// The time, by which sessions begin and end.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Ends all sessions of a user but `kept`, in a transaction: those of one kind, or of all. Afterwards [`Sessions::announce_end`] tells everyone.
    pub async fn end_all(
        &self,
        connection: &mut PgConnection,
        user_id: UserId,
        kept: Option<SessionId>,
        kind: Option<SessionKind>,
    ) -> Result<Vec<EndedSession>> {
        let now = self.clock.now();
        let mut ended = session_record::end_all(connection, user_id, kept, kind, now).await?;
        let unnamed =
            EndedSession { session_id: SessionId(user_id.0), ended_at: now, expires_at: self.latest_expiry(now) };
        if kept != Some(unnamed.session_id) {
            session_record::insert_ended(connection, user_id, &unnamed).await?;
            ended.push(unnamed);
        }
        Ok(ended)
    }

    /// Tells all processes of sessions that have ended: their tokens are refused and their websockets closed.
    pub async fn announce_end(&self, user_id: UserId, ended: Vec<EndedSession>) -> Result<()> {
        self.events.announce(Event::SessionsEnded(user_id, ended)).await
    }

    /// The sessions that were ended before their time.
    pub fn ended(&self) -> &EndedSessions {
        &self.ended
    }

    /// Reads the ended sessions for as long as the process serves, and acts on those that it has not heard of.
    pub async fn keep_ended_fresh(&self) {
        loop {
            match self.ended.refresh().await {
                Ok(new) => {
                    for (user_id, ended) in new {
                        self.events.deliver(&Event::SessionsEnded(user_id, vec![ended])).await;
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "ended sessions could not be read; those known so far stay refused");
                }
            }
            if let Err(error) = self.ended.purge().await {
                tracing::warn!(%error, "expired sessions could not be deleted");
            }
            // Whichever comes first.
            let _ = timeout(REFRESH_INTERVAL, self.ended.refresh_now.notified()).await;
        }
    }

    async fn end_unnamed(&self, user_id: UserId, ended: &EndedSession) -> Result<()> {
        let mut transaction = self.database.begin().await?;
        session_record::insert_ended(&mut transaction, user_id, ended).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// When a token that was issued just now, by any process, expires.
    fn latest_expiry(&self, now: Timestamp) -> Timestamp {
        now.plus_millis(i64::try_from(self.tokens.length().as_millis()).unwrap_or(i64::MAX))
    }

    fn require_open(&self, session: &TokenSession) -> Result<()> {
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

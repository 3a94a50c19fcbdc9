//! Accounts: registration, sign-in and users; their sessions are in `sessions.rs`, changes of passwords in
//! `password_changes.rs`, links in e-mails in `email_links.rs`, codes in
//! `second_factor.rs`, their erasure in `erasure.rs`.

mod api_keys;
mod attempt_limits;
mod email_links;
mod ended_sessions;
mod erasure;
mod password;
mod password_changes;
mod password_queue;
mod password_strength;
mod second_factor;
mod session_record;
mod sessions;
mod token;
mod user_cache;
mod user_listing;
mod user_record;
mod verified_passwords;

pub use attempt_limits::AttemptKind;
pub use email_links::EmailLink;
pub use password_strength::is_easily_guessed;
pub use second_factor::SecondFactorSetup;
pub use sessions::{DeviceToken, Session, SignInSource, TokenSession};
pub use user_listing::UserList;

use crate::{
    audit,
    authorization::require_admin,
    clock::Clock,
    edit_precondition::EditPrecondition,
    engine_config::EngineConfig,
    error::{Error, Result},
    events::{Event, Events, Origin, Subscriber},
    store::{
        database::{ANSWER_TIMEOUT, Database, within},
        keys::Keys,
        redis::Redis,
    },
};
use attempt_limits::{AttemptLimits, Guesser};
use domain::{
    ErrorCode, SessionId, UserId,
    api::accounts::{ActiveSession, RegisterRequest, UpdateUser, User, UserStatus},
    validated::{Email, Page, Password, Search},
};
use futures_util::{FutureExt, future::BoxFuture};
use password::Passwords;
use secrecy::SecretString;
use serde_json::json;
use session_record::SessionKind;
use sessions::{Sessions, USER_AGENT_CHARS_MAX};
use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::Duration,
};
use token::ProofPurpose;
use user_cache::UserCache;
use user_record::UserRow;
use verified_passwords::LoginCache;

/// The network of what this process does by itself.
const LOCALHOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Accounts and sessions.
pub struct Accounts {
    database: Database,
    events: Events,
    passwords: Passwords,
    logins: LoginCache,
    attempts: AttemptLimits,
    cache: UserCache,
    sessions: Sessions,
    admins_need_second_factor: bool,
}

impl Accounts {
    pub(crate) fn new(
        config: &EngineConfig,
        database: &Database,
        redis: &Redis,
        keys: &Keys,
        clock: &Clock,
        events: &Events,
    ) -> Result<Self> {
        let cache = UserCache::new(database.clone(), config.admins_need_second_factor);
        Ok(Self {
            database: database.clone(),
            events: events.clone(),
            passwords: Passwords::new()?,
            logins: LoginCache::new(&config.jwt_secret, redis.clone(), keys.clone()),
            attempts: AttemptLimits::new(config.sign_in_limits, redis.clone(), keys.clone()),
            cache: cache.clone(),
            sessions: Sessions::new(config, database, clock, events, cache),
            admins_need_second_factor: config.admins_need_second_factor,
        })
    }

    /// Creates an account.
    ///
    /// # Errors
    /// `EMAIL_TAKEN` if the address, ignoring case, has an account; `OVERLOADED` if too many passwords are waiting to be
    /// hashed.
    pub async fn register(&self, request: RegisterRequest, network: IpAddr) -> Result<User> {
        let hash = self.passwords.hash(request.password, network).await?;
        let user = user_record::insert(&self.database, &request.email, &hash, &request.username, false).await?;
        user.ok_or_else(email_taken)
    }

    /// Creates an admin's account, for the command line.
    ///
    /// # Errors
    /// `EMAIL_TAKEN` if the address, ignoring case, has an account.
    pub async fn create_admin(&self, request: RegisterRequest) -> Result<User> {
        let hash = self.hash(request.password).await?;
        let mut transaction = self.database.begin().await?;
        let admin = user_record::insert(&mut *transaction, &request.email, &hash, &request.username, true).await?;
        let admin = admin.ok_or_else(email_taken)?;
        audit::record(&mut transaction, None, "user.create", admin.user_id.0, None, json!(admin)).await?;
        transaction.commit().await?;
        Ok(admin)
    }

    /// Checks an address and a password and opens a session.
    ///
    /// An unknown address takes as long as a wrong password, so that the time does not reveal who has an account. A
    /// recent successful sign-in is cached, which saves the hash.
    ///
    /// # Errors
    /// `BAD_CREDENTIALS`; [`Error::CodeRequired`] if the password is right but signing in takes a code, too;
    /// `ACCOUNT_INACTIVE`; `RATE_LIMITED` after too many wrong passwords for the account; `OVERLOADED`
    /// if too many passwords are waiting to be checked.
    pub async fn sign_in(&self, email: &str, password: &Password, source: SignInSource<'_>) -> Result<Session> {
        let typed = email.trim();
        let written = typed.parse::<Email>().ok();
        let login = self.logins.login(written.as_deref().unwrap_or(typed), password);
        // First as it was typed: old accounts may have an address that the present rules refuse.
        let mut row = user_record::by_email(&self.database, typed).await?;
        if row.is_none()
            && let Some(written) = written.as_deref().filter(|written| *written != typed)
        {
            row = user_record::by_email(&self.database, written).await?;
        }
        let hash = row.as_ref().map(|row| row.password_hash.as_str());
        let remembered = match hash {
            Some(hash) => login.is_remembered(hash).await,
            None => false,
        };
        let user_id = row.as_ref().map(|row| row.user.user_id);
        // By the account that was found, however its address was typed.
        let account = match &row {
            Some(row) => row.user.user_id.to_string(),
            None => login.account().to_owned(),
        };
        let guesser = Guesser {
            account: &account,
            network: source.network,
            device: user_id.zip(hash).and_then(|(user_id, hash)| self.sessions.device_of(user_id, hash, source)),
        };
        if remembered {
            self.attempts.refuse_if_limited(guesser, self.has_signed_in_from(user_id, source.network)).await?;
        } else if !self.check_password(guesser, user_id, password, hash).await? {
            if let Some(row) = row.filter(|row| row.user.is_admin) {
                self.record_sign_in(None, &row.user, "user.refuse_sign_in", source);
            }
            return Err(bad_credentials());
        }
        // A match implies a row: the decoy of unknown accounts matches nothing.
        let Some(row) = row else { return Err(bad_credentials()) };
        login.remember(&row.password_hash).await;
        if row.has_second_factor {
            let (purpose, user_id) = (ProofPurpose::Password, row.user.user_id);
            let proof = self.sessions.issue_proof(purpose, user_id, &row.password_hash)?;
            return Err(Error::CodeRequired { proof });
        }
        self.open_session(row, source).await
    }

    /// Opens a session for whoever has shown who they are.
    async fn open_session(&self, row: UserRow, source: SignInSource<'_>) -> Result<Session> {
        let session = self.sessions.open(row, source).await?;
        if session.user.is_admin {
            self.record_sign_in(Some(&session.user), &session.user, "user.sign_in", source);
        }
        Ok(session)
    }

    /// Records that an admin has signed in, or that somebody has tried with a wrong password. The answer does not wait for it,
    /// so that its time does not tell which addresses are admins'.
    fn record_sign_in(&self, actor: Option<&User>, admin: &User, action: &'static str, source: SignInSource<'_>) {
        let SignInSource { network, user_agent, .. } = source;
        let user_agent: String = user_agent.chars().filter(|c| *c != '\0').take(USER_AGENT_CHARS_MAX).collect();
        let detail = json!({ "username": admin.username, "network": network, "user_agent": user_agent });
        let (database, actor, subject) = (self.database.clone(), actor.cloned(), admin.user_id.0);
        tokio::spawn(async move {
            let recorded = async {
                let mut transaction = database.begin().await?;
                audit::record(&mut transaction, actor.as_ref(), action, subject, None, detail).await?;
                Ok::<_, Error>(transaction.commit().await?)
            };
            if let Err(error) = within(ANSWER_TIMEOUT, recorded).await {
                tracing::error!(%error, action, "a sign-in is missing in the audit log");
            }
        });
    }

    /// Ends the session of a token, in every process, and closes its websockets.
    ///
    /// # Errors
    /// `INVALID_TOKEN`.
    pub async fn sign_out(&self, token: &str) -> Result<()> {
        self.sessions.end(token).await
    }

    /// Returns the open sessions of a token's user, newest first, 100 at most.
    ///
    /// # Errors
    /// `INVALID_TOKEN`.
    pub async fn active_sessions(&self, token: &str) -> Result<Vec<ActiveSession>> {
        self.sessions.active(token).await
    }

    /// Ends a session of a token's user.
    ///
    /// # Errors
    /// `INVALID_TOKEN`; `NOT_FOUND` if they have no such open session.
    pub async fn end_session(&self, token: &str, session: SessionId) -> Result<()> {
        self.sessions.end_one(token, session).await
    }

    /// Ends all sessions of a token's user but that of the token. API keys stay.
    ///
    /// # Errors
    /// `INVALID_TOKEN`.
    pub async fn end_other_sessions(&self, token: &str) -> Result<()> {
        let TokenSession { user_id, session_id, .. } = self.sessions.signed_in(token)?;
        let mut transaction = self.database.begin().await?;
        let ended =
            self.sessions.end_all(&mut transaction, user_id, Some(session_id), Some(SessionKind::SignIn)).await?;
        transaction.commit().await?;
        self.sessions.announce_end(user_id, ended).await
    }

    /// Issues a new token of the session of a valid one. The old token remains valid until it expires or the session ends. 30 days
    /// after the sign-in a session is not renewed any more.
    ///
    /// # Errors
    /// `INVALID_TOKEN`; `ACCOUNT_INACTIVE`.
    pub async fn renew_session(&self, token: &str) -> Result<Session> {
        self.sessions.renew(token).await
    }

    /// Returns the user a token belongs to. Rights, weight and status are read from the user's record, not from the
    /// token.
    ///
    /// # Errors
    /// `INVALID_TOKEN`; `ACCOUNT_INACTIVE`.
    pub async fn authenticate(&self, token: &str) -> Result<Arc<User>> {
        self.sessions.authenticate(token).await
    }

    /// The same with the token's session.
    ///
    /// # Errors
    /// `INVALID_TOKEN`; `ACCOUNT_INACTIVE`.
    pub async fn identify(&self, token: &str) -> Result<(Arc<User>, TokenSession)> {
        self.sessions.identify(token).await
    }

    /// Returns how long a session lasts.
    pub fn session_length(&self) -> Duration {
        self.sessions.length()
    }

    /// Returns the session of a token.
    ///
    /// # Errors
    /// `INVALID_TOKEN`.
    pub fn token_session(&self, token: &str) -> Result<TokenSession> {
        self.sessions.of(token)
    }

    /// Returns a ticket that opens websockets of a token's session for half a minute, and the seconds until it expires. It
    /// is good for nothing else, so that it does no harm in the log of a proxy.
    ///
    /// # Errors
    /// `INVALID_TOKEN`.
    pub fn websocket_ticket(&self, token: &str) -> Result<(SecretString, u64)> {
        let ticket = self.sessions.ticket(token)?;
        Ok((ticket.token, ticket.expires_in_s))
    }

    /// Returns the session whose websockets a ticket opens.
    ///
    /// # Errors
    /// `INVALID_TOKEN`; `ACCOUNT_INACTIVE`.
    pub async fn ticket_session(&self, ticket: &str) -> Result<TokenSession> {
        self.sessions.of_ticket(ticket).await
    }

    /// Whether a token would be valid if its session had not been ended.
    pub fn is_of_ended_session(&self, token: &str) -> bool {
        self.sessions.was_ended(token)
    }

    /// Whether the session of a token was ended before its time.
    pub(crate) fn has_ended(&self, session: &TokenSession) -> bool {
        self.sessions.ended().contains(session)
    }

    /// Reads the sessions that have ended before the process serves its first request.
    pub(crate) async fn read_ended_sessions(&self) {
        // The table may not exist yet; `keep_ended_sessions` reads it later, and reports errors.
        let _ = self.sessions.ended().refresh().await;
    }

    /// Keeps the sessions that have ended in memory for as long as the process serves.
    pub(crate) async fn keep_ended_sessions(self: Arc<Self>) {
        self.sessions.keep_ended_fresh().await;
    }

    /// Counts an attempt of a network to sign in or register.
    ///
    /// # Errors
    /// `RATE_LIMITED` if the network has made too many.
    pub async fn admit_attempt(&self, kind: AttemptKind, network: IpAddr) -> Result<()> {
        self.attempts.admit(kind, network).await
    }

    /// Changes a user's weight or status; it takes effect in every process at once. Blocking a user ends their sessions.
    /// Admins only.
    ///
    /// # Errors
    /// `ADMIN_REQUIRED`; `NOT_FOUND` if there is no such user; `VALIDATION` if an admin blocks their own account, after
    /// which perhaps nobody could unblock it; `ACCOUNT_INACTIVE` if they were blocked this moment.
    pub async fn update_user(&self, actor: &User, user_id: UserId, change: UpdateUser) -> Result<User> {
        self.update_user_if(actor, user_id, change, &EditPrecondition::NONE).await
    }

    /// The same, if the user is as `precondition` says.
    ///
    /// # Errors
    /// As [`Accounts::update_user`]; `STALE`.
    pub async fn update_user_if(
        &self,
        actor: &User,
        user_id: UserId,
        change: UpdateUser,
        precondition: &EditPrecondition,
    ) -> Result<User> {
        require_admin(actor)?;
        if actor.user_id == user_id && change.status == Some(UserStatus::Inactive) {
            return Err(Error::field("status", "must not be inactive for your own account"));
        }
        let mut transaction = self.database.begin().await?;
        if change.status == Some(UserStatus::Inactive) {
            // Otherwise two admins could block each other at the same moment, and leave none.
            let admins = user_record::lock_active_admins(&mut transaction).await?;
            if !admins.contains(&actor.user_id) {
                return Err(Error::Refused(ErrorCode::AccountInactive, "Your account has just been deactivated."));
            }
        }
        let old = user_record::locked(&mut transaction, user_id).await?.ok_or_else(no_such_user)?;
        precondition.check(&old)?;
        let user = user_record::update(&mut transaction, user_id, change).await?;
        let ended = match user.status {
            UserStatus::Active => Vec::new(),
            UserStatus::Inactive => self.sessions.end_all(&mut transaction, user_id, None, None).await?,
        };
        audit::record(&mut transaction, Some(actor), "user.update", user_id.0, Some(json!(old)), json!(user)).await?;
        transaction.commit().await?;
        self.events.announce(Event::UserChanged(user_id)).await?;
        self.sessions.announce_end(user_id, ended).await?;
        Ok(user)
    }

    /// Returns a page of the users whose e-mail address or name contains `search`, ignoring case, newest first; an
    /// empty search matches all. Admins only.
    ///
    /// # Errors
    /// `ADMIN_REQUIRED`.
    pub async fn users(&self, actor: &User, search: &Search, page: Page) -> Result<UserList> {
        require_admin(actor)?;
        user_listing::search(&self.database, search, page).await
    }

    /// Returns a user. Admins only.
    ///
    /// # Errors
    /// `ADMIN_REQUIRED`; `NOT_FOUND` if there is no such user.
    pub async fn user(&self, actor: &User, user_id: UserId) -> Result<User> {
        require_admin(actor)?;
        let row = user_record::by_id(&self.database, user_id).await?;
        Ok(row.ok_or_else(no_such_user)?.user)
    }

    /// Returns a user, from the cache if possible.
    ///
    /// # Errors
    /// `UNAVAILABLE` if the user is not cached and PostgreSQL does not answer.
    pub(crate) async fn find(&self, user_id: UserId) -> Result<Option<Arc<User>>> {
        self.cache.find(user_id).await
    }

    /// Whether a hash is that of a password.
    pub(crate) async fn is_password_of(&self, hash: &str, password: Password) -> Result<bool> {
        self.passwords.verify(password, Some(hash), LOCALHOST).await
    }

    /// Hashes a password.
    pub(crate) async fn hash(&self, password: Password) -> Result<String> {
        self.passwords.hash(password, LOCALHOST).await
    }

    /// Checks a password against the hash of an account, if it has one, and counts wrong ones.
    async fn check_password(
        &self,
        guesser: Guesser<'_>,
        user_id: Option<UserId>,
        password: &Password,
        hash: Option<&str>,
    ) -> Result<bool> {
        let network = guesser.network;
        // Counted before the check and taken back after it, so that concurrent guesses are all counted.
        self.attempts.begin_guess(guesser, self.has_signed_in_from(user_id, network)).await?;
        let matches = self.passwords.verify(password.clone(), hash, network).await;
        // What was not checked was no guess either.
        if !matches!(matches, Ok(false)) {
            self.attempts.forgive_guess(guesser).await;
        }
        matches
    }

    /// Whether a user has signed in from a network lately.
    async fn has_signed_in_from(&self, user_id: Option<UserId>, network: IpAddr) -> bool {
        let Some(user_id) = user_id else { return false };
        session_record::has_signed_in_from(&self.database, user_id, network).await.unwrap_or(false)
    }
}

impl Subscriber for Accounts {
    fn handle<'a>(&'a self, event: &'a Event, _: Origin) -> BoxFuture<'a, ()> {
        async move {
            match event {
                Event::UserChanged(user) => self.cache.forget(*user),
                Event::SessionsEnded(user, ended) => {
                    self.sessions.ended().add(ended.iter().map(|session| (*user, *session)));
                }
                Event::Resync => {
                    self.cache.forget_all();
                    self.sessions.ended().refresh_now.notify_one();
                }
                _ => {}
            }
        }
        .boxed()
    }
}

fn bad_credentials() -> Error {
    Error::Refused(ErrorCode::BadCredentials, "Wrong e-mail address or password.")
}

fn email_taken() -> Error {
    Error::Refused(ErrorCode::EmailTaken, "This e-mail address already has an account.")
}

fn no_such_user() -> Error {
    Error::Refused(ErrorCode::NotFound, "There is no such user.")
}

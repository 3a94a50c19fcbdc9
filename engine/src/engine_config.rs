//! The engine's settings.

use secrecy::SecretString;
use std::time::Duration;

/// Settings of an [`crate::Engine`]. The server fills them from its environment.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// PostgreSQL, as a `postgres://` URL.
    pub database_url: SecretString,
    /// Most connections this process opens to PostgreSQL.
    pub database_connections: u32,
    /// Whether the engine connects through a pooler in transaction mode, such as `PgBouncer`.
    pub database_pooled: bool,
    /// Redis, as a `redis://` URL, or several separated by commas: the nodes of a cluster.
    pub redis_url: SecretString,
    /// Prefix of every Redis key and channel, so that several installations can share a Redis.
    pub redis_prefix: String,
    /// Signs session tokens; other keys derive from it.
    pub jwt_secret: SecretString,
    /// Other secrets whose tokens are accepted: the next one, or the last.
    pub accepted_jwt_secrets: Vec<SecretString>,
    /// How long a session lasts.
    pub session_length: Duration,
    /// Bids that may be queued per campaign before more are refused.
    pub bid_queue_max: usize,
    /// How long a bid may be queued before it is refused.
    pub bid_wait_max: Duration,
    /// Sign-in and registration limits.
    pub sign_in_limits: SignInLimits,
    /// How e-mails are sent.
    pub mail: MailConfig,
    /// Whether admins have their rights only with a second factor.
    pub admins_need_second_factor: bool,
}

/// How e-mails are sent.
#[derive(Clone, Debug, Default)]
pub struct MailConfig {
    /// The mail server, as an `smtp://` or `smtps://` URL.
    pub smtp_url: Option<SecretString>,
    /// Whom e-mails are from, as `Name <address>` or an address.
    pub from: String,
    /// Where users reach this site, for links in e-mails.
    pub public_url: String,
    /// Whether e-mails are written to the log if there is no mail server.
    pub is_logged: bool,
}

/// How often anyone may try to sign in or register, counted in Redis for all processes together.
#[derive(Clone, Copy, Debug)]
pub struct SignInLimits {
    /// Failed sign-ins per account and minute.
    pub failures_per_account_per_minute: u32,
    /// Sign-ins per network address and minute.
    pub sign_ins_per_address_per_minute: u32,
    /// Registrations per network address and minute.
    pub registrations_per_address_per_minute: u32,
}

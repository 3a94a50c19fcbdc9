//! Accounts and sessions.

use super::{bids::BidRecord, orders::Order};
use crate::{
    SessionId, Timestamp, UserId, Weight,
    validated::{ApiKeyDays, ApiKeyName, Email, Password, Username},
};
use serde::{Deserialize, Deserializer, Serialize, de};
use std::{borrow::Cow, net::IpAddr};

/// Whether a user may sign in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum UserStatus {
    /// They may.
    Active,
    /// An admin has blocked them.
    Inactive,
}

impl UserStatus {
    /// The name in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
        }
    }
}

/// A user, as they and admins see it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    /// The user's id.
    pub user_id: UserId,
    /// The e-mail address as it was typed.
    pub email: String,
    /// The name other bidders see.
    pub username: String,
    /// The weight in the score.
    pub weight: Weight,
    /// Whether the user is an admin.
    pub is_admin: bool,
    /// Whether the user may sign in.
    pub status: UserStatus,
    /// When the account was created.
    pub created_at: Timestamp,
}

/// Body of `POST /api/v1/auth/register`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegisterRequest {
    /// The address to sign in with.
    pub email: Email,
    /// The password, 8 to 128 characters.
    #[serde(deserialize_with = "new_password")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Password, min_length = 8, max_length = 128))]
    pub password: Password,
    /// The name other bidders see.
    pub username: Username,
}

/// Body of `POST /api/v1/auth/login`.
///
/// The address may be any text; one that cannot be an address is unknown.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoginRequest {
    /// The address.
    pub email: String,
    /// The password.
    #[serde(deserialize_with = "claimed_password")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Password, min_length = 1, max_length = 128))]
    pub password: Password,
    /// The code of the account's authenticator app, or a recovery code, if signing in takes one.
    #[serde(default)]
    pub code: Option<String>,
}

/// Body of `PUT /api/v1/auth/password`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangePasswordRequest {
    /// The password that is valid so far.
    #[serde(deserialize_with = "claimed_password")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Password, min_length = 1, max_length = 128))]
    pub current_password: Password,
    /// The new one, 8 to 128 characters.
    #[serde(deserialize_with = "new_password")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Password, min_length = 8, max_length = 128))]
    pub new_password: Password,
}

/// Body of `POST /api/v1/auth/erase`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EraseRequest {
    /// The user's password.
    #[serde(deserialize_with = "claimed_password")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Password, min_length = 1, max_length = 128))]
    pub password: Password,
}

/// Answer of `GET /api/v1/auth/data`: what is stored about a user.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PersonalData {
    /// The account.
    pub account: User,
    /// The open sessions, newest first, 100 at most.
    pub sessions: Vec<ActiveSession>,
    /// The open API keys, newest first.
    pub api_keys: Vec<ApiKey>,
    /// The accepted bids, newest first, 50,000 at most.
    pub bids: Vec<BidRecord>,
    /// The orders, newest first, 50,000 at most.
    pub orders: Vec<Order>,
}

/// Answer of `GET /api/v1/auth/sessions`: what the user is signed in on.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActiveSessions {
    /// The open sessions, newest first, 100 at most.
    pub sessions: Vec<ActiveSession>,
    /// How many are in the list.
    pub total: usize,
}

/// A session that has not ended.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActiveSession {
    /// The session's id.
    pub session_id: SessionId,
    /// The `User-Agent` of the sign-in, 300 characters at most; empty if it had none.
    pub user_agent: String,
    /// Where the sign-in came from: an IPv4 address, or the first address of the /64 of an IPv6 address.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub network: IpAddr,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ends unless it is renewed.
    pub expires_at: Timestamp,
    /// Whether the request was made with it.
    pub is_current: bool,
}

/// Body of `PATCH /api/v1/users/{id}`: absent fields stay as they are.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UpdateUser {
    /// A new weight, which applies to later bids.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::WeightOrText>))]
    pub weight: Option<Weight>,
    /// Blocks or unblocks the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<UserStatus>,
}

/// Answer of `POST /api/v1/auth/login`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoginResponse {
    /// The JWT.
    pub access_token: String,
    /// Always `bearer`.
    pub token_type: TokenType,
    /// Seconds until the token expires.
    pub expires_in: u64,
}

/// What an API key is for; each scope includes those before it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ApiKeyScope {
    /// Reading what its user may read, and live feeds.
    Read,
    /// Bidding.
    Bid,
    /// Everything else in the API that its user may do, but for the account itself.
    Admin,
}

impl ApiKeyScope {
    /// All scopes.
    pub const ALL: [Self; 3] = [Self::Read, Self::Bid, Self::Admin];

    /// The name in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Bid => "bid",
            Self::Admin => "admin",
        }
    }
}

/// Body of `POST /api/v1/auth/api-keys`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreateApiKey {
    /// What tells it from the user's other keys.
    pub name: ApiKeyName,
    /// What it is for.
    pub scope: ApiKeyScope,
    /// How many days it lasts; 90 by default.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::ApiKeyDaysOrText>))]
    pub days: Option<ApiKeyDays>,
}

/// An API key that is open, without its token.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKey {
    /// The key's id.
    pub key_id: SessionId,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub scope: ApiKeyScope,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it ends unless it is revoked.
    pub expires_at: Timestamp,
}

/// Answer of `POST /api/v1/auth/api-keys`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewApiKey {
    /// The key.
    #[serde(flatten)]
    pub key: ApiKey,
    /// The token to send as `Authorization: Bearer`. It cannot be read again.
    pub token: String,
}

/// Answer of `GET /api/v1/auth/api-keys`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKeyList {
    /// The open keys, newest first.
    pub keys: Vec<ApiKey>,
    /// How many are in the list.
    pub total: usize,
}

/// Answer of `POST /api/v1/auth/websocket-ticket`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebsocketTicket {
    /// What opens a websocket of the session, as its parameter `ticket`.
    pub ticket: String,
    /// Seconds until it no longer does.
    pub expires_in: u64,
}

/// The scheme of the `Authorization` header.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TokenType {
    /// `Authorization: Bearer <token>`.
    Bearer,
}

fn new_password<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Password, D::Error> {
    password(deserializer, Password::new_password)
}

fn claimed_password<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Password, D::Error> {
    password(deserializer, Password::claimed)
}

/// Anything but text is refused without quoting it, because it may be a password all the same.
fn password<'de, D: Deserializer<'de>>(
    deserializer: D,
    parse: fn(&str) -> Result<Password, &'static str>,
) -> Result<Password, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Given<'a> {
        #[serde(borrow)]
        Text(Cow<'a, str>),
        Other(de::IgnoredAny),
    }
    match Given::deserialize(deserializer)? {
        Given::Text(text) => parse(&text).map_err(de::Error::custom),
        Given::Other(_) => Err(de::Error::custom("must be a text")),
    }
}

//! Session tokens: JWTs signed with HS256. They identify a user and grant no rights.

use super::sessions::TokenSession;
use crate::{
    clock::Clock,
    error::{Error, Result},
    hex::hex,
};
use domain::{ErrorCode, SessionId, Timestamp, UserId, api::accounts::ApiKeyScope};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{iter, time::Duration};
use uuid::Uuid;

/// Length of a fingerprint: enough that nothing else has it by chance.
const FINGERPRINT_CHARS: usize = 32;
/// Length of a key's id: enough to tell a handful of keys apart.
const KEY_ID_CHARS: usize = 16;

/// Issues and verifies tokens by the engine's clock.
pub(super) struct Tokens {
    encoding: EncodingKey,
    /// The header of new tokens, with the id of the key.
    header: Header,
    /// The keys that tokens are accepted of, by id: that of new tokens, and others.
    decoding: Vec<(String, DecodingKey)>,
    validation: Validation,
    ticket_validation: Validation,
    device_validation: Validation,
    length: Duration,
    clock: Clock,
}

/// The audience of tickets.
const WEBSOCKET: &str = "websocket";
/// The audience of API keys.
const API: &str = "api";
/// The audience of device tokens.
const DEVICE: &str = "device";
/// How long a device is known after a sign-in: a year, in seconds.
const DEVICE_S: u32 = 365 * 24 * 3600;
/// How long a ticket opens websockets, in seconds: long enough for a slow connection, too short to be of use in a log.
const TICKET_S: u32 = 30;

/// What a proof is good for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum ProofPurpose {
    /// To set a new password, by a link in an e-mail.
    PasswordReset,
    /// To confirm an address, by a link in an e-mail.
    Confirmation,
    /// To sign in with a code: the password was right.
    Password,
}

impl ProofPurpose {
    fn audience(self) -> &'static str {
        match self {
            Self::PasswordReset => "password-reset",
            Self::Confirmation => "email-confirmation",
            Self::Password => "second-factor",
        }
    }

    /// How long it is good, in seconds.
    fn lasts_s(self) -> u32 {
        match self {
            Self::PasswordReset => 3600,
            Self::Confirmation => 7 * 24 * 3600,
            Self::Password => 300,
        }
    }
}

/// A new token.
pub(super) struct IssuedToken {
    /// The token.
    pub token: SecretString,
    /// Seconds until it expires.
    pub expires_in_s: u64,
    /// When it expires.
    pub expires_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: UserId,
    iat: i64,
    exp: i64,
    jti: Uuid,
    /// The session. Tokens of the version before name none; all of a user's share one, with the user's id.
    #[serde(default)]
    sid: Option<SessionId>,
    /// Of API keys only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scope: Option<ApiKeyScope>,
    /// What it is for, if it is no token of a session: the version before refuses those.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    aud: Option<String>,
    /// Of tickets only: when the token that it was issued for expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token_exp: Option<i64>,
    /// Of proofs only: the fingerprint of what they were made for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    made_for: Option<String>,
}

impl Tokens {
    pub fn new(secret: &SecretString, accepted: &[SecretString], length: Duration, clock: Clock) -> Self {
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some(key_id(secret));
        let decoding = iter::once(secret).chain(accepted);
        let decoding =
            decoding.map(|secret| (key_id(secret), DecodingKey::from_secret(secret.expose_secret().as_bytes())));
        let mut validation = Validation::new(Algorithm::HS256);
        // Checked in `verify`, by the engine's clock instead of the machine's.
        validation.validate_exp = false;
        validation.set_required_spec_claims(&["sub", "exp"]);
        // Tokens of sessions have no audience.
        validation.set_audience(&[API]);
        let mut ticket_validation = validation.clone();
        ticket_validation.set_required_spec_claims(&["sub", "exp", "aud"]);
        ticket_validation.set_audience(&[WEBSOCKET]);
        let mut device_validation = ticket_validation.clone();
        device_validation.set_audience(&[DEVICE]);
        Self {
            encoding: EncodingKey::from_secret(secret.expose_secret().as_bytes()),
            header,
            decoding: decoding.collect(),
            validation,
            ticket_validation,
            device_validation,
            length,
            clock,
        }
    }

    /// A token of a user's session.
    pub fn issue(&self, user_id: UserId, session_id: SessionId) -> Result<IssuedToken> {
        self.issue_for(user_id, session_id, None, self.length)
    }

    /// The token of an API key.
    pub fn issue_key(
        &self,
        user_id: UserId,
        key_id: SessionId,
        scope: ApiKeyScope,
        length: Duration,
    ) -> Result<IssuedToken> {
        self.issue_for(user_id, key_id, Some(scope), length)
    }

    fn issue_for(
        &self,
        user_id: UserId,
        session_id: SessionId,
        scope: Option<ApiKeyScope>,
        length: Duration,
    ) -> Result<IssuedToken> {
        let iat = self.clock.now().unix_millis() / 1000;
        let expires_in_s = length.as_secs();
        let exp = iat.saturating_add_unsigned(expires_in_s);
        let expires_at = instant(exp).ok_or_else(|| Error::Internal("a session would never end".into()))?;
        let claims = Claims {
            sub: user_id,
            iat,
            exp,
            jti: Uuid::new_v4(),
            sid: Some(session_id),
            scope,
            aud: None,
            token_exp: None,
            made_for: None,
        };
        Ok(IssuedToken { token: self.sign(&claims)?, expires_in_s, expires_at })
    }

    /// A ticket for the websockets of a token's session.
    pub fn issue_ticket(&self, session: &TokenSession) -> Result<IssuedToken> {
        let expires_at = self.clock.now().plus_millis(1000 * i64::from(TICKET_S)).min(session.expires_at);
        let claims = Claims {
            sub: session.user_id,
            // The token's: whether its session has ended may depend on it.
            iat: session.issued_at.unix_millis() / 1000,
            exp: expires_at.unix_millis() / 1000,
            jti: Uuid::new_v4(),
            sid: Some(session.session_id),
            scope: session.scope,
            aud: Some(WEBSOCKET.to_owned()),
            token_exp: Some(session.expires_at.unix_millis() / 1000),
            made_for: None,
        };
        Ok(IssuedToken { token: self.sign(&claims)?, expires_in_s: TICKET_S.into(), expires_at })
    }

    /// A token that shows that a device has signed in to a user's account before. It grants nothing: a password typed there is
    /// counted apart from the guesses of strangers.
    /// It is good until the password changes.
    pub fn issue_device(&self, user_id: UserId, password_hash: &str) -> Result<IssuedToken> {
        let now = self.clock.now();
        let expires_at = now.plus_millis(1000 * i64::from(DEVICE_S));
        let claims = Claims {
            sub: user_id,
            iat: now.unix_millis() / 1000,
            exp: expires_at.unix_millis() / 1000,
            jti: Uuid::new_v4(),
            sid: None,
            scope: None,
            aud: Some(DEVICE.to_owned()),
            token_exp: None,
            made_for: Some(fingerprint(password_hash)),
        };
        Ok(IssuedToken { token: self.sign(&claims)?, expires_in_s: DEVICE_S.into(), expires_at })
    }

    /// A proof about a user's account, which is good while the account is as it was when the proof was made.
    pub fn issue_proof(&self, purpose: ProofPurpose, user_id: UserId, made_for: &str) -> Result<SecretString> {
        let now = self.clock.now();
        self.sign(&Claims {
            sub: user_id,
            iat: now.unix_millis() / 1000,
            exp: now.plus_millis(1000 * i64::from(purpose.lasts_s())).unix_millis() / 1000,
            jti: Uuid::new_v4(),
            sid: None,
            scope: None,
            aud: Some(purpose.audience().to_owned()),
            token_exp: None,
            made_for: Some(fingerprint(made_for)),
        })
    }

    /// The user of a proof, and the fingerprint of what it was made for.
    pub fn proof_of(&self, purpose: ProofPurpose, token: &str) -> Option<(UserId, String)> {
        let mut validation = self.ticket_validation.clone();
        validation.set_audience(&[purpose.audience()]);
        let claims = self.claims(token, &validation).ok()?;
        Some((claims.sub, claims.made_for?))
    }

    /// The id of a device that has signed in to a user's account before, if its token says so.
    pub fn device_of(&self, user_id: UserId, password_hash: &str, token: &str) -> Option<Uuid> {
        let claims = self.claims(token, &self.device_validation).ok()?;
        let is_known = claims.sub == user_id && claims.made_for? == fingerprint(password_hash);
        is_known.then_some(claims.jti)
    }

    fn sign(&self, claims: &Claims) -> Result<SecretString> {
        let token = jsonwebtoken::encode(&self.header, claims, &self.encoding);
        Ok(token.map_err(|_| Error::Internal("a token could not be signed".into()))?.into())
    }

    /// How long a token is valid.
    pub fn length(&self) -> Duration {
        self.length
    }

    /// The session of a token, if it is valid. Whether the session has ended is not checked here.
    pub fn verify(&self, token: &str) -> Result<TokenSession> {
        self.claims(token, &self.validation)?.session()
    }

    /// The session of the token that a ticket was issued for.
    pub fn verify_ticket(&self, ticket: &str) -> Result<TokenSession> {
        let claims = self.claims(ticket, &self.ticket_validation)?;
        let token_exp = claims.token_exp.ok_or_else(invalid)?;
        Claims { exp: token_exp, ..claims }.session()
    }

    /// The claims of a token that is signed with one of the keys and has not expired.
    fn claims(&self, token: &str, validation: &Validation) -> Result<Claims> {
        let named = jsonwebtoken::decode_header(token).map_err(|_| invalid())?.kid;
        // Tokens of the version before name no key.
        let keys = self.decoding.iter().filter(|(id, _)| named.as_ref().is_none_or(|named| named == id));
        let mut decoded = keys.filter_map(|(_, key)| jsonwebtoken::decode::<Claims>(token, key, validation).ok());
        let claims = decoded.next().ok_or_else(invalid)?.claims;
        let is_valid = instant(claims.exp).is_some_and(|time| time > self.clock.now());
        if is_valid { Ok(claims) } else { Err(invalid()) }
    }
}

impl Claims {
    fn session(&self) -> Result<TokenSession> {
        let (issued_at, expires_at) = (instant(self.iat).ok_or_else(invalid)?, instant(self.exp).ok_or_else(invalid)?);
        let session_id = self.sid.unwrap_or(SessionId(self.sub.0));
        Ok(TokenSession { session_id, user_id: self.sub, scope: self.scope, issued_at, expires_at })
    }
}

/// What stands for a text in a token, and reveals nothing about it that is not guessed already.
pub(super) fn fingerprint(text: &str) -> String {
    let mut fingerprint = hex(&Sha256::new().chain_update("gavel fingerprint").chain_update(text).finalize());
    fingerprint.truncate(FINGERPRINT_CHARS);
    fingerprint
}

/// A key's id, which reveals nothing about it.
fn key_id(secret: &SecretString) -> String {
    let digest = Sha256::new().chain_update("gavel key id").chain_update(secret.expose_secret()).finalize();
    let mut id = hex(&digest);
    id.truncate(KEY_ID_CHARS);
    id
}

/// The instant of an `iat` or `exp` claim, in seconds since the Unix epoch.
fn instant(seconds: i64) -> Option<Timestamp> {
    seconds.checked_mul(1_000_000).and_then(Timestamp::from_unix_micros)
}

/// The error for any token that is not valid, whatever is wrong with it.
pub(super) fn invalid() -> Error {
    Error::Refused(ErrorCode::InvalidToken, "The session is not valid or has expired; please sign in again.")
}

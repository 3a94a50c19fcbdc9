//! Session tokens: JWTs signed with HS256. They say who, never what one may do.

use crate::{
    clock::Clock,
    error::{Error, Result},
};
use domain::{ErrorCode, Timestamp, UserId};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Issues and verifies tokens by the engine's clock.
pub(super) struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    length: Duration,
    clock: Clock,
}

/// What a good token says.
pub(super) struct Verified {
    /// Whom it was issued to.
    pub user_id: UserId,
    /// When it is no good any more.
    pub expires_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: UserId,
    iat: i64,
    exp: i64,
    jti: uuid::Uuid,
}

impl Tokens {
    pub fn new(secret: &SecretString, length: Duration, clock: Clock) -> Self {
        let secret = secret.expose_secret().as_bytes();
        let mut validation = Validation::new(Algorithm::HS256);
        // Checked in `verify`, by our clock instead of the machine's.
        validation.validate_exp = false;
        validation.set_required_spec_claims(&["sub", "exp"]);
        Self {
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
            validation,
            length,
            clock,
        }
    }

    /// A token for `user_id`, and the seconds until it expires.
    pub fn issue(&self, user_id: UserId) -> Result<(SecretString, u64)> {
        let iat = self.clock.now().unix_millis() / 1000;
        let length_s = self.length.as_secs();
        let claims =
            Claims { sub: user_id, iat, exp: iat.saturating_add_unsigned(length_s), jti: uuid::Uuid::new_v4() };
        let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.encoding);
        let token = token.map_err(|_| Error::Internal("a token could not be signed".into()))?;
        Ok((token.into(), length_s))
    }

    /// What a token says, if it is good.
    pub fn verify(&self, token: &str) -> Result<Verified> {
        let data = jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation).map_err(|_| invalid())?;
        let expires_at = data.claims.exp.checked_mul(1_000_000).and_then(Timestamp::from_unix_micros);
        let expires_at = expires_at.filter(|&time| time > self.clock.now()).ok_or_else(invalid)?;
        Ok(Verified { user_id: data.claims.sub, expires_at })
    }
}

/// The refusal of any token that is not good, whatever is wrong with it.
pub(super) fn invalid() -> Error {
    Error::Refused(ErrorCode::InvalidToken, "The session is not valid or has expired; please sign in again.")
}

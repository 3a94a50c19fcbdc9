//! Remembers recently verified passwords for a minute, so that signing in again skips the hashing.
//!
//! The key is an HMAC of address and password under a secret of the server, so that passwords cannot be guessed from
//! what is in Redis. The value is an HMAC of that key and of the stored hash: it no longer matches once the password has
//! changed, and nobody who can only read and write Redis can make one.

use crate::{
    hex::hex,
    store::{keys::Keys, redis::Redis},
};
use domain::validated::Password;
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// How long a sign-in is remembered, in seconds.
const REMEMBERED_S: u64 = 60;

/// The cache of all processes, in Redis. Without Redis every sign-in is hashed.
pub(super) struct LoginCache {
    key: Hmac<Sha256>,
    redis: Redis,
    keys: Keys,
}

/// A sign-in in progress.
pub(super) struct Login<'a> {
    cache: &'a LoginCache,
    account: String,
    key: String,
}

impl LoginCache {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length, and HKDF makes one of this length")]
    pub fn new(secret: &SecretString, redis: Redis, keys: Keys) -> Self {
        let mut key = [0; 32];
        let secret = Hkdf::<Sha256>::new(None, secret.expose_secret().as_bytes());
        secret.expand(b"gavel login cache", &mut key).expect("a short key");
        Self { key: Hmac::new_from_slice(&key).expect("any length"), redis, keys }
    }

    pub fn login(&self, email: &str, password: &Password) -> Login<'_> {
        let email = email.trim().to_lowercase();
        Login {
            cache: self,
            account: self.mac(&["account", &email]),
            key: self.keys.login(&self.mac(&["login", &email, password.expose()])),
        }
    }

    /// Every part is preceded by its length, and the first is the purpose, so that different inputs have different
    /// MACs.
    fn mac(&self, parts: &[&str]) -> String {
        let mut mac = self.key.clone();
        for part in parts {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part.as_bytes());
        }
        hex(&mac.finalize().into_bytes())
    }
}

impl Login<'_> {
    /// An identifier of the account that does not reveal its address.
    pub fn account(&self) -> &str {
        &self.account
    }

    pub async fn is_remembered(&self, password_hash: &str) -> bool {
        let remembered: Option<String> =
            self.cache.redis.command("login_get", redis::cmd("GET").arg(&self.key)).await.unwrap_or_default();
        remembered.is_some_and(|proof| proof == self.proof(password_hash))
    }

    pub async fn remember(&self, password_hash: &str) {
        let mut set = redis::cmd("SET");
        set.arg(&self.key).arg(self.proof(password_hash)).arg("EX").arg(REMEMBERED_S);
        // A failure only means that the next sign-in is hashed.
        let _: Result<(), _> = self.cache.redis.command("login_set", &set).await;
    }

    fn proof(&self, password_hash: &str) -> String {
        self.cache.mac(&["proof", &self.key, password_hash])
    }
}

//! Argon2id password hashes, computed off the async threads and only a few at a time.

use super::password_queue::{Applicant, PasswordQueue};
use crate::error::{Error, Result};
use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use domain::validated::Password;
use std::{net::IpAddr, sync::Arc};

/// Hashes and verifies passwords.
pub(super) struct Passwords {
    /// A hash takes 19 MiB and tens of milliseconds of CPU. At most half the cores hash at once, so that a crowd
    /// signing in leaves room for bids.
    queue: PasswordQueue,
    /// What a password for an unknown account is verified against, so that it takes as long as for a known one.
    decoy: Arc<str>,
}

impl Passwords {
    pub fn new() -> Result<Self> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self { queue: PasswordQueue::new((cores / 2).max(1)), decoy: hash(uuid::Uuid::new_v4().as_bytes())?.into() })
    }

    /// A new hash in PHC format, with a random salt and the library's default cost.
    pub async fn hash(&self, password: Password, network: IpAddr) -> Result<String> {
        let applicant = Applicant { is_registration: true, network };
        self.off_thread(applicant, move || hash(password.expose().as_bytes())).await
    }

    /// Whether the password matches; `None` takes the time of a check and matches nothing.
    pub async fn verify(&self, password: Password, stored: Option<&str>, network: IpAddr) -> Result<bool> {
        let known = stored.is_some();
        let stored: Arc<str> = stored.map_or_else(|| self.decoy.clone(), Into::into);
        self.off_thread(Applicant { is_registration: false, network }, move || {
            let parsed =
                PasswordHash::new(&stored).map_err(|_| Error::Internal("a stored hash is malformed".into()))?;
            let matches = Argon2::default().verify_password(password.expose().as_bytes(), &parsed).is_ok();
            Ok(matches && known)
        })
        .await
    }

    async fn off_thread<T: Send + 'static>(
        &self,
        applicant: Applicant,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let turn = self.queue.turn(applicant).await?;
        let result = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        result.await.map_err(|_| Error::Internal("password hashing was interrupted".into()))?
    }
}

fn hash(secret: &[u8]) -> Result<String> {
    let hash = Argon2::default().hash_password(secret);
    Ok(hash.map_err(|_| Error::Internal("a password could not be hashed".into()))?.to_string())
}

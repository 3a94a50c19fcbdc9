//! The sessions that were ended before their tokens expire.
//!
//! Every request checks its session, so the check reads no store: each process keeps the ended ones in memory. It hears of
//! new ones from the others at once, and reads them from PostgreSQL every few seconds in case a message was lost.

use super::session_record;
use crate::{clock::Clock, error::Result, store::database::Database};
use domain::{SessionId, Timestamp};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError, RwLock},
    time::Duration,
};

/// How often PostgreSQL is read: the longest that a session can outlive its end if a message is lost.
const REFRESH_INTERVAL: Duration = Duration::from_secs(5);
/// How far back each time. Ends are stamped before their transaction commits, which takes less than this.
const OVERLAP_MS: i64 = 60_000;
/// How often expired sessions are deleted, in refreshes.
const PURGE_EVERY: u32 = 12;
/// How long an expired session stays in the table.
const KEPT_EXPIRED_MS: i64 = 24 * 60 * 60 * 1000;

/// The ended sessions of all users, with the times at which their tokens expire.
pub(super) struct EndedSessions {
    database: Database,
    clock: Clock,
    ended: RwLock<HashMap<SessionId, Timestamp>>,
    /// The latest end that was read from PostgreSQL.
    read_to: Mutex<Timestamp>,
}

impl EndedSessions {
    pub fn new(database: Database, clock: Clock) -> Self {
        Self { database, clock, ended: RwLock::default(), read_to: Mutex::new(Timestamp::EPOCH) }
    }

    /// Whether a session was ended.
    pub fn contains(&self, session: SessionId) -> bool {
        self.ended.read().unwrap_or_else(PoisonError::into_inner).contains_key(&session)
    }

    /// Remembers ended sessions.
    pub fn add(&self, sessions: impl IntoIterator<Item = (SessionId, Timestamp)>) {
        self.ended.write().unwrap_or_else(PoisonError::into_inner).extend(sessions);
    }

    /// Reads what has ended since the last time, and forgets what has expired.
    pub async fn refresh(&self) -> Result<()> {
        let now = self.clock.now();
        let read_to = *self.read_to();
        let rows = session_record::ended_since(&self.database, read_to.plus_millis(-OVERLAP_MS), now).await?;
        let latest = rows.iter().map(|row| row.ended_at).max();
        self.add(rows.into_iter().map(|row| (row.session_id, row.expires_at)));
        self.ended.write().unwrap_or_else(PoisonError::into_inner).retain(|_, expires_at| *expires_at > now);
        if let Some(latest) = latest {
            let mut read_to = self.read_to();
            *read_to = latest.max(*read_to);
        }
        Ok(())
    }

    /// Refreshes for as long as the process serves.
    pub async fn keep_fresh(&self) {
        for refreshes in 0_u32.. {
            if let Err(error) = self.refresh().await {
                tracing::warn!(%error, "ended sessions could not be read; those known so far stay refused");
            }
            if refreshes % PURGE_EVERY == 0 {
                let purged =
                    session_record::purge(&self.database, self.clock.now().plus_millis(-KEPT_EXPIRED_MS)).await;
                if let Err(error) = purged {
                    tracing::warn!(%error, "expired sessions could not be deleted");
                }
            }
            tokio::time::sleep(REFRESH_INTERVAL).await;
        }
    }

    fn read_to(&self) -> MutexGuard<'_, Timestamp> {
        self.read_to.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

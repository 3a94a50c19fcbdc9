//! The sessions that were ended before their tokens expire.
//!
//! Every request checks its session, so the check reads no store: each process keeps the ended ones in memory. It hears of
//! new ones from the others at once, and reads them from PostgreSQL every few seconds in case a message was lost.

use super::{session_record, sessions::TokenSession};
use crate::{clock::Clock, error::Result, events::EndedSession, store::database::Database};
use domain::{SessionId, Timestamp, UserId};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError, RwLock},
    time::Duration,
};
use tokio::sync::Notify;

/// How often PostgreSQL is read: the longest that a session can outlive its end if a message is lost.
pub(super) const REFRESH_INTERVAL: Duration = Duration::from_secs(5);
/// How far back each time. Ends are stamped before their transaction commits, which takes less than this.
const OVERLAP_MS: i64 = 60_000;
/// How long an ended session is remembered after its tokens expire: the clock may be set back.
const REMEMBERED_MS: i64 = 60 * 60 * 1000;
/// How long an expired session stays in the table.
const KEPT_EXPIRED_MS: i64 = 24 * 60 * 60 * 1000;

/// The ended sessions of all users.
pub(super) struct EndedSessions {
    database: Database,
    clock: Clock,
    ended: RwLock<HashMap<SessionId, EndedSession>>,
    /// The latest end that was read from PostgreSQL.
    read_to: Mutex<Timestamp>,
    /// Requests a refresh, because messages may have been lost.
    pub refresh_now: Notify,
}

impl EndedSessions {
    pub fn new(database: Database, clock: Clock) -> Self {
        Self {
            database,
            clock,
            ended: RwLock::default(),
            read_to: Mutex::new(Timestamp::EPOCH),
            refresh_now: Notify::new(),
        }
    }

    /// Whether the session of a token was ended.
    pub fn contains(&self, token: &TokenSession) -> bool {
        let ended = self.ended.read().unwrap_or_else(PoisonError::into_inner);
        // All tokens of a user that name no session share one, and those that were issued after its end are valid.
        ended.get(&token.session_id).is_some_and(|ended| !token.is_unnamed() || token.issued_at <= ended.ended_at)
    }

    /// Remembers ended sessions, and returns those that are new.
    pub fn add(&self, sessions: impl IntoIterator<Item = (UserId, EndedSession)>) -> Vec<(UserId, EndedSession)> {
        let mut known = self.ended.write().unwrap_or_else(PoisonError::into_inner);
        let is_new = |(_, session): &(UserId, EndedSession)| {
            known.insert(session.session_id, *session).is_none_or(|known| known.ended_at < session.ended_at)
        };
        sessions.into_iter().filter(is_new).collect()
    }

    /// Reads what has ended since the last time, returns what is new, and forgets what expired long ago.
    pub async fn refresh(&self) -> Result<Vec<(UserId, EndedSession)>> {
        let now = self.clock.now();
        let read_to = *self.read_to();
        // After the clock was set back, everything is read again.
        let since = if now < read_to { Timestamp::EPOCH } else { read_to.plus_millis(-OVERLAP_MS) };
        let rows = session_record::ended_since(&self.database, since, now).await?;
        if let Some(latest) = rows.iter().map(|(_, ended)| ended.ended_at).max() {
            *self.read_to() = latest;
        }
        let new = self.add(rows);
        let mut ended = self.ended.write().unwrap_or_else(PoisonError::into_inner);
        ended.retain(|_, session| session.expires_at.plus_millis(REMEMBERED_MS) > now);
        Ok(new)
    }

    /// Deletes sessions that expired long ago.
    pub async fn purge(&self) -> Result<()> {
        session_record::purge(&self.database, self.clock.now().plus_millis(-KEPT_EXPIRED_MS)).await
    }

    fn read_to(&self) -> MutexGuard<'_, Timestamp> {
        self.read_to.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! Reading the audit log.

use crate::{
    authorization::require_admin,
    error::{Error, Result},
    metrics::time_database,
    store::{columns, database::Database},
};
use domain::{
    Timestamp, UserId,
    api::accounts::User,
    validated::{Page, Search},
};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

/// A recorded action.
#[derive(Clone, PartialEq, Debug)]
pub struct AuditEntry {
    /// Its number; later actions have higher ones.
    pub audit_id: i64,
    /// Who did it; `None` if no user did.
    pub actor_id: Option<UserId>,
    /// Their e-mail address.
    pub actor_email: Option<String>,
    /// What was done, such as `product.create`.
    pub action: String,
    /// The id of the product, campaign or user it was done to.
    pub subject_id: Uuid,
    /// The subject before the action; `None` if it was created.
    pub before: Option<Value>,
    /// The subject after the action.
    pub after: Value,
    /// When it was done.
    pub created_at: Timestamp,
}

/// A page of the log.
#[derive(Clone, PartialEq, Debug)]
pub struct AuditPage {
    /// The page, newest first.
    pub entries: Vec<AuditEntry>,
    /// How many there are in all.
    pub total: i64,
}

const ENTRIES: &str = "audit_log LEFT JOIN users ON user_id = actor_id";

const COLUMNS: &str = "audit_id, actor_id, email AS actor_email, action, subject_id, before::text AS before,
    detail::text AS after, audit_log.created_at";

/// The condition of a search for `$1`.
const WANTED: &str = "($1::text = ''
    -- `strpos` takes every character literally, where LIKE has wildcards.
    OR strpos(lower(concat_ws(' ', email, action, subject_id, before::text, detail::text)), lower($1)) > 0)";

/// Reads the audit log.
pub struct AuditLog {
    database: Database,
}

impl AuditLog {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }

    /// Returns a page of the entries that contain `search`, ignoring case, in the actor's address, the action, the
    /// subject's id or its values; newest first. Admins only.
    ///
    /// # Errors
    /// `ADMIN_REQUIRED`.
    pub async fn search(&self, actor: &User, search: &Search, page: Page) -> Result<AuditPage> {
        require_admin(actor)?;
        let _timer = time_database("audit_log");
        let query = sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM {ENTRIES} WHERE {WANTED} ORDER BY audit_id DESC OFFSET $2 LIMIT $3"
        ));
        let mut snapshot = self.database.snapshot().await?;
        let rows: Vec<AuditEntryRow> = sqlx::query_as(query)
            .bind(&**search)
            .bind(i64::from(page.skip))
            .bind(i64::from(page.limit))
            .fetch_all(&mut *snapshot)
            .await?;
        let count = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {ENTRIES} WHERE {WANTED}"));
        let total = sqlx::query_scalar(count).bind(&**search).fetch_one(&mut *snapshot).await?;
        Ok(AuditPage { entries: rows.into_iter().map(AuditEntry::try_from).collect::<Result<_>>()?, total })
    }

    /// Returns the next `limit` entries after the one numbered `after`, oldest first, for an export. Admins only.
    ///
    /// # Errors
    /// `ADMIN_REQUIRED`.
    pub async fn entries_after(&self, actor: &User, after: i64, limit: u32) -> Result<Vec<AuditEntry>> {
        require_admin(actor)?;
        let _timer = time_database("audit_entries_after");
        let query = sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM {ENTRIES} WHERE audit_id > $1 ORDER BY audit_id LIMIT $2"
        ));
        let rows: Vec<AuditEntryRow> =
            sqlx::query_as(query).bind(after).bind(i64::from(limit)).fetch_all(&self.database).await?;
        rows.into_iter().map(AuditEntry::try_from).collect()
    }
}

#[derive(sqlx::FromRow)]
struct AuditEntryRow {
    audit_id: i64,
    actor_id: Option<Uuid>,
    actor_email: Option<String>,
    action: String,
    subject_id: Uuid,
    before: Option<String>,
    after: String,
    created_at: OffsetDateTime,
}

impl TryFrom<AuditEntryRow> for AuditEntry {
    type Error = Error;

    fn try_from(row: AuditEntryRow) -> Result<Self> {
        let json = |text: String| {
            serde_json::from_str(&text).map_err(|_| Error::broken_invariant("a stored audit entry is no JSON"))
        };
        Ok(Self {
            audit_id: row.audit_id,
            actor_id: row.actor_id.map(UserId),
            actor_email: row.actor_email,
            action: row.action,
            subject_id: row.subject_id,
            before: row.before.map(json).transpose()?,
            after: json(row.after)?,
            created_at: columns::timestamp(row.created_at)?,
        })
    }
}

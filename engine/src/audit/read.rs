//! Reading the audit log, which is itself an action if it is exported.

use super::write::record;
use crate::{
    authorization::require_admin,
    error::Result,
    metrics::time_database,
    store::{
        columns::{Column, stored},
        database::Database,
    },
};
use domain::{
    CampaignId, Timestamp, UserId,
    api::accounts::User,
    validated::{Page, Search},
};
use serde_json::{Value, json};
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

/// What was acted on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AuditSubject {
    /// A product.
    Product,
    /// A campaign.
    Campaign,
    /// A user.
    User,
}

impl AuditSubject {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Product, Self::Campaign, Self::User];

    /// The name, which actions begin with.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Product => "product",
            Self::Campaign => "campaign",
            Self::User => "user",
        }
    }
}

/// Which entries of the log are wanted.
#[derive(Clone, Copy, Debug)]
pub struct AuditFilter<'a> {
    /// A text, ignoring case, in the actor's address, the action, the subject's id or its values.
    pub search: &'a Search,
    /// The actions that the text means in the reader's words.
    pub actions: &'a [String],
    /// What was acted on, if not everything.
    pub subject: Option<AuditSubject>,
    /// Who did it, if not anybody.
    pub actor: Option<UserId>,
    /// The first instant at which it was done.
    pub from: Option<Timestamp>,
    /// The first instant at which it was done no longer.
    pub until: Option<Timestamp>,
}

impl<'a> AuditFilter<'a> {
    /// All entries with this text.
    pub fn of(search: &'a Search) -> Self {
        Self { search, actions: &[], subject: None, actor: None, from: None, until: None }
    }
}

/// A page of the log.
#[derive(Clone, PartialEq, Debug)]
pub struct AuditPage {
    /// The page, newest first.
    pub entries: Vec<AuditEntry>,
    /// How many there are in all.
    pub total: i64,
}

/// A query for entries; `$rest` is what follows `FROM`.
macro_rules! query_entries {
    ($rest:literal, $($parameter:expr),*) => {
        sqlx::query_as!(
            AuditEntry,
            r#"SELECT audit_id, actor_id AS "actor_id!: Column<Option<UserId>>", email AS "actor_email?", action,
                   subject_id, before::text AS "before!: Column<Option<Value>>",
                   detail::text AS "after!: Column<Value>", audit_log.created_at AS "created_at: Column<Timestamp>"
               FROM audit_log LEFT JOIN users ON user_id = actor_id "# + $rest,
            $($parameter),*
        )
    };
}

/// Reads the audit log.
pub struct AuditLog {
    database: Database,
}

impl AuditLog {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }

    /// Returns a page of the entries that the filter lets through, newest first. Admins only.
    ///
    /// # Errors
    /// `ADMIN_REQUIRED`.
    pub async fn search(&self, reader: &User, filter: AuditFilter<'_>, page: Page) -> Result<AuditPage> {
        require_admin(reader)?;
        let AuditFilter { search, actions, subject, actor, from, until } = filter;
        let (subject, actor) = (subject.map(AuditSubject::as_str), actor.map(|actor| actor.0));
        let (from, until) = (from.map(Timestamp::as_datetime), until.map(Timestamp::as_datetime));
        let _timer = time_database("audit_log");
        let mut snapshot = self.database.snapshot().await?;
        let entries = query_entries!(
            "-- `strpos` takes every character literally, where LIKE has wildcards.
             WHERE ($1::text = '' OR action = ANY($2) OR strpos(
                 lower(concat_ws(' ', email, action, subject_id, before::text, detail::text)), lower($1)) > 0)
                 AND ($3::text IS NULL OR split_part(action, '.', 1) = $3)
                 AND ($4::uuid IS NULL OR actor_id = $4)
                 AND ($5::timestamptz IS NULL OR audit_log.created_at >= $5)
                 AND ($6::timestamptz IS NULL OR audit_log.created_at < $6)
             ORDER BY audit_id DESC OFFSET $7 LIMIT $8",
            &**search,
            actions,
            subject,
            actor,
            from,
            until,
            i64::from(page.skip),
            i64::from(page.limit)
        );
        let entries = entries.fetch_all(&mut *snapshot).await?;
        let total = sqlx::query_scalar!(
            r#"SELECT count(*) AS "count!" FROM audit_log LEFT JOIN users ON user_id = actor_id
               WHERE ($1::text = '' OR action = ANY($2) OR strpos(
                   lower(concat_ws(' ', email, action, subject_id, before::text, detail::text)), lower($1)) > 0)
                   AND ($3::text IS NULL OR split_part(action, '.', 1) = $3)
                   AND ($4::uuid IS NULL OR actor_id = $4)
                   AND ($5::timestamptz IS NULL OR audit_log.created_at >= $5)
                   AND ($6::timestamptz IS NULL OR audit_log.created_at < $6)"#,
            &**search,
            actions,
            subject,
            actor,
            from,
            until,
        );
        let total = total.fetch_one(&mut *snapshot).await?;
        Ok(AuditPage { entries, total })
    }

    /// Records that an admin exports data: a file about a campaign, or about everything. Admins only.
    ///
    /// # Errors
    /// `ADMIN_REQUIRED`.
    pub async fn record_export(&self, actor: &User, campaign: Option<CampaignId>, file: &str) -> Result<()> {
        require_admin(actor)?;
        let (action, subject) = match campaign {
            Some(campaign) => ("campaign.export", campaign.0),
            None => ("user.export", actor.user_id.0),
        };
        let mut transaction = self.database.begin().await?;
        record(&mut transaction, Some(actor), action, subject, None, json!({ "file": file })).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Returns the next `limit` entries after the one numbered `after`, oldest first, for an export. Admins only.
    ///
    /// # Errors
    /// `ADMIN_REQUIRED`.
    pub async fn entries_after(&self, actor: &User, after: i64, limit: u32) -> Result<Vec<AuditEntry>> {
        require_admin(actor)?;
        let _timer = time_database("audit_entries_after");
        let entries = query_entries!("WHERE audit_id > $1 ORDER BY audit_id LIMIT $2", after, i64::from(limit));
        Ok(entries.fetch_all(&self.database).await?)
    }
}

stored! {
    Value, in String, |text: String| serde_json::from_str(&text).ok();
}

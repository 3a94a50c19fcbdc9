//! Form input that is saved until its user returns to the form, after signing in or correcting it.

use crate::{error::Result, metrics::time_database, store::database::Database};
use domain::UserId;
use sqlx::PgConnection;
use uuid::Uuid;

/// Most forms saved for one user: enough for a few steps back in several tabs.
const SAVED_PER_USER: i64 = 50;
/// The largest form saved for an anonymous visitor, in bytes; enough for an e-mail address and a name. Anonymous
/// visitors must not be able to fill the database.
const ANONYMOUS_BYTES_MAX: usize = 4 * 1024;
/// The longest form of another user that is saved, in bytes: a description of 10,000 characters and the rest.
const ANOTHER_USERS_BYTES_MAX: usize = 64 * 1024;
/// Most forms saved for anonymous visitors, all together.
const SAVED_FOR_ANONYMOUS: i64 = 1_000;

/// A saved form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SavedForm {
    /// Its fields: the JSON object that was saved.
    pub fields: String,
    /// Whether the reader submitted it. Otherwise an anonymous visitor did, who may be somebody else.
    pub is_own: bool,
}

/// Saves and finds forms.
pub struct SavedForms {
    database: Database,
}

impl SavedForms {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }

    /// Saves a form's fields, a JSON object, for a day and returns the id to find them by, or `None` if they are too
    /// long to be saved for an anonymous visitor. Only the owner can find them again; those of an anonymous visitor can
    /// be found by anyone with the id, which cannot be guessed.
    ///
    /// # Errors
    /// `UNAVAILABLE` if PostgreSQL does not answer.
    pub async fn save(&self, owner: Option<UserId>, fields: &str) -> Result<Option<String>> {
        if owner.is_none() && fields.len() > ANONYMOUS_BYTES_MAX {
            return Ok(None);
        }
        self.insert(owner, fields).await.map(Some)
    }

    /// Saves a form that one user sent from a page rendered for another, and returns the id. It has no owner: the
    /// sender must be able to hand it back, and must not be able to plant it as the other's own. `None` if it is longer
    /// than any form of ours.
    ///
    /// # Errors
    /// `UNAVAILABLE` if PostgreSQL does not answer.
    pub async fn save_for_another_user(&self, fields: &str) -> Result<Option<String>> {
        if fields.len() > ANOTHER_USERS_BYTES_MAX {
            return Ok(None);
        }
        self.insert(None, fields).await.map(Some)
    }

    async fn insert(&self, owner: Option<UserId>, fields: &str) -> Result<String> {
        let _timer = time_database("save_form");
        let id = Uuid::new_v4();
        let insert = sqlx::query!(
            "WITH expired AS (
                 -- Rows that another process is deleting at this moment are skipped.
                 SELECT form_id FROM kept_forms WHERE kept_at <= now() - interval '1 day' FOR UPDATE SKIP LOCKED
             ), surplus AS (
                 SELECT form_id FROM kept_forms WHERE owner_id IS NOT DISTINCT FROM $2
                 ORDER BY kept_at DESC OFFSET $4 FOR UPDATE SKIP LOCKED
             ), past AS (
                 DELETE FROM kept_forms
                 WHERE form_id IN (SELECT form_id FROM expired UNION ALL SELECT form_id FROM surplus)
             )
             INSERT INTO kept_forms (form_id, owner_id, fields) VALUES ($1, $2, $3)",
            id,
            owner.map(|owner| owner.0),
            fields,
            if owner.is_some() { SAVED_PER_USER } else { SAVED_FOR_ANONYMOUS } - 1,
        );
        insert.execute(&self.database).await?;
        Ok(id.simple().to_string())
    }

    /// Removes a saved form that has done its work, unless it belongs to another user.
    ///
    /// # Errors
    /// `UNAVAILABLE` if PostgreSQL does not answer.
    pub async fn remove(&self, owner: Option<UserId>, id: &str) -> Result<()> {
        let Ok(id) = id.parse::<Uuid>() else { return Ok(()) };
        let _timer = time_database("remove_saved_form");
        let delete = sqlx::query!(
            "DELETE FROM kept_forms WHERE form_id = $1 AND (owner_id IS NULL OR owner_id = $2)",
            id,
            owner.map(|owner| owner.0),
        );
        delete.execute(&self.database).await?;
        Ok(())
    }

    /// Returns a saved form; `None` if it has expired or belongs to another user.
    ///
    /// # Errors
    /// `UNAVAILABLE` if PostgreSQL does not answer.
    pub async fn find(&self, owner: Option<UserId>, id: &str) -> Result<Option<SavedForm>> {
        let Ok(id) = id.parse::<Uuid>() else { return Ok(None) };
        let _timer = time_database("find_saved_form");
        let form = sqlx::query_as!(
            SavedForm,
            r#"SELECT fields, owner_id IS NOT DISTINCT FROM $2 AS "is_own!" FROM kept_forms
               WHERE form_id = $1 AND (owner_id IS NULL OR owner_id = $2) AND kept_at > now() - interval '1 day'"#,
            id,
            owner.map(|owner| owner.0),
        );
        Ok(form.fetch_optional(&self.database).await?)
    }
}

/// Deletes the forms saved for a user.
pub(crate) async fn delete_of(connection: &mut PgConnection, owner: UserId) -> Result<()> {
    let delete = sqlx::query!("DELETE FROM kept_forms WHERE owner_id = $1", owner.0);
    delete.execute(connection).await?;
    Ok(())
}

//! Forms as they were typed, kept for the pages that show them again.

use crate::{Engine, error::Result, metrics::time_database};
use domain::UserId;
use uuid::Uuid;

/// Forms of one member that are kept at most: some steps back, and several tabs.
const KEPT_PER_MEMBER: i64 = 50;
/// The most of a form that is kept for someone who has not signed in, in bytes: an e-mail address and a
/// name. Strangers do not fill the database.
const STRANGERS_BYTES_MAX: usize = 4 * 1024;

impl Engine {
    /// Keeps a form's fields, a JSON object, for a day, and returns by what name. Only their owner
    /// finds them again; those of someone who has not signed in, whoever has the name, which cannot be
    /// guessed. `None` if they are too long to be kept for a stranger.
    pub async fn keep_form(&self, owner: Option<UserId>, fields: &str) -> Result<Option<String>> {
        if owner.is_none() && fields.len() > STRANGERS_BYTES_MAX {
            return Ok(None);
        }
        let _timer = time_database("keep_form");
        let id = Uuid::new_v4();
        sqlx::query(
            "WITH past AS (
                 DELETE FROM kept_forms
                 WHERE kept_at <= now() - interval '1 day'
                    OR form_id IN (SELECT form_id FROM kept_forms WHERE owner_id = $2
                                   ORDER BY kept_at DESC OFFSET $4)
             )
             INSERT INTO kept_forms (form_id, owner_id, fields) VALUES ($1, $2, $3)",
        )
        .bind(id)
        .bind(owner.map(|owner| owner.0))
        .bind(fields)
        .bind(KEPT_PER_MEMBER - 1)
        .execute(self.database())
        .await?;
        Ok(Some(id.simple().to_string()))
    }

    /// The fields of a kept form; `None` once they are gone, and for anyone but their owner.
    pub async fn kept_form(&self, owner: Option<UserId>, name: &str) -> Result<Option<String>> {
        let Ok(id) = name.parse::<Uuid>() else { return Ok(None) };
        let _timer = time_database("kept_form");
        let fields: Option<String> = sqlx::query_scalar(
            "SELECT fields FROM kept_forms
             WHERE form_id = $1 AND (owner_id IS NULL OR owner_id = $2) AND kept_at > now() - interval '1 day'",
        )
        .bind(id)
        .bind(owner.map(|owner| owner.0))
        .fetch_optional(self.database())
        .await?;
        Ok(fields)
    }
}

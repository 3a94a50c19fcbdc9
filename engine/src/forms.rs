//! Forms as they were typed, kept for the pages that show them again.

use crate::{Engine, error::Result, metrics::time_database};
use domain::UserId;
use uuid::Uuid;

/// Forms of one member that are kept at most: some steps back, and several tabs.
const KEPT_PER_MEMBER: i64 = 50;
/// The most of a form that is kept for someone who has not signed in, in bytes: an e-mail address and a
/// name. Strangers do not fill the database.
const STRANGERS_BYTES_MAX: usize = 4 * 1024;
/// Forms of strangers that are kept at most, all together.
const KEPT_OF_STRANGERS: i64 = 1_000;

/// A form that was kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptForm {
    /// Its fields, as they were kept.
    pub fields: String,
    /// Whether whoever asks for it has sent it. Else somebody did who had not signed in, perhaps
    /// somebody else.
    pub is_own: bool,
}

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
            // What another process deletes at the same moment is left to it.
            "WITH expired AS (
                 SELECT form_id FROM kept_forms WHERE kept_at <= now() - interval '1 day' FOR UPDATE SKIP LOCKED
             ), surplus AS (
                 SELECT form_id FROM kept_forms WHERE owner_id IS NOT DISTINCT FROM $2
                 ORDER BY kept_at DESC OFFSET $4 FOR UPDATE SKIP LOCKED
             ), past AS (
                 DELETE FROM kept_forms
                 WHERE form_id IN (SELECT form_id FROM expired UNION ALL SELECT form_id FROM surplus)
             )
             INSERT INTO kept_forms (form_id, owner_id, fields) VALUES ($1, $2, $3)",
        )
        .bind(id)
        .bind(owner.map(|owner| owner.0))
        .bind(fields)
        .bind(if owner.is_some() { KEPT_PER_MEMBER } else { KEPT_OF_STRANGERS } - 1)
        .execute(self.database())
        .await?;
        Ok(Some(id.simple().to_string()))
    }

    /// A kept form; `None` once it is gone, and for anyone but its owner.
    pub async fn kept_form(&self, owner: Option<UserId>, name: &str) -> Result<Option<KeptForm>> {
        let Ok(id) = name.parse::<Uuid>() else { return Ok(None) };
        let _timer = time_database("kept_form");
        let found: Option<(String, bool)> = sqlx::query_as(
            "SELECT fields, owner_id IS NOT DISTINCT FROM $2 FROM kept_forms
             WHERE form_id = $1 AND (owner_id IS NULL OR owner_id = $2) AND kept_at > now() - interval '1 day'",
        )
        .bind(id)
        .bind(owner.map(|owner| owner.0))
        .fetch_optional(self.database())
        .await?;
        Ok(found.map(|(fields, is_own)| KeptForm { fields, is_own }))
    }
}

//! The record of what admins did, written in the transaction of the deed.

use crate::error::Result;
use domain::api::accounts::User;
use sqlx::PgConnection;
use uuid::Uuid;

/// Records that `actor` did `action` (such as `product.create`) to `subject`.
pub(crate) async fn record(
    connection: &mut PgConnection,
    actor: &User,
    action: &'static str,
    subject: Uuid,
    detail: serde_json::Value,
) -> Result<()> {
    sqlx::query("INSERT INTO audit_log (actor_id, action, subject_id, detail) VALUES ($1, $2, $3, $4::jsonb)")
        .bind(actor.user_id.0)
        .bind(action)
        .bind(subject)
        .bind(detail.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

//! Writing the audit log, in the transaction of the action.

use crate::error::Result;
use domain::api::accounts::User;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

/// Records that `actor`, or the command line, did `action` (such as `product.create`) to `subject`, with its values before (`None` if it was
/// created) and after.
pub(crate) async fn record(
    connection: &mut PgConnection,
    actor: Option<&User>,
    action: &'static str,
    subject: Uuid,
    before: Option<Value>,
    after: Value,
) -> Result<()> {
    let insert = sqlx::query!(
        "INSERT INTO audit_log (actor_id, action, subject_id, before, detail)
         VALUES ($1, $2, $3, $4::text::jsonb, $5::text::jsonb)",
        actor.map(|actor| actor.user_id.0),
        action,
        subject,
        before.map(|before| before.to_string()),
        after.to_string(),
    );
    insert.execute(connection).await?;
    Ok(())
}

//! All migrations on a database with data of the version before the newest one (migrations/README.md).

use domain::{
    CampaignId, CampaignStatus, UserId, Weight,
    api::accounts::{User, UserStatus},
    validated::{Page, Search},
};
use engine::{AuditFilter, Engine};
use serde_json::Value;
use sqlx::{PgPool, migrate::Migrator, raw_sql};
use testkit::Stores;
use uuid::Uuid;

static MIGRATOR: Migrator = sqlx::migrate!("../migrations");

/// Rows as the version before wrote them: at least one of each kind, the odd ones included. After adding a migration,
/// add what the version before it can write.
const DATA: &str = include_str!("data_of_the_version_before.sql");

/// Every row of the tables in the data, as JSON, in a stable order.
async fn rows(pool: &PgPool) -> Value {
    sqlx::query_scalar(
        "SELECT json_build_object(
             'users', (SELECT json_agg(t ORDER BY user_id) FROM users t),
             'products', (SELECT json_agg(t ORDER BY product_id) FROM products t),
             'campaigns', (SELECT json_agg(t ORDER BY campaign_id) FROM campaigns t),
             'bids', (SELECT json_agg(t ORDER BY bid_id) FROM bids t),
             'bid_events', (SELECT json_agg(t ORDER BY accepted_seq) FROM bid_events t),
             'campaign_totals', (SELECT json_agg(t ORDER BY campaign_id, process_id) FROM campaign_totals t),
             'orders', (SELECT json_agg(t ORDER BY order_id) FROM orders t),
             'stock_moves', (SELECT json_agg(t ORDER BY move_id) FROM stock_moves t),
             'campaign_samples', (SELECT json_agg(t ORDER BY campaign_id, second) FROM campaign_samples t),
             'sessions', (SELECT json_agg(t ORDER BY session_id) FROM sessions t),
             'idempotency_keys', (SELECT json_agg(t ORDER BY key) FROM idempotency_keys t),
             'kept_forms', (SELECT json_agg(t ORDER BY form_id) FROM kept_forms t),
             'audit_log', (SELECT json_agg(t ORDER BY audit_id) FROM audit_log t)
         )::text",
    )
    .fetch_one(pool)
    .await
    .map(|text: String| serde_json::from_str(&text).expect("JSON"))
    .expect("reads")
}

fn user(id: u128, is_admin: bool) -> User {
    User {
        user_id: UserId(Uuid::from_u128(id)),
        email: "someone@test.com".to_owned(),
        username: "someone".to_owned(),
        weight: Weight::NEW_USER,
        is_admin,
        status: UserStatus::Active,
        created_at: testkit::noon(),
    }
}

#[tokio::test]
async fn the_data_of_the_version_before_is_kept_and_read() {
    let stores = Stores::without_schema().await;
    let pool = stores.pool().await;
    let newest = MIGRATOR.iter().map(|migration| migration.version).max().expect("there are migrations");
    MIGRATOR.run_to(newest - 1, &pool).await.expect("migrates");
    raw_sql(DATA).execute(&pool).await.expect("is data of that version");
    let before = rows(&pool).await;

    let engine = Engine::connect(stores.direct_config()).await.expect("connects");
    assert!(!engine.health().await.migrated, "a server waits for the migration");
    engine.migrate().await.expect("migrates");
    let after = rows(&pool).await;
    // The newest migration adds columns, and changes nothing else.
    let added = [
        ("users", "email_confirmed_at", Value::Null),
        ("users", "totp_secret", Value::Null),
        ("users", "totp_last_period", Value::Null),
        ("campaigns", "was_extended", Value::Bool(false)),
    ];
    let mut without_new = after.clone();
    for (table, column, value) in added {
        for row in without_new[table].as_array_mut().expect("rows") {
            assert_eq!(row.as_object_mut().expect("a row").remove(column).as_ref(), Some(&value), "{column}");
        }
    }
    assert_eq!(without_new, before);
    engine.migrate().await.expect("is up to date");
    assert_eq!(rows(&pool).await, after, "applying everything again changes nothing");
    assert!(engine.health().await.migrated);

    let campaigns = engine.campaigns.list(Page { skip: 0, limit: 10 }, None).await.expect("reads");
    let statuses: Vec<_> = campaigns.campaigns.iter().map(|campaign| campaign.status).collect();
    let (pending, ended, cancelled) = (CampaignStatus::Pending, CampaignStatus::Ended, CampaignStatus::Cancelled);
    assert_eq!(statuses, [pending, cancelled, ended]);
    let settled = CampaignId(Uuid::from_u128(0x21));
    let (admin, winner) = (user(0x01, true), user(0x02, false));
    let audit = engine.orders.settlement_audit(&admin, settled).await.expect("reads");
    assert!(audit.is_consistent(), "{audit:?}");
    let ranking = engine.rankings.ranking(settled, None).await.expect("reads");
    assert_eq!(ranking.total_participants, 2);
    let orders = engine.orders.my_orders(winner.user_id, Page { skip: 0, limit: 10 }).await.expect("reads");
    assert_eq!(orders.total, 1);
    let history = engine.bidding.history(winner.user_id, settled, Page { skip: 0, limit: 10 }).await.expect("reads");
    assert_eq!(history.total, 2);
    let entries = engine
        .audit_log
        .search(&admin, AuditFilter::of(&Search::all()), Page { skip: 0, limit: 10 })
        .await
        .expect("reads");
    assert_eq!(entries.total, 2);
    engine.shut_down().await;
}

#[tokio::test]
async fn the_version_before_accepts_the_schema_of_the_next() {
    let stores = Stores::new().await;
    let pool = stores.pool().await;
    let next = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                VALUES (9999, 'of the next version', TRUE, '', 0)";
    raw_sql(next).execute(&pool).await.expect("migrates");
    let engine = Engine::connect(stores.direct_config()).await.expect("connects");
    engine.migrate().await.expect("is up to date");
    assert!(engine.health().await.migrated, "after a rollback it serves");
    engine.shut_down().await;
}

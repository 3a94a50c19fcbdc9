//! Authorization: what only admins may call.

use crate::support::{FIRST_PAGE, code};
use domain::{ErrorCode, UserId, validated::Search};
use engine::{AuditFilter, BidHistoryRange};
use testkit::World;

#[tokio::test]
async fn admin_methods_refuse_other_users() {
    let world = World::new().await;
    let campaign = world.campaign(&world.product(5).await, 2).await;
    let (engine, ann) = (&world.engine, world.member("ann").await);
    let range = BidHistoryRange { after: 0, through: 10 };
    let codes = [
        code(engine.products.stock_list(&ann, &Search::all(), FIRST_PAGE).await),
        code(engine.accounts.users(&ann, &Search::all(), FIRST_PAGE).await),
        code(engine.accounts.user(&ann, ann.user_id).await),
        code(engine.audit_log.search(&ann, AuditFilter::of(&Search::all()), FIRST_PAGE).await),
        code(engine.audit_log.entries_after(&ann, 0, 10).await),
        code(engine.monitoring.campaign_samples(&ann, campaign).await),
        code(engine.orders.settlement_audit(&ann, campaign).await),
        code(engine.exports.orders_after(&ann, campaign, 0, 10).await),
        code(engine.exports.bid_history_range(&ann, campaign).await),
        code(engine.exports.bids_after(&ann, campaign, range, 10).await),
        code(engine.exports.participants_after(&ann, campaign, UserId(uuid::Uuid::nil()), 10).await),
        code(engine.monitoring.process_stats(&ann)),
    ];
    assert!(codes.iter().all(|code| *code == ErrorCode::AdminRequired), "{codes:?}");
}

//! The settlement audit: it finds every kind of fault.

use testkit::{World, eventually};

#[tokio::test]
async fn a_settlement_is_consistent_and_every_fault_is_found() {
    let world = World::new().await;
    let campaign = world.campaign(&world.product(5).await, 2).await;
    for name in ["ann", "bob", "eve"] {
        let bidder = world.member(name).await;
        world.bid(&bidder, campaign, 90_000 + i64::from(name.as_bytes()[0])).await;
    }
    let audit = async || world.engine.orders.settlement_audit(&world.admin, campaign).await.expect("reads");
    let open = audit().await;
    assert!(open.is_consistent(), "{open:?}");
    assert_eq!((open.settled_at, open.expected_orders(), open.orders), (None, 0, 0));

    world.engine.start();
    world.at(60_000);
    let settled = eventually("the campaign is settled", async || {
        let audit = audit().await;
        audit.settled_at.map(|_| audit)
    })
    .await;
    assert!(settled.is_consistent(), "{settled:?}");
    assert_eq!((settled.orders, settled.expected_orders(), settled.participants, settled.quota), (2, 2, 3, 2));
    assert_eq!((settled.stock_before, settled.stock_moved, settled.stock_now, settled.ledger_sum), (5, 2, 3, 3));

    let run = async |statement: &'static str| {
        sqlx::query(statement).execute(&world.pool).await.expect("the statement runs");
    };
    run("UPDATE products SET stock = stock + 1").await;
    assert!(!audit().await.stock_is_its_ledger());
    run("UPDATE products SET stock = stock - 1").await;
    run("UPDATE orders SET final_price = final_price + 1 WHERE final_rank = 1").await;
    assert_eq!((audit().await.misplaced, audit().await.orders_are_the_best_bids()), (1, false));
    run("UPDATE orders SET final_price = final_price - 1 WHERE final_rank = 1").await;
    run("UPDATE orders SET final_rank = 3 WHERE final_rank = 2").await;
    assert!(!audit().await.ranks_have_no_gap());
    run("DELETE FROM orders WHERE final_rank = 3").await;
    let lost = audit().await;
    assert!(!lost.count_is_right() && !lost.stock_moved_by_orders() && !lost.is_consistent(), "{lost:?}");
}

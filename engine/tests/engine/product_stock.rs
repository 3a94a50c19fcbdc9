//! Products and their promised stock.

use crate::support::{FIRST_PAGE, code};
use domain::{
    ErrorCode,
    api::{
        campaigns::{CancelCampaign, UpdateCampaign},
        products::{ProductStatus, UpdateProduct},
    },
    validated::{Quota, Search, Stock},
};
use testkit::{World, minute};

#[tokio::test]
async fn promised_stock_is_that_of_open_campaigns() {
    let world = World::new().await;
    let (first, second) = (world.product(10).await, world.product(7).await);
    world.campaign(&first, 4).await;
    let cancelled = world.campaign(&first, 3).await;
    let reason = CancelCampaign { reason: "no more".parse().expect("a reason") };
    world.engine.campaigns.cancel(&world.admin, cancelled, reason).await.expect("cancels");
    let withdraw = UpdateProduct { status: Some(ProductStatus::Inactive), ..UpdateProduct::default() };
    world.engine.products.update(&world.admin, second.product_id, withdraw).await.expect("withdraws");

    let list = world.engine.products.stock_list(&world.admin, &Search::all(), FIRST_PAGE).await.expect("lists");
    let seen: Vec<_> =
        list.products.iter().map(|s| (s.product.product_id, s.product.stock, s.promised, s.free())).collect();
    assert_eq!(seen, [(second.product_id, 7, 0, 7), (first.product_id, 10, 4, 6)], "withdrawn ones, too");
    assert_eq!(list.total, 2);
    let one = world.engine.products.stock_of(&world.admin, first.product_id).await.expect("found");
    assert_eq!(one, list.products[1]);
}

#[tokio::test]
async fn a_withdrawn_product_gets_no_more_campaigns() {
    let world = World::new().await;
    world.at(-1000);
    let (product, other) = (world.product(5).await, world.product(5).await);
    let (campaign, of_other) = (world.campaign(&product, 1).await, world.campaign(&other, 1).await);
    let withdraw = UpdateProduct { status: Some(ProductStatus::Inactive), ..UpdateProduct::default() };
    world.engine.products.update(&world.admin, product.product_id, withdraw).await.expect("withdraws");
    let made = world.engine.campaigns.create(&world.admin, minute(&product)).await;
    assert_eq!(code(made), ErrorCode::Conflict);
    let to_it = UpdateCampaign { product_id: Some(product.product_id), ..UpdateCampaign::default() };
    assert_eq!(code(world.engine.campaigns.update(&world.admin, of_other, to_it.clone()).await), ErrorCode::Conflict);
    // The one it has goes on, and may be edited.
    let change = UpdateCampaign { quota: Quota::new(2), ..to_it };
    let edited = world.engine.campaigns.update(&world.admin, campaign, change).await.expect("edits");
    assert_eq!(edited.quota.get(), 2);
}

#[tokio::test]
async fn before_the_start_a_campaign_may_sell_another_product() {
    let world = World::new().await;
    world.at(-1000);
    let (old, new) = (world.product(5).await, world.product(8).await);
    // The old product's row has changed more often than the new one's.
    for stock in [6, 7, 10] {
        let change = UpdateProduct { stock: Stock::new(stock), ..UpdateProduct::default() };
        world.engine.products.update(&world.admin, old.product_id, change).await.expect("edits");
    }
    let campaign = world.campaign(&old, 6).await;
    let other = world.another_process().await;
    assert_eq!(other.rankings.campaign(campaign).await.expect("cached").campaign.product_id, old.product_id);
    world.campaign(&new, 3).await;

    let to_new = |quota| UpdateCampaign { product_id: Some(new.product_id), quota, ..UpdateCampaign::default() };
    let update = async |change| world.engine.campaigns.update(&world.admin, campaign, change).await;
    // Eight units, of which three are promised: six more are too many.
    assert_eq!(code(update(to_new(None)).await), ErrorCode::InsufficientStock);
    let moved = update(to_new(Quota::new(5))).await.expect("moves");
    assert_eq!((moved.product_id, moved.product.product_id), (new.product_id, new.product_id));
    let promised = async |id| world.engine.products.stock_of(&world.admin, id).await.expect("found").promised;
    assert_eq!((promised(old.product_id).await, promised(new.product_id).await), (0, 8));
    // A process that knows nothing yet reads the copy in Redis, which must have made way.
    let third = world.another_process().await;
    assert_eq!(third.rankings.campaign(campaign).await.expect("found").campaign.product_id, new.product_id);

    let nowhere = UpdateCampaign {
        product_id: Some("00000000-0000-7000-8000-000000000000".parse().expect("an id")),
        ..UpdateCampaign::default()
    };
    assert_eq!(code(update(nowhere).await), ErrorCode::ProductNotFound);
    world.at(0);
    let back = UpdateCampaign { product_id: Some(old.product_id), ..UpdateCampaign::default() };
    assert_eq!(code(update(back).await), ErrorCode::Conflict);
}

#[tokio::test]
async fn two_campaigns_may_swap_products_at_once() {
    let world = World::new().await;
    world.at(-1000);
    let (left, right) = (world.product(4).await, world.product(4).await);
    let (a, b) = (world.campaign(&left, 2).await, world.campaign(&right, 2).await);
    let to = |product_id| UpdateCampaign { product_id: Some(product_id), ..UpdateCampaign::default() };
    for round in 0..10 {
        let (for_a, for_b) = if round % 2 == 0 { (&right, &left) } else { (&left, &right) };
        let (one, two) = tokio::join!(
            world.engine.campaigns.update(&world.admin, a, to(for_a.product_id)),
            world.engine.campaigns.update(&world.admin, b, to(for_b.product_id)),
        );
        assert_eq!(one.expect("moves").product_id, for_a.product_id);
        assert_eq!(two.expect("moves").product_id, for_b.product_id);
    }
}

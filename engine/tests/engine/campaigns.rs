//! Campaigns: their stock is promised once, and edits are allowed by status.

use crate::support::{FIRST_PAGE, code};
use domain::{
    CampaignStatus, ErrorCode, Weight,
    api::{
        accounts::UpdateUser,
        campaigns::{CancelCampaign, CreateCampaign, UpdateCampaign},
        products::UpdateProduct,
    },
    score::Coefficient,
    validated::{Page, Quota, Stock},
};
use engine::EditPrecondition;
use testkit::{World, minute, noon, price};

fn with_quota(quota: i32, product: &domain::api::products::Product) -> CreateCampaign {
    CreateCampaign { quota: Quota::new(quota), ..minute(product) }
}

#[tokio::test]
async fn stock_is_promised_only_once() {
    let world = World::new().await;
    let product = world.product(10).await;
    world.campaign(&product, 6).await;
    let too_much = world.engine.campaigns.create(&world.admin, with_quota(5, &product)).await;
    assert_eq!(code(too_much), ErrorCode::InsufficientStock);
    // By default the quota is what is left.
    let rest = world.engine.campaigns.create(&world.admin, minute(&product)).await.expect("the rest");
    assert_eq!(rest.quota.get(), 4);
    let nothing_left = world.engine.campaigns.create(&world.admin, minute(&product)).await;
    assert_eq!(code(nothing_left), ErrorCode::InsufficientStock);
    // Neither may the stock fall under the promises.
    let fewer = UpdateProduct { stock: Stock::new(9), ..UpdateProduct::default() };
    assert_eq!(
        code(world.engine.products.update(&world.admin, product.product_id, fewer).await),
        ErrorCode::InsufficientStock
    );
    // A cancelled campaign gives its promise back.
    let reason = CancelCampaign { reason: "no more".parse().expect("a reason") };
    world.engine.campaigns.cancel(&world.admin, rest.campaign_id, reason).await.expect("cancels");
    world.campaign(&product, 4).await;
}

#[tokio::test]
async fn stock_promised_at_once_is_promised_only_once() {
    let world = World::new().await;
    let product = world.product(10).await;
    let creating = (0..8).map(|_| {
        let (engine, admin, request) = (world.engine.clone(), world.admin.clone(), with_quota(3, &product));
        tokio::spawn(async move { engine.campaigns.create(&admin, request).await.is_ok() })
    });
    let mut created = 0;
    for task in creating {
        created += i32::from(task.await.expect("runs"));
    }
    assert_eq!(created, 3);
}

#[tokio::test]
async fn times_must_make_sense() {
    let world = World::new().await;
    let product = world.product(10).await;
    let create = async |start_ms: i64, end_ms: i64| {
        let request = CreateCampaign {
            start_time: noon().plus_millis(start_ms),
            end_time: noon().plus_millis(end_ms),
            ..with_quota(1, &product)
        };
        world.engine.campaigns.create(&world.admin, request).await
    };
    assert_eq!(code(create(1000, 1000).await), ErrorCode::Validation);
    assert_eq!(code(create(-2000, -1000).await), ErrorCode::Validation);
    assert_eq!(code(create(0, 367 * 24 * 3600 * 1000).await), ErrorCode::Validation);
    create(-1000, 1000).await.expect("already running");
}

#[tokio::test]
async fn before_the_start_everything_may_change() {
    let world = World::new().await;
    world.at(-1000);
    let campaign = world.campaign(&world.product(10).await, 5).await;
    let change = UpdateCampaign {
        start_time: Some(noon().plus_millis(500)),
        end_time: Some(noon().plus_millis(1500)),
        alpha: Coefficient::new(2.0),
        quota: Quota::new(10),
        ..UpdateCampaign::default()
    };
    let changed = world.engine.campaigns.update(&world.admin, campaign, change).await.expect("edits");
    assert_eq!((changed.start_time, changed.end_time), (noon().plus_millis(500), noon().plus_millis(1500)));
    assert_eq!((changed.alpha.get(), changed.quota.get()), (2.0, 10));
    let too_many = UpdateCampaign { quota: Quota::new(11), ..UpdateCampaign::default() };
    assert_eq!(
        code(world.engine.campaigns.update(&world.admin, campaign, too_many).await),
        ErrorCode::InsufficientStock
    );
}

#[tokio::test]
async fn an_active_campaign_may_only_be_extended() {
    let world = World::new().await;
    let campaign = world.campaign(&world.product(10).await, 5).await;
    let update = async |change| world.engine.campaigns.update(&world.admin, campaign, change).await;
    let end = |ms: i64| UpdateCampaign { end_time: Some(noon().plus_millis(ms)), ..UpdateCampaign::default() };
    let alpha = UpdateCampaign { alpha: Coefficient::new(2.0), ..UpdateCampaign::default() };
    assert_eq!(code(update(alpha).await), ErrorCode::Conflict);
    assert_eq!(code(update(end(59_999)).await), ErrorCode::Conflict);
    let was_extended = async || world.engine.campaigns.was_extended(campaign).await.expect("reads");
    assert!(!was_extended().await);
    let extended = update(end(70_000)).await.expect("extends");
    assert_eq!(extended.end_time, noon().plus_millis(70_000));
    assert!(was_extended().await);
    world.at(65_000);
    let ann = world.member("ann").await;
    world.bid(&ann, campaign, 90_000).await;
    world.at(70_000);
    assert_eq!(code(update(end(80_000)).await), ErrorCode::Conflict);
}

#[tokio::test]
async fn campaigns_are_listed_by_phase() {
    let world = World::new().await;
    let product = world.product(10).await;
    let create = async |start_ms: i64, end_ms: i64| {
        let request = CreateCampaign {
            start_time: noon().plus_millis(start_ms),
            end_time: noon().plus_millis(end_ms),
            ..with_quota(1, &product)
        };
        world.engine.campaigns.create(&world.admin, request).await.expect("a campaign").campaign_id
    };
    let active = create(-1000, 10_000).await;
    let pending = create(5000, 10_000).await;
    let ended = create(-5000, 1).await;
    let cancelled = create(-6000, 10_000).await;
    let reason = CancelCampaign { reason: "no more".parse().expect("a reason") };
    world.engine.campaigns.cancel(&world.admin, cancelled, reason).await.expect("cancels");
    world.at(1);
    for (status, expected) in CampaignStatus::ALL.into_iter().zip([pending, active, ended, cancelled]) {
        let list = world.engine.campaigns.list(FIRST_PAGE, Some(status)).await.expect("lists");
        let found: Vec<_> = list.campaigns.iter().map(|campaign| (campaign.campaign_id, campaign.status)).collect();
        assert_eq!((found, list.total), (vec![(expected, status)], 1));
    }
    let all = world.engine.campaigns.list(Page { skip: 1, limit: 2 }, None).await.expect("lists");
    let order: Vec<_> = all.campaigns.iter().map(|campaign| campaign.campaign_id).collect();
    assert_eq!((order, all.total), (vec![active, ended], 4));
}

#[tokio::test]
async fn only_admins_manage_campaigns_and_their_actions_are_recorded() {
    let world = World::new().await;
    let product = world.product(10).await;
    let campaign = world.campaign(&product, 5).await;
    let ann = world.member("ann").await;
    let change = UpdateProduct { min_price: Some(price(1)), ..UpdateProduct::default() };
    assert_eq!(code(world.engine.products.update(&ann, product.product_id, change).await), ErrorCode::AdminRequired);
    assert_eq!(code(world.engine.campaigns.create(&ann, minute(&product)).await), ErrorCode::AdminRequired);
    assert_eq!(code(world.engine.orders.campaign_orders(&ann, campaign, FIRST_PAGE).await), ErrorCode::AdminRequired);
    let actions: Vec<String> = sqlx::query_scalar("SELECT action FROM audit_log ORDER BY audit_id")
        .fetch_all(&world.pool)
        .await
        .expect("reads");
    assert_eq!(actions, ["user.create", "product.create", "campaign.create"]);
}

#[tokio::test]
async fn an_edit_for_another_state_is_refused_and_changes_nothing() {
    let world = World::new().await;
    let (admin, engine) = (&world.admin, &world.engine);
    let product = world.product(5).await;
    let campaign = world.campaign(&product, 1).await;
    let ann = world.member("ann").await;
    let read = engine.rankings.campaign(campaign).await.expect("reads").campaign;
    let (of_product, of_campaign, of_user) =
        (EditPrecondition::unchanged(&product), EditPrecondition::unchanged(&read), EditPrecondition::unchanged(&*ann));
    let rename = |name: &str| UpdateProduct { name: Some(name.parse().expect("a name")), ..UpdateProduct::default() };
    let extend =
        |ms: i64| UpdateCampaign { end_time: Some(read.end_time.plus_millis(ms)), ..UpdateCampaign::default() };
    let weigh = |weight| UpdateUser { weight: Weight::new(weight), ..UpdateUser::default() };

    engine.accounts.update_user_if(admin, ann.user_id, weigh(2.0), &of_user).await.expect("unchanged so far");
    let refused = engine.accounts.update_user_if(admin, ann.user_id, weigh(3.0), &of_user).await;
    assert_eq!(code(refused), ErrorCode::Stale);
    engine.campaigns.update_if(admin, campaign, extend(1000), &of_campaign).await.expect("unchanged so far");
    let refused = engine.campaigns.update_if(admin, campaign, extend(2000), &of_campaign).await;
    assert_eq!(code(refused), ErrorCode::Stale);
    engine
        .products
        .update_if(admin, product.product_id, rename("Lamp A"), &of_product)
        .await
        .expect("unchanged so far");
    let refused = engine.products.update_if(admin, product.product_id, rename("Lamp B"), &of_product).await;
    assert_eq!(code(refused), ErrorCode::Stale);

    let now = engine.rankings.campaign(campaign).await.expect("reads").campaign;
    assert_eq!((now.end_time, now.product.name.as_str()), (read.end_time.plus_millis(1000), "Lamp A"));
    let ann = engine.accounts.user(admin, ann.user_id).await.expect("reads");
    assert_eq!(Some(ann.weight), Weight::new(2.0));
    // Of two edits at the same moment that were made for the same state, one is carried out.
    let unchanged = EditPrecondition::unchanged(&now);
    let (one, other) = tokio::join!(
        engine.campaigns.update_if(admin, campaign, extend(3000), &unchanged),
        engine.campaigns.update_if(admin, campaign, extend(4000), &unchanged),
    );
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
}

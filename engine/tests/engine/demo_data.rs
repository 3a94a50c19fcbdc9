//! Demo data: seeding is idempotent, and a reset starts over.

use domain::{
    CampaignStatus,
    api::{campaigns::CreateCampaign, products::UpdateProduct},
    validated::{Page, Password, Quota, Stock},
};
use engine::{DemoData, Engine, SeedOptions, SignInSource};
use testkit::{LOCALHOST, Stores, World, minute, noon};

fn options(reset: bool) -> SeedOptions {
    SeedOptions { users: 20, stock: Stock::new(15).expect("in range"), minutes: 20, reset }
}

async fn counts(stores: &Stores) -> (i64, i64, i64, i64, i64) {
    sqlx::query_as(
        "SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM products), (SELECT count(*) FROM campaigns),
                (SELECT count(*) FROM bids), (SELECT count(*) FROM orders)",
    )
    .fetch_one(&stores.pool().await)
    .await
    .expect("counts")
}

#[tokio::test]
async fn seeding_again_adds_nothing_and_a_reset_starts_over() {
    let stores = Stores::new().await;
    let engine = Engine::connect(stores.config()).await.expect("connects");
    engine.demo_data.seed(options(false)).await.expect("seeds");
    let once = counts(&stores).await;
    assert_eq!(once, (21, 3, 3, 12, 10));
    engine.demo_data.seed(options(false)).await.expect("seeds again");
    assert_eq!(counts(&stores).await, once);
    engine.demo_data.seed(options(true)).await.expect("resets");
    assert_eq!(counts(&stores).await, once);

    let page = Page { skip: 0, limit: 100 };
    for status in [CampaignStatus::Active, CampaignStatus::Pending, CampaignStatus::Ended] {
        assert_eq!(engine.campaigns.list(page, Some(status)).await.expect("lists").total, 1, "{status:?}");
    }
    let admin = engine
        .accounts
        .sign_in("admin@test.com", &Password::claimed("admin123").expect("a password"), SignInSource::at(LOCALHOST))
        .await;
    let admin = admin.expect("signs in").user;
    assert!(admin.is_admin);
    let ended = engine.campaigns.list(page, Some(CampaignStatus::Ended)).await.expect("lists").campaigns[0].campaign_id;
    assert!(engine.orders.campaign_orders(&admin, ended, page).await.expect("reads").is_consistent);
    let user = engine
        .accounts
        .sign_in(
            "user0007@test.com",
            &Password::claimed("password123").expect("a password"),
            SignInSource::at(LOCALHOST),
        )
        .await;
    assert!((0.5..=5.0).contains(&user.expect("signs in").user.weight.get()));
}

#[tokio::test]
async fn a_campaign_that_follows_the_first_is_not_joined_by_another() {
    const MINUTE_MS: i64 = 60_000;
    let world = World::new().await;
    let engine = &world.engine;
    engine.demo_data.seed(options(false)).await.expect("seeds");
    world.at(21 * MINUTE_MS);
    let [_, keyboard] = DemoData::ON_SALE;
    let restock = UpdateProduct { stock: Stock::new(5), ..UpdateProduct::default() };
    let keyboard = engine.products.update(&world.admin, keyboard, restock).await.expect("restocks");
    let end_time = noon().plus_millis(26 * MINUTE_MS);
    let next = CreateCampaign { end_time, quota: Quota::new(5), ..minute(&keyboard) };
    engine.campaigns.create(&world.admin, next).await.expect("a campaign");

    let active = async || {
        let page = Page { skip: 0, limit: 100 };
        engine.campaigns.list(page, Some(CampaignStatus::Active)).await.expect("lists").total
    };
    engine.demo_data.seed(options(false)).await.expect("seeds while it runs");
    assert_eq!(active().await, 1);
    world.at(27 * MINUTE_MS);
    assert_eq!(active().await, 0);
    engine.demo_data.seed(options(false)).await.expect("seeds after it");
    assert_eq!(active().await, 1);
}

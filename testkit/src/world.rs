//! The world of one test: an engine, its stores and its clock.

use crate::{
    sample_data::{LOCALHOST, minute, noon, price, registration},
    stores::Stores,
};
use domain::{
    CampaignId, UserId, Weight,
    api::{
        accounts::{User, UserStatus},
        bids::{BidOutcome, PlaceBid},
        campaigns::CreateCampaign,
        products::{CreateProduct, Product},
    },
    score::Coefficient,
    validated::{Quota, Stock},
};
use engine::{Clock, Engine};
use sqlx::PgPool;
use std::sync::Arc;

/// An engine on stores of its own, with a manual clock.
pub struct World {
    /// The engine's stores.
    pub stores: Stores,
    /// The engine. Its background tasks run only if a test starts them.
    pub engine: Engine,
    /// The engine's clock.
    pub clock: Clock,
    /// A connection pool that bypasses the engine.
    pub pool: PgPool,
    /// An admin.
    pub admin: User,
}

impl World {
    /// A new world, with the clock at noon.
    pub async fn new() -> Self {
        Self::on(Stores::new().await).await
    }

    /// A new world on the given stores.
    pub async fn on(stores: Stores) -> Self {
        let clock = Clock::manual(noon());
        let engine = Engine::connect_with_clock(stores.config(), clock.clone()).await.expect("connects");
        let pool = stores.pool().await;
        let admin = engine.accounts.create_admin(registration("admin")).await.expect("an admin");
        Self { stores, engine, clock, pool, admin }
    }

    /// Another engine on the same stores and clock, which acts as another process.
    pub async fn another_process(&self) -> Engine {
        Engine::connect_with_clock(self.stores.config(), self.clock.clone()).await.expect("connects")
    }

    /// Sets the clock to `ms` milliseconds after noon.
    pub fn at(&self, ms: i64) {
        self.clock.set(noon().plus_millis(ms));
    }

    /// Registers a user.
    pub async fn member(&self, name: &str) -> Arc<User> {
        Arc::new(self.engine.accounts.register(registration(name), LOCALHOST).await.expect("registers"))
    }

    /// How many connections to the database are waiting for a lock.
    pub async fn waiting_for_locks(&self) -> usize {
        let waiting: Vec<i32> = sqlx::query_scalar(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        )
        .fetch_all(&self.pool)
        .await
        .expect("reads");
        waiting.len()
    }

    /// Creates many users at once, without the engine, which would hash a password for each.
    pub async fn members(&self, count: usize) -> Vec<Arc<User>> {
        let names: Vec<String> = (0..count).map(|n| format!("member{n:05}")).collect();
        let ids: Vec<uuid::Uuid> = names.iter().map(|_| uuid::Uuid::new_v4()).collect();
        sqlx::query(
            "INSERT INTO users (user_id, email, username, password_hash)
             SELECT id, name || '@test.example', name, 'none' FROM unnest($1::uuid[], $2::text[]) AS new (id, name)",
        )
        .bind(&ids)
        .bind(&names)
        .execute(&self.pool)
        .await
        .expect("inserts");
        let user = |(id, name): (uuid::Uuid, String)| {
            Arc::new(User {
                user_id: UserId(id),
                email: format!("{name}@test.example"),
                username: name,
                weight: Weight::NEW_USER,
                is_admin: false,
                status: UserStatus::Active,
                created_at: noon(),
            })
        };
        ids.into_iter().zip(names).map(user).collect()
    }

    /// Creates a product with a minimum price of 800.
    pub async fn product(&self, stock: i32) -> Product {
        let product = CreateProduct {
            name: "Headphones".parse().expect("a name"),
            description: None,
            image_url: None,
            stock: Stock::new(stock).expect("in range"),
            min_price: price(80_000),
        };
        self.engine.products.create(&self.admin, product).await.expect("a product")
    }

    /// Creates a campaign of one minute from noon, with the default coefficients.
    pub async fn campaign(&self, product: &Product, quota: i32) -> CampaignId {
        let request = CreateCampaign { quota: Quota::new(quota), ..minute(product) };
        self.engine.campaigns.create(&self.admin, request).await.expect("a campaign").campaign_id
    }

    /// The same with a score that depends on the price alone, so that bids can have equal scores.
    pub async fn price_only_campaign(&self, product: &Product, quota: i32) -> CampaignId {
        let request = CreateCampaign {
            quota: Quota::new(quota),
            beta: Coefficient::new(0.0),
            gamma: Coefficient::new(0.0),
            ..minute(product)
        };
        self.engine.campaigns.create(&self.admin, request).await.expect("a campaign").campaign_id
    }

    /// Places a bid of `cents`, which must not be refused.
    pub async fn bid(&self, bidder: &User, campaign: CampaignId, cents: i64) -> BidOutcome {
        let bid = PlaceBid { campaign_id: campaign, price: price(cents), user_id: None };
        self.engine.bidding.place(bidder, bid).await.expect("accepted")
    }
}

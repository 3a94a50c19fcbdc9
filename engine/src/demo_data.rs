//! Demo data: accounts, products, and a running, an upcoming and a finished campaign.

use crate::{
    accounts::Accounts,
    bidding::{self, NewBid},
    catalog::{self, CampaignRecord, Campaigns, StockCounters, move_stock},
    clock::Clock,
    error::{Error, Result},
    events::{CampaignChange, Event, Events},
    new_id::new_id,
    settlement::Settlement,
    store::{columns::Column, database::Database},
};
use domain::{
    CampaignId, Coefficients, Money, ProductId, Timestamp, UserId, Weight,
    validated::{Password, Stock},
};
use sqlx::PgConnection;
use std::sync::Arc;
use uuid::Uuid;

/// How much demo data to create.
#[derive(Clone, Copy, Debug)]
pub struct SeedOptions {
    /// How many accounts to create: `user0001@test.com` and so on.
    pub users: u32,
    /// Stock of the product of the running campaign.
    pub stock: Stock,
    /// Length of the running campaign in minutes.
    pub minutes: u32,
    /// Whether to delete all campaigns with their bids, orders and rankings first.
    pub reset: bool,
}

/// A demo product. Its id is fixed, so that seeding again finds it.
struct DemoProduct {
    id: u128,
    name: &'static str,
    description: &'static str,
    image_url: &'static str,
    min_price_cents: i64,
}

/// A bidder of the finished campaign.
struct PastBidder {
    user_id: UserId,
    username: String,
    weight: Weight,
}

/// The admin's address.
const DEMO_ADMIN: &str = "admin@test.com";
/// The admin's password.
const DEMO_ADMIN_PASSWORD: &str = "admin123";
/// The password of every other user.
const DEMO_PASSWORD: &str = "password123";

const HEADPHONES: DemoProduct = DemoProduct {
    id: 0x0190_0000_0000_7000_8000_0000_0000_0001,
    name: "高級耳機 Pro Max",
    description: "主動降噪、40 小時續航。Noise-cancelling headphones with 40 hours of battery.",
    image_url: "/img/headphones.svg",
    min_price_cents: 80_000,
};
const CAMERA: DemoProduct = DemoProduct {
    id: 0x0190_0000_0000_7000_8000_0000_0000_0002,
    name: "底片相機 F-1",
    description: "經典機械快門，限量復刻。A mechanical film camera, reissued in a limited run.",
    image_url: "/img/camera.svg",
    min_price_cents: 250_000,
};
const KEYBOARD: DemoProduct = DemoProduct {
    id: 0x0190_0000_0000_7000_8000_0000_0000_0003,
    name: "機械鍵盤 75",
    description: "鋁合金外殼、靜音軸。An aluminium keyboard with silent switches.",
    image_url: "/img/keyboard.svg",
    min_price_cents: 120_000,
};

/// Stock of the products that are not in the running campaign.
const OTHER_STOCK: i32 = 10;
/// Bidders of the finished campaign.
const PAST_BIDDERS: i64 = 12;
const MINUTE_MS: i64 = 60_000;

/// Creates demo data.
pub struct DemoData {
    database: Database,
    clock: Clock,
    accounts: Arc<Accounts>,
    campaigns: Arc<Campaigns>,
    stock: StockCounters,
    settlement: Arc<Settlement>,
    events: Events,
}

impl DemoData {
    /// The products of all demo campaigns.
    pub const PRODUCTS: [ProductId; 3] = [HEADPHONES.id(), CAMERA.id(), KEYBOARD.id()];
    /// The products of the campaigns that may follow the running one. The camera is for the upcoming one.
    pub const ON_SALE: [ProductId; 2] = [HEADPHONES.id(), KEYBOARD.id()];

    pub(crate) fn new(
        database: Database,
        clock: Clock,
        accounts: Arc<Accounts>,
        campaigns: Arc<Campaigns>,
        stock: StockCounters,
        settlement: Arc<Settlement>,
        events: Events,
    ) -> Self {
        Self { database, clock, accounts, campaigns, stock, settlement, events }
    }

    /// Creates the demo data that does not exist yet. A campaign that is over is followed by a new one with fresh
    /// stock, so that there is always something to bid on.
    ///
    /// The passwords are public: never seed a production database.
    ///
    /// # Errors
    /// `UNAVAILABLE` if PostgreSQL does not answer.
    pub async fn seed(&self, options: SeedOptions) -> Result<()> {
        if options.reset {
            self.reset_demo().await?;
        }
        // Settled first, so that ended campaigns release the stock promised to them.
        self.settle_ended().await?;
        self.seed_users(options.users).await?;
        self.seed_product(&HEADPHONES, options.stock.get()).await?;
        self.seed_product(&CAMERA, OTHER_STOCK).await?;
        self.seed_product(&KEYBOARD, OTHER_STOCK).await?;

        let now = self.clock.now();
        let minutes = i64::from(options.minutes);
        // The demo's crowd may have followed the last campaign by one for keyboards.
        if !self.has_campaign(&HEADPHONES, true).await? && !self.has_campaign(&KEYBOARD, true).await? {
            self.restock(&HEADPHONES, options.stock.get()).await?;
            self.seed_campaign(&HEADPHONES, now, now.plus_millis(minutes * MINUTE_MS)).await?;
        }
        if !self.has_campaign(&CAMERA, true).await? {
            self.restock(&CAMERA, OTHER_STOCK).await?;
            let start = now.plus_millis((minutes + 40) * MINUTE_MS);
            self.seed_campaign(&CAMERA, start, start.plus_millis(20 * MINUTE_MS)).await?;
        }
        if !self.has_campaign(&KEYBOARD, false).await? {
            self.seed_finished_campaign(now).await?;
        }
        Ok(())
    }

    /// Whether anyone could sign in to a demo account with its public password. Someone may register such an address: only
    /// demo accounts are admins, or have one hash for several.
    ///
    /// # Errors
    /// `UNAVAILABLE` if PostgreSQL does not answer.
    pub async fn has_accounts(&self) -> Result<bool> {
        let hashes = sqlx::query!(
            r#"SELECT password_hash, is_admin FROM users
               WHERE status = 'active' AND (is_admin AND email = $1 OR NOT is_admin AND email ~ '^user[0-9]{4}@test[.]com$')
               GROUP BY password_hash, is_admin HAVING is_admin OR count(*) > 1"#,
            DEMO_ADMIN,
        );
        for row in hashes.fetch_all(&self.database).await? {
            let password = if row.is_admin { DEMO_ADMIN_PASSWORD } else { DEMO_PASSWORD };
            if let Ok(password) = Password::claimed(password)
                && self.accounts.is_password_of(&row.password_hash, password).await?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn seed_users(&self, count: u32) -> Result<()> {
        let mut transaction = self.database.begin().await?;
        let admin = self.demo_hash(DEMO_ADMIN_PASSWORD).await?;
        insert_users(&mut transaction, &[DEMO_ADMIN.into()], &["Admin".into()], &[1.0], &admin, true).await?;
        // One hash for all: a thousand would take longer than everything else, and the password is public anyway.
        let hash = self.demo_hash(DEMO_PASSWORD).await?;
        let emails: Vec<String> = (1..=count).map(|n| format!("user{n:04}@test.com")).collect();
        let names: Vec<String> = (1..=count).map(|n| format!("user{n:04}")).collect();
        let weights: Vec<f64> = (1..=count).map(demo_weight).collect();
        insert_users(&mut transaction, &emails, &names, &weights, &hash, false).await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn demo_hash(&self, password: &str) -> Result<String> {
        let password = Password::new_password(password).map_err(|message| Error::field("password", message))?;
        self.accounts.hash(password).await
    }

    async fn seed_product(&self, product: &DemoProduct, stock: i32) -> Result<()> {
        let mut transaction = self.database.begin().await?;
        let insert = sqlx::query!(
            "INSERT INTO products (product_id, name, description, image_url, stock, min_price)
             VALUES ($1, $2, $3, $4, 0, $5::bigint::numeric / 100) ON CONFLICT DO NOTHING",
            product.id().0,
            product.name,
            product.description,
            product.image_url,
            product.min_price_cents,
        );
        if insert.execute(&mut *transaction).await?.rows_affected() == 1 {
            move_stock(&mut transaction, product.id(), None, stock).await?;
        }
        transaction.commit().await?;
        self.publish_stock(product).await
    }

    /// Whether the product has a campaign; with `open_only`, one that is not over.
    async fn has_campaign(&self, product: &DemoProduct, open_only: bool) -> Result<bool> {
        let exists = sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM campaigns
               WHERE product_id = $1 AND (NOT $2 OR (status = 'open' AND end_time > $3))) AS "exists!""#,
            product.id().0,
            open_only,
            self.clock.now().as_datetime(),
        );
        Ok(exists.fetch_one(&self.database).await?)
    }

    async fn restock(&self, product: &DemoProduct, stock: i32) -> Result<()> {
        let mut transaction = self.database.begin().await?;
        let left = catalog::lock_stock(&mut transaction, product.id()).await?;
        if left < stock {
            move_stock(&mut transaction, product.id(), None, stock - left).await?;
        }
        transaction.commit().await?;
        self.publish_stock(product).await
    }

    async fn publish_stock(&self, product: &DemoProduct) -> Result<()> {
        let row = sqlx::query!("SELECT stock, version FROM products WHERE product_id = $1", product.id().0);
        let row = row.fetch_one(&self.database).await?;
        self.stock.publish(product.id(), row.stock, row.version).await;
        Ok(())
    }

    async fn settle_ended(&self) -> Result<()> {
        let ended = sqlx::query_scalar!(
            "SELECT campaign_id FROM campaigns WHERE status = 'open' AND end_time <= $1",
            self.clock.now().as_datetime(),
        );
        for campaign in ended.fetch_all(&self.database).await? {
            self.settlement.settle(CampaignId(campaign)).await?;
        }
        Ok(())
    }

    async fn seed_campaign(&self, product: &DemoProduct, start: Timestamp, end: Timestamp) -> Result<CampaignId> {
        let id = CampaignId(new_id());
        let Coefficients { alpha, beta, gamma } = Coefficients::default();
        let insert = sqlx::query!(
            "INSERT INTO campaigns (campaign_id, product_id, start_time, end_time, alpha, beta, gamma, quota)
             SELECT $1, product_id, $3, $4, $5, $6, $7, greatest(1, stock - (
                 SELECT coalesce(sum(quota), 0) FROM campaigns AS other
                 WHERE other.product_id = products.product_id AND other.status = 'open'))
             FROM products WHERE product_id = $2",
            id.0,
            product.id().0,
            start.as_datetime(),
            end.as_datetime(),
            alpha.get(),
            beta.get(),
            gamma.get(),
        );
        insert.execute(&self.database).await?;
        self.events.announce(Event::CampaignChanged(id, CampaignChange::Created)).await?;
        Ok(id)
    }

    /// A campaign of the last half hour, with bids, settled by the real settlement.
    async fn seed_finished_campaign(&self, now: Timestamp) -> Result<()> {
        let start = now.plus_millis(-30 * MINUTE_MS);
        // It ends in the future until its bids are written, so that no process settles it before.
        let id = self.seed_campaign(&KEYBOARD, start, now.plus_millis(MINUTE_MS)).await?;
        let campaign = self.campaigns.get(id).await?;
        let bidders = sqlx::query_as!(
            PastBidder,
            r#"SELECT user_id, username, weight AS "weight: Column<Weight>" FROM users
               WHERE NOT is_admin ORDER BY email LIMIT $1"#,
            PAST_BIDDERS,
        );
        let bidders = bidders.fetch_all(&self.database).await?;
        let bids: Vec<NewBid> = (0..).zip(bidders).filter_map(|(n, bidder)| past_bid(&campaign, n, bidder)).collect();
        if !bids.is_empty() {
            bidding::write(&self.database, Uuid::new_v4(), &campaign, &bids.iter().collect::<Vec<_>>()).await?;
        }
        let update = sqlx::query!(
            "UPDATE campaigns SET end_time = $2, version = version + 1 WHERE campaign_id = $1",
            id.0,
            now.plus_millis(-10 * MINUTE_MS).as_datetime(),
        );
        update.execute(&self.database).await?;
        self.events.announce(Event::CampaignChanged(id, CampaignChange::Edited)).await?;
        self.settlement.settle(id).await?;
        Ok(())
    }

    /// Deletes all campaigns with their bids, orders and rankings, and restores the stock they sold.
    async fn reset_demo(&self) -> Result<()> {
        let mut transaction = self.database.begin().await?;
        let campaigns = sqlx::query_scalar!("SELECT campaign_id FROM campaigns ORDER BY campaign_id FOR UPDATE");
        let campaigns = campaigns.fetch_all(&mut *transaction).await?;
        for statement in [
            sqlx::query!("DELETE FROM orders"),
            sqlx::query!("DELETE FROM bid_events"),
            sqlx::query!("DELETE FROM bids"),
            sqlx::query!(
                "UPDATE products SET version = version + 1, stock = stock - (
                     SELECT coalesce(sum(delta), 0) FROM stock_moves
                     WHERE stock_moves.product_id = products.product_id AND campaign_id IS NOT NULL)"
            ),
            sqlx::query!("DELETE FROM stock_moves WHERE campaign_id IS NOT NULL"),
            sqlx::query!("DELETE FROM campaign_totals"),
            sqlx::query!("DELETE FROM campaigns"),
        ] {
            statement.execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        for campaign in campaigns {
            self.events.announce(Event::CampaignChanged(CampaignId(campaign), CampaignChange::Removed)).await?;
        }
        Ok(())
    }
}

impl DemoProduct {
    const fn id(&self) -> ProductId {
        ProductId(Uuid::from_u128(self.id))
    }
}

/// Weights from 0.5 to 5.0 in steps of a half, spread the same way each time.
fn demo_weight(n: u32) -> f64 {
    0.5 + 0.5 * f64::from(n * 7 % 10)
}

/// The `n`-th bid of the finished campaign, within its first minutes.
fn past_bid(campaign: &CampaignRecord, n: i64, bidder: PastBidder) -> Option<NewBid> {
    let price = Money::from_cents(campaign.rules.min_price.cents() + n * 3_700)?;
    let received_at = campaign.rules.start_time.plus_millis(900 + n * 41_000);
    let elapsed_ms = campaign.rules.check_bid(price, received_at).ok()?;
    Some(NewBid {
        bid_id: new_id(),
        user_id: bidder.user_id,
        username: bidder.username,
        price,
        score: campaign.rules.coefficients.score(price, elapsed_ms, bidder.weight),
        elapsed_ms,
        received_at,
    })
}

async fn insert_users(
    connection: &mut PgConnection,
    emails: &[String],
    names: &[String],
    weights: &[f64],
    password_hash: &str,
    is_admin: bool,
) -> Result<()> {
    let ids: Vec<Uuid> = emails.iter().map(|_| new_id()).collect();
    let insert = sqlx::query!(
        "INSERT INTO users (user_id, email, username, weight, password_hash, is_admin)
         SELECT user_id, email, username, weight, $5, $6
         FROM unnest($1::uuid[], $2::text[], $3::text[], $4::float8[]) AS demo (user_id, email, username, weight)
         ON CONFLICT DO NOTHING",
        &ids,
        emails,
        names,
        weights,
        password_hash,
        is_admin,
    );
    insert.execute(connection).await?;
    Ok(())
}

//! What the load needs in place: users with session tokens, a product, campaigns, and standing bids.

mod bulk_insert;

use crate::{
    data_stores::DataStores,
    error::Result,
    http_client::{HttpConnection, encode_request},
};
use bulk_insert::{ROWS_PER_INSERT, insert_bids, insert_users};
use domain::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::PgPool;
use std::{net::SocketAddr, time::Duration};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

/// Campaigns started an hour ago, so that the speed term of the score hardly falls any more and a higher price is a
/// higher score. They run for a day.
const STARTED_BEFORE_MS: i64 = 3_600_000;
const LENGTH_MS: i64 = 24 * 3_600_000;
/// How many bids win.
const QUOTA: u32 = 15;
const STOCK: u32 = 100_000;
const TOKEN_SECONDS: i64 = 24 * 3600;

/// How long the rebuild of a ranking may take.
const REBUILD_TIMEOUT: Duration = Duration::from_mins(5);
/// How often Redis is asked whether the ranking is complete.
const REDIS_POLL_INTERVAL: Duration = Duration::from_millis(200);

/// A user with a session.
#[derive(Clone, Default)]
pub struct User {
    /// The id.
    pub id: Uuid,
    /// A session token.
    pub token: String,
}

/// The server under test, with what was created in it.
pub struct Fixture {
    /// The server.
    pub server: SocketAddr,
    /// The users who bid.
    pub users: Vec<User>,
    /// All users in the database: first those who bid, then those who only have standing bids.
    user_ids: Vec<Uuid>,
    admin: User,
    product: String,
    key: EncodingKey,
    /// When the run began, by PostgreSQL's clock.
    pub began: Timestamp,
}

#[derive(Serialize)]
struct Claims {
    sub: Uuid,
    iat: i64,
    exp: i64,
    jti: Uuid,
}

impl Fixture {
    /// Creates the users who bid, an admin and a product.
    pub async fn create(server: SocketAddr, database: &PgPool, jwt_secret: &str, users: u32) -> Result<Self> {
        // The server goes by PostgreSQL's clock, so tokens must too.
        let micros: i64 =
            sqlx::query_scalar("SELECT (extract(epoch FROM now()) * 1000000)::bigint").fetch_one(database).await?;
        let began = Timestamp::from_unix_micros(micros).ok_or("the database's clock is out of range")?;
        let key = EncodingKey::from_secret(jwt_secret.as_bytes());
        let admin = Uuid::now_v7();
        let admin = User { id: admin, token: token(admin, began, &key)? };
        insert_users(database, 0, &[admin.id], true).await?;
        let (user_ids, product) = (Vec::new(), String::new());
        let mut fixture = Self { server, users: Vec::new(), user_ids, admin, product, key, began };
        fixture.ensure_bidding_users(database, users).await?;
        let product = json!({ "name": "Benchmark", "stock": STOCK, "min_price": 1 });
        fixture.product = fixture.post("/api/v1/products", &product, "product_id").await?;
        Ok(fixture)
    }

    /// Creates users until `count` can bid.
    pub async fn ensure_bidding_users(&mut self, database: &PgPool, count: u32) -> Result<()> {
        self.ensure_users(database, count).await?;
        for &id in self.user_ids.iter().take(usize::try_from(count)?).skip(self.users.len()) {
            self.users.push(User { id, token: token(id, self.began, &self.key)? });
        }
        Ok(())
    }

    /// Creates users, with or without a session, until there are `count`.
    pub async fn ensure_users(&mut self, database: &PgPool, count: u32) -> Result<()> {
        let count = usize::try_from(count)?;
        while self.user_ids.len() < count {
            let chunk: Vec<Uuid> = (self.user_ids.len()..count).take(ROWS_PER_INSERT).map(|_| Uuid::now_v7()).collect();
            insert_users(database, self.user_ids.len() + 1, &chunk, false).await?;
            self.user_ids.extend(chunk);
        }
        Ok(())
    }

    /// Creates a running campaign without bids.
    pub async fn create_campaign(&self) -> Result<String> {
        let start = self.began.plus_millis(-STARTED_BEFORE_MS);
        self.post_campaign(start, start.plus_millis(LENGTH_MS), QUOTA).await
    }

    /// Creates a running campaign with a given end and number of winners.
    pub async fn create_campaign_until(&self, end: Timestamp, quota: u32) -> Result<String> {
        self.post_campaign(self.began.plus_millis(-STARTED_BEFORE_MS), end, quota).await
    }

    /// Creates a campaign that has not started, which the server therefore ignores; returns its start too.
    pub async fn create_upcoming_campaign(&self) -> Result<(String, Timestamp)> {
        let start = self.began.plus_millis(LENGTH_MS);
        Ok((self.post_campaign(start, start.plus_millis(LENGTH_MS), QUOTA).await?, start))
    }

    async fn post_campaign(&self, start: Timestamp, end: Timestamp, quota: u32) -> Result<String> {
        let campaign = json!({ "product_id": self.product, "quota": quota, "start_time": start, "end_time": end });
        self.post("/api/v1/campaigns", &campaign, "campaign_id").await
    }

    /// Inserts a standing bid for each of the first `count` users, as if they had bid one after the other. In one
    /// transaction, so that the server sees all of them or none.
    pub async fn insert_standing_bids(&self, database: &PgPool, campaign: &str, count: u32) -> Result<()> {
        let total = usize::try_from(count)?;
        let mut transaction = database.begin().await?;
        for from in (0..total).step_by(ROWS_PER_INSERT) {
            let rows = from..total.min(from + ROWS_PER_INSERT);
            insert_bids(&mut transaction, campaign, &self.user_ids[rows.clone()], rows, total).await?;
        }
        let totals = sqlx::query(
            "INSERT INTO campaign_totals (campaign_id, process_id, participants, bids, max_price, last_seq)
             SELECT campaign_id, $2, count(*), sum(bid_number), max(price), max(accepted_seq)
             FROM bids WHERE campaign_id = $1::uuid GROUP BY campaign_id",
        );
        totals.bind(campaign).bind(Uuid::nil()).execute(&mut *transaction).await?;
        // The next queries must not be planned for the small tables these were.
        sqlx::query("ANALYZE users, bids, bid_events").execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Makes the server rebuild a campaign's ranking in Redis, which does not know of bids inserted into PostgreSQL;
    /// returns the seconds until the server and Redis both have all `bidders`.
    pub async fn rebuild_ranking(&self, stores: &mut DataStores, campaign: &str, bidders: u64) -> Result<f64> {
        stores.delete_ranking(campaign).await?;
        let started = Instant::now();
        // A reader notices the loss.
        self.participants(campaign).await?;
        while started.elapsed() < REBUILD_TIMEOUT {
            if stores.ranked_bidders(campaign).await? == bidders && self.participants(campaign).await? == bidders {
                return Ok(started.elapsed().as_secs_f64());
            }
            sleep(REDIS_POLL_INTERVAL).await;
        }
        Err(format!("the ranking of {bidders} bidders is incomplete after {} s", REBUILD_TIMEOUT.as_secs()).into())
    }

    /// How many bidders a campaign has, according to the server.
    pub async fn participants(&self, campaign: &str) -> Result<u64> {
        let path = format!("/api/v1/rankings/{campaign}?limit=1");
        let answer = self.exchange(&encode_request(self.server, "GET", &path, "", "")).await?;
        answer["total_participants"].as_u64().ok_or_else(|| format!("a ranking without its size: {answer}").into())
    }

    async fn post(&self, path: &str, body: &Value, field: &str) -> Result<String> {
        let request = encode_request(self.server, "POST", path, &self.admin.token, &body.to_string());
        let answer = self.exchange(&request).await?;
        Ok(answer[field].as_str().ok_or_else(|| format!("{path} answered without {field}: {answer}"))?.to_owned())
    }

    async fn exchange(&self, request: &[u8]) -> Result<Value> {
        let mut connection = HttpConnection::open(self.server).await?;
        let status = connection.exchange(request).await?;
        if !(200..300).contains(&status) {
            return Err(format!("the server answered {status}: {}", String::from_utf8_lossy(connection.body())).into());
        }
        Ok(serde_json::from_slice(connection.body())?)
    }
}

fn token(user: Uuid, now: Timestamp, key: &EncodingKey) -> Result<String, jsonwebtoken::errors::Error> {
    let now_s = now.unix_millis() / 1000;
    let claims = Claims { sub: user, iat: now_s, exp: now_s + TOKEN_SECONDS, jti: Uuid::now_v7() };
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, key)
}

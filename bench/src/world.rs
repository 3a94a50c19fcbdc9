//! Users, tokens, campaigns and standing bids: what is loaded and who loads it.

use crate::{
    Result,
    bidders::standing_price,
    http::{self, Connection},
    stores::Stores,
};
use domain::{Coefficients, Money, Timestamp, Weight};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::{PgConnection, PgPool};
use std::net::SocketAddr;
use uuid::Uuid;

/// Rows inserted by one statement.
const ROWS_PER_INSERT: usize = 10_000;
/// Campaigns have been running for an hour, so that the part of the score for speed hardly falls
/// any more and a higher price is a higher score; and they run for a day.
const BEGAN_BEFORE_MS: i64 = 3_600_000;
const LENGTH_MS: i64 = 24 * 3_600_000;
/// Standing bids made in advance arrived in this many milliseconds, from this many after the start:
/// by then speed is worth less than a cent, so that the next higher price is a higher score.
const STANDING_MS: u64 = 2_400_000;
const STANDING_FROM_MS: u64 = 600_000;
/// How many bids win.
const QUOTA: u32 = 15;
const STOCK: u32 = 100_000;
const TOKEN_SECONDS: i64 = 24 * 3600;

/// A bidder who can prove it.
#[derive(Clone, Default)]
pub struct User {
    /// The id.
    pub id: Uuid,
    /// A session token.
    pub token: String,
}

/// What the measurements work on.
pub struct World {
    /// The server.
    pub server: SocketAddr,
    /// Those who bid.
    pub users: Vec<User>,
    /// All users in the database: first those who bid, then those who only have standing bids.
    ids: Vec<Uuid>,
    admin: User,
    product: String,
    key: EncodingKey,
    /// PostgreSQL's time at the beginning.
    pub began: Timestamp,
}

#[derive(Serialize)]
struct Claims {
    sub: Uuid,
    iat: i64,
    exp: i64,
    jti: Uuid,
}

impl World {
    /// Makes the users who bid, an admin and a product.
    pub async fn make(server: SocketAddr, database: &PgPool, jwt_secret: &str, users: u32) -> Result<Self> {
        // The time of the database is the time of the server, so it is the time of tokens.
        let micros: i64 =
            sqlx::query_scalar("SELECT (extract(epoch FROM now()) * 1000000)::bigint").fetch_one(database).await?;
        let began = Timestamp::from_unix_micros(micros).ok_or("the database's clock is far off")?;
        let key = EncodingKey::from_secret(jwt_secret.as_bytes());
        let admin = Uuid::now_v7();
        let admin = User { id: admin, token: token(admin, began, &key)? };
        insert_users(database, 0, &[admin.id], true).await?;
        let mut world = Self { server, users: Vec::new(), ids: Vec::new(), admin, product: String::new(), key, began };
        world.recruit(database, users).await?;
        let product = json!({ "name": "Benchmark", "stock": STOCK, "min_price": 1 });
        world.product = world.post("/api/v1/products", &product, "product_id").await?;
        Ok(world)
    }

    /// Makes users until `count` can bid.
    pub async fn recruit(&mut self, database: &PgPool, count: u32) -> Result<()> {
        self.populate(database, count).await?;
        for &id in self.ids.iter().take(usize::try_from(count)?).skip(self.users.len()) {
            self.users.push(User { id, token: token(id, self.began, &self.key)? });
        }
        Ok(())
    }

    /// Makes users until there are `count`.
    pub async fn populate(&mut self, database: &PgPool, count: u32) -> Result<()> {
        let count = usize::try_from(count)?;
        while self.ids.len() < count {
            let chunk: Vec<Uuid> = (self.ids.len()..count).take(ROWS_PER_INSERT).map(|_| Uuid::now_v7()).collect();
            insert_users(database, self.ids.len() + 1, &chunk, false).await?;
            self.ids.extend(chunk);
        }
        Ok(())
    }

    /// A running campaign without bids.
    pub async fn campaign(&self) -> Result<String> {
        let start = self.began.plus_millis(-BEGAN_BEFORE_MS);
        self.create_campaign(start, start.plus_millis(LENGTH_MS), QUOTA).await
    }

    /// The same, but it ends at a given time and more or fewer win.
    pub async fn campaign_until(&self, end: Timestamp, quota: u32) -> Result<String> {
        self.create_campaign(self.began.plus_millis(-BEGAN_BEFORE_MS), end, quota).await
    }

    /// A campaign that has not started, so that the server leaves it alone, and when it will.
    pub async fn campaign_to_come(&self) -> Result<(String, Timestamp)> {
        let start = self.began.plus_millis(LENGTH_MS);
        Ok((self.create_campaign(start, start.plus_millis(LENGTH_MS), QUOTA).await?, start))
    }

    async fn create_campaign(&self, start: Timestamp, end: Timestamp, quota: u32) -> Result<String> {
        let campaign = json!({ "product_id": self.product, "quota": quota, "start_time": start, "end_time": end });
        self.post("/api/v1/campaigns", &campaign, "campaign_id").await
    }

    /// Gives each of the first `count` users a standing bid in a campaign, as if bid in turn. In one
    /// transaction, so that the server finds all of them or none.
    pub async fn fill(&self, database: &PgPool, campaign: &str, count: u32) -> Result<()> {
        let total = usize::try_from(count)?;
        let mut transaction = database.begin().await?;
        for from in (0..total).step_by(ROWS_PER_INSERT) {
            let rows = from..total.min(from + ROWS_PER_INSERT);
            insert_bids(&mut transaction, campaign, &self.ids[rows.clone()], rows, total).await?;
        }
        let totals = sqlx::query(
            "INSERT INTO campaign_totals (campaign_id, process_id, participants, bids, max_price, last_seq)
             SELECT campaign_id, $2, count(*), sum(bid_number), max(price), max(accepted_seq)
             FROM bids WHERE campaign_id = $1::uuid GROUP BY campaign_id",
        );
        totals.bind(campaign).bind(Uuid::nil()).execute(&mut *transaction).await?;
        // What reads these rows next should not plan for the small tables they were before.
        sqlx::query("ANALYZE users, bids, bid_events").execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// How many bidders the server says a campaign has.
    pub async fn participants(&self, campaign: &str) -> Result<u64> {
        let path = format!("/api/v1/rankings/{campaign}?limit=1");
        let answer = self.ask(&http::request(self.server, "GET", &path, "", "")).await?;
        answer["total_participants"].as_u64().ok_or_else(|| format!("a ranking without its size: {answer}").into())
    }

    async fn post(&self, path: &str, body: &Value, field: &str) -> Result<String> {
        let answer = self.ask(&http::request(self.server, "POST", path, &self.admin.token, &body.to_string())).await?;
        Ok(answer[field].as_str().ok_or_else(|| format!("{path} answered without {field}: {answer}"))?.to_owned())
    }

    async fn ask(&self, request: &[u8]) -> Result<Value> {
        let mut connection = Connection::open(self.server).await?;
        let status = connection.exchange(request).await?;
        if !(200..300).contains(&status) {
            return Err(format!("the server answered {status}: {}", String::from_utf8_lossy(connection.body())).into());
        }
        Ok(serde_json::from_slice(connection.body())?)
    }
}

impl Stores {
    /// The version of a campaign, which a bid is written under.
    pub async fn campaign_version(&self, campaign: &str) -> Result<i64> {
        let version = sqlx::query_scalar("SELECT version FROM campaigns WHERE campaign_id = $1::uuid");
        Ok(version.bind(campaign).fetch_one(&self.database).await?)
    }

    /// How many bids of a campaign were accepted.
    pub async fn accepted_bids(&self, campaign: &str) -> Result<u64> {
        let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM bid_events WHERE campaign_id = $1::uuid");
        Ok(count.bind(campaign).fetch_one(&self.database).await?.unsigned_abs())
    }

    /// Deletes all bids, so that what comes next finds small tables.
    pub async fn clear_bids(&self) -> Result<()> {
        sqlx::query("TRUNCATE bids, bid_events, campaign_totals").execute(&self.database).await?;
        Ok(())
    }
}

fn token(user: Uuid, now: Timestamp, key: &EncodingKey) -> Result<String, jsonwebtoken::errors::Error> {
    let now_s = now.unix_millis() / 1000;
    let claims = Claims { sub: user, iat: now_s, exp: now_s + TOKEN_SECONDS, jti: Uuid::now_v7() };
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, key)
}

/// Weights from 0.5 to 5.0.
fn weight(n: usize) -> Weight {
    Weight::new((n % 10 + 1) as f64 / 2.0).unwrap_or(Weight::NEW_MEMBER)
}

/// Users numbered from `first`; nobody can sign in as them.
async fn insert_users(database: &PgPool, first: usize, ids: &[Uuid], is_admin: bool) -> Result<()> {
    let names: Vec<String> = (first..).take(ids.len()).map(|n| format!("bench{n:07}")).collect();
    let weights: Vec<f64> = (first..).take(ids.len()).map(|n| weight(n).get()).collect();
    sqlx::query(
        "INSERT INTO users (user_id, email, username, weight, password_hash, is_admin)
         SELECT user_id, username || '@bench.example', username, weight, 'none', $4
         FROM unnest($1::uuid[], $2::text[], $3::float8[]) AS made (user_id, username, weight)",
    )
    .bind(ids)
    .bind(names)
    .bind(weights)
    .bind(is_admin)
    .execute(database)
    .await?;
    Ok(())
}

/// Standing bids of users `rows` out of `total`, exactly as the engine would have left them.
async fn insert_bids(
    database: &mut PgConnection,
    campaign: &str,
    ids: &[Uuid],
    rows: std::ops::Range<usize>,
    total: usize,
) -> Result<()> {
    let (mut cents, mut elapsed, mut scores) = (Vec::new(), Vec::new(), Vec::new());
    for n in rows {
        let price = i64::try_from(standing_price(n)).ok().and_then(Money::from_cents).ok_or("a price out of range")?;
        let elapsed_ms = STANDING_FROM_MS + STANDING_MS * n as u64 / total as u64;
        cents.push(price.cents());
        elapsed.push(elapsed_ms.cast_signed());
        scores.push(Coefficients::default().score(price, elapsed_ms, weight(n + 1)).get());
    }
    let bid_ids: Vec<Uuid> = ids.iter().map(|_| Uuid::now_v7()).collect();
    sqlx::query(
        "WITH bid AS MATERIALIZED (
             SELECT made.*, nextval('bid_seq') AS accepted_seq, product_id,
                    start_time + elapsed_ms * interval '1 millisecond' AS accepted_at
             FROM unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::float8[], $6::bigint[])
                      WITH ORDINALITY AS made (bid_id, user_id, price_cents, score, elapsed_ms, n),
                  campaigns
             WHERE campaign_id = $1::uuid ORDER BY made.n
         ), standing AS (
             INSERT INTO bids (bid_id, campaign_id, user_id, product_id, price, score, time_elapsed_ms, accepted_seq,
                 bid_number, created_at, accepted_at)
             SELECT bid_id, $1::uuid, user_id, product_id, price_cents::numeric / 100, score, elapsed_ms, accepted_seq,
                 1, accepted_at, accepted_at
             FROM bid
             RETURNING *
         )
         INSERT INTO bid_events (accepted_seq, bid_id, campaign_id, user_id, price, score, time_elapsed_ms, bid_number,
             accepted_at)
         SELECT accepted_seq, bid_id, campaign_id, user_id, price, score, time_elapsed_ms, bid_number, accepted_at
         FROM standing",
    )
    .bind(campaign)
    .bind(bid_ids)
    .bind(ids)
    .bind(cents)
    .bind(scores)
    .bind(elapsed)
    .execute(database)
    .await?;
    Ok(())
}

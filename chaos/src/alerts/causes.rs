//! What alerts are for, brought about.

use super::Stage;
use crate::{
    clients::{admin, bidders},
    error::{Error, Result},
    system::proxy::Traffic,
};
use domain::Money;
use futures_util::{Stream, StreamExt};
use redis::AsyncCommands;
use std::time::Duration;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::connect_async;

/// The server that is killed, or may have few connections.
const STRUCK: usize = 2;
/// How long a campaign takes whose settlement goes wrong.
const SHORT: Duration = Duration::from_secs(3);
/// How long the claim of a campaign is held after its end: longer than both rules on settlements allow.
const CLAIM_HELD: Duration = Duration::from_secs(15);
/// How late packets of a distant PostgreSQL are, one way, and up to as much again.
const DISTANT: Duration = Duration::from_millis(60);
/// How many bids come at once while none can be written, for three queues of a hundred.
const CROWD: usize = 600;
/// How long none can be written: no bid is given up meanwhile.
const LOCKED: Duration = Duration::from_secs(1);
/// How long servers stand still, and how long they go on in between.
const STANDSTILL: Duration = Duration::from_millis(800);
const RESPITE: Duration = Duration::from_millis(400);
/// How many connections the struck server may have.
const CONNECTIONS_MAX: usize = 100;
/// Near that limit, with those of bidders and watchers.
const CONNECTIONS_NEAR: usize = 82;
/// Longer than the rule on connections near the limit waits.
const NEAR_FOR: Duration = Duration::from_secs(75);
/// Pause between two attempts of whatever is tried again and again.
const PAUSE: Duration = Duration::from_secs(1);
/// How often another program writes to a ranking.
const TAMPER_EVERY: Duration = Duration::from_millis(5);

/// The cause of some alerts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cause {
    /// A server is gone.
    ServerGone,
    /// A process holds the claim of a campaign that has ended.
    ClaimHeld,
    /// Another program has changed a ranking when its campaign is settled.
    RankingChanged,
    /// Another program keeps changing how many bids a ranking says it has.
    RankingOverwritten,
    /// Redis is gone.
    RedisGone,
    /// PostgreSQL is far away.
    PostgresDistant,
    /// PostgreSQL does not answer.
    PostgresSilent,
    /// Crowds come while no bid can be written.
    CrowdBeforeLock,
    /// All servers stand still, again and again.
    ServersStall,
    /// A server has nearly as many connections as it may have, then more clients come.
    ConnectionsUsedUp,
    /// Someone has written what cannot be into PostgreSQL.
    RowEditedByHand,
}

impl Cause {
    /// In the order in which they are brought about.
    pub const ALL: [Self; 11] = [
        Self::ServerGone,
        Self::ClaimHeld,
        Self::RankingChanged,
        Self::RankingOverwritten,
        Self::RedisGone,
        Self::ConnectionsUsedUp,
        Self::PostgresSilent,
        Self::CrowdBeforeLock,
        Self::PostgresDistant,
        Self::ServersStall,
        Self::RowEditedByHand,
    ];

    /// The alerts that must fire.
    pub fn alerts(self) -> &'static [&'static str] {
        match self {
            Self::ServerGone => &["GavelDown"],
            Self::ClaimHeld => &["GavelSettlementOverdue", "GavelSettlementLate"],
            Self::RankingChanged => &["GavelRankingDrifted"],
            Self::RankingOverwritten => &["GavelRankingIncomplete"],
            Self::RedisGone => &["GavelRedisFailing"],
            Self::PostgresDistant => &["GavelBidsSlow", "GavelClockUncertain"],
            Self::PostgresSilent => &["GavelFailing"],
            Self::CrowdBeforeLock => &["GavelOverloaded"],
            Self::ServersStall => &["GavelFeedSlow"],
            Self::ConnectionsUsedUp => &["GavelConnectionsNearLimit", "GavelConnectionsRefused"],
            Self::RowEditedByHand => &["GavelInvariantBroken"],
        }
    }

    /// What it is, for the reader.
    pub fn what(self) -> &'static str {
        match self {
            Self::ServerGone => "a server is gone",
            Self::ClaimHeld => "the claim of an ended campaign is held",
            Self::RankingChanged => "another program has changed a ranking",
            Self::RankingOverwritten => "another program keeps writing to a ranking",
            Self::RedisGone => "Redis is gone",
            Self::PostgresDistant => "PostgreSQL is far away",
            Self::PostgresSilent => "PostgreSQL does not answer",
            Self::CrowdBeforeLock => "crowds come while no bid can be written",
            Self::ServersStall => "all servers stand still, again and again",
            Self::ConnectionsUsedUp => "a server has all connections it may have",
            Self::RowEditedByHand => "a row was edited by hand",
        }
    }

    /// Brings it about, for as long as this runs.
    pub async fn bring_about(self, stage: &Stage) -> Result<()> {
        let system = &stage.system;
        match self {
            Self::ServerGone => system.servers[STRUCK].lock().await.kill(),
            Self::ClaimHeld => hold_claim(stage).await?,
            Self::RankingChanged => change_ranking(stage).await?,
            Self::RankingOverwritten => overwrite_ranking(stage).await?,
            Self::RedisGone => system.redis.lock().await.stop(),
            Self::PostgresDistant => {
                set_postgres_traffic(stage, Traffic::IsSlow(DISTANT));
                // It would go by the time that it knew before for minutes.
                let mut server = system.servers[STRUCK].lock().await;
                server.kill();
                server.launch(None)?;
            }
            Self::PostgresSilent => set_postgres_traffic(stage, Traffic::Stands),
            Self::CrowdBeforeLock => crowd_before_lock(stage).await?,
            Self::ServersStall => stall_servers(stage).await,
            Self::ConnectionsUsedUp => use_up_connections(stage).await?,
            Self::RowEditedByHand => edit_row(stage).await?,
        }
        Ok(())
    }

    /// Removes what healing the system does not.
    pub async fn undo(self, stage: &Stage) -> Result<()> {
        match self {
            Self::ConnectionsUsedUp => {
                let mut server = stage.system.servers[STRUCK].lock().await;
                server.settings.connections_max = None;
                server.kill();
            }
            Self::RowEditedByHand => {
                sqlx::query("UPDATE products SET min_price = 1 WHERE min_price < 0")
                    .execute(&stage.system.database)
                    .await?;
            }
            _ => {}
        }
        Ok(())
    }
}

async fn hold_claim(stage: &Stage) -> Result<()> {
    let campaign = stage.short_campaign(SHORT).await?;
    let mut holder = stage.system.database.begin().await?;
    let claim = sqlx::query("SELECT FROM campaigns WHERE campaign_id = $1 FOR NO KEY UPDATE");
    claim.bind(campaign.0).execute(&mut *holder).await?;
    sleep(SHORT + CLAIM_HELD).await;
    Ok(holder.rollback().await?)
}

/// Puts the second of a ranking first.
async fn change_ranking(stage: &Stage) -> Result<()> {
    let campaign = stage.short_campaign(SHORT).await?;
    for (bidder, price) in stage.bidders.iter().zip([300, 200, 100]) {
        let price = Money::from_cents(price * 100).ok_or("it is in range")?;
        bidder.api.bid(bidder.user_id, campaign, price).await;
    }
    let mut redis = stage.system.redis.lock().await.connection().await;
    let key = format!("bid:{{{campaign}}}");
    let second: Vec<Vec<u8>> = redis.zrevrange(&key, 1, 1).await?;
    Ok(redis.zadd(&key, second.first().ok_or("somebody is second")?, 1e12).await?)
}

async fn overwrite_ranking(stage: &Stage) -> Result<()> {
    let mut redis = stage.system.redis.lock().await.connection().await;
    let key = format!("bid_meta:{{{}}}", stage.sale);
    loop {
        redis.hset::<_, _, _, ()>(&key, "bids", 0).await?;
        sleep(TAMPER_EVERY).await;
    }
}

fn set_postgres_traffic(stage: &Stage, traffic: Traffic) {
    for proxies in &stage.system.proxies {
        proxies.postgres.set(traffic);
    }
}

async fn crowd_before_lock(stage: &Stage) -> Result<()> {
    for seed in 0.. {
        let locked = async {
            let lock = stage.system.lock_bids(stage.sale).await?;
            sleep(LOCKED).await;
            Ok::<_, Error>(lock.rollback().await?)
        };
        let crowd = bidders::crowd(&stage.bidders, stage.sale, CROWD, seed, &stage.record);
        tokio::join!(locked, crowd).0?;
    }
    Ok(())
}

async fn stall_servers(stage: &Stage) {
    loop {
        for server in &stage.system.servers {
            server.lock().await.freeze();
        }
        sleep(STANDSTILL).await;
        for server in &stage.system.servers {
            server.lock().await.thaw();
        }
        sleep(RESPITE).await;
    }
}

async fn use_up_connections(stage: &Stage) -> Result<()> {
    let mut server = stage.system.servers[STRUCK].lock().await;
    server.settings.connections_max = Some(CONNECTIONS_MAX);
    server.kill();
    server.launch(None)?;
    let url = format!("ws://{}/ws/{}", server.address, stage.sale);
    drop(server);
    let mut open = Vec::new();
    while open.len() < CONNECTIONS_NEAR {
        match connect_async(&url).await {
            Ok((websocket, _)) => open.push(tokio::spawn(read(websocket))),
            // It has just been started.
            Err(_) => sleep(PAUSE / 10).await,
        }
    }
    sleep(NEAR_FOR).await;
    loop {
        if let Ok(Ok((websocket, _))) = timeout(PAUSE, connect_async(&url)).await {
            open.push(tokio::spawn(read(websocket)));
        } else {
            sleep(PAUSE).await;
        }
    }
}

/// Reads until the connection ends: a server closes websockets that read nothing.
async fn read(mut websocket: impl Stream + Unpin) {
    while websocket.next().await.is_some() {}
}

/// Gives a product a price below zero, which the schema would not allow.
async fn edit_row(stage: &Stage) -> Result<()> {
    admin::create_product(&stage.admin, 1).await?;
    for statement in [
        "ALTER TABLE products DROP CONSTRAINT IF EXISTS products_min_price_check",
        "UPDATE products SET min_price = -1 WHERE stock = 1",
    ] {
        sqlx::query(statement).execute(&stage.system.database).await?;
    }
    loop {
        // That it fails is what the alert is for.
        let _ = stage.admin.text("/api/v1/products").await;
        sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alerts::prometheus::RULES;
    use std::collections::BTreeSet;

    #[test]
    fn every_alert_has_a_cause() {
        let rules = RULES.lines().filter_map(|line| line.trim().strip_prefix("- alert: "));
        let mut caused: BTreeSet<&str> = Cause::ALL.into_iter().flat_map(Cause::alerts).copied().collect();
        // Nothing from outside makes a task panic.
        caused.insert("GavelTaskPanicked");
        assert_eq!(rules.collect::<BTreeSet<_>>(), caused);
    }
}

//! The ranking of a campaign: from Redis where it is whole, else from PostgreSQL.

mod projection;
mod repair;
mod sql;
mod trust;

use crate::{
    Engine,
    bids::StandingBid,
    catalog::CampaignRecord,
    clock::Clock,
    error::Result,
    store::{cache::shared, database::Database, keys::Keys, redis::Redis},
};
use domain::{
    CampaignId, Money, Score, UserId,
    api::{
        accounts::User,
        campaigns::CampaignStats,
        rankings::{MyStanding, Ranking, RankingRow},
    },
    limits,
};
use moka::future::Cache;
use projection::Projection;
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// For how long the readers of a process share one look at a ranking that has not changed here.
const SNAPSHOT_TTL: Duration = Duration::from_millis(100);
/// Looks that may be shared at the same time.
const SNAPSHOTS_MAX: u64 = 1000;

/// The best of a ranking at one instant.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Snapshot {
    pub rows: Vec<RankingRow>,
    pub total_participants: u64,
    pub min_winning_score: Option<Score>,
    pub max_score: Option<Score>,
    /// How many accepted bids it holds: bids are only added, so it never goes back, and one version
    /// names one ranking.
    pub version: u64,
}

/// Places of some bidders in one ranking.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Places {
    /// No place is of an older ranking.
    pub version: u64,
    /// Bidders with a standing bid.
    pub total_participants: u64,
    /// Those without a bid are missing.
    pub of: HashMap<UserId, Place>,
}

/// Ranks of bids that were just entered.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ranks {
    /// The ranking's version, see [`Snapshot::version`].
    pub version: u64,
    /// From 1.
    pub of: HashMap<UserId, u64>,
}

/// One bidder's place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Place {
    pub rank: u64,
    pub score: Score,
    pub price: Money,
    /// Of the ranking it is a place in, see [`Snapshot::version`].
    pub version: u64,
}

/// How many bidders and bids a campaign has, counted by the statement that writes them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub participants: u64,
    pub bids: u64,
    pub max_price: Option<Money>,
}

/// Reads rankings and enters bids into them.
#[derive(Clone)]
pub(crate) struct Rankings {
    database: Database,
    projection: Projection,
    /// Looks by campaign, rows and the change of this process they were made after: so one's own
    /// bid is always seen, and another process's within [`SNAPSHOT_TTL`].
    snapshots: Cache<(CampaignId, u32, u64), Arc<Snapshot>>,
    changes: Arc<AtomicU64>,
}

impl Rankings {
    pub fn new(database: Database, redis: Redis, keys: Keys) -> Self {
        Self {
            projection: Projection::new(database.clone(), redis, keys),
            database,
            snapshots: Cache::builder().max_capacity(SNAPSHOTS_MAX).time_to_live(SNAPSHOT_TTL).build(),
            changes: Arc::default(),
        }
    }

    /// Enters standing bids, one per bidder and with the bidder's name, and returns their ranks.
    pub async fn enter(&self, campaign: CampaignId, bids: &[(&StandingBid, &str)]) -> Result<Ranks> {
        let ranks = self.projection.enter(campaign, bids).await;
        self.changed();
        if let Some(ranks) = ranks {
            return Ok(ranks);
        }
        let ranks = sql::ranks(&self.database, campaign, bids.iter().map(|(bid, _)| *bid)).await?;
        self.projection.learn(campaign, ranks.version);
        Ok(ranks)
    }

    /// The first `limit` rows and the campaign's numbers, as a look that readers share.
    pub async fn top(&self, campaign: &CampaignRecord, limit: u32) -> Result<Arc<Snapshot>> {
        let key = (campaign.campaign_id, limit, self.changes.load(Ordering::Relaxed));
        self.snapshots.try_get_with(key, self.look(campaign, limit)).await.map_err(shared)
    }

    async fn look(&self, campaign: &CampaignRecord, limit: u32) -> Result<Arc<Snapshot>> {
        if let Some(snapshot) = self.projection.top(campaign, limit).await {
            return Ok(Arc::new(snapshot));
        }
        let snapshot = sql::top(&self.database, campaign, limit).await?;
        self.projection.learn(campaign.campaign_id, snapshot.version);
        Ok(Arc::new(snapshot))
    }

    /// Where the given users stand.
    pub async fn places(&self, campaign: &CampaignRecord, users: &[UserId]) -> Result<Places> {
        if let Some(places) = self.projection.places(campaign, users).await {
            return Ok(places);
        }
        let places = sql::places(&self.database, campaign.campaign_id, users).await?;
        self.projection.learn(campaign.campaign_id, places.version);
        Ok(places)
    }

    /// Compares Redis' order of the winners with the one PostgreSQL has settled, and mends Redis if
    /// they differ. PostgreSQL is right either way.
    pub async fn verify(&self, campaign: &CampaignRecord, winners: &[UserId]) {
        self.projection.verify(campaign, winners).await;
    }

    /// Says that a ranking has changed, so that looks from before are not shared any longer.
    pub fn changed(&self) {
        self.changes.fetch_add(1, Ordering::Relaxed);
    }

    /// Lets the ranking of a closed campaign go from Redis after a day.
    pub async fn retire(&self, campaign: CampaignId) {
        self.projection.retire(campaign).await;
    }

    /// Removes the ranking of a campaign that is gone.
    pub async fn forget(&self, campaign: CampaignId) {
        self.projection.forget(campaign).await;
    }

    /// Looks whether the rankings of running campaigns are whole and right, until dropped.
    pub async fn run_repair(self, clock: Clock) {
        self.projection.run_repair(&clock).await;
    }
}

impl Engine {
    /// The first `limit` rows of a campaign's ranking, the first K by default, at most
    /// [`limits::RANKING_LIMIT_MAX`].
    pub async fn ranking(&self, id: CampaignId, limit: Option<u32>) -> Result<Ranking> {
        let campaign = self.campaign_record(id).await?;
        let limit = limit.unwrap_or(campaign.rules.quota.get().unsigned_abs()).min(limits::RANKING_LIMIT_MAX);
        let snapshot = self.rankings().top(&campaign, limit).await?;
        Ok(Ranking {
            campaign_id: id,
            total_participants: snapshot.total_participants,
            rankings: snapshot.rows.clone(),
            min_winning_score: snapshot.min_winning_score,
            max_score: snapshot.max_score,
            updated_at: self.now(),
            version: snapshot.version,
        })
    }

    /// Where a user stands in a campaign.
    pub async fn my_standing(&self, user: &User, id: CampaignId) -> Result<MyStanding> {
        let campaign = self.campaign_record(id).await?;
        let places = self.rankings().places(&campaign, &[user.user_id]).await?;
        let place = places.of.get(&user.user_id);
        Ok(MyStanding {
            campaign_id: id,
            user_id: user.user_id,
            rank: place.map(|place| place.rank),
            score: place.map(|place| place.score),
            price: place.map(|place| place.price),
            is_winning: place.map(|place| place.rank <= campaign.quota()),
            total_participants: places.total_participants,
            weight: user.weight,
            version: places.version,
        })
    }

    pub(crate) async fn campaign_stats(&self, campaign: &Arc<CampaignRecord>) -> Result<CampaignStats> {
        let snapshot = self.rankings().top(campaign, 0).await?;
        let totals = sql::totals(self.database(), campaign.campaign_id).await?;
        Ok(CampaignStats {
            total_participants: snapshot.total_participants,
            total_bids: totals.bids,
            max_price: totals.max_price,
            min_winning_score: snapshot.min_winning_score,
            max_score: snapshot.max_score,
        })
    }
}

//! The ranking of a campaign: from Redis where it is whole, else from PostgreSQL.

mod projection;
mod sql;

use crate::{
    Engine,
    accounts::shared,
    bids::StandingBid,
    catalog::CampaignRecord,
    error::Result,
    store::{keys::Keys, redis::Redis},
};
use domain::{
    CampaignId, Money, Score, UserId,
    api::{
        campaigns::CampaignStats,
        rankings::{MyStanding, Ranking, RankingRow},
    },
    limits,
};
use moka::future::Cache;
use projection::Projection;
use sqlx::PgPool;
use std::{collections::HashMap, sync::Arc, time::Duration};

/// For how long the readers of a process share one count of bids and prices, which PostgreSQL has
/// to go through a whole campaign for.
const TOTALS_TTL: Duration = Duration::from_secs(1);

/// The best of a ranking at one instant.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Snapshot {
    pub rows: Vec<RankingRow>,
    pub total_participants: u64,
    pub min_winning_score: Option<Score>,
    pub max_score: Option<Score>,
    /// The newest acceptance in it; it never goes back.
    pub version: u64,
}

/// One bidder's place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Place {
    pub rank: u64,
    pub score: Score,
    pub price: Money,
}

/// What only PostgreSQL counts.
#[derive(Clone, Copy, Debug, Default)]
struct Totals {
    bids: u64,
    max_price: Option<Money>,
}

/// Reads rankings and enters bids into them.
#[derive(Clone)]
pub(crate) struct Rankings {
    database: PgPool,
    projection: Projection,
    totals: Cache<CampaignId, Totals>,
}

impl Rankings {
    pub fn new(database: PgPool, redis: Redis, keys: Keys) -> Self {
        Self {
            projection: Projection::new(database.clone(), redis, keys),
            database,
            totals: Cache::builder().max_capacity(1000).time_to_live(TOTALS_TTL).build(),
        }
    }

    /// Enters durable bids into the ranking and returns the ranks of their bidders and of `kept`.
    pub async fn enter(
        &self,
        campaign: CampaignId,
        improved: &[(&StandingBid, &str)],
        kept: &[&StandingBid],
    ) -> Result<HashMap<UserId, u64>> {
        if let Some(ranks) = self.projection.enter(campaign, improved, kept).await {
            return Ok(ranks);
        }
        let bids = improved.iter().map(|(bid, _)| *bid).chain(kept.iter().copied());
        sql::ranks(&self.database, campaign, bids).await
    }

    /// The first `limit` rows; `quota` says which score is the K-th.
    pub async fn top(&self, campaign: &CampaignRecord, limit: u32) -> Result<Snapshot> {
        match self.projection.top(campaign, limit).await {
            Some(snapshot) => Ok(snapshot),
            None => sql::top(&self.database, campaign, limit).await,
        }
    }

    /// Where the given users stand; those without a bid are missing.
    pub async fn places(&self, campaign: &CampaignRecord, users: &[UserId]) -> Result<HashMap<UserId, Place>> {
        match self.projection.places(campaign, users).await {
            Some(places) => Ok(places),
            None => sql::places(&self.database, campaign.campaign_id, users).await,
        }
    }

    /// Compares Redis' order of the first `limit` with PostgreSQL's, under the lock that keeps
    /// both still, and mends Redis if they differ. PostgreSQL is right either way.
    pub async fn verify(&self, campaign: &CampaignRecord, winners: &[UserId]) {
        self.projection.verify(campaign, winners).await;
    }

    /// Lets the ranking of a closed campaign go from Redis after a day.
    pub async fn retire(&self, campaign: CampaignId) {
        self.projection.retire(campaign).await;
    }

    /// Removes the ranking of a campaign that is gone.
    pub async fn forget(&self, campaign: CampaignId) {
        self.projection.forget(campaign).await;
    }

    async fn totals(&self, campaign: CampaignId) -> Result<Totals> {
        self.totals.try_get_with(campaign, sql::totals(&self.database, campaign)).await.map_err(shared)
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
            rankings: snapshot.rows,
            min_winning_score: snapshot.min_winning_score,
            max_score: snapshot.max_score,
            updated_at: self.now(),
        })
    }

    /// Where a user stands in a campaign.
    pub async fn my_standing(&self, user: UserId, id: CampaignId) -> Result<MyStanding> {
        let campaign = self.campaign_record(id).await?;
        let place = self.rankings().places(&campaign, &[user]).await?.remove(&user);
        let total_participants = self.rankings().top(&campaign, 0).await?.total_participants;
        Ok(MyStanding {
            campaign_id: id,
            user_id: user,
            rank: place.map(|place| place.rank),
            score: place.map(|place| place.score),
            price: place.map(|place| place.price),
            is_winning: place.map(|place| place.rank <= campaign.quota()),
            total_participants,
        })
    }

    pub(crate) async fn campaign_stats(&self, campaign: &Arc<CampaignRecord>) -> Result<CampaignStats> {
        let snapshot = self.rankings().top(campaign, 0).await?;
        let totals = self.rankings().totals(campaign.campaign_id).await?;
        Ok(CampaignStats {
            total_participants: snapshot.total_participants,
            total_bids: totals.bids,
            max_price: totals.max_price,
            min_winning_score: snapshot.min_winning_score,
            max_score: snapshot.max_score,
        })
    }
}

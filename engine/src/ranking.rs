//! Rankings: read from Redis if its copy can be relied on, else from PostgreSQL.

mod bid_counts;
mod final_standings;
mod numbered_standings;
mod periodic_repair;
mod postgres_ranking;
mod rebuild;
mod redis_entry;
mod redis_ranking;
mod redis_scripts;
mod retire;
mod snapshot;
mod staleness;
mod standing_bid;

pub(crate) use bid_counts::{BatchCounts, BidCounts, VOID_CHANGES, WriterRange, Writers};
pub(crate) use final_standings::FinalStandings;
pub(crate) use snapshot::{Ranks, Snapshot, Standing};
pub(crate) use standing_bid::{NamedBid, StandingBid, VoidCause};

use crate::{
    catalog::{CampaignRecord, Campaigns},
    clock::Clock,
    error::Result,
    events::{CampaignChange, Event, Origin, Subscriber},
    store::{
        database::{ANSWER_TIMEOUT, Database, within},
        keys::Keys,
        paced_reads::PacedReads,
        redis::Redis,
    },
};
use domain::{
    CampaignId, UserId,
    api::{
        accounts::User,
        campaigns::{CampaignDetail, CampaignStats},
        rankings::{MyStanding, Ranking},
    },
    campaign_status::Closing,
    limits,
};
use final_standings::FinalStandingsCache;
use futures_util::{FutureExt, future::BoxFuture};
use moka::sync::Cache;
use numbered_standings::NumberedStandings;
use periodic_repair::Repair;
use rebuild::Rebuilds;
use redis_ranking::RedisRanking;
use redis_scripts::RedisScripts;
use snapshot::{Standings, Totals};
use staleness::StalenessTracker;
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::time::Instant;

/// How long a snapshot is used, unless this process knows of a later bid.
const SNAPSHOT_TTL: Duration = Duration::from_millis(100);
/// Snapshots that may be shared at the same time.
const SNAPSHOTS_MAX: u64 = 1000;
/// Numbers of rows that are read. Requests for other numbers get a part of the next, so that no variety of requests costs
/// more than these reads.
const ROWS_READ: [u32; 3] = [10, 100, limits::RANKING_LIMIT_MAX];
/// Campaigns of which it is known when they changed.
const CHANGED_MAX: u64 = 10_000;

/// Reads rankings and enters standing bids into them.
pub struct Rankings {
    database: Database,
    clock: Clock,
    campaigns: Arc<Campaigns>,
    redis: RedisRanking,
    repair: Repair,
    final_standings: FinalStandingsCache,
    /// Snapshots by campaign and number of rows.
    snapshots: PacedReads<(CampaignId, u32), Arc<Snapshot>>,
    totals: PacedReads<CampaignId, Arc<Totals>>,
    numbered: NumberedStandings,
    /// When each campaign was last heard to have changed.
    changed_at: Cache<CampaignId, Instant>,
}

impl Rankings {
    pub(crate) fn new(
        database: &Database,
        commit_redis: Redis,
        redis: Redis,
        keys: &Keys,
        clock: &Clock,
        campaigns: Arc<Campaigns>,
        writers: Writers,
    ) -> Self {
        let scripts = Arc::new(RedisScripts::new(commit_redis, redis, keys.clone()));
        let staleness: Arc<StalenessTracker> = Arc::default();
        let rebuilds = Rebuilds::new(database.clone(), scripts.clone(), staleness.clone());
        Self {
            repair: Repair::new(database.clone(), scripts.clone(), rebuilds.clone(), staleness.clone()),
            redis: RedisRanking::new(database.clone(), scripts, rebuilds, staleness, writers),
            final_standings: FinalStandingsCache::new(database.clone()),
            database: database.clone(),
            clock: clock.clone(),
            campaigns,
            snapshots: PacedReads::new(SNAPSHOTS_MAX),
            totals: PacedReads::new(SNAPSHOTS_MAX),
            numbered: NumberedStandings::new(database.clone()),
            changed_at: Cache::builder().max_capacity(CHANGED_MAX).time_to_live(SNAPSHOT_TTL).build(),
        }
    }

    /// Returns a campaign with its product, the statistics of its ranking and the server's time.
    ///
    /// # Errors
    /// `CAMPAIGN_NOT_FOUND`.
    pub async fn campaign(&self, id: CampaignId) -> Result<CampaignDetail> {
        self.detail(&*self.campaigns.get(id).await?).await
    }

    /// The same for a campaign that has been read already.
    pub(crate) async fn detail(&self, campaign: &CampaignRecord) -> Result<CampaignDetail> {
        let stats = self.campaign_stats(campaign).await?;
        let server_time = self.clock.now();
        Ok(CampaignDetail { campaign: campaign.to_api(server_time), stats, server_time })
    }

    /// Returns the first `limit` rows of a campaign's ranking: K by default, and at most
    /// [`limits::RANKING_LIMIT_MAX`].
    ///
    /// # Errors
    /// `CAMPAIGN_NOT_FOUND`.
    pub async fn ranking(&self, id: CampaignId, limit: Option<u32>) -> Result<Ranking> {
        let campaign = self.campaigns.get(id).await?;
        let limit = limit.unwrap_or(campaign.rules.quota.get().unsigned_abs()).min(limits::RANKING_LIMIT_MAX);
        let snapshot = self.top(&campaign, limit).await?;
        Ok(self.to_api(id, &snapshot, limit))
    }

    /// Returns the first `limit` rows of a campaign's ranking, and the statistics of the same moment.
    ///
    /// # Errors
    /// `CAMPAIGN_NOT_FOUND`.
    pub async fn ranking_with_stats(&self, id: CampaignId, limit: u32) -> Result<(Ranking, CampaignStats)> {
        let campaign = self.campaigns.get(id).await?;
        let limit = limit.min(limits::RANKING_LIMIT_MAX);
        let snapshot = self.top(&campaign, limit).await?;
        let mut stats = self.stats_of(id, &snapshot).await?;
        // The highest price was read at another moment.
        stats.max_price = snapshot.rows.iter().map(|row| row.price).chain(stats.max_price).max();
        Ok((self.to_api(id, &snapshot, limit), stats))
    }

    fn to_api(&self, id: CampaignId, snapshot: &Snapshot, limit: u32) -> Ranking {
        Ranking {
            campaign_id: id,
            total_participants: snapshot.total_participants,
            rankings: snapshot.rows.iter().take(limit as usize).cloned().collect(),
            min_winning_score: snapshot.min_winning_score,
            max_score: snapshot.max_score,
            updated_at: self.clock.now(),
            version: snapshot.version,
        }
    }

    /// Returns a user's standing in a campaign; its personal fields are `None` without a bid.
    ///
    /// # Errors
    /// `CAMPAIGN_NOT_FOUND`.
    pub async fn my_standing(&self, user: &User, id: CampaignId) -> Result<MyStanding> {
        let campaign = self.campaigns.get(id).await?;
        let standings = self.standings(&campaign, &[user.user_id]).await?;
        let standing = standings.by_user.get(&user.user_id);
        Ok(MyStanding {
            campaign_id: id,
            user_id: user.user_id,
            rank: standing.map(|standing| standing.rank),
            score: standing.map(|standing| standing.score),
            price: standing.map(|standing| standing.price),
            is_winning: standing.map(|standing| standing.rank <= campaign.quota()),
            total_participants: standings.total_participants,
            weight: user.weight,
            version: standings.version,
        })
    }

    /// Returns why an admin has declared a user's bid in a campaign void; `None` if it is not, or there is none.
    ///
    /// # Errors
    /// `UNAVAILABLE` if PostgreSQL does not answer.
    pub async fn void_reason(&self, user: UserId, id: CampaignId) -> Result<Option<String>> {
        postgres_ranking::void_reason(&self.database, id, user).await
    }

    pub(crate) async fn campaign_stats(&self, campaign: &CampaignRecord) -> Result<CampaignStats> {
        let snapshot = self.top(campaign, 0).await?;
        self.stats_of(campaign.campaign_id, &snapshot).await
    }

    async fn stats_of(&self, id: CampaignId, snapshot: &Snapshot) -> Result<CampaignStats> {
        let is_current = |totals: &Arc<Totals>, began| self.is_current(id, &totals.counts, began);
        let read = async || Ok(Arc::new(postgres_ranking::totals(&self.database, id).await?));
        let totals = self.totals.get(id, is_current, read).await?;
        Ok(CampaignStats {
            total_participants: snapshot.total_participants,
            // Of the same moment as the number of bidders.
            total_bids: snapshot.bids,
            max_price: totals.max_price,
            min_winning_score: snapshot.min_winning_score,
            max_score: snapshot.max_score,
        })
    }

    /// Enters the standing bids that a batch `improved` in Redis and returns their ranks there, and those of the
    /// `unchanged` ones of its other bidders. `batch` says which bids are complete with them, and which were committed
    /// before. `None` if Redis does not answer or its ranking lacks some of these: the ranks are then in PostgreSQL.
    pub(crate) async fn enter(
        &self,
        campaign: CampaignId,
        improved: &[NamedBid<'_>],
        unchanged: &[NamedBid<'_>],
        batch: &BatchCounts,
    ) -> Option<Ranks> {
        let ranks = self.redis.enter(campaign, improved, unchanged, batch).await;
        self.note_change(campaign);
        ranks
    }

    /// The statistics of a ranking without rows, read now, not shared.
    pub(crate) async fn read_statistics(&self, campaign: &CampaignRecord) -> Result<Snapshot> {
        let (snapshot, counts) = within(ANSWER_TIMEOUT, postgres_ranking::top(&self.database, campaign, 0)).await?;
        self.redis.observe(campaign.campaign_id, &counts);
        Ok(snapshot)
    }

    /// The ranks of standing bids according to PostgreSQL. If a bidder has made a better one meanwhile, it is the rank that
    /// the bid has in place of that one.
    pub(crate) async fn ranks_in_postgres(&self, campaign: CampaignId, bids: &[&StandingBid]) -> Result<Ranks> {
        let users: Vec<UserId> = bids.iter().map(|bid| bid.user_id).collect();
        let Standings { version, by_user, .. } = self.read_standings(campaign, &users).await?;
        let (mut by_rank, mut outdone) = (HashMap::with_capacity(bids.len()), Vec::new());
        for bid in bids {
            match by_user.get(&bid.user_id) {
                Some(standing) if standing.score == bid.score => drop(by_rank.insert(bid.user_id, standing.rank)),
                _ => outdone.push(*bid),
            }
        }
        if !outdone.is_empty() {
            by_rank.extend(postgres_ranking::ranks_in_place(&self.database, campaign, &outdone).await?);
        }
        Ok(Ranks { version, by_user: by_rank })
    }

    /// At least the first `rows` rows, unless there are fewer or `rows` is more than [`limits::RANKING_LIMIT_MAX`], and
    /// the statistics; shared by concurrent readers.
    pub(crate) async fn top(&self, campaign: &CampaignRecord, rows: u32) -> Result<Arc<Snapshot>> {
        let rows = ROWS_READ.into_iter().find(|read| *read >= rows).unwrap_or(limits::RANKING_LIMIT_MAX);
        let id = campaign.campaign_id;
        let is_current = |snapshot: &Arc<Snapshot>, began| self.is_current(id, &snapshot.counts, began);
        self.snapshots.get((id, rows), is_current, || self.read(campaign, rows)).await
    }

    /// Whether a read that began then and found these bids may still be shown: it lacks nothing that this process has
    /// committed, heard of or read since.
    fn is_current(&self, campaign: CampaignId, found: &BidCounts, began: Instant) -> bool {
        began.elapsed() < SNAPSHOT_TTL
            && self.changed_at.get(&campaign).is_none_or(|changed_at| changed_at < began)
            && self.redis.has_all_observed(campaign, found)
    }

    async fn read(&self, campaign: &CampaignRecord, limit: u32) -> Result<Arc<Snapshot>> {
        // Redis is not repaired any more once the campaign is closed.
        if campaign.rules.closing == Closing::Open
            && let Some(snapshot) = self.redis.top(campaign, limit).await
        {
            return Ok(Arc::new(snapshot));
        }
        let (snapshot, counts) = within(ANSWER_TIMEOUT, postgres_ranking::top(&self.database, campaign, limit)).await?;
        self.redis.observe(campaign.campaign_id, &counts);
        Ok(Arc::new(snapshot))
    }

    /// The standings of the given users.
    pub(crate) async fn standings(&self, campaign: &CampaignRecord, users: &[UserId]) -> Result<Standings> {
        if campaign.rules.closing != Closing::Open {
            return Ok(self.final_standings(campaign).await?.of_all(users));
        }
        if let Some(standings) = self.redis.standings(campaign, users).await {
            return Ok(standings);
        }
        self.read_standings(campaign.campaign_id, users).await
    }

    /// The standings in a campaign that is closed.
    pub(crate) async fn final_standings(&self, campaign: &CampaignRecord) -> Result<Arc<FinalStandings>> {
        self.final_standings.get(campaign.campaign_id, campaign.quota()).await
    }

    async fn read_standings(&self, campaign: CampaignId, users: &[UserId]) -> Result<Standings> {
        let (standings, counts) = if users.len() <= postgres_ranking::COUNTED_MAX {
            within(ANSWER_TIMEOUT, postgres_ranking::standings(&self.database, campaign, users)).await?
        } else {
            self.numbered.get(campaign, users).await?
        };
        self.redis.observe(campaign, &counts);
        Ok(standings)
    }

    /// Compares the first rows in Redis with the winners that settlement read from PostgreSQL, and rebuilds the ranking
    /// in Redis if they differ. The winners stay as they are.
    pub(crate) async fn verify(&self, campaign: &CampaignRecord, winners: &[UserId]) {
        self.redis.verify(campaign, winners).await;
    }

    /// Stops showing what was read of a campaign before this moment.
    fn note_change(&self, campaign: CampaignId) {
        self.changed_at.insert(campaign, Instant::now());
    }

    /// Lets the Redis ranking of a closed campaign expire after a day.
    pub(crate) async fn retire(&self, campaign: CampaignId) {
        self.redis.retire(campaign).await;
    }

    /// Checks and repairs the Redis rankings of running campaigns, until dropped.
    pub(crate) async fn run_repair(self: Arc<Self>) {
        self.repair.run(&self.clock).await;
    }
}

impl Subscriber for Rankings {
    fn handle<'a>(&'a self, event: &'a Event, origin: Origin) -> BoxFuture<'a, ()> {
        async move {
            match (event, origin) {
                // For bids of this process `enter` has done so.
                (Event::BidsAccepted(campaign, _), Origin::Elsewhere) => self.note_change(*campaign),
                (Event::Resync, _) => {
                    self.snapshots.forget_all();
                    self.totals.forget_all();
                }
                (Event::CampaignChanged(campaign, CampaignChange::Cancelled), Origin::Here) => {
                    self.redis.retire(*campaign).await;
                }
                (Event::CampaignChanged(campaign, CampaignChange::Removed), Origin::Here) => {
                    self.redis.remove(*campaign).await;
                }
                _ => {}
            }
        }
        .boxed()
    }
}

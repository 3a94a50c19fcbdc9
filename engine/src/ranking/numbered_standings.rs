//! The standings of many users of a campaign, read from PostgreSQL by numbering all its bids.
//!
//! Batches of bids ask for them all the time while Redis is away, and it takes a second of PostgreSQL if there are a million
//! bidders. So one numbering of a campaign answers all who wait for it, and campaigns wait for each other only for their
//! turn: one that takes too long fails those who asked for it, and nobody else.

use super::{bid_counts::BidCounts, postgres_ranking, snapshot::Standings};
use crate::{
    error::{Error, Result},
    store::{
        combined_reads::CombinedReads,
        database::{ANSWER_TIMEOUT, Database, within},
    },
};
use domain::{CampaignId, UserId};
use moka::sync::Cache;
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};
use tokio::sync::Semaphore;

/// Campaigns that are numbered at a time: each takes a connection, for as long as it takes to sort all bids.
const AT_A_TIME: usize = 2;
/// Campaigns whose readers are kept together.
const CAMPAIGNS_MAX: u64 = 1000;
/// For how long, after the last of them.
const IDLE_TIME: Duration = Duration::from_mins(1);

/// The users whose standings somebody asks for.
type Users = Arc<[UserId]>;
/// Their standings, and the bids that these are made of.
type Found = (Standings, BidCounts);

/// Reads the standings of many users.
pub(super) struct NumberedStandings {
    database: Database,
    campaigns: Cache<CampaignId, Arc<CombinedReads<Users, Found>>>,
    turns: Semaphore,
}

impl NumberedStandings {
    pub fn new(database: Database) -> Self {
        let campaigns = Cache::builder().max_capacity(CAMPAIGNS_MAX).time_to_idle(IDLE_TIME).build();
        Self { database, campaigns, turns: Semaphore::new(AT_A_TIME) }
    }

    pub async fn get(&self, campaign: CampaignId, users: &[UserId]) -> Result<Found> {
        let readers = self.campaigns.get_with(campaign, || Arc::new(CombinedReads::with_turns(1)));
        Ok(readers.get(users.into(), |queries| self.read(campaign, queries)).await?.unwrap_or_default())
    }

    async fn read(&self, campaign: CampaignId, queries: Vec<Users>) -> Result<HashMap<Users, Found>> {
        let _turn = self.turns.acquire().await.map_err(|_| Error::ShuttingDown)?;
        let users: HashSet<UserId> = queries.iter().flat_map(|users| users.iter().copied()).collect();
        let users: Vec<UserId> = users.into_iter().collect();
        let read = postgres_ranking::standings(&self.database, campaign, &users);
        let (standings, counts) = within(ANSWER_TIMEOUT, read).await?;
        let answers = queries.into_iter().map(|users| {
            let of_users = standings.of(&users);
            (users, (of_users, counts.clone()))
        });
        Ok(answers.collect())
    }
}

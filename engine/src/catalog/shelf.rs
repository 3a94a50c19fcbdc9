//! The campaigns as bidders look for them: running, to come, over.

use crate::{Engine, error::Result, metrics::time_database, store::columns};
use domain::{CampaignId, Money, api::campaigns::Campaign, bounded::Page};
use uuid::Uuid;

/// Where a bidder looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shelf {
    /// Bids are taken now; the next to end comes first.
    Live,
    /// They have not started; the next to start comes first.
    Upcoming,
    /// Time is up, or they were cancelled; the last to end comes first.
    Ended,
}

/// A campaign on a shelf.
#[derive(Clone, PartialEq, Debug)]
pub struct ShelfCampaign {
    /// The campaign and its product.
    pub campaign: Campaign,
    /// Bidders with a standing bid.
    pub participants: u64,
    /// The highest price accepted so far.
    pub max_price: Option<Money>,
}

/// How many campaigns there are on each shelf.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ShelfCounts {
    /// [`Shelf::Live`].
    pub live: i64,
    /// [`Shelf::Upcoming`].
    pub upcoming: i64,
    /// [`Shelf::Ended`].
    pub ended: i64,
}

impl Shelf {
    /// What is on it at `$1`, and in which order.
    fn sql(self) -> (&'static str, &'static str) {
        match self {
            Self::Live => (LIVE, "end_time, campaign_id"),
            Self::Upcoming => (UPCOMING, "start_time, campaign_id"),
            Self::Ended => (ENDED, "end_time DESC, campaign_id DESC"),
        }
    }
}

const LIVE: &str = "status = 'open' AND start_time <= $1 AND end_time > $1";
const UPCOMING: &str = "status = 'open' AND start_time > $1";
const ENDED: &str = "(status <> 'open' OR end_time <= $1)";

impl Engine {
    /// A page of a shelf.
    pub async fn shelf(&self, wanted: Shelf, page: Page) -> Result<Vec<ShelfCampaign>> {
        let now = self.now();
        let (condition, order) = wanted.sql();
        // Totals are a row per writer, see `campaign_totals`.
        let query = sqlx::AssertSqlSafe(format!(
            "SELECT campaign_id, coalesce(participants, 0)::bigint, (max_price * 100)::bigint
             FROM (SELECT campaign_id, start_time, end_time FROM campaigns
                   WHERE {condition} ORDER BY {order} OFFSET $2 LIMIT $3) AS shelf,
             LATERAL (SELECT sum(participants) AS participants, max(max_price) AS max_price
                      FROM campaign_totals WHERE campaign_totals.campaign_id = shelf.campaign_id) AS totals
             ORDER BY {order}"
        ));
        let timer = time_database("shelf");
        let rows: Vec<(Uuid, i64, Option<i64>)> = sqlx::query_as(query)
            .bind(now.as_datetime())
            .bind(i64::from(page.skip))
            .bind(i64::from(page.limit))
            .fetch_all(self.database())
            .await?;
        drop(timer);
        let mut campaigns = Vec::with_capacity(rows.len());
        for (id, participants, max_price) in rows {
            campaigns.push(ShelfCampaign {
                campaign: self.campaign_record(CampaignId(id)).await?.to_api(now),
                participants: columns::count(participants)?,
                max_price: max_price.map(columns::money).transpose()?,
            });
        }
        Ok(campaigns)
    }

    /// How many campaigns there are on each shelf.
    pub async fn shelf_counts(&self) -> Result<ShelfCounts> {
        let _timer = time_database("shelf_counts");
        let query = sqlx::AssertSqlSafe(format!(
            "SELECT count(*) FILTER (WHERE {LIVE}), count(*) FILTER (WHERE {UPCOMING}), count(*) FILTER (WHERE {ENDED})
             FROM campaigns"
        ));
        let (live, upcoming, ended) =
            sqlx::query_as(query).bind(self.now().as_datetime()).fetch_one(self.database()).await?;
        Ok(ShelfCounts { live, upcoming, ended })
    }
}

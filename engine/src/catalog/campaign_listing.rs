//! Campaigns as bidders list them: live, upcoming, ended.

use crate::{
    error::Result,
    metrics::time_database,
    store::{columns, database::Database},
};
use domain::{CampaignId, Money, Timestamp, api::campaigns::Campaign, validated::Page};
use uuid::Uuid;

/// A listing of campaigns by status.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CampaignListing {
    /// Campaigns that take bids now; the next to end comes first.
    Live,
    /// Campaigns that have not started; the next to start comes first.
    Upcoming,
    /// Campaigns whose time is up or that were cancelled; the last to end comes first.
    Ended,
}

/// A campaign in a listing.
#[derive(Clone, PartialEq, Debug)]
pub struct ListedCampaign {
    /// The campaign and its product.
    pub campaign: Campaign,
    /// Bidders with a standing bid.
    pub participants: u64,
    /// The highest price accepted so far.
    pub max_price: Option<Money>,
}

/// How many campaigns are in each listing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ListingCounts {
    /// [`CampaignListing::Live`].
    pub live: i64,
    /// [`CampaignListing::Upcoming`].
    pub upcoming: i64,
    /// [`CampaignListing::Ended`].
    pub ended: i64,
}

impl CampaignListing {
    /// The condition at the time `$1`, and the order.
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

/// The totals of a campaign in a listing.
pub(super) struct ListedTotals {
    pub campaign_id: CampaignId,
    pub participants: u64,
    pub max_price: Option<Money>,
}

/// A page of a listing as of `now`.
pub(super) async fn read(
    database: &Database,
    kind: CampaignListing,
    now: Timestamp,
    page: Page,
) -> Result<Vec<ListedTotals>> {
    let _timer = time_database("campaign_listing");
    let (condition, order) = kind.sql();
    let query = sqlx::AssertSqlSafe(format!(
        "SELECT campaign_id, coalesce(participants, 0)::bigint, (max_price * 100)::bigint
         FROM (SELECT campaign_id, start_time, end_time FROM campaigns
               WHERE {condition} ORDER BY {order} OFFSET $2 LIMIT $3) AS listed,
         -- `campaign_totals` has a row per writer.
         LATERAL (SELECT sum(participants) AS participants, max(max_price) AS max_price
                  FROM campaign_totals WHERE campaign_totals.campaign_id = listed.campaign_id) AS totals
         ORDER BY {order}"
    ));
    let rows: Vec<(Uuid, i64, Option<i64>)> = sqlx::query_as(query)
        .bind(now.as_datetime())
        .bind(i64::from(page.skip))
        .bind(i64::from(page.limit))
        .fetch_all(database)
        .await?;
    let totals = |(id, participants, max_price): (Uuid, i64, Option<i64>)| {
        Ok(ListedTotals {
            campaign_id: CampaignId(id),
            participants: columns::count(participants)?,
            max_price: max_price.map(columns::money).transpose()?,
        })
    };
    rows.into_iter().map(totals).collect()
}

/// How many campaigns are in each listing as of `now`.
pub(super) async fn counts(database: &Database, now: Timestamp) -> Result<ListingCounts> {
    let _timer = time_database("campaign_listing_counts");
    let query = sqlx::AssertSqlSafe(format!(
        "SELECT count(*) FILTER (WHERE {LIVE}), count(*) FILTER (WHERE {UPCOMING}), count(*) FILTER (WHERE {ENDED})
         FROM campaigns"
    ));
    let (live, upcoming, ended) = sqlx::query_as(query).bind(now.as_datetime()).fetch_one(database).await?;
    Ok(ListingCounts { live, upcoming, ended })
}

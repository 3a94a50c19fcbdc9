//! Campaigns as bidders list them: live, upcoming, ended.

use crate::{
    error::Result,
    metrics::time_database,
    store::{columns::Column, database::Database},
};
use domain::{CampaignId, Money, Timestamp, api::campaigns::Campaign, validated::Page};

/// A listing of campaigns by status.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
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
    /// What the last winner pays; none before the settlement, and without winners.
    pub last_winning_price: Option<Money>,
}

/// How many campaigns are in each listing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ListingCounts {
    /// [`CampaignListing::Live`].
    pub live: i64,
    /// [`CampaignListing::Upcoming`].
    pub upcoming: i64,
    /// [`CampaignListing::Ended`].
    pub ended: i64,
}

/// The totals of a campaign in a listing.
pub(super) struct ListedTotals {
    pub campaign_id: CampaignId,
    pub participants: u64,
    pub last_winning_price: Option<Money>,
}

/// A page of a listing as of `now`.
pub(super) async fn read(
    database: &Database,
    kind: CampaignListing,
    now: Timestamp,
    page: Page,
) -> Result<Vec<ListedTotals>> {
    // A page of the campaigns that fulfil `$condition` at the time `$1`, in the order `$order`.
    macro_rules! read_page {
        ($condition:literal, $order:literal) => {{
            let totals = sqlx::query!(
                r#"SELECT campaign_id, (coalesce(participants, 0)
                           - (SELECT count(*) FROM bids
                              WHERE bids.campaign_id = listed.campaign_id AND void_cause IS NOT NULL)
                       )::bigint AS "participants!: Column<u64>",
                       (SELECT (final_price * 100)::bigint FROM orders WHERE orders.campaign_id = listed.campaign_id
                        ORDER BY final_rank DESC LIMIT 1) AS "last_winning_price: Column<Money>"
                   FROM (SELECT campaign_id, start_time, end_time FROM campaigns WHERE "#
                    + $condition
                    + " ORDER BY "
                    + $order
                    + " OFFSET $2 LIMIT $3) AS listed,
                   -- `campaign_totals` has a row per writer.
                   LATERAL (SELECT sum(participants) AS participants
                            FROM campaign_totals WHERE campaign_totals.campaign_id = listed.campaign_id) AS totals
                   ORDER BY "
                    + $order,
                now.as_datetime(),
                i64::from(page.skip),
                i64::from(page.limit),
            );
            let totals = totals.map(|row| ListedTotals {
                campaign_id: row.campaign_id.into(),
                participants: row.participants.into(),
                last_winning_price: row.last_winning_price.map(Column::into_inner),
            });
            totals.fetch_all(database).await?
        }};
    }
    let _timer = time_database("campaign_listing");
    Ok(match kind {
        CampaignListing::Live => {
            read_page!("status = 'open' AND start_time <= $1 AND end_time > $1", "end_time, campaign_id")
        }
        CampaignListing::Upcoming => read_page!("status = 'open' AND start_time > $1", "start_time, campaign_id"),
        CampaignListing::Ended => read_page!("status <> 'open' OR end_time <= $1", "end_time DESC, campaign_id DESC"),
    })
}

/// How many campaigns are in each listing as of `now`.
pub(super) async fn counts(database: &Database, now: Timestamp) -> Result<ListingCounts> {
    let _timer = time_database("campaign_listing_counts");
    let counts = sqlx::query_as!(
        ListingCounts,
        r#"-- The conditions are those of the listings.
           SELECT count(*) FILTER (WHERE status = 'open' AND start_time <= $1 AND end_time > $1) AS "live!",
               count(*) FILTER (WHERE status = 'open' AND start_time > $1) AS "upcoming!",
               count(*) FILTER (WHERE status <> 'open' OR end_time <= $1) AS "ended!"
           FROM campaigns"#,
        now.as_datetime(),
    );
    Ok(counts.fetch_one(database).await?)
}

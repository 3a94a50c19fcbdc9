//! Bids that are void: they were accepted, and no longer stand.
//!
//! The bids of a deactivated account are void until it is activated again, and an admin may declare any bid void, with a
//! reason. A void bid keeps its row and its place in the history, but is in no ranking and wins nothing. It can be made
//! valid again until the campaign is settled.

use crate::{
    audit,
    authorization::require_admin,
    catalog::{self, Campaigns},
    error::{Error, Result},
    events::{CampaignChange, Event, Events, Origin, Subscriber},
    metrics::time_database,
    ranking::{BatchCounts, Rankings, StandingBid, VOID_CHANGES, WriterRange},
    store::{columns::Column, database::Database},
};
use domain::{CampaignId, ErrorCode, Money, Score, Timestamp, UserId, api::accounts::User, validated::Reason};
use futures_util::{FutureExt, future::BoxFuture};
use serde_json::json;
use sqlx::PgConnection;
use std::sync::Arc;
use uuid::Uuid;

/// Makes bids void, and valid again.
pub struct VoidBids {
    database: Database,
    campaigns: Arc<Campaigns>,
    rankings: Arc<Rankings>,
    events: Events,
}

/// How bids are changed: those that are void for `from` (`None`: valid) become void for `to`.
#[derive(Clone, Copy)]
struct Change<'a> {
    from: Option<&'static str>,
    to: Option<&'static str>,
    reason: Option<&'a str>,
    /// Only bids of accounts with this status.
    status: Option<&'static str>,
}

/// The account was deactivated.
const ACCOUNT: &str = "account";
/// An admin has declared the bid void.
const ADMIN: &str = "admin";
/// The bids of an account follow its status.
const DEACTIVATED: Change<'static> = Change { from: None, to: Some(ACCOUNT), reason: None, status: Some("inactive") };
const ACTIVATED: Change<'static> = Change { from: Some(ACCOUNT), to: None, reason: None, status: Some("active") };

/// Bids of one campaign that were changed in a transaction, to be entered into the ranking after its commit.
pub(crate) struct ChangedBids {
    bids: Vec<(StandingBid, String)>,
    counts: BatchCounts,
}

impl VoidBids {
    pub(crate) fn new(database: Database, campaigns: Arc<Campaigns>, rankings: Arc<Rankings>, events: Events) -> Self {
        Self { database, campaigns, rankings, events }
    }

    /// Declares a user's standing bid in an open campaign void, for a reason. The user may bid again. Admins only.
    ///
    /// # Errors
    /// `ADMIN_REQUIRED`; `CAMPAIGN_NOT_FOUND`; `CONFLICT` if the campaign is closed; `NOT_FOUND` if the user has no bid in
    /// it that is valid.
    pub async fn declare_void(&self, actor: &User, campaign: CampaignId, user: UserId, reason: &Reason) -> Result<()> {
        let change = Change { from: None, to: Some(ADMIN), reason: Some(reason), status: None };
        self.change_by_admin(actor, campaign, user, change, "bid.void").await
    }

    /// Makes a bid that an admin has declared void valid again, unless its user has bid since. Admins only.
    ///
    /// # Errors
    /// `ADMIN_REQUIRED`; `CAMPAIGN_NOT_FOUND`; `CONFLICT` if the campaign is closed; `NOT_FOUND` if there is no such bid,
    /// or its account is inactive.
    pub async fn restore(&self, actor: &User, campaign: CampaignId, user: UserId) -> Result<()> {
        let change = Change { from: Some(ADMIN), to: None, reason: None, status: Some("active") };
        self.change_by_admin(actor, campaign, user, change, "bid.restore").await
    }

    async fn change_by_admin(
        &self,
        actor: &User,
        campaign: CampaignId,
        user: UserId,
        change: Change<'_>,
        action: &'static str,
    ) -> Result<()> {
        require_admin(actor)?;
        self.campaigns.get(campaign).await?;
        let mut transaction = self.database.begin().await?;
        if !catalog::lock_open(&mut transaction, campaign).await? {
            return Err(Error::refused(ErrorCode::Conflict, "The campaign has already ended or been cancelled."));
        }
        let changed = apply(&mut transaction, campaign, &[user.0], change).await?;
        let changed = changed.ok_or(Error::Refused(ErrorCode::NotFound, "There is no such bid to change."))?;
        for (bid, username) in &changed.bids {
            let detail = json!({ "user_id": user, "username": username, "price": bid.price, "reason": change.reason });
            audit::record(&mut transaction, Some(actor), action, campaign.0, None, detail).await?;
        }
        catalog::bump_version(&mut transaction, campaign).await?;
        transaction.commit().await?;
        self.enter(campaign, &changed).await
    }

    /// Makes the bids of a user in open campaigns void if the account is inactive, and valid again if it is active.
    async fn follow_account(&self, user: UserId) -> Result<()> {
        let _timer = time_database("bids_of_account");
        let campaigns = sqlx::query_scalar!(
            r#"SELECT campaign_id FROM campaigns JOIN bids USING (campaign_id) JOIN users USING (user_id)
               WHERE user_id = $1 AND campaigns.status = 'open'
                 AND (users.status = 'inactive' AND void_cause IS NULL OR users.status = 'active' AND void_cause = 'account')
               ORDER BY campaign_id"#,
            user.0,
        );
        for campaign in campaigns.fetch_all(&self.database).await?.into_iter().map(CampaignId) {
            let mut transaction = self.database.begin().await?;
            if !catalog::lock_open(&mut transaction, campaign).await? {
                continue;
            }
            let mut changed = apply(&mut transaction, campaign, &[user.0], DEACTIVATED).await?;
            if changed.is_none() {
                changed = apply(&mut transaction, campaign, &[user.0], ACTIVATED).await?;
            }
            let Some(changed) = changed else { continue };
            catalog::bump_version(&mut transaction, campaign).await?;
            transaction.commit().await?;
            self.enter(campaign, &changed).await?;
        }
        Ok(())
    }

    async fn enter(&self, campaign: CampaignId, changed: &ChangedBids) -> Result<()> {
        changed.enter(&self.rankings, campaign).await;
        self.events.announce(Event::CampaignChanged(campaign, CampaignChange::Edited)).await?;
        let bidders = changed.bids.iter().map(|(bid, _)| bid.user_id).collect();
        self.events.announce(Event::StandingsPending(campaign, bidders)).await
    }
}

impl Subscriber for VoidBids {
    fn handle<'a>(&'a self, event: &'a Event, origin: Origin) -> BoxFuture<'a, ()> {
        async move {
            if let (Event::UserChanged(user), Origin::Here) = (event, origin)
                && let Err(error) = self.follow_account(*user).await
            {
                // Settlement makes up for it.
                tracing::error!(%error, %user, "the bids of an account do not follow its status yet");
            }
        }
        .boxed()
    }
}

impl ChangedBids {
    /// Enters the bids into the ranking in Redis. Should that fail, it is repaired like any other.
    pub async fn enter(&self, rankings: &Rankings, campaign: CampaignId) {
        let bids: Vec<_> = self.bids.iter().map(|(bid, username)| (bid, username.as_str())).collect();
        let _ = rankings.enter(campaign, &bids, &[], &self.counts).await;
    }
}

/// Makes the bids of inactive accounts void in a campaign that is locked, as settlement must find it. As a rule they are:
/// these are bids that were committed in the moment in which their account was deactivated.
pub(crate) async fn void_bids_of_inactive_accounts(
    connection: &mut PgConnection,
    campaign: CampaignId,
) -> Result<Option<ChangedBids>> {
    let users = sqlx::query_scalar!(
        "SELECT user_id FROM users JOIN bids USING (user_id)
         WHERE campaign_id = $1 AND users.status = 'inactive' AND void_cause IS NULL",
        campaign.0,
    );
    let users = users.fetch_all(&mut *connection).await?;
    if users.is_empty() { Ok(None) } else { apply(connection, campaign, &users, DEACTIVATED).await }
}

/// Changes bids in a campaign that is locked; `None` if none is to be changed.
async fn apply(
    connection: &mut PgConnection,
    campaign: CampaignId,
    users: &[Uuid],
    change: Change<'_>,
) -> Result<Option<ChangedBids>> {
    let bids = sqlx::query!(
        r#"UPDATE bids SET void_cause = $4, void_reason = $5, void_changes = void_changes + 1
           FROM users
           WHERE campaign_id = $1 AND bids.user_id = ANY($2) AND users.user_id = bids.user_id
             AND void_cause IS NOT DISTINCT FROM $3 AND users.status = coalesce($6, users.status)
           RETURNING bids.user_id, username, bid_id, (price * 100)::bigint AS "price!: Column<Money>",
               score AS "score: Column<Score>", time_elapsed_ms AS "elapsed_ms: Column<u64>", accepted_seq,
               bid_number AS "bid_number: Column<u32>", void_changes AS "void_changes: Column<u32>",
               bids.created_at AS "created_at: Column<Timestamp>", accepted_at AS "accepted_at: Column<Timestamp>""#,
        campaign.0,
        users,
        change.from,
        change.to,
        change.reason,
        change.status,
    );
    let bids = bids.map(|row| {
        let bid = StandingBid {
            user_id: UserId(row.user_id),
            bid_id: row.bid_id.into(),
            price: row.price.into(),
            score: row.score.into(),
            elapsed_ms: row.elapsed_ms.into(),
            accepted_seq: row.accepted_seq,
            bid_number: row.bid_number.into(),
            void_changes: row.void_changes.into(),
            is_void: change.to.is_some(),
            created_at: row.created_at.into(),
            accepted_at: row.accepted_at.into(),
        };
        (bid, row.username)
    });
    let bids = bids.fetch_all(&mut *connection).await?;
    if bids.is_empty() {
        return Ok(None);
    }
    let changed = i64::try_from(bids.len()).unwrap_or(i64::MAX);
    let through = count(connection, campaign, changed, change.to.is_some()).await?;
    let range = WriterRange { writer: VOID_CHANGES, after: through.saturating_sub(changed.unsigned_abs()), through };
    Ok(Some(ChangedBids { bids, counts: BatchCounts { range: Some(range), ..BatchCounts::default() } }))
}

/// Counts the changes and returns how many there were in all. The highest price is that of the valid bids afterwards.
async fn count(connection: &mut PgConnection, campaign: CampaignId, changed: i64, are_void: bool) -> Result<u64> {
    let through = sqlx::query_scalar!(
        r#"INSERT INTO campaign_totals AS total (campaign_id, process_id, participants, bids, max_price, last_seq)
           VALUES ($1, $2, $3, $4, 0, 0)
           ON CONFLICT (campaign_id, process_id) DO UPDATE
           SET participants = total.participants + excluded.participants, bids = total.bids + excluded.bids
           RETURNING bids AS "bids: Column<u64>""#,
        campaign.0,
        VOID_CHANGES,
        if are_void { -changed } else { changed },
        changed,
    );
    let through = through.fetch_one(&mut *connection).await?.into_inner();
    let highest = sqlx::query!(
        "UPDATE campaign_totals
         SET max_price = CASE WHEN process_id = $2 THEN highest.price ELSE least(max_price, highest.price) END
         FROM (SELECT coalesce(max(price), 0) AS price FROM bids
               WHERE campaign_id = $1 AND void_cause IS NULL) AS highest
         WHERE campaign_id = $1",
        campaign.0,
        VOID_CHANGES,
    );
    highest.execute(connection).await?;
    Ok(through)
}

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
    events::{Event, Events, Origin, Subscriber},
    metrics::time_database,
    ranking::{BatchCounts, Rankings, StandingBid, VOID_CHANGES, VoidCause, WriterRange},
    store::{
        columns::Column,
        database::{Database, within},
    },
};
use domain::{CampaignId, ErrorCode, Money, Score, Timestamp, UserId, api::accounts::User, validated::Reason};
use futures_util::{FutureExt, future::BoxFuture};
use serde_json::json;
use sqlx::PgConnection;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout_at},
};
use uuid::Uuid;

/// How often accounts and bids are compared. A change of an account is followed at once; this makes up for a process that
/// ended in between, and for bids that were committed just as their account was deactivated.
const SWEEP: Duration = Duration::from_secs(10);
/// How long a change may take, locks included: the next waits for it.
const CHANGE_TIMEOUT: Duration = Duration::from_secs(25);
/// Accounts in one comparison at most.
const SWEPT_MAX: i64 = 1000;

/// Makes bids void, and valid again.
pub struct VoidBids {
    database: Database,
    campaigns: Arc<Campaigns>,
    rankings: Arc<Rankings>,
    events: Events,
    /// This process's changes come one at a time, so that they are entered into Redis in the order in which they are counted. If
    /// those of two processes are not, the ranking is rebuilt.
    changing: tokio::sync::Mutex<()>,
    /// Accounts that have changed.
    changed_accounts: mpsc::UnboundedSender<UserId>,
    changes: tokio::sync::Mutex<mpsc::UnboundedReceiver<UserId>>,
}

/// A user's standing bid in an open campaign, void or not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpenBid {
    /// The campaign.
    pub campaign_id: CampaignId,
    /// The name of the product that it sells.
    pub product: String,
    /// The standing price.
    pub price: Money,
    /// Whether it is void.
    pub is_void: bool,
    /// Why an admin has declared it void; `None` if it is valid, or void because its account is inactive.
    pub void_reason: Option<String>,
}

/// How bids are changed: those that are void for `from` (`None`: valid) become void for `to`.
#[derive(Clone, Copy)]
struct Change<'a> {
    from: Option<VoidCause>,
    to: Option<VoidCause>,
    reason: Option<&'a str>,
    /// Only bids of accounts with this status.
    status: Option<&'static str>,
}

/// The bids of an account follow its status.
const DEACTIVATED: Change<'static> =
    Change { from: None, to: Some(VoidCause::Account), reason: None, status: Some("inactive") };
const ACTIVATED: Change<'static> =
    Change { from: Some(VoidCause::Account), to: None, reason: None, status: Some("active") };

/// Bids of one campaign that were changed in a transaction, to be entered into the ranking after its commit.
pub(crate) struct ChangedBids {
    bids: Vec<(StandingBid, String)>,
    counts: BatchCounts,
}

impl VoidBids {
    pub(crate) fn new(database: Database, campaigns: Arc<Campaigns>, rankings: Arc<Rankings>, events: Events) -> Self {
        let (changed_accounts, changes) = mpsc::unbounded_channel();
        let (changing, changes) = (tokio::sync::Mutex::default(), tokio::sync::Mutex::new(changes));
        Self { database, campaigns, rankings, events, changing, changed_accounts, changes }
    }

    /// Makes the bids of accounts follow their status, until dropped.
    pub(crate) async fn run(self: Arc<Self>) {
        let mut changes = self.changes.lock().await;
        let mut is_first = true;
        loop {
            match self.sweep(is_first).await {
                Ok(is_complete) => is_first &= !is_complete,
                Err(error) => tracing::warn!(%error, "bids could not be compared with the status of their accounts"),
            }
            let next_sweep = Instant::now() + SWEEP;
            while let Ok(Some(user)) = timeout_at(next_sweep, changes.recv()).await {
                self.follow_account(user).await;
            }
        }
    }

    /// Finds the accounts whose bids do not follow their status, all of them or those that were edited within the hour, and
    /// returns whether their bids follow now.
    async fn sweep(&self, all: bool) -> Result<bool> {
        let _timer = time_database("sweep_void_bids");
        let users = sqlx::query_scalar!(
            r#"SELECT user_id AS "user!: Column<UserId>" FROM campaigns JOIN bids USING (campaign_id) JOIN users USING (user_id)
               WHERE campaigns.status = 'open' AND users.status = 'inactive' AND void_cause IS NULL
                 AND ($1 OR users.updated_at > now() - interval '1 hour')
               UNION
               SELECT user_id FROM campaigns JOIN bids USING (campaign_id) JOIN users USING (user_id)
               WHERE campaigns.status = 'open' AND users.status = 'active' AND void_cause = 'account'
               LIMIT $2"#,
            all,
            SWEPT_MAX,
        );
        let users = users.fetch_all(&self.database).await?;
        let mut is_complete = i64::try_from(users.len()).is_ok_and(|found| found < SWEPT_MAX);
        for user in users {
            is_complete &= self.follow_account(user.into_inner()).await;
        }
        Ok(is_complete)
    }

    /// Declares a user's standing bid in an open campaign void, for a reason. The user may bid again. Admins only.
    ///
    /// # Errors
    /// `ADMIN_REQUIRED`; `CAMPAIGN_NOT_FOUND`; `CONFLICT` if the campaign is closed; `NOT_FOUND` if the user has no bid in
    /// it that is valid.
    pub async fn declare_void(&self, actor: &User, campaign: CampaignId, user: UserId, reason: &Reason) -> Result<()> {
        let change = Change { from: None, to: Some(VoidCause::Admin), reason: Some(reason), status: None };
        self.change_by_admin(actor, campaign, user, change, "campaign.void_bid").await
    }

    /// Makes a bid that an admin has declared void valid again, unless its user has bid since. Admins only.
    ///
    /// # Errors
    /// `ADMIN_REQUIRED`; `CAMPAIGN_NOT_FOUND`; `CONFLICT` if the campaign is closed; `NOT_FOUND` if there is no such bid,
    /// or its account is inactive.
    pub async fn restore(&self, actor: &User, campaign: CampaignId, user: UserId) -> Result<()> {
        let change = Change { from: Some(VoidCause::Admin), to: None, reason: None, status: Some("active") };
        self.change_by_admin(actor, campaign, user, change, "campaign.restore_bid").await
    }

    /// Returns a user's standing bids in open campaigns, by the ends of the campaigns, 100 at most. Admins only.
    ///
    /// # Errors
    /// `ADMIN_REQUIRED`.
    pub async fn open_bids(&self, actor: &User, user: UserId) -> Result<Vec<OpenBid>> {
        require_admin(actor)?;
        let _timer = time_database("open_bids");
        let bids = sqlx::query_as!(
            OpenBid,
            r#"SELECT campaign_id, products.name AS product, (price * 100)::bigint AS "price!: Column<Money>",
                   void_cause IS NOT NULL AS "is_void!", void_reason
               FROM campaigns JOIN bids USING (campaign_id) JOIN products ON products.product_id = campaigns.product_id
               WHERE user_id = $1 AND campaigns.status = 'open' ORDER BY end_time, campaign_id LIMIT 100"#,
            user.0,
        );
        Ok(bids.fetch_all(&self.database).await?)
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
        let _changing = self.changing.lock().await;
        let write = async {
            let mut transaction = self.database.begin().await?;
            if !catalog::lock_open(&mut transaction, campaign).await? {
                return Err(Error::refused(ErrorCode::Conflict, "The campaign has already ended or been cancelled."));
            }
            let changed = apply(&mut transaction, campaign, &[user.0], change).await?;
            let changed = changed.ok_or(Error::Refused(ErrorCode::NotFound, "There is no such bid to change."))?;
            for (bid, username) in &changed.bids {
                let detail =
                    json!({ "user_id": user, "username": username, "price": bid.price, "reason": change.reason });
                audit::record(&mut transaction, Some(actor), action, campaign.0, None, detail).await?;
            }
            transaction.commit().await?;
            Ok(changed)
        };
        let changed = within(CHANGE_TIMEOUT, write).await?;
        self.enter(campaign, &changed).await
    }

    /// Makes the bids of a user in open campaigns void if the account is inactive, and valid again if it is active.
    /// Returns whether they do.
    async fn follow_account(&self, user: UserId) -> bool {
        let campaigns = match self.campaigns_out_of_step(user).await {
            Ok(campaigns) => campaigns,
            Err(error) => {
                tracing::warn!(%error, %user, "the bids of an account could not be read");
                return false;
            }
        };
        let mut all_follow = true;
        for campaign in campaigns {
            if let Err(error) = self.follow_account_in(campaign, user).await {
                tracing::warn!(%error, %user, %campaign, "a bid does not follow the status of its account yet");
                all_follow = false;
            }
        }
        all_follow
    }

    async fn campaigns_out_of_step(&self, user: UserId) -> Result<Vec<CampaignId>> {
        let _timer = time_database("bids_of_account");
        let campaigns = sqlx::query_scalar!(
            r#"SELECT campaign_id FROM campaigns JOIN bids USING (campaign_id) JOIN users USING (user_id)
               WHERE user_id = $1 AND campaigns.status = 'open'
                 AND (users.status = 'inactive' AND void_cause IS NULL
                      OR users.status = 'active' AND void_cause = 'account')"#,
            user.0,
        );
        Ok(campaigns.fetch_all(&self.database).await?.into_iter().map(CampaignId).collect())
    }

    async fn follow_account_in(&self, campaign: CampaignId, user: UserId) -> Result<()> {
        let _changing = self.changing.lock().await;
        let write = async {
            let mut transaction = self.database.begin().await?;
            if !catalog::lock_open(&mut transaction, campaign).await? {
                return Ok(None);
            }
            for change in [DEACTIVATED, ACTIVATED] {
                if let Some(changed) = apply(&mut transaction, campaign, &[user.0], change).await? {
                    transaction.commit().await?;
                    return Ok::<_, Error>(Some(changed));
                }
            }
            Ok(None)
        };
        match within(CHANGE_TIMEOUT, write).await? {
            Some(changed) => self.enter(campaign, &changed).await,
            None => Ok(()),
        }
    }

    async fn enter(&self, campaign: CampaignId, changed: &ChangedBids) -> Result<()> {
        changed.enter(&self.rankings, campaign).await;
        // Nobody's bid was accepted, but the ranking has changed.
        self.events.announce(Event::BidsAccepted(campaign, Vec::new())).await?;
        let bidders = changed.bids.iter().map(|(bid, _)| bid.user_id).collect();
        self.events.announce(Event::StandingsPending(campaign, bidders)).await
    }
}

impl Subscriber for VoidBids {
    /// Leaves the work to [`VoidBids::run`]: it waits for locks, and other processes must hear of a block at once.
    fn handle<'a>(&'a self, event: &'a Event, origin: Origin) -> BoxFuture<'a, ()> {
        if let (Event::UserChanged(user), Origin::Here) = (event, origin) {
            // Without a receiver the process is ending.
            let _ = self.changed_accounts.send(*user);
        }
        async {}.boxed()
    }
}

impl ChangedBids {
    /// Enters the bids into the ranking in Redis. Should that fail, it is repaired like any other.
    pub async fn enter(&self, rankings: &Rankings, campaign: CampaignId) {
        let bids: Vec<_> = self.bids.iter().map(|(bid, username)| (bid, username.as_str())).collect();
        let _ = rankings.enter(campaign, &bids, &[], &self.counts).await;
    }
}

/// Makes the bids of a campaign that is locked follow the status of their accounts, as settlement must find them. As a rule
/// they do: these are bids that were committed just as their account was deactivated, for instance.
pub(crate) async fn follow_accounts(connection: &mut PgConnection, campaign: CampaignId) -> Result<Vec<ChangedBids>> {
    let mut all_changed = Vec::new();
    for change in [DEACTIVATED, ACTIVATED] {
        let users = sqlx::query_scalar!(
            "SELECT user_id FROM users JOIN bids USING (user_id)
             WHERE campaign_id = $1 AND users.status = $2 AND void_cause IS NOT DISTINCT FROM $3",
            campaign.0,
            change.status,
            change.from.map(VoidCause::as_str),
        );
        let users = users.fetch_all(&mut *connection).await?;
        if !users.is_empty()
            && let Some(changed) = apply(connection, campaign, &users, change).await?
        {
            all_changed.push(changed);
        }
    }
    Ok(all_changed)
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
        change.from.map(VoidCause::as_str),
        change.to.map(VoidCause::as_str),
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
            void_cause: change.to,
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
    let highest = bids.iter().map(|(bid, _)| bid.price).max().unwrap_or(Money::MIN);
    let through = count(connection, campaign, changed, highest, change.to.is_some()).await?;
    let range = WriterRange { writer: VOID_CHANGES, after: through.saturating_sub(changed.unsigned_abs()), through };
    Ok(Some(ChangedBids { bids, counts: BatchCounts { range: Some(range), ..BatchCounts::default() } }))
}

/// Counts changes of bids of which `price` is the highest, and returns how many there were in all. If a void bid had the
/// campaign's highest price, that is lowered to the one of the valid bids.
async fn count(
    connection: &mut PgConnection,
    campaign: CampaignId,
    changed: i64,
    price: Money,
    are_void: bool,
) -> Result<u64> {
    let through = sqlx::query_scalar!(
        r#"INSERT INTO campaign_totals AS total (campaign_id, process_id, participants, bids, max_price, last_seq)
           VALUES ($1, $2, 0, $3, $4::bigint::numeric / 100, 0)
           ON CONFLICT (campaign_id, process_id) DO UPDATE
           SET bids = total.bids + excluded.bids, max_price = greatest(total.max_price, excluded.max_price)
           RETURNING bids AS "bids: Column<u64>""#,
        campaign.0,
        VOID_CHANGES,
        changed,
        // The least of all changes nothing.
        if are_void { Money::MIN.cents() } else { price.cents() },
    );
    let through = through.fetch_one(&mut *connection).await?.into_inner();
    if are_void {
        // Only if it may have been the highest: all bids have to be read.
        let lower = sqlx::query!(
            "UPDATE campaign_totals SET max_price = least(max_price, (
                 SELECT coalesce(max(price), $3::bigint::numeric / 100) FROM bids
                 WHERE campaign_id = $1 AND void_cause IS NULL))
             WHERE campaign_id = $1
               AND (SELECT max(max_price) FROM campaign_totals WHERE campaign_id = $1) <= $2::bigint::numeric / 100",
            campaign.0,
            price.cents(),
            Money::MIN.cents(),
        );
        lower.execute(connection).await?;
    }
    Ok(through)
}

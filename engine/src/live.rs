//! Live feeds: one campaign feed per campaign and process, one user feed per socket.
//!
//! A campaign feed encodes a ranking frame once and shows the latest to all its sockets; a slow reader skips to
//! the newest and holds nobody up. Personal events go through a short queue per socket.

mod campaign_feed;
mod frame;
mod user_feed;

pub use frame::Frame;
pub use user_feed::Subscription;

use crate::{
    accounts::Accounts,
    bus::Bus,
    catalog::Campaigns,
    clock::Clock,
    error::Result,
    events::{CampaignChange, Event, Subscriber},
    ranking::Rankings,
    store::executor::Database,
};
use campaign_feed::{CampaignFeed, Sources};
use domain::{
    CampaignId, UserId,
    api::accounts::{User, UserStatus},
    websocket::{AccountUpdated, BidAccepted, CampaignUpdated, ServerEvent},
};
use frame::encode;
use futures_util::{FutureExt, future::BoxFuture};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// The live feeds of this process.
pub struct Live {
    feeds: Mutex<HashMap<CampaignId, Arc<CampaignFeed>>>,
    accounts: Arc<Accounts>,
    bus: Bus,
    sources: Sources,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Live {
    pub(crate) fn new(
        database: &Database,
        clock: &Clock,
        accounts: &Arc<Accounts>,
        campaigns: &Arc<Campaigns>,
        rankings: &Arc<Rankings>,
        bus: Bus,
    ) -> Arc<Self> {
        let sources = Sources {
            database: database.clone(),
            campaigns: campaigns.clone(),
            rankings: rankings.clone(),
            clock: clock.clone(),
        };
        Arc::new(Self {
            feeds: Mutex::default(),
            accounts: accounts.clone(),
            bus,
            sources,
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        })
    }

    /// Opens the live feed of a campaign for a user, or for a spectator.
    ///
    /// # Errors
    /// `CAMPAIGN_NOT_FOUND`.
    pub async fn subscribe(self: &Arc<Self>, campaign: CampaignId, user: Option<UserId>) -> Result<Subscription> {
        self.sources.campaigns.get(campaign).await?;
        let (feed, subscription) = {
            let mut feeds = self.feeds();
            let feed = feeds.entry(campaign).or_insert_with(|| {
                let feed = Arc::new(CampaignFeed::new(campaign));
                self.tasks.spawn(self.clone().run(feed.clone()));
                feed
            });
            (feed.clone(), Subscription::open(feed, user))
        };
        // Joined first, so that the feed stays; messages of other processes arrive from here on.
        feed.listening.get_or_init(|| self.bus.listen(campaign)).await;
        if let Some(user) = user {
            // Perhaps edited or blocked just before the socket was there to be told.
            self.tasks.spawn(self.clone().tell_account_in_background(user));
        }
        Ok(subscription)
    }

    /// Stops all feeds.
    pub(crate) async fn stop(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    async fn run(self: Arc<Self>, feed: Arc<CampaignFeed>) {
        loop {
            tokio::select! {
                () = self.stop.cancelled() => return,
                () = feed.run(&self.sources) => {}
            }
            // The feed has lost its last socket. It goes, unless one has joined since.
            let mut feeds = self.feeds();
            if feed.is_empty() {
                self.bus.leave(feed.campaign());
                feeds.remove(&feed.campaign());
                return;
            }
        }
    }

    /// Tells bidders' sockets of their accepted bids, and the feed of the change.
    fn bids_accepted(&self, campaign: CampaignId, accepted: &[(UserId, BidAccepted)]) {
        let Some(feed) = self.feed(campaign) else { return };
        for (user, event) in accepted {
            feed.tell_accepted(*user, event);
        }
        feed.touch();
    }

    /// Has bidders' sockets told where they stand, after an answer that no event repeats.
    fn bids_kept(&self, campaign: CampaignId, bidders: &[UserId]) {
        let Some(feed) = self.feed(campaign) else { return };
        for user in bidders {
            feed.owe_standing(*user);
        }
        feed.touch();
    }

    /// Shows what has become of a campaign.
    async fn campaign_changed(&self, campaign: CampaignId, change: CampaignChange) {
        let Some(feed) = self.feed(campaign) else { return };
        if matches!(change, CampaignChange::Edited | CampaignChange::Cancelled) {
            match self.campaign_updated(campaign).await {
                Ok(event) => feed.send_to_all(&encode(&event)),
                // Sockets find the campaign's version in the next frame.
                Err(error) => tracing::warn!(%error, %campaign, "an edit could not be shown"),
            }
        }
        feed.touch();
    }

    async fn campaign_updated(&self, id: CampaignId) -> Result<ServerEvent> {
        let record = self.sources.campaigns.get(id).await?;
        let campaign = self.sources.rankings.detail(&record).await?;
        Ok(ServerEvent::CampaignUpdated(Box::new(CampaignUpdated {
            campaign_id: id,
            status: campaign.campaign.status,
            start_time: record.rules.start_time,
            end_time: record.rules.end_time,
            reason: record.cancel_reason.clone(),
            campaign,
        })))
    }

    /// Tells a user's sockets what their account is like now, and ends them if the user was blocked.
    async fn tell_account(&self, user: UserId) {
        if !self.feeds().values().any(|feed| feed.has(user)) {
            return;
        }
        // Where nothing can be learned, the socket ends with its session.
        let Ok(found) = self.accounts.find(user).await else { return };
        match found.filter(|user| user.status == UserStatus::Active) {
            Some(user) => self.account_updated(&user),
            None => self.feeds().values().for_each(|feed| feed.dismiss(user)),
        }
    }

    async fn tell_account_in_background(self: Arc<Self>, user: UserId) {
        let _ = self.stop.run_until_cancelled(self.tell_account(user)).await;
    }

    fn account_updated(&self, user: &User) {
        let event = ServerEvent::AccountUpdated(AccountUpdated { user_id: user.user_id, weight: user.weight });
        let frame = encode(&event);
        self.feeds().values().for_each(|feed| feed.send_to(user.user_id, &frame));
    }

    /// Events may have been missed: shows everything anew.
    async fn resync(&self) {
        let users: Vec<UserId> = self.feeds().values().flat_map(|feed| feed.users()).collect();
        for feed in self.feeds().values() {
            feed.owe_standings();
            feed.touch();
        }
        for user in users {
            self.tell_account(user).await;
        }
    }

    fn feed(&self, campaign: CampaignId) -> Option<Arc<CampaignFeed>> {
        self.feeds().get(&campaign).cloned()
    }

    fn feeds(&self) -> MutexGuard<'_, HashMap<CampaignId, Arc<CampaignFeed>>> {
        self.feeds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Subscriber for Live {
    fn handle<'a>(&'a self, event: &'a Event) -> BoxFuture<'a, ()> {
        async move {
            match event {
                Event::BidsAccepted(campaign, accepted) => self.bids_accepted(*campaign, accepted),
                Event::BidsKept(campaign, bidders) => self.bids_kept(*campaign, bidders),
                Event::CampaignChanged(campaign, change) => self.campaign_changed(*campaign, *change).await,
                // An edit of a campaign is announced for each that sells the product.
                Event::ProductChanged => {}
                Event::UserChanged(user) => self.tell_account(*user).await,
                Event::Resync => self.resync().await,
            }
        }
        .boxed()
    }
}
